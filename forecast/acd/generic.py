"""A file with one row for each queue and interval, in a declared form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast import schema
from forecast.acd.clock import grid_findings, read_starts
from forecast.acd.columns import (
    column_findings,
    in_vain,
    joined,
    named_columns,
    no_rows,
)
from forecast.acd.numbers import read_numbers
from forecast.acd.sums import (
    WEIGHTS,
    added_up,
    total_remedies,
    weightless_findings,
    with_means,
)
from forecast.columns.column import MOST_CONTACTS, Column
from forecast.errors import Finding, TableError
from forecast.tables import Form, read_text_table

TABLE = schema.HISTORY


@dataclass(frozen=True)
class Reading:
    """The file's rows as a history table (index: row in the file), and oddities."""

    frame: pd.DataFrame
    warnings: tuple[Finding, ...]


def read_history_csv(
    path: Path,
    form: Form,
    *,
    zone: ZoneInfo | None,
    interval_s: int,
    queue: str | None = None,
) -> Reading:
    """
    Read a history file, or say everything that is wrong with it.

    Parameters
    ----------
    path : Path
        The CSV file or XLSX workbook.
    form : Form
        How it writes columns, numbers and times.
    zone : ZoneInfo or None
        Where local times are local; None if the times carry an offset.
    interval_s : int
        Length of the intervals. [s]
    queue : str, optional
        Name of the one queue, where the file has no queue column.

    Returns
    -------
    Reading
        ``interval_start`` is zone-aware (UTC where zone is None). Rows of a
        repeated clock hour that cannot be told apart have no ``offered``.

    Raises
    ------
    TableError
        With a finding for each rule that is broken, its rows and their count.
    """
    where = path.name
    raw, findings = read_text_table(path, form)
    raw, warnings = _of_one_kind(raw, form, where)
    texts = named_columns(raw, form, _measured_table(form), queue)
    findings += column_findings(raw, texts, form, _measured_table(form), where, queue)
    findings += _lacking_weights(raw, texts, form, where)
    findings += _length_findings(raw, form, interval_s, where)
    if raw.empty:
        raise TableError([*findings, *warnings, no_rows(form, where)])
    frame = pd.DataFrame(index=raw.index)
    unsure = pd.Series(False, index=raw.index)
    if "queue" in texts:
        names = joined(texts["queue"])
        frame["queue"] = names.mask(names == "")
    starts = pd.Series("", index=raw.index)
    if "interval_start" in texts:
        queues = frame["queue"] if "queue" in frame else pd.Series("", index=raw.index)
        starts = joined(texts["interval_start"])
        clock = read_starts(starts, queues, form, zone, where)
        frame["interval_start"], unsure = clock.starts, clock.unsure
        findings += clock.faults
        findings += grid_findings(clock.starts, queues, interval_s, where)
    table = _measured_table(form)
    for column in table.columns:
        if column.kind != "float64" or column.name not in texts:
            continue
        counts = column in table.counts
        frame[column.name], faults = read_numbers(
            texts[column.name], column, form, where, counts=counts
        )
        findings += faults
    totals = [name for name in form.totals if {name, WEIGHTS[name]} <= {*frame}]
    rows = with_means(frame, totals)
    unread = rows.drop(columns="interval_start", errors="ignore")
    remedies = total_remedies(frame, form.totals)
    findings += schema.value_findings(unread, table, where, remedies)
    findings += _weight_findings(frame, form, where)
    findings += _duplicate_findings(frame, raw, form, where)
    findings += _unaddable_findings(frame, form, where)
    if findings:
        raise TableError(findings)
    warnings += weightless_findings(frame, totals, where)
    if form.parts:
        rows = with_means(added_up(frame), totals)
    warnings += schema.row_findings(
        where,
        "a repeated clock hour cannot be told apart here (a queue has it once, or "
        "its rows are not in order of time), so its intervals count as missing",
        unsure,
        starts,
        "Export absolute times, with an offset.",
    )
    if unsure.any():
        rows = _unsure_as_missing(rows, unsure)
    return Reading(rows, tuple(warnings))


def _of_one_kind(
    raw: pd.DataFrame, form: Form, where: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """The rows that count by ``form.only``, and how many others there are."""
    if form.only is None or form.only[0] not in raw:
        return raw, []
    name, value = form.only
    kept = raw[name].str.casefold() == value.casefold()
    others = raw.loc[~kept, name].value_counts()
    rule = f"rows count only where {name} is {value}; left out"
    cases = [f"{kind or '(empty)'} ({rows} rows)" for kind, rows in others.items()]
    return raw[kept], [Finding.of(where, rule, cases)] if cases else []


def _length_findings(
    raw: pd.DataFrame, form: Form, interval_s: int, where: str
) -> list[Finding]:
    """Rows that say that their interval is of another length."""
    if form.length is None or form.length[0] not in raw:
        return []
    name, lengths = form.length
    wanted = [text for text, length_s in lengths.items() if length_s == interval_s]
    return schema.row_findings(
        where,
        f"{name} must be {' or '.join(wanted) or 'known'}, as interval_s is "
        f"{interval_s}, but is not",
        ~raw[name].isin(wanted),
        raw[name],
        "Declare interval_s as the file has it; export mixed lengths apart.",
    )


def _duplicate_findings(
    frame: pd.DataFrame, raw: pd.DataFrame, form: Form, where: str
) -> list[Finding]:
    """Rows that repeat a key, or the same part of it."""
    parts = [name for name in form.parts if name in raw]
    key = tuple(Column(name, "text", "–", "divides a queue") for name in parts)
    table = replace(TABLE, key=(*TABLE.key, *key))
    return schema.duplicate_findings(frame.join(raw[parts]), table, where)


def _unaddable_findings(frame: pd.DataFrame, form: Form, where: str) -> list[Finding]:
    """Columns that are no sums, where rows are to be added up."""
    others = {*WEIGHTS, "agents", *(m.name for m in form.measures)} - {*form.totals}
    names = [str(name) for name in frame if name in others]
    if not form.parts or not names:
        return []
    rule = (
        f"rows that differ in {', '.join(form.parts)} are added up, which these "
        "columns cannot be"
    )
    return [Finding.of(where, rule, names, "Leave them out.")]


def _measured_table(form: Form) -> schema.Table:
    """The history table with the form's measures and the counts that weigh them."""
    ours = {column.name for column in TABLE.columns}
    counts = tuple(
        Column(name, "float64", "contacts", "weighs a measure", 0, MOST_CONTACTS)
        for name in dict.fromkeys(measure.weight for measure in form.measures)
        if name not in ours
    )
    measures = tuple(
        Column(measure.name, "float64", "–", "a measure", -math.inf)
        for measure in form.measures
    )
    return replace(
        TABLE,
        optional=(*TABLE.optional, *counts, *measures),
        counts=(*TABLE.counts, *counts),
    )


def _lacking_weights(
    raw: pd.DataFrame, texts: Mapping[str, object], form: Form, where: str
) -> list[Finding]:
    """Measures and totals whose counts are not in the file."""
    has = ", ".join(raw.columns)
    lacking = {
        name: None
        for measure in form.measures
        for ours, name in ((measure.name, measure.column), (measure.weight,) * 2)
        if ours not in texts
    }
    findings = []
    if lacking:
        rule = f"[kpis] must name columns that are not ignored ({has}), but names"
        findings.append(Finding.of(where, rule, lacking))
    alone = [
        f"{name} (over {WEIGHTS[name]})"
        for name in form.totals
        if not {name, WEIGHTS[name]} <= {*texts, *in_vain(raw, form)}
    ]
    if alone:
        rule = f"totals must be in the file ({has}), with their counts, but are not"
        findings.append(Finding.of(where, rule, alone, "Name both under [columns]."))
    return findings


def _weight_findings(frame: pd.DataFrame, form: Form, where: str) -> list[Finding]:
    """Measures that nothing weighs."""
    findings = []
    for name, _, weight in form.measures:
        if name in frame and weight in frame:
            findings += schema.row_findings(
                where,
                f"{name} is weighed by {weight}, which must be there beside it, but is "
                "empty",
                frame[name].notna() & frame[weight].isna(),
                frame[name],
                f"Fill {weight} in, or leave {name} empty.",
            )
    return findings


def _unsure_as_missing(frame: pd.DataFrame, unsure: pd.Series) -> pd.DataFrame:
    """Both passes of an unsure clock hour, with nothing known about either."""
    values = frame.columns.difference(["queue", "interval_start"])
    blank = frame[unsure].copy()
    blank[values] = np.nan
    hour = pd.Timedelta(hours=1)
    start = blank["interval_start"]
    both = pd.concat(
        [blank.assign(interval_start=start + k * hour) for k in (-1, 0, 1)]
    )
    wall = both["interval_start"].dt.tz_localize(None)
    both = both[wall.isin(start.dt.tz_localize(None))]
    both = both.drop_duplicates(["queue", "interval_start"])
    whole: pd.DataFrame = pd.concat([frame[~unsure], both])
    return whole
