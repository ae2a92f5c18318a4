"""
How far the calls may stray from the forecast: variances learnt, paths drawn.

A path is mean × month shock × day shock × interval shock, then Poisson. The
variances of the shocks come from planning past months with the same model:
what errors of half-hours, days and months remain above Poisson noise.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.models.base import Model, Series

BLOCK_DAYS = 28
MAX_ORIGINS = 13
"""Past cutoffs, a block apart: a year."""
LEAST_BLOCK_DAYS = 7
PATHS = 1000


@dataclass(frozen=True)
class Shocks:
    """Relative variances of the month, day and interval shocks. [1]"""

    month: float
    day: float
    interval: float


PRIOR = Shocks(month=0.05**2, day=0.08**2, interval=0.05**2)
"""Assumed where there is no past month to learn from; as a month, weighs one origin."""


@dataclass(frozen=True)
class Backtest:
    """Contacts of past intervals: realised, and forecast from a cutoff before them."""

    origin: NDArray[np.int64]
    starts: pd.DatetimeIndex
    actual: NDArray[np.float64]
    mean: NDArray[np.float64]

    @property
    def origins(self) -> int:
        """Number of cutoffs."""
        return len(np.unique(self.origin))

    def sums(self, codes: NDArray[np.int64]) -> tuple[NDArray[np.float64], ...]:
        """Realised and forecast contacts added up by code."""
        return tuple(
            np.bincount(codes, contacts).astype(np.float64)
            for contacts in (self.actual, self.mean)
        )

    def day_codes(self) -> NDArray[np.int64]:
        """A number for each local date."""
        return np.asarray(pd.factorize(self.starts.date)[0], dtype=np.int64)


def backtest_series(model: Model, series: Series) -> Backtest:
    """
    Forecast the past from cutoffs a block apart, reading nothing later.

    Blocks end at the end of the series; the earliest cutoff leaves the model
    its ``min_days`` from the first known interval. Missing intervals are left out.
    """
    end = series.starts[-1] + pd.Timedelta(seconds=series.calendar.interval_s)
    known = ~np.isnan(series.offered)
    earliest = series.starts[known][0] + pd.Timedelta(days=model.min_days)
    origins = np.full(len(known), -1, dtype=np.int64)
    mean = np.full(len(known), np.nan)
    for origin in range(MAX_ORIGINS):
        until = end - pd.Timedelta(days=BLOCK_DAYS * origin)
        cutoff = max(until - pd.Timedelta(days=BLOCK_DAYS), earliest)
        if until - cutoff < pd.Timedelta(days=LEAST_BLOCK_DAYS):
            break
        rows = (series.starts >= cutoff) & (series.starts < until) & known
        mean[rows] = model.fit(series.before(cutoff)).predict(series.starts[rows])
        origins[rows] = origin
    used = origins >= 0
    return Backtest(
        origins[used], series.starts[used], series.offered[used], mean[used]
    )


def shocks_from(backtest: Backtest) -> Shocks:
    """
    Variances of the shocks that explain the errors of intervals, days and blocks.

    Notes
    -----
    At each grain, α = Σ((y − μ)² − μ) / Σμ² is the relative variance above
    Poisson's. With independent shocks, α_interval = m + d + i,
    α_day = m + d + h·i and α_block = m + g·d + k·i, where h, g and k are
    Σμ²/(Σμ)² of the parts within a day or block. Solved for m, d, i, none
    below zero; α_block, of few blocks, is averaged with the prior's.
    """
    if backtest.mean.sum() <= 0.0:
        return PRIOR
    days = backtest.day_codes()
    day_actual, day_mean = backtest.sums(days)
    block_actual, block_mean = backtest.sums(backtest.origin)
    a_interval = _excess(backtest.actual, backtest.mean)
    a_day = _excess(day_actual, day_mean)
    n = backtest.origins
    a_block = (n * _excess(block_actual, block_mean) + PRIOR.month) / (n + 1)
    square = float((backtest.mean**2).sum())
    h = square / float((day_mean**2).sum())
    k = square / float((block_mean**2).sum())
    g = k / h
    interval = max(0.0, (a_interval - a_day) / (1.0 - h)) if h < 1.0 else 0.0
    day = (
        max(0.0, (a_day - a_block - (h - k) * interval) / (1.0 - g)) if g < 1.0 else 0.0
    )
    month = max(0.0, a_block - g * day - k * interval)
    return Shocks(month, day, interval)


def _excess(actual: NDArray[np.float64], mean: NDArray[np.float64]) -> float:
    """Relative variance of the errors above Poisson's, ≥ 0. [1]"""
    return max(0.0, float((((actual - mean) ** 2) - mean).sum() / (mean**2).sum()))


def sample_paths(
    mean: NDArray[np.float64],
    starts: pd.DatetimeIndex,
    shocks: Shocks,
    *,
    seed: int,
    queue: str,
    paths: int = PATHS,
) -> NDArray[np.float64]:
    """
    Possible months: contacts in each interval, shape (paths, intervals).

    Each queue draws from a stream of its own, so that neither the other queues
    nor their order change it.
    """
    rng = np.random.default_rng([seed, zlib.crc32(queue.encode())])
    month_codes, months = pd.factorize(starts.tz_localize(None).to_period("M"))
    day_codes, days = pd.factorize(starts.date)
    rate = mean * _lognormal(rng, shocks.month, (paths, len(months)))[:, month_codes]
    rate *= _lognormal(rng, shocks.day, (paths, len(days)))[:, day_codes]
    if shocks.interval > 0.0:
        rate *= rng.gamma(1.0 / shocks.interval, shocks.interval, rate.shape)
    return rng.poisson(rate).astype(np.float64)


def _lognormal(
    rng: np.random.Generator, variance: float, shape: tuple[int, int]
) -> NDArray[np.float64]:
    """Draws of mean 1 and the given variance."""
    sigma2 = np.log1p(variance)
    return rng.lognormal(-sigma2 / 2.0, np.sqrt(sigma2), shape)
