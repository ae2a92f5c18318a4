"""What makes a day unlike a regular one: the calendar's kinds, and those around it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from forecast.intervals import Calendar
from forecast.profile import DayMatrix

EVE, MORROW = "holiday eve", "day after a holiday"
BRIDGE, AUGUST = "bridge", "mid-August"
AROUND = frozenset({EVE, MORROW, BRIDGE, AUGUST})
"""Kinds that a day owes to what lies around it."""
MID_AUGUST = range(8, 22)
"""The fortnight around 15 August, where that is a holiday: Italy's is at the sea."""

type_kinds = Mapping[dt.date, tuple[str, ...]]
"""What makes each date special; empty for a regular day."""


def named_kinds(
    calendar: Calendar, queue: str, dates: Iterable[dt.date]
) -> dict[dt.date, tuple[str, ...]]:
    """Of each date the calendar's own kinds: holiday and events."""
    return {day: calendar.day_kinds(queue, day) for day in dates}


def all_kinds(
    calendar: Calendar, queue: str, dates: Iterable[dt.date]
) -> dict[dt.date, tuple[str, ...]]:
    """
    Of each date the calendar's kinds, and what it owes to the days around it.

    An eve or morrow has nothing but closed days between it and the holiday; a
    holiday on a weekday that is closed anyway has neither. A bridge takes their
    place: a full weekday between a holiday and a weekend, or between two holidays.
    """
    holidays = calendar.holidays
    if not holidays:
        return named_kinds(calendar, queue, dates)
    hours = calendar.queue_hours.get(queue, calendar.hours)
    working = hours.full_days()
    if all(working):
        working = (True,) * 5 + (False,) * 2

    def neighbour(day: dt.date, step: int) -> dt.date:
        day += dt.timedelta(days=step)
        while not hours.spans[day.weekday()]:
            day += dt.timedelta(days=step)
        return day

    def bridges(day: dt.date) -> bool:
        around = [day + dt.timedelta(days=step) for step in (-1, 1)]
        free = [near in holidays or not working[near.weekday()] for near in around]
        missed = [near in holidays and working[near.weekday()] for near in around]
        return working[day.weekday()] and all(free) and any(missed)

    kinds = {}
    for day in dates:
        named = calendar.day_kinds(queue, day)
        if day not in holidays:
            if bridges(day):
                named += (BRIDGE,)
            else:
                named += (EVE,) * (neighbour(day, 1) in holidays)
                named += (MORROW,) * (neighbour(day, -1) in holidays)
            if day.month == 8 and day.day in MID_AUGUST:
                named += (AUGUST,) * (day.replace(day=15) in holidays)
        kinds[day] = named
    return kinds


def regular_days(days: DayMatrix, kinds: type_kinds) -> NDArray[np.bool_]:
    """The days that are not special; all, where no regular day is known."""
    regular = np.array([not kinds[day] for day in days.dates], dtype=bool)
    if np.isnan(days.offered[regular]).all():
        regular[:] = True  # better than no calls at all
    return regular
