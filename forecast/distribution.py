"""
How far the month may stray from the forecast: variances learnt, paths drawn.

A path of calls is mean × month shock × day shock × interval shock, then Poisson. The
variances of the shocks come from planning past months with the same model:
what errors of half-hours, days and months remain above Poisson noise. A path of
handle times is mean × day shock.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.aht import RECENT_DAYS, aht_for
from forecast.models.base import Model, Series

BLOCK_DAYS = 28
MAX_ORIGINS = 13
"""Past cutoffs, a block apart: a year."""
LEAST_BLOCK_DAYS = 7
PATHS = 1000

Lognormal = Callable[[np.random.Generator, float, tuple[int, int]], NDArray[np.float64]]


@dataclass(frozen=True)
class Shocks:
    """Relative variances of the shocks; ``aht``: of a day's handle times. [1]"""

    month: float
    day: float
    interval: float
    aht: float = 0.0


PRIOR = Shocks(month=0.05**2, day=0.08**2, interval=0.05**2, aht=0.03**2)
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
    Variances of the calls' shocks, from the errors of intervals, days and blocks.

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


def aht_variance(rows: pd.DataFrame) -> float:
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
    One-way analysis of variance by day, over the days that ``aht_for`` learns from.
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
    usual_s = aht_for(timed, starts, None)
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
    rate = _rates(rng, _lognormal, mean, starts, shocks, paths)
    return rng.poisson(rate).astype(np.float64)


def even_paths(
    mean: NDArray[np.float64],
    aht_s: NDArray[np.float64],
    starts: pd.DatetimeIndex,
    shocks: Shocks,
    *,
    seed: int,
    queue: str,
    paths: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Possible months, before Poisson: expected contacts, and mean handle times [s].

    Both of shape (paths, intervals). The shocks of a month or day are spread evenly
    over its law, in an order of its own: few paths show the rare shocks too. The
    stream is the queue's own, and not that of ``sample_paths``.
    """
    rng = np.random.default_rng([seed, zlib.crc32(queue.encode()), 1])
    rate = _rates(rng, _even_lognormal, mean, starts, shocks, paths)
    codes, days = pd.factorize(starts.date)
    return rate, aht_s * _even_lognormal(rng, shocks.aht, (paths, len(days)))[:, codes]


def _rates(
    rng: np.random.Generator,
    lognormal: Lognormal,
    mean: NDArray[np.float64],
    starts: pd.DatetimeIndex,
    shocks: Shocks,
    paths: int,
) -> NDArray[np.float64]:
    """Expected contacts, shape (paths, intervals)."""
    month_codes, months = pd.factorize(starts.tz_localize(None).to_period("M"))
    day_codes, days = pd.factorize(starts.date)
    rate = mean * lognormal(rng, shocks.month, (paths, len(months)))[:, month_codes]
    rate *= lognormal(rng, shocks.day, (paths, len(days)))[:, day_codes]
    if shocks.interval > 0.0:
        rate *= rng.gamma(1.0 / shocks.interval, shocks.interval, rate.shape)
    return rate


def _lognormal(
    rng: np.random.Generator, variance: float, shape: tuple[int, int]
) -> NDArray[np.float64]:
    """Draws of mean 1 and the given variance."""
    sigma2 = np.log1p(variance)
    return rng.lognormal(-sigma2 / 2.0, np.sqrt(sigma2), shape)


def _even_lognormal(
    rng: np.random.Generator, variance: float, shape: tuple[int, int]
) -> NDArray[np.float64]:
    """In each column, in random order, as many quantiles as rows; of mean 1."""
    normal = NormalDist()
    middles = [normal.inv_cdf((row + 0.5) / shape[0]) for row in range(shape[0])]
    values = np.exp(np.sqrt(np.log1p(variance)) * np.array(middles))
    columns = np.broadcast_to((values / values.mean())[:, None], shape)
    return np.asarray(rng.permuted(columns, axis=0))
