"""Better shifts and breaks for one agent after another, days as they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from staffing.roster.assign import BROKEN, Month
from staffing.roster.cells import Cell
from staffing.roster.columns import Columns, columns_of
from staffing.roster.cover import prices_of
from staffing.roster.problem import Duty, Ints, Problem, Shift

ROUNDS = 3  # over all agents; fewer where nothing changes any more
TIE = 1e-3  # of what changes of start and late ends cost: less than any cover

Floats = NDArray[np.float64]


def polish(
    problem: Problem, cells: Sequence[Cell], duties: Sequence[Duty]
) -> tuple[Duty, ...]:
    """
    Re-place shifts, groups and breaks, one agent's whole month at a time.

    Parameters
    ----------
    problem : Problem
    cells : sequence of Cell
    duties : sequence of Duty
        Each with a shift that the agent's cell can have on the day. Rest between
        them may be too short.

    Returns
    -------
    tuple of Duty
        By agent and day, of the same agents, days and kinds, and with all rest; the
        cover and the wishes not granted cost no more, unless rest asked for it.

    Notes
    -----
    With all others as they are, the best line of an agent is a shortest path through
    the starts of the days, whose arcs are those that keep rest. Where no path
    reaches a day, its shift is left out.
    """
    lines = _Lines(problem, cells, duties)
    for _ in range(ROUNDS):
        changed = [lines.improve(agent) for agent in lines.in_turn()]
        if not any(changed):
            break
    return lines.duties()


class _Offer:
    """What a cell can work on a day in one kind: columns C, distinct times S."""

    def __init__(self, columns: Columns, chosen: Ints, month: Month) -> None:
        times = [(columns.shifts[c].start, columns.shifts[c].end) for c in chosen]
        order = sorted(range(len(chosen)), key=times.__getitem__)
        chosen = chosen[order]
        self.options = [(int(columns.group[c]), columns.shifts[c]) for c in chosen]
        self.column = {option: number for number, option in enumerate(self.options)}
        distinct, self.first, self.time = np.unique(
            np.array(times)[order], axis=0, return_index=True, return_inverse=True
        )
        self.start, self.end = distinct.T
        self.clock = np.array([float(month.minute(slot)) for slot in self.start])
        self.units = columns.units[chosen]
        self.rows = np.repeat(np.arange(len(chosen)), np.diff(self.units.indptr))
        self.places, at = np.unique(self.units.indices, return_inverse=True)
        self.cells = (self.units.data - 1) * len(self.places) + at
        self.levels = np.arange(1, self.units.data.max(initial=0) + 1)[:, None]

    def covered(self, column: int) -> tuple[Ints, Ints]:
        """Intervals in which a column is at work, and for how many slots."""
        inside = slice(*self.units.indptr[column : column + 2])
        return self.units.indices[inside], self.units.data[inside]

    def added(self, presence: Ints, prices: Ints) -> Floats:
        """What each column adds to the cost of the cover; (C,)."""
        there = presence[self.places]
        added = prices[self.places, there + self.levels] - prices[self.places, there]
        each = added.ravel()[self.cells].astype(np.float64)
        costs = np.bincount(self.rows, each, minlength=len(self.options))
        return np.asarray(costs, dtype=np.float64)

    def cheapest(self, costs: Floats, time: int) -> int:
        """The column that costs least among those of a time."""
        ends = [*self.first.tolist(), len(costs)]
        return int(ends[time] + costs[ends[time] : ends[time + 1]].argmin())


class _Path(NamedTuple):
    """
    An agent's best line: its cost, that of the line so far, and what is chosen.

    ``broken`` is the first day to which no path keeps rest, −1 where all do.
    """

    cost: float
    now: float
    chosen: Mapping[int, tuple[int, Shift]]
    broken: int


class _Lines:
    """Everybody's shifts, and what they give to the cover."""

    def __init__(
        self, problem: Problem, cells: Sequence[Cell], duties: Sequence[Duty]
    ) -> None:
        self.problem, self.month = problem, Month(problem)
        self.cell = {
            a: number for number, cell in enumerate(cells) for a in cell.agents
        }
        self.lines: dict[int, dict[int, Duty]] = defaultdict(dict)
        for duty in duties:
            self.lines[duty.agent][duty.day] = duty
            self.month.put(duty.agent, duty.day, duty.shift)
        self.presence = problem.presence(tuple(duties)).ravel()
        need = problem.need
        levels = (len(problem.agents) + 1) * need.slots + 1
        self.prices = prices_of(need, np.arange(need.units.size), levels)
        self.offers: dict[tuple[int, int, int], _Offer] = {}
        for day in range(problem.horizon.days):
            columns = columns_of(problem, tuple(cells), day)
            owners = np.stack([columns.cell, columns.kind], axis=1)
            for cell, kind in np.unique(owners, axis=0).tolist():
                chosen = np.flatnonzero((owners == (cell, kind)).all(axis=1))
                self.offers[day, cell, kind] = _Offer(columns, chosen, self.month)

    def duties(self) -> tuple[Duty, ...]:
        """All duties by agent and day."""
        return tuple(
            line[day] for _, line in sorted(self.lines.items()) for day in sorted(line)
        )

    def in_turn(self) -> list[int]:
        """The agents, those whose rest is too short before the others."""
        agents, broken = np.arange(len(self.problem.agents)), set()
        for day in range(self.problem.horizon.days):
            earliest, _ = self.month.window(agents, day)
            broken |= set(agents[self.month.start[:, day] < earliest].tolist())
        return sorted(self.lines, key=lambda agent: (agent not in broken, agent))

    def improve(self, agent: int) -> bool:
        """Give an agent the best line of the same days; whether it is another one."""
        line = self.lines[agent]
        for duty in line.values():
            self._count(duty, -1)
        found = self._best(agent)
        while found.broken >= 0:
            del line[found.broken]
            self.month.clear(agent, found.broken)
            found = self._best(agent)
        changed = found.cost < found.now - TIE**2
        for day, (group, shift) in found.chosen.items():
            if changed:
                line[day] = Duty(agent, day, group, shift)
                self.month.put(agent, day, shift)
            self._count(line[day], 1)
        return changed

    def _count(self, duty: Duty, people: int) -> None:
        places, units = self._offer(duty).covered(self._column(duty))
        self.presence[places] += people * units

    def _offer(self, duty: Duty) -> _Offer:
        return self.offers[duty.day, self.cell[duty.agent], duty.shift.kind]

    def _column(self, duty: Duty) -> int:
        return self._offer(duty).column[duty.group, duty.shift]

    def _costs(self, duty: Duty) -> Floats:
        """What each column of a duty's day would cost, the agent being off; (C,)."""
        offer, month = self._offer(duty), self.month
        costs = offer.added(self.presence, self.prices)
        late = month.late[duty.agent].sum() - month.late[duty.agent, duty.day]
        weight = TIE * self.problem.rules.weight("fair-late") * late
        costs += (weight * (offer.end >= month.late_slots[duty.day]))[offer.time]
        if (duty.agent, duty.day) in month.wishes:
            shifts = [shift for _, shift in offer.options]
            costs += month.refused(duty.agent, duty.day, shifts)
        return costs

    def _best(self, agent: int) -> _Path:
        """The shortest path through an agent's days."""
        month = self.month
        ends, clocks = month.end[agent, -1:], month.clock[agent, -1:]
        before, state = int(month.past_day[agent]), 0
        total, now = np.zeros(1), 0.0
        steps: list[tuple[Duty, Floats, Floats, Ints]] = []
        for day, duty in sorted(self.lines[agent].items()):
            offer, column = self._offer(duty), self._column(duty)
            costs = self._costs(duty)
            earliest = ends[:, None] + month.rest(agent, day - before)
            arcs = BROKEN * (offer.start < earliest)
            if month.week(before) == month.week(day):
                arcs = arcs + TIE * month.change(clocks[:, None], offer.clock)
            now += costs[column] + arcs[state, offer.time[column]]
            totals = total[:, None] + arcs
            steps.append((duty, costs, arcs, totals.argmin(axis=0)))
            total = totals.min(axis=0) + np.minimum.reduceat(costs, offer.first)
            ends, clocks, before = offer.end, offer.clock, day
            state = int(offer.time[column])
        place, broken = int(total.argmin()), -1
        chosen: dict[int, tuple[int, Shift]] = {}
        for duty, costs, arcs, origin in reversed(steps):
            offer = self._offer(duty)
            chosen[duty.day] = offer.options[offer.cheapest(costs, place)]
            if arcs[origin[place], place] >= BROKEN:
                broken = duty.day
            place = int(origin[place])
        return _Path(float(total.min()), now, chosen, broken)
