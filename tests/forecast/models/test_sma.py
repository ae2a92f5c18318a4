import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.intervals import Event
from forecast.models import Series
from forecast.models.sma import SeasonalMovingAverage

SMA8 = SeasonalMovingAverage()
NEXT = (dt.date(2026, 12, 1), dt.date(2026, 12, 31))


def weekly(starts):
    """A different count for each weekday and clock time."""
    return 10.0 + 7 * starts.day_of_week + starts.hour + starts.minute / 60


def predict(series, first=NEXT[0], last=NEXT[1], model=SMA8):
    starts = series.calendar.open_intervals(series.queue, first, last)
    return starts, model.fit(series).predict(starts)


@pytest.mark.parametrize("interval_s", [900, 1800, 3600])
@pytest.mark.parametrize("last", ["2026-09-28", "2026-11-30"])
def test_a_weekly_pattern_without_noise_is_found_exactly(
    calendar, series, interval_s, last
):
    centre = calendar(interval_s=interval_s)
    starts, mean = predict(series(centre, "2026-09-01", last, weekly))
    np.testing.assert_allclose(mean, weekly(starts), rtol=1e-12)


@pytest.mark.parametrize(
    ("first", "last", "intervals"),
    [("2026-10-25", "2026-10-25", 50), ("2027-03-28", "2027-03-28", 46)],
)
def test_days_on_which_the_clocks_change_follow_the_clock(
    calendar, series, first, last, intervals
):
    centre = calendar({"mon-sun": "00:00-24:00"})
    past = series(centre, "2026-02-01", "2026-10-24", weekly)
    starts, mean = predict(past, *map(dt.date.fromisoformat, (first, last)))
    assert len(starts) == intervals
    np.testing.assert_allclose(mean, weekly(starts))


def test_a_repeated_hour_in_the_past_counts_as_one_day_s_mean(calendar, series):
    """On the Sunday of 25 October 2026, 2:00 brings 1 and then 5 calls: 3."""

    def calls(starts):
        second = (starts.date == dt.date(2026, 10, 25)) & (starts.hour == 2)
        return np.where(second, np.where(starts.strftime("%z") == "+0100", 5.0, 1.0), 9)

    centre = calendar({"mon-sun": "00:00-24:00"})
    past = series(centre, "2026-10-25", "2026-11-21", calls)
    starts, mean = predict(past, dt.date(2026, 11, 29), dt.date(2026, 11, 29))
    assert mean[starts.hour == 2] == pytest.approx((3.0 + 3 * 9.0) / 4)
    assert mean[starts.hour != 2] == pytest.approx(9.0)


def test_only_the_last_weeks_are_averaged(calendar, series):
    def grown(starts):
        return np.where(starts < pd.Timestamp("2026-10-05", tz="Europe/Rome"), 99, 5)

    past = series(calendar(), "2026-01-05", "2026-11-29", grown)
    assert predict(past)[1] == pytest.approx(5.0)
    assert predict(past, model=SeasonalMovingAverage(weeks=9))[1] == pytest.approx(
        (8 * 5 + 99) / 9
    )


def slow_mean(past: Series, when: pd.Timestamp, weeks: int) -> float:
    """Mean of the last known regular values of the same weekday and clock time."""

    def values(weekday: int | None) -> list[float]:
        by_date: dict[dt.date, list[float]] = {}
        for start, offered in zip(past.starts, past.offered, strict=True):
            regular = not past.calendar.day_kinds(past.queue, start.date())
            known = regular and not math.isnan(offered)
            if known and start.time() == when.time() and start.weekday() == weekday:
                by_date.setdefault(start.date(), []).append(offered)
        return [float(np.mean(by_date[date])) for date in sorted(by_date)][-weeks:]

    latest = values(when.weekday())
    if latest:
        return float(np.mean(latest))
    others = [float(np.mean(v)) for day in range(7) if (v := values(day))]
    return float(np.mean(others))


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), share=st.floats(0, 0.7), weeks=st.integers(1, 9))
def test_the_mean_equals_a_slow_loop(calendar, series, seed, share, weeks):
    rng = np.random.default_rng(seed)
    centre = calendar(
        {"mon-thu": "22:00-01:00", "sun": "22:00-23:00"},
        holidays={dt.date(2026, 10, 12): "open"},
        open_on_holidays=True,
        events=(Event("e", (dt.date(2026, 10, 28), dt.date(2026, 11, 3)), days=2),),
    )

    def noise(starts):
        calls = rng.poisson(6.0, len(starts)).astype(float)
        return np.where(rng.random(len(starts)) < share, np.nan, calls)

    past = series(centre, "2026-10-01", "2026-11-12", noise)
    model = SeasonalMovingAverage(weeks=weeks)
    starts, mean = predict(past, dt.date(2026, 11, 13), dt.date(2026, 11, 19), model)
    for start, value in zip(starts, mean, strict=True):
        if any(
            known.time() == start.time()
            and not math.isnan(offered)
            and not centre.day_kinds("Sales", known.date())
            for known, offered in zip(past.starts, past.offered, strict=True)
        ):
            assert value == pytest.approx(slow_mean(past, start, weeks))


def test_holidays_and_events_are_not_averaged_in(calendar, series):
    days = (dt.date(2026, 11, 3), dt.date(2026, 11, 11), dt.date(2026, 11, 26))
    centre = calendar(
        country="IT",
        open_on_holidays=True,
        events=(Event("storm", days, queues=("Sales",)),),
    )

    def calls(starts):
        special = [bool(centre.day_kinds("Sales", day)) for day in starts.date]
        return np.where(special, 1e6, weekly(starts))

    past = series(centre, "2026-09-01", "2026-11-30", calls)
    starts, mean = predict(past, dt.date(2026, 12, 9), dt.date(2026, 12, 23))
    np.testing.assert_allclose(mean, weekly(starts))


def test_missing_is_never_averaged_as_zero(calendar, series):
    def holes(starts):
        return np.where(starts.day % 3 == 0, np.nan, weekly(starts))

    starts, mean = predict(series(calendar(), "2026-08-01", "2026-11-30", holes))
    np.testing.assert_allclose(mean, weekly(starts))


@pytest.mark.parametrize("factor", [0.3, 0.9, 1.0, 1.25, 4.0])
def test_the_effect_of_an_event_is_found(calendar, series, factor):
    days = tuple(dt.date(2026, month, 4) for month in range(1, 13))
    centre = calendar(events=(Event("bills", days, days=2),))

    def calls(starts):
        kinds = [centre.day_kinds("Sales", day) for day in starts.date]
        lift = [factor if kind == ("bills, day 1",) else 1.0 for kind in kinds]
        return 40 * weekly(starts) * lift

    past = series(centre, "2026-01-02", "2026-11-30", calls)
    effects = {effect.kind: effect for effect in SMA8.fit(past).effects}
    first, second = effects["bills, day 1"], effects["bills, day 2"]
    assert (first.days, second.days) == (9, 11)  # two fourths fall on Sundays
    assert first.factor == pytest.approx(factor ** (9 / 9.5), rel=1e-3)
    assert second.factor == pytest.approx(1.0, rel=1e-3)
    starts, mean = predict(past)
    usual = 40 * weekly(starts)
    assert mean[starts.day == 4] == pytest.approx(usual[starts.day == 4] * first.factor)
    assert mean[starts.day != 4] == pytest.approx(usual[starts.day != 4], rel=1e-3)


def test_the_effect_of_holidays_that_are_open_is_learnt(calendar, series):
    centre = calendar({"mon-sun": "08:00-20:00"}, country="IT", open_on_holidays=True)

    def calls(starts):
        holiday = [day in centre.holidays for day in starts.date]
        return np.where(holiday, 30.0, 100.0)

    past = series(centre, "2026-01-02", "2026-11-30", calls)
    (effect,) = SMA8.fit(past).effects
    assert (effect.kind, effect.days) == ("holiday", 9)
    assert effect.factor == pytest.approx(0.3 ** (9 / 9.5), rel=1e-2)
    starts, mean = predict(past, dt.date(2026, 12, 24), dt.date(2026, 12, 25))
    assert mean[starts.day == 24] == pytest.approx(100.0)
    assert mean[starts.day == 25] == pytest.approx(100.0 * effect.factor)


def test_days_of_two_kinds_teach_neither_and_get_both_effects(calendar, series):
    a = (dt.date(2026, 10, 6), dt.date(2026, 10, 20), dt.date(2026, 12, 3))
    b = (dt.date(2026, 10, 20), dt.date(2026, 11, 10), dt.date(2026, 12, 3))
    centre = calendar(events=(Event("a", a), Event("b", b)))

    def calls(starts):
        lifts = {1: 1.0, 6: 2.0, 10: 3.0, 20: 50.0}
        return [
            1000.0 * (lifts.get(day.day, 1.0) if centre.day_kinds("Sales", day) else 1)
            for day in starts.date
        ]

    past = series(centre, "2026-09-01", "2026-11-30", calls)
    effects = {effect.kind: effect for effect in SMA8.fit(past).effects}
    assert [effects[kind].days for kind in "ab"] == [1, 1]
    assert effects["a"].factor == pytest.approx(2.0 ** (1 / 1.5), rel=1e-3)
    _, mean = predict(past, dt.date(2026, 12, 3), dt.date(2026, 12, 3))
    both = effects["a"].factor * effects["b"].factor
    assert mean == pytest.approx(1000.0 * both, rel=1e-3)


def test_an_event_of_another_queue_is_a_usual_day(calendar, series):
    centre = calendar(events=(Event("e", (dt.date(2026, 12, 3),), queues=("Care",)),))
    starts, mean = predict(series(centre, "2026-10-01", "2026-11-30", weekly))
    np.testing.assert_allclose(mean, weekly(starts))


def test_a_growing_queue_s_effect_is_measured_against_the_days_around(calendar, series):
    """Twice the level after the summer: events before it are held against before."""
    days = tuple(dt.date(2026, month, 10) for month in (3, 4, 9, 11))
    centre = calendar(events=(Event("e", days),))

    def calls(starts):
        level = np.where(starts.month > 7, 2000.0, 1000.0)
        return level * [1.5 if day in days else 1.0 for day in starts.date]

    (effect,) = SMA8.fit(series(centre, "2026-01-02", "2026-11-30", calls)).effects
    assert effect.factor == pytest.approx(1.5 ** (4 / 4.5), rel=1e-3)


def test_hours_never_seen_take_the_other_days_or_the_nearest_time(calendar, series):
    centre = calendar({"mon-fri": "08:00-12:00"})
    past = series(centre, "2026-10-05", "2026-11-27", lambda s: s.hour * 1.0)
    longer = calendar({"mon-sat": "07:00-13:00"})
    starts = longer.open_intervals("Sales", *NEXT)
    mean = SMA8.fit(past).predict(starts)
    assert mean == pytest.approx(np.clip(starts.hour, 8, 11))


def test_a_history_of_four_weeks_is_enough(calendar, series):
    past = series(calendar(), "2026-11-02", "2026-11-29", weekly)
    starts, mean = predict(past)
    np.testing.assert_allclose(mean, weekly(starts))


def test_nothing_known_but_silence_is_silence(calendar, series):
    days = (dt.date(2026, 11, 10), dt.date(2026, 12, 10))
    centre = calendar(events=(Event("e", days),))
    _, mean = predict(series(centre, "2026-09-01", "2026-11-30", 0.0))
    assert (mean == 0.0).all()


def test_a_history_of_special_days_only_is_averaged_as_it_is(calendar, series):
    days = tuple(dt.date(2026, 11, day) for day in range(1, 31))
    centre = calendar(events=(Event("e", days),))
    past = series(centre, "2026-11-01", "2026-11-30", 5.0)
    assert SMA8.fit(past).effects == ()
    assert (predict(past)[1] == 5.0).all()


def test_no_interval_to_forecast_is_no_forecast(calendar, series):
    fitted = SMA8.fit(series(calendar(), "2026-10-01", "2026-11-30", weekly))
    assert len(fitted.predict(pd.DatetimeIndex([], tz="Europe/Rome"))) == 0


@pytest.mark.parametrize(("day", "learnt"), [(1, 0), (10, 1)])
def test_a_special_day_far_from_any_regular_day_teaches_nothing(
    calendar, series, day, learnt
):
    """Regular days are known from 27 August on: 57 days after 1 July."""
    special = dt.date(2026, 7, day)
    centre = calendar(events=(Event("e", (special,)),))

    def calls(starts):
        known = (starts.date == special) | (starts >= "2026-08-27")
        return np.where(known, 9.0, np.nan)

    past = series(centre, "2026-06-01", "2026-11-30", calls)
    assert len(SMA8.fit(past).effects) == learnt
