import datetime as dt
import math
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from reference.ten import Ten, busy

from forecast.backtest import backtest, naive_scale, points, scored_forecasts
from forecast.blocks import MONTH
from forecast.calibration import Calibration
from forecast.distribution import Shocks
from forecast.errors import TableError
from forecast.history import complete_history
from forecast.intervals import Event
from forecast.models import Series
from forecast.models.sma import SeasonalMovingAverage
from forecast.rolling import past_forecasts

SMA8 = SeasonalMovingAverage()
FOUR_WEEKS = pd.DateOffset(days=28)
ALWAYS = {"mon-sun": "00:00-24:00"}


@pytest.fixture(scope="module")
def history(calendar):
    """Sales from a first to a last date, its contacts given by a function."""

    def history(first, last, offered=busy, *, centre=None, hide=()):
        centre = centre or calendar(interval_s=3600)
        dates = (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
        starts = centre.open_intervals("Sales", *dates)
        starts, calls = (x[~np.isin(starts, hide)] for x in (starts, offered(starts)))
        table = pd.DataFrame({"interval_start": starts, "offered": calls})
        table.insert(0, "queue", pd.Series("Sales", table.index, dtype="str"))
        return complete_history(
            table, centre, absent_rows="missing", where="history.csv"
        )

    return history


def cutoffs(*days):
    return [pd.Timestamp(day, tz="Europe/Rome") for day in days]


def score(past, model, days, *, block=FOUR_WEEKS):
    """The points of one model alone."""
    series = Series.of(past, "Sales")
    made = scored_forecasts(series, model, days, end=past.end, block=block, blocks=1)
    scale = dict.fromkeys(("interval", "day", "month"), 1.0)
    return pd.concat([points(one, scale, days="all", seed=3) for one in made])


@pytest.mark.parametrize("hours", [ALWAYS, None])
def test_months_are_the_sums_of_their_days_and_intervals(calendar, history, hours):
    """With the clock changes of March and October, against sums of the history."""
    past = history("2026-01-01", "2026-11-10", centre=calendar(hours, interval_s=3600))
    firsts = cutoffs("2026-03-01", "2026-10-01")
    scored = score(past, Ten(), firsts, block=MONTH)
    frame = past.frame.assign(month=past.frame["interval_start"].dt.strftime("%Y-%m"))
    expected = frame.groupby("month")["offered"].agg(["sum", "size"])
    expected = expected.loc[["2026-03", "2026-10"]]
    for grain in ("interval", "day", "month"):
        sums = scored[scored["grain"] == grain].groupby("cutoff").sum(numeric_only=True)
        assert list(sums["offered"]) == list(expected["sum"])
        assert list(sums["forecast"]) == list(10.0 * expected["size"])
    days = scored[scored["grain"] == "day"]
    assert days["start"].dt.date.is_unique
    intervals = scored[scored["grain"] == "interval"]
    by_day = intervals.groupby(intervals["start"].dt.date)["day_known"].sum()
    np.testing.assert_allclose(by_day, days["offered"])


def test_horizons_are_scored_where_the_history_has_the_whole_month(history):
    past = history("2026-01-05", "2026-06-27")  # its last Saturday
    scored = backtest(
        past, [], first=dt.date(2026, 4, 6), step=FOUR_WEEKS, blocks=3, seed=1
    )
    months = scored[(scored["grain"] == "month") & (scored["model"] == "sma4")]
    assert [
        (str(cutoff.date()), horizon, str(start.date()))
        for cutoff, horizon, start in months[["cutoff", "horizon", "start"]].itertuples(
            index=False
        )
    ] == [
        ("2026-04-06", 1, "2026-04-06"),
        ("2026-04-06", 2, "2026-05-04"),
        ("2026-04-06", 3, "2026-06-01"),
        ("2026-05-04", 1, "2026-05-04"),
        ("2026-05-04", 2, "2026-06-01"),
        ("2026-06-01", 1, "2026-06-01"),
    ]


def test_missing_intervals_are_left_out_of_every_sum(history):
    hidden = pd.date_range("2026-04-06 08:00", periods=5, freq="h", tz="Europe/Rome")
    past = history("2026-01-05", "2026-05-02", hide=hidden)
    scored = backtest(past, [Ten()], first=dt.date(2026, 4, 6), seed=1)
    ten = scored[scored["model"] == "ten"].set_index("grain")
    open_hours = 4 * (5 * 12 + 6)
    assert len(ten.loc["interval"]) == open_hours - 5
    assert ten.loc["month", "forecast"] == 10 * (open_hours - 5)
    assert ten.loc["day", "forecast"].iloc[0] == 10 * (12 - 5)
    assert not ten["offered"].isna().any()


def test_regular_and_special_days_are_scored_apart(calendar, history):
    dates = (dt.date(2026, 3, 4), dt.date(2026, 4, 14), dt.date(2026, 4, 15))
    centre = calendar(interval_s=3600, events=(Event("bills", dates),))
    past = history("2026-01-05", "2026-05-02", centre=centre)
    every, regular, special = (
        backtest(past, [], first=dt.date(2026, 4, 6), days=days, seed=1)
        .query("grain == 'day' and model == 'sma4'")["start"]
        .dt.date
        for days in ("all", "regular", "special")
    )
    assert set(special) == set(dates[1:])
    assert len(every) == len(regular) + len(special)
    assert set(every) == set(regular) | set(special)


def test_a_model_that_needs_more_history_is_scored_from_when_it_has_it(history):
    past = history("2026-01-05", "2026-05-17")
    scored = backtest(past, [Ten(min_days=100)], first=dt.date(2026, 4, 6), seed=1)
    first = scored.groupby("model")["cutoff"].min().dt.date
    assert dict(first) == {
        "ten": dt.date(2026, 4, 20),
        "seasonal_naive": dt.date(2026, 4, 6),
        "sma4": dt.date(2026, 4, 6),
    }


def test_where_nothing_can_be_scored_the_error_says_so(history):
    past = history("2026-01-05", "2026-02-28")
    for first in (dt.date(2026, 2, 16), dt.date(2027, 1, 1)):
        with pytest.raises(TableError) as caught:
            backtest(past, [], first=first, seed=1)
        assert str(caught.value) == (
            "history: no model could be scored on all days of a month from "
            f"{first} on. Let the cutoffs begin earlier or later, or add history."
        )


def test_the_weekly_naive_s_error_equals_a_slow_loop(history):
    hidden = pd.date_range("2026-03-06 08:00", periods=30, freq="h", tz="Europe/Rome")
    past = history("2026-01-07", "2026-04-26", hide=hidden)
    cutoff = pd.Timestamp("2026-04-20", tz="Europe/Rome")
    series = Series.of(past, "Sales")
    seen = series.before(cutoff)
    value = {
        start.replace(tzinfo=None): calls
        for start, calls in zip(seen.starts, seen.offered, strict=True)
    }
    error = {"interval": {}, "day": {}, "month": {}}
    for start, calls in value.items():
        change = calls - value.get(start - dt.timedelta(days=7), math.nan)
        back = (cutoff.replace(tzinfo=None) - start) // dt.timedelta(days=28)
        for grain, key in (("interval", start), ("day", start.date()), ("month", back)):
            # Three whole blocks lie before the cutoff; the fourth began on Monday
            # 29 December, before the history.
            if not math.isnan(change) and (grain != "month" or back < 3):
                error[grain][key] = error[grain].get(key, 0.0) + change
    scale = naive_scale(series, cutoff, FOUR_WEEKS)
    for grain, changes in error.items():
        expected = np.mean(np.abs(list(changes.values())))
        assert scale[grain] == pytest.approx(expected)


def test_less_than_two_weeks_have_no_scale(history):
    seen = Series.of(history("2026-01-05", "2026-01-10"), "Sales")
    cutoff = pd.Timestamp("2026-01-12", tz="Europe/Rome")
    assert all(math.isnan(s) for s in naive_scale(seen, cutoff, FOUR_WEEKS).values())


def test_bands_hold_the_share_that_they_promise_at_each_grain(history):
    """Days move together by 16 %; a year and a half of calls, the true law unknown."""
    past = history("2025-01-06", "2026-09-27")
    days = list(pd.date_range("2025-09-01", periods=13, freq="28D", tz="Europe/Rome"))
    scored = score(past, SMA8, days)
    for grain, slack in (("interval", 0.04), ("day", 0.06)):
        part = scored[scored["grain"] == grain]
        for low, high, share in (("q10", "q90", 0.8), ("q025", "q975", 0.95)):
            inside = part["offered"].between(part[low], part[high]).mean()
            assert inside == pytest.approx(share, abs=slack)


def test_a_block_over_two_months_has_one_shock(history):
    """A month's shock of 20 % alone: half the band's width does not depend on where."""
    past = history("2026-01-05", "2026-06-28")
    day = cutoffs("2026-04-20")  # to 17 May
    series = Series.of(past, "Sales")
    (made,) = past_forecasts(series, Ten(), day, end=past.end)
    wild = Calibration(shocks=Shocks(month=0.04, day=0.0, interval=0.0))
    scale = dict.fromkeys(("interval", "day", "month"), 1.0)
    scored = points(replace(made, calibration=wild), scale, days="all", seed=1)
    month = scored[scored["grain"] == "month"].iloc[0]
    sigma = math.sqrt(math.log1p(0.04))
    ratio = math.exp(2 * 1.2816 * sigma)
    assert month["q90"] / month["q10"] == pytest.approx(ratio, rel=0.08)


def test_the_same_seed_gives_the_same_points_and_another_only_moves_the_band(history):
    past = history("2026-01-05", "2026-05-24")
    one, same, other = (
        backtest(past, [], first=dt.date(2026, 4, 20), seed=seed) for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, same)
    assert (one["forecast"] == other["forecast"]).all()
    assert (one["q90"] != other["q90"]).any()


def test_daily_series_have_days_for_intervals(calendar, history):
    centre = calendar(ALWAYS, interval_s=86400, zone=ZoneInfo("UTC"))
    past = history("2024-01-01", "2024-12-31", centre=centre)
    scored = backtest(past, [SMA8], first=dt.date(2024, 10, 7), blocks=3, seed=1)
    kept = ["start", "horizon", "offered", "forecast", "scale"]
    interval, day = (
        scored.loc[scored["grain"] == grain, kept].reset_index(drop=True)
        for grain in ("interval", "day")
    )
    pd.testing.assert_frame_equal(interval, day)
    assert set(interval["horizon"]) == {1, 2, 3}
