"""The roster of a month: head-counts, days off, covers, starts, and a polish."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np

from staffing.progress import Progress
from staffing.roster.assign import solve_starts
from staffing.roster.cells import cells_of
from staffing.roster.cover import DayCover, solve_day
from staffing.roster.days_off import solve_days_off
from staffing.roster.heads import solve_heads
from staffing.roster.polish import polish
from staffing.roster.problem import Duty, Problem
from staffing.roster.sequence import solve_small
from staffing.roster.solution import Solution, Stage
from staffing.roster.unkept import unkept_hours

SMALL = 20
"""Teams of up to so many people are solved in one model. [people]"""


def solve_roster(
    problem: Problem,
    *,
    seed: int = 0,
    effort: float = 1.0,
    progress: Progress | None = None,
    small: bool | None = None,
) -> Solution:
    """
    Named people's shifts that keep every hard rule, at nearly the least cost of cover.

    Parameters
    ----------
    problem : Problem
    seed, effort
        Of every step; ``effort`` multiplies their deterministic limits.
    progress : Progress, optional
    small : bool, optional
        Whether all is chosen in one model; by default for teams of up to
        :data:`SMALL` people.

    Returns
    -------
    Solution
        Its last stage is the roster: the cost of its cover, and a bound that holds for
        every roster that gives everybody their hours: NaN where this one does not.
    """
    tell = progress or (lambda *_: None)
    if small is None:
        small = len(problem.agents) <= SMALL
    if small:
        tell("roster of a small team", 0, 1)
        return solve_small(problem, seed=seed, effort=effort)
    begun, steps = time.process_time(), problem.horizon.days + 4
    cells = cells_of(problem)
    tell("head-counts", 0, steps)
    heads = solve_heads(problem, cells, seed=seed, effort=effort)
    tell("days off", 1, steps)
    work, days_off = solve_days_off(problem, cells, heads, seed=seed, effort=effort)
    kinds = np.arange(heads.counts.shape[2])
    covers: list[DayCover] = []
    standing = problem.standing
    for day in range(problem.horizon.days):
        tell(f"shifts of {problem.horizon.date(day)}", 2 + day, steps)
        there = [work[list(cell.agents), day, None] == kinds for cell in cells]
        counts = np.array([each.sum(axis=0) for each in there])
        cover = solve_day(
            problem, cells, counts, day, standing=standing, seed=seed, effort=effort
        )
        standing = standing + problem.units(_anonymous(cover, day))
        covers.append(cover)
    tell("starts", steps - 2, steps)
    started = time.process_time()
    duties = solve_starts(problem, cells, work, covers)
    assigned = time.process_time()
    tell("polish", steps - 1, steps)
    polished = polish(problem, cells, duties)
    done = time.process_time()
    unkept = unkept_hours(problem, polished)
    bound = math.nan if unkept else heads.bound
    shifts = Stage(
        "shifts and breaks",
        float(problem.need.cost(standing)),
        bound,
        sum(cover.stage.seconds for cover in covers),
    )
    return Solution(
        polished,
        (
            replace(heads.stage, bound=bound),
            days_off,
            shifts,
            Stage("starts", _cost(problem, duties), bound, assigned - started),
            Stage("polish", _cost(problem, polished), bound, done - assigned),
            Stage("roster", _cost(problem, polished), bound, done - begun),
        ),
        unkept,
    )


def _anonymous(cover: DayCover, day: int) -> tuple[Duty, ...]:
    """A cover's shifts as duties, whoever works them."""
    return tuple(
        Duty(0, day, group, shift)
        for _, group, shift, people in cover.counts
        for _ in range(people)
    )


def _cost(problem: Problem, duties: tuple[Duty, ...]) -> float:
    """What a roster's cover costs."""
    return float(problem.need.cost(problem.presence(duties)))
