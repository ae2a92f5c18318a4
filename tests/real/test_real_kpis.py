"""KPIs of the Anonymous Bank's centre, beside the check values of the data's README."""

import pandas as pd
import pytest
from real.test_real import HERE

from staffing.config import read_config
from staffing.kpi import kpi_table, sums_of

RENAMED = {
    "call_type": "queue",
    "answered_20s": "answered_within",
    "abandon_wait_mean_s": "abandon_wait_s",
}
SHOWN = {
    "offered": ".0f",
    "handled": ".0f",
    "abandoned": ".0f",
    "abandon_rate": ".2%",
    "aht_s": ".1f",
    "asa_s": ".1f",
    "service_level": ".1%",
}
# aht_s is service seconds / handled; service_level is answered within 20 s / offered.
PUBLISHED = {
    ("IN", "1999-01"): "265 207 58 21.89% 264.2 76.9 34.0%",
    ("IN", "1999-02"): "261 199 62 23.75% 263.4 101.1 32.2%",
    ("NE", "1999-01"): "1560 1476 84 5.38% 323.4 42.5 55.0%",
    ("NE", "1999-02"): "2701 2520 181 6.70% 275.2 50.8 49.2%",
    ("NW", "1999-01"): "5221 4017 1204 23.06% 106.5 47.2 40.3%",
    ("NW", "1999-02"): "6940 4990 1950 28.10% 106.8 55.4 41.2%",
    ("PE", "1999-01"): "156 134 22 14.10% 232.9 46.5 47.4%",
    ("PE", "1999-02"): "136 120 16 11.76% 228.5 49.7 44.9%",
    ("PS", "1999-01"): "22024 20374 1650 7.49% 192.0 32.3 57.3%",
    ("PS", "1999-02"): "20016 18349 1667 8.33% 184.3 35.9 55.4%",
    ("TT", "1999-01"): "914 852 62 6.78% 72.6 16.8 72.4%",
    ("TT", "1999-02"): "1040 984 56 5.38% 103.1 18.1 76.7%",
    ("all", "1999-01"): "30140 27060 3080 10.22% 183.5 35.0 54.4%",
    ("all", "1999-02"): "31094 27162 3932 12.65% 176.4 40.8 52.1%",
}


@pytest.fixture(scope="module")
def rows():
    path = HERE / read_config(HERE / "anonymous_bank.toml").history
    if not path.exists():
        pytest.skip("the real data are not on this machine")
    table = pd.read_csv(path, parse_dates=["interval_start"]).rename(columns=RENAMED)
    return table.assign(aht_s=table["ser_time_sum_s"] / table["handled"])


def shown(rows):
    """Monthly KPIs of each queue and of all, written as they were published."""
    sums = rows[["queue", "interval_start"]].join(sums_of(rows, 1800.0))
    table = kpi_table(None, sums, sl_rule="offered", grains=["month"])
    months = table.set_index("kpi").groupby(["queue", "period"])["realised"]
    return {
        key: " ".join(f"{kpis[name]:{form}}" for name, form in SHOWN.items())
        for key, kpis in months
        if kpis["offered"] > 0
    }


def test_both_months_are_reproduced_to_the_last_digit(rows):
    of_types = shown(rows[~rows["queue"].isin(["TOTAL", "other"])])
    assert of_types == PUBLISHED


def test_the_rows_of_totals_say_the_same(rows):
    of_totals = shown(rows[rows["queue"] == "TOTAL"])
    for month in ("1999-01", "1999-02"):
        assert of_totals["all", month] == PUBLISHED["all", month]
