"""Small teams: who works which shift on which day, chosen together."""

from __future__ import annotations

import math
import time

import numpy as np

from staffing.roster.agent_lines import SCALE, AgentLines
from staffing.roster.cells import cells_of
from staffing.roster.heads import solve_heads
from staffing.roster.problem import Problem
from staffing.roster.search import Found, improve, solve
from staffing.roster.solution import Solution, Stage
from staffing.roster.unkept import unkept_hours

WHOLE = 20_000  # options that one model still holds
ONE = 0.5  # deterministic seconds of one agent in the first roster
FIRST, EFFORT = 4.0, 8.0  # of the whole model, of its parts


def solve_small(problem: Problem, *, seed: int = 0, effort: float = 1.0) -> Solution:
    """
    The roster of a small team: days, shifts, groups and breaks chosen together.

    Parameters
    ----------
    problem : Problem
        Of up to about 20 agents.
    seed, effort
        Of the search; ``effort`` multiplies its deterministic limit.

    Returns
    -------
    Solution
        The value of the first stage adds what refused wishes, unequal weekends and
        hours that are not kept cost to the cost of the cover; the last one is the
        cover's alone, with a bound as in :func:`staffing.roster.solve.solve_roster`.

    Notes
    -----
    Where one model cannot hold all shifts, it is solved with one way to place the
    breaks of each shift first, then part by part with all of them. Hard rules are kept
    whatever it takes; hours of a contract that they leave no room for are in
    ``unkept``.
    """
    begun = time.process_time()
    team = AgentLines(problem)
    whole = sum(map(len, team.columns.values())) <= WHOLE
    among = None if whole else team.one_pattern()
    found = Found(team.nobody, team.lines.cost(team.nobody), -math.inf, 0.0)
    for agent in range(len(problem.agents)):  # one by one, so that there is a roster
        free = np.arange(len(problem.agents))[:, None] == np.full(
            team.lines.days, agent
        )
        found = (
            solve(team.lines, found.choice, free, among, limit=ONE, seed=seed) or found
        )
    found = solve(
        team.lines, found.choice, None, among, limit=FIRST * effort, seed=seed
    ) or found._replace(bound=-math.inf)
    heads = solve_heads(problem, cells_of(problem), seed=seed, effort=effort)
    if not whole:
        found = found._replace(bound=SCALE * heads.bound)
    found = improve(team.lines, found, effort=EFFORT * effort, seed=seed)
    duties = team.duties(found.choice)
    unkept = unkept_hours(problem, duties)
    least = found.bound / SCALE if math.isfinite(found.bound) else math.nan
    if unkept:
        bound = math.nan
    elif problem.requests or team.lines.fair:
        bound = heads.bound
    else:  # nothing but the cover costs
        bound = float(np.fmax(least, heads.bound))
    value = float(problem.need.cost(problem.presence(duties)))
    seconds = time.process_time() - begun
    return Solution(
        duties,
        (
            Stage("all at once", found.cost / SCALE, least, seconds),
            Stage("roster", value, bound, seconds),
        ),
        unkept,
    )
