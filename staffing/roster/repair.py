"""Published rosters after sickness or a new forecast: as few changes as help."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from staffing.roster.agent_lines import SCALE, AgentLines, covers_of
from staffing.roster.lines import OFF, Lines, Option, Person
from staffing.roster.problem import Duty, Ints, Problem, Shift
from staffing.roster.search import Found, improve, solve
from staffing.roster.solution import Solution, Stage
from staffing.roster.unkept import unkept_hours

DAYS_LIMIT = 2.0  # deterministic seconds of all days that are mended
DAY_LIMIT = 0.4  # at most, of one of them
WEEK_EFFORT = 1.5  # of the exchanges within the weeks of all such days
CHANGE_MIN = 60  # missing time that is worth a change
BREAKS_ONLY = 4  # moved breaks cost so many times less than a moved shift


class Change(NamedTuple):
    """A day of an agent that is not as published; None stands for a day off."""

    agent: int
    day: int
    before: tuple[int, Shift] | None
    after: tuple[int, Shift] | None


class Repaired(NamedTuple):
    """The roster that is left, and how it differs from the published one."""

    solution: Solution
    changes: tuple[Change, ...]


def repair(
    problem: Problem,
    duties: Sequence[Duty],
    *,
    from_day: int,
    change_cost: int | None = None,
    extra_min: int = 0,
    seed: int = 0,
    effort: float = 1.0,
) -> Repaired:
    """
    The fewest changes to a published roster that win back what they cost.

    Shifts of people who cannot work any more fall away. Then, on and after a day,
    shifts are moved, exchanged within their week or given another group where that
    saves more than the changes cost; every hard rule is kept, the rest to the shifts
    before and after included.

    Parameters
    ----------
    problem : Problem
        With the new absences and the new need.
    duties : sequence of Duty
        As published.
    from_day : int
        First day that may change.
    change_cost : int, optional
        What a changed shift costs, in the money of the need; by default as much as
        an hour that is missing. Moved breaks cost a quarter.
    extra_min : int
        Paid minutes above the contract that everybody may be asked for in a week.
    seed, effort
        Of the search; ``effort`` multiplies its deterministic limit.

    Returns
    -------
    Repaired
        The value of its stage is the cost of the cover, without that of the changes.
    """
    begun = time.process_time()
    if change_cost is None:
        dearest = max(int(step.cost.max()) for step in problem.need.steps[:1])
        change_cost = dearest * CHANGE_MIN // problem.horizon.slot_min
    team = _Published(problem, duties, SCALE * change_cost, extra_min)
    found = Found(team.choice, team.lines.cost(team.choice), -math.inf, 0.0)
    weeks = np.zeros(team.choice.shape, dtype=bool)
    days_to_mend = team.days_to_mend(from_day)
    day_limit = min(DAY_LIMIT, DAYS_LIMIT / max(len(days_to_mend), 1))
    for day in days_to_mend:
        free = np.zeros_like(weeks)
        free[team.movable, team.before + day] = True
        moved = solve(
            team.lines,
            found.choice,
            free,
            team.few(day),
            limit=day_limit * effort,
            seed=seed,
        )
        if moved is not None and moved.cost < found.cost:
            found = found._replace(choice=moved.choice, cost=moved.cost)
        week = next(week for week in problem.horizon.weeks if day in week)
        days = range(max(week[0], from_day), week[-1] + 1)
        weeks[np.ix_(team.movable, [team.before + day for day in days])] = True
    if weeks.any():
        found = improve(
            team.lines, found, weeks, effort=WEEK_EFFORT * effort, seed=seed
        )
    after = team.duties(found.choice)
    value = problem.need.cost(problem.presence(after))
    stage = Stage("repair", value, math.nan, time.process_time() - begun)
    return Repaired(
        Solution(after, (stage,), unkept_hours(problem, after)),
        tuple(changes_of(duties, after)),
    )


def changes_of(before: Iterable[Duty], after: Iterable[Duty]) -> list[Change]:
    """How one roster differs from another, by day and agent."""
    old = {(duty.day, duty.agent): (duty.group, duty.shift) for duty in before}
    new = {(duty.day, duty.agent): (duty.group, duty.shift) for duty in after}
    return [
        Change(agent, day, old.get((day, agent)), new.get((day, agent)))
        for day, agent in sorted(old.keys() | new.keys())
        if old.get((day, agent)) != new.get((day, agent))
    ]


class _Published(AgentLines):
    """The lines of a problem whose first option each day is what was published."""

    def __init__(
        self, problem: Problem, duties: Sequence[Duty], price: int, extra_min: int
    ) -> None:
        super().__init__(problem)
        self.price = price
        self.choice = self.nobody
        kept = {
            (duty.agent, duty.day): duty
            for duty in duties
            if problem.can_work(duty.agent, duty.day)
        }
        persons = []
        for agent, person in enumerate(self.lines.persons):
            options, off_cost = list(person.options), list(person.off_cost)
            for day in range(problem.horizon.days):
                place, duty = self.before + day, kept.get((agent, day))
                options[place] = tuple(
                    option._replace(cost=option.cost + _price(duty, *column, price))
                    for option, column in zip(
                        options[place], self.columns[agent, day], strict=True
                    )
                )
                if duty is not None:
                    self.choice[agent, place] = 0
                    off_cost[place] += price
                    options[place] = (self._option(duty), *options[place])
                    published = (duty.group, duty.shift)
                    self.columns[agent, day] = (published, *self.columns[agent, day])
            person = replace(person, options=tuple(options), off_cost=tuple(off_cost))
            persons.append(_loosened(person, self.choice[agent], extra_min))
        self.lines = Lines(tuple(persons), self.lines.rows)
        self.fallen = {d.day for d in duties if (d.agent, d.day) not in kept}
        self.movable = [
            agent
            for agent, line in enumerate(self.choice)
            if self.lines.keeps(agent, line)
        ]

    def days_to_mend(self, from_day: int) -> list[int]:
        """
        Days on which shifts fell away or more is missing than a change costs.

        The dearest first.
        """
        problem = self.problem
        presence = problem.presence(self.duties(self.choice))
        short = np.where(
            problem.need.missing(presence) > 0, problem.need.costs(presence), 0
        )
        midnights = [problem.horizon.slot(d) for d in range(problem.horizon.days + 1)]
        ends = np.searchsorted(problem.need.starts, midnights)
        cost = [int(short[:, a:b].sum()) for a, b in pairwise(ends)]
        days = [
            day
            for day in range(from_day, problem.horizon.days)
            if day in self.fallen or SCALE * cost[day] > self.price
        ]
        return sorted(days, key=lambda day: -cost[day])

    def few(self, day: int) -> dict[tuple[int, int], list[int]]:
        """What was published for a day, and one way to break each other shift."""
        among = self.one_pattern()
        place = self.before + day
        for agent in self.movable:
            if self.choice[agent, place] != OFF:
                among[agent, place] = sorted({0, *among[agent, place]})
        return among

    def _option(self, duty: Duty) -> Option:
        kind = self.problem.agents[duty.agent].contract.kinds[duty.shift.kind]
        return Option(
            kind=duty.shift.kind,
            paid=kind.paid_min,
            covers=covers_of(self.problem.units((duty,))),
            start=duty.shift.start,
            end=duty.shift.end,
        )


def _price(duty: Duty | None, group: int, shift: Shift, price: int) -> int:
    """What another shift than the published one costs."""
    if duty is not None and (group, shift[:3]) == (duty.group, duty.shift[:3]):
        return price // BREAKS_ONLY
    return price


def _loosened(person: Person, line: Ints, extra_min: int) -> Person:
    """The person with weeks that may stay as they are, or be longer by some minutes."""
    spans = []
    for span in person.spans:
        paid = Lines.paid(person, line, span.days)
        low, high = min(span.low, paid), max(span.high, paid) + extra_min
        spans.append(span._replace(low=low, high=high))
    return replace(person, spans=tuple(spans))
