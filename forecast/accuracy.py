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
    E|Y − λ| = 2 e^(−λ) λ^(⌊λ⌋+1) / ⌊λ⌋! for Y Poisson of mean λ. NaN where no
    mean is above 0.

    Examples
    --------
    >>> round(noise_floor(np.array([1.0])), 4)  # 2/e
    0.7358
    """
    lam = mean[mean > 0]
    floor = np.floor(lam)
    log_factorial = np.array([math.lgamma(k + 1.0) for k in floor])
    deviation = 2.0 * np.exp(-lam + (floor + 1.0) * np.log(lam) - log_factorial)
    return _ratio(deviation.sum(), mean.sum())


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan
