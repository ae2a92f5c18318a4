"""A calendar for each person, as calendar programs subscribe to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import NAMESPACE_DNS, uuid5
from zoneinfo import ZoneInfo

import pandas as pd
from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
)

from staffing.report.names import file_names
from staffing.roster.problem import Duty, Horizon, Problem

if TYPE_CHECKING:
    from staffing.roster.repair import Change

NAMESPACE = uuid5(NAMESPACE_DNS, "staffcast")


def calendars(
    problem: Problem,
    duties: Sequence[Duty],
    changes: Sequence[Change] = (),
    repair_from: dt.date | None = None,
) -> dict[str, bytes]:
    """
    An .ics file for each agent who works, or did before a repair, by its name.

    Times are of the horizon's zone, which is described in the file. An event's UID
    follows from the agent and the date: a changed roster moves it, and adds no second
    one. A shift that a repair gave up stays as cancelled, so that it leaves calendars
    that have it. Stamp and sequence follow from the first day of the roster, or of the
    repair: the same roster, the same bytes, and a later repair goes before an earlier.
    """
    given_up = [
        Duty(change.agent, change.day, *change.before)
        for change in changes
        if change.before is not None and change.after is None
    ]
    of_agent: dict[str, list[tuple[Duty, bool]]] = {}
    for duty in sorted([*duties, *given_up]):
        agent_id = problem.agents[duty.agent].agent_id
        of_agent.setdefault(agent_id, []).append((duty, duty in given_up))
    horizon = problem.horizon
    zone, since = _zone(horizon), repair_from or horizon.first
    sequence = 0 if repair_from is None else 1 + horizon.day(repair_from)
    files = {}
    for name, agent_id in file_names(of_agent, "{}.ics", "agent").items():
        calendar = Calendar()
        calendar.add("prodid", "-//staffcast//roster//EN")
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        calendar.add("x-wr-calname", f"Shifts of {agent_id}")
        calendar.add_component(zone)
        for duty, is_given_up in of_agent[agent_id]:
            event = _event(problem, duty, agent_id)
            event.add("dtstamp", dt.datetime.combine(since, dt.time(), dt.UTC))
            event.add("sequence", sequence)
            if is_given_up:
                event.add("status", "CANCELLED")
            calendar.add_component(event)
        files[name] = calendar.to_ical()
    return files


def _zone(horizon: Horizon) -> Timezone:
    """
    The offsets that the zone has in these days.

    Each begins at the clock time of the one before it, as RFC 5545 asks; by
    icalendar's own Timezone.from_tzinfo summer time begins an hour late.
    """
    component = Timezone()
    component.add("tzid", horizon.timezone)
    before: dt.timedelta | None = None
    for slot in range(horizon.slot(horizon.days + 2)):
        local = horizon.time(slot).to_pydatetime()
        offset = local.utcoffset() or dt.timedelta()
        if offset == before:
            continue
        part = TimezoneDaylight() if local.dst() else TimezoneStandard()
        clock = local.replace(tzinfo=None, fold=0) - offset
        part.add("dtstart", clock + (offset if before is None else before))
        part.add("tzoffsetfrom", offset if before is None else before)
        part.add("tzoffsetto", offset)
        component.add_component(part)
        before = offset
    return component


def _event(problem: Problem, duty: Duty, agent_id: str) -> Event:
    horizon, shift = problem.horizon, duty.shift
    date = horizon.date(duty.day)
    event = Event()
    event.add("uid", str(uuid5(NAMESPACE, f"{date}/{agent_id}")))
    event.add("dtstart", _moment(horizon, shift.start))
    event.add("dtend", _moment(horizon, shift.end))
    event.add("summary", f"Shift: {problem.need.groups[duty.group]}")
    breaks = [
        f"Break {horizon.time(start):%H:%M}-{horizon.time(end):%H:%M}"
        f" ({'paid' if is_paid else 'unpaid'})"
        for start, end, is_paid in shift.breaks
    ]
    event.add("description", "\n".join(breaks) or "No breaks")
    return event


def _moment(horizon: Horizon, slot: int) -> dt.datetime:
    """Local time; the second of two that clocks show twice has no other name in UTC."""
    time: pd.Timestamp = horizon.time(slot)
    zone = dt.UTC if time.fold else ZoneInfo(horizon.timezone)
    return time.tz_convert("UTC").to_pydatetime().astimezone(zone)
