"""
What past months say of a model: which members to hear, its bias, how far it strays.

From the blocks (months) that had closed by a cutoff follows how the next are forecast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.accuracy import bias, noise_floor, wape
from forecast.blocks import later
from forecast.distribution import PRIOR, Shocks
from forecast.models.prepared import ALONE
from forecast.variance import Errors, month_variance, shocks_from

MOST_BLOCKS = 13
"""Blocks that are learnt from, the latest: a year."""
MATURE_DAYS = 61
"""
History before a cutoff from which on its errors tell of those to come. [days]

With less than two months, a model has hardly seen the course of one.
"""
JUDGED_BLOCKS, CLEAR_LOSS = 6, 1.15
"""Blocks by which a member is judged; error over the best's that silences it. [1]"""
BIAS_BLOCKS, ODD_BLOCK = 4, 1.25
"""Blocks without bias that those seen are weighed against; most that one counts. [1]"""
MOST_AHEAD = 3
"""Months ahead that are calibrated each by itself; the last goes on."""


@dataclass(frozen=True)
class Ahead:
    """So many months ahead: the members that are not heard, and what corrects bias."""

    dropped: tuple[str, ...] = ()
    factor: float = 1.0


@dataclass(frozen=True)
class Calibration:
    """
    How a model's forecast is made of its members', and how far it may stray.

    The median of the members that are not dropped, times the factor, for each month
    ahead; the last goes on. ``accuracy`` says how past blocks went, a month ahead:
    origins (how many), wape, bias and noise_floor per interval, wape_day, wape_block;
    empty without any, origins alone where no calls came or were expected.
    """

    ahead: tuple[Ahead, ...] = (Ahead(),)
    shocks: Shocks = PRIOR
    accuracy: Mapping[str, float] = field(default_factory=dict)

    def at(self, horizon: int) -> Ahead:
        """What holds so many months ahead, from 1."""
        return self.ahead[min(horizon, len(self.ahead)) - 1]

    def mean_of(
        self, means: Mapping[str, NDArray[np.float64]], horizon: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """
        Expected contacts, from those that each member expects. [contacts]

        ``horizon``: of each interval, in months from 1.
        """
        result = np.zeros(len(horizon))
        for months in np.unique(horizon):
            rows, ahead = horizon == months, self.at(int(months))
            heard = [m[rows] for name, m in means.items() if name not in ahead.dropped]
            result[rows] = ahead.factor * np.median(heard, axis=0)
        return result


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
        return self.calibration.mean_of(self.means, self.horizon)

    def told(self, horizon: int) -> NDArray[np.bool_]:
        """Where the contacts of a block are known."""
        return np.asarray((self.horizon == horizon) & ~np.isnan(self.actual))


def calibration_at(
    cutoff: pd.Timestamp,
    made: Sequence[PastForecast],
    block: pd.DateOffset,
    blocks: int = 1,
) -> Calibration:
    """
    What the forecasts of blocks that had closed by a cutoff say of the next ones.

    Notes
    -----
    For each horizon the latest blocks that do not overlap. A member is dropped where
    its absolute error, over JUDGED_BLOCKS or more, is above CLEAR_LOSS times that of
    the best: to pick the best itself does worse. The factor is
    (n·Σy/Σf + BIAS_BLOCKS) / (n + BIAS_BLOCKS) over n blocks' totals y, each within
    ODD_BLOCK of its median f: a bias of few blocks may be chance, and one odd block is
    none. A model without members is taken at its word.
    Days and intervals stray alike whatever the horizon; months more, or as much.
    """
    first = _closed(cutoff, made, block, 1)
    if not first:
        return Calibration()
    errors = _errors(first, 1)
    shocks = shocks_from(errors)
    ahead, months = [_ahead(first, 1)], [shocks.month]
    for horizon in range(2, blocks + 1):
        used = _closed(cutoff, made, block, horizon)
        if not used:
            break
        ahead.append(_ahead(used, horizon))
        months.append(max(months[-1], month_variance(_errors(used, horizon))))
    shocks = replace(shocks, later=tuple(months[1:]))
    return Calibration(tuple(ahead), shocks, _accuracy(errors))


def _closed(
    cutoff: pd.Timestamp,
    made: Sequence[PastForecast],
    block: pd.DateOffset,
    horizon: int,
) -> list[PastForecast]:
    """Those whose block of this horizon had closed, the latest first."""
    used: list[PastForecast] = []
    until = later(cutoff, block, 1 - horizon)
    for past in reversed(made):
        mature = past.days >= MATURE_DAYS and past.told(horizon).any()
        closed = later(past.cutoff, block) <= until
        if mature and closed and len(used) < MOST_BLOCKS:
            used.append(past)
            until = past.cutoff
    return used


def _ahead(used: Sequence[PastForecast], horizon: int) -> Ahead:
    """Who is not heard at this horizon, and the factor."""
    totals = [
        (
            float(past.actual[told].sum()),
            float(past.mean[told].sum()) / past.calibration.at(horizon).factor,
        )
        for past, told in ((past, past.told(horizon)) for past in used)
    ]
    median = sum(f for _, f in totals)
    factor = 1.0
    if median > 0.0 and ALONE not in used[0].means:
        actual = sum(min(max(y, f / ODD_BLOCK), f * ODD_BLOCK) for y, f in totals)
        weight = len(totals) / (len(totals) + BIAS_BLOCKS)
        factor = 1.0 + weight * (actual / median - 1.0)
    return Ahead(_clear_losers(used, horizon), factor)


def _clear_losers(used: Sequence[PastForecast], horizon: int) -> tuple[str, ...]:
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
                float(np.abs(past.actual - past.means[other])[past.told(horizon)].sum())
                for past in judged
            )
            for other in shared
        }
        if error[name] > CLEAR_LOSS * min(error.values()):
            losers.append(name)
    return tuple(losers)


def _errors(used: Sequence[PastForecast], horizon: int) -> Errors:
    """The blocks of a horizon, one after the other."""
    told = [past.told(horizon) for past in used]
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
    origins = {"origins": float(errors.blocks)}
    if min(errors.actual.sum(), errors.mean.sum()) <= 0.0:
        return origins
    return origins | {
        "wape": wape(errors.actual, errors.mean),
        "bias": bias(errors.actual, errors.mean),
        "noise_floor": noise_floor(errors.mean),
        "wape_day": wape(*errors.sums(errors.day_codes())),
        "wape_block": wape(*errors.sums(errors.block)),
    }
