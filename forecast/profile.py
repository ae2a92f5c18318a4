"""
The shape of a day: which share of its contacts comes at which clock time.

A day's forecast is a total times the shares of its weekday, so that days are the
sums of their intervals. Days are laid out by clock time: a day on which the
clocks change has the shares of the clock times that it has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.intervals import DAY_MIN, OpeningHours, local_dates

RECENT_DAYS = 140
"""How far back the shape is learnt from. [days]"""
SILENCE = 30.0
"""Expected contacts of a run of days without any, that mark it as not chance."""
SILENT_DAYS, CLOSED_DAYS = 14, 28
"""How long such a run is, within the history and at its end. [days]"""
ROUNDS = 10
"""Of the alternation between totals and shares; one is enough with nothing missing."""


@dataclass(frozen=True)
class DayMatrix:
    """A history as dates × clock slots; NaN where closed or missing."""

    dates: list[dt.date]
    weekdays: NDArray[np.int64]
    offered: NDArray[np.float64]

    @classmethod
    def of(
        cls, starts: pd.DatetimeIndex, offered: NDArray[np.float64], interval_s: int
    ) -> DayMatrix:
        """Lay a history out; a clock slot that comes twice in a day is averaged."""
        codes, dates = pd.factorize(local_dates(starts))
        slots = clock_slots(starts, interval_s)
        known = ~np.isnan(offered)
        total = np.zeros((len(dates), 86400 // interval_s))
        count = np.zeros_like(total)
        np.add.at(total, (codes[known], slots[known]), offered[known])
        np.add.at(count, (codes[known], slots[known]), 1.0)
        values = np.divide(
            total, count, out=np.full_like(total, np.nan), where=count > 0
        )
        weekdays = np.array([day.weekday() for day in dates], dtype=np.int64)
        return cls(list(dates), weekdays, values)

    @property
    def ordinals(self) -> NDArray[np.int64]:
        """The dates as day numbers."""
        return np.array([day.toordinal() for day in self.dates], dtype=np.int64)

    def counted(self) -> NDArray[np.float64]:
        """Each day's known contacts; NaN where nothing is known. [contacts]"""
        known = ~np.isnan(self.offered)
        counted = np.where(known, self.offered, 0.0).sum(axis=1)
        return np.where(known.any(axis=1), counted, np.nan)


@dataclass(frozen=True)
class Profile:
    """
    Share of a day's contacts in each clock slot, by weekday: shape (7, slots), ≥ 0.

    The slots that a weekday had add up to 1; slots that it never had hold what
    other weekdays have then, or the nearest time, and come on top.
    """

    share: NDArray[np.float64]

    @classmethod
    def of(
        cls, days: DayMatrix, regular: NDArray[np.bool_], hours: OpeningHours
    ) -> Profile:
        """
        Learn the shares from the recent regular days, by empirical Bayes.

        Notes
        -----
        Weekdays with the same opening hours are a pool with the shares p. The
        variance between their own shares beyond that of chance,
        τ² = max(0, Σ(var − p(1−p)/N)), says how much a weekday's own count
        C of N contacts is worth: its share is (C + κp)/(N + κ) with
        κ = Σp(1−p)/τ². Totals of days with missing slots are scaled up by the
        shares of the known ones, alternating with the shares until they agree.
        """
        share = np.full((7, days.offered.shape[1]), np.nan)
        known = regular & ~np.isnan(days.offered).all(axis=1)
        last = days.ordinals[known].max(initial=0)
        recent = regular & (days.ordinals > last - RECENT_DAYS)
        for pool in _pools(hours):
            rows = recent & np.isin(days.weekdays, pool)
            offered = days.offered[rows]
            slots = (~np.isnan(offered)).any(axis=0)
            if slots.any():
                share[np.ix_(pool, np.flatnonzero(slots))] = _pool_shares(
                    offered[:, slots], days.weekdays[rows], pool
                )
        return cls(filled(share))

    def totals(
        self, days: DayMatrix
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """
        Each day's total had all its slots been known, and the share that was known.

        Days with nothing known have the total NaN and the share 0.
        """
        known = ~np.isnan(days.offered)
        share = np.where(known, self.share[days.weekdays], 0.0).sum(axis=1)
        counted = np.where(known, days.offered, 0.0).sum(axis=1)
        total = np.full(len(share), np.nan)
        np.divide(counted, share, out=total, where=share > 0)
        return total, np.minimum(share, 1.0)

    def at(self, starts: pd.DatetimeIndex, interval_s: int) -> NDArray[np.float64]:
        """Share of its day that each interval has. [1]"""
        slots = clock_slots(starts, interval_s)
        return np.asarray(self.share[np.asarray(starts.day_of_week), slots])


def awake_days(total: NDArray[np.float64]) -> NDArray[np.bool_]:
    """
    The days to learn from: known, and not in a run of silence that is not chance.

    A silence that lasts to the end is the queue's present state: it alone counts.
    """
    known = np.flatnonzero(~np.isnan(total))
    used = ~np.isnan(total)
    loud = total[known] > 0
    if not loud.any():
        return used
    usual = float(total[known][loud].mean())
    edges = np.flatnonzero(np.diff(np.concatenate([[True], loud, [True]])))
    for start, end in edges.reshape(-1, 2):
        if end - start >= SILENT_DAYS and (end - start) * usual > SILENCE:
            if end == len(known) and end - start >= CLOSED_DAYS:
                used[:] = False
                used[known[start:]] = True
                return used
            used[known[start:end]] = False
    return used


def clock_slots(starts: pd.DatetimeIndex, interval_s: int) -> NDArray[np.int64]:
    """Number of the clock slot of each start: 0 at midnight, the same every day."""
    return np.asarray(
        (starts.hour * 60 + starts.minute) * 60 // interval_s, dtype=np.int64
    )


def filled(base: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Values for slots that the weekday never had: the other weekdays' at that time.

    Times of day that no weekday ever had take the nearest known time's; without
    any known value, all are 0. Shape (7, slots), NaN where never had.
    """
    known = ~np.isnan(base)
    count = known.sum(axis=0)
    any_day = np.divide(
        np.where(known, base, 0.0).sum(axis=0),
        count,
        out=np.zeros(base.shape[1]),
        where=count > 0,
    )
    slots = np.arange(base.shape[1])
    if (count > 0).any():
        nearest = np.abs(slots[:, None] - slots[count > 0]).argmin(axis=1)
        any_day = any_day[count > 0][nearest]
    return np.where(known, base, any_day)


def _pools(hours: OpeningHours) -> Iterator[NDArray[np.int64]]:
    """Weekdays that are open at the same clock times, yesterday's spans included."""
    is_open = np.zeros((7, DAY_MIN), dtype=bool)
    for weekday, spans in enumerate(hours.spans):
        for start, end in spans:
            is_open[weekday, start:end] = True
            is_open[(weekday + 1) % 7, : max(0, end - DAY_MIN)] = True
    _, pool_of = np.unique(is_open, axis=0, return_inverse=True)
    for pool in range(pool_of.max() + 1):
        yield np.flatnonzero(pool_of == pool)


def _pool_shares(
    offered: NDArray[np.float64], weekdays: NDArray[np.int64], pool: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Shrunken shares of a pool's weekdays, shape (weekdays, slots), rows sum to 1."""
    known = ~np.isnan(offered)
    counted = np.where(known, offered, 0.0)
    pooled = np.full(offered.shape[1], 1.0 / offered.shape[1])
    if not counted.any():
        return np.tile(pooled, (len(pool), 1))
    total = np.zeros(len(offered))
    for _ in range(ROUNDS):
        share_known = known @ pooled
        total = np.divide(
            counted.sum(axis=1), share_known, out=total, where=share_known > 0
        )
        exposed = total @ known
        pooled = np.divide(counted.sum(axis=0), exposed, out=pooled, where=exposed > 0)
        pooled = pooled / pooled.sum()
    of_weekday = (weekdays == pool[:, None]).astype(float)
    count, volume = of_weekday @ counted, of_weekday @ (known * total[:, None])
    chance = pooled * (1.0 - pooled)
    seen = np.where(volume > 0, volume, np.nan)
    several = (volume > 0).sum(axis=0) > 1
    if not several.any():
        return np.tile(pooled, (len(pool), 1))
    variance = np.nanvar((count / seen)[:, several], axis=0, ddof=1)
    noise = chance[several] * np.nanmean(1.0 / seen[:, several], axis=0)
    between = float((variance - noise).sum())
    if between <= 0.0:
        return np.tile(pooled, (len(pool), 1))
    kappa = chance.sum() / between
    share = (count + kappa * pooled) / (volume + kappa)
    return np.asarray(share / share.sum(axis=1, keepdims=True))
