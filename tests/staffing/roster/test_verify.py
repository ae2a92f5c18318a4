"""Each rule by a roster that breaks it, and one that just keeps it."""

import dataclasses
import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.tables import Form
from staffing.config.roster import RosterPart
from staffing.roster.read import read_team
from staffing.roster.rules import UNITS, Rule, Rules
from staffing.roster.rules_file import GOALS, read_rules
from staffing.roster.table import read_roster
from staffing.roster.team import Absence, Agent, Band, Break, Contract, Kind, Past, Team
from staffing.roster.verify import verify_roster

DATA = Path(__file__).parents[3] / "data"
ROME = "Europe/Rome"
PAID, UNPAID = Break(15, paid=True), Break(30, paid=False)
KINDS = (
    Kind(240),
    Kind(240, (Break(5, paid=True),)),
    Kind(240, (PAID,)),
    Kind(300, (UNPAID,)),
    Kind(360, (Break(60, paid=False),)),
    Kind(270),
    Kind(360),
    Kind(420),
    Kind(450),
    Kind(480),
    Kind(510),
    Kind(510, (PAID, UNPAID, PAID)),
)
MONDAY = dt.date(2026, 11, 2)


def team_of(contract=None, *, past=(), absences=(), **agent):
    made = contract or Contract("C", 2400, KINDS)
    return Team((Agent("A1", made, ("sales",), **agent),), absences, past=past)


def row(start, end, breaks="", **cells):
    """A shift of A1 by its local times; of an end only the clock, if it is that day."""
    begins = pd.Timestamp(start).tz_localize(ROME)
    ends = pd.Timestamp(end if " " in end else f"{start[:10]} {end}").tz_localize(ROME)
    away = 30 if breaks.count("-") == 3 else 0
    passed = (ends - begins) / pd.Timedelta(minutes=1)
    return {
        "agent_id": "A1",
        "start": begins,
        "date": begins.date(),
        "end": ends,
        "breaks": breaks,
        "paid_min": passed - away,
        "contract": "C",
        "group": "sales",
        "activity": "contacts",
    } | cells


def daily(first, count, start="08:00", end="16:00"):
    """The same shift on so many days in a row."""
    days = [first + dt.timedelta(n) for n in range(count)]
    return [row(f"{day} {start}", end) for day in days]


def found(rows, team, rules=None, *, first=MONDAY, days=28):
    limits = {
        name: Rule(name, value, "", "", verified=True)
        for name, value in (rules or {}).items()
    }
    violations = verify_roster(
        pd.DataFrame(rows),
        team,
        Rules("test", limits),
        first=first,
        days=days,
        timezone=ROME,
    )
    return [v for v in violations if v.rule != "week-hours"]


def texts(violations):
    return [f"{v.rule} {v.date}: {v.text}" for v in violations]


ADULT, MINOR = (Contract("C", 2400, KINDS, minor=minor) for minor in (False, True))
EVERY_SATURDAY = [MONDAY + dt.timedelta(5 + 7 * n) for n in range(4)]
LONG = "2026-11-02 08:00", "16:30"
RULES = {
    "daily-rest": (
        11,
        ADULT,
        [row("2026-11-02 14:00", "22:00"), row("2026-11-03 08:30", "16:30")],
        [row("2026-11-02 14:00", "22:00"), row("2026-11-03 09:00", "17:00")],
        "daily-rest 2026-11-03: 10 h 30 min of rest after the shift of 2026-11-02, "
        "which ends 22:00; 11 h are owed",
    ),
    "free-day": (
        35,
        ADULT,
        [row("2026-11-02 14:00", "22:00"), row("2026-11-04 08:30", "16:30")],
        [row("2026-11-02 14:00", "22:00"), row("2026-11-04 09:00", "17:00")],
        "free-day 2026-11-04: 34 h 30 min of rest after the shift of 2026-11-02, which "
        "ends 22:00; 35 h are owed",
    ),
    "max-days": (
        6,
        ADULT,
        daily(MONDAY, 7),
        daily(MONDAY, 6),
        "max-days 2026-11-08: day 7 with a shift in a row; at most 6 are allowed",
    ),
    "week-average": (
        14,
        ADULT,
        [*daily(MONDAY, 7), row("2026-11-10 08:00", "12:00")],
        daily(MONDAY, 7),
        "week-average 2026-11-02: 15 h a week on average; at most 14 h are allowed",
    ),
    "pause": (
        30,
        ADULT,
        [row("2026-11-02 08:00", "15:00")],
        [
            row(*LONG, "10:00-10:15;12:00-12:30;14:30-14:45"),
            row("2026-11-03 08:00", "14:00"),
        ],
        "pause 2026-11-02: 7 h with a longest break of 0 h; more than 6 h needs one of "
        "30 min",
    ),
    "screen-break": (
        120,
        ADULT,
        [row("2026-11-02 08:00", "12:00", "10:15-10:30")],
        [row("2026-11-02 08:00", "12:00", "10:00-10:15")],
        "screen-break 2026-11-02: 2 h 15 min of work from 08:00 to 10:15; at most 2 h "
        "are allowed",
    ),
    "screen-break-length": (
        15,
        ADULT,
        [row("2026-11-02 08:00", "12:00", "10:00-10:05")],
        [row("2026-11-02 08:00", "12:00", "10:00-10:15")],
        "screen-break 2026-11-02: 4 h of work from 08:00 to 12:00; at most 2 h are "
        "allowed without a break of 15 min",
    ),
    "shortest-work": (
        60,
        ADULT,
        [row("2026-11-02 08:00", "12:00", "08:45-09:00")],
        [row("2026-11-02 08:00", "12:00", "09:00-09:15")],
        "shortest-work 2026-11-02: 45 min of work from 08:00 to 08:45; at least 1 h "
        "are owed",
    ),
    "free-weekends": (
        1,
        ADULT,
        [row(f"{day} 08:00", "12:00") for day in EVERY_SATURDAY],
        [row(f"{day} 08:00", "12:00") for day in EVERY_SATURDAY[1:]],
        "free-weekends 2026-11-02: 0 free in the 4 weeks to 2026-11-29; 1 are owed",
    ),
    "sundays": (
        2,
        ADULT,
        [row(f"{d + dt.timedelta(1)} 08:00", "12:00") for d in EVERY_SATURDAY[:3]],
        [row(f"{d + dt.timedelta(1)} 08:00", "12:00") for d in EVERY_SATURDAY[:2]]
        + [row(f"{EVERY_SATURDAY[2]} 08:00", "12:00")],
        "sundays 2026-11-02: 1 free in the 4 weeks to 2026-11-22; 2 are owed",
    ),
    "night": (
        8,
        ADULT,
        [row("2026-11-02 16:30", "2026-11-03 01:00")],
        [
            row("2026-11-02 16:00", "2026-11-03 00:30"),
            row("2026-11-03 22:00", "2026-11-04 06:00"),
        ],
        "night 2026-11-02: 8 h 30 min, by night; at most 8 h are allowed",
    ),
    "minor-day": (
        8,
        MINOR,
        [row("2026-11-02 08:00", "16:30")],
        [row("2026-11-02 08:00", "16:00")],
        "minor-day 2026-11-02: 8 h 30 min, the agent is a minor; at most 8 h are "
        "allowed",
    ),
    "minor-week": (
        40,
        MINOR,
        [*daily(MONDAY, 5), row("2026-11-07 08:00", "12:00")],
        daily(MONDAY, 5),
        "minor-week 2026-11-02: 44 h in this week; at most 40 h are allowed",
    ),
    "minor-pause": (
        60,
        MINOR,
        [row("2026-11-02 08:00", "15:00")],
        [
            row("2026-11-02 08:00", "14:00", "11:00-12:00", paid_min=300),
            row("2026-11-03 08:00", "12:30"),
        ],
        "minor-pause 2026-11-02: 7 h with a longest break of 0 h; more than 4 h 30 min "
        "needs one of 1 h",
    ),
    "minor-night": (
        12,
        MINOR,
        [row("2026-11-02 15:00", "22:30")],
        [row("2026-11-02 14:30", "22:00"), row("2026-11-03 10:00", "14:00")],
        "minor-night 2026-11-02: 30 min between 22:00 and 06:00; the agent is a minor",
    ),
    "minor-free-days": (
        2,
        MINOR,
        daily(MONDAY, 6),
        daily(MONDAY, 5),
        "minor-free-days 2026-11-02: 1 days without a shift in this week; 2 are owed",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_broken_by_one_roster_and_just_kept_by_another(rule):
    value, contract, bad, good, text = RULES[rule]
    team = team_of(contract)
    rules = {"screen-break": 120} if rule == "screen-break-length" else {}
    assert texts(found(bad, team, rules | {rule: value})) == [text]
    assert found(bad, team, rules) == []
    assert found(good, team, rules | {rule: value}) == []


def test_every_rule_that_can_be_hard_is_checked():
    assert {*RULES, "weekly-rest", *GOALS} == set(UNITS)


def test_weekly_rest_is_an_average_over_14_days():
    rule = {"weekly-rest": 35}
    off = {MONDAY + dt.timedelta(n) for n in (6, 13)}
    days = [MONDAY + dt.timedelta(n) for n in range(20)]
    rows = [row(f"{day} 08:00", "16:00") for day in days if day not in off]
    assert found(rows, team_of(), rule, days=20) == []
    late = [*rows[:5], row("2026-11-07 14:30", "22:00"), *rows[6:]]
    assert texts(found(late, team_of(), rule, days=20)) == [
        "weekly-rest 2026-11-02: 1 free days with 35 h of rest from here to "
        "2026-11-15; 2 are owed in 14 days"
    ]


def test_a_minor_s_night_is_a_rest_of_12_hours():
    rows = [row("2026-11-02 14:30", "22:00"), row("2026-11-03 09:30", "13:30")]
    assert texts(found(rows, team_of(MINOR), {"minor-night": 12})) == [
        "minor-night 2026-11-03: 11 h 30 min of rest after the shift of 2026-11-02, "
        "which ends 22:00; 12 h are owed"
    ]


def test_what_always_holds():
    team = team_of(
        bands=(Band(0, 8 * 60, 16 * 60),),
        first=MONDAY,
        last=dt.date(2026, 11, 27),
        absences=(Absence("A1", dt.date(2026, 11, 9), "leave", 480),),
    )
    lawful = row("2026-11-02 08:00", "12:00")
    assert found([lawful], team) == []
    for changed, text in (
        ({"agent_id": "A2"}, "agent 2026-11-02: is not among the agents"),
        ({"contract": "D"}, "contract 2026-11-02: says D, but the agent's is C"),
        ({"group": "care"}, "group 2026-11-02: care is not of the agent's: sales"),
        ({"paid_min": 225}, "paid-min 2026-11-02: says 225, but is 240"),
        (
            {"date": dt.date(2026, 11, 3)},
            "date 2026-11-02: says 2026-11-03, but starts on 2026-11-02",
        ),
        (
            {"breaks": "10:15-10"},
            "breaks 2026-11-02: '10:15-10' is not a break: write \"10:15-10:30\"",
        ),
        (
            {"breaks": "12:00-12:15"},
            "breaks 2026-11-02: break 12:00-12:15 is not within the shift, after the "
            "one before it",
        ),
        (
            {"breaks": "10:00-10:15;10:10-10:30"},
            "breaks 2026-11-02: break 10:10-10:30 is not within the shift, after the "
            "one before it",
        ),
        (
            {"breaks": "10:00-10:20"},
            "shift 2026-11-02: 4 h with breaks of 20 min is no shift of C",
        ),
        (
            {"end": lawful["start"]},
            "shift 2026-11-02: ends 2026-11-02 08:00, not after its start 08:00",
        ),
        (
            row("2026-11-02 08:15", "12:15"),
            "shift 2026-11-02: starts at 08:15, not on the grid of 30 minutes",
        ),
        (
            row("2026-11-02 12:30", "16:30"),
            "bands 2026-11-02: 12:30-16:30 is in no band of the agent",
        ),
        (
            row("2026-11-09 08:00", "12:00"),
            "absence 2026-11-09: the agent is away: leave",
        ),
        (
            row("2026-12-07 08:00", "12:00"),
            "date 2026-12-07: is not a day from 2026-11-02 to 2026-11-29, which the "
            "roster is for",
        ),
    ):
        assert texts(found([lawful | changed], team)) == [text]
    unread = lawful | {"breaks": "10:15"}
    rules = {"screen-break": 120, "shortest-work": 300}
    assert [v.rule for v in found([unread], team, rules)] == ["breaks"]
    after = found([row("2026-11-30 08:00", "12:00")], team, days=29)
    assert texts(after) == [
        "employment 2026-11-30: the agent is not employed on this day"
    ]


def test_shifts_of_a_day_are_one_and_do_not_overlap():
    rows = [row("2026-11-02 08:00", "12:00"), row("2026-11-02 13:00", "17:00")]
    assert texts(found(rows, team_of())) == [
        "one-shift 2026-11-02: two shifts start on this day"
    ]
    rows = [
        row("2026-11-02 22:00", "2026-11-03 02:00"),
        row("2026-11-03 01:00", "05:00"),
    ]
    assert texts(found(rows, team_of())) == [
        "overlap 2026-11-03: starts 01:00, before the shift of 2026-11-02 has ended"
    ]


def hours_found(rows, team, first, days):
    table = pd.DataFrame([*rows, row("2026-11-02 08:00", "16:00")]).head(len(rows))
    rules = Rules("none", {})
    return texts(
        verify_roster(table, team, rules, first=first, days=days, timezone=ROME)
    )


EIGHT = Contract("C", 2400, (Kind(480),))


@pytest.mark.parametrize(
    ("worked", "away", "right"),
    [(5, 0, True), (4, 0, False), (6, 0, False), (3, 2, True), (4, 2, False)],
)
def test_a_whole_week_has_the_contract_s_hours(worked, away, right):
    friday = MONDAY + dt.timedelta(4)
    leave = [Absence("A1", friday - dt.timedelta(n), "leave", 480) for n in range(away)]
    days = [MONDAY + dt.timedelta(n) for n in range(7)]
    free = [day for day in days if day not in {a.date for a in leave}]
    rows = [row(f"{day} 08:00", "16:00") for day in free[:worked]]
    faults = hours_found(rows, team_of(EIGHT, absences=tuple(leave)), MONDAY, 7)
    paid, credit = 8 * (worked + away), 8 * away
    wrong = f"{paid} h paid in the 7 days from here, {credit} h of them away"
    expected = f"week-hours 2026-11-02: {wrong}; C asks for 40 h"
    assert faults == ([] if right else [expected])


def test_where_the_shifts_cannot_make_the_hours_the_nearest_below_is_right():
    contract = Contract("C", 20 * 60, (Kind(480),))  # 16 or 24 hours, never 20
    assert hours_found(daily(MONDAY, 2), team_of(contract), MONDAY, 7) == []
    for count in (1, 3):
        assert len(hours_found(daily(MONDAY, count), team_of(contract), MONDAY, 7)) == 1
    leave = [Absence("A1", MONDAY + dt.timedelta(n), "", 60) for n in range(4)]
    team = team_of(EIGHT, absences=tuple(leave))
    rest = MONDAY + dt.timedelta(4)
    assert hours_found(daily(rest, 3), team, MONDAY, 7) == []
    assert len(hours_found(daily(rest, 2), team, MONDAY, 7)) == 1


@pytest.mark.parametrize(("paid", "unpaid", "right"), [(0, 4, 1), (0, 7, 0), (3, 4, 0)])
def test_a_day_that_is_not_paid_takes_a_usual_day_off_the_hours(paid, unpaid, right):
    """Of five days at most: days off within leave are no more of them."""
    minutes = [480] * paid + [0] * unpaid
    leave = [
        Absence("A1", MONDAY + dt.timedelta(n), "", paid_min)
        for n, paid_min in enumerate(minutes)
    ]
    team = team_of(EIGHT, absences=tuple(leave))
    if paid:  # 24 hours of leave, two days off the rest
        assert hours_found([], team, MONDAY, 7) == []
        return
    rest = daily(MONDAY + dt.timedelta(4), 3)
    for count in range(2):
        faults = hours_found(rest[:count], team, MONDAY, 7)
        assert (faults == []) == (count == right)


def test_hours_that_closed_days_leave_no_room_for_are_not_owed():
    past = tuple(
        Past("A1", shift["date"], shift["start"], shift["end"], 480)
        for shift in daily(MONDAY, 4)
    )
    sunday = MONDAY + dt.timedelta(6)
    team, rules = team_of(EIGHT, past=past), Rules("none", {})
    table = pd.DataFrame(daily(sunday, 1)).head(0)
    asked = {"first": sunday, "days": 1, "timezone": ROME}
    assert verify_roster(table, team, rules, **asked, closed=[sunday]) == ()
    assert len(verify_roster(table, team, rules, **asked)) == 1


def test_four_weekends_slide_over_the_month_and_what_was_before():
    """December 2026 has three whole weeks, but four weekends; so has its border."""
    rule = {"free-weekends": 1}
    saturdays = [dt.date(2026, 12, 5) + dt.timedelta(7 * n) for n in range(4)]
    rows = [row(f"{day} 08:00", "12:00") for day in saturdays]
    december = {"first": dt.date(2026, 12, 1), "days": 31}
    assert texts(found(rows, team_of(), rule, **december)) == [
        "free-weekends 2026-12-01: 0 free in the 4 weeks to 2026-12-27; 1 are owed"
    ]
    assert found(rows[1:], team_of(), rule, **december) == []
    past = tuple(Past("A1", r["date"], r["start"], r["end"], 240) for r in rows[:3])
    rest = {"first": dt.date(2026, 12, 26), "days": 6}
    assert len(found(rows[3:], team_of(past=past), rule, **rest)) == 1
    assert found(rows[3:], team_of(past=past[1:]), rule, **rest) == []


def test_a_week_that_is_cut_off_has_its_share_within_a_shift():
    """Two days of seven: 2/7 of 40 hours are 11.4, so one shift of 8 or two."""
    for count, right in ((0, False), (1, True), (2, True)):
        faults = hours_found(daily(MONDAY, count), team_of(EIGHT), MONDAY, 2)
        assert (faults == []) == right


@pytest.mark.parametrize(("count", "right"), [(1, False), (2, True), (4, True)])
def test_a_week_that_goes_on_after_the_month_may_have_all_its_hours_in_it(count, right):
    """Four days of seven: 4/7 of 40 hours are 22.9; up to 40 the next month reads."""
    faults = hours_found(daily(MONDAY, count), team_of(EIGHT), MONDAY, 4)
    assert (faults == []) == right


@pytest.mark.parametrize(("count", "right"), [(1, False), (2, True), (4, False)])
def test_a_week_whose_beginning_is_not_known_has_its_share(count, right):
    """Thursday to Sunday of 40 hours: 22.9, so two shifts of 8 or three."""
    thursday = MONDAY + dt.timedelta(3)
    faults = hours_found(daily(thursday, count), team_of(EIGHT), thursday, 4)
    assert (faults == []) == right


def test_the_roster_before_counts():
    """Its hours in the first week, its rest, and its days in a row."""
    first = MONDAY + dt.timedelta(3)
    before = [row(f"{MONDAY + dt.timedelta(n)} 14:00", "22:00") for n in range(3)]
    past = tuple(
        Past("A1", shift["date"], shift["start"], shift["end"], 480) for shift in before
    )
    team = team_of(EIGHT, past=past)
    assert hours_found(daily(first, 2), team, first, 4) == []
    assert len(hours_found(daily(first, 3), team, first, 4)) == 1
    rules = {"daily-rest": 11, "max-days": 4}
    assert texts(found(daily(first, 2), team, rules, first=first, days=4)) == [
        "daily-rest 2026-11-05: 10 h of rest after the shift of 2026-11-04, which ends "
        "22:00; 11 h are owed",
        "max-days 2026-11-06: day 5 with a shift in a row; at most 4 are allowed",
    ]


@pytest.mark.parametrize(
    ("evening", "morning", "rest"),
    [
        ("2026-03-28 22:00", "2026-03-29 09:00", "10 h"),  # 11 by the clock
        ("2026-10-24 23:00", "2026-10-25 09:00", None),  # 10 by the clock
        ("2026-10-24 23:30", "2026-10-25 09:00", "10 h 30 min"),
    ],
)
def test_rest_is_the_time_that_passes_when_clocks_change(evening, morning, rest):
    ends = pd.Timestamp(evening)
    rows = [
        row(f"{ends - pd.Timedelta(hours=4)}", str(ends)),
        row(morning, "13:00"),
    ]
    first = ends.date()
    faults = found(rows, team_of(), {"daily-rest": 11}, first=first, days=2)
    assert [v.text[: len(rest or "")] for v in faults] == ([rest] if rest else [])


@pytest.mark.parametrize(
    ("date", "passed"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-10-26", 8)]
)
def test_paid_minutes_are_those_that_pass_when_clocks_change(date, passed):
    night = dt.date.fromisoformat(date)
    shift = row(f"{date} 22:00", f"{night + dt.timedelta(1)} 06:00", paid_min=480)
    team = team_of(Contract("C", 2400, (Kind(60 * passed),)))
    faults = texts(found([shift], team, first=night, days=2))
    wrong = [f"paid-min {date}: says 480, but is {60 * passed}"]
    assert faults == ([] if passed == 8 else wrong)


def sample():
    part = RosterPart(agents="agents.csv", contracts="contracts.toml")
    team = read_team(
        DATA,
        part,
        Form(),
        groups=("Acqua", "Ambiente", "Energia"),
        first=dt.date(2026, 12, 1),
        timezone=ROME,
    )
    return team, read_roster(DATA / "roster_november.csv", ROME)


@pytest.fixture(scope="module")
def november():
    team, table = sample()
    few = [f"A{number:03d}" for number in range(1, 89, 9)]
    agents = tuple(agent for agent in team.agents if agent.agent_id in few)
    return dataclasses.replace(team, agents=agents), table[table["agent_id"].isin(few)]


def verified(table, team):
    return verify_roster(
        table,
        team,
        read_rules("italy"),
        first=dt.date(2026, 11, 16),
        days=15,
        timezone=ROME,
    )


def test_a_lawful_roster_has_no_violation(november):
    team, table = november
    assert verified(table, team) == ()
    assert verified(table.sample(frac=1.0, random_state=1), team) == ()


@settings(max_examples=6)
@given(st.data())
def test_a_shift_that_is_taken_away_or_moved_is_seen(november, data):
    team, table = november
    row = data.draw(st.sampled_from(list(table.index)))
    shift = table.loc[row]
    without = verified(table.drop(row), team)
    assert {v.agent_id for v in without} <= {shift["agent_id"]}
    if shift["date"] < dt.date(2026, 11, 30):  # its week is cut off, and may do without
        assert {v.rule for v in without} == {"week-hours"}
    moved = table.copy()
    moved.loc[row, ["start", "end"]] += pd.Timedelta(minutes=5)
    rules = {v.rule for v in verified(moved, team)}
    assert "shift" in rules
