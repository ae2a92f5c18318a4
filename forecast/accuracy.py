"""Accuracy measures: small pure functions of realised and forecast arrays."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def wape(actual: NDArray[np.float64], forecast: NDArray[np.float64]) -> float:
    """Weighted absolute percentage error: Σ|y − f| / Σ y; NaN where Σ y is 0. [1]"""
    return _ratio(np.abs(actual - forecast).sum(), actual.sum())


def bias(actual: NDArray[np.float64], forecast: NDArray[np.float64]) -> float:
    """How much too high the forecast is: Σ(f − y) / Σ y; NaN where Σ y is 0. [1]"""
    return _ratio((forecast - actual).sum(), actual.sum())


def noise_floor(mean: NDArray[np.float64]) -> float:
    """
    WAPE that is left to a forecaster who knows each Poisson mean exactly. [1]

    Notes
    -----
    Σ E|Y − λ| / Σ λ of the means λ. NaN where none is above 0.

    Examples
    --------
    >>> round(noise_floor(np.array([1.0])), 4)  # 2/e
    0.7358
    """
    return _ratio(poisson_deviation(mean).sum(), mean.sum())


def poisson_deviation(mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    E|Y − λ| of Y Poisson of each mean λ; 0 where it is not above 0. [contacts]

    Notes
    -----
    2 e^(−λ) λ^(⌊λ⌋+1) / ⌊λ⌋!
    """
    deviation, above = np.zeros(len(mean)), mean > 0
    lam = mean[above]
    floor = np.floor(lam)
    log_factorial = np.array([math.lgamma(k + 1.0) for k in floor])
    deviation[above] = 2.0 * np.exp(-lam + (floor + 1.0) * np.log(lam) - log_factorial)
    return deviation


def mase(
    actual: NDArray[np.float64],
    forecast: NDArray[np.float64],
    scale: NDArray[np.float64],
) -> float:
    """
    Mean absolute scaled error: the mean of |y − f| / scale. [1]

    ``scale`` [contacts] is a mean absolute error, one for each value: that of the
    weekly naive on the history that the forecast was made from. NaN without values,
    and where a scale is 0 or NaN.
    """
    if not len(actual) or not (scale > 0).all():
        return math.nan
    return float((np.abs(actual - forecast) / scale).mean())


def pinball(
    actual: NDArray[np.float64], quantile: NDArray[np.float64], level: float
) -> float:
    """
    Mean loss of a quantile at ``level``, in (0, 1); NaN without values. [contacts]

    A contact above the quantile costs ``level``, one below it 1 − ``level``: least for
    the true quantile, and at 0.5 half the absolute error.
    """
    if not len(actual):
        return math.nan
    return float(pinball_loss(actual, quantile, level).mean())


def pinball_loss(
    actual: NDArray[np.float64], quantile: NDArray[np.float64], level: float
) -> NDArray[np.float64]:
    """What :func:`pinball` is the mean of."""
    above = actual - quantile
    loss: NDArray[np.float64] = np.maximum(level * above, (level - 1.0) * above)
    return loss


def interval_coverage(
    actual: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> float:
    """
    Share of values from low to high, both included; NaN without values. [1]

    Counts are whole: where few contacts come, the share is above the band's own.
    """
    if not len(actual):
        return math.nan
    return float(((low <= actual) & (actual <= high)).mean())


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan
