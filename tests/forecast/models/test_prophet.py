import datetime as dt
import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from forecast.intervals import Event
from forecast.models.prophet import ProphetModel

NEXT = (dt.date(2026, 12, 1), dt.date(2026, 12, 30))


def weekly(starts):
    """A different count for each weekday and clock time."""
    return np.asarray((100.0 + 70 * starts.day_of_week) * (5 + starts.hour))


def predict(series):
    starts = series.calendar.open_intervals(series.queue, *NEXT)
    return starts, ProphetModel().fit(series).predict(starts)


def test_a_week_and_a_straight_trend_are_found(calendar, series):
    def calls(starts):
        return weekly(starts) * (1 + np.asarray((starts - starts[0]).days) / 300)

    whole = series(calendar(), "2026-06-01", "2026-12-30", calls)
    cutoff = whole.starts[whole.starts.month == 12][0]
    mean = ProphetModel().fit(whole.before(cutoff)).predict(whole.starts)
    ahead = whole.starts >= cutoff
    wape = np.abs(mean - whole.offered)[ahead].sum() / whole.offered[ahead].sum()
    assert wape < 0.02


@pytest.mark.parametrize("factor", [0.4, 1.5])
def test_the_effect_of_an_event_is_found(calendar, series, factor):
    days = tuple(dt.date(2026, month, 9) for month in range(5, 13))
    centre = calendar(events=(Event("bills", days),))
    rng = np.random.default_rng(1)

    def calls(starts):
        lifts = np.array([factor if day in days else 1.0 for day in starts.date])
        return rng.poisson(weekly(starts) * lifts)

    past = series(centre, "2026-05-01", "2026-11-30", calls)
    (effect,) = ProphetModel().fit(past).effects
    assert (effect.kind, effect.days) == ("bills", 6)  # 9 August is a Sunday
    assert effect.factor == pytest.approx(factor, rel=0.1)
    starts, mean = predict(past)
    of_event = starts.day == 9
    ratio = mean[of_event].sum() / weekly(starts)[of_event].sum()
    assert ratio == pytest.approx(factor, rel=0.15)


def test_a_falling_queue_never_falls_below_zero(calendar, series):
    def calls(starts):
        return np.maximum(60.0 - (starts - starts[0]).days, 0.0)

    _, mean = predict(series(calendar(), "2026-09-20", "2026-11-30", calls))
    assert (mean >= 0.0).all()
    assert mean.max() < 10.0


@pytest.mark.parametrize(
    ("silent", "expected"),
    [("2026-06-01/2026-08-15", 1.0), ("2026-10-01/2026-11-30", 0.0)],
)
def test_a_silence_is_left_out_but_for_one_that_lasts(
    calendar, series, silent, expected
):
    first, last = silent.split("/")

    def calls(starts):
        quiet = (starts >= first) & (starts < f"{last} 23:59")
        return np.where(quiet, 0.0, weekly(starts))

    starts, mean = predict(series(calendar(), "2026-05-01", "2026-11-30", calls))
    np.testing.assert_allclose(mean, expected * weekly(starts), rtol=0.05)


def test_days_that_are_hardly_known_say_nothing(calendar, series):
    """Of every fifth day one half-hour is known, and that is ten times the usual."""

    def calls(starts):
        odd = starts.day % 5 == 0
        first = (starts.hour == 8) & (starts.minute == 0)
        return np.where(odd, np.where(first, 10.0, np.nan), 1.0) * weekly(starts)

    starts, mean = predict(series(calendar(), "2026-06-01", "2026-11-30", calls))
    total = [np.bincount(starts.day, x)[1:] for x in (mean, weekly(starts))]
    np.testing.assert_allclose(total[0].sum(), total[1].sum(), rtol=0.1)


def test_two_years_teach_a_season(calendar, series):
    def calls(starts):
        phase = np.asarray(starts.day_of_year) / 365.25
        return weekly(starts) * (1 + 0.3 * np.cos(2 * np.pi * phase))

    starts, mean = predict(series(calendar(), "2024-11-01", "2026-11-30", calls))
    assert np.abs(mean - calls(starts)).sum() < 0.03 * calls(starts).sum()


SCRIPT = """
import datetime as dt, hashlib, os, tempfile
from zoneinfo import ZoneInfo
import numpy as np
from forecast.intervals import Calendar, OpeningHours
from forecast.models import MODELS, Series

hours = OpeningHours.parse({"mon-fri": "08:00-20:00", "sat": "08:00-14:00"})
calendar = Calendar(ZoneInfo("Europe/Rome"), 1800, hours)
starts = calendar.open_intervals("Sales", dt.date(2026, 7, 1), dt.date(2026, 11, 30))
calls = np.random.default_rng(3).poisson(9.0, len(starts)).astype(float)
fitted = MODELS["prophet"].fit(Series("Sales", starts, calls, calendar))
print(hashlib.sha256(fitted.predict(starts).tobytes()).hexdigest())
left = [name for _, _, names in os.walk(tempfile.gettempdir()) for name in names]
print(left)
"""


def test_another_process_says_the_same_and_nothing_else(calendar, series, tmp_path):
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    rng = np.random.default_rng(3)
    past = series(
        calendar(), "2026-07-01", "2026-11-30", lambda s: rng.poisson(9.0, len(s))
    )
    mean = ProphetModel().fit(past).predict(past.starts)
    same = hashlib.sha256(mean.tobytes()).hexdigest()
    assert ran.stdout.splitlines() == [same, "[]"]
    assert ran.stderr == ""
    assert list(tmp_path.iterdir()) == []
