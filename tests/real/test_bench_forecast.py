"""How the README's results are laid out; the data behind them are not needed."""

import datetime as dt
import re

import pandas as pd
import pytest
from real.bench_forecast import BENCHES, README, tables, versions, with_results

from forecast.models import DEFAULT


def points_of(model, error):
    """Two cutoffs of eight intervals and a day; offered 10, too high by an error."""
    start = pd.date_range("2026-03-02 09:00", periods=8, freq="h", tz="UTC")
    parts = []
    for grain, scale in (("interval", 1.0), ("day", 8.0), ("month", 8.0)):
        for week in range(2):
            starts = start + pd.Timedelta(weeks=week)
            offered, forecast = scale * 10.0, scale * (10.0 + error)
            part = pd.DataFrame(
                {
                    "start": starts if grain == "interval" else starts[:1],
                    "queue": "all",
                    "cutoff": starts[0].normalize(),
                    "model": model,
                    "grain": grain,
                    "horizon": 1,
                    "offered": offered,
                    "forecast": forecast,
                    **dict.fromkeys(("q025", "q10"), 0.0),
                    **dict.fromkeys(("q50", "q90", "q975"), forecast),
                    "scale": 2.0,
                    "day_known": 10.1 if grain == "interval" else float("nan"),
                }
            )
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def test_tables_say_each_measure_and_the_gain_with_its_limits():
    errors = {"best": 1.0, "seasonal_naive": 4.0, "sma4": -2.0, "prophet": 2.0}
    points = pd.concat([points_of(*pair) for pair in errors.items()])
    measures, gains, quarters = (text.split("\n") for text in tables(points, "best"))
    assert measures[2].startswith(
        "| interval | 1 | best | 2 | 10.0 % | +10.0 % | 0.50 | "
    )
    assert measures[2].endswith("| 100.0 % | 100.0 % | 23.9 % | 1.0 % |")
    assert len(measures) == 2 + 3 * 4
    assert gains[2] == (
        "| interval | 1 | 75.0 % (75.0 % to 75.0 %) | 50.0 % (50.0 % to 50.0 %) | "
        "50.0 % (50.0 % to 50.0 %) |"
    )
    assert len(gains) == 2 + 3
    assert quarters[2:] == [
        "| day | – | 100.0 % | – | 100.0 % |",
        "| interval | 100.0 % | 100.0 % | 100.0 % | 100.0 % |",
    ]
    for table in (measures, gains, quarters):
        assert len({line.count("|") for line in table}) == 1


def test_only_what_is_between_the_markers_is_replaced():
    text = "a\n<!-- results -->\nold\n\nold\n<!-- /results -->\nb\n"
    made = with_results(text, "new")
    assert made == "a\n<!-- results -->\nnew\n<!-- /results -->\nb\n"
    assert with_results(made, "new") == made
    with pytest.raises(ValueError, match="must be there once, not 0"):
        with_results("no markers", "new")


def test_the_readme_has_a_place_for_the_results():
    assert "new" in with_results(README.read_text(), "new")


def test_the_versions_are_those_that_matter():
    said = versions(dt.date(2026, 3, 2))
    names = r"Python|staffcast|numpy|pandas|prophet|statsmodels"
    assert len(re.findall(rf"(?:{names}) \d[^ ]*[,.]", said)) == 6
    assert said.startswith("Measured on 2026-03-02: Python ")


def test_the_default_is_scored_on_sets_whose_configurations_can_be_read():
    assert DEFAULT == "median"
    assert all(bench.history.suffix == ".csv" for bench in BENCHES)
