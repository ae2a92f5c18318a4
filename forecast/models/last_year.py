"""Last year × growth: the day 52 weeks before, at the level that the queue has now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.intervals import Calendar, local_dates
from forecast.kinds import all_kinds
from forecast.models.base import Effect, Series
from forecast.models.effects import day_factors, learnt_effects
from forecast.profile import Profile, filled

YEAR_DAYS = 364
"""A year of whole weeks. [days]"""
GROWTH_DAYS = 56
"""The latest days, whose growth over the year before is taken to last. [days]"""
AROUND_DAYS = 28
"""How far another day of the same weekday may stand in for a day. [days]"""
NEAR_WEEKS = 8


@dataclass(frozen=True)
class LastYear:
    """The same weekday of last year, times growth, spread by the profile."""

    min_days: int = 396
    name: str = "last_year"

    def fit(self, series: Series) -> FittedLastYear:
        """Keep the regular days' totals, and compare the latest with last year's."""
        calendar, queue = series.calendar, series.queue
        days, kinds, regular = series.days, series.kinds, series.regular
        profile = series.profile
        total = np.where(regular, profile.totals(days)[0], np.nan)
        by_day = dict(zip(days.ordinals.tolist(), total.tolist(), strict=True))
        last = int(days.ordinals[-1])
        pairs = np.array(
            [
                (by_day.get(day, np.nan), by_day.get(day - YEAR_DAYS, np.nan))
                for day in range(last - GROWTH_DAYS + 1, last + 1)
            ]
        )
        now, before = pairs[~np.isnan(pairs).any(axis=1)].sum(axis=0)
        weekday = np.full((7, 1), np.nan)
        for day in range(7):
            same = total[(days.weekdays == day) & ~np.isnan(total)][-NEAR_WEEKS:]
            weekday[day] = same.mean() if len(same) else np.nan
        return FittedLastYear(
            profile,
            queue,
            calendar,
            learnt_effects(days, regular, kinds, NEAR_WEEKS, series.shared),
            by_day,
            now / before if before > 0 else 1.0,
            filled(weekday)[:, 0],
            last,
        )


@dataclass(frozen=True)
class FittedLastYear:
    """Regular days' totals by day number, their growth, and recent means by weekday."""

    profile: Profile
    queue: str
    calendar: Calendar
    effects: tuple[Effect, ...]
    totals: dict[int, float]
    growth: float
    recent: NDArray[np.float64]
    last: int

    def predict(self, starts: pd.DatetimeIndex) -> NDArray[np.float64]:
        """Mean contacts offered in each interval, ≥ 0. [contacts]"""
        codes, dates = pd.factorize(local_dates(starts))
        kinds = all_kinds(self.calendar, self.queue, dates)
        total = np.array([self._total(day.toordinal()) for day in dates], dtype=float)
        total = total * day_factors(self.effects, kinds, dates)
        share = self.profile.at(starts, self.calendar.interval_s)
        return np.asarray(total[codes] * share)

    def _total(self, day: int) -> float:
        """
        Last year's regular total × growth; of the nearest weeks' where it has none.

        Where no week near it was known, the recent mean of the weekday.
        """
        years = -(-(day - self.last) // YEAR_DAYS)
        source = day - max(1, years) * YEAR_DAYS
        for away in range(0, AROUND_DAYS + 1, 7):
            near = {source - away, source + away}
            known = [self.totals.get(other, np.nan) for other in sorted(near)]
            known = [total for total in known if not np.isnan(total)]
            if known:
                return float(np.mean(known)) * self.growth
        return float(self.recent[(day - 1) % 7])
