import datetime as dt

import numpy as np
import pytest

from forecast.intervals import Event
from forecast.models.last_year import LastYear

NEXT = (dt.date(2026, 12, 1), dt.date(2026, 12, 30))


def predict(series, model):
    starts = series.calendar.open_intervals(series.queue, *NEXT)
    return starts, model.fit(series).predict(starts)


def season(starts):
    """A level of its own in each month, in any year."""
    return 100.0 * starts.month + 5 * starts.hour


def grown(starts):
    """A quarter more than the year before."""
    return season(starts) * 1.25 ** (starts.year - 2025)


def test_last_year_s_days_grow_as_the_latest_did(calendar, series):
    past = series(calendar(), "2025-10-01", "2026-11-30", grown)
    starts, mean = predict(past, LastYear())
    totals = np.bincount(starts.day, mean)
    expected = np.bincount(starts.day, grown(starts))
    # 364 days before 1 to 30 December are 2 to 31 December: the same month.
    np.testing.assert_allclose(totals, expected, rtol=0.02)


def test_days_missing_last_year_are_taken_from_the_weeks_around(calendar, series):
    def holes(starts):
        return np.where((starts.month == 12) & (starts.day % 5 == 0), np.nan, 50.0)

    past = series(calendar(), "2025-10-01", "2026-11-30", holes)
    _, mean = predict(past, LastYear())
    np.testing.assert_allclose(mean, 50.0)


def test_special_days_of_last_year_are_not_repeated(calendar, series):
    days = (dt.date(2025, 12, 10), dt.date(2026, 2, 10), dt.date(2026, 12, 15))
    centre = calendar(events=(Event("storm", days),))

    def calls(starts):
        return [300.0 if day in days else 100.0 for day in starts.date]

    fitted_on = series(centre, "2025-10-01", "2026-11-30", calls)
    starts, mean = predict(fitted_on, LastYear())
    (effect,) = LastYear().fit(fitted_on).effects
    assert effect.factor == pytest.approx(3.0 ** (2 / 2.5), rel=1e-2)
    storm = starts.day == 15
    assert mean[storm] == pytest.approx(100.0 * effect.factor)
    assert mean[~storm] == pytest.approx(100.0)


def test_where_last_year_says_nothing_the_recent_mean_does(calendar, series):
    past = series(calendar(), "2026-09-01", "2026-11-30", 40.0)
    _, mean = predict(past, LastYear())
    np.testing.assert_allclose(mean, 40.0)
