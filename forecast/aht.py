"""
Handle times: a level that drifts, times the profiles of the day and of the week.

All means are weighted by the contacts handled. How far a clock time, a weekday or
a week is believed follows from the data: the variance between them, beyond chance.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.intervals import DAY_MIN, local_dates

RECENT_DAYS = 364
"""Days of history that level and profiles are taken from. [days]"""
DRIFT_SD = 0.003
"""Usual change of the level in a week, before the history has spoken. [1]"""
DRIFT_SPREAD = 1.0
"""How far another drift is from the usual one: sd of its logarithm. [1]"""
DRIFTS = DRIFT_SD * np.exp(np.linspace(-3.0, 3.0, 13))
"""Changes a week among which the history chooses. [1]"""
ROUNDS = 3
"""Of the alternation between the profiles of the day and of the week."""


@dataclass(frozen=True)
class AhtChange:
    """From ``first`` to ``last`` (None: for good) handle times are × ``effect``."""

    first: dt.date
    effect: float
    last: dt.date | None = None


@dataclass(frozen=True)
class HandleTimes:
    """
    What a history says of handle times, known changes apart.

    ``level_s`` of the last week with handle times, ended on ``until``, has the
    relative ``variance``, and gains ``drift`` with each week after it. [1]
    ``clock`` (shape 1440, by minute after midnight) and ``weekday`` (shape 7,
    Monday first) are factors on it.
    """

    level_s: float
    clock: NDArray[np.float64]
    weekday: NDArray[np.float64]
    variance: float
    drift: float
    until: dt.date

    @classmethod
    def of(
        cls, rows: pd.DataFrame, changes: Sequence[AhtChange] = ()
    ) -> HandleTimes | None:
        """
        Learn from one queue's history up to the cutoff; None without handle times.

        Notes
        -----
        A history before a known change is brought to the level after it. The factor of
        a clock time (of a weekday) is its mean, of W contacts, weighted by
        W·τ²/(W·τ² + c) against the mean of all: τ² is the variance between clock
        times beyond that of chance, c the variance of one contact (of one
        contact's share in a day's mean) within them. The level is a random walk over
        weeks, filtered; its steps have the variance that makes the weeks
        most probable, where DRIFT_SD is the usual and DRIFT_SPREAD its spread.
        """
        timed = rows[rows["aht_s"] > 0] if "aht_s" in rows else rows.iloc[:0]
        if timed.empty:
            return None
        start = timed["interval_start"]
        timed = timed[start > start.max() - pd.Timedelta(days=RECENT_DAYS)]
        starts = pd.DatetimeIndex(timed["interval_start"])
        weight = timed["handled"] if "handled" in timed else timed["offered"]
        weight = weight.fillna(timed["offered"]).fillna(1.0).clip(lower=1.0)
        w = weight.to_numpy(dtype=np.float64)
        y = timed["aht_s"].to_numpy(dtype=np.float64) / change_factor(changes, starts)
        minute = np.asarray(starts.hour * 60 + starts.minute)
        day, dates = pd.factorize(local_dates(starts))
        ordinal = np.array([date.toordinal() for date in dates])
        weekday = (ordinal + 6) % 7
        by_clock, by_weekday = np.ones(DAY_MIN), np.ones(7)
        for _ in range(ROUNDS):
            by_clock = _factors(y / by_weekday[weekday][day], w, minute, DAY_MIN)
            of_day, mean = _means(y / by_clock[minute], w, day, len(dates))
            by_weekday = _factors(mean, of_day, weekday, 7)
        level_s, variance, drift = _filtered(
            mean / by_weekday[weekday], of_day, (ordinal[-1] - ordinal) // 7
        )
        return cls(level_s, by_clock, by_weekday, variance, drift, dates[-1])

    def at(self, starts: pd.DatetimeIndex) -> NDArray[np.float64]:
        """Mean handle time in each interval, without known changes. [s]"""
        minute = np.asarray(starts.hour * 60 + starts.minute)
        weekday = self.weekday[np.asarray(starts.day_of_week)]
        return np.asarray(self.level_s * self.clock[minute] * weekday)

    def level_variance(self, starts: pd.DatetimeIndex) -> float:
        """Relative variance of the level in the middle of these intervals, ≥ 0. [1]"""
        if starts.empty:
            return self.variance
        middle = starts[0] + (starts[-1] - starts[0]) / 2
        weeks = (middle.date() - self.until).days / 7.0
        return self.variance + self.drift * max(0.0, weeks)


def aht_for(
    rows: pd.DataFrame,
    starts: pd.DatetimeIndex,
    default_s: float | None,
    changes: Sequence[AhtChange] = (),
) -> NDArray[np.float64] | None:
    """
    Forecast average handle time of each interval. [s]

    Parameters
    ----------
    rows : DataFrame
        One queue's history up to the cutoff; ``aht_s`` and ``handled`` where
        known.
    starts : DatetimeIndex
        Intervals to forecast, zone-aware.
    default_s : float or None
        Used where the history has no handle times. [s]
    changes : sequence of AhtChange
        What is known to change them, in the history or after it.

    Returns
    -------
    ndarray of float, or None where neither history nor default gives one
    """
    learnt = HandleTimes.of(rows, changes)
    if learnt is None and default_s is None:
        return None
    usual = np.full(len(starts), default_s) if learnt is None else learnt.at(starts)
    return np.asarray(usual * change_factor(changes, starts), dtype=np.float64)


def level_variance(
    rows: pd.DataFrame, starts: pd.DatetimeIndex, changes: Sequence[AhtChange] = ()
) -> float:
    """
    Relative variance of the level that ``aht_for`` gives these intervals, ≥ 0. [1]

    0 where the history has no handle times: a default is taken at its word.
    """
    learnt = HandleTimes.of(rows, changes)
    return 0.0 if learnt is None else learnt.level_variance(starts)


def change_factor(
    changes: Sequence[AhtChange], starts: pd.DatetimeIndex
) -> NDArray[np.float64]:
    """Product of the effects in force in each interval. [1]"""
    date = starts.tz_localize(None).to_numpy().astype("datetime64[D]")
    factor = np.ones(len(starts))
    for change in changes:
        last = change.last or dt.date.max
        factor[(date >= change.first) & (date <= last)] *= change.effect
    return factor


def _means(
    y: NDArray[np.float64], w: NDArray[np.float64], group: NDArray[np.int64], size: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weight and weighted mean of each group, 0 where it has none."""
    weight = np.bincount(group, w, minlength=size)
    total = np.bincount(group, w * y, minlength=size)
    mean = np.divide(total, weight, out=np.zeros(size), where=weight > 0)
    return weight.astype(np.float64), mean


def _chance(
    y: NDArray[np.float64],
    w: NDArray[np.float64],
    group: NDArray[np.int64],
    mean: NDArray[np.float64],
) -> float:
    """
    Variance of a value of weight 1 within its group.

    Where no group has two values, that of exponential handle times.
    """
    free = len(y) - len(np.unique(group))
    if free == 0:
        return float(np.average(y, weights=w) ** 2)
    return float((w * (y - mean[group]) ** 2).sum() / free)


def _factors(
    y: NDArray[np.float64], w: NDArray[np.float64], group: NDArray[np.int64], size: int
) -> NDArray[np.float64]:
    """Each group's mean over that of all, shrunken; 1 for groups that have none."""
    weight, mean = _means(y, w, group, size)
    chance, whole = _chance(y, w, group, mean), float(np.average(y, weights=w))
    spread = w.sum() - (weight**2).sum() / w.sum()
    square = (weight * (mean - whole) ** 2).sum() - chance * ((weight > 0).sum() - 1)
    if spread <= 0.0 or square <= 0.0:
        return np.ones(size)
    signal = weight * square / spread
    belief = np.divide(signal, signal + chance, out=np.zeros(size), where=signal > 0.0)
    return np.asarray(1.0 + belief * (mean / whole - 1.0))


def _filtered(
    y: NDArray[np.float64], w: NDArray[np.float64], weeks_ago: NDArray[np.int64]
) -> tuple[float, float, float]:
    """The last week's level, its relative variance, and that of a week's step."""
    weight, mean = _means(y, w, weeks_ago, int(weeks_ago.max()) + 1)
    whole = float(np.average(y, weights=w))
    chance = _chance(y, w, weeks_ago, mean) / whole**2
    known = np.flatnonzero(weight)[::-1]
    seen = [
        (int(week), float(mean[week] / whole), float(chance / weight[week]))
        for week in known
    ]

    def walk(drift: float) -> tuple[float, float, float]:
        """Level, variance, and the logarithm of the probability of all weeks."""
        before, level, variance = seen[0]
        log_chance = 0.0
        for week, value, noise in seen[1:]:
            variance += drift * (before - week)
            error, total = value - level, variance + noise
            if total > 0.0:
                log_chance -= (math.log(total) + error**2 / total) / 2.0
                level += error * variance / total
                variance *= noise / total
            before = week
        return level, variance, log_chance

    def likely(drift_sd: float) -> float:
        unusual = math.log(drift_sd / DRIFT_SD) / DRIFT_SPREAD
        return walk(drift_sd**2)[2] - unusual**2 / 2.0

    drift = float(max(DRIFTS, key=likely)) ** 2
    level, variance, _ = walk(drift)
    return whole * level, variance, drift
