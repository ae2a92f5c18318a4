"""The simulation: calls in, sums out."""

import heapq
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import ArrayLike, NDArray

from staffing.erlang.b import checked, checked_agents
from staffing.erlang.c import checked_aht, checked_threshold

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


Arrivals = tuple[Floats, Ints]  # arrival_s in order, queue
Callers = tuple[Floats, Ints, Floats, Floats]  # and each one's handle_s, patience_s
Pool = tuple[Floats, float, tuple[float, float]]  # agents, interval_s, the two limits
# The same as numba names them.
_CALLERS = "Tuple((float64[::1], int64[::1], float64[::1], float64[::1]))"
_DRAWN = "Tuple((int64[::1], float64[::1], int64[::1], float64[::1], float64[::1]))"
_POOL = "Tuple((float64[::1], float64, UniTuple(float64, 2)))"


class Result(NamedTuple):
    """Sums of shape (replications, intervals, queues), by the interval of arrival."""

    offered: Floats  # arrived [contacts]
    handled: Floats  # answered, however late [contacts]
    abandoned: Floats  # hung up while waiting: offered - handled [contacts]
    answered_within: Floats  # answered after waiting ≤ threshold_s [contacts]
    short_abandoned: Floats  # hung up after waiting ≤ short_abandon_s [contacts]
    handled_wait_s: Floats  # waits of the handled [s]
    abandoned_wait_s: Floats  # waits of the abandoned [s]
    handle_s: Floats  # handle times of the handled [s]
    busy_s: Floats  # (replications, intervals): time on calls within the interval [s]
    agent_s: Floats  # (intervals,): agents on duty × interval_s [s]


@njit("void(npy_rng, UniTuple(float64, 2), float64[:, ::1])", cache=True)
def unit_times(rng: Generator, sigmas: tuple[float, float], times: Floats) -> None:
    """
    Fill (2, calls) with handle times and patience of mean 1, drawn call by call.

    Exponential where sigma < 0, else log-normal; each always takes a number.
    """
    for call in range(times.shape[1]):
        for which in range(2):
            sigma = sigmas[which]
            times[which, call] = (
                rng.standard_exponential()
                if sigma < 0.0
                else np.exp(sigma * (rng.standard_normal() - 0.5 * sigma))
            )


@njit(f"void({_CALLERS}, {_POOL}, float64[:, :, ::1], float64[::1])", cache=True)
def serve(callers: Callers, pool: Pool, sums: Floats, busy_s: Floats) -> None:
    """Serve the calls in order; add up the first fields of Result, and busy_s."""
    agents, interval_s, (threshold_s, short_abandon_s) = pool
    last = len(agents) - 1
    close_s = np.inf if agents[last] else (last + 1) * interval_s
    # A heap of calls' ends, some long past: they are taken out only when it holds as
    # many as agents are on duty; then the first says when somebody gets free.
    ends = [0.0 for _ in range(0)]
    now, k = 0.0, 0  # until now, in interval k, nobody was free for who waits
    i = 0  # interval of arrival
    for arrived_s, q, handle_s, patience_s in zip(*callers):  # noqa: B905 # unknown to numba
        while i < last and arrived_s >= (i + 1) * interval_s:
            i += 1
        stay_s = min(patience_s, close_s - arrived_s)
        now = max(now, arrived_s)
        while now <= arrived_s + stay_s:
            while k < last and now >= (k + 1) * interval_s:
                k += 1
            while len(ends) > 0 and len(ends) >= agents[k] and ends[0] <= now:
                heapq.heappop(ends)
            if len(ends) < agents[k]:
                break
            soonest = ends[0] if len(ends) > 0 else np.inf
            now = min(soonest, (k + 1) * interval_s if k < last else np.inf)
        sums[0, i, q] += 1
        if now > arrived_s + stay_s:
            sums[2, i, q] += 1
            sums[4, i, q] += stay_s <= short_abandon_s
            sums[6, i, q] += stay_s
            continue
        heapq.heappush(ends, now + handle_s)
        wait_s = min(now - arrived_s, stay_s)
        sums[1, i, q] += 1
        sums[3, i, q] += wait_s <= threshold_s
        sums[5, i, q] += wait_s
        sums[7, i, q] += handle_s
        at, start_s = k, now
        while at <= last and start_s < now + handle_s:
            stop_s = min(now + handle_s, (at + 1) * interval_s)
            busy_s[at] += max(0.0, stop_s - start_s)  # 0 where it starts after closing
            at, start_s = at + 1, stop_s


@njit(
    f"void({_DRAWN}, int64[::1], {_POOL}, float64[:, :, ::1], float64[::1])", cache=True
)
def serve_runs(
    drawn: tuple[Ints, Floats, Ints, Floats, Floats],
    borders: Ints,
    pool: Pool,
    sums: Floats,
    busy_s: Floats,
) -> None:
    """
    The same for runs of intervals between borders, each from empty.

    Calls in order: interval, moment in it, queue, handle_s and patience_s.
    """
    slot, moment, queue, handle_s, patience_s = drawn
    agents, interval_s, within_s = pool
    for run in range(len(borders) - 1):
        first, end = borders[run], borders[run + 1]
        a, b = np.searchsorted(slot, first), np.searchsorted(slot, end)
        time_s = (slot[a:b] - first + moment[a:b]) * interval_s
        cells = np.zeros((8, end - first, sums.shape[2]))
        serve(
            (time_s, queue[a:b], handle_s[a:b], patience_s[a:b]),
            (agents[first:end], interval_s, within_s),
            cells,
            busy_s[first:end],
        )
        sums[:, first:end] = cells


def sigma_of(name: str, cv: float | None) -> float:
    """Of a log-normal law with this sd / mean; -1 stands for the exponential."""
    if cv is None:
        return -1.0
    must = "None (exponential) or a finite number, 0 or more"
    cv = float(checked(name, cv, lambda x: (x >= 0) & (x < np.inf), must))
    return float(np.sqrt(np.log1p(cv * cv)))


def _arrivals(rng: Generator, offered: Floats, interval_s: float) -> Arrivals:
    """Poisson numbers of calls, at uniform times of their intervals."""
    cells = rng.poisson(offered.ravel())
    slot, queue = np.divmod(np.repeat(np.arange(len(cells)), cells), offered.shape[1])
    times = (slot + rng.random(len(slot))) * interval_s
    order = np.argsort(times)
    return times[order], queue[order]


def _given(
    arrival_s: ArrayLike, queue: ArrayLike, interval_s: float, shape: Sequence[int]
) -> Arrivals:
    """Given arrivals, sorted by time; equal times stay as they are."""
    close_s, queues = shape[0] * interval_s, shape[1]
    must = f"a time before closing at {close_s:g} s, 0 or later"
    times = checked("arrival_s", arrival_s, lambda x: (x >= 0) & (x < close_s), must)
    must = f"the number of a queue, 0 to {queues - 1}"
    queue = checked("queue", queue, lambda x: np.isin(x, np.arange(queues)), must)
    order = np.argsort(times, kind="stable")
    return times[order], np.broadcast_to(queue, times.shape)[order].astype(np.int64)


def simulate(
    agents: ArrayLike,
    *,
    aht_s: ArrayLike,
    interval_s: float,
    threshold_s: float,
    seed: int | Sequence[int],
    offered: ArrayLike | None = None,
    arrivals: tuple[ArrayLike, ArrayLike] | None = None,
    patience_s: ArrayLike = np.inf,
    handle_cv: float | None = None,
    patience_cv: float | None = None,
    short_abandon_s: float | None = None,
    replications: ArrayLike = 1,
    warm_up: int = 0,
) -> Result:
    """
    Simulate days of a pool, with Poisson arrivals or given ones.

    Tables have the shape (intervals, queues) or broadcast to it; a one-dimensional
    one has a value for each interval, the same for all queues. A leading axis gives
    each replication a table of its own: a path of a forecast.

    Parameters
    ----------
    agents : array_like of int, shape (intervals,)
        On duty for all queues together. [agents], ≥ 0
    aht_s : table, or one for each replication
        Mean handle time of the calls that arrive in the interval. [s], > 0
    interval_s : float
        Length of an interval. [s], > 0
    threshold_s, short_abandon_s : float
        Longest waits of answered_within and, None for the same, of short_abandoned.
        [s], ≥ 0
    seed : int, or a sequence of them
        Of all random numbers, ≥ 0.
    replications : int or array_like of int
        How many independent days, ≥ 1, or the numbers of some, from 0. 1 stands for
        as many as there are tables, where each replication has its own.
    offered : table, or one for each replication, or None where arrivals are given
        Expected calls, Poisson, uniform within the interval. [contacts], ≥ 0
    arrivals : (arrival_s, queue), two arrays of shape (calls,)
        Seconds after the start in any order (of equals the first is served first),
        and columns of the tables, counted from 0.
    patience_s : array_like, broadcastable to (queues,)
        Mean time a caller would wait. [s], ≥ 0; 0 not at all, inf for ever
    handle_cv, patience_cv : float, optional
        Sd / mean of handle times and patience: None is the exponential law, a number
        the log-normal one, of which 0 is the constant. [1], ≥ 0
    warm_up : int
        How often the first interval is run before the day, uncounted, to start in its
        steady state; 0 starts empty.

    Returns
    -------
    Result
        Every call is resolved: handled, after closing too, or abandoned. A ValueError
        says what is NaN or out of its range.

    Notes
    -----
    Replication r draws from PCG64 seeded with SeedSequence(seed, spawn_key=(r,)): the
    first k of n are those of k alone. Agents change no draw: with one seed, two
    staffings meet the same calls. The same versions of numpy and numba on the same
    kind of machine repeat each bit; elsewhere the last bit of exp() may differ.

    Examples
    --------
    Days of 20 half-hours, 100 calls of 180 s in each; by Erlang C, 0.8884:

    >>> from staffing.simulate import kpis
    >>> days = simulate([14] * 20, offered=100.0, aht_s=180.0, interval_s=1800.0,
    ...                 threshold_s=20.0, seed=1, replications=400, warm_up=4)
    >>> level = kpis(days).service_level
    >>> abs(level.value - 0.8884) < 3 * level.se
    array([ True])
    """
    if (offered is None) == (arrivals is None) or (arrivals is not None and warm_up):
        raise ValueError("offered or arrivals: give one; warm_up goes with offered.")
    which = np.asarray(replications)
    if which.min() < (which.ndim == 0) or warm_up < 0:
        raise ValueError("replications must be 1 or more, and warm_up 0 or more.")
    must = "a finite number of seconds above 0"
    checked("interval_s", interval_s, lambda x: (x > 0) & (x < np.inf), must)
    short_s = threshold_s if short_abandon_s is None else short_abandon_s
    within_s = float(checked_threshold(threshold_s)), float(checked_threshold(short_s))
    must = "a number of seconds, 0 or more"
    patience = checked("patience_s", patience_s, lambda x: x >= 0, must)
    must = "a finite number of contacts, 0 or more"
    calls = 0.0 if offered is None else offered
    calls = checked("offered", calls, lambda x: (x >= 0) & (x < np.inf), must)
    duty, aht = checked_agents(agents).reshape(-1), checked_aht(aht_s)
    tables = [x if x.ndim > 1 else x.reshape(-1, 1) for x in (duty, aht, calls)]
    paths, *shape = np.broadcast_shapes(
        *(x.shape for x in tables), (1, 1, patience.size)
    )
    if which.ndim == 0:
        which = np.arange(paths if which == 1 else int(which))
    if paths not in (1, len(which)):
        raise ValueError(
            f"replications: must be {paths}, one for each table of offered or aht_s, "
            f"but are {len(which)}."
        )
    duty, aht, calls = (np.broadcast_to(x, (len(which), *shape)) for x in tables)
    rows = np.maximum(np.arange(-warm_up, shape[0]), 0)
    duty, patience = duty[0, rows, 0], np.broadcast_to(patience, shape[1]).copy()
    sigmas = sigma_of("handle_cv", handle_cv), sigma_of("patience_cv", patience_cv)
    given = None if arrivals is None else _given(*arrivals, interval_s, shape)
    pool = duty, float(interval_s), within_s
    borders_s = np.arange(1, len(rows)) * interval_s
    sums = np.zeros((len(which), 8, len(rows), shape[1]))
    busy_s = np.zeros((len(which), len(rows)))
    for i, number in enumerate(which.tolist()):
        rng = default_rng(SeedSequence(seed, spawn_key=(number,)))
        times, queue = given or _arrivals(rng, calls[i, rows], interval_s)
        slot = np.searchsorted(borders_s, times, side="right")
        units = np.empty((2, len(times)))
        unit_times(rng, sigmas, units)
        means = aht[i, rows][slot, queue], patience[queue]
        serve(
            (times, queue, means[0] * units[0], means[1] * units[1]),
            pool,
            sums[i],
            busy_s[i],
        )
    sums, busy_s, duty = sums[:, :, warm_up:], busy_s[:, warm_up:], duty[warm_up:]
    return Result._make([*sums.swapaxes(0, 1), busy_s, duty * interval_s])
