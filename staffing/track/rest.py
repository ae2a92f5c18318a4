"""The rest of a queue's day, forecast again from what came."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.distribution import lognormal
from forecast.history import History
from forecast.run import QueueForecast
from forecast.totals import BAND
from staffing.audit import HANDLE_CV
from staffing.track.levels import (
    LEAST_VARIANCE,
    HandleLevel,
    Levels,
    handle_level_given,
    levels_given,
)
from staffing.track.slopes import slope_variance
from staffing.track.today import Today

Floats = NDArray[np.float64]

PATHS = 2000
"""Possible rests of the day behind the percentiles."""


@dataclass(frozen=True)
class QueueDay(QueueForecast):
    """
    One day of a queue's forecast, as it is expected now.

    ``intervals`` holds what came, and the forecast again where that is not known;
    ``planned`` is the plan's own. ``came`` [contacts] and ``came_aht_s`` [s] have its
    shape (intervals,), NaN where not known; ``ahead`` says which have yet to end.
    ``levels`` and ``handle`` are what the day may be, as factors on the plan's.
    """

    planned: pd.DataFrame
    came: Floats
    came_aht_s: Floats
    ahead: NDArray[np.bool_]
    levels: Levels
    handle: HandleLevel

    def as_planned(self) -> QueueDay:
        """The same day before anything came."""
        nothing = np.full(len(self.came), np.nan)
        return replace(
            self,
            intervals=self.planned,
            came=nothing,
            came_aht_s=nothing,
            levels=self.levels.before(),
            handle=_handle_before(self),
        )

    def possible(self, paths: int) -> tuple[Floats, Floats]:
        """Possible days: expected contacts and aht_s [s], both (paths, intervals)."""
        rng = np.random.default_rng([self.seed, zlib.crc32(self.queue.encode()), 2])
        mean = self.planned["offered"].to_numpy()
        rate = mean * self.levels.spread(rng, paths)
        variance = np.maximum(self.shocks.of_intervals(mean), LEAST_VARIANCE)
        rate *= rng.gamma(1.0 / variance, variance, rate.shape)
        middles = rng.permutation((np.arange(paths) + 0.5) / paths)[:, None]
        of_day = lognormal(middles, self.handle.variance / self.handle.factor**2)
        aht_s = of_day / of_day.mean() * self.intervals["aht_s"].to_numpy()
        return (
            np.where(np.isnan(self.came), rate, self.came),
            np.where(np.isnan(self.came_aht_s), aht_s, self.came_aht_s),
        )

    @cached_property
    def counts(self) -> Floats:
        """Contacts of possible days, (PATHS, intervals); what came is certain."""
        rate, _ = self.possible(PATHS)
        rng = np.random.default_rng([self.seed, zlib.crc32(self.queue.encode()), 3])
        return np.where(np.isnan(self.came), rng.poisson(rate), rate)


def queue_day(
    forecast: QueueForecast, history: History, today: Today
) -> QueueDay | None:
    """
    A queue's day as it is expected now; None on a day on which it is closed.

    Parameters
    ----------
    forecast : QueueForecast
        Of the month, made before it began.
    history : History
        What was known then: how shapes of days stray.
    today : Today
        What came.
    """
    starts = pd.DatetimeIndex(forecast.intervals["interval_start"])
    of_day = np.asarray(starts.date == today.date)
    if not of_day.any():
        return None
    planned = forecast.intervals[of_day].reset_index(drop=True)
    starts, regular = starts[of_day], forecast.regular[of_day]
    rows = today.rows[today.rows["queue"] == forecast.queue]
    rows = rows.set_index("interval_start").reindex(starts)
    nothing = pd.Series(np.nan, index=starts)
    came = np.asarray(rows["offered"], dtype=np.float64)
    handled = np.asarray(
        rows.get("handled", nothing).fillna(rows["offered"]), dtype=np.float64
    )
    aht_s = np.asarray(rows.get("aht_s", nothing), dtype=np.float64)
    aht_s = np.where((handled > 0) & (aht_s > 0), aht_s, np.nan)
    step = pd.Timedelta(seconds=history.calendar.interval_s)
    mean = planned["offered"].to_numpy()
    planned_s = planned["aht_s"].to_numpy()
    shocks = forecast.shocks
    variance = shocks.of_intervals(mean)
    of_days = shocks.of_days(np.array([mean.sum()]), regular[:1])
    levels = levels_given(
        came,
        mean,
        ((starts - starts[0]).total_seconds() / 3600.0).to_numpy(),
        level_variance=shocks.month + float(of_days[0]),
        slope_variance=slope_variance(history, forecast.queue, shocks.interval),
        interval_variance=variance,
    )
    handle = handle_level_given(
        aht_s,
        handled,
        planned_s,
        level_variance=_handle_before(forecast).variance,
        cv=HANDLE_CV,
    )
    intervals = planned.assign(
        offered=np.where(np.isnan(came), mean * levels.expected(), came),
        aht_s=np.where(np.isnan(aht_s), handle.factor * planned_s, aht_s),
    )
    day = QueueDay(
        **{**vars(forecast), "intervals": intervals, "regular": regular},
        planned=planned,
        came=came,
        came_aht_s=aht_s,
        ahead=np.asarray(starts + step > today.at),
        levels=levels,
        handle=handle,
    )
    low, high = np.quantile(day.counts, BAND, axis=0)
    return replace(day, intervals=intervals.assign(offered_p10=low, offered_p90=high))


def _handle_before(forecast: QueueForecast) -> HandleLevel:
    """What a day's handle times may be before anything came."""
    return HandleLevel(1.0, forecast.shocks.aht + forecast.shocks.aht_month)
