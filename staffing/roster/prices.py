"""What would help most: more contracts, extra shifts, time off, with what they save."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from staffing.roster.agent_lines import PersonRules
from staffing.roster.cells import Cell, cells_of
from staffing.roster.columns import columns_of
from staffing.roster.lines import OFF, Lines, Option, Span
from staffing.roster.problem import Duty, Ints, Problem, Shift

NAMED = 5
"""People who are named in one price; of more, one fewer and how many others."""
WEEKDAYS = ("Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun")


class Price(NamedTuple):
    """
    A change, and what it saves with everything else as it is.

    ``gain`` is in the money of the need; rostering the others anew can only save
    more. ``missing_h`` and ``spare_h``: hours missing and to spare that it removes;
    those that it adds are negative. [h]
    """

    gain: int
    missing_h: float
    spare_h: float
    text: str


def prices(
    problem: Problem, duties: Sequence[Duty], *, limit: int = 10
) -> tuple[Price, ...]:
    """
    The changes that save most, of each sort at most so many.

    One more person of a contract, on all dates of a weekday with the same start; an
    extra shift of somebody who is off on that day, where all rules but the hours of
    the contract leave room for it and the week stays within "week-average"; a shift
    given up where people are to spare.
    """
    found = _Prices(problem, duties)
    best = []
    for sort in (found.contracts(), found.extra_shifts(), found.time_off()):
        useful = (price for price in sort if price.gain > 0)
        best += sorted(useful, key=lambda price: (-price.gain, price.text))[:limit]
    return tuple(sorted(best, key=lambda price: (-price.gain, price.text)))


class _Change(NamedTuple):
    """A shift more (or fewer) of a cell, and what it saves."""

    gain: int
    missing: int
    spare: int
    cell: int
    group: int
    shift: Shift


class _Prices:
    """What changes to a roster save."""

    def __init__(self, problem: Problem, duties: Sequence[Duty]) -> None:
        self.problem, self.duties = problem, duties
        self.presence = problem.presence(tuple(duties))
        self.rules = PersonRules(problem)
        self.worked: dict[int, dict[int, Shift]] = defaultdict(dict)
        for duty in duties:
            self.worked[duty.agent][duty.day] = duty.shift

    def contracts(self) -> Iterator[Price]:
        """One more person of a contract on all dates of a weekday."""
        problem = self.problem
        cells = tuple(
            Cell(contract, (group,), None, ())
            for contract in dict.fromkeys(agent.contract for agent in problem.agents)
            for group in range(len(problem.need.groups))
        )
        dates: dict[tuple[int, int, int, str], list[_Change]] = defaultdict(list)
        for day in range(problem.horizon.days):
            weekday = problem.horizon.date(day).weekday()
            for change in self._added(cells, day):
                key = (weekday, change.cell, change.shift.kind, self._clock(change))
                dates[key].append(change)
        best: dict[tuple[int, int, int], tuple[int, str, list[_Change]]] = {}
        for (*place, clock), changes in dates.items():
            weekday, cell, kind = place
            found = (sum(change.gain for change in changes), clock, changes)
            best[weekday, cell, kind] = max(
                found, best.get((weekday, cell, kind), found), key=lambda each: each[0]
            )
        for (weekday, cell, _), (_, clock, changes) in best.items():
            name = cells[cell].contract.name
            text = f"one more {name} on {WEEKDAYS[weekday]}days {clock}"
            yield self._price(text, changes)

    def extra_shifts(self) -> Iterator[Price]:
        """A shift more of somebody who is off: one price for all who would do."""
        problem = self.problem
        cells = cells_of(problem)
        for day in range(problem.horizon.days):
            best: dict[int, _Change] = {}
            for change in self._added(cells, day):
                if change.gain > best.get(change.cell, NO_CHANGE).gain:
                    best[change.cell] = change
            able: dict[tuple[str, _Change], list[int]] = defaultdict(list)
            for number, change in best.items():
                text = (
                    f"an extra {cells[number].contract.name} shift on "
                    f"{problem.horizon.date(day)} {self._clock(change)}"
                )
                saved = NO_CHANGE._replace(
                    gain=change.gain, missing=change.missing, spare=change.spare
                )
                able[text, saved] += [
                    agent
                    for agent in cells[number].agents
                    if self._has_room(agent, day, change.shift)
                ]
            for (text, saved), agents in able.items():
                if agents:
                    names = [problem.agents[agent].agent_id for agent in sorted(agents)]
                    yield self._price(f"{text} by {_one_of(names)}", [saved])

    def time_off(self) -> Iterator[Price]:
        """A shift given up: one price for all who work the same one."""
        problem = self.problem
        alike: dict[tuple[int, int, Shift], list[int]] = defaultdict(list)
        for duty in self.duties:
            alike[duty.day, duty.group, duty.shift].append(duty.agent)
        for (day, group, shift), agents in alike.items():
            units = problem.units((Duty(agents[0], day, group, shift),))
            change = self._change(-units, OFF, group, shift)
            names = [problem.agents[agent].agent_id for agent in agents]
            yield self._price(
                f"time off for {_one_of(names)} on {problem.horizon.date(day)} "
                f"{self._clock(change)}",
                [change],
            )

    def _added(self, cells: tuple[Cell, ...], day: int) -> Iterator[_Change]:
        """A shift more of each cell, group, kind and start, its breaks where best."""
        need = self.problem.need
        columns = columns_of(self.problem, cells, day)
        tables = []
        for value in (need.costs, need.missing, need.surplus):
            before = value(self.presence)
            more = np.arange(need.slots + 1)[:, None, None]
            saved = np.stack([before - value(self.presence + units) for units in more])
            units = columns.units.copy()
            units.data = saved.reshape(len(more), -1)[units.data, units.indices]
            tables.append(units.sum(axis=1))
        best: dict[tuple[int, int, int, int], _Change] = {}
        for place, shift in enumerate(columns.shifts):
            cell, group = int(columns.cell[place]), int(columns.group[place])
            gain, missing, spare = (int(table[place]) for table in tables)
            change = _Change(gain, missing, spare, cell, group, shift)
            key = (cell, group, shift.kind, shift.start)
            best[key] = max(change, best.get(key, change), key=lambda each: each.gain)
        yield from best.values()

    def _change(self, units: Ints, cell: int, group: int, shift: Shift) -> _Change:
        need = self.problem.need
        after = self.presence + units

        def saved(value: Callable[[Ints], Ints]) -> int:
            return int((value(self.presence) - value(after)).sum())

        saves = (saved(need.costs), saved(need.missing), saved(need.surplus))
        return _Change(*saves, cell, group, shift)

    def _has_room(self, agent: int, day: int, shift: Shift) -> bool:
        """Whether an extra shift leaves all rules but the contract's hours whole."""
        if day in self.worked[agent] or not self.problem.can_work(agent, day):
            return False
        kinds = self.problem.agents[agent].contract.kinds
        options = [
            (Option(s.kind, kinds[s.kind].paid_min, start=s.start, end=s.end),)
            if s is not None
            else ()
            for s in (
                (self.worked[agent] | {day: shift}).get(d)
                for d in range(self.problem.horizon.days)
            )
        ]
        person = self.rules.person(agent, options, [0] * len(options))
        most_h = self.problem.rules.limit("week-average")
        spans = tuple(
            Span(span.days, 0, round(60 * most_h))
            for span in person.spans
            if most_h is not None
        )
        line = np.array([0 if each else OFF for each in person.options])
        return Lines((replace(person, spans=spans),), ()).keeps(0, line)

    def _clock(self, change: _Change) -> str:
        start, end = map(self.problem.horizon.time, change.shift[1:3])
        names = self.problem.need.groups
        group = f" ({names[change.group]})" if names[1:] else ""
        return f"{start:%H:%M}-{end:%H:%M}{group}"

    def _price(self, text: str, changes: Sequence[_Change]) -> Price:
        unit_h = self.problem.horizon.slot_min / 60
        missing_h = unit_h * sum(change.missing for change in changes)
        spare_h = unit_h * sum(change.spare for change in changes)
        effects = [
            f"{'removes' if hours > 0 else 'adds'} {abs(hours):g} {what} h"
            for hours, what in ((missing_h, "missing"), (spare_h, "spare"))
            if hours
        ]
        gain = sum(change.gain for change in changes)
        return Price(gain, missing_h, spare_h, f"{text} {' and '.join(effects)}")


NO_CHANGE = _Change(0, 0, 0, OFF, OFF, Shift(OFF, 0, 0))


def _one_of(names: Sequence[str]) -> str:
    """The first of some people, and how many others would do as well."""
    named = names if len(names) <= NAMED else names[: NAMED - 1]
    more = len(names) - len(named)
    *first, last = [*named, f"{more} others"] if more else named
    return f"{', '.join(first)} or {last}" if first else last
