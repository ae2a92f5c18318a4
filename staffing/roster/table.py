"""The roster as tables: shifts with local times, and the cover that they give."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pandas.api.typing import NaTType

from forecast.errors import Finding, TableError
from forecast.schema import (
    COVER,
    ROSTER,
    check_table,
    missing_findings,
    odd_findings,
    row_findings,
)
from forecast.tables import Form, parse_numbers, parse_times, read_text_table
from staffing.roster.problem import Duty, Problem, Shift
from staffing.roster.times import minutes, read_breaks, write_breaks

ACTIVITY = "contacts"
"""What rostered shifts are worked on."""


def roster_table(problem: Problem, duties: Iterable[Duty]) -> pd.DataFrame:
    """The duties as a roster table, by agent and start; times are local."""
    horizon, rows = problem.horizon, []
    for agent, day, group, shift in sorted(duties):
        person = problem.agents[agent]
        kind = person.contract.kinds[shift.kind]
        spans = [(horizon.time(a), horizon.time(b)) for a, b, _ in shift.breaks]
        rows.append(
            {
                "agent_id": person.agent_id,
                "start": horizon.time(shift.start),
                "date": horizon.date(day),
                "end": horizon.time(shift.end),
                "breaks": write_breaks(spans),
                "paid_min": kind.paid_min,
                "contract": person.contract.name,
                "group": problem.need.groups[group],
                "activity": ACTIVITY,
            }
        )
    names = [column.name for column in ROSTER.columns]
    table = pd.DataFrame(rows, columns=names)
    if table.empty:
        zone = horizon.timezone
        table = table.astype(dict.fromkeys(("start", "end"), f"datetime64[us, {zone}]"))
    return check_table(table, ROSTER, "roster.csv")


def duties_of(problem: Problem, table: pd.DataFrame) -> tuple[Duty, ...]:
    """
    The shifts of a roster table as duties, by agent and day.

    Raises
    ------
    TableError
        Rows that are no shift of the problem: an agent, day, group, length or break
        that it does not have, times between its slots, or a second one of a person
        and day.
    """
    duties: dict[tuple[int, int], Duty] = {}
    faults = {}
    for row, cells in zip(table.index, table.to_dict("records"), strict=True):
        try:
            duty = _duty(problem, cells)
        except ValueError as error:
            faults[row] = str(error)
        else:
            if duties.setdefault((duty.agent, duty.day), duty) is not duty:
                faults[row] = f"{cells['agent_id']} has another one on {cells['date']}"
    if faults:
        rule = "every row must be a shift that can be rostered, but these are not"
        cases = [f"row {row} ({fault})" for row, fault in faults.items()]
        remedy = "staffcast roster --verify says more of them."
        raise TableError([Finding.of("roster.csv", rule, cases, remedy)])
    return tuple(sorted(duties.values()))


def _duty(problem: Problem, cells: Mapping[Hashable, Any]) -> Duty:
    horizon = problem.horizon
    agent = problem.index.get(str(cells["agent_id"]))
    if agent is None:
        left = "keep who has left in the agents' file, with the last day in to"
        raise ValueError(f"no agent {cells['agent_id']!r}: {left}")
    if cells["group"] not in problem.need.groups:
        raise ValueError(f"no group {cells['group']!r}")
    start, end = cells["start"], cells["end"]
    day = horizon.day(start.tz_convert(horizon.timezone).date())
    if not 0 <= day < horizon.days:
        raise ValueError(f"{start:%Y-%m-%d} is not a day of this roster")
    spans = read_breaks(str(cells["breaks"]), start, end)
    edges = [start, end, *(edge for span in spans for edge in span)]
    slots = [horizon.slot_of(edge) for edge in edges]
    if [horizon.time(slot) for slot in slots] != edges:
        raise ValueError(f"not in steps of {horizon.slot_min} minutes")
    for number, kind in enumerate(problem.agents[agent].contract.kinds):
        lengths = [pause.minutes for pause in kind.breaks]
        if kind.present_min == minutes(start, end) and lengths == [
            minutes(*span) for span in spans
        ]:
            paid = [pause.paid for pause in kind.breaks]
            breaks = tuple(zip(slots[2::2], slots[3::2], paid, strict=True))
            group = problem.need.groups.index(str(cells["group"]))
            return Duty(agent, day, group, Shift(number, slots[0], slots[1], breaks))
    raise ValueError("no shift of the contract")


def cover_table(problem: Problem, duties: tuple[Duty, ...]) -> pd.DataFrame:
    """Scheduled and rostered agents of each group and interval that anyone needs."""
    need = problem.need
    scheduled = need.scheduled
    rostered = problem.presence(duties) / need.slots
    group, interval = np.nonzero((scheduled > 0) | (rostered > 0))
    starts = pd.DatetimeIndex([problem.horizon.time(slot) for slot in need.starts])
    table = pd.DataFrame(
        {
            "queue": np.array(need.groups, dtype=object)[group],
            "interval_start": starts[interval],
            "scheduled": scheduled[group, interval],
            "rostered": rostered[group, interval],
            "net": (rostered - scheduled)[group, interval],
        }
    )
    ordered = table.sort_values(["queue", "interval_start"], ignore_index=True)
    return check_table(ordered, COVER, "cover.csv")


def hours_table(problem: Problem, duties: tuple[Duty, ...]) -> pd.DataFrame:
    """
    Hours by group and in all: group, required, missing, spare and missing_share.

    Required of the rostered, so that after the shrinkage that is not rostered the
    agents are there. [h], [1]
    """
    need = problem.need
    rostered = problem.presence(duties) / need.slots
    agents = {
        "required": need.scheduled,
        "missing": np.maximum(need.scheduled - rostered, 0.0),
        "spare": np.maximum(rostered - need.scheduled, 0.0),
    }
    interval_h = need.slots * problem.horizon.slot_min / 60
    table = pd.DataFrame(
        {
            name: interval_h * np.append(part.sum(axis=1), part.sum())
            for name, part in agents.items()
        }
    )
    table.insert(0, "group", [*need.groups, "all"])
    required = table["required"].where(table["required"] > 0)
    return table.assign(missing_share=table["missing"] / required)


def read_roster(path: Path, timezone: str) -> pd.DataFrame:
    """
    A roster file as a table, whatever its shifts are; the index is the file's rows.

    Times without an offset are local.

    Raises
    ------
    TableError
        Columns are missing, or cells that are no times, dates or numbers.
    """
    cells, findings = read_text_table(path, Form())
    where = path.name
    findings += missing_findings(cells, ROSTER, where)
    if findings:
        raise TableError(findings)
    table = cells[[column.name for column in ROSTER.columns]].copy()
    for column in ROSTER.columns:
        if column.kind == "text":
            findings += odd_findings(where, column.name, cells[column.name])
    for name in ("start", "end"):
        table[name], bad = local_times(cells[name], ZoneInfo(timezone))
        rule = (
            f"{name} must be a time, such as 2026-12-01T08:00, that the clock of "
            f"{timezone} shows once, but is not"
        )
        remedy = "Where clocks are put back, write the offset: 02:30+01:00."
        findings += row_findings(where, rule, bad, cells[name], remedy)
    dates = pd.to_datetime(cells["date"], format="%Y-%m-%d", errors="coerce")
    rule = "date must be written as 2026-12-01, but is not"
    findings += row_findings(where, rule, dates.isna(), cells["date"])
    table["date"] = dates.dt.date
    numbers = parse_numbers(cells["paid_min"], Form(), counts=False)
    bad = numbers.number.isna() | (numbers.number % 1 != 0)
    rule = "paid_min must be whole minutes, but is not"
    findings += row_findings(where, rule, bad, cells["paid_min"])
    if findings:
        raise TableError(findings)
    table["paid_min"] = numbers.number.astype("int64")
    return table


def local_times(texts: pd.Series, zone: ZoneInfo) -> tuple[pd.Series, pd.Series]:
    """Times in the zone, and where the text is none."""
    parsed, _ = parse_times(texts, Form())
    known: dict[str, pd.Timestamp | NaTType] = {}
    for text, time in parsed.items():
        stamp = pd.Timestamp(time)
        known[text] = (
            stamp.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
            if stamp.tz is None
            else stamp.tz_convert(zone)
        )
    times = pd.DatetimeIndex([known.get(text, pd.NaT) for text in texts], tz=zone)
    series = pd.Series(times, index=texts.index)
    return series, series.isna()
