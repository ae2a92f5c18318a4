"""
The load that is there: handle times carried over the borders of intervals.

A half-hour's calls keep agents busy in the next one too, and the first minutes after
opening are quiet, as nobody is on the phone yet. The modified offered load is the
mean number of calls in progress were there agents for all (M(t)/M/∞).
"""

from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from staffing.erlang.b import checked
from staffing.erlang.c import checked_aht

Floats = NDArray[np.float64]
LoadRule = Literal["mol", "mol_max", "sipp"]
RAMP = 0.25
"""Weight of the variance within an interval over the root of its mean."""


@njit("UniTuple(float64, 3)(float64, float64, float64, float64)", cache=True)
def _stretch(
    calls: float, target: float, aht_s: float, time_s: float
) -> tuple[float, float, float]:
    """Everybody is served: calls at the end, and integrals of calls and calls²."""
    gap, left = calls - target, np.exp(-time_s / aht_s)
    first = gap * aht_s * (1.0 - left)
    second = gap * gap * aht_s * (1.0 - left * left) / 2.0
    squares = target * target * time_s + 2.0 * target * first + second
    return target + gap * left, target * time_s + first, squares


@njit(
    "UniTuple(float64, 3)(float64, float64, UniTuple(float64, 3), float64)",
    cache=True,
)
def _backlog(
    calls: float, target: float, pace: tuple[float, float, float], time_s: float
) -> tuple[float, float, float]:
    """All seats are busy, who waits may hang up: time used, calls, their integral."""
    seats, aht_s, patience_s = pace
    slope = (target - seats) / aht_s  # of the queue, without those who hang up
    waiting = calls - seats
    if patience_s == np.inf:
        if slope < 0.0:
            time_s = min(time_s, -waiting / slope)
        end = waiting + slope * time_s
        return time_s, seats + end, (seats + (waiting + end) / 2.0) * time_s
    rest = slope * patience_s  # where the queue would settle
    if rest < 0.0:
        time_s = min(time_s, patience_s * np.log1p(-waiting / rest))
    end, area, _ = _stretch(waiting, rest, patience_s, time_s)
    return time_s, seats + end, seats * time_s + area


@njit(
    "UniTuple(float64[::1], 3)(float64[::1], float64[::1], float64[::1], "
    "float64, float64, float64)",
    cache=True,
)
def _loads(
    target: Floats,
    aht_s: Floats,
    seats: Floats,
    interval_s: float,
    patience_s: float,
    start: float,
) -> tuple[Floats, Floats, Floats]:
    """Mean and variance of the modified offered load, and the highest."""
    count = len(target)
    mean, spread, highest = np.zeros(count), np.zeros(count), np.zeros(count)
    free = held = start  # calls in progress with agents for all, and with these seats
    for i in range(count):
        before = free
        free, area, squares = _stretch(free, target[i], aht_s[i], interval_s)
        mean[i] = area / interval_s
        spread[i] = max(0.0, squares / interval_s - mean[i] ** 2)
        highest[i] = max(before, free)
        left, held_area = interval_s, 0.0
        while left > 0.0:
            if held > seats[i] or (held == seats[i] and target[i] > held):
                pace = (seats[i], aht_s[i], patience_s)
                used, held, area = _backlog(held, target[i], pace, left)
                if used < left:
                    held = seats[i]
            else:
                used = left
                if target[i] > seats[i]:
                    ratio = (target[i] - held) / (target[i] - seats[i])
                    used = min(left, aht_s[i] * np.log(ratio))
                held, area, _ = _stretch(held, target[i], aht_s[i], used)
                if used < left:
                    held = seats[i]
            left -= used
            held_area += area
        if held_area > mean[i] * interval_s * (1.0 + 1e-12):
            mean[i], spread[i] = held_area / interval_s, 0.0
            highest[i] = max(highest[i], mean[i])
    return mean, spread, highest


def loads_for(
    offered: ArrayLike,
    *,
    aht_s: ArrayLike,
    interval_s: float,
    rule: LoadRule = "mol",
    seats: ArrayLike = np.inf,
    patience_s: float | None = None,
    was_open: bool = False,
) -> Floats:
    """
    Load of consecutive intervals that their agents are to be solved for.

    Parameters
    ----------
    offered : array_like, shape (I,)
        Contacts of consecutive intervals, 0 where closed, at a steady rate within
        each. [contacts], ≥ 0
    aht_s : array_like, broadcastable to (I,)
        Mean handle time. [s], > 0
    interval_s : float
        Length of an interval. [s], > 0
    rule : {"mol", "mol_max", "sipp"}
        The modified offered load with what its ramps cost (see Notes), its highest
        within the interval, or each interval by itself: offered·AHT/interval.
    seats : array_like, broadcastable to (I,)
        Agents that are at most there: what they cannot serve is carried over.
    patience_s : float, optional
        Mean time that a waiting caller stays; None: for ever. [s], > 0
    was_open : bool
        The queue was open before: it starts at the first interval's load, not empty.

    Returns
    -------
    ndarray of float, shape (I,)
        Load. [erlang]; above the calls in progress where a backlog is carried over.

    Notes
    -----
    Within an interval the calls in progress follow a' = λ - a/AHT [1]_, solved in
    closed form. A plan for their mean m misses its target where they rise or fall
    steeply (after opening by 10 to 35 points of service level), as the busiest
    minutes cost more than the quiet ones gain. Half the variance times the curvature
    of the service level over its slope, of the order 1/√m, repairs that:
    m + RAMP·variance/√m, at most the highest. RAMP = 1/4 was chosen by simulating
    openings of 10, 40 and 150 erlangs and is tested on others. Where nobody arrives,
    nobody waits for it: the mean alone.

    With all ``seats`` busy, calls follow x' = λ - seats/AHT - (x - seats)/patience.
    The load is the larger of the means of a and x.

    References
    ----------
    .. [1] Green, Kolesar and Whitt (2007), Production and Operations Management
       16:13-39.

    Examples
    --------
    20 calls of 15 minutes in each half-hour, from opening on, and after closing:

    >>> loads_for([20, 20, 20, 0], aht_s=900, interval_s=1800).round(2)
    array([6.29, 9.42, 9.92, 4.31])
    >>> loads_for([20, 20, 20, 0], aht_s=900, interval_s=1800, rule="sipp")
    array([10., 10., 10.,  0.])
    """
    must = "a finite number of contacts, 0 or more"
    calls = checked("offered", offered, lambda x: (x >= 0) & (x < np.inf), must)
    aht = np.broadcast_to(checked_aht(aht_s), calls.shape)
    target = calls * aht / interval_s
    if rule == "sipp" or not len(calls):
        return target
    must = "a number of agents, 0 or more"
    most = np.broadcast_to(checked("seats", seats, lambda x: x >= 0, must), calls.shape)
    mean, spread, highest = _loads(
        target,
        np.array(aht),
        np.array(most),
        float(interval_s),
        np.inf if patience_s is None else float(patience_s),
        float(target[0]) if was_open else 0.0,
    )
    ramp = highest - mean
    if rule == "mol":
        ramp = np.minimum(ramp, RAMP * spread / np.sqrt(np.where(mean > 0, mean, 1.0)))
    return np.where(target > 0, mean + ramp, mean)
