from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing.shrinkage import Component, Shrinkage, minutes_of_week

MONDAY = "2026-03-02"
WEEK = pd.date_range(MONDAY, periods=7 * 48, freq="30min", tz="Europe/Rome")
TIMES = [
    "mon",
    "tue-sun",
    "mon,thu 12:00-14:00",
    "fri-sun 22:00-06:00",
    "mon 08:00-9:30",
]
NOT_A_DAY = (
    '\'\' is not a day: write "mon", "mon-fri" or "mon,wed" '
    "(mon, tue, wed, thu, fri, sat, sun)"
)
shares = st.floats(0, 0.2)
components = st.dictionaries(
    st.text(max_size=3),
    st.builds(
        Component,
        shares,
        st.booleans(),
        st.booleans(),
        st.dictionaries(st.sampled_from(TIMES), shares),
    ),
    max_size=4,
)


def share_at(component, *times, zone="Europe/Rome"):
    return component.share_at(pd.DatetimeIndex(times).tz_localize(zone)).tolist()


def test_components_add_and_rostered_ones_are_paid_but_not_scheduled_twice():
    shrinkage = Shrinkage(
        {"leave": Component(0.11, rostered=True), "sickness": Component(0.05)}
    )
    assert (shrinkage.scheduled_per_agent(WEEK) == 1 / 0.95).all()
    assert shrinkage.paid_per_agent(WEEK) == pytest.approx(1 / 0.84, rel=1e-15)
    assert len(shrinkage.paid_per_agent(WEEK)) == len(WEEK)


def test_without_components_nobody_is_away():
    assert (Shrinkage().scheduled_per_agent(WEEK) == 1.0).all()
    assert (Shrinkage().paid_per_agent(WEEK) == 1.0).all()


def test_a_time_of_day_goes_before_a_whole_day_and_both_before_the_share():
    sickness = Component(0.05, at={"mon-fri 12:00-14:00": 0.10, "mon": 0.07})
    monday = [f"{MONDAY} {clock}" for clock in ("11:30", "12:00", "13:30", "14:00")]
    assert share_at(sickness, *monday) == [0.07, 0.10, 0.10, 0.07]
    assert share_at(sickness, "2026-03-03 11:30", "2026-03-03 12:00") == [0.05, 0.10]
    assert share_at(sickness, "2026-03-07 12:00") == [0.05]  # Saturday


def test_a_span_over_midnight_begins_on_the_day_that_is_named():
    night = Component(0.0, at={"sun 22:00-06:00": 0.1})
    sunday = share_at(night, "2026-03-01 05:30", "2026-03-01 21:30", "2026-03-01 22:00")
    assert sunday == [0.0, 0.0, 0.1]
    assert share_at(night, f"{MONDAY} 05:30", f"{MONDAY} 06:00") == [0.1, 0.0]


def test_times_are_of_the_local_clock_on_days_when_it_changes():
    lunch = Component(0.0, at={"sun 12:00-13:00": 0.1})
    for day in ("2026-03-29", "2026-10-25"):
        noon = pd.DatetimeIndex([f"{day} 12:00"], tz="Europe/Rome")
        assert lunch.share_at(noon).tolist() == [0.1]
        assert lunch.share_at(noon - pd.Timedelta(hours=1)).tolist() == [0.0]
    night = Component(0.0, at={"sun 02:00-03:00": 0.1})
    hours = pd.date_range("2026-10-25", periods=5, freq="h", tz="Europe/Rome")
    assert night.share_at(hours).tolist() == [0.0, 0.0, 0.1, 0.1, 0.0]


def test_a_column_of_a_table_is_taken_as_an_index_is():
    shrinkage = Shrinkage({"sickness": Component(0.05, at={"mon": 0.07})})
    column = pd.Series(WEEK, index=range(5, 5 + len(WEEK)))
    as_index = shrinkage.paid_per_agent(WEEK)
    assert shrinkage.paid_per_agent(column).tolist() == as_index.tolist()


@pytest.mark.parametrize(
    ("at", "fault"),
    [
        ({"mon-wed": 0.1, "tue": 0.2}, "tue 00:00 is given twice"),
        (
            {"mon-fri 12:00-14:00": 0.1, "wed": 0.2, "wed 13:30-15:00": 0.3},
            "wed 13:30 is given twice",
        ),
        ({"sun 23:00-01:00": 0.1, "mon 00:30-02:00": 0.2}, "mon 00:30 is given twice"),
        ({"": 0.1}, NOT_A_DAY),
        ({"12:00-14:00": 0.1}, NOT_A_DAY.replace("''", "'12:00-14:00'")),
        ({"mon 12": 0.1}, "'12' is not a span of hours: write \"08:00-20:00\""),
    ],
)
def test_a_time_that_is_given_twice_or_cannot_be_read_is_refused(at, fault):
    with pytest.raises(ValueError, match=" ") as caught:
        _ = Component(0.0, at=at).week
    assert str(caught.value) == fault


def test_days_and_times_may_be_spaced():
    spaced = minutes_of_week(" mon, wed  12:00 - 14:00 ").tolist()
    assert spaced == minutes_of_week("mon,wed 12:00-14:00").tolist()
    assert spaced == [*range(720, 840), *range(2 * 1440 + 720, 2 * 1440 + 840)]


@given(components)
def test_paid_are_never_fewer_than_scheduled_nor_scheduled_than_agents(components):
    shrinkage = Shrinkage(components)
    scheduled = shrinkage.scheduled_per_agent(WEEK)
    assert (scheduled >= 1.0).all()
    assert (shrinkage.paid_per_agent(WEEK) >= scheduled).all()


@given(components)
def test_the_order_of_exceptions_does_not_matter(components):
    for part in components.values():
        turned = dict(reversed(part.at.items()))
        again = Component(part.share, part.rostered, part.planned, turned)
        assert (again.week == part.week).all()


@given(components, st.integers(0, 7 * 48 - 1))
def test_the_total_is_the_exact_sum_rounded_once(components, number):
    start = WEEK[[number]]
    exact = sum(Fraction(c.share_at(start)[0]) for c in components.values())
    total = Shrinkage(components).week[number * 30]
    assert total == float(exact)
