"""Clock times of an export made absolute, and held against the interval grid."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.errors import Finding
from forecast.schema import row_findings
from forecast.tables import Form, parse_times

LENGTHS_S = (300, 600, 900, 1200, 1800, 3600)
SURE_ROWS = 8
"""Rows of a day, without a hole between them, that tell an interval length."""


@dataclass(frozen=True)
class ClockReading:
    """
    Interval starts read from text, all with the index of the texts.

    ``starts`` is zone-aware (NaT where unreadable); ``unsure`` marks the rows
    of a repeated clock hour that nothing tells apart.
    """

    starts: pd.Series
    unsure: pd.Series
    faults: list[Finding]


@dataclass(frozen=True)
class Instants:
    """
    Texts made absolute: each text's earlier and its later meaning, in UTC.

    They differ for the ``repeated`` texts only, which a clock put back shows twice.
    Texts that are no times are in neither.
    """

    early: dict[str, np.datetime64]
    late: dict[str, np.datetime64]
    repeated: list[str]
    faults: list[Finding]


def read_starts(
    texts: pd.Series, queues: pd.Series, form: Form, zone: ZoneInfo | None, where: str
) -> ClockReading:
    """
    Make an export's times absolute.

    A clock hour that is repeated in autumn is told apart by the order of the
    rows: where a queue has both, and its rows of that date are in order of
    time, the first is the earlier one.
    """
    blank = texts.str.strip() == ""
    clock = read_instants(texts[~blank], form, zone, where, "interval_start")
    repeated, early, late = clock.repeated, clock.early, clock.late
    again = texts.isin(repeated) & (
        pd.DataFrame({"queue": queues, "text": texts})
        .groupby(["queue", "text"])
        .cumcount()
        > 0
    )
    utc = texts.map(late).where(again, texts.map(early))
    starts = pd.to_datetime(utc, utc=True).dt.as_unit("s").dt.tz_convert(zone or "UTC")
    unsure = _unsure(texts, queues, starts, repeated)
    faults = row_findings(
        where,
        "interval_start must not be empty, but is",
        blank,
        queues,
        "Fill it in; rows of totals are left out by names of the file: [rows] exclude "
        f'= {{ {json.dumps(form.sources("queue")[0])} = ["TOTALE"] }}.',
    )
    return ClockReading(starts, unsure, faults + clock.faults)


def read_instants(
    texts: pd.Series,
    form: Form,
    zone: ZoneInfo | None,
    where: str,
    name: str,
    *,
    fractions: bool = False,
) -> Instants:
    """
    Make the times of a column absolute, whatever its name; none may be blank.

    Where both passes of a repeated clock hour may be meant, both are given.
    """
    parsed, bad = parse_times(texts, form, fractions=fractions)
    written = form.time or "YYYY-MM-DDTHH:MM, ISO 8601"
    faults = row_findings(
        where,
        f"{name} must be a time written as {written}, but is not",
        texts.isin(bad),
        texts,
        'Declare how it is written, such as [format] time = "%d/%m/%Y %H:%M" (with '
        "seconds %H:%M:%S, with AM and PM %I:%M %p).",
    )
    odd = [t for t, time in parsed.items() if not 1970 <= time.year < 2200]
    faults += row_findings(
        where,
        f"{name} must lie from 1970 to 2199, but does not",
        texts.isin(odd),
        texts,
        "Correct the rows.",
    )
    for text in odd:
        del parsed[text]
    local = {text: time for text, time in parsed.items() if time.tzinfo is None}
    if local and len(local) < len(parsed):
        faults += row_findings(
            where,
            "all times or none must have an offset (+01:00), but these have none",
            texts.isin(list(local)),
            texts,
            "Export all of them with an offset.",
        )
    if local and form.absolute:
        faults += row_findings(
            where,
            f'{name} must have an offset (Z) under the profile "{form.profile}", but '
            "has none",
            texts.isin(list(local)),
            texts,
            "Export it as the profile says, or declare the form without the profile.",
        )
    elif local and zone is None:
        faults += row_findings(
            where,
            "times must have an offset (+01:00) or a declared zone, but have neither",
            texts.isin(list(local)),
            texts,
            'Declare the zone, such as timezone = "Europe/Rome".',
        )
    zone = zone or ZoneInfo("UTC")
    repeated: list[str] = []
    early: dict[str, np.datetime64] = {}
    late: dict[str, np.datetime64] = {}
    gaps: list[str] = []
    for text, time in parsed.items():
        if time.tzinfo is not None:
            early[text] = late[text] = _utc(time)
            continue
        first, second = (time.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        early[text], late[text] = _utc(first), _utc(second)
        if late[text] > early[text]:
            repeated.append(text)
        elif late[text] < early[text]:
            gaps.append(text)
            del early[text], late[text]
    faults += row_findings(
        where,
        f"{name} must exist in {zone}, but clocks were put forward over",
        texts.isin(gaps),
        texts,
        "Export absolute times (with an offset), or correct the rows.",
    )
    return Instants(early, late, repeated, faults)


def _utc(time: dt.datetime) -> np.datetime64:
    offset = time.utcoffset() or dt.timedelta(0)
    return np.datetime64(time.replace(tzinfo=None) - offset, "us")


def _unsure(
    texts: pd.Series, queues: pd.Series, starts: pd.Series, repeated: list[str]
) -> pd.Series:
    """Rows of a repeated clock hour that their order does not tell apart."""
    unsure = pd.Series(False, index=texts.index)
    dates = starts.dt.date if repeated else starts
    for text in repeated:
        on_day = dates == dates[texts == text].iloc[0]
        for _, rows in starts[on_day].groupby(queues[on_day]):
            same = texts[rows.index] == text
            both = int(same.sum()) == 2
            if same.any() and not (both and rows.is_monotonic_increasing):
                unsure[same[same].index] = True
    return unsure


def grid_findings(
    starts: pd.Series, queues: pd.Series, interval_s: int, where: str
) -> list[Finding]:
    """Times off the grid, and intervals that are not ``interval_s`` long."""
    known = starts.dropna()
    second = known.dt.hour * 3600 + known.dt.minute * 60 + known.dt.second
    off = known[second % interval_s != 0]
    findings = row_findings(
        where,
        f"intervals must start on the grid of {interval_s} s from midnight, but do not",
        pd.Series(True, index=off.index),
        off.dt.strftime("%Y-%m-%d %H:%M:%S"),
        "Declare interval_s as the file has it, or correct the rows.",
    )
    days = pd.DataFrame(
        {"queue": queues[known.index], "date": known.dt.date, "second": second}
    ).drop_duplicates()
    days = days.sort_values(["queue", "date", "second"], kind="stable")
    groups = days.groupby(["queue", "date"], sort=False)
    days["gap"] = groups["second"].diff()
    lengths = groups.agg(rows=("gap", "count"), low=("gap", "min"), high=("gap", "max"))
    sure = lengths[
        (lengths["rows"] + 1 >= SURE_ROWS)
        & (lengths["low"] == lengths["high"])
        & lengths["low"].isin(LENGTHS_S)
    ]
    other = sure[sure["low"] != interval_s]
    if not other.empty:
        cases = [
            f"{queue} on {date} ({low:.0f} s apart)"
            for queue, date, low in other["low"].reset_index().itertuples(index=False)
        ]
        findings.append(
            Finding.of(
                where,
                f"all intervals must be {interval_s} s long (interval_s), but on "
                f"{len(other)} of {len(lengths)} days of a queue they are not",
                cases,
                "Declare interval_s as the file has it; export mixed lengths apart.",
            )
        )
    return findings
