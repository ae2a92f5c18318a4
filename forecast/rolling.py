"""
A model's forecasts from past cutoffs, one after the other, reading nothing later.

Each is calibrated by the blocks that had closed before it, and so, at last, is the
forecast that is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.blocks import (
    BLOCK,
    MONTH,
    blocks_before,
    later,
    offered_at,
    open_blocks,
    regular_starts,
)
from forecast.cache import kept
from forecast.calibration import (
    MATURE_DAYS,
    MOST_AHEAD,
    MOST_BLOCKS,
    Ahead,
    Calibration,
    PastForecast,
    calibration_at,
)
from forecast.distribution import Shocks
from forecast.models.base import Model, Series
from forecast.models.prepared import Prepared

type_means = Mapping[str, NDArray[np.float64]]


def calibrate(model: Model, series: Series, months: int = 1) -> Calibration:
    """How to forecast so many months from the end of a series on; kept."""
    blocks = min(months, MOST_AHEAD)
    found = kept(
        _said(model, series, blocks),
        lambda: asdict(_calibrate(model, series, blocks)),
    )
    shocks = found["shocks"] | {"later": tuple(found["shocks"]["later"])}
    return Calibration(
        tuple(Ahead(tuple(one["dropped"]), one["factor"]) for one in found["ahead"]),
        Shocks(**shocks),
        found["accuracy"],
    )


def _calibrate(model: Model, series: Series, blocks: int) -> Calibration:
    end = _end(series)
    known = series.starts[~np.isnan(series.offered)]
    earliest = later(known[0].normalize(), pd.DateOffset(days=least_days(model)))
    cutoffs = blocks_before(end, MONTH, earliest)[1 : MOST_BLOCKS + 1]
    made = past_forecasts(
        series,
        model,
        cutoffs[::-1],
        end=end,
        block=MONTH,
        blocks=blocks,
        means_of=_kept_means,
    )
    return calibration_at(end, made, MONTH, blocks)


def _end(series: Series) -> pd.Timestamp:
    """When a history ends: with its month, where only closed days are left of it."""
    end = later(series.starts[-1].normalize(), pd.DateOffset(days=1))
    month = end if end.day == 1 else later(end.replace(day=1), MONTH)
    last = later(month, pd.DateOffset(days=1), -1).date()
    left = series.calendar.open_intervals(series.queue, end.date(), last)
    return month if left.empty else end


def _said(model: Model, series: Series, of: object) -> bytes:
    """All that an answer follows from."""
    said = model, series.queue, series.calendar, series.shared, of
    return repr(said).encode() + series.starts.asi8.tobytes() + series.offered.tobytes()


def _means(model: Model, known: Series, starts: pd.DatetimeIndex) -> type_means:
    """What each member expects of a history. [contacts]"""
    return Prepared.of(model).fit(known).means(starts)


def _kept_means(model: Model, known: Series, starts: pd.DatetimeIndex) -> type_means:
    """The same, kept: the next month's calibration asks for most of them again."""
    found = kept(
        _said(model, known, starts.asi8.tolist()),
        lambda: {n: mean.tolist() for n, mean in _means(model, known, starts).items()},
    )
    return {name: np.asarray(mean, dtype=np.float64) for name, mean in found.items()}


def least_days(model: Model) -> int:
    """History before a cutoff that calibration asks for. [days]"""
    return max(model.min_days, MATURE_DAYS)


def past_forecasts(
    series: Series,
    model: Model,
    cutoffs: Sequence[pd.Timestamp],
    *,
    end: pd.Timestamp,
    block: pd.DateOffset = BLOCK,
    blocks: int = 1,
    means_of: Callable[[Model, Series, pd.DatetimeIndex], type_means] = _means,
) -> list[PastForecast]:
    """
    Forecast the blocks after each cutoff from what came before it.

    ``cutoffs`` increase; each forecast is calibrated by those before it. Blocks
    that ``end``, the end of the history, cuts off are left out, and so are
    cutoffs before which the model has too little history.
    """
    known = series.starts[~np.isnan(series.offered)]
    made: list[PastForecast] = []
    for cutoff in cutoffs:
        days = (cutoff.date() - known[0].date()).days if len(known) else 0
        bounds = [later(cutoff, block, n) for n in range(blocks + 1)]
        starts, horizon = open_blocks(series, bounds, end)
        if days < model.min_days or starts.empty:
            continue
        made.append(
            PastForecast(
                series.queue,
                model.name,
                cutoff,
                days,
                starts,
                horizon,
                offered_at(series, starts),
                regular_starts(series, starts),
                means_of(model, series.before(cutoff), starts),
                calibration_at(cutoff, made, block, blocks),
            )
        )
    return made
