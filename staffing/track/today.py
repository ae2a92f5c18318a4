"""The running day: an export of its intervals so far, checked against the plan."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from forecast.acd.profiles import OF_CALLS
from forecast.errors import ConfigError, Finding, TableError
from forecast.schema import HISTORY, row_findings
from forecast.tables import Form, read_text_table
from staffing.config import Config
from staffing.inputs import on_grid, read_file

CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True)
class Today:
    """
    One day as it is known at a time.

    ``rows`` is a history table of the open intervals that have ended by ``at``;
    ``agents`` (queue, interval_start, agents) is who is, or is to be, there.
    """

    date: dt.date
    at: pd.Timestamp
    rows: pd.DataFrame
    agents: pd.DataFrame
    warnings: tuple[Finding, ...]


def read_today(
    config: Config, path: Path, queues: Collection[str], at: str | None
) -> Today:
    """
    Read the running day, in the form that the config declares for its history.

    Parameters
    ----------
    config : Config
        Form, zone and opening hours.
    path : Path
        The export: rows of one day. A row without offered may say who is to be there.
    queues : collection of str
        Those that the plan knows.
    at : str, optional
        HH:MM, local time: what ended later is not looked at. By default the end of the
        last row that has offered.

    Raises
    ------
    ConfigError
        ``at`` is not a time of the day.
    TableError
        The file is wrong, or not of one open day of these queues.
    """
    if at is not None and not CLOCK.fullmatch(at):
        raise ConfigError(f"--at: must be a local time HH:MM, but is {at!r}.")
    path = path.absolute()  # "." has no name
    zone, where = ZoneInfo(config.timezone), path.name
    reading = read_file(config, path, _form(config, path))
    rows = reading.frame
    date = _one_day(config, rows, queues, where)
    start = rows["interval_start"]
    ends = start + pd.Timedelta(seconds=config.interval_s)
    known = rows["offered"].notna()
    if at is None:
        until = ends[known].max() if known.any() else start.min()
    else:
        until = pd.Timestamp(f"{date} {at}").tz_localize(
            zone, ambiguous=True, nonexistent="shift_forward"
        )
    if "agents" not in rows:
        rows = rows.assign(agents=float("nan"))
    there = rows.loc[rows["agents"].notna(), ["queue", "interval_start", "agents"]]
    past = rows[ends <= until]
    warnings = reading.warnings
    if not past.empty:
        history = on_grid(config, replace(reading, frame=past), date, where)
        past, warnings = history.frame, history.warnings
        if at is None:
            warnings = (*warnings, *_silent_end(past, where))
    return Today(date, until, past, there.reset_index(drop=True), warnings)


def _form(config: Config, path: Path) -> Form:
    """The history's form, without what the running day's file need not have."""
    form = config.form()
    if form.profile in OF_CALLS:
        return form
    raw, _ = read_text_table(path, form)
    needed = {column.name for column in HISTORY.key + HISTORY.required}
    read = {name for c in HISTORY.columns for name in form.sources(c.name)}
    measured = {name for m in form.measures for name in (m.column, m.weight)}
    there = {c.name for c in HISTORY.columns if {*form.sources(c.name)} <= {*raw}}
    return replace(
        form,
        columns={
            ours: names
            for ours, names in form.columns.items()
            if ours in there or ours in needed
        },
        totals=tuple(name for name in form.totals if name in there),
        ignore=(*form.ignore, *sorted(measured - read)),
        measures=(),
    )


def _silent_end(past: pd.DataFrame, where: str) -> list[Finding]:
    """That the last intervals have no call in any queue: they may not be over yet."""
    calls = past.groupby("interval_start")["offered"].sum(min_count=1).dropna()
    silent = calls[calls.to_numpy()[::-1].cumsum()[::-1] == 0]
    if silent.empty:
        return []
    first = f"{silent.index[0]:%H:%M}"
    rule = f"no queue has a call in the rows from {first} on, which are taken as over"
    remedy = f"If they are yet to come, give --at {first}."
    return [Finding(where, rule, (), 1, remedy)]


def _one_day(
    config: Config, rows: pd.DataFrame, queues: Collection[str], where: str
) -> dt.date:
    """The date of the rows; every fault of theirs at once."""
    dates = rows["interval_start"].dt.date
    date: dt.date = dates.mode().iloc[0]
    calendar = config.calendar(range(date.year - 1, date.year + 2))
    findings = row_findings(
        where,
        "queue must be one that the plan knows "
        f"({', '.join(sorted(queues))}), but is not",
        ~rows["queue"].isin(queues),
        rows["queue"],
        "Correct the rows, or leave them out with [rows] exclude.",
    )
    findings += row_findings(
        where,
        f"all rows must be of one day, as most are of {date}, but are not",
        dates != date,
        rows["interval_start"].dt.strftime("%Y-%m-%d %H:%M"),
        "Export the running day alone.",
    )
    if not any(len(calendar.open_intervals(queue, date, date)) for queue in queues):
        rule = f"the day must be one on which a queue is open, but {date} is closed"
        remedy = "Correct [hours], [holidays] or closures, or the rows."
        findings.append(Finding(where, rule, (), 0, remedy))
    if findings:
        raise TableError(findings)
    return date
