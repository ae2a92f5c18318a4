"""Rest between shifts, in slots: absolute time, so that clock changes count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from staffing.roster.problem import Problem
from staffing.roster.shifts import shifts_for
from staffing.roster.team import Band, Contract

REST_DAYS, RESTS = 14, 2
"""The weekly rest is an average: so many free days in so many days."""
WEEKS = 4
"""In which free weekends and Sundays are counted. [weeks]"""
PAST_DAYS = 22
"""How far back the rules look, at most: to the first of four weekends. [days]"""
ENDS = {"free-weekends": 2, "sundays": 1}
"""Rules of free days at the end of a week, and how many days these are."""


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


def day_limits(problem: Problem) -> list[tuple[int, int]]:
    """In so many days in a row at most so many with a shift, by the rules."""
    limits = []
    in_a_row = problem.rules.limit("max-days")
    if in_a_row is not None:
        limits.append((int(in_a_row) + 1, int(in_a_row)))
    if problem.rules.limit("weekly-rest") is not None:
        limits.append((REST_DAYS, REST_DAYS - RESTS))
    return limits


def worked_ends(problem: Problem) -> Iterator[tuple[list[tuple[int, ...]], int]]:
    """
    Weekends or Sundays of four weeks in a row, and how many of them may have shifts.

    By the rules "free-weekends" and "sundays", as days. Only days of the horizon and
    of the past are there: what is not known counts as free.
    """
    horizon = problem.horizon
    sunday = 6 - horizon.first.weekday()
    known = range(problem.known_from, horizon.days)
    for rule, length in ENDS.items():
        least = problem.rules.limit(rule)
        if least is None:
            continue
        most = max(WEEKS - int(least), 0)
        for first in range(sunday - 7 * (WEEKS - 1), horizon.days + 1, 7):
            ends = [
                tuple(d for d in range(last - length + 1, last + 1) if d in known)
                for last in range(first, first + 7 * WEEKS, 7)
            ]
            ends = [end for end in ends if end]
            if len(ends) > most and ends[-1][-1] >= 0:
                yield ends, most


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


def past_days(problem: Problem) -> dict[int, set[int]]:
    """Days before the horizon on which each agent worked."""
    found: dict[int, set[int]] = {agent: set() for agent in problem.index.values()}
    for past in problem.past:
        if past.agent_id in problem.index:
            agent = problem.index[past.agent_id]
            found[agent].add(problem.horizon.day(past.date))
    return found
