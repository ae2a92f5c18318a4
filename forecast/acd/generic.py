"""A CSV with one row for each queue and interval, in a declared form."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast import schema
from forecast.acd.clock import grid_findings, read_starts
from forecast.columns.column import MOST_CONTACTS, Column
from forecast.errors import Finding, TableError
from forecast.tables import Form, parse_numbers, read_text_table

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
        The CSV file.
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
    texts = _named_columns(raw, form, queue)
    findings += _column_findings(raw, texts, form, where)
    if raw.empty:
        remedy = "Export it again, or look at [rows]."
        findings.append(Finding(where, "the file has no rows to use", (), 0, remedy))
        raise TableError(findings)
    frame = pd.DataFrame(index=raw.index)
    unsure = pd.Series(False, index=raw.index)
    if "queue" in texts:
        frame["queue"] = texts["queue"].mask(texts["queue"] == "")
    if "interval_start" in texts:
        queues = frame["queue"] if "queue" in frame else pd.Series("", index=raw.index)
        clock = read_starts(texts["interval_start"], queues, form, zone, where)
        frame["interval_start"], unsure = clock.starts, clock.unsure
        findings += clock.faults
        findings += grid_findings(clock.starts, queues, interval_s, where)
    table = _measured_table(form)
    for column in table.columns:
        if column.kind != "float64" or column.name not in texts:
            continue
        numbers = parse_numbers(texts[column.name], form, counts=column in table.counts)
        frame[column.name] = numbers.number
        sign = repr(form.thousands) if form.thousands else "none"
        findings += schema.row_findings(
            where,
            f"{column.name} must be a number (decimal sign {form.decimal!r}, "
            f"thousands sign {sign}), but is not",
            numbers.bad,
            texts[column.name],
            "Declare other signs under [format]; leave a cell empty where "
            "nothing is known.",
        )
        other = "," if form.decimal == "." else "."
        findings += schema.row_findings(
            where,
            f"{column.name} must be clear, but {form.decimal}000 may be decimals or "
            "thousands",
            numbers.ambiguous,
            texts[column.name],
            "Declare which sign separates thousands: [format] thousands = "
            f'"{form.decimal}", decimal = "{other}", or the other way round.',
        )
    unread = frame.drop(columns="interval_start", errors="ignore")
    findings += schema.value_findings(unread, table, where)
    findings += _weight_findings(frame, form, where)
    findings += schema.duplicate_findings(frame, TABLE, where)
    if findings:
        raise TableError(findings)
    if not unsure.any():
        return Reading(frame, ())
    warning = schema.row_findings(
        where,
        "a repeated clock hour cannot be told apart here (a queue has it once, or "
        "its rows are not in order of time), so its intervals count as missing",
        unsure,
        texts["interval_start"],
        "Export absolute times, with an offset.",
    )
    return Reading(_unsure_as_missing(frame, unsure), tuple(warning))


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


def _file_names(form: Form) -> dict[str, str]:
    """The file's name of each column that is read, by ours."""
    names = {column.name: column.name for column in _measured_table(form).columns}
    return {**names, **form.columns, **{m.name: m.column for m in form.measures}}


def _named_columns(
    raw: pd.DataFrame, form: Form, queue: str | None
) -> dict[str, pd.Series]:
    """The file's cells by our column names."""
    texts = {
        ours: raw[name]
        for ours, name in _file_names(form).items()
        if name in raw and name not in form.ignore
    }
    if queue is not None and "queue" not in texts:
        texts["queue"] = pd.Series(queue, index=raw.index, dtype="str")
    return texts


def _column_findings(
    raw: pd.DataFrame, texts: dict[str, pd.Series], form: Form, where: str
) -> list[Finding]:
    """Columns that the config names in vain, that are needed, or that nobody knows."""
    findings = []
    has = ", ".join(raw.columns)
    absent = [name for name in form.columns.values() if name not in raw]
    if absent:
        rule = f"[columns] must name columns of the file ({has}), but names"
        findings.append(Finding.of(where, rule, absent))
    lacking = {
        name: None
        for measure in form.measures
        for ours, name in ((measure.name, measure.column), (measure.weight,) * 2)
        if ours not in texts
    }
    if lacking:
        rule = f"[kpis] must name columns that are not ignored ({has}), but names"
        findings.append(Finding.of(where, rule, lacking))
    findings += schema.missing_findings(
        pd.DataFrame(texts),
        TABLE,
        where,
        f"The file has {has}. Name them under [columns], such as "
        'offered = "calls"; for a file of one queue: queue = "NAME", at the top.',
    )
    known = set(_file_names(form).values())
    known |= {*form.ignore, *form.include, *form.exclude}
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
