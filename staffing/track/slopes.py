"""How much the shape of a queue's days has strayed, day by day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from forecast.history import History

RECENT_DAYS = 182
"""Days of history whose shapes are held against each other. [days]"""
LEAST_DAYS = 4
"""Fewer days of a weekday say nothing of its shape."""


def slope_variance(history: History, queue: str, interval_variance: float) -> float:
    """
    Variance of the slope by which the logarithm of a day's calls leaves its shape.

    Parameters
    ----------
    history : History
        Up to the cutoff; regular days that are wholly known count.
    queue : str
        Whose.
    interval_variance : float
        Relative variance of an interval beyond Poisson. [1], ≥ 0

    Returns
    -------
    float
        [1/h²], ≥ 0; 0 where no weekday has LEAST_DAYS.

    Notes
    -----
    By moments. Of a day's T calls, y in each interval, with the weekday's shares p,
    t the hours from their mean and S = Σ p·t², the slope is estimated as
    b = Σ t·(y - T·p) / (T·S). Chance alone gives it the variance
    c = 1/(T·S) + v·Σ(p·t)²/S², v that of intervals. As p is of the same D days, b² is
    too small by (D - 1)/D. Days count by 1/c², as b² - c strays by c.
    """
    rows = history.rows(queue)
    start = rows["interval_start"]
    rows = rows[start > start.max() - pd.Timedelta(days=RECENT_DAYS)]
    local = rows["interval_start"].dt
    days = rows.assign(
        date=local.date,
        hour=local.hour + local.minute / 60.0,
    ).pivot_table("offered", "date", "hour", aggfunc="first", dropna=False)
    regular = [not history.calendar.day_kinds(queue, date) for date in days.index]
    days = days[np.array(regular, dtype=bool)]
    excess, weight = 0.0, 0.0
    weekdays = np.array([date.weekday() for date in days.index], dtype=np.int64)
    for weekday in np.unique(weekdays):
        usual = days[weekdays == weekday].dropna(axis="columns", how="all").dropna()
        calls = usual.to_numpy(dtype=np.float64)
        calls = calls[calls.sum(axis=1) > 0.0]
        if len(calls) < LEAST_DAYS:
            continue
        total = calls.sum(axis=1)
        share = calls.sum(axis=0) / total.sum()
        hours = usual.columns.to_numpy(dtype=np.float64)
        hours = hours - share @ hours
        moment = share @ hours**2
        if moment == 0.0:
            continue
        slopes = (calls - total[:, None] * share) @ hours / (total * moment)
        squares = slopes**2 * len(calls) / (len(calls) - 1)
        of_intervals = interval_variance * ((share * hours) ** 2).sum() / moment**2
        chance = 1.0 / (total * moment) + of_intervals
        excess += float(((squares - chance) / chance**2).sum())
        weight += float((1.0 / chance**2).sum())
    return max(0.0, excess / weight) if weight else 0.0
