"""Measures of past forecasts: the accuracy table, and one model's gain over another."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.accuracy import (
    bias,
    interval_coverage,
    mase,
    noise_floor,
    pinball,
    wape,
)
from forecast.backtest import QUANTILES
from forecast.schema import ACCURACY, check_table

RESAMPLES = 2000
GRAINS = ("interval", "day", "month")
CONTACTS = ("offered", "forecast", *QUANTILES, "scale", "day_known")
KEY = [column.name for column in ACCURACY.key]


def accuracy_table(scored: pd.DataFrame) -> pd.DataFrame:
    """The points of a backtest as the table ACCURACY."""
    return check_table(accuracy_by(scored, KEY), ACCURACY, "backtest of forecasts")


def accuracy_by(scored: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """
    The measures of ACCURACY over the points that share ``by``, in its order.

    Any column will do: models over all cutoffs, hours of the day, bands of volume.
    """
    rows = [
        dict(zip(by, key, strict=True)) | _measures(part)
        for key, part in scored.groupby(by, sort=True)
    ]
    return pd.DataFrame(rows)


def summary_table(
    scored: pd.DataFrame, over: Iterable[str], *, seed: int
) -> pd.DataFrame:
    """
    The measures over all queues and cutoffs, with each model's gain over others.

    Returns
    -------
    DataFrame
        By ``grain`` (the finest first), ``horizon`` and ``model`` (the most exact
        first): ``cutoffs`` scored, the measures of ACCURACY, and for each model in
        ``over`` its ``gain_over_`` with ``_low`` and ``_high``, as :func:`gain`.
    """
    others, parts = tuple(over), []
    for grain in [name for name in GRAINS if (scored["grain"] == name).any()]:
        for _, ahead in scored.groupby("horizon", sort=True):
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
    scored: pd.DataFrame, model: str, over: Iterable[str], grain: str, seed: int
) -> dict[str, float]:
    """The gains over others with their limits; over itself not known."""
    gains: dict[str, float] = {}
    for other in over:
        name, found = f"gain_over_{other}", UNKNOWN
        if other != model:
            found = gain(scored, model, other, grain=grain, seed=seed)
        limits = {f"{name}_low": found.low, f"{name}_high": found.high}
        gains |= {name: found.point, **limits}
    return gains


def volume_quarters(scored: pd.DataFrame) -> pd.Series:
    """The quarter of the like forecasts that each is in: 1 has the least contacts."""
    alike = scored.groupby(["queue", "model", "grain"])["forecast"]
    return (4.0 * alike.rank(method="first", pct=True)).apply(math.ceil)


def _measures(part: pd.DataFrame) -> dict[str, float]:
    p = {name: part[name].to_numpy(dtype=np.float64) for name in CONTACTS}
    actual, forecast = p["offered"], p["forecast"]
    losses = [pinball(actual, p[name], level) for name, level in QUANTILES.items()]
    return {
        "points": len(part),
        "offered": float(actual.sum()),
        "wape": wape(actual, forecast),
        "bias": bias(actual, forecast),
        "mase": mase(actual, forecast, p["scale"]),
        "pinball": float(np.mean(losses)),
        "interval_coverage": interval_coverage(actual, p["q10"], p["q90"]),
        "interval_coverage_95": interval_coverage(actual, p["q025"], p["q975"]),
        "noise_floor": noise_floor(forecast),
        "wape_day_known": wape(actual, p["day_known"]),
    }


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


def gain(scored: pd.DataFrame, model: str, over: str, *, grain: str, seed: int) -> Gain:
    """
    Gain of ``model`` over another on the points that both forecast: 1 − Σ|e| / Σ|e'|.

    Give the points of every grain: those of intervals say how far a cutoff reaches.

    Notes
    -----
    Circular block bootstrap. Cutoffs less than a horizon apart score the same days, and
    the queues of one cutoff share what happened: so runs of as many cutoffs
    as one horizon holds are drawn, with all their queues, from the cutoffs laid in a
    circle. With few runs the limits are too close: take them as the least doubt.
    """
    pair = scored[(scored["grain"] == grain) & scored["model"].isin([model, over])]
    errors = pair.assign(error=(pair["offered"] - pair["forecast"]).abs())
    errors = errors.pivot_table(
        index=["cutoff", "queue", "horizon", "start"], columns="model", values="error"
    )
    errors = errors.reindex(columns=[model, over]).dropna()
    if errors.empty:
        return UNKNOWN
    cutoffs = pd.DatetimeIndex(errors.index.get_level_values("cutoff").unique())
    ends = scored.groupby("cutoff")["start"].max()
    within = cutoffs.searchsorted(pd.DatetimeIndex(ends[cutoffs]), side="right")
    run = int((within - np.arange(len(cutoffs))).max())
    sums = errors.groupby(level="cutoff").sum().to_numpy(dtype=np.float64)
    n = len(sums)

    def gained(error: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1.0 - error[..., 0] / error[..., 1]

    share = float(gained(sums.sum(axis=0)))
    if n < 2 * run:
        return Gain(share, math.nan, math.nan, n, run)
    rng = np.random.default_rng(seed)
    first = rng.integers(n, size=(RESAMPLES, math.ceil(n / run), 1))
    drawn = ((first + np.arange(run)) % n).reshape(RESAMPLES, -1)[:, :n]
    low, high = np.quantile(gained(sums[drawn].sum(axis=1)), [0.025, 0.975])
    return Gain(share, float(low), float(high), n, run)
