"""What a planner should know of a forecast: what it assumed, and what is odd lately."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from forecast.calibration import Calibration
from forecast.distribution import PRIOR
from forecast.errors import Finding
from forecast.models import Effect, Series
from forecast.profile import CLOSED_DAYS

WEEKS = 4
"""The latest weeks, held against as many before them."""
LEAST_SHIFT = 0.15
"""A smaller change of the level is not worth a word. [1]"""
SIGMAS = 3.0
"""How far beyond the usual changes between four weeks a change of level is."""
LEAST_PAIRS = 6


def assumption_findings(
    series: Series,
    starts: pd.DatetimeIndex,
    effects: tuple[Effect, ...],
    calibration: Calibration,
) -> list[Finding]:
    """What the forecast had to assume for want of history."""
    where = f"forecast of {series.queue}"
    warnings = []
    if "origins" not in calibration.accuracy:
        rule = (
            "the history is too short to measure past errors, so the band assumes "
            f"{PRIOR.month**0.5:.0%} a month, {PRIOR.day**0.5:.0%} a day and "
            f"{PRIOR.interval**0.5:.0%} an interval beside Poisson noise"
        )
        warnings.append(Finding(where, rule, (), 1))
    learnt = {effect.kind for effect in effects}
    kinds = {
        kind
        for day in sorted(set(starts.date))
        for kind in series.calendar.day_kinds(series.queue, day)
    }
    if kinds - learnt:
        rule = "no past day to learn the effect from, so it is taken as a usual day"
        warnings.append(Finding.of(where, rule, sorted(kinds - learnt)))
    known = series.starts[~np.isnan(series.offered)]
    seen = set(zip(known.day_of_week, known.time, strict=True))
    new = sorted(set(zip(starts.day_of_week, starts.time, strict=True)) - seen)
    if new:
        rule = "hours that the history never had are taken from the nearest known ones"
        names = [
            f"{pd.Timestamp(2024, 1, day + 1):%a} {time:%H:%M}" for day, time in new
        ]
        warnings.append(Finding.of(where, rule, names))
    return warnings


def latest_findings(series: Series) -> list[Finding]:
    """
    What the latest weeks of a queue's history say: it closed, or its level changed.

    A queue closed that has had no contact for CLOSED_DAYS, after having some. The level
    is held to have changed where the ratio of the last four weeks to those before
    is beyond SIGMAS of what such ratios were in the year before, by their
    median absolute deviation; only whole weeks without special days are counted.
    """
    where = f"forecast of {series.queue}"
    dates = pd.Series(series.starts.date)
    total = pd.Series(series.offered).groupby(dates).sum(min_count=1).dropna()
    if not (total > 0).any():
        return []
    last_call, end = total[total > 0].index[-1], total.index[-1]
    if (end - last_call).days >= CLOSED_DAYS:
        rule = (
            f"no contact came after {last_call}, though the history goes on to {end}, "
            "so that few or none are expected"
        )
        remedy = (
            "If it closed, leave it out with [rows] exclude; if it is to open again, "
            "give its [volumes], or cut those rows off."
        )
        return [Finding(where, rule, (), 1, remedy)]
    return _shift_findings(series, total, end, where)


def _shift_findings(
    series: Series, total: pd.Series, end: dt.date, where: str
) -> list[Finding]:
    special = [
        bool(series.calendar.day_kinds(series.queue, day)) for day in total.index
    ]
    weeks_ago = np.array([(end - day).days // 7 for day in total.index])
    weekly = total.groupby(weeks_ago).sum()
    open_days = total.groupby(weeks_ago).size()
    odd = pd.Series(special).groupby(weeks_ago).any().to_numpy()
    usual = weekly[(open_days == open_days.max()).to_numpy() & ~odd]
    usual = np.log(usual[usual > 0].sort_index()).to_numpy()  # the latest first
    if len(usual) < 2 * WEEKS:
        return []
    level = np.convolve(usual, np.full(WEEKS, 1.0 / WEEKS), mode="valid")
    change = level[:-WEEKS] - level[WEEKS:]
    before = change[WEEKS:]
    if len(before) < LEAST_PAIRS:
        return []
    spread = 1.4826 * float(np.median(np.abs(before - np.median(before))))
    now = float(change[0])
    if abs(np.expm1(now)) < LEAST_SHIFT or abs(now) < SIGMAS * spread:
        return []
    rule = (
        f"its last {WEEKS} usual weeks brought {abs(np.expm1(now)):.0%} "
        f"{'more' if now > 0 else 'less'} than the {WEEKS} before, far more than its "
        "weeks usually differ: models take some weeks to follow"
    )
    remedy = "If the level is to stay, hold the month against it, or give [volumes]."
    return [Finding(where, rule, (), 1, remedy)]
