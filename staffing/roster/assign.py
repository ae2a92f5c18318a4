"""Whose shift is whose: the covers' shifts of each day to the people who are there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from staffing.roster.cells import Cell
from staffing.roster.cover import DayCover
from staffing.roster.problem import Duty, Ints, Problem, Shift
from staffing.roster.rest import last_past, rest_slots
from staffing.roster.team import Request
from staffing.roster.wishes import is_granted

SWEEPS = 3  # over the month: the first knows the days before, the others both sides
BROKEN = 1e6  # cost of a rest that is too short
NEVER = 10**6  # a slot after every horizon

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def solve_starts(
    problem: Problem, cells: Sequence[Cell], work: Ints, covers: Sequence[DayCover]
) -> tuple[Duty, ...]:
    """
    The shifts of each day's cover, given to the people who work on it.

    Parameters
    ----------
    problem : Problem
    cells : sequence of Cell
    work : ndarray of int, shape (A, D)
        Kind of the shift of each agent and day, −1 where there is none.
    covers : sequence of DayCover
        Shifts of each day, as many for each cell and kind as work it.

    Returns
    -------
    tuple of Duty
        By agent and day. Rest is kept wherever the assignment of one day to the days
        around it can keep it, but not always.

    Notes
    -----
    Day by day, for each cell and kind, the assignment [1]_ that costs least by rest,
    wishes, late ends and changes of start within the week: over weeks, those with
    many late ends come to start early. Then again, knowing the days after too.

    .. [1] D. F. Crouse (2016). On implementing 2D rectangular assignment algorithms.
       IEEE Transactions on Aerospace and Electronic Systems 52(4): 1679–1696, which
       ``scipy.optimize.linear_sum_assignment`` follows.
    """
    month = Month(problem)
    duties: dict[tuple[int, int], Duty] = {}
    for _ in range(SWEEPS):
        for day, cover in enumerate(covers):
            offered: dict[tuple[int, int], list[tuple[int, Shift]]] = defaultdict(list)
            for number, group, shift, people in cover.counts:
                offered[number, shift.kind] += [(group, shift)] * people
            for (number, kind), shifts in offered.items():
                agents = np.array(cells[number].agents)
                agents = agents[work[agents, day] == kind]
                costs = month.costs(agents, day, [shift for _, shift in shifts])
                chosen = zip(*linear_sum_assignment(costs), strict=True)
                for agent, (group, shift) in [
                    (int(agents[row]), shifts[column]) for row, column in chosen
                ]:
                    month.put(agent, day, shift)
                    duties[agent, day] = Duty(agent, day, group, shift)
    return tuple(duties[place] for place in sorted(duties))


def late_slots(problem: Problem) -> Ints:
    """The slots from which on the end of a day's shift is late, shape (D,)."""
    horizon, starts = problem.horizon, problem.need.starts
    midnights = [horizon.slot(day + 1) for day in range(horizon.days)]
    last = np.searchsorted(starts, midnights) - 1
    two_hours = 120 // horizon.slot_min
    return np.asarray(starts[np.maximum(last, 0)] + problem.need.slots - two_hours)


class Month:
    """
    When each agent's shifts start and end, and what another shift would cost.

    Attributes
    ----------
    start, end : ndarray of int, shape (A, D + 1)
        Slots; the last column is the shift before the horizon, and that far after it.
        Days without a shift end long ago and start late.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        shape = len(problem.agents), problem.horizon.days + 1
        self.start = np.full(shape, NEVER)
        self.end = np.full(shape, -NEVER)
        self.clock = np.full(shape, np.nan)
        self.late = np.zeros(shape, dtype=bool)
        self.past_day = np.full(shape[0], -NEVER)
        for agent, (day, end) in last_past(problem).items():
            self.past_day[agent], self.end[agent, -1] = day, end
        for past in sorted(problem.past, key=lambda past: past.end):
            start = past.start.tz_convert(problem.horizon.timezone)
            agent = problem.index[past.agent_id]
            self.clock[agent, -1] = start.hour * 60 + start.minute
        self._minutes: dict[int, int] = {}

    @cached_property
    def wishes(self) -> Mapping[tuple[int, int], Sequence[Request]]:
        """Requests by agent and day."""
        found: dict[tuple[int, int], list[Request]] = defaultdict(list)
        for wish in self.problem.requests:
            day = self.problem.horizon.day(wish.date)
            found[self.problem.index[wish.agent_id], day].append(wish)
        return found

    @cached_property
    def late_slots(self) -> Ints:
        """As :func:`late_slots`."""
        return late_slots(self.problem)

    def minute(self, slot: int) -> int:
        """The time of the local clock at which a slot begins. [min]"""
        if slot not in self._minutes:
            time = self.problem.horizon.time(slot)
            self._minutes[slot] = time.hour * 60 + time.minute
        return self._minutes[slot]

    def put(self, agent: int, day: int, shift: Shift) -> None:
        """Give a shift to an agent, in place of that day's."""
        self.start[agent, day], self.end[agent, day] = shift.start, shift.end
        self.clock[agent, day] = self.minute(shift.start)
        self.late[agent, day] = shift.end >= self.late_slots[day]

    def clear(self, agent: int, day: int) -> None:
        """Take a day's shift away."""
        self.start[agent, day], self.end[agent, day] = NEVER, -NEVER
        self.clock[agent, day], self.late[agent, day] = np.nan, False

    def costs(self, agents: Ints, day: int, shifts: Sequence[Shift]) -> Floats:
        """What each agent's having each shift costs, other days as they are; (N, S)."""
        distinct = {(shift.start, shift.end): n for n, shift in enumerate(shifts)}
        place = {key: n for n, key in enumerate(distinct)}
        first = [shifts[n] for n in distinct.values()]
        start = np.array([shift.start for shift in first])
        end = np.array([shift.end for shift in first])
        clock = np.array([self.minute(shift.start) for shift in first])
        earliest, latest = self.window(agents, day)
        cost = BROKEN * np.maximum(earliest[:, None] - start, 0)
        cost = cost + BROKEN * np.maximum(end - latest[:, None], 0)
        for beside in (self.before(agents, day), self.after(agents, day)):
            days = np.where(beside < 0, self.past_day[agents], beside)
            same = self.week(days) == self.week(day)
            was = np.where(same, self.clock[agents, beside], np.nan)
            cost += self.change(was[:, None], clock)
        late = self.late[agents].sum(axis=1) - self.late[agents, day]
        weight = self.problem.rules.weight("fair-late")
        cost += weight * late[:, None] * (end >= self.late_slots[day])
        for row, agent in enumerate(agents.tolist()):
            if (agent, day) in self.wishes:
                cost[row] += self.refused(agent, day, first)
        return np.asarray(cost[:, [place[s.start, s.end] for s in shifts]])

    def before(self, agents: Ints, day: int) -> Ints:
        """The agents' last days with a shift before a day; −1 for the past."""
        there = np.roll(self.end[agents] > -NEVER, 1, axis=1)[:, : day + 1]
        there[:, 0] = True  # the past
        return np.asarray(day - 1 - there[:, ::-1].argmax(axis=1))

    def after(self, agents: Ints, day: int) -> Ints:
        """The agents' next days with a shift after a day; D where there is none."""
        there = self.start[agents, day + 1 :] < NEVER
        there[:, -1] = True
        return np.asarray(day + 1 + there.argmax(axis=1))

    def window(self, agents: Ints, day: int) -> tuple[Ints, Ints]:
        """Earliest start and latest end that keep rest to the shifts beside. [slots]"""
        before, after = self.before(agents, day), self.after(agents, day)
        last = np.where(before < 0, self.past_day[agents], before)
        earliest = self.end[agents, before] + self.rest(agents, day - last)
        latest = self.start[agents, after] - self.rest(agents, after - day)
        return earliest, latest

    def rest(self, agents: Ints | int, gaps: Ints | int) -> Ints:
        """The rest owed between shifts so many days apart, by agent. [slots]"""
        return np.asarray(self._rests[agents, np.minimum(gaps, 2) - 1])

    @cached_property
    def _rests(self) -> Ints:
        """Rest from one day to the next, and across days off; (A, 2). [slots]"""
        of = {
            contract: [rest_slots(self.problem, contract, days) for days in (1, 2)]
            for contract in {agent.contract for agent in self.problem.agents}
        }
        return np.array([of[agent.contract] for agent in self.problem.agents])

    def week(self, day: Ints | int) -> Ints:
        """The week in which a day is."""
        return np.asarray(day + self.problem.horizon.first.weekday()) // 7

    def change(self, clock: Floats, other: Floats) -> Floats:
        """What a change of start between two shifts costs, 0 where one is unknown."""
        weight = self.problem.rules.weight("stable-start")
        if weight == 0:
            return np.zeros(np.broadcast_shapes(clock.shape, other.shape))
        apart = np.abs(clock - other)
        hours = np.minimum(apart, 1440 - apart) / 60
        beyond = hours - self.problem.rules.rules["stable-start"].value
        return np.asarray(np.nan_to_num(weight * np.maximum(beyond, 0.0)))

    def refused(self, agent: int, day: int, shifts: Sequence[Shift]) -> Floats:
        """The weights of the agent's wishes that each shift does not grant; (S,)."""
        weight = self.problem.rules.weight("wishes")
        return np.array(
            [
                sum(
                    weight * wish.weight * (not is_granted(self.problem, wish, shift))
                    for wish in self.wishes[agent, day]
                )
                for shift in shifts
            ]
        )
