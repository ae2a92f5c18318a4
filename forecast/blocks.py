"""The months and blocks that past and coming forecasts are made for, by the clock."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.intervals import local_dates
from forecast.models.base import Series

BLOCK = pd.DateOffset(days=28)
"""A month that has each weekday four times."""
MONTH = pd.DateOffset(months=1)
MONTH_DAYS = 30.4375


def later(time: pd.Timestamp, step: pd.DateOffset, steps: int = 1) -> pd.Timestamp:
    """So many steps later on the clock; midnight is 1:00 where clocks skip it."""
    clock = time.tz_localize(None).normalize() + step * steps
    return clock.tz_localize(time.tz, nonexistent="shift_forward", ambiguous=True)


def blocks_before(
    cutoff: pd.Timestamp, block: pd.DateOffset, earliest: pd.Timestamp
) -> list[pd.Timestamp]:
    """The cutoff and the starts of the whole blocks before it, latest first."""
    bounds = [cutoff]
    while (start := later(cutoff, block, -len(bounds))) >= earliest:
        bounds.append(start)
    return bounds


def open_blocks(
    series: Series, bounds: list[pd.Timestamp], end: pd.Timestamp
) -> tuple[pd.DatetimeIndex, NDArray[np.int64]]:
    """Open intervals between the bounds, and their block from 1; before the end."""
    last = later(bounds[-1], pd.DateOffset(days=1), -1).date()
    starts = series.calendar.open_intervals(series.queue, bounds[0].date(), last)
    block = np.asarray(pd.DatetimeIndex(bounds).searchsorted(starts, side="right"))
    whole = block < block[starts >= end].min(initial=len(bounds))
    return starts[whole], block[whole]


def offered_at(series: Series, starts: pd.DatetimeIndex) -> NDArray[np.float64]:
    """What came in these intervals; NaN where the series does not have them."""
    places = series.starts.get_indexer(starts)
    return np.where(places < 0, np.nan, series.offered[places])


def regular_starts(series: Series, starts: pd.DatetimeIndex) -> NDArray[np.bool_]:
    """Whether each start is on a day without holiday or event."""
    codes, days = pd.factorize(local_dates(starts))
    kinds = [series.calendar.day_kinds(series.queue, day) for day in days]
    return np.array([not kind for kind in kinds], dtype=bool)[codes]


def months_ahead(series: Series, starts: pd.DatetimeIndex) -> NDArray[np.int64]:
    """
    Months from the end of a series to each start, from 1.

    A month is as far ahead as its first day: 1 up to half a month after the end.
    """
    end = series.starts[-1].tz_localize(None).normalize() + pd.Timedelta(days=1)
    days = (starts.tz_localize(None).to_period("M").to_timestamp() - end).days
    return np.asarray(np.maximum(np.rint(days / MONTH_DAYS), 0) + 1, dtype=np.int64)
