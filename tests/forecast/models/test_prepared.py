import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecast.intervals import Event
from forecast.models import Effect
from forecast.models.glm import CalendarModel
from forecast.models.last_year import LastYear
from forecast.models.prepared import Prepared, prepared
from forecast.models.sma import SeasonalMovingAverage

MODELS = pytest.mark.parametrize(
    "inner",
    [CalendarModel(), LastYear(min_days=28), SeasonalMovingAverage()],
    ids=lambda model: model.name,
)
DAYS = tuple(dt.date(2026, month, 10) for month in range(1, 13))
LIFTS = (1.3, 1.1)


def declared(*effect, dates=DAYS, **parts):
    return Event("bills", dates, days=len(effect), effect=effect, **parts)


def weekly(starts):
    return np.asarray((100.0 + 70 * starts.day_of_week) * (5 + starts.hour))


@MODELS
def test_a_declared_effect_is_taken_at_its_word(calendar, series, inner):
    """The history has none of it: the forecast is the usual × the effect anyway."""
    plain = series(calendar(), "2026-09-01", "2026-11-30", weekly)
    promised = replace(
        plain, calendar=calendar(events=(declared(2.0, dates=DAYS[-1:]),))
    )
    fitted = Prepared(inner).fit(promised)
    starts = plain.calendar.open_intervals("Sales", dt.date(2026, 12, 1), DAYS[-1])
    usual = inner.fit(plain).predict(starts)
    times = np.where(starts.date == DAYS[-1], 2.0, 1.0)
    np.testing.assert_allclose(fitted.predict(starts), usual * times)
    assert fitted.effects == (Effect("bills", 2.0, 0, declared=True),)
    assert fitted.effects[0].source == "declared"


@MODELS
def test_past_days_with_a_declared_effect_are_regular_days(calendar, series, inner):
    centre = calendar(events=(declared(*LIFTS),))

    def calls(starts):
        return weekly(starts) * centre.declared_factors("Sales", starts)

    past = series(centre, "2026-01-02", "2026-11-30", calls)
    usual = series(calendar(), "2026-01-02", "2026-11-30", weekly)
    starts = centre.open_intervals("Sales", dt.date(2026, 12, 1), dt.date(2026, 12, 31))
    expected = inner.fit(usual).predict(starts)
    lift = np.select([starts.day == 10, starts.day == 11], LIFTS, 1.0)
    fitted = Prepared(inner).fit(past)
    np.testing.assert_allclose(fitted.predict(starts), expected * lift)
    assert [(e.kind, e.factor) for e in fitted.effects] == [
        ("bills, day 1", 1.3),
        ("bills, day 2", 1.1),
    ]


def test_declared_effects_concern_the_queues_that_they_name(calendar, series):
    centre = calendar(events=(declared(2.0, queues=("Care",)),))
    past = series(centre, "2026-09-01", "2026-11-30", weekly)
    fitted = Prepared(SeasonalMovingAverage()).fit(past)
    assert fitted.effects == ()
    np.testing.assert_array_equal(prepared(past).offered, past.offered)


def test_effects_that_overlap_are_multiplied_and_one_given_twice_counts_once(calendar):
    first, second = DAYS[3], DAYS[3] + dt.timedelta(days=3)  # Friday, Monday
    centre = calendar(
        events=(
            declared(1.3, 1.1, dates=(first, first, second)),
            Event("storm", (second,), effect=(2.0,)),
        )
    )
    starts = centre.open_intervals("Sales", first, second)
    factors = dict(
        zip(starts.date, centre.declared_factors("Sales", starts), strict=True)
    )
    assert factors[first] == pytest.approx(1.3)
    assert factors[second] == pytest.approx(1.3 * 1.1 * 2.0)
    assert factors[first + dt.timedelta(days=1)] == 1.0  # Saturday


def test_learnt_events_are_still_learnt_beside_declared_ones(calendar, series):
    learnt = Event("sale", tuple(day + dt.timedelta(days=7) for day in DAYS))
    centre = calendar(events=(declared(1.3), learnt))

    def calls(starts):
        sale = np.where(np.isin(starts.date, learnt.dates), 1.5, 1.0)
        return weekly(starts) * sale * centre.declared_factors("Sales", starts)

    past = series(centre, "2026-01-02", "2026-11-30", calls)
    sale, bills = Prepared(CalendarModel()).fit(past).effects
    assert sale.factor == pytest.approx(1.5, rel=0.05)
    assert (bills.kind, bills.factor) == ("bills", 1.3)


@MODELS
def test_name_and_least_history_are_the_inner_model_s(inner):
    assert Prepared(inner).name == inner.name
    assert Prepared(inner).min_days == inner.min_days


def test_a_past_cutoff_s_outliers_are_judged_by_what_was_known(calendar, series):
    past = series(calendar(), "2026-01-02", "2026-11-30", weekly)
    past.offered[past.starts.date == dt.date(2026, 8, 31)] *= 5
    cutoff = pd.Timestamp("2026-09-01", tz="Europe/Rome")
    later = replace(past, offered=np.where(past.starts >= cutoff, 9e6, past.offered))
    np.testing.assert_array_equal(
        prepared(past.before(cutoff)).offered, prepared(later.before(cutoff)).offered
    )
