"""A calendar for each person, as calendar programs subscribe to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
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

NAMESPACE = uuid5(NAMESPACE_DNS, "staffcast")


def calendars(problem: Problem, duties: Sequence[Duty]) -> dict[str, bytes]:
    """
    An .ics file for each agent who works, by its name.

    Times are of the horizon's zone, which is described in the file. An event's UID
    follows from the agent and the date: a changed roster moves it, and adds no second
    one. Its stamp is the first day of the roster: the same roster, the same bytes.
    """
    of_agent: dict[str, list[Duty]] = {}
    for duty in duties:
        of_agent.setdefault(problem.agents[duty.agent].agent_id, []).append(duty)
    horizon = problem.horizon
    zone = _zone(horizon)
    files = {}
    for name, agent_id in file_names(of_agent, "{}.ics", "agent").items():
        calendar = Calendar()
        calendar.add("prodid", "-//staffcast//roster//EN")
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        calendar.add("x-wr-calname", f"Shifts of {agent_id}")
        calendar.add_component(zone)
        for duty in sorted(of_agent[agent_id], key=lambda duty: duty.day):
            calendar.add_component(_event(problem, duty, agent_id))
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
    event.add("dtstamp", dt.datetime.combine(horizon.first, dt.time(), dt.UTC))
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
