"""
Dynamic harmonic regression with ARMA(1, 1) errors, on the square root of the contacts.

Waves over the day, the week and the month, fitted to the open intervals, and what
is left of the latest errors. The square root makes counts of any size vary alike; the
variance of the root is added when it is squared again, so that the mean is kept.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.intervals import Calendar, local_dates
from forecast.kinds import all_kinds
from forecast.models.base import Effect, Series
from forecast.models.effects import day_factors, learnt_effects
from forecast.models.waves import month_phase, waves
from forecast.profile import awake_days, clock_slots, filled

WEEKS = 26
"""How far back it looks: a level of years ago is no level to return to. [weeks]"""
DAY_WAVES, WEEK_WAVES, MONTH_WAVES = 10, 16, 3
MONTH_PENALTY_DAYS = 6.0
"""Days that pull towards no effect of the month. [days]"""
LEAST_ERRORS = 30
"""Errors from which on their correlation is worth a try. [intervals]"""
NEAR_WEEKS = 8


@dataclass(frozen=True)
class HarmonicRegression:
    """Waves over day, week and month, with ARMA(1, 1) errors."""

    min_days: int = 42
    name: str = "harmonic"

    def fit(self, series: Series) -> FittedHarmonic:
        """Fit the waves to the regular days, and the errors that they leave."""
        calendar, queue = series.calendar, series.queue
        days, kinds, regular = series.days, series.kinds, series.regular
        effects = learnt_effects(days, regular, kinds, NEAR_WEEKS, series.shared)
        codes, _ = pd.factorize(local_dates(series.starts))
        used = regular & awake_days(days.counted())
        told = series.starts[used[codes] & ~np.isnan(series.offered)]
        last = told[-1] if len(told) else series.starts[-1]
        late = series.starts > last - pd.Timedelta(weeks=WEEKS)
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
        Fit by Hannan and Rissanen's regressions, held to what is stationary.

        Fewer errors than ``LEAST_ERRORS``, or none at all, are taken as uncorrelated.
        """
        if len(errors) < LEAST_ERRORS or not errors.any():
            variance = float((errors**2).mean()) if len(errors) else 0.0
            return cls(0.0, 0.0, variance, 0.0, 0.0)
        # Imported where they are used, for they take seconds.
        from scipy.signal import lfilter
        from statsmodels.tsa.arima.estimators.hannan_rissanen import hannan_rissanen

        with warnings.catch_warnings():  # of waves without noise: any answer will do
            warnings.simplefilter("ignore")
            found, _ = hannan_rissanen(errors, 1, 1, demean=False, unbiased=False)
        phi = float(np.clip(found.ar_params[0], 0.0, 0.999))
        theta = float(np.clip(found.ma_params[0], -0.9, 0.9))
        shocks = lfilter([1.0, -phi], [1.0, theta], errors)
        variance = float((shocks**2).mean())
        return cls(phi, theta, variance, float(errors[-1]), float(shocks[-1]))

    def ahead(
        self, steps: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and variance of r so many steps after the last one; steps ≥ 1."""
        more = self.phi ** (steps - 1.0)
        mean = more * (self.phi * self.last + self.theta * self.last_shock)
        spread = (self.phi + self.theta) ** 2 / (1.0 - self.phi**2)
        return mean, self.variance * (1.0 + spread * (1.0 - more**2))


def _weekly_waves(weekdays: int, slots: int) -> NDArray[np.float64]:
    """
    A constant, and the waves of the day and of the week: (7, slots, columns).

    Of few slots, no more waves than they can tell apart.
    """
    slot, weekday = np.arange(slots), np.arange(weekdays)[:, None]
    day = np.broadcast_to(slot / slots, (weekdays, slots))
    week = (weekday + day) / weekdays
    most = (weekdays * slots - 1) // 2
    turns = [n for n in range(1, min(WEEK_WAVES, most) + 1) if n % 7]  # 7n: the day's
    columns = [waves(week * n, 1) for n in turns]
    day_waves = min(DAY_WAVES, (slots - 1) // 2)
    return np.concatenate(
        [np.ones((weekdays, slots, 1)), waves(day, day_waves), *columns], -1
    )


def _penalised(
    x: NDArray[np.float64], y: NDArray[np.float64], pull: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Least squares with a penalty for each coefficient; of many the smallest."""
    rows = np.vstack([x, np.diag(np.sqrt(pull))])
    answer = np.linalg.lstsq(rows, np.append(y, np.zeros(len(pull))), rcond=None)[0]
    return np.asarray(answer)
