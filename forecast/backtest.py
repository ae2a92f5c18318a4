"""
How past months would have been forecast, from rolling cutoffs that hide the rest.

From each cutoff every model forecasts the blocks (months) after it, with a band that
is learnt from blocks closed by then. Errors are measured for intervals, days and whole
blocks, beside two simple averages and the noise that no forecast can foresee.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.distribution import (
    MAX_ORIGINS,
    PRIOR,
    Backtest,
    Shocks,
    sample_paths,
    shocks_from,
)
from forecast.errors import Finding, TableError
from forecast.history import History
from forecast.intervals import local_dates
from forecast.models.base import Model, Series
from forecast.models.sma import SeasonalMovingAverage

Days = Literal["all", "regular", "special"]
"""Which days are scored; special: holidays and events."""

BASELINES: tuple[Model, ...] = (
    SeasonalMovingAverage(weeks=1),
    SeasonalMovingAverage(weeks=4),
)
"""The seasonal naive, and the average of four weeks that most tools offer."""
QUANTILES = {"q025": 0.025, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q975": 0.975}
FOUR_WEEKS = pd.DateOffset(days=28)
TWO_WEEKS = pd.DateOffset(days=14)


@dataclass(frozen=True)
class PastForecast:
    """
    One queue forecast by one model from a cutoff, beside what came.

    Arrays are by open interval of the whole blocks after the cutoff. ``horizon``
    numbers the blocks from 1; ``actual`` is NaN where missing. ``regular``: no
    holiday, no event. ``scale`` holds, for each grain, the mean absolute error
    of the weekly naive before the cutoff [contacts].
    """

    queue: str
    model: str
    cutoff: pd.Timestamp
    starts: pd.DatetimeIndex
    horizon: NDArray[np.int64]
    actual: NDArray[np.float64]
    mean: NDArray[np.float64]
    regular: NDArray[np.bool_]
    shocks: Shocks
    scale: Mapping[str, float]


def backtest(
    history: History,
    models: Iterable[Model],
    *,
    first: dt.date,
    step: pd.DateOffset = TWO_WEEKS,
    block: pd.DateOffset = FOUR_WEEKS,
    blocks: int = 1,
    days: Days = "all",
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

    Returns
    -------
    DataFrame
        A model that needs more history than there is before a cutoff has no row of it.
    """
    named = {model.name: model for model in (*BASELINES, *models)}
    begin = pd.Timestamp(first, tz=history.calendar.zone)
    cutoffs = list(pd.date_range(begin, history.end, freq=step))
    parts = [
        points(past, days=days, seed=seed)
        for queue in history.queues
        for model in named.values()
        for past in past_forecasts(
            history, queue, model, cutoffs, block=block, blocks=blocks
        )
    ]
    scored = [part for part in parts if len(part)]
    if not scored:
        rule = f"no model could be scored on {days} days of a month from {first} on"
        remedy = "Let the cutoffs begin earlier or later, or add history."
        raise TableError([Finding("history", rule, (), 1, remedy)])
    return pd.concat(scored, ignore_index=True)


def past_forecasts(
    history: History,
    queue: str,
    model: Model,
    cutoffs: Sequence[pd.Timestamp],
    *,
    block: pd.DateOffset,
    blocks: int,
) -> list[PastForecast]:
    """
    Forecast the blocks after each cutoff from what came before it.

    Bands are learnt from first blocks that had closed by the cutoff and do not
    overlap. So that the first cutoffs have some, the model also forecasts the blocks
    before them, which are not returned.
    """
    series = Series.of(history, queue)
    known = series.starts[~np.isnan(series.offered)]
    if known.empty or not cutoffs:
        return []
    earliest = known[0].normalize() + pd.DateOffset(days=model.min_days)
    made: list[PastForecast] = []
    before = _blocks_before(cutoffs[0], block, earliest)[1 : MAX_ORIGINS + 1]
    for cutoff in [*reversed(before), *cutoffs]:
        if cutoff < earliest:
            continue
        ahead = [cutoff + block * n for n in range(blocks + 1)]
        starts, horizon = _open_blocks(series, ahead, history.end)
        if starts.empty:
            continue
        seen = series.before(cutoff)
        made.append(
            PastForecast(
                queue,
                model.name,
                cutoff,
                starts,
                horizon,
                series.offered[np.isin(series.starts, starts)],
                model.fit(seen).predict(starts),
                _regular(series, starts),
                _shocks_at(cutoff, made, block),
                naive_scale(seen, cutoff, block),
            )
        )
    return [past for past in made if past.cutoff >= cutoffs[0]]


def _blocks_before(
    cutoff: pd.Timestamp, block: pd.DateOffset, earliest: pd.Timestamp
) -> list[pd.Timestamp]:
    """The cutoff and the starts of the whole blocks before it, latest first."""
    bounds = [cutoff]
    while (start := cutoff - block * len(bounds)) >= earliest:
        bounds.append(start)
    return bounds


def _open_blocks(
    series: Series, bounds: list[pd.Timestamp], end: pd.Timestamp
) -> tuple[pd.DatetimeIndex, NDArray[np.int64]]:
    """Open intervals between the bounds, and their block from 1; before the end."""
    last = (bounds[-1] - pd.DateOffset(days=1)).date()
    starts = series.calendar.open_intervals(series.queue, bounds[0].date(), last)
    block = np.asarray(pd.DatetimeIndex(bounds).searchsorted(starts, side="right"))
    whole = block < block[starts >= end].min(initial=len(bounds))
    return starts[whole], block[whole]


def _regular(series: Series, starts: pd.DatetimeIndex) -> NDArray[np.bool_]:
    """Whether each start is on a day without holiday or event."""
    codes, days = pd.factorize(local_dates(starts))
    kinds = [series.calendar.day_kinds(series.queue, day) for day in days]
    return np.array([not kind for kind in kinds], dtype=bool)[codes]


def _shocks_at(
    cutoff: pd.Timestamp, made: list[PastForecast], block: pd.DateOffset
) -> Shocks:
    """Learnt from the latest first blocks that end by the cutoff, none overlapping."""
    used: list[PastForecast] = []
    until = cutoff
    for past in reversed(made):
        if past.cutoff + block <= until and len(used) < MAX_ORIGINS:
            used.append(past)
            until = past.cutoff
    if not used:
        return PRIOR
    first = [(past.horizon == 1) & ~np.isnan(past.actual) for past in used]
    pairs = list(zip(used, first, strict=True))
    return shocks_from(
        Backtest(
            np.repeat(np.arange(len(used)), [rows.sum() for rows in first]),
            pd.DatetimeIndex(
                pd.concat([past.starts[rows].to_series() for past, rows in pairs])
            ),
            np.concatenate([past.actual[rows] for past, rows in pairs]),
            np.concatenate([past.mean[rows] for past, rows in pairs]),
        )
    )


def naive_scale(
    seen: Series, cutoff: pd.Timestamp, block: pd.DateOffset
) -> dict[str, float]:
    """
    Mean absolute error, by grain, of taking each interval from a week earlier.

    An error of a day or of a whole block before the cutoff is the sum of those of its
    intervals, known in both weeks. NaN where there is none. [contacts]
    """
    clock = seen.starts.tz_localize(None)
    once = ~clock.duplicated()  # a clock change repeats an hour
    offered = pd.Series(seen.offered[once], clock[once])
    earlier = offered.reindex(clock[once] - pd.Timedelta(days=7)).to_numpy()
    error = (offered - earlier).dropna()
    index = pd.DatetimeIndex(error.index)
    begin = seen.starts[0].normalize()
    bounds = pd.DatetimeIndex(_blocks_before(cutoff, block, begin)[::-1])
    number = bounds.tz_localize(None).searchsorted(index, side="right")
    sums = {
        "interval": error,
        "day": error.groupby(index.normalize()).sum(),
        "month": error[number > 0].groupby(number[number > 0]).sum(),
    }
    return {grain: float(total.abs().mean()) for grain, total in sums.items()}


def points(past: PastForecast, *, days: Days, seed: int) -> pd.DataFrame:
    """
    Every interval, day and month of a past forecast: what came, and what was expected.

    Returns
    -------
    DataFrame
        ``queue``, ``cutoff``, ``model``, ``grain``, ``horizon``, ``start``; in
        contacts ``offered``, ``forecast``, the quantiles ``q025`` to ``q975``,
        ``scale`` (of MASE) and ``day_known`` (for intervals: the forecast scaled to
        each day's total as it came).
    """
    scored = ~np.isnan(past.actual)
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
            past.shocks,
            seed=seed + starts[0].toordinal(),
            queue=past.queue,
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
                        "scale": past.scale[grain],
                        "day_known": day_known if grain == "interval" else np.nan,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
