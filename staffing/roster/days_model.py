"""The days of some people of one contract as a model of CP-SAT."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ortools.sat.python import cp_model

from staffing.roster.agent_lines import SCALE, SHORT
from staffing.roster.cells import Cell
from staffing.roster.problem import Ints, Problem
from staffing.roster.rest import (
    Reach,
    day_limits,
    last_past,
    reaches,
    rest_slots,
    worked_ends,
)
from staffing.roster.weekly import WeekHours

Expr = Any  # CP-SAT's linear expressions, or a number where all terms are


class DaysModel:
    """
    Who works on which day, in which kind: all that is hard, and what has a price.

    Attributes
    ----------
    model : CpModel
    works : dict
        Whether an agent works on a day in a kind, by (agent, day, kind).
    busy : dict
        Whether an agent works on a day, by (agent, day); 1 on days of the past.
    cell : dict
        Each agent's cell.
    levels : dict
        The common number of each rule of fairness.
    """

    def __init__(
        self,
        problem: Problem,
        cells: Sequence[Cell],
        owners: Sequence[tuple[int, int]],
        weeks: Sequence[WeekHours],
    ) -> None:
        self.problem, self.weeks = problem, weeks
        self.cell = {agent: number for number, agent in owners}
        self.contract = cells[owners[0][0]].contract
        self.days = range(problem.horizon.days)
        self.model = cp_model.CpModel()
        self.reach = {
            number: reaches(problem, self.contract, cells[number].bands)
            for number in dict.fromkeys(self.cell.values())
        }
        self.works = {
            (agent, day, kind): self.model.new_bool_var("")
            for agent, number in self.cell.items()
            for day, kind in self.reach[number]
            if problem.can_work(agent, day)
        }
        self.busy: dict[tuple[int, int], Expr] = {}
        for agent in self.cell:
            for day in self.days:
                terms = [
                    self.works[agent, day, kind]
                    for kind in range(len(self.contract.kinds))
                    if (agent, day, kind) in self.works
                ]
                self.busy[agent, day] = sum(terms)
                if len(terms) > 1:
                    self.model.add_at_most_one(terms)
        for past in problem.past:
            agent = problem.index.get(past.agent_id, -1)
            self.busy[agent, problem.horizon.day(past.date)] = 1
        self.levels: dict[str, cp_model.IntVar] = {}
        self.costs: list[Expr] = []

    def limit(self) -> None:
        """Everything that is hard."""
        self._hours()
        self._runs()
        self._free()
        self._rest()

    def prefer(self, wanted: Ints, level: Mapping[str, int]) -> None:
        """
        Everything that has a price.

        ``wanted`` are people by day, cell and kind; ``level`` what each rule of
        fairness has come to for people of the same contract, if known.
        """
        self._heads(wanted)
        self._fair(level)
        self._wishes()
        self.model.minimize(sum(self.costs))

    def _hours(self) -> None:
        """Paid minutes of each week; what cannot be reached is short."""
        for agent in self.cell:
            for week in self.weeks:
                low, high = int(week.low[agent]), int(week.high[agent])
                paid = sum(
                    kind.paid_min * self.works[agent, day, place]
                    for day in week.days
                    for place, kind in enumerate(self.contract.kinds)
                    if (agent, day, place) in self.works
                )
                self._add(paid <= high)
                if low > 0:
                    short = self.model.new_int_var(0, low, "")
                    self.costs.append(SCALE * SHORT * short)
                    self._add(paid + short >= low)

    def _most(self, agent: int, days: Iterable[int], most: float) -> None:
        """At most so many of some days worked, those before the horizon included."""
        done = sum(self.busy.get((agent, day), 0) for day in days if day < 0)
        inside = [self.busy[agent, day] for day in days if day >= 0]
        if done + len(inside) > most:
            self._add(sum(inside) <= max(int(most) - done, 0))

    def _runs(self) -> None:
        """Days in a row, and the free days of the weekly rest."""
        for agent in self.cell:
            for length, most in day_limits(self.problem):
                for end in range(1, len(self.days) + 1):
                    self._most(agent, range(end - length, end), most)

    def _free(self) -> None:
        """Free weekends and Sundays in four weeks, free days of minors' weeks."""
        limit = self.problem.rules.limit
        minors = limit("minor-free-days") if self.contract.minor else None
        for agent in self.cell:
            for ends, most in worked_ends(self.problem):
                past = [[day for day in end if day < 0] for end in ends]
                done = sum(any((agent, d) in self.busy for d in days) for days in past)
                free = [self._off(agent, end) for end in ends]
                self._add(sum(free) >= len(ends) - max(most, done))
            for week in self.problem.horizon.weeks:
                if minors is not None:
                    self._most(agent, range(week[-1] - 6, week[-1] + 1), 7 - minors)

    def _off(self, agent: int, days: Iterable[int]) -> Expr:
        """Whether an agent works on none of some days."""
        busy = [self.busy.get((agent, day), 0) for day in days]
        off = self.model.new_bool_var("")
        for each in busy:
            self._add(off + each <= 1)
        self._add(off + sum(busy) >= 1)
        return off

    def _rest(self) -> None:
        """No two shifts that leave too little rest whatever their starts."""
        ends = last_past(self.problem)
        rest = partial(rest_slots, self.problem, self.contract)
        near = {number: self._too_near(reach) for number, reach in self.reach.items()}
        for agent, number in self.cell.items():
            for first, then in near[number]:
                if (agent, *first) in self.works and (agent, *then) in self.works:
                    both = self.works[agent, *first] + self.works[agent, *then]
                    self._add(both <= 1 + self._between(agent, first[0], then[0]))
            if agent not in ends:
                continue
            past, end = ends[agent]
            for (day, kind), late in self.reach[number].items():
                works = self.works.get((agent, day, kind))
                if works is not None and late.latest_start < end + rest(day - past):
                    self._add(works <= self._between(agent, past, day))

    def _too_near(
        self, reach: Mapping[tuple[int, int], Reach]
    ) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Pairs of (day, kind) with too little rest between them."""
        rest = partial(rest_slots, self.problem, self.contract)
        return [
            (first, then)
            for first, early in reach.items()
            for then, late in reach.items()
            if 1 <= then[0] - first[0] <= 3
            and late.latest_start < early.earliest_end + rest(then[0] - first[0])
        ]

    def _between(self, agent: int, first: int, then: int) -> Expr:
        """Days worked between two days of the horizon."""
        return sum(self.busy[agent, day] for day in range(max(first + 1, 0), then))

    def _heads(self, wanted: Ints) -> None:
        """
        Heads too many or too few have a price: of a day, and of each cell.

        A day's first costs as much as all its work to spare, each more of them twice
        that; where other cells make up for a cell's, a quarter of it.
        """
        works: dict[tuple[int, int], dict[int, list[Expr]]] = defaultdict(dict)
        for (agent, day, kind), each in self.works.items():
            works[day, kind].setdefault(self.cell[agent], []).append(each)
        for (day, kind), by_cell in works.items():
            work_min = self.contract.kinds[kind].work_min
            units = work_min // self.problem.horizon.slot_min
            price = SCALE * self.problem.need.over * units
            counts = {cell: int(wanted[day, cell, kind]) for cell in by_cell}
            for cell, people in by_cell.items():
                self.costs.append(price // 4 * self._off_by(people, counts[cell]))
            everybody = [each for people in by_cell.values() for each in people]
            count = sum(counts.values())
            off = self._off_by(everybody, count)
            more = self.model.new_int_var(0, len(everybody) + abs(count), "")
            self._add(more >= off - 1)
            self.costs.append(price * (off + more))

    def _off_by(self, people: Sequence[Expr], count: int) -> cp_model.IntVar:
        """How many people more or fewer than wanted work."""
        off = self.model.new_int_var(0, len(people) + abs(count), "")
        self._add(sum(people) - count <= off)
        self._add(count - sum(people) <= off)
        return off

    def _fair(self, level: Mapping[str, int]) -> None:
        """Free weekends and worked Sundays of the contract near a common number."""
        sundays = [
            week[-1]
            for week in self.problem.horizon.weeks
            if self._weekday(week[-1]) == 6
        ]
        weekends = [(day - 1, day) for day in sundays if day > 0]
        given: list[Expr] = []
        worked: list[Expr] = []
        for agent in dict.fromkeys(agent for agent, _, _ in self.works):
            there = [
                weekend
                for weekend in weekends
                if all(self.problem.can_work(agent, day) for day in weekend)
            ]
            given.append(sum(self._off(agent, weekend) for weekend in there))
            worked.append(sum(self.busy[agent, day] for day in sundays))
        self._spread("fair-weekends", given, level, len(weekends))
        self._spread("fair-sundays", worked, level, len(sundays))

    def _weekday(self, day: int) -> int:
        return self.problem.horizon.date(day).weekday()

    def _spread(
        self, rule: str, counts: Sequence[Expr], level: Mapping[str, int], most: int
    ) -> None:
        """What each count is below a common number or too far above it has a price."""
        weight = self.problem.rules.weight(rule)
        if weight == 0:
            return
        spread = int(self.problem.rules.rules[rule].value)
        known = level.get(rule)
        common = self.model.new_int_var(
            known or 0, most if known is None else known, ""
        )
        self.levels[rule] = common
        for count in counts:
            beyond = self.model.new_int_var(0, most, "")
            self._add(common - count <= beyond)
            self._add(count - common - spread <= beyond)
            self.costs.append(round(SCALE * weight) * beyond)

    def _wishes(self) -> None:
        """Wishes for a whole day: off, or to work."""
        weight = self.problem.rules.weight("wishes")
        for request in self.problem.requests:
            agent = self.problem.index[request.agent_id]
            busy = self.busy.get((agent, self.problem.horizon.day(request.date)))
            if request.band is None and busy is not None:
                refused = busy if request.refused else 1 - busy
                self.costs.append(round(SCALE * weight * request.weight) * refused)

    def _add(self, condition: Any) -> None:
        """A condition that may be constant."""
        self.model.add(condition)
