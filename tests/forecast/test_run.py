import datetime as dt
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.distribution import PRIOR
from forecast.errors import TableError
from forecast.history import History, complete_history
from forecast.intervals import Event
from forecast.models import MODELS
from forecast.run import Wanted, forecast_queue

DATA = Path(__file__).parents[2] / "data"
MODEL = MODELS["sma8"]
DECEMBER = (dt.date(2026, 12, 1), dt.date(2026, 12, 31))
BANDS = ["offered", "offered_p10", "offered_p90"]


def forecast(history, queue="A", first=DECEMBER[0], last=DECEMBER[1], **options):
    settings = {"default_aht_s": 240.0, "seed": 7} | options
    return forecast_queue(history, queue, Wanted(MODEL, first, last, **settings))


@pytest.fixture(scope="module")
def history():
    """The history of queues that have a count in each interval of their grid."""

    def history(calendar, first="2026-01-01", last="2026-11-30", **queues) -> History:
        parts = []
        for queue, offered in (queues or {"A": 9.0}).items():
            starts = calendar.open_intervals(
                queue, dt.date.fromisoformat(first), dt.date.fromisoformat(last)
            )
            values = offered(starts) if callable(offered) else offered
            parts.append(
                pd.DataFrame(
                    {"queue": queue, "interval_start": starts, "offered": values}
                ).astype({"queue": "str", "offered": "float64"})
            )
        rows = pd.concat(parts, ignore_index=True)
        return complete_history(
            rows, calendar, absent_rows="missing", where="history.csv"
        )

    return history


def noise(level, seed=3):
    def noise(starts):
        return np.random.default_rng(seed).poisson(level, len(starts))

    return noise


@pytest.fixture(scope="module")
def sample_history(sample, sample_calendar):
    return complete_history(
        sample.frame, sample_calendar, absent_rows="missing", where="history.csv"
    )


@pytest.fixture(scope="module")
def sample_forecasts(sample_history):
    return {
        queue: forecast(sample_history, queue, default_aht_s=None)
        for queue in sample_history.queues
    }


@pytest.fixture(scope="module")
def truth():
    table = pd.read_csv(DATA / "truth.csv")
    return table[table["interval_start"] >= "2026-12"]


@pytest.mark.parametrize(
    ("hours", "last"),
    [
        (None, "2027-01-31"),
        ({"mon-sun": "00:00-24:00"}, "2027-01-31"),
        ({"mon-fri": "22:00-06:00"}, "2026-12-31"),
    ],
)
def test_months_and_days_are_the_sums_of_the_intervals(calendar, history, hours, last):
    past = history(calendar(hours), A=noise(4.0))
    result = forecast(past, last=dt.date.fromisoformat(last))
    intervals = result.intervals
    start = intervals["interval_start"]
    for table, codes in (
        (result.days.set_index("date"), start.dt.date),
        (result.months.set_index("month"), start.dt.strftime("%Y-%m")),
    ):
        sums = intervals.groupby(codes.to_numpy())["offered"].sum()
        pd.testing.assert_series_equal(
            table["offered"], sums, check_names=False, rtol=1e-12
        )
        assert (table["offered_p10"] <= table["offered_p90"]).all()


def test_every_open_interval_stands_once_and_no_other(calendar, history):
    centre = calendar(country="IT")
    result = forecast(history(centre))
    starts = pd.DatetimeIndex(result.intervals["interval_start"])
    assert starts.equals(centre.open_intervals("A", *DECEMBER))
    assert not set(starts.date) & set(centre.holidays)
    assert (result.intervals["interval_s"] == 1800).all()
    assert (result.intervals["model"] == "sma8").all()


@pytest.mark.parametrize(
    ("month", "intervals"), [("2026-03", 31 * 48 - 2), ("2026-10", 31 * 48 + 2)]
)
def test_months_in_which_the_clocks_change_are_whole(
    calendar, history, month, intervals
):
    first = dt.date.fromisoformat(f"{month}-01")
    past = history(
        calendar({"mon-sun": "00:00-24:00"}), "2025-10-01", "2026-02-28", A=3.0
    )
    result = forecast(past, first=first, last=first.replace(day=31))
    assert len(result.intervals) == intervals
    assert result.months["offered"].tolist() == [3.0 * intervals]


@pytest.mark.parametrize("interval_s", [900, 3600])
def test_other_lengths_of_intervals_are_forecast(calendar, history, interval_s):
    result = forecast(history(calendar(interval_s=interval_s), A=9.0))
    assert (result.intervals["offered"] == 9.0).all()
    assert (result.intervals["interval_s"] == interval_s).all()


def test_the_same_again_is_the_same(calendar, history):
    past = history(calendar(), A=noise(6.0))
    first, second, other = forecast(past), forecast(past), forecast(past, seed=8)
    for table in ("intervals", "days", "months"):
        pd.testing.assert_frame_equal(getattr(first, table), getattr(second, table))
    assert (other.intervals["offered"] == first.intervals["offered"]).all()
    assert not other.months.equals(first.months)


def test_possible_months_are_drawn_again_from_what_is_kept(calendar, history):
    past = history(calendar(), A=noise(6.0))
    result = forecast(past)
    offered, aht_s = result.possible(80)
    assert offered.shape == aht_s.shape == (80, len(result.intervals))
    error = 4 * offered.std(axis=0) / 80**0.5
    assert (np.abs(offered.mean(axis=0) - result.intervals["offered"]) <= error).all()
    np.testing.assert_allclose(aht_s.mean(axis=0), 240.0)  # the default
    assert aht_s.std(axis=0).mean() == pytest.approx(240 * PRIOR.aht**0.5, rel=0.05)
    for first, second in zip(
        result.possible(80), forecast(past).possible(80), strict=True
    ):
        np.testing.assert_array_equal(first, second)
    other, _ = forecast(past, seed=8).possible(80)
    assert not np.array_equal(other, offered)


def test_neither_the_other_queues_nor_the_order_of_rows_change_a_queue(
    calendar, history
):
    """Rows are shuffled before they are put on the grid."""
    both = history(calendar(), A=noise(6.0), B=noise(60.0, seed=9))
    alone = replace(both, frame=both.frame[both.frame["queue"] == "A"])
    mixed = complete_history(
        both.frame.sample(frac=1.0, random_state=1),
        both.calendar,
        absent_rows="missing",
        where="history.csv",
    )
    expected = forecast(both)
    for other in (alone, mixed):
        found = forecast(other)
        pd.testing.assert_frame_equal(found.intervals, expected.intervals)
        pd.testing.assert_frame_equal(found.months, expected.months)
        assert found.shocks == expected.shocks


def test_the_year_before_is_given_where_it_is_known_whole(calendar, history):
    """December 2025 has 23 weekdays of 24 and 4 Saturdays of 12 half-hours."""
    past = history(calendar(), "2025-12-01", A=2.0)
    result = forecast(past, last=dt.date(2027, 1, 31))
    january = 22 * 24 + 5 * 12  # of 2026
    assert result.months["last_year"].tolist() == [
        2.0 * (23 * 24 + 4 * 12),
        2.0 * january,
    ]


@pytest.mark.parametrize("first", ["2025-12-02", "2025-12-31", "2026-02-01"])
def test_a_year_before_that_is_not_whole_is_not_given(calendar, history, first):
    result = forecast(history(calendar(), first, A=2.0))
    assert math.isnan(result.months["last_year"].iloc[0])


def test_a_month_that_begins_in_mid_day_or_has_a_hole_is_not_whole(calendar, history):
    past = history(calendar(), "2025-12-01", A=2.0)
    late = past.frame.iloc[3:]
    assert late["interval_start"].iloc[0].date() == dt.date(2025, 12, 1)
    hole = past.frame.copy()
    hole.loc[50, "offered"] = np.nan
    for frame in (late, hole):
        result = forecast(replace(past, frame=frame))
        assert math.isnan(result.months["last_year"].iloc[0])


def test_a_month_whose_first_days_were_closed_may_be_whole(calendar, history):
    """1 and 2 November 2025 are a Saturday and a Sunday."""
    centre = calendar({"mon-fri": "08:00-20:00"})
    past = history(centre, "2025-11-03", "2026-10-31", A=2.0)
    november = (dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    result = forecast(past, first=november[0], last=november[1])
    assert result.months["last_year"].tolist() == [2.0 * 20 * 24]


def test_a_forecast_over_a_year_ahead_has_no_year_before(calendar, history):
    past = history(calendar({"mon-fri": "08:00-09:00"}), A=2.0)
    result = forecast(past, last=dt.date(2028, 1, 31))
    given = result.months.set_index("month")["last_year"].notna()
    assert list(given[given].index) == [f"2027-{month:02}" for month in range(1, 12)]


def test_days_show_the_same_weekday_of_the_year_before(calendar, history):
    past = history(calendar(), "2025-12-03", A=lambda starts: starts.day)
    days = forecast(past).days.set_index("date")["year_before"]
    assert math.isnan(days[dt.date(2026, 12, 1)])  # Tuesday 2 December 2025
    assert days[dt.date(2026, 12, 2)] == 24 * 3
    assert days[dt.date(2026, 12, 5)] == 12 * 6


def test_a_history_that_is_too_short_says_how_much_it_needs(calendar, history):
    with pytest.raises(TableError) as caught:
        forecast(history(calendar(), "2026-11-09", A=2.0))
    assert str(caught.value) == (
        "history: A needs at least 28 days of history before the month to plan, but "
        "has 22 (2026-11-09 to 2026-11-30). Add earlier rows."
    )


def test_missing_days_do_not_make_a_history_longer(calendar, history):
    def late(starts):
        return np.where(starts.month < 11, np.nan, 5.0)

    with pytest.raises(TableError, match=r"but has 22 \(2026-11-09 to 2026-11-30\)"):
        forecast(history(calendar(), A=lambda s: np.where(s.day < 9, np.nan, late(s))))


@pytest.mark.parametrize("queue", ["A", "Nobody"])
def test_a_queue_of_which_nothing_is_known_is_told(calendar, history, queue):
    with pytest.raises(TableError) as caught:
        forecast(history(calendar(), A=np.nan), queue)
    assert str(caught.value) == (
        f"history: {queue} has no known interval before the month to plan."
    )


def test_a_queue_without_handle_times_needs_a_default(calendar, history):
    with pytest.raises(TableError) as caught:
        forecast(history(calendar()), default_aht_s=None)
    assert str(caught.value) == (
        "history: A has no handle times (aht_s) in its history. Set [aht] default_s."
    )


def test_a_queue_that_is_closed_all_month_has_an_empty_forecast(calendar, history):
    days = {dt.date(2026, 12, day): "closed" for day in range(1, 32)}
    result = forecast(history(calendar(holidays=days)))
    assert len(result.intervals) == len(result.days) == len(result.months) == 0
    assert list(result.months) == [
        "month",
        *BANDS,
        "last_year",
        "offered_forecast",
        "offered_given",
    ]


def test_a_short_history_has_a_band_by_assumption_and_says_so(calendar, history):
    result = forecast(history(calendar(), "2026-11-02", A=noise(6.0)))
    assert result.shocks == PRIOR
    assert result.accuracy == {}
    assert [str(finding) for finding in result.warnings] == [
        "forecast of A: the history is too short to measure past errors, so the band "
        "assumes 5% a month, 8% a day and 5% an interval beside Poisson noise."
    ]


def test_a_forecast_that_is_not_calibrated_has_the_same_mean_and_the_band_of_none(
    calendar, history
):
    calls = history(calendar(), A=noise(30.0))
    known, plain = (forecast(calls, calibrated=asked) for asked in (True, False))
    pd.testing.assert_series_equal(
        known.intervals["offered"], plain.intervals["offered"]
    )
    assert known.accuracy
    assert not plain.accuracy
    assert (plain.shocks.month, plain.shocks.day) == (PRIOR.month, PRIOR.day)


def test_special_days_that_were_never_seen_are_told(calendar, history):
    days = (dt.date(2026, 12, 3), dt.date(2026, 12, 10))
    centre = calendar(events=(Event("strike", days[:1], days=2), Event("b", days[1:])))
    (finding,) = forecast(history(centre)).warnings
    assert str(finding) == (
        "forecast of A: no past day to learn the effect from, so it is taken as a "
        "usual day: b; strike, day 1; strike, day 2."
    )


def test_hours_that_were_never_seen_are_told(calendar, history):
    past = history(calendar({"mon-fri": "08:00-20:00"}))
    longer = calendar({"mon-fri": "07:30-20:00", "sat": "08:00-09:00"})
    (finding,) = forecast(replace(past, calendar=longer)).warnings
    assert str(finding) == (
        "forecast of A: hours that the history never had are taken from the nearest "
        "known ones: Mon 07:30; Tue 07:30; Wed 07:30; Thu 07:30; Fri 07:30; Sat 08:00; "
        "Sat 08:30."
    )


def test_a_queue_without_calls_is_forecast_as_silence(calendar, history):
    result = forecast(history(calendar(), "2025-01-01", A=0.0))
    assert (result.intervals[BANDS] == 0.0).all(axis=None)
    assert (result.months[[*BANDS, "last_year"]] == 0.0).all(axis=None)
    assert dict(result.accuracy) == {"origins": 13.0}


@pytest.mark.parametrize("quiet_until", ["2026-11-03", "2026-11-29"])
def test_a_queue_that_has_just_begun_to_ring_is_no_crash(
    calendar, history, quiet_until
):
    begin = pd.Timestamp(quiet_until, tz="Europe/Rome")
    result = forecast(history(calendar(), A=lambda s: np.where(s < begin, 0.0, 9.0)))
    assert result.intervals["offered"].max() > 0
    assert all(map(math.isfinite, result.accuracy.values()))


def test_one_call_in_a_year_is_no_crash(calendar, history):
    def one(starts):
        return (np.arange(len(starts)) == 100).astype(float)

    result = forecast(history(calendar(), A=one))
    assert (result.intervals["offered"] >= 0).all()
    assert np.isfinite(result.intervals[BANDS]).all(axis=None)
    assert all(map(math.isfinite, result.accuracy.values()))


def test_the_largest_counts_are_no_crash(calendar, history):
    result = forecast(history(calendar(), A=noise(9e8)))
    assert np.isfinite(result.months[BANDS]).all(axis=None)


def test_a_queue_over_midnight_is_forecast_over_months_and_holidays(calendar, history):
    def calls(starts):
        return 5.0 + starts.hour

    centre = calendar({"mon-sun": "22:00-06:00"}, country="IT")
    result = forecast(history(centre, A=calls))
    start = result.intervals["interval_start"]
    assert start.iloc[0] == pd.Timestamp("2026-12-01 00:00", tz="Europe/Rome")
    assert start.iloc[-1] == pd.Timestamp("2026-12-31 23:30", tz="Europe/Rome")
    on_christmas = start.dt.date == dt.date(2026, 12, 25)
    assert start[on_christmas].dt.hour.max() == 5  # the 24th's
    assert not (start.dt.strftime("%m-%d %H").isin(["12-26 02", "12-27 02"])).any()
    usual = ~start.dt.date.isin(list(centre.holidays))
    np.testing.assert_allclose(
        result.intervals["offered"][usual], 5.0 + start.dt.hour[usual]
    )


def test_four_bands_in_five_hold_what_happens(calendar, history):
    """
    A centre drawn with shocks of its own, forecast for a month: 6 queues.

    Of ~3200 intervals, 80 % and a little more (counts are whole) lie within the
    band; those of one day and queue stray together, hence the width allowed.
    """
    rng = np.random.default_rng(11)
    centre = calendar()
    past = centre.open_intervals("A", dt.date(2025, 9, 1), dt.date(2026, 11, 30))
    months = centre.open_intervals("A", *DECEMBER)

    def drawn(starts):
        level = 30 + 10 * np.sin(np.asarray(starts.hour) / 3) + 2 * starts.day_of_week
        day, days = pd.factorize(starts.date)
        month, names = pd.factorize(starts.strftime("%Y-%m"))
        rate = level * rng.lognormal(-(0.1**2) / 2, 0.1, len(days))[day]
        rate *= rng.lognormal(-(0.04**2) / 2, 0.04, len(names))[month]
        return rng.poisson(rate * rng.gamma(100, 0.01, len(starts)))

    inside, days_inside = [], []
    for queue in "ABCDEF":
        result = forecast(history(centre, str(past[0].date()), **{queue: drawn}), queue)
        actual = pd.Series(drawn(months))
        band = result.intervals
        inside.append(actual.between(band["offered_p10"], band["offered_p90"]))
        of_day = actual.groupby(months.date).sum().to_numpy()
        days_inside.append(
            (of_day >= result.days["offered_p10"])
            & (of_day <= result.days["offered_p90"])
        )
    assert np.mean(np.concatenate(inside)) == pytest.approx(0.82, abs=0.05)
    assert np.mean(np.concatenate(days_inside)) == pytest.approx(0.8, abs=0.1)


SEASONS = {
    "Acqua": (0.10, 1, 200),
    "Ambiente": (0.14, 2, 110),
    "Energia": (0.13, 1, 20),
}
"""Amplitude, harmonic and peak day of each queue, as data/README.md gives them."""


def season(queue, date):
    height, harmonic, peak = SEASONS[queue]
    angle = 2 * math.pi * harmonic * (date.timetuple().tm_yday - peak) / 365.25
    return math.exp(height * math.cos(angle))


@pytest.mark.parametrize("queue", SEASONS)
def test_the_sample_s_december_is_off_by_what_an_average_cannot_know(
    sample_forecasts, truth, queue
):
    """
    A mean of eight weeks stands where the season was in their middle.

    Six weeks later it has moved on by −8 % (Energia), +6 % (Acqua) and +19 %
    (Ambiente): measured −9.5 %, +4.8 % and +17.6 %. What is left, within 4 %, is
    the draw of 48 days with shocks of 6.4 % that are correlated, and growth.
    """
    true = truth[truth["queue"] == queue]
    intervals = sample_forecasts[queue].intervals
    clock = intervals["interval_start"].dt.strftime("%Y-%m-%dT%H:%M")
    assert clock.tolist() == true["interval_start"].tolist()
    total = intervals["offered"].sum()
    lag = season(queue, dt.date(2026, 11, 2)) / season(queue, dt.date(2026, 12, 15))
    assert total / true["offered_mean"].sum() == pytest.approx(lag, abs=0.04)
    level = total / true["offered_mean"].sum()
    error = (intervals["offered"].to_numpy() / level - true["offered_mean"]).abs().sum()
    noise = 1 / math.sqrt(8 * true["offered_mean"].mean())
    assert error / true["offered_mean"].sum() < noise + 0.03
    long = intervals["aht_s"].to_numpy() / true["aht_s"]
    assert long.mean() == pytest.approx(1.0, abs=0.02)
    assert long.between(0.8, 1.2).all()


def test_the_sample_s_billing_runs_are_found(sample_forecasts):
    """True lifts: × 1.25, 1.15 and 1.08 on the three days."""
    found = {
        effect.kind: effect.factor for effect in sample_forecasts["Energia"].effects
    }
    assert list(found) == [f"bollette Energia, day {n}" for n in (1, 2, 3)]
    assert list(found.values()) == pytest.approx([1.25, 1.15, 1.08], abs=0.05)
    assert sample_forecasts["Ambiente"].effects == ()
    lifted = sample_forecasts["Energia"].days.set_index("date")["offered"]
    usual = lifted[dt.date(2026, 12, 10)]  # Thursdays both
    assert lifted[dt.date(2026, 12, 3)] / usual == pytest.approx(
        found["bollette Energia, day 1"]
    )


@pytest.mark.parametrize("queue", SEASONS)
def test_the_sample_s_holidays_have_no_rows(sample_forecasts, queue):
    days = set(sample_forecasts[queue].days["date"])
    closed = {dt.date(2026, 12, day) for day in (7, 8, 25, 26)}
    assert not days & closed
    assert len(days) == 31 - 4 - 4  # four Sundays


@pytest.mark.parametrize("queue", SEASONS)
def test_the_sample_s_errors_lie_above_the_noise_floor(sample_forecasts, queue):
    found = sample_forecasts[queue].accuracy
    assert found["origins"] == 13
    assert 1 < found["wape"] / found["noise_floor"] < 1.6
    assert found["wape_block"] < found["wape_day"] < found["wape"]
    assert abs(found["bias"]) < 0.02


@pytest.mark.parametrize("queue", SEASONS)
def test_the_sample_s_handle_times_differ_between_days_by_little_but_chance(
    sample_forecasts, queue
):
    """They have no shocks of days: within 4 errors of 0, √(2/48) of 1/calls a day."""
    result = sample_forecasts[queue]
    calls = result.days["offered"].mean()
    assert 0 <= result.shocks.aht < 4 * (2 / 48) ** 0.5 / calls
