"""What each agent's shifts must add up to in each week."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from staffing.roster.problem import Ints, Problem
from staffing.roster.team import Agent


@dataclass(frozen=True)
class WeekHours:
    """
    Least and most paid minutes of each agent's shifts on the days of one week.

    ``days`` are those within the horizon; ``low`` and ``high`` have shape (A,). [min]
    ``owed`` is what ``low`` would be if the agent could work on every day.
    """

    days: range
    low: Ints
    high: Ints
    owed: Ints


def week_hours(problem: Problem) -> tuple[WeekHours, ...]:
    """
    The paid minutes that contracts ask of shifts in each week of the horizon.

    A whole week (or one whose earlier days are known from the past) asks for the
    contract's minutes, less absences and what was worked before; where the kinds
    cannot make that, the most below it. A week that is cut off asks for its share by
    days, within less than the shortest kind; one that goes on after the horizon may
    have all of its minutes in it, as the next roster reads what was worked. What the
    days that are left cannot hold is not asked for.
    """
    horizon = problem.horizon
    given = _given_minutes(problem)
    weeks = []
    for days in horizon.weeks:
        monday = horizon.date(days[0]) - dt.timedelta(horizon.date(days[0]).weekday())
        first = horizon.day(monday)
        known_from = first if first >= 0 or problem.past else days[0]
        known = range(known_from, days[-1] + 1)
        limits = []
        for number, agent in enumerate(problem.agents):
            in_week = [agent.employed(horizon.date(first + n)) for n in range(7)]
            goes_on = days[-1] < first + 6
            limit = partial(
                _limits,
                agent,
                employed=sum(agent.employed(horizon.date(day)) for day in known),
                at_most=sum(in_week) if goes_on else 0,
                whole=len(known) == 7,
                given=sum(given[agent.agent_id, day] for day in known),
            )
            free = sum(problem.can_work(number, day) for day in days)
            limits.append((*limit(free=free), limit(free=len(days))[0]))
        low, high, owed = np.array(limits, dtype=np.int64).reshape(-1, 3).T
        weeks.append(WeekHours(days, low, high, owed))
    return tuple(weeks)


def _given_minutes(problem: Problem) -> dict[tuple[str, int], int]:
    """Minutes of absences, and of shifts before the horizon, by agent and day."""
    given: dict[tuple[str, int], int] = defaultdict(int)
    for past in problem.past:
        given[past.agent_id, problem.horizon.day(past.date)] += past.paid_min
    for away in problem.absences:
        given[away.agent_id, problem.horizon.day(away.date)] += away.paid_min
    return given


def _limits(
    agent: Agent, *, employed: int, at_most: int, whole: bool, free: int, given: int
) -> tuple[int, int]:
    """Least and most minutes; ``at_most``: days of employment that may be paid."""
    kinds = tuple(sorted({kind.paid_min for kind in agent.contract.kinds}))
    sums = _sums(kinds, free)
    left = agent.contract.weekly_min * employed / 7 - given
    if whole and employed == 7:
        reached = max((s for s in sums if s <= left), default=0)
        return reached, reached
    most = agent.contract.weekly_min * at_most / 7 - given
    inside = [s for s in sums if abs(s - left) < kinds[0] or left < s <= most]
    if inside:
        return inside[0], inside[-1]
    reached = sums[-1] if left > 0 else 0
    return reached, reached


@lru_cache(maxsize=256)
def _sums(kinds: tuple[int, ...], days: int) -> tuple[int, ...]:
    """Every total of at most so many shifts of these kinds, rising. [min]"""
    sums = {0}
    for _ in range(days):
        sums |= {total + kind for total in sums for kind in kinds}
    return tuple(sorted(sums))
