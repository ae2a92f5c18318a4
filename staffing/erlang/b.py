"""Erlang B: callers who find every agent busy are lost."""

import math
from collections.abc import Callable

import numpy as np
from numba import njit, vectorize
from numpy.typing import ArrayLike, NDArray

# Beyond a billion erlangs a unit is wrong. Agents reach further, as a target may ask
# for a very low occupancy; a float still counts them one by one.
MOST_LOAD = 1e9
MOST_AGENTS = 1e15
LEAST_OCCUPANCY = MOST_LOAD / MOST_AGENTS


def checked(
    name: str,
    values: ArrayLike,
    is_right: Callable[[NDArray[np.float64]], NDArray[np.bool_]],
    must: str,
) -> NDArray[np.float64]:
    """The values as floats, or a ValueError that shows the first wrong one."""
    array = np.asarray(values, dtype=np.float64)
    wrong = ~is_right(array)
    if not wrong.any():
        return array
    if array.ndim == 0:
        raise ValueError(f"{name}: must be {must}, but is {array}.")
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    raise ValueError(
        f"{name}: must be {must}, but {wrong.sum()} of {array.size} values "
        f"are not; first: {array[first]} at index "
        f"{first[0] if array.ndim == 1 else first}."
    )


def checked_load(load: ArrayLike) -> NDArray[np.float64]:
    """Offered load as floats. [erlang]"""
    return checked(
        "load",
        load,
        lambda x: (x >= 0) & (x <= MOST_LOAD),
        f"a number of erlangs from 0 to {MOST_LOAD:g}",
    )


def checked_agents(agents: ArrayLike) -> NDArray[np.float64]:
    """Agents as floats that are whole. [agents]"""
    return checked(
        "agents",
        agents,
        lambda x: (x >= 0) & (x <= MOST_AGENTS) & (x == np.floor(x)),
        f"a whole number from 0 to {MOST_AGENTS:g}",
    )


def checked_real_agents(agents: ArrayLike) -> NDArray[np.float64]:
    """Agents as floats, whole or not. [agents]"""
    return checked(
        "agents",
        agents,
        lambda x: (x >= 0) & (x <= MOST_AGENTS),
        f"a number from 0 to {MOST_AGENTS:g}",
    )


def each(
    kernel: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *values: NDArray[np.float64],
) -> tuple[NDArray[np.float64], ...]:
    """
    Rows of results in the broadcast shape; numbers where that is ().

    The kernel has a row for each value. It is no gufunc: numba keeps those in two
    files, and two processes on a new machine could each keep one of them, which
    crashes every later run.
    """
    rows = np.array(np.broadcast_arrays(*values))
    results = kernel(rows.reshape(len(values), -1))
    return tuple(row.reshape(rows.shape[1:])[()] for row in results)


# numba's cache sees changes in a kernel's own file only: no compiled function here
# or in c.py may call one of another file, or an update could run the old formula.
@njit("float64(float64, float64)", cache=True)
def _excess(load: float, part: float) -> float:
    """
    1/B(f, a) - 1 for a part f of one agent, 0 < f < 1.

    From a load of 1 up by Stieltjes' continued fraction of Γ(f, a), whose terms are
    positive; below, by the series of Γ(f+1) - Γ(f+1, a).
    """
    if load >= 1.0:
        tail = 0.0
        for i in range(int(90.0 / load) + 6, 0, -1):
            tail = (i - part) / (1.0 + i / (load + tail))
        return part / (load + tail)
    excess: float = math.gamma(part + 1.0) * math.exp(load) / load**part - 1.0
    term, n = 1.0, part
    while term > 1e-17:
        n += 1.0
        term *= load / n
        excess -= term
    return max(excess, 0.0)


@vectorize(["float64(float64, float64)"], cache=True)  # type: ignore[no-untyped-call, untyped-decorator] # numba is untyped
def inverse_blocking(load: float, agents: float) -> float:
    """
    1/B(n, a), infinite where B is below the smallest float.

    Σⱼ n(n-1)…(n-j+1)/aʲ up to the first n above the load, where its terms only fall,
    then 1/B(n) = 1 + (n/a)/B(n-1): every term is positive, so nothing cancels. The
    sum ends at a part f of one agent, where n is not whole, with 1/B(f).
    """
    if load == 0.0:
        return 1.0 if agents == 0.0 else np.inf
    n = min(agents, np.floor(load) + 1.0 + agents % 1.0)
    inverse, term, left = 1.0, 1.0, n
    while left >= 1.0 and term > 1e-17 * inverse:
        term *= left / load
        inverse += term
        left -= 1.0
    if 0.0 < left < 1.0:
        inverse += term * _excess(load, left)
    while n < agents and inverse < np.inf:
        n += 1.0
        inverse = 1.0 + n / load * inverse
    return inverse


@np.errstate(over="ignore")  # 1/B may be inf: B is 0
def blocking_probability(load: ArrayLike, agents: ArrayLike) -> NDArray[np.float64]:
    """
    Probability that an arrival finds every agent busy, with no room to wait.

    Parameters
    ----------
    load : array_like, shape S
        Offered load λ·AHT. [erlang], ≥ 0
    agents : array_like, shape broadcastable with S
        Agents on the queue, whole or not. [agents], ≥ 0

    Returns
    -------
    ndarray of float, the broadcast shape
        Blocking probability. [1], in [0, 1]; 1 where there are no agents

    Raises
    ------
    ValueError
        Where a value is NaN, infinite, negative or absurdly large.

    Notes
    -----
    1/B(n) = Σⱼ n(n-1)…(n-j+1)/aʲ, cut where a term is below 1e-17 of the sum, and
    above the load 1/B(n) = 1 + (n/a)/B(n-1): all terms are positive, so nothing
    cancels, and aⁿ/n! is never formed. Cost: O(√load + agents above the load).
    Between whole numbers this continues Jagerman's 1/B(n) = a ∫ exp(-at)(1+t)ⁿ dt,
    t from 0 to ∞, of which the recursion is an integration by parts.

    Examples
    --------
    >>> blocking_probability(10.0, 14).round(4)
    np.float64(0.0568)
    """
    blocking: NDArray[np.float64] = 1.0 / inverse_blocking(
        checked_load(load), checked_real_agents(agents)
    )
    return blocking
