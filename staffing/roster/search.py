"""Best lines of work: one CP-SAT model, then parts of it solved again and again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from ortools.sat.python import cp_model

from staffing.roster.lines import Lines
from staffing.roster.lines_model import Among, Bools, LinesModel
from staffing.roster.problem import Ints

TINY = 1e-6
PART = 1.0  # deterministic seconds of a part
OVERHEAD = 2e-4  # of building its model, by person and day
PART_OPTIONS = 10_000  # that a first part has at most
PATIENCE = 12  # parts without gain, after which one of them is shaken
NOISE = 5  # the dearest missing unit is so many times the noise
FIRST = (4, 7)  # persons and days of the first parts


class Found(NamedTuple):
    """Options by person and day, their cost, a bound of it, and the time it took."""

    choice: Ints
    cost: float
    bound: float
    spent: float


def solve(
    lines: Lines,
    hint: Ints | None = None,
    free: Bools | None = None,
    among: Among | None = None,
    *,
    limit: float,
    seed: int = 0,
    noise: int = 0,
) -> Found | None:
    """
    The cheapest lines that differ from a hint on free days only.

    Parameters
    ----------
    lines : Lines
        With persons P and days D.
    hint : ndarray of int, shape (P, D), optional
        Where the search begins, and what stays where a day is not free.
    free : ndarray of bool, shape (P, D), optional
        Days that may change; by default all.
    among : mapping of (person, day) to places of options, optional
        What may be chosen; by default all.
    limit : float
        CP-SAT's deterministic time. [roughly 2 s of one core]
    noise : int
        A random cost below this one is put on each option, to find other lines that
        are nearly as cheap.

    Returns
    -------
    Found or None
        None where there is none, or none was found; the bound is that of the free
        part.
    """
    model = LinesModel(lines, hint, free, among or {})
    if noise:
        model.add_noise(np.random.default_rng(seed), noise)
    model.model.minimize(sum(model.costs))
    solver = cp_model.CpSolver()
    solver.parameters.max_deterministic_time = limit
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.catch_sigint_signal = False  # Ctrl-C is to end the run
    status = solver.solve(model.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return Found(
        model.choice(solver),
        round(solver.objective_value),
        math.ceil(solver.best_objective_bound - TINY),  # costs are whole
        solver.response_proto.deterministic_time,
    )


def improve(
    lines: Lines,
    found: Found,
    within: Bools | None = None,
    *,
    effort: float,
    seed: int = 0,
) -> Found:
    """
    Cheaper lines, by solving parts of them again and again until time is over.

    Parts are some persons on all days and all persons on some days, in turn; the rest
    stays as it is. They grow while they are solved quickly and shrink where they are
    not. Where nothing helps any more, a part of the best lines is solved with random
    costs, and the search goes on from there for a while.

    Parameters
    ----------
    lines : Lines
    found : Found
        Where to begin; its bound stays.
    within : ndarray of bool, shape (P, D), optional
        Days that may change; by default all.
    effort : float
        CP-SAT's deterministic time in all. [roughly 2 s of one core]
    """
    shape = found.choice.shape
    free = np.ones(shape, dtype=bool) if within is None else within
    options = np.array([[len(o) for o in p.options] for p in lines.persons]) * free
    places = [np.flatnonzero(free.any(axis=axis)) for axis in (1, 0)]
    parts = [
        _Part(len(able), min(size, PART_OPTIONS * len(able) // max(options.sum(), 1)))
        for able, size in zip(places, FIRST, strict=True)
    ]
    random = np.random.default_rng(seed)
    noise = max((row.steps[-1][1] for row in lines.rows), default=0) // NOISE
    left, turn, idle, now = effort, 0, 0, found
    while left > 0 and found.cost > found.bound:
        part = np.zeros(shape, dtype=bool)
        size, able = parts[turn % 2], places[turn % 2]
        if turn % 2:
            first = random.integers(len(able) - size.size + 1)
            part[:, able[first : first + size.size]] = True
        else:
            part[random.choice(able, size.size, replace=False)] = True
        turn += 1
        shaken = idle >= PATIENCE
        if shaken:
            idle, now = 0, found
        other = solve(
            lines,
            now.choice,
            part & free,
            limit=PART,
            seed=seed + turn,
            noise=noise if shaken else 0,
        )
        spent = PART if other is None else other.spent
        left -= spent + OVERHEAD * free.size
        if other is None:
            continue
        cost = lines.cost(other.choice)
        idle = 0 if cost < now.cost else idle + 1
        if shaken or cost <= now.cost:
            now = now._replace(choice=other.choice, cost=cost)
        if not shaken:
            size.learn(spent)
        if now.cost < found.cost:
            found = now
        if not shaken and (part | ~free).all() and other.cost <= other.bound:
            return found._replace(bound=found.cost)
    return found


@dataclass
class _Part:
    """How many of so many are solved at once."""

    most: int
    size: int

    def __post_init__(self) -> None:
        self.size = max(min(self.size, self.most), 1)

    def learn(self, spent: float) -> None:
        """Grow after a part that was quick, shrink after one that was not finished."""
        if spent >= PART:
            self.size = max(self.size - 1, 1)
        elif spent < PART / 4:
            self.size = min(self.size + 1, self.most)
