import datetime as dt

import pytest

from forecast.intervals import Event
from forecast.models.effects import EVE, MORROW, all_kinds

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


def test_a_day_between_two_holidays_is_eve_morrow_and_its_event(calendar):
    day = dt.date(2026, 6, 3)
    around = {day - dt.timedelta(days=1): "", day + dt.timedelta(days=1): ""}
    centre = calendar(holidays=around, events=(Event("bills", (day,)),))
    assert all_kinds(centre, "Sales", [day]) == {day: ("bills", EVE, MORROW)}
