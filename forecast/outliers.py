"""
Outliers: an outage, a storm, a fault of the export, told from the usual and its chance.

What is usual for a day or an interval is the middle of its weekday's and clock time's
values around that date, so that trends and seasons are usual too. What lies far
outside counts for less the farther out it lies, and never for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.intervals import Calendar, local_dates
from forecast.kinds import all_kinds
from forecast.profile import DayMatrix, clock_slots

AROUND_WEEKS = 9
"""Values of the same weekday, around a date, whose middle third is usual there."""
LEAST_WEEKS = 3
"""Fewer say nothing of what is usual."""
LIMIT = 6.0
"""Deviations from the usual beyond which a value is an outlier. [1]"""
NOISE = 0.1
"""Relative deviation of what is usual, beside chance, at the least. [1]"""
WILD_SHARE = 0.25
"""Outliers among a day's intervals from which the whole day is one. [1]"""
RUN_DAYS, RUN_LIMIT = 5, 1 / 3
"""A longer run of open days beyond this part of the limit is a new level. [days]"""


@dataclass(frozen=True)
class Judgement:
    """
    Of each interval its usual contacts and how much what came counts: 1 is fully.

    ``usual`` means something only where the weight is below 1. ``whole_day``: it
    counts for less because of its day.
    """

    usual: NDArray[np.float64]
    weight: NDArray[np.float64]
    whole_day: NDArray[np.bool_]

    def temper(self, offered: NDArray[np.float64]) -> NDArray[np.float64]:
        """The contacts with outliers pulled to the usual. [contacts]"""
        pulled = self.usual + self.weight * (offered - self.usual)
        return np.where(self.weight < 1.0, pulled, offered)


@dataclass(frozen=True)
class Outlier:
    """
    Intervals of one day far from the usual, with their contacts and the usual ones.

    ``when`` is the interval, or the date with how many intervals, or the date alone.
    """

    when: str
    offered: float
    usual: float


def outliers_of(
    queue: str,
    starts: pd.DatetimeIndex,
    offered: NDArray[np.float64],
    calendar: Calendar,
) -> list[Outlier]:
    """The outliers of a queue's history, day by day, beside any declared effect."""
    factors = calendar.declared_factors(queue, starts)
    found = judge(queue, starts, offered / factors, calendar.learnt)
    rows = np.flatnonzero(found.weight < 1.0)
    outliers = []
    for day in np.unique(local_dates(starts[rows])):
        of_day = rows[local_dates(starts[rows]) == day]
        when = f"{day}"
        if len(of_day) == 1:
            when = f"{starts[of_day[0]]:%Y-%m-%d %H:%M %Z}"
        elif not found.whole_day[of_day].any():
            when += f", {len(of_day)} intervals"
        usual = float((found.usual * factors)[of_day].sum())
        outliers.append(Outlier(when, float(offered[of_day].sum()), usual))
    return outliers


def judge(
    queue: str,
    starts: pd.DatetimeIndex,
    offered: NDArray[np.float64],
    calendar: Calendar,
) -> Judgement:
    """
    Tell the outliers among a queue's intervals; special days have none.

    Notes
    -----
    With the usual u, √y of a count y deviates from √u by √(1 + s²u)/2, s being the
    relative deviation beyond chance of all values, robustly estimated. Intervals come
    first, then the totals of days with those intervals tempered; as they are, where
    WILD_SHARE of them are outliers. A deviation d beyond the limit l weighs (l/d)⁴,
    an interval's times its day's. On the days of a new level the usual is that level.
    """
    days = DayMatrix.of(starts, offered, calendar.interval_s)
    kinds = all_kinds(calendar, queue, days.dates)
    special = np.array([bool(kinds[day]) for day in days.dates], dtype=bool)
    values = np.where(special[:, None], np.nan, days.offered)
    totals, scale = _totals(values, days.weekdays)
    usual_total = _usual(totals, days.weekdays)
    level = _levels(totals, usual_total)
    usual = _usual(values, days.weekdays) * level
    weight = _weights(values, usual)
    wild = (weight < 1.0).sum(axis=1) > WILD_SHARE * (~np.isnan(values)).sum(axis=1)
    mild = np.where(weight < 1.0, usual + weight * (values - usual), values)
    tempered = np.nansum(mild, axis=1, keepdims=True) * scale
    of_day = _weights(np.where(wild[:, None], totals, tempered), usual_total * level)
    codes = pd.factorize(local_dates(starts))[0]
    slots = clock_slots(starts, calendar.interval_s)
    known = ~np.isnan(usual[codes, slots])
    return Judgement(
        usual[codes, slots],
        np.where(known, (weight * of_day)[codes, slots], 1.0),
        known & (of_day[codes, 0] < 1.0),
    )


def _totals(
    values: NDArray[np.float64], weekdays: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each day's total, and what scales up its known part: NaN below half known."""
    known = ~np.isnan(values)
    share = np.zeros((len(values), 1))
    for weekday in range(7):
        rows = weekdays == weekday
        count = known[rows].sum(axis=0)
        mean = np.nansum(values[rows], axis=0) / np.maximum(count, 1)
        whole = mean.sum()
        part = known[rows] @ (mean if whole > 0 else (count > 0).astype(float))
        share[rows, 0] = part / (whole if whole > 0 else max(1, (count > 0).sum()))
    scale = np.where(share >= 0.5, 1.0 / np.maximum(share, 0.5), np.nan)
    return np.nansum(values, axis=1, keepdims=True) * scale, scale


def _usual(
    values: NDArray[np.float64], weekdays: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The middle of the nearest values of the same weekday, itself among them."""
    usual = np.full_like(values, np.nan)
    for weekday in range(7):
        rows = np.flatnonzero((weekdays == weekday) & ~np.isnan(values).all(axis=1))
        n = min(AROUND_WEEKS, len(rows))
        if n < LEAST_WEEKS:
            continue
        windows = np.lib.stride_tricks.sliding_window_view(values[rows], n, axis=0)
        ordered = np.sort(windows, axis=2)  # NaN last
        count = (~np.isnan(ordered)).sum(axis=2, keepdims=True)
        place = np.arange(n)
        middle = (place >= count // 3) & (place < count - count // 3)
        total = np.where(middle, ordered, 0.0).sum(axis=2)
        of_window = np.full(total.shape, np.nan)
        np.divide(
            total,
            middle.sum(axis=2),
            out=of_window,
            where=count[:, :, 0] >= LEAST_WEEKS,
        )
        centre = np.clip(np.arange(len(rows)) - n // 2, 0, len(of_window) - 1)
        usual[rows] = of_window[centre]
    return usual


def _excess(
    values: NDArray[np.float64], usual: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Deviations from the usual, in limits: beyond ±1 lie the outliers."""
    deviation = 2.0 * (np.sqrt(values + 0.375) - np.sqrt(usual + 0.375))
    known = ~np.isnan(deviation)
    relative = NOISE**2
    if known.any() and (centre := float(np.median(usual[known]))) > 0.0:
        variance = float(np.median(deviation[known] ** 2)) / 0.4549  # of chi², 1 d.f.
        relative = max(relative, (variance - 1.0) / centre)
    return np.asarray(deviation / (LIMIT * np.sqrt(1.0 + relative * usual)))


def _weights(
    values: NDArray[np.float64], usual: NDArray[np.float64]
) -> NDArray[np.float64]:
    """1 within the limits, (limit / deviation)⁴ beyond."""
    excess = np.abs(_excess(values, usual))
    return np.where(excess > 1.0, np.maximum(excess, 1.0) ** -4.0, 1.0)


def _levels(
    totals: NDArray[np.float64], usual: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Day total over usual total in long runs far from the usual; else 1."""
    level = np.ones_like(totals)
    ratio = np.full_like(totals, np.nan)  # nothing is unusual where 0 was usual
    np.divide(totals, usual, out=ratio, where=usual > 0.0)
    known = np.flatnonzero(~np.isnan(totals) & ~np.isnan(usual))
    excess = _excess(totals, usual)[known, 0]
    side = np.where(np.abs(excess) > RUN_LIMIT, np.sign(excess), 0.0)
    edges = np.flatnonzero(np.diff(np.concatenate([[np.nan], side, [np.nan]])))
    for start, end in pairwise(edges):
        if side[start] and end - start > RUN_DAYS:
            level[known[start:end]] = ratio[known[start:end]]
    return level
