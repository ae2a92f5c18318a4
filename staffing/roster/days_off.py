"""Who works on which day: head-counts become people, contract by contract."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from ortools.sat.python import cp_model

from staffing.roster.cells import Cell
from staffing.roster.days_model import DaysModel
from staffing.roster.heads import Heads
from staffing.roster.problem import Ints, Problem
from staffing.roster.solution import Stage
from staffing.roster.weekly import WeekHours, week_hours

PART = 40  # people whose days are solved together
LIMIT = 2.0  # deterministic seconds of one part


def solve_days_off(
    problem: Problem,
    cells: Sequence[Cell],
    heads: Heads,
    *,
    seed: int = 0,
    effort: float = 1.0,
) -> tuple[Ints, Stage]:
    """
    The days on which each agent works, as near to the head-counts as can be.

    Parameters
    ----------
    problem : Problem
    cells : sequence of Cell
        Each agent in one of them.
    heads : Heads
        People wanted by day, cell and kind of shift.
    seed, effort
        Of CP-SAT; ``effort`` multiplies its deterministic limit.

    Returns
    -------
    work : ndarray of int, shape (A, D)
        Kind of the shift, −1 where there is none.
    stage : Stage
        Value: people too many or too few, over all days, cells and kinds.

    Notes
    -----
    Absences, employment, bands, days in a row, weekly rest, free weekends and Sundays,
    the free days of minors and rest that no choice of starts could give are kept
    whatever it takes; hours of the contract give way last. The people of a contract
    are solved in parts, each with its share of what the parts before left over.
    """
    begun = time.process_time()
    work = np.full((len(problem.agents), problem.horizon.days), -1, dtype=np.int64)
    left = heads.counts.copy()
    weeks = week_hours(problem)
    for contract in dict.fromkeys(cell.contract for cell in cells):
        numbers = [i for i, cell in enumerate(cells) if cell.contract == contract]
        owners = [
            (number, agent) for number in numbers for agent in cells[number].agents
        ]
        parts = -(-len(owners) // PART)
        level: dict[str, int] = {}
        for part in range(parts):
            team = DaysModel(problem, cells, owners[part::parts], weeks)
            rest = [
                pair for later in range(part, parts) for pair in owners[later::parts]
            ]
            team.limit()
            team.prefer(_share(problem, left, owners[part::parts], rest, weeks), level)
            solver = _solved(team.model, LIMIT * effort, seed)
            for (agent, day, kind), works in team.works.items():
                if solver.boolean_value(works):
                    work[agent, day] = kind
                    left[day, team.cell[agent], kind] -= 1
            level = {rule: solver.value(common) for rule, common in team.levels.items()}
    value = float(np.abs(left).sum())
    return work, Stage("days off", value, 0.0, time.process_time() - begun)


def _solved(model: cp_model.CpModel, limit: float, seed: int) -> cp_model.CpSolver:
    """A solver that has a solution: nobody at work is one, so that time finds one."""
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.catch_sigint_signal = False  # Ctrl-C is to end the run
    status = cp_model.UNKNOWN
    while status == cp_model.UNKNOWN:
        solver.parameters.max_deterministic_time = limit
        status, limit = solver.solve(model), 2 * limit
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise RuntimeError(f"days off: {solver.status_name(status)}")
    return solver


def _share(
    problem: Problem,
    left: Ints,
    part: Sequence[tuple[int, int]],
    rest: Sequence[tuple[int, int]],
    weeks: Sequence[WeekHours],
) -> Ints:
    """
    The part of the head-counts left over that some of the people left owe.

    ``part`` and ``rest``, which includes it, are (cell, agent). Each week's share is
    by hours, and rounded so that neither days nor their sums are off by one or more.
    """
    if len(part) == len(rest):
        return left
    share = np.zeros_like(left)
    for cell in sorted({number for number, _ in part}):
        mine = [agent for number, agent in part if number == cell]
        all_left = [agent for number, agent in rest if number == cell]
        for week in weeks:
            days = slice(week.days.start, week.days.stop)
            owed = week.low + week.high
            ratio = owed[mine].sum() / max(owed[all_left].sum(), 1)
            sums = np.rint(left[days, cell].cumsum(axis=0) * ratio).astype(np.int64)
            share[days, cell] = np.diff(sums, axis=0, prepend=0)
    return share
