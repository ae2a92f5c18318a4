"""
Bands and errors on generated centres, whose true means are known.

STAFFCAST_BENCH_CENTRES=20 takes as many draws of the sample centre instead of 4.
"""

import datetime as dt
import importlib.util
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import pytest

from forecast.accuracy import bias, wape
from forecast.backtest import backtest
from forecast.blocks import BLOCK
from forecast.engine import ONE_THREAD
from forecast.history import complete_history
from forecast.models import DEFAULT, MODELS
from forecast.scores import accuracy_by, by_cuts
from staffing.config import read_config

DATA = Path(__file__).parents[2] / "data"
CENTRES = int(os.environ.get("STAFFCAST_BENCH_CENTRES", "4"))
FIRST = dt.date(2026, 1, 5)
"""Fifteen months before it, and eleven blocks of four weeks from it on."""


def centre(seed):
    """The history of a draw of the sample centre, and its true means."""
    spec = importlib.util.spec_from_file_location("sample_make", DATA / "make.py")
    make = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = make  # dataclasses look their module up
    spec.loader.exec_module(make)
    rows, truth = make.make_centre(seed)
    calendar = read_config(DATA / "plan.toml").calendar(range(2023, 2028))
    for table in (rows, truth):
        starts = pd.to_datetime(table["interval_start"]).dt.as_unit("s")
        table["interval_start"] = starts.dt.tz_localize(calendar.zone)
    history = complete_history(
        rows.astype({"queue": "str"}), calendar, absent_rows="missing", where="made"
    )
    return history, truth


def scored(seed):
    """The points of the default model, beside what was truly to be expected."""
    history, truth = centre(seed)
    points = backtest(history, [MODELS[DEFAULT]], first=FIRST, step=BLOCK, seed=seed)
    points = points[points["model"] == DEFAULT]
    return points.assign(centre=seed).merge(
        truth[["queue", "interval_start", "offered_mean"]],
        left_on=["queue", "start"],
        right_on=["queue", "interval_start"],
        how="left",
    )


@pytest.mark.bench
def test_bands_hold_what_they_promise_on_centres_whose_truth_is_known():
    os.environ.update(ONE_THREAD)  # for the processes that are begun
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        points = pd.concat(pool.map(scored, range(1, CENTRES + 1)))
    cutoffs = points["cutoff"].nunique()
    print(f"\n{CENTRES} centres, {cutoffs} cutoffs, {DEFAULT}: share inside, and error")
    cuts = by_cuts(points)
    table = accuracy_by(cuts, ["grain", "queue"]).set_index(["grain", "queue"])
    shown = ["points", "wape", "bias", "interval_coverage", "interval_coverage_95"]
    print(table[shown].round(3).to_string())
    for grain in ("interval", "day"):
        for queue, of_queue in cuts[cuts["grain"] == grain].groupby("queue"):
            by = accuracy_by(of_queue, ["quarter"])
            shares = ", ".join(f"{share:.3f}" for share in by["interval_coverage"])
            print(f"{grain}s of {queue}, P10 to P90 by quarter of volume: {shares}")
    intervals = points[points["grain"] == "interval"]
    for queue, part in intervals.groupby("queue"):
        true, mean = part["offered_mean"].to_numpy(), part["forecast"].to_numpy()
        off = f"{wape(true, mean):.3f} off, bias {bias(true, mean):+.3f}"
        print(f"{queue} against the true means of intervals: {off}")
        assert abs(bias(true, mean)) < 0.02
    inside = accuracy_by(cuts, ["grain"]).set_index("grain")["interval_coverage"]
    assert 0.7 < inside["day"] < 0.9
