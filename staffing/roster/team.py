"""Who can work: agents, their contracts, absences and wishes, and what they worked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd


class Break(NamedTuple):
    """A break of a shift. [min]"""

    minutes: int
    paid: bool


@dataclass(frozen=True)
class Kind:
    """
    One length of shift: how long people are present, and its breaks in their order.

    ``present_min`` includes all breaks. [min]
    """

    present_min: int
    breaks: tuple[Break, ...] = ()

    @property
    def paid_min(self) -> int:
        """Present, less unpaid breaks. [min]"""
        return self.present_min - sum(b.minutes for b in self.breaks if not b.paid)

    @property
    def work_min(self) -> int:
        """Present, less all breaks. [min]"""
        return self.present_min - sum(b.minutes for b in self.breaks)


@dataclass(frozen=True)
class Contract:
    """
    What an agent owes and is owed.

    ``weekly_min`` are paid minutes from Monday to Sunday, ``kinds`` the shifts that
    may be worked. Shifts start every ``start_every_min`` of the local clock.
    ``screen``: the interruptions of screen work are owed. ``minor``: under 18.
    """

    name: str
    weekly_min: int
    kinds: tuple[Kind, ...]
    start_every_min: int = 30
    screen: bool = True
    minor: bool = False

    @property
    def usual_days(self) -> int:
        """Days of a usual week, which the longest shifts fill."""
        longest = max(kind.paid_min for kind in self.kinds)
        return max(round(self.weekly_min / longest), 1)

    @property
    def usual_day_min(self) -> int:
        """Paid minutes of a usual day. [min]"""
        return round(self.weekly_min / self.usual_days)


class Band(NamedTuple):
    """
    A span of the local clock on a weekday, Monday 0. [min after midnight]

    ``end_min`` is above 1,440 where the band ends on the next day.
    """

    weekday: int
    start_min: int
    end_min: int


@dataclass(frozen=True)
class Agent:
    """
    One person.

    ``groups`` are the queues or groups of the requirement that they can answer.
    ``bands``: a shift lies within one band of the weekday on which it starts; None
    where any time will do. ``first`` and ``last`` are days of employment, None where
    there is no limit.
    """

    agent_id: str
    contract: Contract
    groups: tuple[str, ...]
    bands: tuple[Band, ...] | None = None
    first: dt.date | None = None
    last: dt.date | None = None
    cost_per_hour: float | None = None

    def employed(self, date: dt.date) -> bool:
        """Whether the agent is employed on a day."""
        return not (
            (self.first is not None and date < self.first)
            or (self.last is not None and date > self.last)
        )


class Absence(NamedTuple):
    """
    A day away: leave, training, sickness, a holiday.

    ``paid_min`` counts for the hours of the week; 0 where the day is not paid. [min]
    """

    agent_id: str
    date: dt.date
    kind: str
    paid_min: int


class Request(NamedTuple):
    """
    A wish for a day.

    ``band`` is a span of the local clock within which the shift should lie, None for
    the whole day; ``refused``: no shift of that day should overlap it (with None: the
    day off). So "off" is refused without a band.
    """

    agent_id: str
    date: dt.date
    band: tuple[int, int] | None
    refused: bool
    weight: float


class Past(NamedTuple):
    """
    A shift that was worked (or published) before the days to be rostered.

    What of it lies in those days counts for its group, less its breaks.
    """

    agent_id: str
    date: dt.date
    start: pd.Timestamp
    end: pd.Timestamp
    paid_min: int
    group: str | None = None
    breaks: tuple[tuple[pd.Timestamp, pd.Timestamp], ...] = ()


@dataclass(frozen=True)
class Team:
    """
    The people of a roster, and what is known of their days.

    ``past`` are shifts worked (or published) before the days to be rostered.
    """

    agents: tuple[Agent, ...]
    absences: tuple[Absence, ...] = ()
    requests: tuple[Request, ...] = ()
    past: tuple[Past, ...] = ()
