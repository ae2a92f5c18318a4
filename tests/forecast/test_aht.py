import datetime as dt

import numpy as np
import pandas as pd
import pytest

from forecast.aht import PRIOR_CONTACTS, RECENT_DAYS, aht_for

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


def test_each_clock_time_has_its_own_pulled_towards_the_level(frame, december):
    """Half-hours of 200 s at the hour, 400 s after it, 100 contacts each a day."""
    rows = frame(
        "2026-11-02",
        "2026-11-06",
        aht_s=lambda s: np.where(s.minute == 0, 200.0, 400.0),
        handled=100.0,
    )
    aht_s = aht_for(rows, december, None)
    pull = PRIOR_CONTACTS * 300.0
    contacts = 5 * 100.0
    even = (200.0 * contacts + pull) / (contacts + PRIOR_CONTACTS)
    odd = (400.0 * contacts + pull) / (contacts + PRIOR_CONTACTS)
    assert aht_s == pytest.approx(np.where(december.minute == 0, even, odd))


def test_the_mean_is_weighted_by_the_handled(frame, december):
    """One long call an hour says little beside ninety-nine short ones."""
    rows = frame(
        aht_s=lambda s: np.where(s.minute == 0, 100.0, 900.0),
        handled=lambda s: np.where(s.minute == 0, 99.0, 1.0),
    )
    level = (99 * 100.0 + 900.0) / 100
    aht_s = aht_for(rows, december[:1] + pd.Timedelta(hours=14), None)  # never seen
    assert aht_s == pytest.approx(level)


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
    rows = frame(aht_s=lambda s: np.where(s <= edge, 999.0, 240.0), handled=5.0)
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
