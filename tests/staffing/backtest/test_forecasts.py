"""Past months of small centres, forecast by averages."""

import numpy as np
import pandas as pd
import pytest

from forecast.errors import ConfigError, TableError
from forecast.schema import ACCURACY
from staffing.backtest import backtest_forecasts
from staffing.backtest.months import MOST_MONTHS

DAILY = """\
history = "history.csv"
timezone = "Europe/Rome"
interval_s = 86400
[format]
time = "%Y-%m-%d"
[hours]
mon-sun = "00:00-24:00"
"""


@pytest.fixture
def past(centre):
    """December 2025 to March 2026; without the first, months to forecast."""
    return centre(first="2025-12-01", last="2026-03-31")


def months_from_cutoffs(accuracy):
    cutoff = accuracy["cutoff"].dt.strftime("%Y-%m-%d")
    keys = zip(cutoff, accuracy["horizon"], strict=True)
    return sorted(set(keys))


def test_each_whole_month_is_forecast_from_its_beginning_by_model_and_baselines(past):
    result = backtest_forecasts(past, models=["sma8"])
    assert result.months == ("2026-01", "2026-02", "2026-03")
    assert months_from_cutoffs(result.accuracy) == [
        ("2026-01-01", 1),
        ("2026-02-01", 1),
        ("2026-03-01", 1),
    ]
    assert set(result.accuracy["model"]) == {"seasonal_naive", "sma4", "sma8"}
    assert result.models == ("sma8",)
    accuracy = result.accuracy
    assert list(accuracy.columns) == [column.name for column in ACCURACY.columns]
    assert len(accuracy) == 3 * 3 * 3  # cutoffs, models, grains
    intervals = accuracy[accuracy["grain"] == "interval"]
    assert intervals["points"].tolist() == [22 * 4] * 3 + [20 * 4] * 3 + [22 * 4] * 3
    assert result.summary["cutoffs"].eq(3).all()
    best = result.summary.iloc[0]
    assert (best["grain"], best["model"]) == ("interval", "sma8")
    assert best["gain_over_seasonal_naive"] > best["gain_over_sma4"] > 0.0
    assert result.exit_code == 0


def test_months_ahead_are_forecast_from_earlier_months_of_the_range(past):
    result = backtest_forecasts(
        past, models=["sma4"], first="2026-02", last="2026-03", horizons=2
    )
    assert months_from_cutoffs(result.accuracy) == [
        ("2026-02-01", 1),
        ("2026-02-01", 2),
        ("2026-03-01", 1),
    ]


def test_what_comes_after_the_last_month_changes_nothing(centre):
    long = centre(last="2026-02-28", folder="long")
    short = centre(last="2026-01-31", folder="short")
    one, other = (
        backtest_forecasts(path, models=["sma4"], last="2026-01")
        for path in (long, short)
    )
    pd.testing.assert_frame_equal(one.accuracy, other.accuracy)
    pd.testing.assert_frame_equal(one.cuts, other.cuts)


def test_a_month_that_the_history_does_not_have_whole_is_not_scored(centre):
    path = centre(last="2026-03-30")  # a Monday: the 31st is open
    assert backtest_forecasts(path, models=["sma4"], first="2026-02").months == (
        "2026-02",
    )
    path = centre(last="2026-02-27")  # a Friday: the last open day
    assert backtest_forecasts(path, models=["sma4"], first="2026-02").months == (
        "2026-02",
    )


def test_a_year_is_forecast_unless_asked(centre, monkeypatch):
    assert MOST_MONTHS == 12
    monkeypatch.setattr("staffing.backtest.months.MOST_MONTHS", 1)
    path = centre()
    assert backtest_forecasts(path, models=["sma4"]).months == ("2026-02",)
    asked = backtest_forecasts(path, models=["sma4"], first="2026-01")
    assert asked.months == ("2026-01", "2026-02")


def test_a_daily_series_has_no_intervals(centre):
    path = centre(DAILY)
    days = pd.date_range("2025-12-01", "2026-02-28")
    offered = 50 + np.arange(len(days)) % 7
    rows = [f"Sales,{day:%Y-%m-%d},{n}" for day, n in zip(days, offered, strict=True)]
    table = "\n".join(["queue,interval_start,offered", *rows])
    (path.parent / "history.csv").write_text(table)
    result = backtest_forecasts(path, models=["sma4"])
    assert result.accuracy["grain"].unique().tolist() == ["day", "month"]
    assert result.accuracy["wape"].eq(0.0).all()  # the same week again and again


def test_a_queue_too_young_fails_alone(past):
    history = past.parent / "history.csv"
    rows = [f"New,2026-03-31T{hour}:00:00+02:00,5,200.0" for hour in ("09", "10")]
    history.write_text(history.read_text() + "\n".join(rows))
    result = backtest_forecasts(past, models=["sma4"], first="2026-03")
    assert set(result.accuracy["queue"]) == {"Sales"}
    assert result.failed == {
        "New": "history: no model could be scored on all days of a month from "
        "2026-03-01 on. Let the cutoffs begin earlier or later, or add history."
    }
    assert result.exit_code == 1
    queues = result.manifest({})["queues"]
    assert queues["Sales"] == {"status": "done"}
    assert queues["New"]["status"] == "failed"


def test_a_queue_that_begins_after_the_last_month_is_not_there_yet(past):
    history = past.parent / "history.csv"
    row = "New,2026-03-30T09:00:00+02:00,5,200.0\n"
    history.write_text(history.read_text() + row)
    result = backtest_forecasts(past, models=["sma4"], first="2026-02", last="2026-02")
    assert result.failed == {}
    assert set(result.accuracy["queue"]) == {"Sales"}


def test_models_that_lack_history_at_some_month_are_told(centre):
    path = centre(first="2025-11-21", last="2026-02-28")  # 41 days before January
    result = backtest_forecasts(path, models=["sma8", "harmonic", "last_year"])
    assert str(result.warnings[-1]) == (
        "backtest: models that were not scored from every month, for want of history "
        "before it: harmonic (42 days needed): 1 of 2 months; last_year (396 days "
        "needed): 0 of 2 months. Compare them by their gains, which are over the same "
        "months."
    )
    assert "last_year" not in set(result.summary["model"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"models": ["sma4", "oracle"]},
            "--model: 'oracle' is not a model; there are ",
        ),
        ({"first": "13"}, "--from: '13' is not a month: write \"2026-12\"."),
        ({"last": "2026-3"}, "--to: '2026-3' is not a month: write \"2026-12\"."),
        (
            {"first": "2025-12"},
            "--from: 2025-12 cannot be forecast and scored: history.csv has the whole "
            "months 2026-01 to 2026-03 with 28 days of history before them.",
        ),
        (
            {"last": "2026-04"},
            "--to: 2026-04 cannot be forecast and scored: history.csv has the whole "
            "months 2026-01 to 2026-03 with 28 days of history before them.",
        ),
        (
            {"first": "2026-03", "last": "2026-02"},
            "--from: 2026-03 is after --to, which is 2026-02.",
        ),
    ],
)
def test_months_and_models_that_are_not_there(past, options, said):
    with pytest.raises(ConfigError) as caught:
        backtest_forecasts(past, **options)
    assert str(caught.value).startswith(said)


def test_too_little_history_is_told_with_what_there_is(centre):
    path = centre(last="2026-01-15")
    with pytest.raises(TableError) as caught:
        backtest_forecasts(path)
    assert str(caught.value) == (
        "history.csv: a backtest needs 28 days of history and then a whole calendar "
        "month, but there are 2025-12-01 to 2026-01-15. Add earlier rows."
    )


def test_a_history_outside_its_opening_hours_is_told(centre):
    path = centre(opening=("20:00", "21:00"))
    with pytest.raises(TableError) as caught:
        backtest_forecasts(path)
    assert str(caught.value) == (
        "history.csv: no queue has a known interval inside its opening hours. Correct "
        "[hours]."
    )
