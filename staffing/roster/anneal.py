"""A seeded walk of people over the shifts of a day; compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from staffing.roster.problem import Ints


@njit(
    "Tuple((int64, int64[::1]))("
    + "int64[::1], " * 7
    + "int64[:, ::1], float64, int64, float64, int64)",
    cache=True,
)
def anneal(
    columns: Ints,
    first: Ints,
    choices: Ints,
    indptr: Ints,
    places: Ints,
    units: Ints,
    presence: Ints,
    prices: Ints,
    temperature: float,
    steps: int,
    target: float,
    seed: int,
) -> tuple[int, Ints]:
    """
    The cheapest columns of people that a seeded walk comes across.

    In each step one person tries another column; what costs more is accepted with
    probability exp(−increase / temperature) [1]_. The temperature stays as it is:
    cooling was no better on the reference case. The walk ends early at ``target``.

    Parameters
    ----------
    columns : ndarray of int, shape (people,)
        Where each starts.
    first, choices : ndarray of int, shape (people,)
        Each may take columns first … first + choices − 1.
    indptr, places, units : ndarray of int
        What columns give to places, as rows of a compressed sparse matrix.
    presence : ndarray of int, shape (places,)
        Units there with the columns of the start; overwritten.
    prices : ndarray of int, shape (places, levels)
        Cost of a place by units there.
    temperature : float
        In the money of the prices, > 0.
    steps : int
        At most so many tries.
    target, seed
        Cost that cannot or need not be undercut; where the walk begins.

    Returns
    -------
    cost, columns : int and ndarray of int, shape (people,)

    References
    ----------
    .. [1] The rule of N. Metropolis et al. (1953), J. Chem. Phys. 21, 1087.
    """
    np.random.seed(seed)  # noqa: NPY002  (numba knows no Generator in cached code)
    cost = 0
    for place in range(len(presence)):
        cost += prices[place, presence[place]]
    best, best_columns = cost, columns.copy()
    now = columns.copy()
    for _ in range(steps):
        if best <= target:
            break
        person = np.random.randint(len(now))  # noqa: NPY002
        old = now[person]
        new = first[person] + np.random.randint(choices[person])  # noqa: NPY002
        if new == old:
            continue
        change = 0
        for entry in range(indptr[old], indptr[old + 1]):
            place = places[entry]
            change -= prices[place, presence[place]]
            presence[place] -= units[entry]
            change += prices[place, presence[place]]
        for entry in range(indptr[new], indptr[new + 1]):
            place = places[entry]
            change -= prices[place, presence[place]]
            presence[place] += units[entry]
            change += prices[place, presence[place]]
        if change <= 0 or np.random.random() < np.exp(-change / temperature):  # noqa: NPY002
            now[person] = new
            cost += change
            if cost < best:
                best = cost
                best_columns[:] = now
            continue
        for entry in range(indptr[new], indptr[new + 1]):
            presence[places[entry]] -= units[entry]
        for entry in range(indptr[old], indptr[old + 1]):
            presence[places[entry]] += units[entry]
    return best, best_columns
