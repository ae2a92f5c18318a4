"""
How far forecasts stray: the variances of the shocks, learnt from past errors.

Each grain is judged given the one above: intervals against the day's total as it
came, days against the block's, blocks against the forecast. So an error counts
once, at the grain where it was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.aht import AhtChange, aht_for
from forecast.distribution import PRIOR, WIDEST, Shocks, fallen

RECENT_DAYS = 56
"""Days whose mean handle times are held against each other. [days]"""
SHARE = 0.8
"""Of the errors: the band that the variances are made to hold. [1]"""
DAY_HALF_WIDTH = 1.2114
"""Half of that band in standard deviations: logistic, ln 9 · √3 / π."""
INTERVAL_HALF_WIDTH = 1.2816
"""The same, normal."""
PRIOR_DAYS, PRIOR_INTERVALS, PRIOR_SPECIAL = 4, 96, 4
"""Days, intervals and days that are not regular that the prior weighs."""
FALLS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Powers by which a relative variance may fall with the volume."""
SURPRISE = 2.0
"""Gain of log-likelihood that a fall must bring. [1]"""
JITTER = (-0.4, -0.2, 0.0, 0.2, 0.4)
"""What smooths whole counts where few contacts come. [contacts]"""


@dataclass(frozen=True)
class Errors:
    """
    Contacts of past intervals: realised, and forecast from a cutoff before them.

    ``block`` numbers the cutoffs; ``regular``: no holiday, no event.
    """

    block: NDArray[np.int64]
    starts: pd.DatetimeIndex
    actual: NDArray[np.float64]
    mean: NDArray[np.float64]
    regular: NDArray[np.bool_]

    @property
    def blocks(self) -> int:
        """Number of cutoffs."""
        return len(np.unique(self.block))

    def where(self, rows: NDArray[np.bool_]) -> Errors:
        """Some of the intervals."""
        return Errors(
            self.block[rows],
            self.starts[rows],
            self.actual[rows],
            self.mean[rows],
            self.regular[rows],
        )

    def sums(self, codes: NDArray[np.int64]) -> tuple[NDArray[np.float64], ...]:
        """Realised and forecast contacts added up by code."""
        return tuple(
            np.bincount(codes, contacts).astype(np.float64)
            for contacts in (self.actual, self.mean)
        )

    def day_codes(self) -> NDArray[np.int64]:
        """A number for each local date."""
        return np.asarray(pd.factorize(self.starts.date)[0], dtype=np.int64)


def shocks_from(errors: Errors) -> Shocks:
    """
    Variances of the calls' shocks, from the errors of intervals, days and blocks.

    Notes
    -----
    Given the total of the grain above, a part that was expected to bring μ, a share s
    of it, errs with the variance (1 − s)·(μ + v·μ²). v is such that the band of
    SHARE holds that share of the errors: a few days without parallel do not
    widen it. v may fall with the volume, where that makes the errors more likely. Of
    blocks, few, it is Σ((y − μ)² − μ) / Σμ², averaged with the prior's. The
    variance of days holds what their intervals bring, and that of blocks
    their days; these are taken off.
    """
    usual = errors.where(errors.regular)
    if usual.mean.sum() <= 0.0:
        return PRIOR
    days = usual.day_codes()
    day_actual, day_mean = usual.sums(days)
    day = _day_law(day_actual, day_mean)
    interval = _law(
        usual.actual,
        usual.mean * _ratio(day_actual, day_mean)[days],
        1.0 - _ratio(usual.mean, day_mean[days]),
        INTERVAL_HALF_WIDTH,
        (PRIOR.interval, PRIOR_INTERVALS),
    )
    square = float((usual.mean**2).sum())
    in_day = square / float((day_mean**2).sum())
    month = _month(usual, day_mean, day.variance)
    of_day = max(0.0, day.variance - month - in_day * interval.variance)
    found = Shocks(
        month,
        of_day,
        interval.variance,
        day_volume=day.volume,
        day_fall=day.fall,
        interval_volume=interval.volume,
        interval_fall=interval.fall,
    )
    return replace(found, special=_special(errors, found))


def month_variance(errors: Errors) -> float:
    """Relative variance of the months alone, as ``shocks_from`` has it. [1]"""
    usual = errors.where(errors.regular)
    if usual.mean.sum() <= 0.0:
        return PRIOR.month
    day_actual, day_mean = usual.sums(usual.day_codes())
    return _month(usual, day_mean, _day_law(day_actual, day_mean).variance)


def _month(usual: Errors, day_mean: NDArray[np.float64], day_variance: float) -> float:
    """Relative variance of blocks beyond that of their days, at most that of a day."""
    block = np.asarray(pd.factorize(usual.block)[0], dtype=np.int64)
    actual, mean = usual.sums(block)
    in_block = float((day_mean**2).sum() / (mean**2).sum())
    n = len(mean)
    excess = float(((actual - mean) ** 2 - mean).sum() / (mean**2).sum())
    whole = (n * max(0.0, excess) + PRIOR.month) / (n + 1)
    month = max(0.0, whole - in_block * day_variance) / max(1e-9, 1.0 - in_block)
    return min(month, day_variance)


def _day_law(actual: NDArray[np.float64], mean: NDArray[np.float64]) -> _Law:
    prior = PRIOR.month + PRIOR.day, PRIOR_DAYS
    return _law(actual, mean, np.ones(len(mean)), DAY_HALF_WIDTH, prior)


@dataclass(frozen=True)
class _Law:
    """A relative variance at a volume, and the power by which it falls with it."""

    variance: float
    volume: float
    fall: float


def _law(
    actual: NDArray[np.float64],
    mean: NDArray[np.float64],
    free: NDArray[np.float64],
    half_width: float,
    prior: tuple[float, int],
) -> _Law:
    """Relative variance of errors above chance's; ``free`` is the share 1 − s."""
    told = (mean > 0.0) & (free > 1e-9)
    actual, mean, free = actual[told], mean[told], free[told]
    if not len(mean):
        return _Law(0.0, 1.0, 0.0)
    volume = float((mean**2).sum() / mean.sum())
    square = (((actual - mean)[:, None] + np.array(JITTER)) / half_width) ** 2
    best, most = _Law(0.0, volume, 0.0), -np.inf
    for fall in FALLS:
        relative = fallen(1.0, mean / volume, fall) * mean**2
        # The variance at which the band just reaches each error.
        reaching = (square / free[:, None] - mean[:, None]) / relative[:, None]
        variance = float(np.clip(np.quantile(reaching, SHARE), 0.0, WIDEST))
        spread = np.sqrt(free * (mean + variance * relative))
        z2 = ((actual - mean) / spread) ** 2
        likely = -float((np.log(spread) + 3.0 * np.log1p(z2 / 5.0)).sum())
        likely -= SURPRISE * (fall > 0.0)
        if likely > most:
            best, most = _Law(variance, volume, fall), likely
    weight = len(mean) / (len(mean) + prior[1])
    variance = weight * best.variance + (1.0 - weight) * prior[0]
    return replace(best, variance=variance)


def _special(errors: Errors, usual: Shocks) -> float:
    """Relative variance of the days that are not regular, beside the month's."""
    special = errors.where(~errors.regular)
    actual, mean = special.sums(special.day_codes())
    told = mean > 0.0
    actual, mean = actual[told], mean[told]
    square = np.clip(((actual - mean) ** 2 - mean) / mean**2, 0.0, WIDEST)
    total = float(square.sum()) + PRIOR_SPECIAL * PRIOR.special
    return max(usual.day, total / (len(square) + PRIOR_SPECIAL) - usual.month)


def _ratio(
    part: NDArray[np.float64], whole: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Part by part; 1 where there is no whole."""
    return np.divide(part, whole, out=np.ones(len(part)), where=whole > 0.0)


def aht_variance(rows: pd.DataFrame, changes: Sequence[AhtChange] = ()) -> float:
    """
    Relative variance of the days' mean handle times beyond that of chance. [1]

    Parameters
    ----------
    rows : DataFrame
        One queue's history up to the cutoff; ``aht_s`` and ``handled`` where known.

    Returns
    -------
    float
        ≥ 0; the prior's where fewer than two days have handle times.

    Notes
    -----
    One-way analysis of variance by day, over the last RECENT_DAYS.
    With y the handle time of an interval relative to its clock time's, w its contacts
    handled, W and Y the sum and mean of a day, Ȳ the mean of all n intervals of D days,

        c = Σ w·(y − Y)² / (n − D),
        τ² = (Σ W·(Y − Ȳ)² − c·(D − 1)) / (ΣW − ΣW²/ΣW).

    A mean of w handle times has the relative variance c/w, whatever their law; where
    a day is one interval, c is taken as 1, that of the exponential.
    """
    timed = rows[rows["aht_s"] > 0] if "aht_s" in rows else rows.iloc[:0]
    start = timed["interval_start"]
    timed = timed[start > start.max() - pd.Timedelta(days=RECENT_DAYS)]
    starts = pd.DatetimeIndex(timed["interval_start"])
    day, days = pd.factorize(starts.date)
    usual_s = aht_for(timed, starts, None, changes)
    if usual_s is None or len(days) < 2:
        return PRIOR.aht
    contacts = timed["handled"] if "handled" in timed else timed["offered"]
    w = contacts.fillna(timed["offered"]).fillna(1.0).clip(lower=1.0).to_numpy()
    y = timed["aht_s"].to_numpy() / usual_s
    of_day = np.bincount(day, w)
    mean = np.bincount(day, w * y) / of_day
    within, free = float((w * (y - mean[day]) ** 2).sum()), len(y) - len(days)
    chance = within / free if free else 1.0
    between = float((of_day * (mean - np.average(y, weights=w)) ** 2).sum())
    spread = float(w.sum() - (of_day**2).sum() / w.sum())
    return max(0.0, (between - chance * (len(days) - 1)) / spread)
