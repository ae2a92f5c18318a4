import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.intervals import Event
from forecast.models.prepared import Prepared
from forecast.models.sma import SeasonalMovingAverage
from forecast.outliers import judge, outliers_of

FIRST, LAST = "2026-01-02", "2026-11-30"
LEVELS = st.sampled_from([0.05, 0.5, 3.0, 20.0, 300.0])


def day_shape(starts):
    """Busy at ten, quiet at night; half as much on Saturdays."""
    hump = 0.3 + np.exp(-(((np.asarray(starts.hour) - 10) / 3.0) ** 2))
    return hump * np.where(starts.day_of_week == 5, 0.5, 1.0)


def chance(level, seed, factors=lambda starts: 1.0):
    """Poisson contacts, days alike up to a deviation of 8 %."""

    def calls(starts):
        rng = np.random.default_rng(seed)
        codes, days = pd.factorize(starts.normalize())
        shock = rng.gamma(0.08**-2, 0.08**2, len(days))[codes]
        return rng.poisson(level * day_shape(starts) * shock * factors(starts))

    return calls


def judged(series):
    return judge(series.queue, series.starts, series.offered, series.calendar)


@settings(max_examples=15)
@given(level=LEVELS, seed=st.integers(0, 10**6))
def test_chance_is_no_outlier(calendar, series, level, seed):
    """Fewer than one interval of 6,600: in three seeds of ten thousand it is one."""
    past = series(calendar(), FIRST, LAST, chance(level, seed))
    assert (judged(past).weight < 1.0).sum() <= 1


@pytest.mark.parametrize("share", [0.1, 0.25, 0.4])
@pytest.mark.parametrize("step", [1.4, 0.6, 3.0, 0.1])
def test_a_new_level_is_no_outlier_after_its_first_week(calendar, series, step, share):
    change = dt.date(2026, 11, 30) - dt.timedelta(days=int(330 * share))

    def shifted(starts):
        return np.where(starts.date >= change, step, 1.0)

    past = series(calendar(), FIRST, LAST, chance(100.0, 3, shifted))
    out = judged(past).weight < 1.0
    week = pd.Timestamp(change, tz="Europe/Rome")
    near = abs(past.starts - week) <= pd.Timedelta(days=7)
    assert (out & ~near).sum() <= 1


@pytest.mark.parametrize("days", [3, 6])
def test_a_new_level_of_the_last_days_is_believed_after_a_week(calendar, series, days):
    change = pd.bdate_range(end=LAST, periods=days)[0].date()

    def shifted(starts):
        return np.where(starts.date >= change, 2.5, 1.0)

    past = series(
        calendar({"mon-fri": "08:00-20:00"}), FIRST, LAST, chance(100.0, 3, shifted)
    )
    out = judged(past).weight[past.starts.date >= change] < 1.0
    assert out.mean() > 0.9 if days <= 5 else not out.any()


@pytest.mark.parametrize("level", [0.0, 5.0, 500.0])
def test_seasons_and_trends_are_usual(calendar, series, level):
    def moving(starts):
        turn = np.asarray(starts.day_of_year) / 365.25
        return np.exp(1.5 * turn + 0.4 * np.cos(2 * np.pi * turn))

    past = series(calendar(), FIRST, LAST, chance(level, 5, moving))
    assert (judged(past).weight < 1.0).sum() <= 1


@pytest.mark.parametrize("factor", [0.0, 4.0, 20.0])
@pytest.mark.parametrize("level", [4.0, 40.0, 400.0])
def test_a_wild_day_hardly_moves_the_forecast(calendar, series, level, factor):
    day = dt.date(2026, 11, 24)

    def storm(starts):
        return np.where(starts.date == day, factor, 1.0)

    centre = calendar()
    ahead = centre.open_intervals("Sales", dt.date(2026, 12, 1), dt.date(2026, 12, 28))
    tuesdays = ahead[ahead.day_of_week == 1]
    means = {
        (kind, wild): model.fit(
            series(
                centre, FIRST, LAST, chance(level, 7, storm if wild else chance_of_one)
            )
        )
        .predict(tuesdays)
        .sum()
        for kind, model in (
            ("raw", SeasonalMovingAverage()),
            ("prepared", Prepared(SeasonalMovingAverage())),
        )
        for wild in (False, True)
    }
    raw, prepared = (
        means[kind, True] / means[kind, False] - 1 for kind in ("raw", "prepared")
    )
    assert abs(raw) > 0.1
    assert abs(prepared) < 0.03


def chance_of_one(starts):
    return 1.0


def test_the_wilder_a_value_the_less_it_counts(calendar, series):
    past = series(calendar(), FIRST, LAST, 100.0)
    row = 3001
    tempered = []
    for offered in (100.0, 150.0, 200.0, 210.0, 300.0, 1e3, 1e6):
        past.offered[row] = offered
        found = judged(past)
        tempered.append(found.temper(past.offered)[row])
        others = np.delete(found.weight, row)
        assert (others == 1.0).all()
    assert tempered[:2] == [100.0, 150.0]
    assert max(tempered) < 205.0
    assert (np.diff(tempered[3:]) < 0).all()
    assert 100.0 < tempered[-1] < 100.1


def test_what_is_missing_and_special_days_stay_as_they_are(calendar, series):
    days = (dt.date(2026, 6, 9), dt.date(2026, 9, 9))
    centre = calendar(country="IT", events=(Event("storm", days),))

    def calls(starts):
        special = [day in days for day in starts.date]
        return np.where(special, 900.0, np.where(starts.day == 20, np.nan, 100.0))

    past = series(centre, FIRST, LAST, calls)
    found = judged(past)
    assert (found.weight == 1.0).all()
    np.testing.assert_array_equal(found.temper(past.offered), past.offered)


def test_outliers_are_named_by_day_hours_or_interval(calendar, series):
    past = series(calendar(), FIRST, LAST, 50.0)
    date = past.starts.date
    past.offered[date == dt.date(2026, 5, 5)] = 0.0
    past.offered[(date == dt.date(2026, 6, 3)) & (past.starts.hour == 9)] = 300.0
    past.offered[past.starts == pd.Timestamp("2026-07-01 10:30", tz="Europe/Rome")] = (
        0.0
    )
    found = outliers_of("Sales", past.starts, past.offered, past.calendar)
    assert [(one.when, one.offered, round(one.usual)) for one in found] == [
        ("2026-05-05", 0.0, 1200),
        ("2026-06-03, 2 intervals", 600.0, 100),
        ("2026-07-01 10:30 CEST", 0.0, 50),
    ]


def test_a_quiet_queue_s_outage_is_an_outlier_of_the_day(calendar, series):
    past = series(calendar(), FIRST, LAST, chance(2.0, 11))
    past.offered[past.starts.date == dt.date(2026, 5, 5)] = 0.0
    (found,) = outliers_of("Sales", past.starts, past.offered, past.calendar)
    assert (found.when, found.offered) == ("2026-05-05", 0.0)
    assert found.usual > 20.0


def test_a_history_too_short_has_no_outliers(calendar, series):
    past = series(calendar(), "2026-11-17", LAST, 50.0)
    past.offered[7] = 5000.0
    assert outliers_of("Sales", past.starts, past.offered, past.calendar) == []
    nothing = past.before(past.starts[0])
    assert outliers_of("Sales", nothing.starts, nothing.offered, past.calendar) == []


def test_a_queue_that_opens_late_is_no_outlier(calendar, series):
    def opened(starts):
        return np.where(starts >= "2026-10-26", 100.0, 0.0)

    past = series(calendar(), FIRST, LAST, opened)
    assert (judged(past).weight == 1.0).all()
