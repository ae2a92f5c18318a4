"""
The median of several models: none is best everywhere, and none may spoil the rest.

The members are a fixed set; to pick the one that was best in the past does worse.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.models.base import Effect, Fitted, Model, Series


@dataclass(frozen=True)
class Median:
    """The median, interval by interval, of the members with history enough."""

    members: tuple[Model, ...]
    name: str = "median"

    @property
    def min_days(self) -> int:
        """Of the member that needs the least. [days]"""
        return min(member.min_days for member in self.members)

    def fit(self, series: Series) -> FittedMedian:
        """Fit each member whose ``min_days`` the history has; if none, the least."""
        known = series.starts[~np.isnan(series.offered)]
        days = (known[-1].date() - known[0].date()).days + 1 if len(known) else 0
        least = max(days, self.min_days)
        return FittedMedian(
            {
                member.name: member.fit(series)
                for member in self.members
                if member.min_days <= least
            }
        )


@dataclass(frozen=True)
class FittedMedian:
    """The fitted members by name."""

    members: Mapping[str, Fitted]

    def without(self, dropped: Collection[str]) -> FittedMedian:
        """The others alone."""
        heard = {k: v for k, v in self.members.items() if k not in dropped}
        return FittedMedian(heard)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Of each kind the median factor: 1 for a member that does not know it."""
        learnt = [
            {e.kind: e for e in member.effects} for member in self.members.values()
        ]
        return tuple(
            Effect(
                kind,
                float(
                    np.median([by[kind].factor if kind in by else 1 for by in learnt])
                ),
                max(by[kind].days for by in learnt if kind in by),
            )
            for kind in sorted({kind for by in learnt for kind in by})
        )

    def predict(self, starts: pd.DatetimeIndex) -> NDArray[np.float64]:
        """Mean contacts offered in each interval, ≥ 0. [contacts]"""
        means = [member.predict(starts) for member in self.members.values()]
        return np.asarray(np.median(means, axis=0))
