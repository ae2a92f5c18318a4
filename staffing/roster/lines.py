"""Lines of work: for each person and day one option or none, and what limits them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np

from staffing.roster.problem import Ints

OFF = -1
"""In place of an option: the person does not work on that day."""


class Option(NamedTuple):
    """
    What a person may do on a day.

    ``kind`` is what the maxima of a kind count, ``paid`` the minutes that spans count,
    ``covers`` the (row, units) of cover that it gives, ``start`` and ``end`` its slots.
    """

    kind: int
    paid: int
    cost: int = 0
    covers: tuple[tuple[int, int], ...] = ()
    start: int = 0
    end: int = 0


class Span(NamedTuple):
    """
    Paid minutes in some days: at least ``low``, at most ``high``.

    A minute below ``low`` costs ``price``; with None it is not allowed.
    """

    days: range
    low: int
    high: int
    price: int | None = None


class Limit(NamedTuple):
    """At most ``most`` of these groups of days, weekends say, have work in them."""

    groups: tuple[tuple[int, ...], ...]
    most: int


class Row(NamedTuple):
    """
    Something to be covered: units needed, and what too few and too many cost.

    ``steps`` are (units, cost of each) of what is missing, as in Need; the last one
    goes on for ever.
    """

    need: int
    steps: tuple[tuple[int, int], ...]
    over: int

    def cost(self, given: int) -> int:
        """What the missing or spare units cost."""
        missing, cost = self.need - given, self.over * max(given - self.need, 0)
        for number, (units, each) in enumerate(self.steps, 1):
            taken = missing if number == len(self.steps) else min(missing, units)
            cost += max(taken, 0) * each
            missing -= max(taken, 0)
        return cost


class Fair(NamedTuple):
    """
    Groups of days that people should have free equally often, by person.

    Each one by which most and fewest differ beyond ``spread`` costs ``cost``.
    """

    groups: Mapping[int, tuple[tuple[int, ...], ...]]
    spread: int
    cost: int


@dataclass(frozen=True)
class Person:
    """
    The options of a person, by day, and the limits on their sequence.

    ``fixed`` days are worked, by their only option, or off where they have none: the
    past. ``rests`` are the slots from the end of an option to the start of the next
    one, by the days from one to the other (0, 1, …; none where there are no more). A
    run of working days has at least ``least_run`` of them and one of days off at least
    ``least_off``, unless it touches the first or the last day.
    """

    options: tuple[tuple[Option, ...], ...]
    off_cost: tuple[int, ...]
    most: Mapping[int, int] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    limits: tuple[Limit, ...] = ()
    least_run: int = 1
    least_off: int = 1
    fixed: frozenset[int] = frozenset()
    rests: tuple[int, ...] = ()


@dataclass(frozen=True)
class Lines:
    """People, what they cover, and what kinds cannot follow a kind on the next day."""

    persons: tuple[Person, ...]
    rows: tuple[Row, ...]
    fair: tuple[Fair, ...] = ()
    never_then: Mapping[int, frozenset[int]] = field(default_factory=dict)

    @property
    def days(self) -> int:
        """Days of the lines, those of the past included."""
        return len(self.persons[0].options)

    def clash(self, person: Person, first: Option, then: Option, days: int) -> bool:
        """Whether an option cannot follow another so many days later, none between."""
        rested = days >= len(person.rests) or (
            then.start - first.end >= person.rests[days]
        )
        never = days == 1 and then.kind in self.never_then.get(first.kind, ())
        return never or not rested

    def cost(self, choice: Ints) -> int:
        """
        What the chosen options cost in all.

        Parameters
        ----------
        choice : ndarray of int, shape (persons, days)
            The place of the option, or OFF.
        """
        given = np.zeros(len(self.rows), dtype=np.int64)
        cost = 0
        for person, line in zip(self.persons, choice, strict=True):
            for day, place in enumerate(line):
                if place == OFF:
                    cost += person.off_cost[day]
                    continue
                option = person.options[day][place]
                cost += option.cost
                for row, units in option.covers:
                    given[row] += units
            for span in person.spans:
                paid = self.paid(person, line, span.days)
                cost += max(span.low - paid, 0) * (span.price or 0)
        cost += sum(
            row.cost(int(units)) for row, units in zip(self.rows, given, strict=True)
        )
        works = choice != OFF
        for fair in self.fair:
            free = [
                sum(not works[p, list(group)].any() for group in groups)
                for p, groups in fair.groups.items()
            ]
            cost += fair.cost * max(max(free) - min(free) - fair.spread, 0)
        return int(cost)

    @staticmethod
    def paid(person: Person, line: Ints, days: range) -> int:
        """Paid minutes of a line in some days. [min]"""
        return sum(
            person.options[day][line[day]].paid for day in days if line[day] != OFF
        )

    def keeps(self, place: int, line: Ints) -> bool:
        """Whether a person's line keeps to all limits; spans with a price always do."""
        person = self.persons[place]
        done = [
            person.options[day][option] if option != OFF else None
            for day, option in enumerate(line.tolist())
        ]
        worked = [day for day, option in enumerate(done) if option is not None]
        kinds = [option.kind for option in done if option is not None]
        return (
            all(kinds.count(kind) <= most for kind, most in person.most.items())
            and all(
                (
                    span.price is not None
                    or self.paid(person, line, span.days) >= span.low
                )
                and self.paid(person, line, span.days) <= span.high
                for span in person.spans
            )
            and all(
                sum(any(day in worked for day in group) for group in limit.groups)
                <= limit.most
                for limit in person.limits
            )
            and not any(
                self.clash(person, first, then, gap)
                for first, then, gap in _pairs(done)
            )
            and all(_long_enough(worked, person, len(done)))
        )


def _long_enough(worked: Sequence[int], person: Person, days: int) -> Iterator[bool]:
    """Whether each run of days, worked or off, that touches no edge is long enough."""
    at = 0
    for works, run in groupby(range(days), key=set(worked).__contains__):
        length = len(list(run))
        least = person.least_run if works else person.least_off
        yield at == 0 or at + length == days or length >= least
        at += length


def _pairs(done: Sequence[Option | None]) -> Iterator[tuple[Option, Option, int]]:
    """Each option and the next one, and how many days later that is."""
    worked = [(day, option) for day, option in enumerate(done) if option is not None]
    for (day, first), (later, then) in pairwise(worked):
        yield first, then, later - day
