"""
What the calls so far say of the rest of a day: its level and its slope.

The prior is that of the plan: the day's level strays as forecast.distribution draws
it, each interval by a gamma factor, then Poisson. All is summed over a grid of levels
and slopes, so that days far from their forecast are followed as readily as the law of
the shocks has it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from forecast.distribution import log_logistic

Floats = NDArray[np.float64]

LOGITS = np.linspace(-60.0, 60.0, 1201)
"""Log-odds at which the law of the level is summed: far enough for threefold days."""
STEPS = np.linspace(-3.0, 3.0, 41)
"""Standard deviations at which the normal law of the slope is summed."""
E_TO_1 = float(expit(1.0))
"""The chance whose log-odds are 1."""
LEAST_VARIANCE = 1e-9
"""Relative variance of an interval that stands for none. [1]"""


class Levels(NamedTuple):
    """What the day may be: factors on the plan's calls, and how likely each is."""

    factors: Floats  # (points, intervals) [1]
    weights: Floats  # (points,), adding up to 1
    prior: Floats  # the weights before anything came

    def before(self) -> Levels:
        """As they were before anything came."""
        return self._replace(weights=self.prior)

    def expected(self) -> Floats:
        """Mean factor of each interval. [1]"""
        return np.asarray(self.weights @ self.factors)

    def spread(self, rng: np.random.Generator, paths: int) -> Floats:
        """Factors spread evenly over their law, in random order: (paths, intervals)."""
        middles = (np.arange(paths) + 0.5) / paths
        points = np.searchsorted(np.cumsum(self.weights), middles)
        points = np.minimum(points, len(self.weights) - 1)  # by rounding
        return np.asarray(self.factors[rng.permutation(points)])


def levels_given(
    came: Floats,
    mean: Floats,
    hours: Floats,
    *,
    level_variance: float,
    slope_variance: float,
    interval_variance: Floats,
) -> Levels:
    """
    Factors on a day's calls, given those that came.

    Parameters
    ----------
    came : ndarray, shape (intervals,)
        NaN where not known, as in the rest of the day. [contacts], ≥ 0
    mean : ndarray, shape (intervals,)
        The plan's. [contacts], ≥ 0
    hours : ndarray, shape (intervals,)
        Time of each interval. [h]
    level_variance : float
        Relative variance of the day, log-logistic. [1], ≥ 0
    slope_variance : float
        Of the change of the logarithm by the hour, normal. [1/h²], ≥ 0
    interval_variance : ndarray, shape (intervals,)
        Relative variance of each interval's gamma factor. [1], ≥ 0

    Returns
    -------
    Levels
        Of mean 1 in each interval where nothing is known yet.

    Notes
    -----
    log factor = a + b·(t - t̄), t̄ the mean hour of the plan's calls. A count given its
    factor is negative binomial.
    """
    middle, above = log_logistic(
        np.array([[0.5], [E_TO_1]]), np.array([level_variance])
    )
    level = middle * (above / middle) ** LOGITS[:, None]
    steps = STEPS if slope_variance > 0.0 else np.zeros(1)
    slope = np.sqrt(slope_variance) * steps[:, None]
    centre = np.average(hours, weights=mean) if mean.any() else 0.0
    factors = level[:, None, :] * np.exp(slope * (hours - centre))
    factors = factors.reshape(-1, len(hours))
    prior = np.outer(
        1.0 / np.cosh(LOGITS / 2.0) ** 2, np.exp(-(steps**2) / 2.0)
    ).ravel()
    prior /= prior.sum()
    factors /= prior @ factors
    told = ~np.isnan(came) & (mean > 0.0)
    rate = factors[:, told] * mean[told]
    variance = np.maximum(interval_variance[told], LEAST_VARIANCE)
    counts = came[told]
    likely = counts * np.log(rate)
    likely -= (counts + 1.0 / variance) * np.log1p(variance * rate)
    likelihood = likely.sum(axis=1)
    weights = prior * np.exp(likelihood - likelihood.max())
    return Levels(factors, weights / weights.sum(), prior)


class HandleLevel(NamedTuple):
    """A factor on the plan's handle times: its mean and relative variance. [1]"""

    factor: float
    variance: float


def handle_level_given(
    aht_s: Floats,
    handled: Floats,
    planned_s: Floats,
    *,
    level_variance: float,
    cv: float,
) -> HandleLevel:
    """
    Factor on a day's handle times, given those so far: between 1 and their own.

    Parameters
    ----------
    aht_s, handled : ndarray, shape (intervals,)
        Mean handle times and their contacts; NaN where not known. [s], [contacts]
    planned_s : ndarray, shape (intervals,)
        The plan's. [s], > 0
    level_variance : float
        Relative variance of the day's handle times around the plan's. [1], ≥ 0
    cv : float
        Sd / mean of one handle time. [1], ≥ 0

    Notes
    -----
    Credibility: of N contacts, the ratio to the plan counts for v / (v + cv²/N).
    """
    told = (handled > 0.0) & ~np.isnan(aht_s)
    contacts = handled[told]
    if not contacts.size or level_variance == 0.0:
        return HandleLevel(1.0, level_variance)
    ratio = float((contacts @ aht_s[told]) / (contacts @ planned_s[told]))
    belief = level_variance / (level_variance + cv**2 / float(contacts.sum()))
    return HandleLevel(1.0 + belief * (ratio - 1.0), level_variance * (1.0 - belief))
