"""
The calls of a scenario: what a matrix makes of a forecast's calls.

Each change of calls is a sparse matrix over a queue's intervals, no entry below 0:
more calls stand on its diagonal, moved ones beside it. It is applied to the mean and
to every possible month, so that nothing is fitted or drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, eye_array

from forecast.columns.column import quantile
from forecast.run import QueueForecast
from forecast.totals import BAND, totals_by

Floats = NDArray[np.float64]


class Timed(NamedTuple):
    """Calls and their handle times, of shape (..., intervals)."""

    offered: Floats  # [contacts]
    aht_s: Floats  # [s]


@dataclass(frozen=True)
class Calls:
    """
    What becomes of a forecast's calls.

    ``starts`` are the scenario's open intervals, ``like`` which one of the forecast
    each is like: itself, or the one whose handle time it takes. ``matrix`` carries
    calls and ``work`` the time on them, both of the shape (starts, the forecast's
    intervals); ``aht`` is the factor on the handle times of each start's own. [1]
    """

    forecast: QueueForecast
    starts: pd.DatetimeIndex
    like: NDArray[np.int64]
    matrix: csr_array
    work: csr_array
    aht: Floats
    quantiles: tuple[float, ...] = ()

    @classmethod
    def of(cls, forecast: QueueForecast, quantiles: Sequence[float] = ()) -> Calls:
        """The forecast's own; ``quantiles`` are those that it has beside P10, P90."""
        starts = pd.DatetimeIndex(forecast.intervals["interval_start"])
        count = len(starts)
        whole = csr_array(eye_array(count))
        own = np.arange(count)
        shares = tuple(quantiles)
        return cls(forecast, starts, own, whole, whole, np.ones(count), shares)

    def times(self, factor: Floats) -> Calls:
        """Calls of each start times a factor. [1], ≥ 0"""
        return self.sent(csr_array(diags_array(factor)))

    def sent(self, moves: csr_array) -> Calls:
        """
        Calls by a matrix of shape (starts, starts): from its columns to its rows.

        They keep their handle times.
        """
        return replace(
            self,
            matrix=csr_array(moves @ self.matrix),
            work=csr_array(moves @ self.work),
        )

    def slower(self, factor: Floats) -> Calls:
        """Handle times of each start times a factor. [1], > 0"""
        work = csr_array(diags_array(factor) @ self.work)
        return replace(self, work=work, aht=self.aht * factor)

    @property
    def mean(self) -> Timed:
        """What is expected now."""
        table = self.forecast.intervals
        return self.apply(table["offered"].to_numpy(), table["aht_s"].to_numpy())

    @property
    def moved(self) -> bool:
        """Whether any calls change, in number or in time."""
        if len(self.like) != self.matrix.shape[1]:
            return True
        own = eye_array(len(self.like))
        return bool((csr_array(self.matrix) != csr_array(own)).nnz)

    def apply(self, offered: Floats, aht_s: Floats) -> Timed:
        """Of the forecast's calls, on any number of paths, those of the scenario."""
        calls = _carried(self.matrix, offered)
        own_s = aht_s[..., self.like] * self.aht
        work_s = _carried(self.work, offered * aht_s)
        mixed_s = np.divide(work_s, calls, out=own_s.copy(), where=calls > 0)
        return Timed(calls, np.where(self._alone, own_s, mixed_s))

    @property
    def _alone(self) -> NDArray[np.bool_]:
        """Starts that take calls of no other interval than the one they are like."""
        entries = self.matrix.tocoo()
        row, column = entries.coords
        foreign = column != self.like[row]
        return np.asarray(np.bincount(row[foreign], minlength=len(self.like)) == 0)

    def to_forecast(self) -> QueueForecast:
        """The forecast with these calls: itself, where nothing is changed."""
        if self.moved:
            return self._with_calls()
        if (self.aht == 1.0).all():
            return self.forecast
        table = self.forecast.intervals.assign(aht_s=self.mean.aht_s)
        return self._changed(intervals=table)

    def _with_calls(self) -> QueueForecast:
        before = self.forecast
        table, mean = before.intervals, self.mean
        paths = _carried(self.matrix, before.drawn)
        low, high = np.quantile(paths, BAND, axis=0)
        given = {
            quantile(share).name: np.quantile(paths, share, axis=0)
            for share in self.quantiles
        }
        intervals = pd.DataFrame(
            {
                "queue": before.queue,
                "interval_start": self.starts,
                "model": table["model"].iloc[0],
                "interval_s": table["interval_s"].iloc[0],
                "offered": mean.offered,
                "offered_p10": low,
                "offered_p90": high,
                "aht_s": mean.aht_s,
            }
        ).assign(**given)[list(table)]
        month_of = self.starts.strftime("%Y-%m")
        months = totals_by(month_of, mean.offered, paths, "month")
        days = totals_by(pd.Index(self.starts.date), mean.offered, paths, "date")
        return self._changed(
            intervals=intervals,
            days=_with_rest(days, before.days, "date"),
            months=_with_rest(months, before.months, "month"),
            regular=before.regular[self.like],
        )

    def _changed(self, **tables: object) -> QueueForecast:
        known = {name: getattr(self.forecast, name) for name in FIELDS}
        return Changed(**(known | tables), calls=self)


def _carried(matrix: csr_array, values: Floats) -> Floats:
    """Of values of shape (..., intervals), what the matrix makes."""
    return np.ascontiguousarray((matrix @ values.T).T)


FIELDS = tuple(QueueForecast.__dataclass_fields__)


@dataclass(frozen=True)
class Changed(QueueForecast):
    """A forecast whose possible months are those of another, by a scenario's calls."""

    calls: Calls

    @cached_property
    def drawn(self) -> np.ndarray:
        """Possible months behind the bands: contacts, shape (paths, intervals)."""
        return _carried(self.calls.matrix, self.calls.forecast.drawn)

    def possible(self, paths: int) -> tuple[np.ndarray, np.ndarray]:
        """Possible months: expected contacts and aht_s [s], both (paths, intervals)."""
        return self.calls.apply(
            *replace(self.calls.forecast, seed=self.seed).possible(paths)
        )


def _with_rest(totals: pd.DataFrame, before: pd.DataFrame, key: str) -> pd.DataFrame:
    """Totals with what the forecast has beside its own."""
    rest = before.drop(columns=["offered", "offered_p10", "offered_p90"])
    return totals.merge(rest, on=key, how="left")
