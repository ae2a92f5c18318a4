"""What makes a day special, and the factor that it puts on a regular day's contacts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from forecast.intervals import Calendar
from forecast.models.base import Effect
from forecast.profile import DayMatrix

EVE, MORROW = "holiday eve", "day after a holiday"
NEAR_DAYS = 56
"""How far from a special day the regular days lie that it is compared with. [days]"""
PRIOR_DAYS = 0.5
"""Regular days whose weight pulls a learnt effect towards 1. [days]"""

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
    Of each date the calendar's kinds, and whether a holiday is before or after it.

    Nothing but closed days lies between; a holiday on a weekday that is closed
    anyway has neither eve nor morrow.
    """
    spans = calendar.queue_hours.get(queue, calendar.hours).spans

    def neighbour(day: dt.date, step: int) -> bool:
        day += dt.timedelta(days=step)
        while not spans[day.weekday()]:
            day += dt.timedelta(days=step)
        return day in calendar.holidays

    kinds = {}
    for day in dates:
        named = calendar.day_kinds(queue, day)
        if calendar.holidays and day not in calendar.holidays:
            named += (EVE,) * neighbour(day, 1) + (MORROW,) * neighbour(day, -1)
        kinds[day] = named
    return kinds


def regular_days(days: DayMatrix, kinds: type_kinds) -> NDArray[np.bool_]:
    """The days that are not special; all, where no regular day is known."""
    regular = np.array([not kinds[day] for day in days.dates], dtype=bool)
    if np.isnan(days.offered[regular]).all():
        regular[:] = True  # better than no calls at all
    return regular


def learnt_effects(
    days: DayMatrix, regular: NDArray[np.bool_], kinds: type_kinds, near: int
) -> tuple[Effect, ...]:
    """
    Factor of each kind of day: past days of that kind over regular days near them.

    Notes
    -----
    exp(Σ log((y+1)/(f+1)) / (n + PRIOR_DAYS)) over the n past days with one kind
    only; y is the day's total, f the mean of the ``near`` nearest regular days
    of the same weekday.
    """
    ordinals = days.ordinals
    ratios: dict[str, list[float]] = {}
    for i in np.flatnonzero(~regular):
        distance = np.abs(ordinals - ordinals[i])
        around = np.flatnonzero(
            regular & (days.weekdays == days.weekdays[i]) & (distance <= NEAR_DAYS)
        )
        if len(kinds[days.dates[i]]) != 1 or not len(around):
            continue
        around = around[np.argsort(-distance[around], kind="stable")]
        usual = mean_of_last(days.offered[around], near)
        both = ~np.isnan(usual) & ~np.isnan(days.offered[i])
        if both.any():
            ratio = (days.offered[i][both].sum() + 1.0) / (usual[both].sum() + 1.0)
            ratios.setdefault(kinds[days.dates[i]][0], []).append(float(np.log(ratio)))
    return tuple(
        Effect(kind, float(np.exp(sum(logs) / (len(logs) + PRIOR_DAYS))), len(logs))
        for kind, logs in sorted(ratios.items())
    )


def day_factors(
    effects: Sequence[Effect], kinds: type_kinds, dates: Iterable[dt.date]
) -> NDArray[np.float64]:
    """What the learnt effects multiply each date's contacts by. [1]"""
    factors = {effect.kind: effect.factor for effect in effects}
    return np.array(
        [math.prod(factors.get(kind, 1.0) for kind in kinds[day]) for day in dates],
        dtype=float,
    )


def mean_of_last(values: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Mean of each column's last ``n`` known values; NaN where there is none."""
    latest = values[::-1]
    known = ~np.isnan(latest)
    used = known & (np.cumsum(known, axis=0) <= n)
    count = used.sum(axis=0)
    total = np.where(used, latest, 0.0).sum(axis=0)
    mean = np.full(values.shape[1], np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean
