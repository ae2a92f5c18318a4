"""Rest between shifts, in slots: absolute time, so that clock changes count."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from staffing.roster.problem import Problem
from staffing.roster.shifts import shifts_for
from staffing.roster.team import Band, Contract


class Reach(NamedTuple):
    """How early a kind's shifts of a day can end, and how late they can start."""

    earliest_end: int
    latest_start: int


def reaches(
    problem: Problem, contract: Contract, bands: tuple[Band, ...] | None
) -> dict[tuple[int, int], Reach]:
    """The reach of each (day, kind) that a contract may work within bands. [slots]"""
    found: dict[tuple[int, int], Reach] = {}
    for day in range(problem.horizon.days):
        for shift in shifts_for(problem, contract, bands, day):
            old = found.get((day, shift.kind), Reach(shift.end, shift.start))
            found[day, shift.kind] = Reach(
                min(old.earliest_end, shift.end), max(old.latest_start, shift.start)
            )
    return found


def rest_slots(problem: Problem, contract: Contract, days: int) -> int:
    """
    The rest owed between shifts that begin so many days apart. [slots]

    With a day off between them it is that of a free day too, which is how the weekly
    rest is kept.
    """
    rules = ["daily-rest"]
    if days > 1:
        rules += ["free-day", "weekly-rest"]
    if contract.minor:
        rules.append("minor-night")
    hours = max(problem.rules.limit(rule) or 0.0 for rule in rules)
    return -int(-hours * 60 // problem.horizon.slot_min)


def last_past(problem: Problem) -> dict[int, tuple[int, int]]:
    """Day and end of each agent's last shift before the horizon, the end in slots."""
    found: dict[int, tuple[int, int]] = {}
    tick = pd.Timedelta(minutes=problem.horizon.slot_min)
    for past in sorted(problem.past, key=lambda past: past.end):
        end = -int((problem.horizon.origin - past.end) // tick)  # rounded up
        agent = problem.index.get(past.agent_id)
        if agent is not None:
            found[agent] = problem.horizon.day(past.date), end
    return found
