"""How many people of each cell work each kind of shift on each day of the month."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import block_array, csr_array, hstack, identity, vstack

from staffing.roster.cells import Cell
from staffing.roster.columns import columns_of, slack_of
from staffing.roster.problem import Ints, Problem
from staffing.roster.rest import day_limits, past_days, worked_ends
from staffing.roster.solution import Stage
from staffing.roster.weekly import week_hours

NODES = 1000  # of the tree that makes heads whole
GAP = 1e-3  # between whole heads and the nearest there could be
ROUNDS = 40  # of column generation
ENTER = 4  # columns of a day, cell and kind that enter in a round

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Heads:
    """
    People by day, cell and kind of shift; counts have shape (D, cells, kinds).

    ``bound``: no roster of the problem can cost less. ``stage`` has it too.
    """

    counts: Ints
    bound: float
    stage: Stage


def solve_heads(
    problem: Problem,
    cells: tuple[Cell, ...],
    *,
    seed: int = 0,
    effort: float = 1.0,
) -> Heads:
    """
    The head-counts that allow the cheapest cover, with a bound for every roster.

    A linear programme over the whole horizon: people by day, cell and kind; each day's
    shifts in fractions that add up to them; missing units by steps of cost. Kept are,
    for each cell as a whole, the paid minutes of each week, the people who can work on
    each day, and what "max-days", "free-weekends" and "sundays" leave of their days.
    Relaxed are whole people, and all that ties the days of one person together: the
    bound holds for every roster of the shifts of
    :func:`~staffing.roster.shifts.shifts_for` that gives everybody the hours of
    :func:`~staffing.roster.weekly.week_hours`, or, where the rules, bands and closed
    days do not let a cell reach them, as many as they do. Columns enter by
    their reduced costs, and at any time the optimum of those that did, plus the most
    that the others could save, is a bound. The whole heads nearest to the optimum
    follow; the stage's value is its cost, before that rounding.
    """
    begin = time.process_time()
    model = _Model(problem, cells)
    fractions, cost, lowest = model.solved()
    counts = _whole(fractions, model).reshape(model.shape)
    bound = float(ceil(lowest - 1e-6))
    seconds = time.process_time() - begin
    return Heads(counts, bound, Stage("heads", max(cost, bound), bound, seconds))


def _whole(fractions: Floats, model: _Model) -> Ints:
    """The whole heads nearest to fractions that keep what ties heads together."""
    one, parts = identity(model.heads, format="csr"), model.most_of.size
    nothing = csr_array((len(model.low), 2 * model.heads))
    result = milp(
        np.repeat([0.0, 1.0], [parts, 2 * model.heads]),  # heads, above, below
        integrality=np.repeat([1, 0], [parts, 2 * model.heads]),
        bounds=Bounds(0, np.r_[model.most_of, np.full(2 * model.heads, np.inf)]),
        constraints=[
            LinearConstraint(hstack([model.sums, -one, one]), fractions, fractions),
            LinearConstraint(hstack([model.rows, nothing]), model.low, model.high),
        ],
        options={"node_limit": NODES, "mip_rel_gap": GAP},
    )
    heads = model.sums @ result.x[:parts]
    return np.asarray(np.rint(heads), dtype=np.int64)


class _Model:
    """
    The linear programme: heads, columns, missing units by step and spare ones.

    ``owner``: the head-count in which a column's people are; ``units``: (C, G·I).
    """

    def __init__(self, problem: Problem, cells: tuple[Cell, ...]) -> None:
        need = problem.need
        kinds = max(len(cell.contract.kinds) for cell in cells)
        self.shape = (problem.horizon.days, len(cells), kinds)
        self.heads = int(np.prod(self.shape))
        alike = _alike(problem, cells)
        days = [columns_of(problem, cells, day) for day in range(self.shape[0])]
        self.units = vstack([day.units for day in days], format="csr").astype(float)
        self.owner = np.concatenate(
            [(d * len(cells) + c.cell) * kinds + c.kind for d, c in enumerate(days)]
        )
        self.slack = slack_of(need, np.arange(need.units.size))
        self.rows, low, self.high, free = _head_rows(problem, alike, kinds)
        self.sums = _sums(alike, cells, self.shape)
        offered = np.isin(np.arange(self.heads), self.owner)
        self.most_of = np.where(self.sums.T @ offered, free, 0.0)
        self.people = self.sums @ self.most_of
        self.low = _reached(self.rows, low, self.high, self.most_of)
        self.right = np.r_[
            np.zeros(self.heads), (need.units - problem.standing).ravel()
        ]

    def cost(self, active: Ints) -> Floats:
        nothing = np.zeros(self.most_of.size + active.size)
        return np.concatenate([nothing, self.slack[1]])

    def most(self, active: Ints) -> Floats:
        endless = np.full(active.size, np.inf)
        return np.concatenate([self.most_of, endless, self.slack[2]])

    def equal(self, active: Ints) -> csr_array:
        """Heads less their columns are 0; units, missing less spare ones the need."""
        owned = csr_array(
            (np.ones(active.size), (self.owner[active], np.arange(active.size))),
            shape=(self.heads, active.size),
        )
        return block_array(
            [[self.sums, -owned, None], [None, self.units[active].T, self.slack[0]]],
            format="csr",
        )

    def limited(self, active: Ints) -> csr_array:
        """What ties heads together, over all variables."""
        others = csr_array((len(self.low), active.size + self.slack[1].size))
        return block_array([[self.rows, others]], format="csr")

    def solved(self) -> tuple[Floats, float, float]:
        """Heads of the optimum in fractions, its cost, and a bound of any roster's."""
        order = np.argsort(self.owner, kind="stable")
        first = np.searchsorted(self.owner[order], self.owner[order])
        rank = np.empty(order.size, dtype=np.int64)
        rank[order] = np.arange(order.size) - first
        active = np.flatnonzero(rank % 16 == 0)
        lowest = 0.0
        for _ in range(ROUNDS):
            limited, most = self.limited(active), self.most(active)
            result = linprog(
                self.cost(active),
                A_eq=self.equal(active),
                b_eq=self.right,
                A_ub=vstack([limited, -limited], format="csr"),
                b_ub=np.r_[self.high, -self.low],
                bounds=np.column_stack([np.zeros(most.size), most]),
                method="highs-ipm",
            )
            price = result.eqlin.marginals
            reduced = price[self.owner] - self.units @ price[self.heads :]
            order = np.lexsort((reduced, self.owner))
            owners, begins = np.unique(self.owner[order], return_index=True)
            rank[order] = np.arange(order.size) - np.repeat(
                begins, np.diff(np.r_[begins, order.size])
            )
            best = np.minimum(reduced[order][begins], 0.0)
            lowest = max(lowest, result.fun + float(best @ self.people[owners]))
            entering = np.flatnonzero((reduced < -1e-7) & (rank < ENTER))
            if entering.size == 0:
                break
            active = np.union1d(active, entering)
        parts = result.x[: self.most_of.size]
        return self.sums @ parts, float(result.fun), lowest


def _alike(problem: Problem, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The cells, parted by the days on which their agents worked before the horizon."""
    parts: list[Cell] = []
    worked = past_days(problem)
    for cell in cells:
        members: dict[frozenset[int], list[int]] = defaultdict(list)
        for agent in cell.agents:
            members[frozenset(worked[agent])].append(agent)
        parts += [replace(cell, agents=tuple(each)) for each in members.values()]
    return tuple(parts)


def _sums(
    parts: tuple[Cell, ...], cells: tuple[Cell, ...], shape: tuple[int, int, int]
) -> csr_array:
    """Which heads of parts of cells add up to which heads of cells."""
    number = {agent: n for n, cell in enumerate(cells) for agent in cell.agents}
    owner = [number[part.agents[0]] for part in parts]
    days, _, kinds = shape
    place = np.arange(np.prod(shape)).reshape(shape)[:, owner].ravel()
    ones = np.ones(place.size)
    at = (place, np.arange(place.size))
    return csr_array((ones, at), shape=(np.prod(shape), days * len(parts) * kinds))


def _reached(rows: csr_array, low: Floats, high: Floats, people: Floats) -> Floats:
    """The least of each row, lowered as little as whole heads need to keep them all."""
    short = identity(len(low), format="csr")
    result = milp(
        np.repeat([0.0, 1.0], [people.size, low.size]),  # heads, what a row is short of
        integrality=np.repeat([1, 0], [people.size, low.size]),
        bounds=Bounds(0, np.r_[people, low]),
        constraints=[
            LinearConstraint(hstack([rows, short]), low, np.inf),
            LinearConstraint(hstack([rows, 0 * short]), -np.inf, high),
        ],
        options={"node_limit": NODES},
    )
    return np.asarray(low - result.x[people.size :], dtype=np.float64)


def _head_rows(
    problem: Problem, cells: tuple[Cell, ...], kinds: int
) -> tuple[csr_array, Floats, Floats, Floats]:
    """
    What ties the heads of a cell together: people, weeks, runs of days and weekends.

    Returned are rows, their least and most, and the people free for each head-count.
    """
    days = problem.horizon.days
    people_of = [list(cell.agents) for cell in cells]
    free = np.array(
        [
            [problem.can_work(agent, day) for day in range(days)]
            for agent in range(len(problem.agents))
        ]
    )
    spans: list[tuple[list[int], float]] = [([day], 1.0) for day in range(days)]
    spans += [
        (list(range(end - length, end)), most)
        for length, most in day_limits(problem)
        for end in range(1, days + 1)
    ]
    for ends, worked_most in worked_ends(problem):
        if ends[0][0] >= 0:
            longest = sorted(map(len, ends))[len(ends) - worked_most :]
            spans.append(([day for end in ends for day in end], sum(longest)))
    worked = past_days(problem)
    rows, low, high = [], [], []
    for number, (cell, people) in enumerate(zip(cells, people_of, strict=True)):
        paid = [kind.paid_min for kind in cell.contract.kinds]
        done = worked[people[0]]
        for span, at_most in spans:
            most = max(at_most - len(done.intersection(span)), 0)
            span = [day for day in span if day >= 0]
            if 1 < len(span) <= most:
                continue
            rows.append(_row((days, len(cells), kinds), span, number, [1] * len(paid)))
            low.append(0)
            high.append(np.minimum(free[np.ix_(people, span)].sum(axis=1), most).sum())
        for week in week_hours(problem):
            rows.append(_row((days, len(cells), kinds), list(week.days), number, paid))
            low.append(week.low[people].sum())
            high.append(week.high[people].sum())
    heads = np.array([free[people].sum(axis=0) for people in people_of]).T
    return (
        vstack(rows, format="csr"),
        np.array(low, dtype=np.float64),
        np.array(high, dtype=np.float64),
        np.repeat(heads.ravel(), kinds).astype(np.float64),
    )


def _row(
    shape: tuple[int, int, int], days: list[int], cell: int, weight: list[int]
) -> csr_array:
    """One row over all heads: these days of a cell, each kind by its weight."""
    row = np.zeros(shape)
    row[days, cell, : len(weight)] = weight
    return csr_array(row.reshape(1, -1))
