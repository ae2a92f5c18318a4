"""
Measures of past forecasts: the accuracy table, and one model's gain over another.

Every measure is a ratio of sums over points: what workers add up for each queue, others
add up for all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.accuracy import pinball_loss, poisson_deviation
from forecast.backtest import QUANTILES
from forecast.schema import ACCURACY, check_table

RESAMPLES = 2000
GRAINS = ("interval", "day", "month")
CONTACTS = ("offered", "forecast", *QUANTILES, "scale", "day_known")
KEY = [column.name for column in ACCURACY.key]
SUMS = (
    *("points", "offered", "forecast", "error", "noise", "scaled", "loss"),
    *("inside", "inside_95", "error_day_known"),
)
"""What measures are ratios of: columns of :func:`sums_by`."""
CUTS = ["queue", "model", "grain", "horizon", "hour", "weekday", "quarter"]


def sums_by(points: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """
    What the measures of points are ratios of, summed over those that share ``by``.

    Parameters
    ----------
    points : DataFrame
        Of :func:`forecast.backtest.backtest`; any further column will do for ``by``.

    Returns
    -------
    DataFrame
        In the order of ``by``, the last ``start`` and SUMS: how many ``points``, and
        how many ``inside`` their bands; in contacts ``offered``, ``forecast``,
        ``error`` (absolute), ``noise`` (of Poisson counts), ``loss`` (pinball, the
        mean of all levels) and ``error_day_known``; ``scaled``, absolute error / scale
        (NaN where a point has none).
    """
    p = {name: points[name].to_numpy(dtype=np.float64) for name in CONTACTS}
    actual, forecast, scale = p["offered"], p["forecast"], p["scale"]
    error = np.abs(actual - forecast)
    losses = [pinball_loss(actual, p[name], at) for name, at in QUANTILES.items()]
    terms = pd.DataFrame(
        {
            "points": np.ones(len(points), dtype=np.int64),
            "offered": actual,
            "forecast": forecast,
            "error": error,
            "scaled": error / np.where(scale > 0, scale, np.nan),
            "loss": np.mean(losses, axis=0),
            "inside": (p["q10"] <= actual) & (actual <= p["q90"]),
            "inside_95": (p["q025"] <= actual) & (actual <= p["q975"]),
            "noise": poisson_deviation(forecast),
            "error_day_known": np.abs(actual - p["day_known"]),
        }
    )
    keys = [points[name].to_numpy() for name in by]
    groups = terms.groupby(keys, sort=True)
    last = points["start"].set_axis(terms.index).groupby(keys, sort=True).max()
    sums = groups.sum(skipna=False).assign(start=last)[["start", *SUMS]]
    return sums.rename_axis([*by]).reset_index()


def by_cuts(points: pd.DataFrame) -> pd.DataFrame:
    """The sums of points by CUTS: hours of intervals, weekdays of days, quarters."""
    start, grain = points["start"].dt, points["grain"]
    labels = {
        "hour": start.hour.where(grain == "interval", -1),
        "weekday": start.day_of_week.where(grain == "day", -1),
        "quarter": volume_quarters(points),
    }
    return sums_by(points.assign(**labels), CUTS)


def accuracy_table(sums: pd.DataFrame) -> pd.DataFrame:
    """The sums of a backtest as the table ACCURACY."""
    return check_table(accuracy_by(sums, KEY), ACCURACY, "backtest of forecasts")


def accuracy_by(sums: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The measures of ACCURACY over the sums that share ``by``, in its order."""
    total = sums.groupby(by, sort=True)[[*SUMS]].sum(skipna=False)
    offered = total["offered"].where(total["offered"] != 0)
    forecast = total["forecast"].where(total["forecast"] != 0)
    measures = pd.DataFrame(
        {
            "points": total["points"],
            "offered": total["offered"],
            "wape": total["error"] / offered,
            "bias": (total["forecast"] - total["offered"]) / offered,
            "mase": total["scaled"] / total["points"],
            "pinball": total["loss"] / total["points"],
            "interval_coverage": total["inside"] / total["points"],
            "interval_coverage_95": total["inside_95"] / total["points"],
            "noise_floor": total["noise"] / forecast,
            "wape_day_known": total["error_day_known"] / offered,
        }
    )
    return measures.reset_index()


def summary_table(
    sums: pd.DataFrame, over: Iterable[str], *, seed: int
) -> pd.DataFrame:
    """
    The measures over all queues and cutoffs, with each model's gain over others.

    ``sums`` are by KEY.

    Returns
    -------
    DataFrame
        By ``grain`` (the finest first), ``horizon`` and ``model`` (the most exact
        first): ``cutoffs`` scored, the measures of ACCURACY, and for each model in
        ``over`` its ``gain_over_`` with ``_low`` and ``_high``, as :func:`gain`.
    """
    others, parts = tuple(over), []
    for grain in [name for name in GRAINS if (sums["grain"] == name).any()]:
        for _, ahead in sums.groupby("horizon", sort=True):
            part = ahead[ahead["grain"] == grain]
            measures = accuracy_by(part, ["grain", "horizon", "model"])
            measures = measures.sort_values("wape", kind="stable", ignore_index=True)
            cutoffs = part.groupby("model")["cutoff"].nunique()
            measures.insert(3, "cutoffs", measures["model"].map(cutoffs))
            gains = [
                _gains(ahead, model, others, grain, seed) for model in measures["model"]
            ]
            parts.append(pd.concat([measures, pd.DataFrame(gains)], axis="columns"))
    return pd.concat(parts, ignore_index=True)


def _gains(
    sums: pd.DataFrame, model: str, over: Iterable[str], grain: str, seed: int
) -> dict[str, float]:
    """The gains over others with their limits; over itself not known."""
    gains: dict[str, float] = {}
    for other in over:
        name, found = f"gain_over_{other}", UNKNOWN
        if other != model:
            found = gain(sums, model, other, grain=grain, seed=seed)
        limits = {f"{name}_low": found.low, f"{name}_high": found.high}
        gains |= {name: found.point, **limits}
    return gains


def volume_quarters(scored: pd.DataFrame) -> pd.Series:
    """The quarter of the like forecasts that each is in: 1 has the least contacts."""
    alike = scored.groupby(["queue", "model", "grain"])["forecast"]
    return (4.0 * alike.rank(method="first", pct=True)).apply(math.ceil)


@dataclass(frozen=True)
class Gain:
    """
    How much lower one model's absolute error is than another's, as a share. [1]

    ``low`` to ``high`` is meant to hold it 19 times in 20; NaN where there are fewer
    than two runs of ``run`` cutoffs among the ``origins``. All NaN where the other
    model made no error, or never forecast the same.
    """

    point: float
    low: float
    high: float
    origins: int
    run: int


UNKNOWN = Gain(math.nan, math.nan, math.nan, 0, 0)


def gain(sums: pd.DataFrame, model: str, over: str, *, grain: str, seed: int) -> Gain:
    """
    Gain of ``model`` over another where both have forecast: 1 − Σ|e| / Σ|e'|.

    Give the sums by KEY, of every grain: intervals say how far a cutoff reaches.

    Notes
    -----
    Circular block bootstrap. Cutoffs less than a horizon apart score the same days, and
    the queues of one cutoff share what happened: so runs of as many cutoffs
    as one horizon holds are drawn, with all their queues, from the cutoffs laid in a
    circle. With few runs the limits are too close: take them as the least doubt.
    """
    pair = sums[(sums["grain"] == grain) & sums["model"].isin([model, over])]
    errors = pair.pivot_table(
        index=["cutoff", "queue", "horizon"], columns="model", values="error"
    )
    errors = errors.reindex(columns=[model, over]).dropna()
    if errors.empty:
        return UNKNOWN
    cutoffs = pd.DatetimeIndex(errors.index.get_level_values("cutoff").unique())
    ends = sums.groupby("cutoff")["start"].max()
    within = cutoffs.searchsorted(pd.DatetimeIndex(ends[cutoffs]), side="right")
    run = int((within - np.arange(len(cutoffs))).max())
    of_cutoff = errors.groupby(level="cutoff").sum().to_numpy(dtype=np.float64)
    n = len(of_cutoff)

    def gained(error: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1.0 - error[..., 0] / error[..., 1]

    share = float(gained(of_cutoff.sum(axis=0)))
    if n < 2 * run:
        return Gain(share, math.nan, math.nan, n, run)
    rng = np.random.default_rng(seed)
    first = rng.integers(n, size=(RESAMPLES, math.ceil(n / run), 1))
    drawn = ((first + np.arange(run)) % n).reshape(RESAMPLES, -1)[:, :n]
    low, high = np.quantile(gained(of_cutoff[drawn].sum(axis=1)), [0.025, 0.975])
    return Gain(share, float(low), float(high), n, run)
