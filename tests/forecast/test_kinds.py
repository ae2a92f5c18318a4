import datetime as dt

import pytest

from forecast.intervals import Event
from forecast.kinds import AUGUST, BRIDGE, EVE, MORROW, all_kinds

CHRISTMAS = {dt.date(2026, 12, 25): "", dt.date(2026, 12, 26): ""}


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("mon-sun", {24: (EVE,), 25: ("holiday",), 26: ("holiday",), 27: (MORROW,)}),
        ("mon-fri", {24: (EVE,), 25: ("holiday",), 26: ("holiday",), 28: (MORROW,)}),
    ],
)
def test_eve_and_morrow_are_the_open_days_around_a_holiday(calendar, hours, expected):
    centre = calendar({hours: "08:00-20:00"}, holidays=CHRISTMAS)
    open_days = [
        dt.date(2026, 12, day)
        for day in range(21, 32)
        if day in expected or hours == "mon-sun" or day not in (26, 27)
    ]
    found = all_kinds(centre, "Sales", open_days)
    assert {day.day: kinds for day, kinds in found.items() if kinds} == expected


def test_a_holiday_on_a_closed_weekday_has_neither_eve_nor_morrow(calendar):
    centre = calendar({"mon-fri": "08:00-20:00"}, holidays={dt.date(2026, 11, 1): ""})
    days = [dt.date(2026, 10, 30), dt.date(2026, 11, 2)]
    assert all_kinds(centre, "Sales", days) == dict.fromkeys(days, ())


def test_a_day_between_two_holidays_is_a_bridge_and_its_event(calendar):
    day = dt.date(2026, 6, 3)
    around = {day - dt.timedelta(days=1): "", day + dt.timedelta(days=1): ""}
    centre = calendar(holidays=around, events=(Event("bills", (day,)),))
    assert all_kinds(centre, "Sales", [day]) == {day: ("bills", BRIDGE)}


@pytest.mark.parametrize(
    "hours", [{"mon-fri": "08:00-20:00"}, {"mon-sun": "00:00-24:00"}]
)
def test_a_bridge_joins_a_holiday_to_a_weekend(calendar, hours):
    """Italy's of 2026: 1 January a Thursday; 6, 2 June and 8 December Tuesdays."""
    centre = calendar(hours, country="IT")
    year = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(365)]
    kinds = all_kinds(centre, "Sales", year)
    found = [(day.month, day.day) for day in year if BRIDGE in kinds[day]]
    assert found == [(1, 2), (1, 5), (6, 1), (12, 7)]


def test_a_weekend_is_the_days_that_are_closed_or_short(calendar):
    """Open from Sunday to Thursday, half of Friday; Monday and Wednesday holidays."""
    holidays = {dt.date(2026, 9, 14): "", dt.date(2026, 9, 23): ""}
    hours = {"sun-thu": "07:00-24:00", "fri": "07:00-14:00"}
    days = [dt.date(2026, 9, n) for n in range(8, 30)]
    kinds = all_kinds(calendar(hours, holidays=holidays), "Sales", days)
    assert [day.day for day in days if BRIDGE in kinds[day]] == [13, 24]


@pytest.mark.parametrize(("country", "days"), [("IT", 13), ("CA", 0), (None, 0)])
def test_mid_august_is_a_kind_where_its_middle_is_a_holiday(calendar, country, days):
    month = [dt.date(2026, 8, n) for n in range(1, 32)]
    kinds = all_kinds(calendar(country=country), "Sales", month)
    special = [day.day for day in month if AUGUST in kinds[day]]
    assert special == [n for n in range(8, 22) if n != 15][:days]
