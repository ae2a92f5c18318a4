"""
Do plans hold as often as they promise, and what do they cost? Many generated centres.

STAFFCAST_BENCH_CENTRES draws of the sample's centre (20: about an hour of CPU).
"""

import importlib.util
import os
import shutil
import time
from pathlib import Path

import pandas as pd
import pytest

from staffing.backtest import backtest_plans

ROOT = Path(__file__).parents[2]
CENTRES = int(os.environ.get("STAFFCAST_BENCH_CENTRES", "2"))


def make_centre(seed, folder):
    spec = importlib.util.spec_from_file_location("make", ROOT / "data" / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    history, _ = module.make_centre(seed)
    history.to_csv(folder / "history.csv", index=False, lineterminator="\n")
    shutil.copy(ROOT / "data" / "plan.toml", folder)
    return folder / "plan.toml"


@pytest.mark.bench
def test_plans_hold_as_often_as_promised_and_cost_less_than_simple_ones(tmp_path):
    rows = []
    for seed in range(1, CENTRES + 1):
        folder = tmp_path / str(seed)
        folder.mkdir()
        path = make_centre(seed, folder)
        begin = time.process_time()
        result = backtest_plans(path, first="2026-04", last="2026-11")
        days = result.promises[result.promises["grain"] == "day"]
        hours = result.costs.groupby("plan")["equal_hours"].sum()
        rows.append(
            {
                "centre": seed,
                "promised": days["promised"].mean(),
                "held": days["held"].mean(),
                "over_clairvoyant": hours["plan"] / hours["clairvoyant"] - 1.0,
                "under_seasonal_naive": 1.0 - hours["plan"] / hours["seasonal_naive"],
                "under_sma4": 1.0 - hours["plan"] / hours["sma4"],
                "cpu_s": time.process_time() - begin,
            }
        )
        print(pd.DataFrame(rows[-1:]).round(4).to_string(header=seed == 1, index=False))
    table = pd.DataFrame(rows).set_index("centre")
    print(table.describe().loc[["mean", "min", "max"]].round(4).to_string())
    assert abs((table["held"] - table["promised"]).mean()) <= 0.05
    assert (table["held"] - table["promised"]).abs().mean() <= 0.05
    assert (table["under_seasonal_naive"] > 0).all()
    assert table["over_clairvoyant"].mean() < 0.08  # nobody knows chance beforehand
