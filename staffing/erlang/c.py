"""Erlang C: callers who find every agent busy wait, and nobody hangs up."""

from typing import NamedTuple

import numpy as np
from numba import njit, vectorize
from numpy.typing import ArrayLike, NDArray

from staffing.erlang.b import (
    blocking_probability,
    checked,
    checked_load,
    checked_real_agents,
    each,
)


class Metrics(NamedTuple):
    """What callers and agents meet, each an array of the broadcast shape."""

    p_wait: NDArray[np.float64]  # share of callers who wait [1]
    asa_s: NDArray[np.float64]  # mean wait of all callers [s]
    service_level: NDArray[np.float64]  # share answered within threshold_s [1]
    occupancy: NDArray[np.float64]  # busy time / logged-in time [1]


def checked_aht(aht_s: ArrayLike) -> NDArray[np.float64]:
    """Mean handling time as floats. [s]"""
    return checked(
        "aht_s",
        aht_s,
        lambda x: (x > 0) & (x < np.inf),
        "a finite number of seconds above 0",
    )


def checked_threshold(threshold_s: ArrayLike) -> NDArray[np.float64]:
    """Threshold of the service level as floats. [s]"""
    return checked(
        "threshold_s",
        threshold_s,
        lambda x: (x >= 0) & (x < np.inf),
        "a finite number of seconds, 0 or more",
    )


@njit("UniTuple(float64, 3)(float64, float64, float64, float64, float64)", cache=True)
def _waiting(
    load: float, agents: float, blocking: float, aht_s: float, threshold_s: float
) -> tuple[float, float, float]:
    """P(wait), ASA and service level, where agents exceed the load."""
    spare = agents - load
    scale = spare + load * blocking
    p_wait = agents * blocking / scale
    no_wait = spare * (1.0 - blocking) / scale  # 1 - p_wait would cancel
    served_in_time = -np.expm1(-spare * threshold_s / aht_s)
    level = min(no_wait + p_wait * served_in_time, 1.0)  # not 1.0000000000000002
    return p_wait, p_wait * aht_s / spare, level


@njit("float64[:, ::1](float64[:, ::1])", cache=True)
def _metrics(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(wait), ASA, service level, occupancy of load, agents, B, AHT and threshold."""
    results = np.empty((4, rows.shape[1]))
    for i in range(rows.shape[1]):
        load, agents, blocking = rows[0, i], rows[1, i], rows[2, i]
        aht_s, threshold_s = rows[3, i], rows[4, i]
        p_wait, asa_s, level, busy = 0.0, 0.0, 1.0, 0.0
        if load > 0.0 and agents <= load:
            p_wait, asa_s, level, busy = 1.0, np.inf, 0.0, 1.0
        elif load > 0.0:
            p_wait, asa_s, level = _waiting(load, agents, blocking, aht_s, threshold_s)
            busy = load / agents
        results[0, i], results[1, i] = p_wait, asa_s
        results[2, i], results[3, i] = level, busy
    return results


@vectorize(["int64(" + ", ".join(["float64"] * 8) + ")"], cache=True)  # type: ignore[no-untyped-call, untyped-decorator] # numba is untyped
def fewest_agents(
    load: float,
    agents: float,
    inverse_b: float,
    aht_s: float,
    service_level: float,
    threshold_s: float,
    asa_s: float,
    max_occupancy: float,
) -> int:
    """
    The first number of agents, counted up from ``agents``, that meets the targets.

    ``agents`` exceed the load, and ``inverse_b`` is 1/B for them. NaN stands for a
    target that is not given: nothing compares as worse than NaN.
    """
    if load == 0.0:
        return 0
    # Those who surely miss, by more than rounding, are passed without exp or P(wait).
    late, slow_s = 1.0 - service_level + 1e-9, asa_s * (1.0 + 1e-9)
    per_agent = np.exp(-threshold_s / aht_s)
    still_there = np.exp((load - agents) * threshold_s / aht_s)
    while True:
        spare = agents - load
        scale = inverse_b * spare + load  # n / P(wait)
        if not (
            agents * still_there > late * scale
            or agents * aht_s > slow_s * spare * scale
            or load > agents * max_occupancy
        ):
            break
        agents += 1.0
        inverse_b = 1.0 + agents / load * inverse_b
        still_there *= per_agent
    while True:
        _, wait_s, level = _waiting(load, agents, 1.0 / inverse_b, aht_s, threshold_s)
        if not (
            level < service_level or wait_s > asa_s or load > agents * max_occupancy
        ):
            return int(agents)
        agents += 1.0
        inverse_b = 1.0 + agents / load * inverse_b


@np.errstate(over="ignore")  # a wait may be inf
def metrics(
    load: ArrayLike, agents: ArrayLike, *, aht_s: ArrayLike, threshold_s: ArrayLike
) -> Metrics:
    """
    Waiting, service level and occupancy of a queue that nobody leaves unanswered.

    Parameters
    ----------
    load : array_like, shape S
        Offered load λ·AHT. [erlang], ≥ 0
    agents : array_like, shape broadcastable with S
        Agents on the queue, whole or not. [agents], ≥ 0
    aht_s : array_like, shape broadcastable with S
        Mean handling time. [s], > 0
    threshold_s : array_like, shape broadcastable with S
        The T of "answered within T". [s], ≥ 0

    Returns
    -------
    Metrics
        ``p_wait`` [1], ``asa_s`` [s], ``service_level`` [1] and ``occupancy`` [1],
        arrays of the broadcast shape. Where agents do not exceed the load the
        queue grows without end: 1, inf, 0 and 1. Where the load is 0, with or
        without agents: 0, 0, 1 and 0.

    Raises
    ------
    ValueError
        Where a value is NaN or out of its range.

    Notes
    -----
    With B from Erlang B, n agents and load a: C = nB / (n - a + aB),
    1 - C = (n - a)(1 - B) / (n - a + aB), ASA = C·AHT/(n - a) and
    SL = (1 - C) + C·(1 - exp(-(n - a)·T/AHT)), so that nothing cancels. Between
    whole numbers of agents B is continued as in Erlang B.

    Examples
    --------
    100 calls of 180 s in half an hour, 14 agents:

    >>> kpi = metrics(10.0, 14, aht_s=180.0, threshold_s=20.0)
    >>> kpi.service_level.round(4), kpi.asa_s.round(2)
    (np.float64(0.8884), np.float64(7.84))
    """
    load, agents = checked_load(load), checked_real_agents(agents)
    return Metrics(
        *each(
            _metrics,
            load,
            agents,
            blocking_probability(load, agents),
            checked_aht(aht_s),
            checked_threshold(threshold_s),
        )
    )
