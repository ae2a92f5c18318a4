"""The factor that a special day puts on a regular day's contacts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast.history import History
from forecast.kinds import type_kinds
from forecast.models.base import Effect, Series
from forecast.models.shared import OtherQueues, SharedEffects
from forecast.profile import DayMatrix

NEAR_DAYS = 56
"""How far from a special day the regular days lie that it is compared with. [days]"""
SHARED_NEAR = 4
"""Regular days, two on each side, that other queues' special days are compared with."""
PRIOR_DAYS = 0.5
"""Regular days whose weight pulls a learnt effect towards 1. [days]"""
DAY_NOISE = 0.01
"""Relative variance of a day's total beyond Poisson's. [1]"""


class Ratio(NamedTuple):
    """A special day of one kind beside the usual: what it teaches, and from when on."""

    kind: str
    known_by: int
    weight: float
    log: float


def day_ratios(
    days: DayMatrix, regular: NDArray[np.bool_], kinds: type_kinds, near: int
) -> Iterator[Ratio]:
    """
    Past days with one kind only, over regular days near them.

    Notes
    -----
    The ratio is (y+1)/(f+1); y is the day's total, f the mean of the ``near``
    nearest regular days of the same weekday. Its variance is that of days,
    DAY_NOISE, and of counts, 1/f: in days of large volume it weighs
    f/(f + 1/DAY_NOISE). ``known_by`` is the day number of the latest of those days.
    """
    ordinals = days.ordinals
    usual_days = regular & ~np.isnan(days.offered).all(axis=1)
    for i in np.flatnonzero(~regular):
        distance = np.abs(ordinals - ordinals[i])
        around = np.flatnonzero(
            usual_days & (days.weekdays == days.weekdays[i]) & (distance <= NEAR_DAYS)
        )
        if len(kinds[days.dates[i]]) != 1 or not len(around):
            continue
        around = around[np.argsort(distance[around], kind="stable")[:near]]
        usual = mean_of_last(days.offered[around], near)
        both = ~np.isnan(usual) & ~np.isnan(days.offered[i])
        if both.any():
            f = float(usual[both].sum())
            yield Ratio(
                kinds[days.dates[i]][0],
                int(max(ordinals[i], ordinals[around].max())),
                f / (f + 1.0 / DAY_NOISE),
                float(np.log((days.offered[i][both].sum() + 1.0) / (f + 1.0))),
            )


def learnt_effects(
    days: DayMatrix,
    regular: NDArray[np.bool_],
    kinds: type_kinds,
    near: int,
    shared: OtherQueues,
) -> tuple[Effect, ...]:
    """
    Factor of each kind of day, pulled to what other queues saw, and that to 1.

    Of a kind that only other queues saw: what they did.
    """
    ratios: dict[str, list[Ratio]] = {kind: [] for kind in shared.kinds}
    for ratio in day_ratios(days, regular, kinds, near):
        ratios.setdefault(ratio.kind, []).append(ratio)
    effects = []
    for kind, own in sorted(ratios.items()):
        expected, pull = shared.pull(kind, PRIOR_DAYS)
        log = pull * expected + sum(day.weight * day.log for day in own)
        weight = pull + sum(day.weight for day in own)
        effects.append(Effect(kind, math.exp(log / weight), len(own)))
    return tuple(effects)


def shared_effects(history: History) -> SharedEffects:
    """What each queue saw of the calendar's kinds: to be made once, for all queues."""
    rows = []
    for queue in history.queues:
        series = undeclared(Series.of(history, queue))
        if np.isnan(series.offered).all():
            continue
        days, kinds = series.days, series.kinds
        for day in day_ratios(days, series.regular, kinds, SHARED_NEAR):
            known_by = dt.date.fromordinal(day.known_by)
            rows.append((queue, day.kind, known_by, day.weight, day.weight * day.log))
    return SharedEffects.of(rows, history.calendar.learnt)


def undeclared(series: Series) -> Series:
    """The series without declared effects: their days are divided by them."""
    calendar = series.calendar
    factors = calendar.declared_factors(series.queue, series.starts)
    return replace(series, offered=series.offered / factors, calendar=calendar.learnt)


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
