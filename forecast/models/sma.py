"""
Seasonal moving average: the mean of the last values of the same weekday and time.

Only regular open days are averaged; holidays and events get a factor of their
own. Hard to beat a month ahead: Taylor (2008), Management Science 54:253-265;
Barrow (2016), J. Business Research 69:6088.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.intervals import Calendar, local_dates
from forecast.models.base import Effect, Series

NEAR_DAYS = 56
"""How far from a special day the regular days lie that it is compared with. [days]"""
PRIOR_DAYS = 0.5
"""Regular days whose weight pulls a learnt effect towards 1. [days]"""


@dataclass(frozen=True)
class SeasonalMovingAverage:
    """Mean of the last ``weeks`` regular values of the same weekday and clock time."""

    weeks: int = 8
    min_days: int = 28

    @property
    def name(self) -> str:
        """As it stands in the forecast table."""
        return f"sma{self.weeks}"

    def fit(self, series: Series) -> FittedAverage:
        """Average the recent regular days, and learn the factors of the others."""
        days = DayMatrix.of(series)
        regular = np.array(
            [not series.calendar.day_kinds(series.queue, day) for day in days.dates],
            dtype=bool,
        )
        if np.isnan(days.offered[regular]).all():
            regular[:] = True  # better than no calls at all
        base = np.full((7, days.offered.shape[1]), np.nan)
        for weekday in range(7):
            base[weekday] = _mean_of_last(
                days.offered[regular & (days.weekdays == weekday)], self.weeks
            )
        effects = _effects(days, regular, series, self.weeks)
        return FittedAverage(_filled(base), series.queue, series.calendar, effects)


@dataclass(frozen=True)
class FittedAverage:
    """Weekday × clock time means, and the factors of special days."""

    base: NDArray[np.float64]
    queue: str
    calendar: Calendar
    effects: tuple[Effect, ...]

    def predict(self, starts: pd.DatetimeIndex) -> NDArray[np.float64]:
        """Mean contacts offered in each interval, ≥ 0. [contacts]"""
        factors = {effect.kind: effect.factor for effect in self.effects}
        dates = local_dates(starts)
        of_date = {
            day: math.prod(
                factors.get(kind, 1.0)
                for kind in self.calendar.day_kinds(self.queue, day)
            )
            for day in set(dates)
        }
        slots = _slots(starts, self.calendar.interval_s)
        factor = np.array([of_date[day] for day in dates], dtype=float)
        mean: NDArray[np.float64] = (
            self.base[np.asarray(starts.day_of_week), slots] * factor
        )
        return mean


@dataclass(frozen=True)
class DayMatrix:
    """A history as dates × clock slots; NaN where closed or missing."""

    dates: list[dt.date]
    weekdays: NDArray[np.int64]
    offered: NDArray[np.float64]

    @classmethod
    def of(cls, series: Series) -> DayMatrix:
        """Lay the series out; a clock slot that comes twice in a day is averaged."""
        step = series.calendar.interval_s
        codes, dates = pd.factorize(local_dates(series.starts))
        slots = _slots(series.starts, step)
        known = ~np.isnan(series.offered)
        total = np.zeros((len(dates), 86400 // step))
        count = np.zeros_like(total)
        np.add.at(total, (codes[known], slots[known]), series.offered[known])
        np.add.at(count, (codes[known], slots[known]), 1.0)
        values = np.divide(
            total, count, out=np.full_like(total, np.nan), where=count > 0
        )
        weekdays = np.array([day.weekday() for day in dates], dtype=np.int64)
        return cls(list(dates), weekdays, values)


def _slots(starts: pd.DatetimeIndex, interval_s: int) -> NDArray[np.int64]:
    """Number of the clock slot of each start: 0 at midnight, the same every day."""
    return np.asarray(
        (starts.hour * 60 + starts.minute) * 60 // interval_s, dtype=np.int64
    )


def _mean_of_last(values: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Mean of each column's last ``n`` known values; NaN where there is none."""
    latest = values[::-1]
    known = ~np.isnan(latest)
    used = known & (np.cumsum(known, axis=0) <= n)
    count = used.sum(axis=0)
    total = np.where(used, latest, 0.0).sum(axis=0)
    mean = np.full(values.shape[1], np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean


def _filled(base: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Means for slots that the weekday never had: the other weekdays' at that time.

    Times of day that no weekday ever had take the nearest known time's.
    """
    known = ~np.isnan(base)
    count = known.sum(axis=0)
    any_day = np.divide(
        np.where(known, base, 0.0).sum(axis=0),
        count,
        out=np.zeros(base.shape[1]),
        where=count > 0,
    )
    slots = np.arange(base.shape[1])
    if (count > 0).any():
        nearest = np.abs(slots[:, None] - slots[count > 0]).argmin(axis=1)
        any_day = any_day[count > 0][nearest]
    return np.where(known, base, any_day)


def _effects(
    days: DayMatrix, regular: NDArray[np.bool_], series: Series, weeks: int
) -> tuple[Effect, ...]:
    """
    Factor of each kind of day: past days of that kind over regular days near them.

    Notes
    -----
    exp(Σ log((y+1)/(f+1)) / (n + PRIOR_DAYS)) over the n past days with one kind
    only; y is the day's total, f the mean of the nearest regular days of the
    same weekday.
    """
    ordinals = np.array([day.toordinal() for day in days.dates])
    ratios: dict[str, list[float]] = {}
    for i in np.flatnonzero(~regular):
        kinds = series.calendar.day_kinds(series.queue, days.dates[i])
        distance = np.abs(ordinals - ordinals[i])
        near = np.flatnonzero(
            regular & (days.weekdays == days.weekdays[i]) & (distance <= NEAR_DAYS)
        )
        if len(kinds) != 1 or not len(near):
            continue
        near = near[np.argsort(-distance[near], kind="stable")]
        usual = _mean_of_last(days.offered[near], weeks)
        both = ~np.isnan(usual) & ~np.isnan(days.offered[i])
        if both.any():
            ratio = (days.offered[i][both].sum() + 1.0) / (usual[both].sum() + 1.0)
            ratios.setdefault(kinds[0], []).append(float(np.log(ratio)))
    return tuple(
        Effect(kind, float(np.exp(sum(logs) / (len(logs) + PRIOR_DAYS))), len(logs))
        for kind, logs in sorted(ratios.items())
    )
