"""Real exports, planned from the configurations beside this file."""

from pathlib import Path

import pandas as pd
import pytest

from staffing.config import read_config
from staffing.pipeline import plan_month

HERE = Path(__file__).parent
CONFIGS = {"us_bank": 1, "anonymous_bank": 6}


@pytest.fixture(scope="module", params=CONFIGS)
def real(request):
    path = HERE / f"{request.param}.toml"
    if not (path.parent / read_config(path).history).exists():
        pytest.skip("the real data are not on this machine")
    return request.param, plan_month(path)


def test_every_queue_is_planned_and_meets_its_targets(real):
    name, plan = real
    assert plan.failed == {}
    assert plan.exit_code == 0
    assert plan.requirement["queue"].nunique() == CONFIGS[name]
    assert (plan.requirement["service_level"] >= 0.95).all()
    assert (plan.requirement["asa_s"] <= 50.0).all()
    assert "planned and simulated agree" in plan.audit


def test_the_month_after_the_history_is_planned_on_open_intervals_only(real):
    name, plan = real
    intervals = plan.requirement.groupby("queue")["open"].sum()
    if name == "us_bank":  # 21 weekdays (1 September is Labor Day) of 28 half-hours
        assert plan.month == "2003-09"
        assert intervals.tolist() == [21 * 28]
    else:  # 23 days Sunday to Thursday of 34, 4 Fridays of 14, 4 Saturdays of 8
        assert plan.month == "1999-03"
        assert set(intervals) == {23 * 34 + 4 * 14 + 4 * 8}


def test_rows_outside_the_hours_and_holes_are_told_not_averaged(real):
    name, plan = real
    words = "\n".join(str(warning) for warning in plan.warnings)
    if name == "us_bank":
        assert "opening hours (126 in all, with 8885 calls) are left out" in words
        assert "without a row (56 in all) are taken as missing" in words
    else:
        assert "opening hours (597 in all, with 576 calls) are left out" in words
        assert "are taken as missing: 1999-01-11; 1999-01-12." in words


def test_the_forecast_is_near_the_level_of_the_last_weeks(real):
    name, plan = real
    daily = plan.monthly.set_index("queue")["offered"]
    # Calls a month at the mean level of the last eight weeks, from the data's README
    # and the file itself: the shape may move it by a tenth, not by half.
    expected = (
        pd.Series({"bank": 1159 * 21 * 28})
        if name == "us_bank"
        else pd.Series({"PS": 21_000, "NW": 6_100, "NE": 2_100, "TT": 980})
    )
    ratio = daily[expected.index] / expected
    assert ratio.between(0.85, 1.4).all(), ratio
