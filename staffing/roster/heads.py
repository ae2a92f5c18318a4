"""How many people of each cell work each kind of shift on each day of the month."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import block_array, csr_array, hstack, identity, vstack

from staffing.roster.cells import Cell
from staffing.roster.columns import columns_of, slack_of
from staffing.roster.problem import Ints, Problem, Stage
from staffing.roster.weekly import week_hours

NODES = 1000  # of the tree that makes heads whole
GAP = 1e-3
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
    each day, and what "max-days" and "free-weekends" leave of their days. Relaxed are
    whole people, and all that ties the days of one person together: the bound holds for
    every roster of the shifts of :func:`~staffing.roster.shifts.shifts_for` that gives
    everybody the hours of :func:`~staffing.roster.weekly.week_hours`. Columns enter by
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
    one = identity(model.heads, format="csr")
    nothing = csr_array((len(model.low), 2 * model.heads))
    result = milp(
        np.repeat([0.0, 1.0], [model.heads, 2 * model.heads]),  # heads, above, below
        integrality=np.repeat([1, 0], [model.heads, 2 * model.heads]),
        bounds=Bounds(0, np.inf),
        constraints=[
            LinearConstraint(hstack([one, -one, one]), fractions, fractions),
            LinearConstraint(hstack([model.rows, nothing]), model.low, model.high),
        ],
        options={"node_limit": NODES, "mip_rel_gap": GAP},
    )
    return np.asarray(np.rint(result.x[: model.heads]), dtype=np.int64)


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
        days = [columns_of(problem, cells, day) for day in range(self.shape[0])]
        self.units = vstack([day.units for day in days], format="csr").astype(float)
        self.owner = np.concatenate(
            [(d * len(cells) + c.cell) * kinds + c.kind for d, c in enumerate(days)]
        )
        self.slack = slack_of(need, np.arange(need.units.size))
        self.rows, self.low, self.high, self.people = _head_rows(problem, cells, kinds)
        self.right = np.r_[np.zeros(self.heads), need.units.ravel()].astype(np.float64)

    def cost(self, active: Ints) -> Floats:
        return np.concatenate([np.zeros(self.heads + active.size), self.slack[1]])

    def most(self, active: Ints) -> Floats:
        endless = np.full(self.heads + active.size, np.inf)
        return np.concatenate([endless, self.slack[2]])

    def equal(self, active: Ints) -> csr_array:
        """Heads less their columns are 0; units, missing less spare ones the need."""
        owned = csr_array(
            (np.ones(active.size), (self.owner[active], np.arange(active.size))),
            shape=(self.heads, active.size),
        )
        one = identity(self.heads, format="csr")
        return block_array(
            [[one, -owned, None], [None, self.units[active].T, self.slack[0]]],
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
        return result.x[: self.heads], float(result.fun), lowest


def _head_rows(
    problem: Problem, cells: tuple[Cell, ...], kinds: int
) -> tuple[csr_array, Floats, Floats, Floats]:
    """
    What ties the heads of a cell together: people, weeks, runs of days and weekends.

    Returned are rows, their least and most, and the most of each head-count.
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
    longest_run = problem.rules.limit("max-days")
    if longest_run is not None:
        run = int(longest_run)
        spans += [(list(range(d, d + run + 1)), run) for d in range(days - run)]
    weekends = problem.rules.limit("free-weekends")
    if weekends is not None:
        whole = [week for week in problem.horizon.weeks if len(week) == 7]
        for four in zip(whole, whole[1:], whole[2:], whole[3:], strict=False):
            spans.append(([d for week in four for d in week[-2:]], 8 - 2 * weekends))
    rows, low, high = [], [], []
    for number, (cell, people) in enumerate(zip(cells, people_of, strict=True)):
        paid = [kind.paid_min for kind in cell.contract.kinds]
        for span, most in spans:
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
