"""
Seasonal moving average: the mean of the last values of the same weekday and time.

Only regular open days are averaged; holidays and events get a factor of their
own. Hard to beat a month ahead: Taylor (2008), Management Science 54:253-265;
Barrow (2016), J. Business Research 69:6088. Of one week it is the seasonal naive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.intervals import Calendar, local_dates
from forecast.kinds import AROUND, named_kinds, regular_days
from forecast.models.base import Effect, Series
from forecast.models.effects import (
    NEAR_DAYS,
    day_factors,
    learnt_effects,
    mean_of_last,
)
from forecast.profile import clock_slots, filled


@dataclass(frozen=True)
class SeasonalMovingAverage:
    """
    Mean of the last ``weeks`` regular values of the same weekday and clock time.

    ``weeks`` None: of all of them.
    """

    weeks: int | None = 8
    min_days: int = 28

    @property
    def name(self) -> str:
        """As it stands in the forecast table."""
        if self.weeks == 1:
            return "seasonal_naive"
        return "sma_all" if self.weeks is None else f"sma{self.weeks}"

    def fit(self, series: Series) -> FittedAverage:
        """Average the recent regular days, and learn the factors of the others."""
        calendar, queue = series.calendar, series.queue
        days = series.days
        kinds = named_kinds(calendar, queue, days.dates)
        regular = regular_days(days, kinds)
        base = np.full((7, days.offered.shape[1]), np.nan)
        for weekday in range(7):
            same = days.offered[regular & (days.weekdays == weekday)]
            base[weekday] = mean_of_last(same, self.weeks or len(same))
        near = self.weeks or NEAR_DAYS // 7
        effects = tuple(
            effect
            for effect in learnt_effects(days, regular, kinds, near, series.shared)
            if effect.kind not in AROUND
        )
        return FittedAverage(filled(base), queue, calendar, effects)


@dataclass(frozen=True)
class FittedAverage:
    """Weekday × clock time means, and the factors of special days."""

    base: NDArray[np.float64]
    queue: str
    calendar: Calendar
    effects: tuple[Effect, ...]

    def predict(self, starts: pd.DatetimeIndex) -> NDArray[np.float64]:
        """Mean contacts offered in each interval, ≥ 0. [contacts]"""
        codes, dates = pd.factorize(local_dates(starts))
        kinds = named_kinds(self.calendar, self.queue, dates)
        factor = day_factors(self.effects, kinds, dates)[codes]
        slots = clock_slots(starts, self.calendar.interval_s)
        mean: NDArray[np.float64] = (
            self.base[np.asarray(starts.day_of_week), slots] * factor
        )
        return mean
