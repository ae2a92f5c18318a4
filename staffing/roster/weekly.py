"""What each agent's shifts must add up to in each week."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from staffing.roster.problem import Ints, Problem
from staffing.roster.team import Contract


@dataclass(frozen=True)
class WeekHours:
    """
    Least and most paid minutes of each agent's shifts on the days of one week.

    ``days`` are those within the horizon; ``low`` and ``high`` have shape (A,). [min]
    ``owed`` is what ``low`` would be if the agent could work on every open day.
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
    have all of its minutes in it, as the next roster reads what was worked, and has
    at least those that its other days cannot hold. What absences and closed days leave
    no room for is not asked for, nor more than "week-average" and "minor-week" allow.
    """
    horizon = problem.horizon
    weeks = []
    for days in horizon.weeks:
        monday = horizon.day(horizon.monday(days[0]))
        known = range(max(monday, problem.known_from), days[-1] + 1)
        weeks.append(_Week(days, known, range(days[-1] + 1, monday + 7)))
    absent: dict[str, dict[int, int]] = defaultdict(dict)
    worked: dict[str, dict[int, int]] = defaultdict(dict)
    for away in problem.absences:
        absent[away.agent_id][horizon.day(away.date)] = away.paid_min
    for past in problem.past:
        worked[past.agent_id][horizon.day(past.date)] = past.paid_min
    limits = [
        list(_Asked(problem, number, weeks, absent[name], worked[name]).limits())
        for name, number in problem.index.items()
    ]
    found = np.array(limits, dtype=np.int64).reshape(-1, len(weeks), 3)
    return tuple(
        WeekHours(week.days, *found[:, number].T) for number, week in enumerate(weeks)
    )


class _Week(NamedTuple):
    """Days of a week: in the horizon, those of the past too, and those after it."""

    days: range
    known: range
    ahead: range


class _Asked:
    """What one agent's weeks ask for."""

    def __init__(
        self,
        problem: Problem,
        number: int,
        weeks: Sequence[_Week],
        absent: Mapping[int, int],
        worked: Mapping[int, int],
    ) -> None:
        self.problem, self.number, self.weeks = problem, number, weeks
        self.agent = problem.agents[number]
        self.contract = self.agent.contract
        self.kinds = tuple(sorted({kind.paid_min for kind in self.contract.kinds}))
        self.absent, self.worked = absent, worked  # paid minutes by day

    def limits(self) -> Iterator[tuple[int, int, int]]:
        """Least, most and owed minutes of each week."""
        spare = self._spare()
        for week in self.weeks:
            open_days = [day for day in week.days if day in self.problem.open_days]
            free = sum(self.problem.can_work(self.number, day) for day in open_days)
            low, high = self._limit(week, free, spare)
            yield low, high, self._limit(week, len(open_days), spare)[0]

    def _limit(self, week: _Week, free: int, spare: float) -> tuple[int, int]:
        """Least and most minutes of a week with so many days that are free."""
        employed, sums = self._employed(week.known), _sums(self.kinds, free)
        given = self._given(week.known)
        left = self.contract.weekly_min * employed / 7 - given
        below = max((s for s in sums if s <= left), default=0)
        if employed == 7:
            return below, below
        most = least = -math.inf
        if week.ahead:
            in_week = self._employed(range(week.ahead[-1] - 6, week.ahead[-1] + 1))
            most = self.contract.weekly_min * in_week / 7 - given
            least = most - self._held(week.ahead)
        allowed = max(left + spare, most)
        if self.contract.minor:
            of_minors = self.problem.rules.limit("minor-week") or math.inf
            allowed = min(allowed, 60 * of_minors - given)
        inside = [
            s
            for s in sums
            if s <= allowed and (abs(s - left) < self.kinds[0] or left < s <= most)
        ] or [below]
        return next((s for s in inside if s >= least), inside[-1]), inside[-1]

    def _employed(self, days: range) -> int:
        date = self.problem.horizon.date
        return sum(self.agent.employed(date(day)) for day in days)

    def _given(self, days: range) -> int:
        """
        Minutes of some days of a week that shifts need not make. [min]

        Worked in the past, or of absences: a day that is not paid counts as a usual
        one, as far as there are such days beside the paid ones.
        """
        away = [self.absent[day] for day in days if day in self.absent]
        unpaid = away.count(0)
        usual = max(self.contract.usual_days - (len(away) - unpaid), 0)
        worked = sum(self.worked.get(day, 0) for day in days)
        return worked + sum(away) + min(unpaid, usual) * self.contract.usual_day_min

    def _held(self, days: range) -> int:
        """The most minutes that days after the horizon can have. [min]"""
        usual = self.contract.usual_day_min
        return sum(
            (self.absent[day] or usual) if day in self.absent else self.kinds[-1]
            for day in days
            if day in self.absent or self._is_of_use(day)
        )

    def _is_of_use(self, day: int) -> bool:
        """Whether the agent can be needed on a day after the horizon."""
        date, bands = self.problem.horizon.date(day), self.agent.bands
        of_bands = bands is None or date.weekday() in {band.weekday for band in bands}
        is_open = date.weekday() in self.problem.open_weekdays
        return is_open and of_bands and self.agent.employed(date)

    def _spare(self) -> float:
        """What each week that is cut off may have above its share. [min]"""
        limit = self.problem.rules.limit("week-average")
        if limit is None:
            return math.inf
        cut = sum(0 < self._employed(week.known) < 7 for week in self.weeks)
        days = sum(
            self._employed(week.known) + self._employed(week.ahead)
            for week in self.weeks
        )
        allowed = (60 * limit * max(days, 7) - self.contract.weekly_min * days) / 7
        return max(allowed, 0.0) / max(cut, 1)


def nearest_hours(contract: Contract) -> int:
    """The most paid minutes in a week that the contract's shifts make. [min]"""
    kinds = tuple(sorted({kind.paid_min for kind in contract.kinds}))
    return max(s for s in _sums(kinds, 7) if s <= contract.weekly_min)


@lru_cache(maxsize=256)
def _sums(kinds: tuple[int, ...], days: int) -> tuple[int, ...]:
    """Every total of at most so many shifts of these kinds, rising. [min]"""
    sums = {0}
    for _ in range(days):
        sums |= {total + kind for total in sums for kind in kinds}
    return tuple(sorted(sums))
