"""
What past months say of a model: which members to hear, its bias, how far it strays.

A model forecasts the blocks (months) after past cutoffs, reading nothing later. From
the blocks that had closed by a cutoff follows how the next one is forecast; and so
on, up to the month that is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.accuracy import bias, noise_floor, wape
from forecast.cache import kept
from forecast.distribution import PRIOR, Shocks
from forecast.intervals import local_dates
from forecast.models.base import Model, Series
from forecast.models.prepared import ALONE, Prepared
from forecast.variance import Errors, shocks_from

BLOCK = pd.DateOffset(days=28)
"""A month that has each weekday four times."""
MOST_BLOCKS = 13
"""Blocks that are learnt from, the latest: a year."""
MATURE_DAYS = 61
"""
History before a cutoff from which on its errors tell of those to come. [days]

With less than two months, a model has hardly seen the course of one.
"""
JUDGED_BLOCKS, CLEAR_LOSS = 6, 1.15
"""Blocks by which a member is judged; error over the best's that silences it. [1]"""
BIAS_BLOCKS = 4
"""Blocks without bias that the blocks seen are weighed against."""


@dataclass(frozen=True)
class Calibration:
    """
    How a model's forecast is made of its members', and how far it may stray.

    The median of the members that are not ``dropped``, times ``factor``. ``accuracy``
    says how past blocks went: origins (how many), wape, bias and noise_floor per
    interval, wape_day, wape_block; empty without any, and where no calls came.
    """

    dropped: tuple[str, ...] = ()
    factor: float = 1.0
    shocks: Shocks = PRIOR
    accuracy: Mapping[str, float] = field(default_factory=dict)

    def mean_of(self, means: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Expected contacts, from those that each member expects. [contacts]"""
        heard = [mean for name, mean in means.items() if name not in self.dropped]
        return np.asarray(self.factor * np.median(heard, axis=0))


@dataclass(frozen=True)
class PastForecast:
    """
    One queue forecast by one model from a cutoff, beside what came.

    Arrays are by open interval of the whole blocks after the cutoff. ``horizon``
    numbers the blocks from 1; ``actual`` is NaN where missing. ``regular``: no
    holiday, no event. ``means`` is what each member expected; ``days`` the length
    of the history before the cutoff.
    """

    queue: str
    model: str
    cutoff: pd.Timestamp
    days: int
    starts: pd.DatetimeIndex
    horizon: NDArray[np.int64]
    actual: NDArray[np.float64]
    regular: NDArray[np.bool_]
    means: Mapping[str, NDArray[np.float64]]
    calibration: Calibration

    @property
    def mean(self) -> NDArray[np.float64]:
        """What the model expected. [contacts]"""
        return self.calibration.mean_of(self.means)

    @property
    def told(self) -> NDArray[np.bool_]:
        """Where the first block is known."""
        return np.asarray((self.horizon == 1) & ~np.isnan(self.actual))


def calibrate(model: Model, series: Series) -> Calibration:
    """How to forecast from the end of a series, by the blocks before it; kept."""
    inputs = repr((model, series.queue, series.calendar, series.shared)).encode()
    found = kept(
        inputs + series.starts.asi8.tobytes() + series.offered.tobytes(),
        lambda: asdict(_calibrate(model, series)),
    )
    return Calibration(
        tuple(found["dropped"]),
        found["factor"],
        Shocks(**found["shocks"]),
        found["accuracy"],
    )


def _calibrate(model: Model, series: Series) -> Calibration:
    step = pd.Timedelta(seconds=series.calendar.interval_s)
    end = (series.starts[-1] + step).normalize()
    if end <= series.starts[-1]:
        end += pd.DateOffset(days=1)
    known = series.starts[~np.isnan(series.offered)]
    earliest = known[0].normalize() + pd.DateOffset(days=least_days(model))
    cutoffs = blocks_before(end, BLOCK, earliest)[1 : MOST_BLOCKS + 1]
    made = past_forecasts(series, model, cutoffs[::-1], end=end)
    return calibration_at(end, made, BLOCK)


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
        bounds = [cutoff + block * n for n in range(blocks + 1)]
        starts, horizon = _open_blocks(series, bounds, end)
        if days < model.min_days or starts.empty:
            continue
        fitted = Prepared.of(model).fit(series.before(cutoff))
        made.append(
            PastForecast(
                series.queue,
                model.name,
                cutoff,
                days,
                starts,
                horizon,
                series.offered[series.starts.get_indexer(starts)],
                regular_starts(series, starts),
                fitted.means(starts),
                calibration_at(cutoff, made, block),
            )
        )
    return made


def calibration_at(
    cutoff: pd.Timestamp, made: Sequence[PastForecast], block: pd.DateOffset
) -> Calibration:
    """
    What the forecasts of blocks that had closed by a cutoff say of the next one.

    Notes
    -----
    The latest first blocks that do not overlap. A member is dropped where its absolute
    error, over JUDGED_BLOCKS or more, is above CLEAR_LOSS times that of the best: to
    pick the best itself does worse. The factor is exp(Σ log(y/f) / (n + BIAS_BLOCKS))
    over n blocks' totals y and their medians f: a bias of few blocks may be chance. A
    model without members is taken at its word.
    """
    used: list[PastForecast] = []
    until = cutoff
    for past in reversed(made):
        mature = past.days >= MATURE_DAYS and past.told.any()
        if mature and past.cutoff + block <= until and len(used) < MOST_BLOCKS:
            used.append(past)
            until = past.cutoff
    if not used:
        return Calibration()
    logs: list[float] = []
    for past in used if ALONE not in used[0].means else ():
        actual = float(past.actual[past.told].sum())
        median = float(past.mean[past.told].sum()) / past.calibration.factor
        if min(actual, median) > 0.0:
            logs.append(float(np.log(actual / median)))
    errors = _errors(used)
    return Calibration(
        _clear_losers(used),
        float(np.exp(sum(logs) / (len(logs) + BIAS_BLOCKS))),
        shocks_from(errors),
        _accuracy(errors),
    )


def blocks_before(
    cutoff: pd.Timestamp, block: pd.DateOffset, earliest: pd.Timestamp
) -> list[pd.Timestamp]:
    """The cutoff and the starts of the whole blocks before it, latest first."""
    bounds = [cutoff]
    while (start := cutoff - block * len(bounds)) >= earliest:
        bounds.append(start)
    return bounds


def regular_starts(series: Series, starts: pd.DatetimeIndex) -> NDArray[np.bool_]:
    """Whether each start is on a day without holiday or event."""
    codes, days = pd.factorize(local_dates(starts))
    kinds = [series.calendar.day_kinds(series.queue, day) for day in days]
    return np.array([not kind for kind in kinds], dtype=bool)[codes]


def _open_blocks(
    series: Series, bounds: list[pd.Timestamp], end: pd.Timestamp
) -> tuple[pd.DatetimeIndex, NDArray[np.int64]]:
    """Open intervals between the bounds, and their block from 1; before the end."""
    last = (bounds[-1] - pd.DateOffset(days=1)).date()
    starts = series.calendar.open_intervals(series.queue, bounds[0].date(), last)
    block = np.asarray(pd.DatetimeIndex(bounds).searchsorted(starts, side="right"))
    whole = block < block[starts >= end].min(initial=len(bounds))
    return starts[whole], block[whole]


def _clear_losers(used: Sequence[PastForecast]) -> tuple[str, ...]:
    """Members whose error, over the blocks they forecast, is far above the best's."""
    names = sorted({name for past in used for name in past.means})
    losers = []
    for name in names:
        judged = [past for past in used if name in past.means]
        if len(judged) < JUDGED_BLOCKS:
            continue
        shared = [
            other for other in names if all(other in past.means for past in judged)
        ]
        error = {
            other: sum(
                float(np.abs(past.actual - past.means[other])[past.told].sum())
                for past in judged
            )
            for other in shared
        }
        if error[name] > CLEAR_LOSS * min(error.values()):
            losers.append(name)
    return tuple(losers)


def _errors(used: Sequence[PastForecast]) -> Errors:
    """The first blocks, one after the other."""
    told = [past.told for past in used]
    pairs = list(zip(used, told, strict=True))
    return Errors(
        np.repeat(np.arange(len(used)), [rows.sum() for rows in told]),
        pd.DatetimeIndex(
            pd.concat([past.starts[rows].to_series() for past, rows in pairs])
        ),
        np.concatenate([past.actual[rows] for past, rows in pairs]),
        np.concatenate([past.mean[rows] for past, rows in pairs]),
        np.concatenate([past.regular[rows] for past, rows in pairs]),
    )


def _accuracy(errors: Errors) -> dict[str, float]:
    if min(errors.actual.sum(), errors.mean.sum()) <= 0.0:
        return {}
    return {
        "origins": float(errors.blocks),
        "wape": wape(errors.actual, errors.mean),
        "bias": bias(errors.actual, errors.mean),
        "noise_floor": noise_floor(errors.mean),
        "wape_day": wape(*errors.sums(errors.day_codes())),
        "wape_block": wape(*errors.sums(errors.block)),
    }
