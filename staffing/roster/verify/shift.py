"""A shift by itself: whose it is, what the contract has, breaks, nights, minors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from staffing.roster.rules import Rules
from staffing.roster.team import Agent, Kind
from staffing.roster.times import Span, at_clock, minutes, read_breaks
from staffing.roster.verify.found import (
    HOUR_MIN,
    Violation,
    Worked,
    hours,
    shared_min,
)

LONG_DAY_MIN = 6 * HOUR_MIN
"""Paid time above which a pause is owed. [min]"""
MINOR_LONG_MIN = 4.5 * HOUR_MIN
"""Of minors. [min]"""
NIGHT_MIN = (-2 * HOUR_MIN, 5 * HOUR_MIN)
"""Who works NIGHT_WORK_MIN or more of it works by night. [min after midnight]"""
NIGHT_WORK_MIN = 3 * HOUR_MIN
MINOR_NIGHT_MIN = (-2 * HOUR_MIN, 6 * HOUR_MIN)
"""In which minors do not work. [min after midnight]"""


def shift_of(
    cells: Mapping[Hashable, Any], agents: Mapping[str, Agent]
) -> tuple[Worked | None, list[Violation]]:
    """A row of a roster as a shift; None, and why, where it cannot be one."""
    name, start, end = str(cells["agent_id"]), cells["start"], cells["end"]
    date = start.date()
    agent = agents.get(name)
    if agent is None:
        return None, [Violation("agent", name, date, "is not among the agents")]
    if end <= start:
        text = f"ends {end:%Y-%m-%d %H:%M}, not after its start {start:%H:%M}"
        return None, [Violation("shift", name, date, text)]
    try:
        breaks = read_breaks(str(cells["breaks"]), start, end)
    except ValueError as error:
        breaks, faults = (), [Violation("breaks", name, date, str(error))]
    else:
        faults = []
    shift = Worked(agent, date, start, end, breaks, float(cells["paid_min"]))
    kind = _kind_of(shift)
    if kind is None and not faults:
        lengths = ", ".join(f"{minutes(*span):g}" for span in breaks) or "none"
        text = (
            f"{hours(minutes(start, end))} with breaks of {lengths} min is no shift of "
            f"{agent.contract.name}"
        )
        faults.append(shift.fault("shift", text))
    if kind is not None:
        unpaid = [not pause.paid for pause in kind.breaks]
        away = sum(
            minutes(*span) for span, off in zip(breaks, unpaid, strict=True) if off
        )
        shift = shift._replace(paid_min=minutes(start, end) - away)
        if shift.paid_min != cells["paid_min"]:
            text = f"says {cells['paid_min']:g}, but is {shift.paid_min:g}"
            faults.append(shift.fault("paid-min", text))
    return shift, [*faults, *_row_faults(shift, cells)]


def _kind_of(shift: Worked) -> Kind | None:
    """The contract's shift of this length and breaks; None: it has none."""
    present = minutes(shift.start, shift.end)
    lengths = [minutes(*span) for span in shift.breaks]
    for kind in shift.agent.contract.kinds:
        wanted = [pause.minutes for pause in kind.breaks]
        if kind.present_min == present and wanted == lengths:
            return kind
    return None


def _row_faults(shift: Worked, cells: Mapping[Hashable, Any]) -> Iterator[Violation]:
    contract = shift.agent.contract
    if cells["date"] != shift.date:
        yield shift.fault("date", f"says {cells['date']}, but starts on {shift.date}")
    if cells["contract"] != contract.name:
        text = f"says {cells['contract']}, but the agent's is {contract.name}"
        yield shift.fault("contract", text)
    if cells["group"] not in shift.agent.groups:
        text = f"{cells['group']} is not of the agent's: "
        yield shift.fault("group", text + ", ".join(shift.agent.groups))


def shift_faults(
    shift: Worked, rules: Rules, absent: Mapping[dt.date, str]
) -> Iterator[Violation]:
    """What a shift's day and hours break; ``absent`` are the agent's days away."""
    agent = shift.agent
    zone = ZoneInfo(str(shift.start.tz))
    if not agent.employed(shift.date):
        yield shift.fault("employment", "the agent is not employed on this day")
    if shift.date in absent:
        yield shift.fault("absence", f"the agent is away: {absent[shift.date]}")
    every = agent.contract.start_every_min
    minute = shift.start.hour * HOUR_MIN + shift.start.minute
    if minute % every or shift.start.second:
        text = f"starts at {shift.start:%H:%M}, not on the grid of {every} minutes"
        yield shift.fault("shift", text)
    if agent.bands is not None and not any(
        at_clock(shift.date, band.start_min, zone) <= shift.start
        and shift.end <= at_clock(shift.date, band.end_min, zone)
        for band in agent.bands
        if band.weekday == shift.date.weekday()
    ):
        text = f"{shift.start:%H:%M}-{shift.end:%H:%M} is in no band of the agent"
        yield shift.fault("bands", text)
    night = rules.limit("night")
    in_night = _overlap_min(shift, NIGHT_MIN, zone)
    if night is not None and in_night >= NIGHT_WORK_MIN:
        yield from _longer(shift, "night", night, "by night")
    if agent.contract.minor:
        yield from _minor_faults(shift, rules, zone)


def break_faults(shift: Worked, rules: Rules) -> Iterator[Violation]:
    """Work without a break for too long or too short a time, and missing pauses."""
    contract = shift.agent.contract
    longest = rules.limit("screen-break") if contract.screen else None
    least = rules.limit("screen-break-length") or 0.0
    for start, end in _stretches(shift, least):
        work = minutes(start, end)
        if longest is not None and work > longest:
            text = (
                f"{hours(work)} of work from {start:%H:%M} to {end:%H:%M}; at most "
                f"{hours(longest)} are allowed"
            )
            if least:
                text += f" without a break of {hours(least)}"
            yield shift.fault("screen-break", text)
    shortest = rules.limit("shortest-work")
    for start, end in _stretches(shift, 0.0):
        work = minutes(start, end)
        if shortest is not None and work < shortest:
            text = (
                f"{hours(work)} of work from {start:%H:%M} to {end:%H:%M}; at least "
                f"{hours(shortest)} are owed"
            )
            yield shift.fault("shortest-work", text)
    pause = max((minutes(*span) for span in shift.breaks), default=0.0)
    for rule, above, concerned in (
        ("pause", LONG_DAY_MIN, True),
        ("minor-pause", MINOR_LONG_MIN, contract.minor),
    ):
        owed = rules.limit(rule)
        if owed is not None and concerned and shift.paid_min > above and pause < owed:
            text = (
                f"{hours(shift.paid_min)} with a longest break of {hours(pause)}; more "
                f"than {hours(above)} needs one of {hours(owed)}"
            )
            yield shift.fault(rule, text)


def _stretches(shift: Worked, least_min: float) -> Iterator[Span]:
    """From one break of at least so many minutes to the next, and the shift's ends."""
    long = [span for span in shift.breaks if minutes(*span) >= least_min]
    edges = [shift.start, *(edge for span in long for edge in span), shift.end]
    return zip(edges[::2], edges[1::2], strict=True)


def _minor_faults(shift: Worked, rules: Rules, zone: ZoneInfo) -> Iterator[Violation]:
    most = rules.limit("minor-day")
    if most is not None:
        yield from _longer(shift, "minor-day", most, "the agent is a minor")
    in_night = _overlap_min(shift, MINOR_NIGHT_MIN, zone)
    if rules.limit("minor-night") is not None and in_night > 0:
        text = f"{hours(in_night)} between 22:00 and 06:00; the agent is a minor"
        yield shift.fault("minor-night", text)


def _longer(shift: Worked, rule: str, most_h: float, why: str) -> Iterator[Violation]:
    if shift.paid_min > HOUR_MIN * most_h:
        text = f"{hours(shift.paid_min)}, {why}; at most {most_h:g} h are allowed"
        yield shift.fault(rule, text)


def _overlap_min(shift: Worked, span: tuple[int, int], zone: ZoneInfo) -> float:
    """Time of a shift in a span of the clock, of whichever day. [min]"""
    days = (shift.end.date() - shift.date).days + 1
    return sum(
        shared_min(shift, *(at_clock(date, minute, zone) for minute in span))
        for date in (shift.date + dt.timedelta(n) for n in range(days + 1))
    )
