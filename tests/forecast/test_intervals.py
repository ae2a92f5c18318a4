import datetime as dt
import os
import subprocess
import sys
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from forecast.intervals import (
    WEEKDAYS,
    Calendar,
    Event,
    OpeningHours,
    day_grid,
    holidays_for,
    month_span,
)

ROME = ZoneInfo("Europe/Rome")
CLOSED = ()


def minutes(start, end):
    return ((start * 60, end * 60),)


@pytest.mark.parametrize(
    ("table", "spans"),
    [
        ({"mon": "08:00-20:00"}, [minutes(8, 20), *[CLOSED] * 6]),
        ({"mon-sun": "00:00-24:00"}, [minutes(0, 24)] * 7),
        ({"Sat-Mon": "9:00 - 12:00"}, [minutes(9, 12), *[CLOSED] * 4]),
        ({"mon,wed": "08:00-09:00"}, [minutes(8, 9), CLOSED, minutes(8, 9)]),
        ({"mon-tue, sun": "08:00-09:00"}, [minutes(8, 9)] * 2),
        ({"fri": "22:00-06:00"}, [*[CLOSED] * 4, minutes(22, 30)]),
        ({"fri": "22:00-00:00"}, [*[CLOSED] * 4, minutes(22, 24)]),
        (
            {"tue": ["08:00-12:00", "14:00-18:00"], "wed": []},
            [CLOSED, minutes(8, 12) + minutes(14, 18)],
        ),
    ],
)
def test_hours_are_read_as_minutes_of_each_weekday(table, spans):
    last = {"Sat-Mon": spans[0], "mon-tue, sun": spans[0]}.get(next(iter(table)))
    expected = [*spans, *[CLOSED] * (7 - len(spans))]
    if last:
        expected[6] = last
    if "Sat-Mon" in table:
        expected[5] = last
    assert OpeningHours.parse(table).spans == tuple(expected)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            {"monday": "08:00-20:00"},
            '\'monday\' is not a day: write "mon", "mon-fri" or "mon,wed" (mon, tue, '
            "wed, thu, fri, sat, sun)",
        ),
        (
            {"mon-": "08:00-20:00", "lun": "08:00-20:00"},
            '\'lun\' is not a day: write "mon", "mon-fri" or "mon,wed" (mon, tue, '
            "wed, thu, fri, sat, sun)",
        ),
        ({"mon": "8-20"}, "'8-20' is not a span of hours: write \"08:00-20:00\""),
        ({"mon": "08:00"}, "'08:00' is not a span of hours: write \"08:00-20:00\""),
        ({"mon": 8}, '8 is not a span of hours: write "08:00-20:00"'),
        (
            {"mon": "٠٨:٠٠-٢٠:٠٠"},
            "'٠٨:٠٠-٢٠:٠٠' is not a span of hours: write \"08:00-20:00\"",
        ),
        (
            {"mon": "08:00-25:00"},
            "'08:00-25:00': times run from 00:00 to 24:00 and must differ",
        ),
        (
            {"mon": "08:75-20:00"},
            "'08:75-20:00': times run from 00:00 to 24:00 and must differ",
        ),
        (
            {"mon": "08:00-08:00"},
            "'08:00-08:00': times run from 00:00 to 24:00 and must differ",
        ),
        (
            {"mon": "24:00-06:00"},
            "'24:00-06:00': times run from 00:00 to 24:00 and must differ",
        ),
        ({"mon-fri": "08:00-20:00", "wed": "09:00-10:00"}, "wed is given twice"),
        ({"mon,mon": "08:00-20:00"}, "mon is given twice"),
        ({}, "no day is open"),
        ({"mon-sun": []}, "no day is open"),
        (
            {"mon": ["08:00-12:00", "11:30-18:00"]},
            "the span of mon 11:30 begins before the one before it has ended",
        ),
        (
            {"mon": "22:00-06:00", "tue": "05:30-12:00"},
            "the span of tue 05:30 begins before the one before it has ended",
        ),
        (
            {"sun": "22:00-06:00", "mon": "05:00-12:00"},
            "the span of mon 05:00 begins before the one before it has ended",
        ),
    ],
)
def test_hours_that_cannot_be_are_told(table, message):
    with pytest.raises(ValueError, match=r".") as caught:
        OpeningHours.parse(table)
    assert str(caught.value) == message


def test_spans_may_touch():
    table = {"mon-sun": ["00:00-06:00", "06:00-12:00", "22:00-24:00"]}
    assert len(OpeningHours.parse(table).spans[0]) == 3


def test_minutes_are_the_borders_of_the_spans():
    hours = OpeningHours.parse({"mon": "08:15-24:00", "fri": "22:00-06:30"})
    assert hours.minutes() == {495, 0, 1320, 390}


@pytest.mark.parametrize("year", range(2020, 2036))
def test_every_day_of_rome_has_46_48_or_50_half_hours_and_months_add_up(year):
    changes = {}
    months = {}
    for n in range((dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days):
        day = dt.date(year, 1, 1) + dt.timedelta(days=n)
        grid = day_grid(day, day, ROME, 1800)
        assert set(grid.date) == {day}
        if len(grid) != 48:
            changes[day] = len(grid)
        month = f"{day:%Y-%m}"
        months[month] = months.get(month, 0) + len(grid)
    spring, autumn = sorted(changes)
    assert [changes[spring], changes[autumn]] == [46, 50]
    for day, month in ((spring, 3), (autumn, 10)):  # the last Sunday
        assert (day.month, day.weekday()) == (month, 6)
        assert day.day > 24
    for month, count in months.items():
        grid = day_grid(*month_span(month), ROME, 1800)
        assert len(grid) == count
        assert grid.is_unique
        assert grid.is_monotonic_increasing


@pytest.mark.parametrize(
    ("zone", "day", "half_hours", "first"),
    [
        ("Africa/Cairo", "2026-04-24", 46, "01:00"),  # no midnight
        ("America/Sao_Paulo", "2018-11-04", 46, "01:00"),
        ("America/Havana", "2026-11-01", 50, "00:00"),  # midnight twice
        ("America/New_York", "2026-11-01", 50, "00:00"),
        ("Asia/Kathmandu", "2026-11-01", 48, "00:00"),
        ("UTC", "2026-03-29", 48, "00:00"),
    ],
)
def test_a_day_begins_with_its_first_moment_in_any_zone(zone, day, half_hours, first):
    date = dt.date.fromisoformat(day)
    grid = day_grid(date, date, ZoneInfo(zone), 1800)
    assert len(grid) == half_hours
    assert f"{grid[0]:%H:%M}" == first
    assert set(grid.date) == {date}


@pytest.mark.parametrize("zone", ["Europe/Rome", "America/Sao_Paulo"])
def test_a_grid_of_days_has_each_date_once_by_its_first_moment(zone):
    first, last = dt.date(2018, 1, 1), dt.date(2018, 12, 31)
    grid = day_grid(first, last, ZoneInfo(zone), 86400)
    assert list(grid.date) == list(pd.date_range(first, last).date)
    of_hours = day_grid(first, last, ZoneInfo(zone), 3600)
    assert grid.equals(of_hours[~pd.Index(of_hours.date).duplicated()])


@pytest.mark.parametrize(("interval_s", "count"), [(900, 96), (1800, 48), (3600, 24)])
def test_the_grid_has_the_declared_steps(interval_s, count):
    grid = day_grid(dt.date(2026, 1, 5), dt.date(2026, 1, 5), ROME, interval_s)
    assert len(grid) == count


def test_a_month_span_may_run_over_the_year():
    assert month_span("2026-12") == (dt.date(2026, 12, 1), dt.date(2026, 12, 31))
    assert month_span("2026-12", 3) == (dt.date(2026, 12, 1), dt.date(2027, 2, 28))


def test_open_intervals_of_a_week_counted_by_hand(calendar):
    """2–8 November 2026, Monday to Sunday; 4 November taken as a holiday."""
    centre = calendar(
        {
            "mon-tue": ["08:00-09:00", "22:00-01:00"],
            "wed": "22:00-00:30",
            "sat": "23:00-24:00",
            "sun": "22:00-02:00",
        },
        holidays={dt.date(2026, 11, 4): "a holiday"},
    )
    starts = centre.open_intervals("A", dt.date(2026, 11, 2), dt.date(2026, 11, 8))
    assert list(starts.strftime("%a %H:%M")) == [
        "Mon 00:00", "Mon 00:30", "Mon 01:00", "Mon 01:30",  # Sunday's
        "Mon 08:00", "Mon 08:30", "Mon 22:00", "Mon 22:30", "Mon 23:00", "Mon 23:30",
        "Tue 00:00", "Tue 00:30",
        "Tue 08:00", "Tue 08:30", "Tue 22:00", "Tue 22:30", "Tue 23:00", "Tue 23:30",
        "Wed 00:00", "Wed 00:30",  # Tuesday's, though the holiday has begun
        # nothing of Wednesday's, not even on Thursday at 0:00
        "Sat 23:00", "Sat 23:30",
        "Sun 22:00", "Sun 22:30", "Sun 23:00", "Sun 23:30",
    ]  # fmt: skip


def test_open_hours_over_the_changes_of_the_clock(calendar):
    night = calendar({"sat": "22:00-06:00"})
    spring = night.open_intervals("A", dt.date(2026, 3, 28), dt.date(2026, 3, 29))
    autumn = night.open_intervals("A", dt.date(2026, 10, 24), dt.date(2026, 10, 25))
    assert (len(spring), len(autumn)) == (14, 18)


def test_a_queue_may_have_hours_of_its_own(calendar):
    centre = calendar(queue_hours={"Night": {"mon-sun": "00:00-06:00"}})
    day = dt.date(2026, 11, 2)
    assert list(centre.open_intervals("Night", day, day).hour) == sorted(
        2 * list(range(6))
    )
    assert centre.open_intervals("Day", day, day)[0].hour == 8


def test_holidays_may_be_open(calendar):
    day = dt.date(2026, 12, 25)
    assert len(calendar(country="IT").open_intervals("A", day, day)) == 0
    opened = calendar(country="IT", open_on_holidays=True)
    assert len(opened.open_intervals("A", day, day)) == 24
    assert opened.day_kinds("A", day) == ("holiday",)


SPANS = st.lists(
    st.tuples(st.integers(0, 47), st.integers(1, 48)).map(
        lambda span: (span[0] * 30, (span[0] + span[1]) * 30)
    ),
    max_size=2,
)


def slow_is_open(calendar: Calendar, queue: str, start: pd.Timestamp) -> bool:
    """Some span of today or yesterday, from an open day, holds the clock time."""
    hours = calendar.queue_hours.get(queue, calendar.hours)
    for back in (0, 1):
        day = start.date() - dt.timedelta(days=back)
        if day in calendar.holidays and not calendar.open_on_holidays:
            continue
        minute = start.hour * 60 + start.minute + back * 1440
        for begin, end in hours.spans[day.weekday()]:
            if begin <= minute < end:
                return True
    return False


@given(
    week=st.lists(SPANS, min_size=7, max_size=7),
    first=st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 1)),
    closed=st.sets(st.integers(-1, 6), max_size=3),
    open_on_holidays=st.booleans(),
    zone=st.sampled_from(["Europe/Rome", "America/New_York", "Asia/Kolkata"]),
)
def test_open_mask_equals_a_slow_loop(week, first, closed, open_on_holidays, zone):
    hours = OpeningHours(tuple(tuple(sorted(spans)) for spans in week))
    holidays = {first + dt.timedelta(days=n): "closed" for n in closed}
    calendar = Calendar(
        zone=ZoneInfo(zone),
        interval_s=1800,
        hours=OpeningHours(((),) * 7),
        queue_hours={"A": hours},
        holidays=holidays,
        open_on_holidays=open_on_holidays,
    )
    grid = day_grid(first, first + dt.timedelta(days=6), calendar.zone, 1800)
    assert list(calendar.open_mask("A", grid)) == [
        slow_is_open(calendar, "A", start) for start in grid
    ]
    assert not calendar.open_mask("B", grid).any()


@given(st.dictionaries(st.sampled_from(WEEKDAYS), SPANS, max_size=7))
def test_hours_overlap_exactly_where_a_minute_of_the_week_is_held_twice(table):
    texts = {
        day: [
            f"{start // 60:02}:{start % 60:02}-{end // 60 % 24:02}:{end % 60:02}"
            for start, end in spans
        ]
        for day, spans in table.items()
    }
    held = [
        (WEEKDAYS.index(day) * 1440 + minute) % (7 * 1440)
        for day, spans in table.items()
        for start, end in spans
        for minute in range(start, end, 30)
    ]
    assume(held)
    assume(all(end - start < 1440 for spans in table.values() for start, end in spans))
    if len(set(held)) == len(held):
        assert OpeningHours.parse(texts)
    else:
        with pytest.raises(ValueError, match="begins before the one before it"):
            OpeningHours.parse(texts)


def test_an_event_goes_on_for_working_days(calendar):
    """From Friday 4 December 2026: Monday is 7, a working day; 8 is a holiday."""
    centre = calendar(
        country="IT",
        events=(Event("bills", (dt.date(2026, 12, 4), dt.date(2026, 12, 24)), days=3),),
    )
    kinds = {
        day.day: centre.day_kinds("A", day)
        for day in (dt.date(2026, 12, n) for n in range(1, 32))
        if centre.day_kinds("A", day)
    }
    assert kinds == {
        4: ("bills, day 1",),
        7: ("bills, day 2",),
        8: ("holiday",),
        9: ("bills, day 3",),
        24: ("bills, day 1",),  # then Christmas, Saint Stephen's on Saturday, Sunday
        25: ("holiday",),
        26: ("holiday",),
        28: ("bills, day 2",),
        29: ("bills, day 3",),
    }


def test_an_event_of_one_day_has_its_own_name_and_may_fall_on_any_day(calendar):
    centre = calendar(events=(Event("outage", (dt.date(2026, 12, 6),)),))
    assert centre.day_kinds("A", dt.date(2026, 12, 6)) == ("outage",)
    assert centre.day_kinds("A", dt.date(2026, 12, 7)) == ()


def test_an_event_concerns_the_queues_that_it_names(calendar):
    day = dt.date(2026, 12, 3)
    centre = calendar(events=(Event("bills", (day,), queues=("A", "B")),))
    assert [centre.day_kinds(queue, day) for queue in "ABC"] == [
        ("bills",),
        ("bills",),
        (),
    ]


def test_events_may_overlap_and_name_a_day_twice(calendar):
    days = (dt.date(2026, 12, 3), dt.date(2026, 12, 3), dt.date(2026, 12, 4))
    centre = calendar(
        events=(Event("a", days, days=2), Event("b", days[:1]), Event("b", days))
    )
    assert centre.day_kinds("Q", days[0]) == ("a, day 1", "b")
    assert centre.day_kinds("Q", days[2]) == ("a, day 2", "a, day 1", "b")


def test_milan_has_its_patron_saint_and_rome_has_not():
    milan, rome = (holidays_for("IT", site, [2026]) for site in ("MI", "RM"))
    assert dt.date(2026, 12, 7) in milan
    assert dt.date(2026, 12, 7) not in rome
    assert dt.date(2026, 4, 6) in milan  # Easter Monday


@pytest.mark.parametrize(
    ("country", "site", "message"),
    [
        (
            "Italy",
            None,
            "'Italy' is not a known country: write its ISO code, such as IT",
        ),
        (
            "Italy",
            "MI",
            "'Italy' is not a known country: write its ISO code, such as IT",
        ),
        ("it", None, "'it' is not a known country: write its ISO code, such as IT"),
        ("XX", None, "'XX' is not a known country: write its ISO code, such as IT"),
        ("GB", "XX", "GB has no site 'XX'; it has ENG, NIR, SCT, WLS"),
        ("", None, "'' is not a known country: write its ISO code, such as IT"),
        ("MAR", None, "'MAR' is not a known country: write its ISO code, such as IT"),
        (
            "utils",
            None,
            "'utils' is not a known country: write its ISO code, such as IT",
        ),
    ],
)
def test_an_unknown_country_or_site_is_told(country, site, message):
    with pytest.raises(ValueError, match=r".") as caught:
        holidays_for(country, site, [2026])
    assert str(caught.value) == message


def test_the_machine_s_language_does_not_change_the_holidays():
    script = (
        "from forecast.intervals import holidays_for\n"
        "print(sorted(holidays_for('IT', 'MI', [2026]).items()))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | dict.fromkeys(("LANG", "LANGUAGE", "LC_ALL"), language),
            check=True,
            capture_output=True,
        ).stdout
        for language in ("C", "it_IT.UTF-8")
    }
    assert len(outputs) == 1


def test_nothing_opens_on_a_closure_and_events_pass_over_it(calendar):
    event = Event("bills", (dt.date(2026, 12, 22),), days=3)
    centre = calendar(closures=(dt.date(2026, 12, 23),), events=(event,))
    open_days = pd.unique(
        centre.open_intervals("A", dt.date(2026, 12, 21), dt.date(2026, 12, 25)).date
    )
    assert [day.day for day in open_days] == [21, 22, 24, 25]
    assert centre.day_kinds("A", dt.date(2026, 12, 24)) == ("bills, day 2",)
    night = calendar({"mon-sun": "22:00-06:00"}, closures=(dt.date(2026, 12, 23),))
    shut = night.open_intervals("A", dt.date(2026, 12, 23), dt.date(2026, 12, 24))
    assert (shut[0].hour, shut[12].day, shut[12].hour) == (0, 24, 22)
