import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from reference.rostered import made_of, shift_at

from staffing.report.roster.ics import calendars
from staffing.roster.problem import Duty, Shift
from staffing.roster.repair import Change

ROME = ZoneInfo("Europe/Rome")


def events(made, name):
    calendar = Calendar.from_ical(calendars(made.problem, made.solution.duties)[name])
    return calendar.walk("VEVENT")


def test_each_person_who_works_has_a_file_whose_name_leads_nowhere(made):
    files = calendars(made.problem, made.solution.duties)
    assert list(files) == ["1-1.ics", "B.ics", "b-2.ics"]
    assert [str(Calendar.from_ical(f)["X-WR-CALNAME"]) for f in files.values()] == [
        f"Shifts of {agent}" for agent in ("=1+1", "../B", "../b")
    ]


def test_an_event_has_the_shift_its_group_and_its_breaks(made):
    first, then = events(made, "B.ics")
    assert first["DTSTART"].to_ical() == b"20261025T133000"
    assert first["DTSTART"].params["TZID"] == "Europe/Rome"
    assert first["DTEND"].dt == dt.datetime(2026, 10, 25, 22, 0, tzinfo=ROME)
    assert first["SUMMARY"] == "Shift: Sales"
    assert first["DESCRIPTION"] == (
        "Break 15:30-15:45 (paid)\nBreak 17:45-18:15 (unpaid)\nBreak 19:45-20:00 (paid)"
    )
    assert then["DTSTART"].dt.date() == dt.date(2026, 10, 26)


@pytest.mark.parametrize(
    ("month", "end"), [((2026, 10, 24), "05:00 +0100"), ((2026, 3, 28), "07:00 +0200")]
)
def test_eight_hours_through_a_clock_change_are_eight_hours(month, end):
    (event,) = events(made_of(dt.date(*month)), "b-2.ics")
    start, stop = event["DTSTART"].dt, event["DTEND"].dt
    assert stop.astimezone(dt.UTC) - start.astimezone(dt.UTC) == dt.timedelta(hours=8)
    assert f"{stop:%H:%M %z}" == end


@pytest.mark.parametrize("month", [(2026, 10, 24), (2026, 3, 28), (2026, 7, 4)])
def test_the_file_itself_tells_the_offset_of_each_hour(month):
    """Read without knowing what Europe/Rome is."""
    made = made_of(dt.date(*month))
    text = calendars(made.problem, made.solution.duties)["B.ics"]
    text = text.replace(b"Europe/Rome", b"Nowhere")
    (zone,) = Calendar.from_ical(text).walk("VTIMEZONE")
    told = zone.to_tz(lookup_tzid=False)
    for hour in range(24 * 3):
        known = made.problem.horizon.time(4 * hour).to_pydatetime().astimezone(ROME)
        if not known.fold:
            local = known.replace(tzinfo=told)
            assert local.utcoffset() == known.utcoffset(), known


def test_a_time_that_clocks_show_twice_is_in_utc_the_second_time(made):
    horizon = made.problem.horizon
    second = horizon.slot(1, 120) + 4  # 02:00 once more
    shift = Shift(0, second - 16, second)
    duty = Duty(0, 0, 0, shift)
    made = replace(made, solution=replace(made.solution, duties=(duty,)))
    (event,) = events(made, "1-1.ics")
    assert event["DTEND"].to_ical() == b"20261025T010000Z"
    assert event["DTSTART"].to_ical() == b"20261024T230000"


def test_a_uid_stays_where_a_shift_moves_and_is_nobody_elses(made):
    def uids(made):
        return {
            (name, event["DTSTART"].dt.date()): str(event["UID"])
            for name in calendars(made.problem, made.solution.duties)
            for event in events(made, name)
        }

    before = uids(made)
    assert len(set(before.values())) == len(made.solution.duties)
    moved = tuple(
        duty._replace(
            shift=shift_at(
                made.problem.horizon, duty.day, 600, made.problem.agents[duty.agent]
            )
        )
        for duty in made.solution.duties
    )
    after = replace(made, solution=replace(made.solution, duties=moved))
    assert uids(after) == before
    assert not any("1+1" in uid for uid in before.values())


def test_who_loses_a_shift_to_a_repair_has_it_cancelled(made):
    """../B has one left, ../b none; a later repair goes before an earlier one."""
    *kept, monday, lost = made.solution.duties
    changes = [Change(d.agent, d.day, (d.group, d.shift), None) for d in (lost, monday)]
    files = calendars(made.problem, kept, changes, dt.date(2026, 10, 25))
    before = calendars(made.problem, made.solution.duties)
    assert list(files) == list(before)

    def told(files, name, *names):
        found = Calendar.from_ical(files[name]).walk("VEVENT")
        return [[str(event.get(name, "")) for name in names] for event in found]

    for name in files:
        assert told(files, name, "UID") == told(before, name, "UID")
    assert told(files, "B.ics", "STATUS", "SEQUENCE") == [["", "2"], ["CANCELLED", "2"]]
    assert told(files, "b-2.ics", "STATUS", "SEQUENCE") == [["CANCELLED", "2"]]
    assert told(before, "B.ics", "STATUS", "SEQUENCE") == [["", "0"], ["", "0"]]
    (event,) = Calendar.from_ical(files["b-2.ics"]).walk("VEVENT")
    assert str(event["DTSTAMP"].dt) == "2026-10-25 00:00:00+00:00"


def test_the_same_roster_gives_the_same_bytes_whenever_it_is_written(made):
    one, again = (calendars(made.problem, made.solution.duties) for _ in range(2))
    assert one == again
    assert {str(e["DTSTAMP"].dt) for e in events(made, "B.ics")} == {
        "2026-10-24 00:00:00+00:00"
    }
