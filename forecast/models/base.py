"""What every forecasting model offers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.history import History
from forecast.intervals import Calendar


@dataclass(frozen=True)
class Series:
    """
    One queue's history on its open intervals.

    ``offered`` is NaN where missing; ``starts`` are zone-aware, increasing.
    """

    queue: str
    starts: pd.DatetimeIndex
    offered: NDArray[np.float64]
    calendar: Calendar

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
        return replace(self, starts=self.starts[:n], offered=self.offered[:n])


@dataclass(frozen=True)
class Effect:
    """What a kind of day does to the contacts: a factor, learnt from so many days."""

    kind: str
    factor: float
    days: int


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
