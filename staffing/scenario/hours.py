"""Other opening hours: who calls when it was closed, or is closed now."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from forecast.errors import ConfigError
from staffing.scenario.calls import Calls
from staffing.texts import Note


def at_hours(calls: Calls, starts: pd.DatetimeIndex) -> tuple[Calls, tuple[Note, ...]]:
    """
    A queue's calls at other open intervals, and what is assumed of them.

    ``calls`` are those of the forecast, ``starts`` the new open intervals.

    Raises
    ------
    ConfigError
        It was never open in the plan, or no longer is.
    """
    before = calls.starts
    if starts.equals(before):
        return calls, ()
    if starts.empty or before.empty:
        rule = "would never be open" if starts.empty else "is closed, by the plan"
        raise ConfigError(
            f"{calls.forecast.queue} {rule} in these months: leave its hours as they "
            "are."
        )
    own = before.get_indexer(starts)
    like = np.where(own >= 0, own, _nearest(before, starts))
    matrix = csr_array(
        (np.ones(len(starts)), (np.arange(len(starts)), like)),
        shape=(len(starts), len(before)),
    )
    closed = np.flatnonzero(~before.isin(starts))
    offered = calls.forecast.intervals["offered"].to_numpy()
    matrix = csr_array(matrix + _spread(before[closed], closed, starts, offered, like))
    said = {Note("wider"): (own < 0).any(), Note("narrower"): closed.size > 0}
    ones = np.ones(len(starts))
    there = replace(
        calls, starts=starts, like=like, matrix=matrix, work=matrix, aht=ones
    )
    return there, tuple(note for note, is_so in said.items() if is_so)


def _nearest(before: pd.DatetimeIndex, starts: pd.DatetimeIndex) -> NDArray[np.int64]:
    """Of each start, the old interval nearest by date first, then by clock."""
    minute = np.asarray(before.hour * 60 + before.minute)
    date, dates = _dates(before), _dates(starts)
    found = np.zeros(len(starts), dtype=np.int64)
    for row, start in enumerate(starts):
        apart = np.abs(date - dates[row])
        near = np.flatnonzero(apart == apart.min())
        away = np.abs(minute[near] - (start.hour * 60 + start.minute))
        found[row] = near[away.argmin()]
    return found


def _spread(
    closed: pd.DatetimeIndex,
    columns: NDArray[np.int64],
    starts: pd.DatetimeIndex,
    offered: NDArray[np.float64],
    like: NDArray[np.int64],
) -> csr_array:
    """Shares of the calls of intervals now closed that each open one gets."""
    dates, weight = _dates(starts), offered[like]
    rows, places, shares = [], [], []
    for date, column in zip(_dates(closed), columns, strict=True):
        later = dates[dates >= date]
        day = np.flatnonzero(dates == (later.min() if later.size else dates.max()))
        total = weight[day].sum()
        rows.append(day)
        places.append(np.full(len(day), column))
        equal = np.full(len(day), 1.0 / len(day))
        shares.append(weight[day] / total if total > 0 else equal)
    if not rows:
        return csr_array((len(starts), len(offered)))
    entries = np.concatenate(shares), (np.concatenate(rows), np.concatenate(places))
    return csr_array(entries, shape=(len(starts), len(offered)))


def _dates(starts: pd.DatetimeIndex) -> NDArray[np.int64]:
    """The local date of each, as a number of days."""
    local = starts.tz_localize(None).to_numpy().astype("datetime64[D]")
    return local.astype(np.int64)
