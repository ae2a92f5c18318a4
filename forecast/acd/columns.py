"""Which columns of a file give ours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pandas as pd

from forecast.errors import Finding
from forecast.schema import Table, missing_findings
from forecast.tables import Form


def named_columns(
    raw: pd.DataFrame, form: Form, table: Table, queue: str | None
) -> dict[str, list[pd.Series]]:
    """The file's columns of cells, by ours that they give."""
    texts = {
        ours: [raw[name] for name in names]
        for ours, names in _sources(form, table).items()
        if all(name in raw and name not in form.ignore for name in names)
    }
    if queue is not None and "queue" not in texts:
        texts["queue"] = [pd.Series(queue, index=raw.index, dtype="str")]
    return texts


def joined(sources: Sequence[pd.Series]) -> pd.Series:
    """The cells of a row with a blank between them."""
    first, *others = sources
    for other in others:
        first = first + " " + other
    return first


def _sources(form: Form, table: Table) -> dict[str, tuple[str, ...]]:
    """The file's columns that give each of ours."""
    names = {column.name: form.sources(column.name) for column in table.columns}
    return {**names, **{m.name: (m.column,) for m in form.measures}}


def in_vain(raw: pd.DataFrame, form: Form) -> set[str]:
    """Ours that are to come from columns that the file lacks."""
    return {ours for ours in form.columns if not {*form.sources(ours)} <= {*raw}}


def no_rows(form: Form, where: str) -> Finding:
    """That nothing is left to read."""
    picks = form.include or form.exclude
    remedy = "Export it again, or look at [rows]." if picks else "Export it again."
    return Finding(where, "the file has no rows to use", (), 0, remedy)


def column_findings(
    raw: pd.DataFrame,
    texts: Mapping[str, object],
    form: Form,
    table: Table,
    where: str,
    queue: str | None,
) -> list[Finding]:
    """Columns that are named in vain, needed, too many, or that nobody knows."""
    findings = []
    has = ", ".join(raw.columns)
    named = [name for ours in form.columns for name in form.sources(ours)]
    named += [part[0] for part in (form.only, form.length) if part]
    absent = [name for name in dict.fromkeys(named) if name not in raw]
    if absent:
        rule = f"[columns] must name columns of the file ({has}), but names"
        remedy = (
            f'They are those of the profile "{form.profile}": choose the one of the '
            "system that wrote the file, or name the file's own."
        )
        remedy = remedy if form.profile else ""
        findings.append(Finding.of(where, rule, absent, remedy))
    remedy = (
        f"The file has {has}. Name them under [columns], such as "
        f'{(table.required or table.key)[-1].name} = "…"; for a file of one queue: '
        'queue = "NAME", at the top.'
    )
    if "" in raw:
        remedy += " Delete any rows above the header."
    mark = max(";,\t|", key=has.count)
    if len(raw.columns) == 1 and mark in has:
        declared = f"[format] separator = {json.dumps(mark)}"
        remedy += f" If {mark!r} separates its columns: {declared}."
    given = pd.DataFrame(columns=[*texts, *in_vain(raw, form)])
    findings += missing_findings(given, table, where, remedy)
    own = form.sources("queue")
    if queue is not None and set(own) <= set(raw) - set(form.ignore):
        rule = f'queue = "{queue}" names the one queue of a file without, but this has'
        remedy = (
            "Leave it out; of many queues, one is read by [rows] include = "
            f"{{ {json.dumps(own[0])} = [{json.dumps(queue, ensure_ascii=False)}] }}."
        )
        findings.append(Finding.of(where, rule, own, remedy))
    known = {name for names in _sources(form, table).values() for name in names}
    known |= {*form.ignore, *form.include, *form.exclude, *form.parts}
    known |= {part[0] for part in (form.only, form.length) if part}
    unknown = [str(name) for name in raw if name not in known]
    if unknown and "*" not in form.ignore:
        findings.append(
            Finding.of(
                where,
                "every column must be one of ours, named under [columns] or ignored; "
                "unknown here",
                [name or "(no name)" for name in unknown],
                f"If they are not needed: [columns] ignore = {json.dumps(unknown)}",
            )
        )
    return findings
