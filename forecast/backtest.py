"""
How past months would have been forecast, from rolling cutoffs that hide the rest.

From each cutoff every model forecasts the blocks (months) after it, with a band that
is learnt from blocks closed by then. Errors are measured for intervals, days and whole
blocks, beside two simple averages and the noise that no forecast can foresee.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from forecast.blocks import BLOCK, blocks_before
from forecast.calibration import MOST_BLOCKS, PastForecast
from forecast.distribution import sample_paths
from forecast.errors import Finding, TableError
from forecast.history import History
from forecast.models.base import Model, Series
from forecast.models.effects import shared_effects
from forecast.models.shared import OtherQueues
from forecast.models.sma import SeasonalMovingAverage
from forecast.rolling import least_days, past_forecasts

Days = Literal["all", "regular", "special"]
"""Which days are scored; special: holidays and events."""

BASELINES: tuple[Model, ...] = (
    SeasonalMovingAverage(weeks=1),
    SeasonalMovingAverage(weeks=4),
)
"""The seasonal naive, and the average of four weeks that most tools offer."""
QUANTILES = {"q025": 0.025, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q975": 0.975}
TWO_WEEKS = pd.DateOffset(days=14)


def backtest(
    history: History,
    models: Iterable[Model],
    *,
    first: dt.date,
    step: pd.DateOffset = TWO_WEEKS,
    block: pd.DateOffset = BLOCK,
    blocks: int = 1,
    days: Days = "all",
    others: Mapping[str, OtherQueues] | None = None,
    seed: int,
) -> pd.DataFrame:
    """
    Forecast the past with the models and the baselines: what ``points`` says.

    Parameters
    ----------
    history : History
        All queues; nothing after a cutoff is shown to a model.
    models : iterable of Model
        One that bears a baseline's name takes its place.
    first : date
        Cutoffs are local midnights from here on, a ``step`` apart.
    block : DateOffset
        What a month is: at most 31 days. Scored where the history has all of it.
    blocks : int
        Months ahead, ≥ 1.
    days : {"all", "regular", "special"}
        Others are left out, and so are missing intervals.
    others : mapping, optional
        What each queue knows of special days from queues that are not in the history.

    Returns
    -------
    DataFrame
        A model that needs more history than there is before a cutoff has no row of it.
    """
    named = {model.name: model for model in (*BASELINES, *models)}
    begin = pd.Timestamp(first, tz=history.calendar.zone)
    cutoffs = list(pd.date_range(begin, history.end, freq=step))
    if others is None:
        shared = shared_effects(history)
        others = {queue: shared.without(queue) for queue in history.queues}
    parts = [
        points(past, naive_scale(series, past.cutoff, block), days=days, seed=seed)
        for series in (
            replace(Series.of(history, queue), shared=others[queue])
            for queue in history.queues
        )
        for model in named.values()
        for past in scored_forecasts(
            series, model, cutoffs, end=history.end, block=block, blocks=blocks
        )
    ]
    scored = [part for part in parts if len(part)]
    if not scored:
        rule = f"no model could be scored on {days} days of a month from {first} on"
        remedy = "Let the cutoffs begin earlier or later, or add history."
        raise TableError([Finding("history", rule, (), 1, remedy)])
    return pd.concat(scored, ignore_index=True)


def scored_forecasts(
    series: Series,
    model: Model,
    cutoffs: Sequence[pd.Timestamp],
    *,
    end: pd.Timestamp,
    block: pd.DateOffset,
    blocks: int,
) -> list[PastForecast]:
    """
    Past forecasts from the cutoffs, each calibrated by what had closed by then.

    So that the first cutoffs have blocks to learn from, the model also forecasts those
    before them, which are not returned.
    """
    known = series.starts[~np.isnan(series.offered)]
    if known.empty or not cutoffs:
        return []
    earliest = known[0].normalize() + pd.DateOffset(days=least_days(model))
    before = blocks_before(cutoffs[0], block, earliest)[1 : MOST_BLOCKS + 1]
    made = past_forecasts(
        series,
        model,
        [*reversed(before), *cutoffs],
        end=end,
        block=block,
        blocks=blocks,
    )
    return [past for past in made if past.cutoff >= cutoffs[0]]


def naive_scale(
    series: Series, cutoff: pd.Timestamp, block: pd.DateOffset
) -> dict[str, float]:
    """
    Mean absolute error, by grain, of taking each interval from a week earlier.

    An error of a day or of a whole block before the cutoff is the sum of those of its
    intervals, known in both weeks. NaN where there is none. [contacts]
    """
    seen = series.before(cutoff)
    clock = seen.starts.tz_localize(None)
    once = ~clock.duplicated()  # a clock change repeats an hour
    offered = pd.Series(seen.offered[once], clock[once])
    earlier = offered.reindex(clock[once] - pd.Timedelta(days=7)).to_numpy()
    error = (offered - earlier).dropna()
    index = pd.DatetimeIndex(error.index)
    begin = seen.starts[0].normalize()
    bounds = pd.DatetimeIndex(blocks_before(cutoff, block, begin)[::-1])
    number = bounds.tz_localize(None).searchsorted(index, side="right")
    sums = {
        "interval": error,
        "day": error.groupby(index.normalize()).sum(),
        "month": error[number > 0].groupby(number[number > 0]).sum(),
    }
    return {grain: float(total.abs().mean()) for grain, total in sums.items()}


def points(
    past: PastForecast, scale: Mapping[str, float], *, days: Days, seed: int
) -> pd.DataFrame:
    """
    Every interval, day and month of a past forecast: what came, and what was expected.

    ``scale``: for each grain, what errors are measured by (MASE). [contacts]

    Returns
    -------
    DataFrame
        ``queue``, ``cutoff``, ``model``, ``grain``, ``horizon``, ``start``; in
        contacts ``offered``, ``forecast``, the quantiles ``q025`` to ``q975``,
        ``scale`` (of MASE) and ``day_known`` (for intervals: the forecast scaled to
        each day's total as it came).
    """
    scored, shocks = ~np.isnan(past.actual), past.calibration.shocks
    if days != "all":
        scored &= past.regular == (days == "regular")
    parts = []
    for horizon in np.unique(past.horizon[scored]):
        rows = scored & (past.horizon == horizon)
        starts = past.starts[rows]
        actual, mean = past.actual[rows], past.mean[rows]
        clock = starts.tz_localize(None)
        day = pd.factorize(clock.normalize())[0]
        paths = sample_paths(
            mean,
            # The month's shock is one for each calendar month: lay the block on one.
            clock - clock[0].normalize() + pd.Timestamp(2000, 1, 1),
            replace(shocks, month=float(shocks.of_months(int(horizon), 1)[0])),
            seed=seed + starts[0].toordinal(),
            queue=past.queue,
            regular=past.regular[rows],
        )
        firsts = {
            "interval": np.arange(len(starts)),
            "day": np.flatnonzero(np.diff(day, prepend=-1)),
            "month": np.array([0]),
        }
        came, expected = (np.add.reduceat(x, firsts["day"]) for x in (actual, mean))
        ratio = np.divide(came, expected, out=np.zeros(len(came)), where=expected > 0.0)
        day_known = mean * ratio[day]
        for grain, first in firsts.items():
            quantiles = np.quantile(
                np.add.reduceat(paths, first, axis=1), list(QUANTILES.values()), axis=0
            )
            parts.append(
                pd.DataFrame(
                    {
                        "queue": past.queue,
                        "cutoff": past.cutoff,
                        "model": past.model,
                        "grain": grain,
                        "horizon": horizon,
                        "start": starts[first],
                        "offered": np.add.reduceat(actual, first),
                        "forecast": np.add.reduceat(mean, first),
                        **dict(zip(QUANTILES, quantiles, strict=True)),
                        "scale": scale[grain],
                        "day_known": day_known if grain == "interval" else np.nan,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
