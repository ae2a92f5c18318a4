"""A model that sees regular days as regular, and outliers for what they are worth."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.models.base import Effect, Fitted, Model, Series
from forecast.models.effects import undeclared
from forecast.models.median import FittedMedian
from forecast.outliers import judge

ALONE = ""
"""The member of a model that has none."""


@dataclass(frozen=True)
class Prepared:
    """
    A model behind what is done to every history before it is learnt from.

    Days with a declared effect are divided by it and are regular days from then on;
    forecasts are multiplied by it. Outliers are pulled to the usual.
    """

    inner: Model

    @classmethod
    def of(cls, model: Model) -> Prepared:
        """The model so prepared, once."""
        return model if isinstance(model, Prepared) else cls(model)

    @property
    def name(self) -> str:
        """As it stands in the forecast table."""
        return self.inner.name

    @property
    def min_days(self) -> int:
        """Days of history without which it cannot be fitted. [days]"""
        return self.inner.min_days

    def fit(self, series: Series) -> FittedPrepared:
        """Learn from the prepared history, of what is known in it alone."""
        return FittedPrepared(self.inner.fit(prepared(series)), series)


@dataclass(frozen=True)
class FittedPrepared:
    """The fitted model, and the series as it was."""

    inner: Fitted
    series: Series

    def without(self, dropped: Collection[str]) -> FittedPrepared:
        """The same of the members that are heard."""
        inner = self.inner
        heard = inner.without(dropped) if isinstance(inner, FittedMedian) else inner
        return replace(self, inner=heard)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What was learnt of special days, and what was declared."""
        declared = {
            Effect(kind, factor, 0, declared=True)
            for event in self.series.calendar.events
            if event.effect and event.concerns(self.series.queue)
            for kind, factor in zip(event.kinds, event.effect, strict=True)
        }
        return (*self.inner.effects, *sorted(declared, key=lambda e: e.kind))

    def means(self, starts: pd.DatetimeIndex) -> dict[str, NDArray[np.float64]]:
        """What each member predicts, by name; a model alone is its own. [contacts]"""
        factors = self.series.calendar.declared_factors(self.series.queue, starts)
        members = (
            self.inner.members
            if isinstance(self.inner, FittedMedian)
            else {ALONE: self.inner}
        )
        return {
            name: np.asarray(member.predict(starts) * factors)
            for name, member in members.items()
        }

    def predict(self, starts: pd.DatetimeIndex) -> NDArray[np.float64]:
        """Mean contacts offered in each interval, ≥ 0. [contacts]"""
        factors = self.series.calendar.declared_factors(self.series.queue, starts)
        return np.asarray(self.inner.predict(starts) * factors)


def prepared(series: Series) -> Series:
    """The series without declared effects, its outliers pulled to the usual."""
    series = undeclared(series)
    judgement = judge(series.queue, series.starts, series.offered, series.calendar)
    return replace(series, offered=judgement.temper(series.offered))
