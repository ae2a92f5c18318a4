"""A roster problem as lines of work: rules become limits, shifts become options."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from staffing.roster.cells import cells_of
from staffing.roster.columns import Columns, columns_of
from staffing.roster.lines import OFF, Fair, Limit, Lines, Option, Person, Row, Span
from staffing.roster.problem import Duty, Ints, Problem, Shift
from staffing.roster.rest import PAST_DAYS, day_limits, rest_slots, worked_ends
from staffing.roster.team import Past, Request
from staffing.roster.weekly import week_hours
from staffing.roster.wishes import is_granted

SCALE = 10  # of costs, which CP-SAT wants whole
SHORT = 10_000  # of a paid minute that a contract falls short: never worth it
GAPS = 4  # days from a shift to one that it can still leave too little rest for, plus 1


class AgentLines:
    """
    The lines of work of a problem's agents.

    Attributes
    ----------
    lines : Lines
        Its days begin with those of the past; its costs are ``SCALE`` times the
        problem's.
    before : int
        How many days of the past these are.
    columns : dict
        Group and shift of each option, by agent and day of the horizon.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        rules = PersonRules(problem)
        self.before = rules.before
        self.columns: dict[tuple[int, int], tuple[tuple[int, Shift], ...]] = {}
        self._options: dict[tuple[int, int], tuple[Option, ...]] = {}
        for day in range(problem.horizon.days):
            self._offer(day)
        persons = tuple(
            rules.person(
                agent,
                [self._options[agent, day] for day in range(problem.horizon.days)],
                self._off_cost(agent),
            )
            for agent in range(len(problem.agents))
        )
        self.lines = Lines(persons, tuple(self._rows()), tuple(self._fair()))

    @property
    def nobody(self) -> Ints:
        """The choice by which nobody works, the past apart."""
        choice = np.full((len(self.problem.agents), self.lines.days), OFF)
        for agent, person in enumerate(self.lines.persons):
            choice[agent, [day for day in person.fixed if person.options[day]]] = 0
        return choice

    def one_pattern(self) -> dict[tuple[int, int], list[int]]:
        """One way to place the breaks of each shift, not the same for everybody."""
        among = {}
        for (agent, day), columns in self.columns.items():
            alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
            for place, (group, shift) in enumerate(columns):
                alike[group, shift.kind, shift.start].append(place)
            among[agent, self.before + day] = [
                places[(agent + day) % len(places)] for places in alike.values()
            ]
        return among

    def duties(self, choice: Ints) -> tuple[Duty, ...]:
        """The duties of chosen options, by agent and day."""
        chosen = choice[:, self.before :]
        return tuple(
            Duty(agent, day, *self.columns[agent, day][chosen[agent, day]])
            for agent, day in np.argwhere(chosen != OFF).tolist()
        )

    def _offer(self, day: int) -> None:
        """The options of all agents on a day; those who are alike share them."""
        problem = self.problem
        cells = cells_of(problem)
        columns = columns_of(problem, cells, day)
        wishes: dict[int, list[Request]] = defaultdict(list)
        for wish in problem.requests:
            if problem.horizon.day(wish.date) == day:
                wishes[problem.index[wish.agent_id]].append(wish)
        for number, cell in enumerate(cells):
            places = np.flatnonzero(columns.cell == number).tolist()
            offered = tuple((int(columns.group[p]), columns.shifts[p]) for p in places)
            options = tuple(
                Option(
                    kind=shift.kind,
                    paid=cell.contract.kinds[shift.kind].paid_min,
                    covers=_covers(columns, place),
                    start=shift.start,
                    end=shift.end,
                )
                for place, (_, shift) in zip(places, offered, strict=True)
            )
            for agent in cell.agents:
                able = problem.can_work(agent, day)
                self.columns[agent, day] = offered if able else ()
                self._options[agent, day] = options if able else ()
                if able and wishes[agent]:
                    self._options[agent, day] = tuple(
                        option._replace(cost=self._refused(wishes[agent], shift))
                        for option, (_, shift) in zip(options, offered, strict=True)
                    )

    def _refused(self, wishes: Sequence[Request], shift: Shift | None) -> int:
        """The price of the wishes that a shift, or none, does not grant."""
        weight = SCALE * self.problem.rules.weight("wishes")
        return sum(
            round(weight * wish.weight)
            for wish in wishes
            if not is_granted(self.problem, wish, shift)
        )

    def _off_cost(self, number: int) -> list[int]:
        """What wishes to work cost on a day off, by day of the horizon."""
        cost = [0] * self.problem.horizon.days
        for wish in self.problem.requests:
            day = self.problem.horizon.day(wish.date)
            if self.problem.index[wish.agent_id] == number and 0 <= day < len(cost):
                cost[day] += self._refused([wish], None)
        return cost

    def _rows(self) -> Iterator[Row]:
        need = self.problem.need
        for place, units in np.ndenumerate(need.units):
            steps = tuple(
                (int(step.units[place]), SCALE * int(step.cost[place]))
                for step in need.steps
            )
            yield Row(int(units), steps, SCALE * need.over)

    def _fair(self) -> Iterator[Fair]:
        """Free weekends and Sundays, equally often within a contract."""
        problem = self.problem
        ends = [week for week in problem.horizon.weeks if _weekday(problem, week) == 6]
        members = defaultdict(list)
        for number, agent in enumerate(problem.agents):
            members[agent.contract].append(number)
        for rule, length in (("fair-weekends", 2), ("fair-sundays", 1)):
            weight = round(SCALE * problem.rules.weight(rule))
            for numbers in members.values() if weight else ():
                groups = {
                    number: tuple(
                        tuple(self.before + day for day in week[-length:])
                        for week in ends
                        if len(week) >= length
                        and all(problem.can_work(number, d) for d in week[-length:])
                    )
                    for number in numbers
                }
                yield Fair(groups, int(problem.rules.rules[rule].value), weight)


class PersonRules:
    """
    The limits of each agent's line of work, from rules, contract and past.

    ``before`` is how many days of the past a line begins with.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.weeks = week_hours(problem)
        self._past = {
            (past.agent_id, problem.horizon.day(past.date)): past
            for past in problem.past
        }
        self.before = min(-problem.known_from, PAST_DAYS)

    def person(
        self,
        number: int,
        options: Sequence[tuple[Option, ...]],
        off_cost: Sequence[int],
    ) -> Person:
        """An agent's line, from the options and costs of the days of the horizon."""
        agent = self.problem.agents[number]
        gone = [self._worked(agent.agent_id, day) for day in range(-self.before, 0)]
        return Person(
            options=(*gone, *options),
            off_cost=(*(0 for _ in gone), *off_cost),
            spans=tuple(
                Span(
                    range(week.days[0] + self.before, week.days[-1] + self.before + 1),
                    int(week.low[number]),
                    int(week.high[number]),
                    SCALE * SHORT,
                )
                for week in self.weeks
            ),
            limits=tuple(self._limits(number)),
            fixed=frozenset(range(self.before)),
            rests=tuple(
                rest_slots(self.problem, agent.contract, gap) for gap in range(GAPS)
            ),
        )

    def _worked(self, agent_id: str, day: int) -> tuple[Option, ...]:
        """The shift of a day of the past, as its only option."""
        past: Past | None = self._past.get((agent_id, day))
        if past is None:
            return ()
        horizon = self.problem.horizon
        tick = pd.Timedelta(minutes=horizon.slot_min)
        end = -int((horizon.origin - past.end) // tick)  # rounded up
        covers = covers_of(self.problem.units_of_past(past))
        start = horizon.slot_of(past.start)
        option = Option(OFF, 0, covers=covers, start=start, end=end)
        return (option,)

    def _limits(self, number: int) -> Iterator[Limit]:
        """Days in a row, rests in two weeks, free weekends, Sundays, minors' days."""
        rules, horizon = self.problem.rules, self.problem.horizon
        contract = self.problem.agents[number].contract
        first, after = -self.before, horizon.days
        for length, most in day_limits(self.problem):
            for start in range(first, after - length + 1):
                days = range(start, start + length)
                yield self._limit(number, [(day,) for day in days], most)
        for ends, most in worked_ends(self.problem):
            yield self._limit(number, ends, most)
        free = rules.limit("minor-free-days") if contract.minor else None
        for monday in range(-horizon.first.weekday(), after, 7):
            days = range(max(monday, first), min(monday + 7, after))
            if free is not None:
                yield self._limit(number, [(day,) for day in days], 7 - int(free))

    def _limit(
        self, number: int, groups: Sequence[tuple[int, ...]], most: int
    ) -> Limit:
        """At most so many of some groups of days, or as many as the past has had."""
        agent_id = self.problem.agents[number].agent_id
        done = sum(any((agent_id, d) in self._past for d in days) for days in groups)
        return Limit(
            tuple(tuple(self.before + day for day in days) for days in groups),
            max(most, done),
        )


def _weekday(problem: Problem, week: range) -> int:
    return problem.horizon.date(week[-1]).weekday()


def covers_of(units: Ints) -> tuple[tuple[int, int], ...]:
    """(row, units) of units by group and interval."""
    rows = np.flatnonzero(units)
    return tuple(zip(rows.tolist(), units.ravel()[rows].tolist(), strict=True))


def _covers(columns: Columns, place: int) -> tuple[tuple[int, int], ...]:
    """(row, units) of a column."""
    units = columns.units
    cells = slice(units.indptr[place], units.indptr[place + 1])
    return tuple(
        zip(units.indices[cells].tolist(), units.data[cells].tolist(), strict=True)
    )
