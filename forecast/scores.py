"""Measures of past forecasts: the accuracy table, and one model's gain over another."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast import columns as c
from forecast.accuracy import (
    bias,
    interval_coverage,
    mase,
    noise_floor,
    pinball,
    wape,
)
from forecast.backtest import QUANTILES
from forecast.schema import Table, check_table

RESAMPLES = 2000
CONTACTS = ("offered", "forecast", *QUANTILES, "scale", "day_known")

ACCURACY = Table(
    "accuracy",
    key=(
        c.QUEUE,
        c.Column("cutoff", "time", "time", "first instant that was not known"),
        c.MODEL,
        c.Column("grain", "text", "–", "what is scored: interval, day or month"),
        c.Column("horizon", "int64", "months", "1: the first after the cutoff", 1),
    ),
    required=(
        c.Column("points", "int64", "1", "intervals, days or months scored", 1),
        replace(c.OFFERED, meaning="arrived in them"),
        c.Column("wape", "float64", "1", "Σ|error| / Σ offered", 0),
        c.Column("bias", "float64", "1", "Σ(forecast − offered) / Σ offered", -1),
        c.Column("mase", "float64", "1", "error / that of the weekly naive before", 0),
        c.Column("pinball", "float64", "contacts", "mean loss of five quantiles", 0),
        c.Column("interval_coverage", "float64", "1", "share from P10 to P90", 0, 1),
        c.Column("interval_coverage_95", "float64", "1", "from P2.5 to P97.5", 0, 1),
        c.Column("noise_floor", "float64", "1", "wape of the true Poisson means", 0),
        c.Column("wape_day_known", "float64", "1", "wape were day totals known", 0),
    ),
)
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
    of_grain = scored[scored["grain"] == grain]
    errors = of_grain.assign(error=(of_grain["offered"] - of_grain["forecast"]).abs())
    errors = errors.pivot_table(
        index=["cutoff", "queue", "horizon", "start"], columns="model", values="error"
    )
    errors = errors[[model, over]].dropna()
    if errors.empty:
        return Gain(math.nan, math.nan, math.nan, 0, 0)
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
