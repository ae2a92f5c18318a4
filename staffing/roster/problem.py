"""The roster problem as solvers see it: slots of time, what is needed, who can."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from staffing.roster.rules import Rules
from staffing.roster.team import Absence, Agent, Past, Request

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Horizon:
    """
    The days to be rostered, and their time in slots of equal absolute length.

    Slot 0 begins at local midnight of the first day. Slots count time that passes: a
    day of the clock change has four more or fewer (of 15 minutes), so that rest and
    paid time are differences of slots. Days count from 0; those before are negative.
    """

    timezone: str
    first: dt.date
    days: int
    slot_min: int = 15

    @cached_property
    def origin(self) -> pd.Timestamp:
        """When slot 0 begins."""
        return pd.Timestamp(self.first).tz_localize(self.timezone)

    def date(self, day: int) -> dt.date:
        """The date of a day."""
        return self.first + dt.timedelta(days=day)

    def day(self, date: dt.date) -> int:
        """The number of a date."""
        return (date - self.first).days

    def monday(self, day: int) -> dt.date:
        """The Monday of a day's week."""
        date = self.date(day)
        return date - dt.timedelta(days=date.weekday())

    def slot(self, day: int, minute: int = 0) -> int:
        """
        The slot that begins at a time of the local clock, in minutes after midnight.

        A time that clocks skip is the first after it; one that comes twice, the first.
        """
        if (day, minute) not in self._slots:  # asked again and again, and slow
            clock = pd.Timestamp(self.date(day)) + pd.Timedelta(minutes=minute)
            local = clock.tz_localize(
                self.timezone, nonexistent="shift_forward", ambiguous=True
            )
            self._slots[day, minute] = self.slot_of(local)
        return self._slots[day, minute]

    def slot_of(self, time: pd.Timestamp) -> int:
        """The slot in which a time lies."""
        return int((time - self.origin) // pd.Timedelta(minutes=self.slot_min))

    def time(self, slot: int) -> pd.Timestamp:
        """When a slot begins, in local time."""
        if slot not in self._times:
            passed = pd.Timedelta(minutes=self.slot_min * slot)
            time = self.origin.tz_convert("UTC") + passed
            self._times[slot] = time.tz_convert(self.timezone)
        return self._times[slot]

    @cached_property
    def _slots(self) -> dict[tuple[int, int], int]:
        return {}

    @cached_property
    def _times(self) -> dict[int, pd.Timestamp]:
        return {}

    @cached_property
    def weeks(self) -> tuple[range, ...]:
        """Days of each week from Monday to Sunday, as far as they are in here."""
        monday = -self.first.weekday()
        return tuple(
            range(max(start, 0), min(start + 7, self.days))
            for start in range(monday, self.days, 7)
        )


class Step(NamedTuple):
    """So many missing units, by group and interval, cost so much each; (G, I)."""

    units: Ints
    cost: Ints


@dataclass(frozen=True)
class Need:
    """
    Who is needed in each interval, and what missing and spare people cost.

    Units are slots of one agent at work (not on a break): an interval of ``slots``
    slots needs ``agents · slots`` of them. The first missing ``steps[0].units`` cost
    ``steps[0].cost`` each, the next those of the next step, and so on; costs do not
    fall, and the last one goes on for ever. A unit too many costs ``over``.

    Parameters
    ----------
    groups : tuple of str
        Queues or groups of the requirement, length G.
    starts : ndarray of int, shape (I,)
        First slot of each interval; increasing. Intervals that nobody needs are not
        here: presence outside them has neither use nor cost.
    slots : int
        Slots of an interval.
    units : ndarray of int, shape (G, I)
        Units needed.
    steps : tuple of Step
        Cost of missing units. [whole numbers]
    over : int
        Cost of a unit too many, in the same money.
    exact : ndarray of float, shape (G, I), optional
        Agents needed before they became whole units; without, the units are exact.
    """

    groups: tuple[str, ...]
    starts: Ints
    slots: int
    units: Ints
    steps: tuple[Step, ...]
    over: int = 1
    exact: NDArray[np.float64] | None = None

    @cached_property
    def scheduled(self) -> NDArray[np.float64]:
        """Agents needed, exactly. (G, I)"""
        return self.units / self.slots if self.exact is None else self.exact

    def missing(self, presence: Ints) -> Ints:
        """Units missing. (G, I)"""
        return np.asarray(np.maximum(self.units - presence, 0))

    def surplus(self, presence: Ints) -> Ints:
        """Units too many. (G, I)"""
        return np.asarray(np.maximum(presence - self.units, 0))

    def cost(self, presence: Ints) -> int:
        """What the missing and the spare units cost. [whole numbers]"""
        return int(self.costs(presence).sum())

    def costs(self, presence: Ints) -> Ints:
        """The same by group and interval. (G, I)"""
        left, cost = self.missing(presence), self.over * self.surplus(presence)
        for number, step in enumerate(self.steps, 1):
            last = number == len(self.steps)
            taken = left if last else np.minimum(left, step.units)
            cost = cost + taken * step.cost
            left = left - taken
        return np.asarray(cost)


class Shift(NamedTuple):
    """
    A shift with its breaks, in slots; ``kind`` is its place in the contract's kinds.

    ``breaks`` are (first slot, slot after the last, paid), in their order.
    """

    kind: int
    start: int
    end: int
    breaks: tuple[tuple[int, int, bool], ...] = ()


class Duty(NamedTuple):
    """Who works which shift, for which group: places in agents, days and groups."""

    agent: int
    day: int
    group: int
    shift: Shift


@dataclass(frozen=True)
class Problem:
    """Everything that a roster follows from."""

    agents: tuple[Agent, ...]
    horizon: Horizon
    need: Need
    rules: Rules
    absences: tuple[Absence, ...] = ()
    requests: tuple[Request, ...] = ()
    past: tuple[Past, ...] = ()

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The place of each agent."""
        return {agent.agent_id: i for i, agent in enumerate(self.agents)}

    @cached_property
    def known_from(self) -> int:
        """The first day of which is known who works: of the past, or 0."""
        return min((self.horizon.day(past.date) for past in self.past), default=0)

    @cached_property
    def open_days(self) -> frozenset[int]:
        """Days of the horizon in which somebody is needed."""
        midnights = [self.horizon.slot(day) for day in range(self.horizon.days + 1)]
        days = np.searchsorted(midnights, self.need.starts, side="right") - 1
        return frozenset(days.tolist())

    @cached_property
    def open_weekdays(self) -> frozenset[int]:
        """Weekdays, Monday 0, but those on which nobody is needed in the horizon."""
        every, weekday = range(self.horizon.days), self.horizon.first.weekday()
        closed = {(weekday + day) % 7 for day in every}
        closed -= {(weekday + day) % 7 for day in self.open_days}
        return frozenset(range(7)) - closed

    @cached_property
    def away(self) -> Mapping[tuple[int, int], int]:
        """Paid minutes of each (agent, day) of absence within the horizon. [min]"""
        return {
            (self.index[a.agent_id], self.horizon.day(a.date)): a.paid_min
            for a in self.absences
            if a.agent_id in self.index
            and 0 <= self.horizon.day(a.date) < self.horizon.days
        }

    def can_work(self, agent: int, day: int) -> bool:
        """Whether an agent is employed and not away on a day."""
        employed = self.agents[agent].employed(self.horizon.date(day))
        return employed and (agent, day) not in self.away

    def presence(self, duties: Iterable[Duty]) -> Ints:
        """Units at work by group and interval, those standing included. (G, I)"""
        return self.standing + self.units(duties)

    @cached_property
    def standing(self) -> Ints:
        """Units of shifts that began before the horizon and go on in it. (G, I)"""
        late = [past for past in self.past if past.end > self.horizon.origin]
        return sum(map(self.units_of_past, late), start=self.units(()))

    def units_of_past(self, past: Past) -> Ints:
        """Units that a shift from before the horizon gives in it. (G, I)"""
        agent = self.index.get(past.agent_id)
        if agent is None or past.group not in self.need.groups:
            return self.units(())
        slot_of = self.horizon.slot_of
        breaks = tuple((slot_of(a), slot_of(b), False) for a, b in past.breaks)
        shift = Shift(0, slot_of(past.start), slot_of(past.end), breaks)
        group = self.need.groups.index(past.group)
        return self.units((Duty(agent, self.horizon.day(past.date), group, shift),))

    def units(self, duties: Iterable[Duty]) -> Ints:
        """Units at work of these shifts alone, by group and interval. (G, I)"""
        need = self.need
        slots = np.zeros(
            (len(need.groups), self.horizon.slot(self.horizon.days + 2)), dtype=np.int64
        )
        for duty in duties:
            slots[duty.group, max(duty.shift.start, 0) : max(duty.shift.end, 0)] += 1
            for start, end, _ in duty.shift.breaks:
                slots[duty.group, max(start, 0) : max(end, 0)] -= 1
        places = need.starts[:, None] + np.arange(need.slots)
        return np.asarray(slots[:, places].sum(axis=2))
