"""The handle time of each clock time, weighted by the contacts handled."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

RECENT_DAYS = 56
"""Days of history that the level and the profile are taken from. [days]"""
PRIOR_CONTACTS = 50.0
"""Contacts whose weight pulls a clock time's mean towards the level. [contacts]"""


def aht_for(
    rows: pd.DataFrame, starts: pd.DatetimeIndex, default_s: float | None
) -> NDArray[np.float64] | None:
    """
    Forecast average handle time of each interval. [s]

    Parameters
    ----------
    rows : DataFrame
        One queue's history up to the cutoff; ``aht_s`` and ``handled`` where
        known.
    starts : DatetimeIndex
        Intervals to forecast, zone-aware.
    default_s : float or None
        Used where the history has no handle times. [s]

    Returns
    -------
    ndarray of float, or None where neither history nor default gives one

    Notes
    -----
    Clock time k: (Σ aht·w + κ·level) / (Σ w + κ) over the last RECENT_DAYS with
    handle times; w is ``handled`` (``offered`` where that is unknown, at least 1), κ is
    PRIOR_CONTACTS: a mean over few calls says little.
    """
    timed = rows[rows["aht_s"] > 0] if "aht_s" in rows else rows.iloc[:0]
    if timed.empty:
        return None if default_s is None else np.full(len(starts), float(default_s))
    start = timed["interval_start"]
    timed = timed[start > start.max() - pd.Timedelta(days=RECENT_DAYS)]
    weight = timed["handled"] if "handled" in timed else timed["offered"]
    weight = weight.fillna(timed["offered"]).fillna(1.0).clip(lower=1.0)
    level = float(np.average(timed["aht_s"], weights=weight))
    clock = timed["interval_start"].dt.hour * 60 + timed["interval_start"].dt.minute
    seconds = (timed["aht_s"] * weight).groupby(clock).sum()
    contacts = weight.groupby(clock).sum()
    profile = (seconds + PRIOR_CONTACTS * level) / (contacts + PRIOR_CONTACTS)
    wanted = pd.Index(starts.hour * 60 + starts.minute)
    return np.asarray(profile.reindex(wanted).fillna(level), dtype=np.float64)
