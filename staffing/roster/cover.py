"""Which shifts, with which breaks, the people of a day work."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import block_array, csr_array

from staffing.roster.anneal import anneal
from staffing.roster.cells import Cell
from staffing.roster.columns import Columns, columns_of, slack_of
from staffing.roster.problem import Ints, Need, Problem, Shift
from staffing.roster.solution import Stage

STEPS = 3_000_000  # of a walk at effort 1
WARM = 0.2  # its temperature, in what a missing unit costs: measured, not derived

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DayCover:
    """Who is there on a day: (cell, group, shift, people), and how far it came."""

    counts: tuple[tuple[int, int, Shift, int], ...]
    stage: Stage


def solve_day(
    problem: Problem,
    cells: tuple[Cell, ...],
    heads_of_day: Ints,
    day: int,
    *,
    standing: Ints,
    seed: int = 0,
    effort: float = 1.0,
) -> DayCover:
    """
    Shifts, groups and breaks of a day's people, for the least cost of cover.

    The linear programme over the day's columns gives the bound and, rounded, the start
    of a walk that stops where the bound is reached.

    Parameters
    ----------
    problem, cells : Problem, tuple of Cell
        The month, and its :func:`~staffing.roster.cells.cells_of`.
    heads_of_day : ndarray of int, shape (cells, kinds)
        People there. Those whom no shift fits on this day are left out.
    day : int
        The day on which the shifts start.
    standing : ndarray of int, shape (G, I)
        Units that are there anyway: of shifts over midnight.
    seed, effort : int, float
        For the walk: effort 1 tries STEPS moves, about a second of CPU.

    Returns
    -------
    DayCover
        Its value counts only the intervals that a shift of the day can reach.
    """
    begin = time.process_time()
    columns = columns_of(problem, cells, day)
    reached = np.unique(columns.units.indices)
    units = columns.units[:, reached]
    there = standing.ravel()[reached]
    owners = _owners(columns, heads_of_day)
    people = sum(heads for _, heads in owners)
    if people == 0:
        return DayCover((), Stage("cover", 0.0, 0.0, time.process_time() - begin))
    levels = int(there.max()) + people * int(units.max()) + 1
    prices = prices_of(problem.need, reached, levels)
    shares, bound = _relaxed(problem.need, reached, there, units, owners)
    start = np.concatenate([_rounded(shares, place, heads) for place, heads in owners])
    value, chosen = anneal(
        start,
        np.concatenate([np.full(heads, place.start) for place, heads in owners]),
        np.concatenate([np.full(heads, len(place)) for place, heads in owners]),
        units.indptr.astype(np.int64),
        units.indices.astype(np.int64),
        units.data,
        there + np.asarray(units[start].sum(axis=0)),
        prices,
        WARM * float(np.median(problem.need.steps[0].cost)),
        round(STEPS * effort),
        bound,
        seed,
    )
    counts = tuple(
        (int(columns.cell[c]), int(columns.group[c]), columns.shifts[c], number)
        for c, number in sorted(Counter(chosen.tolist()).items())
    )
    return DayCover(
        counts, Stage("cover", float(value), bound, time.process_time() - begin)
    )


def _owners(columns: Columns, heads_of_day: Ints) -> list[tuple[range, int]]:
    """The columns among which so many people of one cell and kind may choose."""
    owners = []
    for (cell, kind), heads in np.ndenumerate(heads_of_day):
        places = np.flatnonzero((columns.cell == cell) & (columns.kind == kind))
        if heads and len(places):
            owners.append((range(places[0], places[-1] + 1), int(heads)))
    return owners


def prices_of(need: Need, places: Ints, levels: int) -> Ints:
    """Cost of so many units at each of these places; (places, levels)."""
    left = need.units.ravel()[places][:, None] - np.arange(levels)
    cost = need.over * np.maximum(-left, 0)
    left = np.maximum(left, 0)
    for number, step in enumerate(need.steps, 1):
        last = number == len(need.steps)
        taken = left if last else np.minimum(left, step.units.ravel()[places][:, None])
        cost = cost + taken * step.cost.ravel()[places][:, None]
        left = left - taken
    return np.asarray(cost, dtype=np.int64)


def _relaxed(
    need: Need,
    places: Ints,
    there: Ints,
    units: csr_array,
    owners: list[tuple[range, int]],
) -> tuple[Floats, float]:
    """People of each column in fractions, and the least whole cost that they allow."""
    slack, cost, most = slack_of(need, places)
    columns = units.shape[0]
    heads = csr_array((len(owners), columns), dtype=np.float64).tolil()
    for row, (place, _) in enumerate(owners):
        heads[row, place.start : place.stop] = 1.0
    result = linprog(
        np.concatenate([np.zeros(columns), cost]),
        A_eq=block_array([[units.T, slack], [heads, None]], format="csr"),
        b_eq=np.concatenate(
            [need.units.ravel()[places] - there, [people for _, people in owners]]
        ),
        bounds=np.stack(
            [np.zeros(columns + len(most)), np.r_[np.full(columns, np.inf), most]],
            axis=1,
        ),
    )
    return result.x[:columns], float(ceil(result.fun - 1e-6))


def _rounded(shares: Floats, place: range, people: int) -> Ints:
    """The columns of so many people, as near to their shares as whole people can be."""
    share = shares[place.start : place.stop]
    whole = np.floor(share + 1e-9).astype(np.int64)
    largest = np.argsort(whole - share, kind="stable")
    whole[largest[: people - whole.sum()]] += 1
    return np.repeat(np.arange(place.start, place.stop), whole)
