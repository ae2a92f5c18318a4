"""
How far the month may stray from the forecast: possible months, drawn from shocks.

A path of calls is mean × month shock × day shock × interval shock, then Poisson. A
path of handle times is mean × month shock × day shock, of their own.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit, ndtri

PATHS = 1000
WIDEST = 4.0
"""Largest relative variance of a day or an interval: where hardly a call comes. [1]"""

Uniform = Callable[[np.random.Generator, tuple[int, int]], NDArray[np.float64]]


@dataclass(frozen=True)
class Shocks:
    """
    Relative variances of the shocks. [1]

    ``month`` is of the first month, ``later`` of those after it, whose last goes on.
    ``day`` and ``interval`` are of regular days of ``day_volume`` and intervals of
    ``interval_volume`` contacts; with the volume they fall by the powers ``day_fall``
    and ``interval_fall``. ``special``: of a day that is not regular. ``aht``,
    ``aht_month``: of handle times, in a day and in all.
    """

    month: float
    day: float
    interval: float
    aht: float = 0.0
    aht_month: float = 0.0
    special: float = 0.0
    day_volume: float = 1.0
    day_fall: float = 0.0
    interval_volume: float = 1.0
    interval_fall: float = 0.0
    later: tuple[float, ...] = ()

    def of_months(self, first: int, count: int) -> NDArray[np.float64]:
        """Relative variances of so many months from one on, numbered from 1. [1]"""
        known = [self.month, *self.later]
        months = range(first, first + count)
        return np.array([known[min(month, len(known)) - 1] for month in months])

    def of_days(
        self, volume: NDArray[np.float64], regular: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Relative variance of days of so many contacts. [1]"""
        usual = fallen(self.day, volume / self.day_volume, self.day_fall)
        return np.where(regular, usual, np.maximum(usual, self.special))

    def of_intervals(self, volume: NDArray[np.float64]) -> NDArray[np.float64]:
        """Relative variance of intervals of so many contacts. [1]"""
        return fallen(self.interval, volume / self.interval_volume, self.interval_fall)


PRIOR = Shocks(
    month=0.05**2, day=0.08**2, interval=0.05**2, aht=0.03**2, special=0.16**2
)
"""Assumed where there is no past month to learn from; as a month, weighs one origin."""


def fallen(
    variance: float, volume: NDArray[np.float64], fall: float
) -> NDArray[np.float64]:
    """A relative variance at other volumes, in units of its own; at most WIDEST."""
    if fall == 0.0:
        return np.full(len(volume), variance)
    return np.minimum(variance * np.maximum(volume, 1e-9) ** -fall, WIDEST)


def sample_paths(
    mean: NDArray[np.float64],
    starts: pd.DatetimeIndex,
    shocks: Shocks,
    *,
    seed: int,
    queue: str,
    paths: int = PATHS,
    regular: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """
    Possible months: contacts in each interval, shape (paths, intervals).

    ``regular`` says of each interval whether its day is; None: all are. Each queue
    draws from a stream of its own, so that neither the other queues nor their
    order change it.
    """
    rng = np.random.default_rng([seed, zlib.crc32(queue.encode())])
    rate = _rates(rng, _uniform, mean, starts, shocks, paths, regular)
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
    regular: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Possible months, before Poisson: expected contacts, and mean handle times [s].

    Both of shape (paths, intervals). The shocks of a month or day are spread evenly
    over its law, in an order of its own: few paths show the rare shocks too. The
    stream is the queue's own, and not that of ``sample_paths``.
    """
    rng = np.random.default_rng([seed, zlib.crc32(queue.encode()), 1])
    rate = _rates(rng, _even, mean, starts, shocks, paths, regular)
    codes, days = pd.factorize(starts.date)
    whole = lognormal(_even(rng, (paths, 1)), shocks.aht_month)
    of_days = lognormal(_even(rng, (paths, len(days))), shocks.aht)
    of_days /= of_days.mean(axis=0)
    return rate, aht_s * of_days[:, codes] * (whole / whole.mean())


def _rates(
    rng: np.random.Generator,
    uniform: Uniform,
    mean: NDArray[np.float64],
    starts: pd.DatetimeIndex,
    shocks: Shocks,
    paths: int,
    regular: NDArray[np.bool_] | None,
) -> NDArray[np.float64]:
    """Expected contacts, shape (paths, intervals)."""
    number = np.asarray(starts.year * 12 + starts.month)
    month_codes, months = pd.factorize(number)
    first, last = (number.min(), number.max()) if len(number) else (0, 0)
    variances = shocks.of_months(1, int(last - first) + 1)
    day_codes, days = pd.factorize(starts.date)
    is_regular = np.ones(len(days), dtype=bool)
    if regular is not None:
        is_regular[day_codes] = regular
    volume = np.bincount(day_codes, mean, minlength=len(days)).astype(np.float64)
    of_months = lognormal(uniform(rng, (paths, len(months))), variances[months - first])
    of_days = log_logistic(
        uniform(rng, (paths, len(days))), shocks.of_days(volume, is_regular)
    )
    if uniform is _even:
        of_months /= of_months.mean(axis=0)
        of_days /= of_days.mean(axis=0)
    rate = mean * of_months[:, month_codes]
    rate *= of_days[:, day_codes]
    variance = shocks.of_intervals(mean)
    if (variance > 0.0).all() and len(mean):
        rate *= rng.gamma(1.0 / variance, variance, rate.shape)
    return rate


def _uniform(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Draws from (0, 1)."""
    return np.maximum(rng.random(shape), 1e-12)


def _even(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float64]:
    """In each column, in random order, the middles of as many parts of (0, 1)."""
    middles = (np.arange(shape[0]) + 0.5) / shape[0]
    return rng.permuted(np.broadcast_to(middles[:, None], shape), axis=0)


def lognormal(
    u: NDArray[np.float64], variance: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Log-normal quantiles of mean 1 and the relative variance, of all or a column."""
    sigma = np.log1p(variance) ** 0.5
    return np.asarray(np.exp(sigma * ndtri(u) - sigma**2 / 2.0))


def log_logistic(
    u: NDArray[np.float64], variance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Log-logistic quantiles of mean 1, each column of ``u`` of its relative variance.

    Notes
    -----
    Days stray like normal ones mostly, and far more often than those by much. Of the
    scale s, the mean is πs / sin πs, and the relative variance tan(πs) / (πs) − 1.
    """
    low, high = np.zeros(len(variance)), np.full(len(variance), np.pi / 2.0)
    for _ in range(60):
        x = (low + high) / 2.0
        above = np.tan(x) > (1.0 + variance) * x
        low, high = np.where(above, low, x), np.where(above, x, high)
    scale = np.where(variance > 0.0, low, 0.0) / np.pi
    return np.asarray(np.exp(logit(u) * scale) * np.sinc(scale))
