"""
Dynamic harmonic regression with ARMA(1, 1) errors, on the square root of the contacts.

Waves over the day, the week and the month, fitted to the open intervals, and what
is left of the latest errors. The square root makes counts of any size vary alike; the
variance of the root is added when it is squared again, so that the mean is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.intervals import Calendar, local_dates
from forecast.models.base import Effect, Series
from forecast.models.effects import (
    all_kinds,
    day_factors,
    learnt_effects,
    regular_days,
)
from forecast.models.waves import month_phase, waves
from forecast.profile import DayMatrix, awake_days, clock_slots, filled

WEEKS = 26
"""How far back it looks: a level of years ago is no level to return to. [weeks]"""
DAY_WAVES, WEEK_WAVES, MONTH_WAVES = 10, 16, 3
MONTH_PENALTY_DAYS = 6.0
"""Days that pull towards no effect of the month. [days]"""
LONG_LAGS = 20
"""Lags of the autoregression that estimates the shocks. [intervals]"""
NEAR_WEEKS = 8


@dataclass(frozen=True)
class HarmonicRegression:
    """Waves over day, week and month, with ARMA(1, 1) errors."""

    min_days: int = 42
    name: str = "harmonic"

    def fit(self, series: Series) -> FittedHarmonic:
        """Fit the waves to the regular days, and the errors that they leave."""
        calendar, queue = series.calendar, series.queue
        days = DayMatrix.of(series.starts, series.offered, calendar.interval_s)
        kinds = all_kinds(calendar, queue, days.dates)
        regular = regular_days(days, kinds)
        effects = learnt_effects(days, regular, kinds, NEAR_WEEKS)
        codes, _ = pd.factorize(local_dates(series.starts))
        used = regular & awake_days(days.counted())
        late = series.starts > series.starts[-1] - pd.Timedelta(weeks=WEEKS)
        root = np.where(used[codes], np.sqrt(series.offered), np.nan)[late]
        starts, codes = series.starts[late], codes[late]
        known = ~np.isnan(root)
        cells = 7, days.offered.shape[1]
        weekday = np.asarray(starts.day_of_week)
        slot = clock_slots(starts, calendar.interval_s)
        weekly = _weekly_waves(*cells)
        x = np.hstack([weekly[weekday, slot], waves(month_phase(starts), MONTH_WAVES)])
        per_day = known.sum() / max(1, len(np.unique(codes[known])))
        pull = np.zeros(x.shape[1])
        pull[-2 * MONTH_WAVES :] = MONTH_PENALTY_DAYS * per_day
        beta = _penalised(x[known], root[known], pull)
        seen = np.zeros(cells, dtype=bool)
        seen[weekday[known], slot[known]] = True
        error = np.where(known, root - x @ beta, 0.0)
        pattern = weekly @ beta[: -2 * MONTH_WAVES]
        return FittedHarmonic(
            calendar,
            queue,
            effects,
            filled(np.where(seen, pattern, np.nan)),
            beta[-2 * MONTH_WAVES :],
            Arma.fit(error),
            series.starts[-1],
        )


@dataclass(frozen=True)
class FittedHarmonic:
    """Waves laid out by weekday and clock slot, those of the month, and the errors."""

    calendar: Calendar
    queue: str
    effects: tuple[Effect, ...]
    pattern: NDArray[np.float64]
    month: NDArray[np.float64]
    arma: Arma
    last: pd.Timestamp

    def predict(self, starts: pd.DatetimeIndex) -> NDArray[np.float64]:
        """Mean contacts offered in each interval, ≥ 0. [contacts]"""
        if not len(starts):
            return np.zeros(len(starts))
        codes, dates = pd.factorize(local_dates(starts))
        kinds = all_kinds(self.calendar, self.queue, dates)
        factor = day_factors(self.effects, kinds, dates)[codes]
        slot = clock_slots(starts, self.calendar.interval_s)
        root = self.pattern[np.asarray(starts.day_of_week), slot]
        root = root + (waves(month_phase(starts), MONTH_WAVES) * self.month).sum(axis=1)
        first, until = self.last.date(), starts.max().date()
        ahead = self.calendar.open_intervals(self.queue, first, until)
        step = ahead.searchsorted(starts) - ahead.searchsorted(self.last)
        error, variance = self.arma.ahead(np.asarray(step, dtype=np.float64))
        return np.asarray((np.maximum(root + error, 0.0) ** 2 + variance) * factor)


@dataclass(frozen=True)
class Arma:
    """
    r(t) = φ·r(t−1) + e(t) + θ·e(t−1), with the last r and e, and the variance of e.

    Examples
    --------
    >>> Arma(0.5, 0.1, 1.0, 2.0, 0.3).ahead(np.array([1.0, 2.0]))
    (array([1.03 , 0.515]), array([1.  , 1.36]))
    """

    phi: float
    theta: float
    variance: float
    last: float
    last_shock: float

    @classmethod
    def fit(cls, errors: NDArray[np.float64]) -> Arma:
        """
        Two regressions: the first, on the latest errors, estimates the shocks.

        The method: Hannan and Rissanen (1982), Biometrika 69:81-94.
        """
        lags = LONG_LAGS
        if len(errors) <= 2 * lags:
            variance = float((errors**2).mean()) if len(errors) else 0.0
            return cls(0.0, 0.0, variance, 0.0, 0.0)
        past = np.lib.stride_tricks.sliding_window_view(errors[:-1], lags)
        shock = errors[lags:] - past @ _penalised(past, errors[lags:], np.zeros(lags))
        x = np.column_stack([errors[lags:-1], shock[:-1]])
        y = errors[lags + 1 :]
        phi, theta = _penalised(x, y, np.zeros(2))
        phi, theta = float(np.clip(phi, 0.0, 0.999)), float(np.clip(theta, -0.9, 0.9))
        variance = float(((y - x @ [phi, theta]) ** 2).mean())
        return cls(phi, theta, variance, float(errors[-1]), float(shock[-1]))

    def ahead(
        self, steps: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and variance of r so many steps after the last one; steps ≥ 1."""
        more = self.phi ** (steps - 1.0)
        mean = more * (self.phi * self.last + self.theta * self.last_shock)
        spread = (self.phi + self.theta) ** 2 / (1.0 - self.phi**2)
        return mean, self.variance * (1.0 + spread * (1.0 - more**2))


def _weekly_waves(weekdays: int, slots: int) -> NDArray[np.float64]:
    """A constant, and the waves of the day and of the week: (7, slots, columns)."""
    slot, weekday = np.arange(slots), np.arange(weekdays)[:, None]
    day = np.broadcast_to(slot / slots, (weekdays, slots))
    week = (weekday + day) / weekdays
    turns = [n for n in range(1, WEEK_WAVES + 1) if n % 7]  # the others are the day's
    columns = [waves(week * n, 1) for n in turns]
    return np.concatenate(
        [np.ones((weekdays, slots, 1)), waves(day, DAY_WAVES), *columns], -1
    )


def _penalised(
    x: NDArray[np.float64], y: NDArray[np.float64], pull: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Least squares with a penalty for each coefficient; of many the smallest."""
    rows = np.vstack([x, np.diag(np.sqrt(pull))])
    answer = np.linalg.lstsq(rows, np.append(y, np.zeros(len(pull))), rcond=None)[0]
    return np.asarray(answer)
