import datetime as dt

import numpy as np
import pytest

from forecast.errors import ConfigError
from staffing.texts import Note


def of_queue(table, queue="Sales"):
    return table[table["queue"] == queue].set_index("interval_start")["offered"]


def test_wider_hours_get_the_calls_of_the_nearest_interval(base, outcome):
    wider = outcome("hours.mon-fri=08:00-13:00@Sales")
    before, after = of_queue(base.need.forecast), of_queue(wider.forecast)
    same = after.index.isin(before.index)
    np.testing.assert_array_equal(after[same], before)
    by_day = after.groupby(after.index.date)
    assert (by_day.size() == 10).all()
    for _, day in by_day:
        assert day.iloc[:2].tolist() == [day.iloc[2]] * 2
        assert day.iloc[-2:].tolist() == [day.iloc[-3]] * 2
    assert of_queue(wider.forecast, "Help").equals(of_queue(base.need.forecast, "Help"))
    assert wider.notes == (Note("wider"),)


def test_a_day_that_opens_is_like_the_nearest_open_day(base, outcome):
    after = of_queue(outcome("hours.sat=09:00-12:00").forecast)
    friday, saturday = (
        after[after.index.date == dt.date(2026, 3, day)].tolist() for day in (13, 14)
    )
    assert saturday == friday


def test_narrower_hours_lose_no_call_of_the_day(base, outcome):
    narrower = outcome("hours.mon-fri=10:00-12:00")
    before, after = of_queue(base.need.forecast), of_queue(narrower.forecast)
    assert set(after.index.hour) == {10, 11}
    days = [table.groupby(table.index.date).sum() for table in (before, after)]
    np.testing.assert_allclose(*days)
    paths = [of.forecasts[1].possible(5)[0].sum(axis=1) for of in (outcome(), narrower)]
    np.testing.assert_allclose(*paths)


def test_calls_of_a_day_that_closes_come_on_the_next_open_one(base, outcome):
    after = of_queue(outcome("hours.wed=closed").forecast)
    before = of_queue(base.need.forecast)
    assert 2 not in after.index.day_of_week
    day = dt.date(2026, 3, 5)
    both = [day - dt.timedelta(days=1), day]
    assert after[after.index.date == day].sum() == pytest.approx(
        before[np.isin(before.index.date, both)].sum()
    )
    assert after.sum() == pytest.approx(before.sum())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "hours.mon-fri=closed",
            "'hours.mon-fri=closed': hours: no day is open.",
        ),
        (
            "hours.xyz=09:00-12:00",
            "'hours.xyz=09:00-12:00': 'xyz' is not a day: write "
            '"mon", "mon-fri" or "mon,wed" (mon, tue, wed, thu, fri, sat, sun).',
        ),
        (
            "hours.mon=09:10-12:00",
            "'hours.mon=09:10-12:00': hours.mon: 09:10 is not on the grid of "
            "interval_s = 1800.",
        ),
    ],
)
def test_hours_that_no_plan_could_have_are_refused(text, fault, outcome):
    with pytest.raises(ConfigError) as caught:
        outcome(text)
    assert str(caught.value) == fault
