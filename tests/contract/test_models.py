"""What every forecasting model keeps to; a new one is tested by being registered."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import TableError
from forecast.history import complete_history
from forecast.intervals import Calendar, Event, OpeningHours, holidays_for
from forecast.kinds import AROUND
from forecast.models import DEFAULT, MODELS, Series

CALENDAR = Calendar(
    zone=ZoneInfo("Europe/Rome"),
    interval_s=1800,
    hours=OpeningHours.parse({"mon-fri": "08:00-12:00", "sat": "22:00-04:00"}),
    holidays=holidays_for("IT", None, range(2025, 2028)),
    open_on_holidays=True,
    events=(
        Event("bills", tuple(dt.date(2026, n, 4) for n in range(1, 13)), days=2),
        Event("other queue", (dt.date(2026, 11, 9),), queues=("B",)),
    ),
)
STARTS = CALENDAR.open_intervals("A", dt.date(2025, 8, 1), dt.date(2026, 12, 31))
CUTOFF = pd.Timestamp("2026-10-01", tz="Europe/Rome")
FUTURE = STARTS[STARTS >= CUTOFF]

models = pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
seeds = given(seed=st.integers(0, 10**6), level=st.sampled_from([0.0, 0.3, 8.0, 200.0]))
few = settings(max_examples=3)  # Prophet takes a second


def history(seed: int, level: float, missing: float = 0.1) -> Series:
    """Seventeen months of chance, some of it missing."""
    rng = np.random.default_rng(seed)
    offered = rng.poisson(level, len(STARTS)).astype(float)
    offered[rng.random(len(STARTS)) < missing] = np.nan
    return Series("A", STARTS, offered, CALENDAR)


def test_models_are_registered_by_their_names():
    assert all(model.name == name for name, model in MODELS.items())
    assert DEFAULT in MODELS


@models
@seeds
@few
def test_an_interval_s_mean_is_not_below_zero_nor_moved_by_what_else_is_asked(
    model, seed, level
):
    fitted = model.fit(history(seed, level).before(CUTOFF))
    whole = fitted.predict(FUTURE)
    assert whole.dtype == np.float64
    assert np.isfinite(whole).all()
    assert (whole >= 0).all()
    for asked in (slice(1), slice(0), slice(None, None, -7)):
        np.testing.assert_array_equal(fitted.predict(FUTURE[asked]), whole[asked])


@models
@seeds
@few
def test_the_same_past_gives_the_same_forecast_whatever_comes_after(model, seed, level):
    past = history(seed, level)
    other = replace(past, offered=np.where(STARTS >= CUTOFF, 1e6, past.offered))
    first, second = model.fit(past.before(CUTOFF)), model.fit(other.before(CUTOFF))
    np.testing.assert_array_equal(first.predict(FUTURE), second.predict(FUTURE))
    assert first.effects == second.effects


@models
def test_fitting_leaves_the_history_as_it_was(model):
    past = history(1, 8.0)
    before = past.offered.copy()
    model.fit(past).predict(FUTURE)
    np.testing.assert_array_equal(past.offered, before)


@models
@pytest.mark.parametrize("missing", [0.3, 0.8])
def test_missing_is_never_averaged_as_zero(model, missing):
    """Of a constant nothing but the constant can be learnt, whatever is missing."""
    past = history(2, 8.0, missing)
    constant = replace(past, offered=np.where(np.isnan(past.offered), np.nan, 50.0))
    fitted = model.fit(constant.before(CUTOFF))
    np.testing.assert_allclose(fitted.predict(FUTURE), 50.0, rtol=1e-4)
    assert all(abs(effect.factor - 1.0) < 1e-4 for effect in fitted.effects)


@models
def test_the_level_of_a_constant_history_is_kept(model):
    for level in (0.0, 1e6):
        flat = replace(history(3, 1.0), offered=np.full(len(STARTS), level))
        mean = model.fit(flat.before(CUTOFF)).predict(FUTURE)
        np.testing.assert_allclose(mean, level, rtol=1e-5)


@models
def test_a_fortieth_of_the_calls_is_a_fortieth_of_the_forecast(model):
    past = history(4, 400.0)
    small = model.fit(replace(past, offered=past.offered / 40).before(CUTOFF))
    large = model.fit(past.before(CUTOFF))
    np.testing.assert_allclose(
        40 * small.predict(FUTURE), large.predict(FUTURE), rtol=0.02
    )


@models
def test_the_least_history_that_it_asks_for_is_enough(model):
    since = CUTOFF - pd.Timedelta(days=model.min_days)
    recent = (since <= STARTS) & (STARTS < CUTOFF)
    past = history(5, 8.0)
    short = replace(past, starts=STARTS[recent], offered=past.offered[recent])
    mean = model.fit(short).predict(FUTURE)
    assert mean.mean() == pytest.approx(8.0, rel=0.25)


@models
@pytest.mark.parametrize("known", [[], [-1], [-1, -40]])
def test_too_little_is_an_error_that_says_so_or_a_forecast(model, known):
    past = history(8, 8.0).before(CUTOFF)
    little = np.full(len(past.starts), np.nan)
    little[known] = 8.0
    if known:
        mean = model.fit(replace(past, offered=little)).predict(FUTURE)
        assert np.isfinite(mean).all()
        assert ((mean >= 0.0) & (mean < 80.0)).all()
        return
    empty = replace(past, starts=past.starts[:0], offered=past.offered[:0])
    for nothing in (replace(past, offered=little), empty):
        with pytest.raises(TableError) as caught:
            model.fit(nothing)
        said = "history: A has no known interval to learn from."
        assert str(caught.value) == said


@models
def test_a_daily_series_is_forecast_as_any_other(model):
    hours = OpeningHours.parse({"mon-sat": "00:00-24:00"})
    calendar = replace(CALENDAR, interval_s=86400, hours=hours)
    starts = calendar.open_intervals("A", dt.date(2025, 8, 1), dt.date(2026, 12, 31))
    usual = 1000.0 * (2 + np.asarray(starts.day_of_week))
    daily = Series("A", starts, usual, calendar)
    mean = model.fit(daily.before(CUTOFF)).predict(starts[starts >= CUTOFF])
    np.testing.assert_allclose(mean, usual[starts >= CUTOFF], rtol=0.01)


@models
def test_the_order_of_the_file_s_rows_never_matters(model):
    past = history(6, 8.0, missing=0.0).before(CUTOFF)
    rows = pd.DataFrame(
        {"queue": "A", "interval_start": past.starts, "offered": past.offered}
    )

    def mean(table):
        whole = complete_history(
            table, CALENDAR, absent_rows="missing", where="history.csv"
        ).frame
        starts = pd.DatetimeIndex(whole["interval_start"])
        series = Series("A", starts, whole["offered"].to_numpy(), CALENDAR)
        return model.fit(series).predict(FUTURE)

    shuffled = rows.sample(frac=1.0, random_state=1)
    np.testing.assert_array_equal(mean(shuffled), mean(rows))


@models
def test_effects_are_learnt_of_this_queue_s_own_days(model):
    fitted = model.fit(history(7, 50.0, missing=0.0).before(CUTOFF))
    for effect in fitted.effects:
        assert effect.kind in {"holiday", "bills, day 1", "bills, day 2", *AROUND}
        assert effect.factor > 0
        assert effect.days > 0
