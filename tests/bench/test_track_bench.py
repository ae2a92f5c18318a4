"""
The rest of a day, told at three times of it, on generated centres.

STAFFCAST_BENCH_CENTRES=20 takes as many draws of the sample centre instead of 4.
"""

import importlib.util
import os
import sys
from pathlib import Path

import pandas as pd
import pytest
from reference.rest_of_day import scored_rests, summary

from forecast.engine import ONE_THREAD
from forecast.history import complete_history
from forecast.models import DEFAULT, MODELS
from staffing.config import read_config

DATA = Path(__file__).parents[2] / "data"
CENTRES = int(os.environ.get("STAFFCAST_BENCH_CENTRES", "4"))
MONTHS = ("2026-05", "2026-11")
HOURS = (10, 12, 15)


def centre(seed):
    """The history of a draw of the sample centre."""
    spec = importlib.util.spec_from_file_location("sample_make", DATA / "make.py")
    make = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = make  # dataclasses look their module up
    spec.loader.exec_module(make)
    rows, _ = make.make_centre(seed)
    calendar = read_config(DATA / "plan.toml").calendar(range(2023, 2028))
    starts = pd.to_datetime(rows["interval_start"]).dt.as_unit("s")
    rows["interval_start"] = starts.dt.tz_localize(calendar.zone)
    return complete_history(
        rows.astype({"queue": "str"}), calendar, absent_rows="missing", where="made"
    )


@pytest.mark.bench
def test_the_update_beats_the_plan_and_naive_scaling_and_its_band_holds():
    os.environ.update(ONE_THREAD)
    model = MODELS[DEFAULT]
    scores = pd.concat(
        scored_rests(history, queue, month, model, HOURS).assign(centre=seed)
        for seed in range(2, 2 + CENTRES)  # 1 is what the method was chosen on
        for history in [centre(seed)]
        for queue in history.queues
        for month in MONTHS
    )
    print(f"\n{CENTRES} centres, {', '.join(MONTHS)}, {DEFAULT}: WAPE of the rest")
    for by in ("hour", "queue", "centre"):
        print(summary(scores, by).round(4).to_string())
    whole = summary(scores.assign(all="all"), "all").loc["all"]
    for kind in ("error", "rest"):
        assert whole[f"{kind}_update"] < whole[f"{kind}_plan"]
        assert whole[f"{kind}_update"] < whole[f"{kind}_naive"]
    assert 0.76 <= whole["coverage"] <= 0.84
