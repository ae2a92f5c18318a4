import datetime as dt

import numpy as np
import pandas as pd
import pytest

from forecast.aht import RECENT_DAYS, AhtChange, HandleTimes, aht_for, level_variance

ROME = "Europe/Rome"
DECEMBER = (dt.date(2026, 12, 1), dt.date(2026, 12, 31))


@pytest.fixture(scope="module")
def frame(calendar):
    """One queue's history; columns may be given by a function of the starts."""

    def frame(first="2026-09-01", last="2026-11-30", **columns):
        starts = calendar().open_intervals(
            "A", dt.date.fromisoformat(first), dt.date.fromisoformat(last)
        )
        values = {
            name: value(starts) if callable(value) else value
            for name, value in columns.items()
        }
        return pd.DataFrame({"interval_start": starts, "offered": 10.0, **values})

    return frame


@pytest.fixture(scope="module")
def december(calendar):
    return calendar().open_intervals("A", *DECEMBER)


def test_a_constant_handle_time_is_forecast_as_it_is(frame, december):
    aht_s = aht_for(frame(aht_s=240.0, handled=10.0), december, None)
    assert aht_s == pytest.approx(240.0)
    assert len(aht_s) == len(december)


def test_each_clock_time_has_its_own(frame, december):
    """Without chance in the history there is nothing to be shrunken."""
    rows = frame(aht_s=lambda s: np.where(s.minute == 0, 200.0, 400.0), handled=100.0)
    aht_s = aht_for(rows, december, None)
    assert aht_s == pytest.approx(np.where(december.minute == 0, 200.0, 400.0))


def test_so_has_saturday(frame, december):
    rows = frame(aht_s=lambda s: np.where(s.day_of_week == 5, 330.0, 300.0))
    aht_s = aht_for(rows, december, None)
    expected = np.where(december.day_of_week == 5, 330.0, 300.0)
    assert aht_s == pytest.approx(expected, rel=0.003)


def calls(mean_s, contacts, seed=5):
    """Mean handle times of so many exponential calls an interval."""

    def calls(starts):
        rng = np.random.default_rng(seed)
        mean = np.broadcast_to(mean_s(starts), len(starts))
        return rng.gamma(contacts, mean / contacts)

    return calls


def flat(starts):
    return 300.0


def test_what_chance_explains_is_no_profile(frame, december):
    """Of 5 calls each, a clock time's mean over 52 weeks is off by 2.6 % by chance."""
    rows = frame("2025-12-01", aht_s=calls(flat, 5), handled=5.0)
    by_time = rows.groupby(rows["interval_start"].dt.time)["aht_s"].mean()
    raw = (by_time / 300.0 - 1).std()
    forecast = pd.Series(aht_for(rows, december, None)).groupby(december.time).mean()
    assert (forecast / 300.0 - 1).std() < 0.25 * raw


@pytest.mark.parametrize("to", [1.1, 0.8])
def test_a_new_level_is_learnt_within_weeks(frame, december, to):
    def shifted(starts):
        return np.where(starts >= pd.Timestamp("2026-10-19", tz=ROME), to, 1.0) * 300

    rows = frame("2025-12-01", aht_s=calls(shifted, 40), handled=40.0)
    assert aht_for(rows, december, None) == pytest.approx(300.0 * to, rel=0.02)


@pytest.mark.parametrize("drift_sd", [0.002, 0.01])
def test_the_level_is_as_sure_as_it_says(frame, december, drift_sd):
    """Over 40 random walks of 26 weeks, then the month, to 4 errors: √(2/40) each."""
    rng = np.random.default_rng(3)
    square = []
    for seed in range(40):
        walk = 300.0 * np.exp(np.cumsum(rng.normal(0.0, drift_sd, 40)))

        def walked(starts, walk=walk):
            begin = pd.Timestamp("2026-06-01", tz=ROME)
            return walk[np.asarray((starts - begin).days) // 7]

        rows = frame("2026-06-01", aht_s=calls(walked, 40, seed), handled=40.0)
        rows = rows[rows["interval_start"].dt.minute == 0]
        learnt = HandleTimes.of(rows)
        error = learnt.at(december).mean() / walked(december).mean() - 1.0
        square.append(error**2 / learnt.level_variance(december))
    assert np.mean(square) == pytest.approx(1.0, abs=4 * (2 / 40) ** 0.5)


def test_the_further_the_less_sure(frame, december):
    learnt = HandleTimes.of(frame(aht_s=calls(flat, 40), handled=40.0))
    later = december + pd.Timedelta(days=70)
    grown = learnt.level_variance(later) - learnt.level_variance(december)
    assert grown == pytest.approx(10 * learnt.drift, rel=1e-9)
    assert learnt.level_variance(december[:0]) == learnt.variance > 0


def test_a_default_is_taken_at_its_word(frame, december):
    rows = frame(aht_s=calls(flat, 40), handled=40.0)
    assert level_variance(rows.assign(aht_s=np.nan), december) == 0.0
    learnt = HandleTimes.of(rows)
    assert level_variance(rows, december) == learnt.level_variance(december) > 0.0


def test_the_mean_is_weighted_by_the_handled(frame, december):
    """One long call an hour says little beside ninety-nine short ones."""
    rows = frame(
        aht_s=lambda s: np.where(s.minute == 0, 100.0, 900.0),
        handled=lambda s: np.where(s.minute == 0, 99.0, 1.0),
    )
    level = (99 * 100.0 + 900.0) / 100
    aht_s = aht_for(rows, december[:1] + pd.Timedelta(hours=14), None)  # never seen
    assert aht_s == pytest.approx(level)


TRAINING = AhtChange(dt.date(2026, 12, 10), 0.95)


def test_a_change_to_come_multiplies_the_forecast_from_its_date_on(frame, december):
    rows = frame(aht_s=calls(flat, 40), handled=40.0)
    plain = aht_for(rows, december, None)
    after = december >= pd.Timestamp("2026-12-10", tz=ROME)
    changed = aht_for(rows, december, None, [TRAINING])
    assert changed == pytest.approx(plain * np.where(after, 0.95, 1.0))
    short = AhtChange(dt.date(2026, 12, 10), 0.95, dt.date(2026, 12, 10))
    that_day = december.date == dt.date(2026, 12, 10)
    changed = aht_for(rows, december, None, [short])
    assert changed == pytest.approx(plain * np.where(that_day, 0.95, 1.0))
    assert aht_for(rows[:0], december, 300.0, [TRAINING]) == pytest.approx(
        np.where(after, 285.0, 300.0)
    )


def test_a_change_in_the_history_is_not_learnt_twice(frame, december):
    """The weeks before it count at the level after it: known to the second."""
    change = AhtChange(dt.date(2026, 11, 23), 0.8)

    def shifted(starts):
        return np.where(starts >= pd.Timestamp("2026-11-23", tz=ROME), 240.0, 300.0)

    rows = frame(aht_s=shifted, handled=40.0)
    assert aht_for(rows, december, None, [change]) == pytest.approx(240.0)
    over = AhtChange(dt.date(2026, 11, 23), 0.8, dt.date(2026, 11, 30))
    assert aht_for(rows, december, None, [over]) == pytest.approx(300.0)


@pytest.mark.parametrize("columns", [{}, {"handled": np.nan}])
def test_the_offered_weigh_where_the_handled_are_unknown(frame, december, columns):
    rows = frame(aht_s=lambda s: np.where(s.minute == 0, 100.0, 900.0), **columns)
    rows["offered"] = np.where(rows["interval_start"].dt.minute == 0, 99.0, 1.0)
    aht_s = aht_for(rows, december[:1] + pd.Timedelta(hours=14), None)
    assert aht_s == pytest.approx(108.0)


def test_an_interval_whose_contacts_are_unknown_weighs_one(frame, december):
    rows = frame(aht_s=240.0)
    rows["offered"] = np.nan
    assert aht_for(rows, december, None) == pytest.approx(240.0)


def test_only_the_recent_weeks_count(frame, december):
    last = pd.Timestamp("2026-11-30 19:30", tz="Europe/Rome")
    edge = last - pd.Timedelta(days=RECENT_DAYS)
    rows = frame(
        "2025-10-01", aht_s=lambda s: np.where(s <= edge, 999.0, 240.0), handled=5.0
    )
    assert aht_for(rows, december, None) == pytest.approx(240.0)


def test_the_recent_weeks_are_the_last_with_handle_times(frame, december):
    rows = frame(aht_s=lambda s: np.where(s.month > 9, np.nan, 240.0), handled=5.0)
    assert aht_for(rows, december, None) == pytest.approx(240.0)


def test_empty_and_zero_handle_times_are_not_averaged_in(frame, december):
    rows = frame(
        aht_s=lambda s: np.select([s.hour == 9, s.hour == 10], [np.nan, 0.0], 240.0),
        handled=lambda s: np.where((s.hour == 9) | (s.hour == 10), 0.0, 5.0),
    )
    assert aht_for(rows, december, None) == pytest.approx(240.0)


@pytest.mark.parametrize("columns", [{}, {"aht_s": np.nan}, {"aht_s": 0.0}])
def test_without_handle_times_the_default_holds_or_nothing(frame, december, columns):
    rows = frame(**columns)
    assert aht_for(rows, december, 270.0) == pytest.approx(270.0)
    assert aht_for(rows, december, None) is None


def test_the_default_does_not_touch_what_is_known(frame, december):
    rows = frame("2026-11-30", "2026-11-30", aht_s=240.0, handled=1.0)
    assert aht_for(rows, december, 600.0) == pytest.approx(240.0)


def test_no_interval_to_forecast_is_no_forecast(frame):
    rows = frame(aht_s=240.0, handled=1.0)
    assert len(aht_for(rows, pd.DatetimeIndex([], tz="Europe/Rome"), None)) == 0
