"""Paid time that is not available for contacts: agents ↔ scheduled ↔ paid hours."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.intervals import DAY_MIN, WEEKDAYS, OpeningHours

WEEK_MIN = 7 * DAY_MIN

Starts = pd.DatetimeIndex | pd.Series
"""Interval starts in local time, length n."""


@dataclass(frozen=True)
class Component:
    """
    One reason for absence.

    Parameters
    ----------
    share : float
        Of paid time. [1], in [0, 1)
    rostered : bool
        Rosters place it by name.
    planned : bool
        It is known before the day: leave, training, meetings, breaks; not sickness.
    at : mapping of str to float
        Other shares on some weekdays, and at some times of them, by local clock:
        ``{"mon": 0.07, "mon-fri 12:00-14:00": 0.1}``. A time of day goes before
        a whole day; two that are alike in this must not overlap. [1], in [0, 1)
    """

    share: float
    rostered: bool = False
    planned: bool = False
    at: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def week(self) -> NDArray[np.float64]:
        """
        The share in each minute of a week, Monday 00:00 first. [1]

        Raises
        ------
        ValueError
            A time of ``at`` cannot be read, or is given twice.
        """
        week = np.full(WEEK_MIN, self.share)
        for timed in (False, True):
            given = np.zeros(WEEK_MIN, dtype=bool)
            for when, share in self.at.items():
                if (":" in when) != timed:
                    continue
                minutes = minutes_of_week(when)
                twice = minutes[given[minutes]]
                if twice.size:
                    raise ValueError(f"{clock(twice[0])} is given twice")
                given[minutes] = True
                week[minutes] = share
        return week

    def share_at(self, starts: Starts) -> NDArray[np.float64]:
        """The share in intervals with these starts. [1], length n"""
        return self.week[_minutes(starts)]


@dataclass(frozen=True)
class Shrinkage:
    """
    Shares of paid time not available for contacts, by component; they add.

    Components that the roster itself places by name (``rostered``: leave,
    training, breaks) are paid for, but not scheduled twice.
    """

    components: Mapping[str, Component] = field(default_factory=dict)

    @cached_property
    def week(self) -> NDArray[np.float64]:
        """Share of paid time away in each minute of a week, Monday 00:00 first. [1]"""
        return _sum(self.components.values())

    @cached_property
    def _week_not_rostered(self) -> NDArray[np.float64]:
        """The part of it that people on the roster still are away."""
        return _sum(c for c in self.components.values() if not c.rostered)

    def scheduled_per_agent(self, starts: Starts) -> NDArray[np.float64]:
        """Agents to roster for each agent on the queue. [1], length n"""
        return 1.0 / (1.0 - self._week_not_rostered[_minutes(starts)])

    def paid_per_agent(self, starts: Starts) -> NDArray[np.float64]:
        """Paid hours for each hour on the queue. [1], length n"""
        return 1.0 / (1.0 - self.week[_minutes(starts)])


def _sum(components: Iterable[Component]) -> NDArray[np.float64]:
    """Exact sums rounded once: 0.7 + 0.2 + 0.1 is 1."""
    weeks = np.array([c.week for c in components]).reshape(-1, WEEK_MIN)
    is_new = np.append(True, (weeks[:, 1:] != weeks[:, :-1]).any(axis=0))
    sums = [math.fsum(shares) for shares in weeks[:, is_new].T]
    week: NDArray[np.float64] = np.array(sums)[is_new.cumsum() - 1]
    return week


def _minutes(starts: Starts) -> NDArray[np.int64]:
    """Minute of the week of each start, on the local clock."""
    local = pd.DatetimeIndex(starts)
    return np.asarray(
        local.day_of_week * DAY_MIN + local.hour * 60 + local.minute, dtype=np.int64
    )


def minutes_of_week(when: str) -> NDArray[np.int64]:
    """
    Minutes after Monday 00:00 of weekdays, and a span of clock time on each.

    Parameters
    ----------
    when : str
        As opening hours are written: "mon", "mon-fri 12:00-14:00"; a span over
        midnight begins on the day that is named.

    Raises
    ------
    ValueError
        What cannot be read.
    """
    days, *span = re.split(r"\s+(?=\d)", when.strip(), maxsplit=1)
    hours = OpeningHours.parse({days: span or ["00:00-24:00"]})
    spans = [
        np.arange(day * DAY_MIN + start, day * DAY_MIN + end)
        for day, spans in enumerate(hours.spans)
        for start, end in spans
    ]
    return np.concatenate(spans) % WEEK_MIN


def clock(minute: int) -> str:
    """A minute of the week as "mon 12:00"."""
    day, rest = divmod(int(minute), DAY_MIN)
    return f"{WEEKDAYS[day]} {rest // 60:02d}:{rest % 60:02d}"
