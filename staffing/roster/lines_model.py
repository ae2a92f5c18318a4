"""CP-SAT's model of lines of work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from staffing.roster.lines import OFF, Lines, Option, Person
from staffing.roster.problem import Ints

Bools = NDArray[np.bool_]
Term = cp_model.LinearExpr | int
Terms = list[Term]
Among = Mapping[tuple[int, int], Sequence[int]]
"""Places of the options that may be chosen, by person and day; all where none."""


class LinesModel:
    """CP-SAT's model of the free part of lines, the rest being constant."""

    def __init__(
        self, lines: Lines, hint: Ints | None, free: Bools | None, among: Among
    ) -> None:
        self.model = cp_model.CpModel()
        self.lines = lines
        shape = (len(lines.persons), lines.days)
        self.free = np.ones(shape, dtype=bool) if free is None else free.copy()
        self.kept = np.full(shape, OFF) if hint is None else hint.copy()
        self.among = among
        self.chosen: dict[tuple[int, int], dict[int, cp_model.IntVar]] = {}
        self.costs: Terms = []
        for p, person in enumerate(lines.persons):
            for day in person.fixed:
                self.free[p, day] = False
                self.kept[p, day] = 0 if person.options[day] else OFF
        self.works = [self._line(p) for p in range(len(lines.persons))]
        self._cover()
        self._fair()
        if hint is not None:
            for (p, day), chosen in self.chosen.items():
                for place, variable in chosen.items():
                    self.model.add_hint(variable, place == hint[p, day])

    def add_noise(self, random: np.random.Generator, noise: int) -> None:
        """Put a random cost on each option."""
        for chosen in self.chosen.values():
            self.costs += [int(random.integers(noise)) * x for x in chosen.values()]

    def choice(self, solver: cp_model.CpSolver) -> Ints:
        """What was chosen."""
        choice = self.kept.copy()
        for cell, chosen in self.chosen.items():
            places = (i for i, x in chosen.items() if solver.boolean_value(x))
            choice[cell] = next(places, OFF)
        return choice

    def _line(self, p: int) -> Terms:
        """A person's variables and limits; whether each day is worked."""
        person = self.lines.persons[p]
        works: Terms = []
        for day, options in enumerate(person.options):
            if not self.free[p, day]:
                works.append(int(self.kept[p, day] != OFF))
                self.costs.append(self._kept_cost(p, day))
                continue
            places = self.among.get((p, day), range(len(options)))
            chosen = {place: self.model.new_bool_var("") for place in places}
            self.chosen[p, day] = chosen
            if not chosen:
                works.append(0)
                self.costs.append(person.off_cost[day])
                continue
            work = self.model.new_bool_var("")
            self.model.add(sum(chosen.values()) == work)
            works.append(work)
            self.costs.append(person.off_cost[day] * (1 - work))
            self.costs += [options[place].cost * x for place, x in chosen.items()]
        if self.free[p].any():
            self._counts(p, person)
            self._spans(p, person)
            self._successions(p, person, works)
            self._runs(person, works)
            for limit in person.limits:
                self._limit(limit.groups, limit.most, works)
        return works

    def _kept_cost(self, p: int, day: int) -> int:
        person, place = self.lines.persons[p], int(self.kept[p, day])
        if place == OFF:
            return person.off_cost[day]
        return person.options[day][int(place)].cost

    def _terms(self, p: int, day: int) -> list[tuple[Option, Term]]:
        """Options of a day and whether each is chosen."""
        options = self.lines.persons[p].options[day]
        if self.free[p, day]:
            return [(options[place], x) for place, x in self.chosen[p, day].items()]
        place = self.kept[p, day]
        return [] if place == OFF else [(options[place], 1)]

    def _counts(self, p: int, person: Person) -> None:
        for kind, most in person.most.items():
            terms = [
                x
                for day in range(self.lines.days)
                for option, x in self._terms(p, day)
                if option.kind == kind
            ]
            if len(terms) > most:
                self.model.add(sum(terms) <= most)

    def _spans(self, p: int, person: Person) -> None:
        for span in person.spans:
            paid = sum(o.paid * x for day in span.days for o, x in self._terms(p, day))
            if span.price is not None and span.low > 0:
                short = self.model.new_int_var(0, span.low, "")
                self.costs.append(span.price * short)
                self.model.add(paid + short >= span.low)
            else:
                self._add(paid >= span.low)
            self._add(paid <= span.high)

    def _add(self, condition: cp_model.BoundedLinearExpression | bool) -> None:
        """A condition that may be constant."""
        self.model.add(condition)

    def _successions(self, p: int, person: Person, works: Terms) -> None:
        """
        What cannot follow: one row for all options that forbid the same ones.

        Such a row holds for every option whose forbidden ones include these, so that
        rows are few and cut deep: those who end late against those who start early.
        """
        for gap in range(1, max(len(person.rests), 2)):
            for day in range(self.lines.days - gap):
                if not self.free[p, [day, day + gap]].any():
                    continue
                firsts, thens = self._shapes(p, day), self._shapes(p, day + gap)
                forbids: dict[frozenset[Option], Terms] = defaultdict(list)
                for first, terms in firsts.items():
                    forbidden = frozenset(
                        then
                        for then in thens
                        if self.lines.clash(person, first, then, gap)
                    )
                    if forbidden:
                        forbids[forbidden] += terms
                between = sum(works[day + 1 : day + gap])
                for forbidden in forbids:
                    late = [
                        x for f, xs in forbids.items() if f >= forbidden for x in xs
                    ]
                    early = [x for then in forbidden for x in thens[then]]
                    self._add(sum(late) + sum(early) <= 1 + between)

    def _shapes(self, p: int, day: int) -> dict[Option, Terms]:
        """The terms of options that are alike for what can follow."""
        shapes: dict[Option, Terms] = defaultdict(list)
        for option, x in self._terms(p, day):
            shape = Option(option.kind, 0, start=option.start, end=option.end)
            shapes[shape].append(x)
        return shapes

    def _runs(self, person: Person, works: Terms) -> None:
        """Least runs of work and of days off: each begin and end holds a while."""
        if person.least_run == 1 and person.least_off == 1:
            return
        begins = [self.model.new_bool_var("") for _ in works]
        ends = [self.model.new_bool_var("") for _ in works]
        for day in range(1, len(works)):
            self.model.add(begins[day] - ends[day] == works[day] - works[day - 1])
            first = max(day - person.least_run + 1, 1)
            self.model.add(sum(begins[first : day + 1]) <= works[day])
            first = max(day - person.least_off + 1, 1)
            self.model.add(sum(ends[first : day + 1]) <= 1 - works[day])

    def _limit(
        self, groups: Sequence[tuple[int, ...]], most: int, works: Terms
    ) -> None:
        if len(groups) > most:
            self._add(sum(self._any(group, works) for group in groups) <= most)

    def _any(self, group: tuple[int, ...], works: Terms) -> Term:
        """Whether a group of days has work in it."""
        if len(group) == 1:
            return works[group[0]]
        busy = self.model.new_bool_var("")
        for day in group:
            self._add(works[day] <= busy)
        self._add(sum(works[day] for day in group) >= busy)
        return busy

    def _cover(self) -> None:
        given: list[Terms] = [[] for _ in self.lines.rows]
        for p in range(len(self.lines.persons)):
            for day in range(self.lines.days):
                for option, x in self._terms(p, day):
                    for place, units in option.covers:
                        given[place].append(units * x)
        for row, terms in zip(self.lines.rows, given, strict=True):
            constant = sum(term for term in terms if isinstance(term, int))
            free = [term for term in terms if not isinstance(term, int)]
            if not free:
                self.costs.append(row.cost(constant))
                continue
            over = self.model.new_int_var(0, 10**6, "")
            missing = [
                self.model.new_int_var(
                    0, row.need if number == len(row.steps) else units, ""
                )
                for number, (units, _) in enumerate(row.steps, 1)
            ]
            self.model.add(constant + sum(free) + sum(missing) - over == row.need)
            self.costs.append(row.over * over)
            self.costs += [
                each * part for part, (_, each) in zip(missing, row.steps, strict=True)
            ]

    def _fair(self) -> None:
        for fair in self.lines.fair:
            most, fewest, beyond = (
                self.model.new_int_var(0, self.lines.days, "") for _ in range(3)
            )
            for p, groups in fair.groups.items():
                free = sum(1 - self._any(group, self.works[p]) for group in groups)
                self.model.add(most >= free)
                self.model.add(fewest <= free)
            self.model.add(beyond >= most - fewest - fair.spread)
            self.costs.append(fair.cost * beyond)
