"""What every forecasting model offers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.errors import Finding, TableError
from forecast.history import History
from forecast.intervals import Calendar
from forecast.kinds import all_kinds, regular_days, type_kinds
from forecast.models.shared import NOTHING_SEEN, OtherQueues
from forecast.profile import DayMatrix, Profile


@dataclass(frozen=True)
class Series:
    """
    One queue's history on its open intervals.

    ``offered`` is NaN where missing; ``starts`` are zone-aware, increasing.
    ``shared``: what other queues have seen of special days.
    """

    queue: str
    starts: pd.DatetimeIndex
    offered: NDArray[np.float64]
    calendar: Calendar
    shared: OtherQueues = NOTHING_SEEN

    @classmethod
    def of(cls, history: History, queue: str) -> Series:
        """One queue of a history."""
        rows = history.rows(queue)
        offered = rows["offered"].to_numpy(dtype=np.float64)
        starts = pd.DatetimeIndex(rows["interval_start"])
        return cls(queue, starts, offered, history.calendar)

    def before(self, cutoff: pd.Timestamp) -> Series:
        """What was known at the cutoff."""
        n = int(self.starts.searchsorted(cutoff))
        return replace(
            self,
            starts=self.starts[:n],
            offered=self.offered[:n],
            shared=self.shared.before(cutoff.date()),
        )

    @cached_property
    def days(self) -> DayMatrix:
        """
        The history as dates × clock slots, to learn from.

        Raises
        ------
        TableError
            Nothing is known.
        """
        if np.isnan(self.offered).all():
            rule = f"{self.queue} has no known interval to learn from"
            raise TableError([Finding("history", rule, (), 1)])
        return DayMatrix.of(self.starts, self.offered, self.calendar.interval_s)

    @cached_property
    def kinds(self) -> type_kinds:
        """What makes each of its dates special."""
        return all_kinds(self.calendar, self.queue, self.days.dates)

    @cached_property
    def regular(self) -> NDArray[np.bool_]:
        """Whether each date is regular."""
        return regular_days(self.days, self.kinds)

    @cached_property
    def profile(self) -> Profile:
        """The shape of its days."""
        hours = self.calendar.queue_hours.get(self.queue, self.calendar.hours)
        return Profile.of(self.days, self.regular, hours)


@dataclass(frozen=True)
class Effect:
    """
    What a kind of day does to the contacts: a factor, learnt from so many days.

    None of this queue's own days: the factor is what other queues saw, or declared.
    """

    kind: str
    factor: float
    days: int
    declared: bool = False

    @property
    def source(self) -> str:
        """Where the factor comes from: "declared", "own days" or "other queues"."""
        if self.declared:
            return "declared"
        return "own days" if self.days else "other queues"


class Fitted(Protocol):
    """A model that has seen a history."""

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What was learnt of special days."""
        ...

    def predict(self, starts: pd.DatetimeIndex) -> NDArray[np.float64]:
        """Mean contacts offered in each open interval, ≥ 0. [contacts]"""
        ...


class Model(Protocol):
    """A way to forecast: knows nothing before it is fitted."""

    @property
    def name(self) -> str:
        """As it stands in the forecast table."""
        ...

    @property
    def min_days(self) -> int:
        """Days of history without which it cannot be fitted. [days]"""
        ...

    def fit(self, series: Series) -> Fitted:
        """Learn from a history; nothing after its last interval is known."""
        ...
