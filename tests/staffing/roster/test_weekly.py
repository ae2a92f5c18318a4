"""Hours owed and days off, by teams small enough to reckon by hand."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from reference.small_teams import rules_of

from forecast.errors import ConfigError
from staffing.roster.cells import cells_of
from staffing.roster.clashes import clashes
from staffing.roster.contracts import refuse_long_weeks
from staffing.roster.days_off import solve_days_off
from staffing.roster.explain import supply_faults
from staffing.roster.heads import solve_heads
from staffing.roster.problem import Horizon, Need, Problem, Step
from staffing.roster.rest import worked_ends
from staffing.roster.sequence import solve_small
from staffing.roster.shifts import break_patterns, shifts_for
from staffing.roster.team import Absence, Agent, Band, Break, Contract, Kind, Past
from staffing.roster.weekly import week_hours

EIGHT = Contract("FT8", 2400, (Kind(480),), start_every_min=60, screen=False)
MONDAY = dt.date(2026, 11, 2)


def problem_of(
    first, days, contract=EIGHT, *, open_on=range(7), hours=range(8, 16), **more
):
    """One agent, one needed on some weekdays, in slots and intervals of an hour."""
    horizon = Horizon("Europe/Rome", first, days, slot_min=60)
    starts = np.array(
        [
            horizon.slot(day, 60 * hour)
            for day in range(days)
            for hour in hours
            if horizon.date(day).weekday() in open_on
        ],
        dtype=np.int64,
    )
    units = np.ones((1, len(starts)), dtype=np.int64)
    need = Need(("all",), starts, 1, units, (Step(units, 2 * units),))
    agent = more.pop("agent", Agent("A1", contract, ("all",)))
    return Problem((agent,), horizon, need, more.pop("rules", rules_of()), **more)


def asked(problem):
    """Least and most hours of each week."""
    return [
        (int(week.low[0]) // 60, int(week.high[0]) // 60)
        for week in week_hours(problem)
    ]


def shift_before(date, hours=8):
    start = pd.Timestamp(date, tz="Europe/Rome") + pd.Timedelta(hours=8)
    return Past("A1", date, start, start + pd.Timedelta(hours=hours), 60 * hours)


@pytest.mark.parametrize(("open_on", "low"), [(range(7), 32), (range(6), 40)])
def test_a_week_that_goes_on_has_what_its_other_days_cannot_hold(open_on, low):
    """October 2026 ends on a Saturday: on a closed Sunday nothing can be made up."""
    october = problem_of(dt.date(2026, 10, 5), 27, open_on=open_on)
    assert asked(october)[-1] == (low, 40)


def test_days_on_which_an_agent_s_bands_lie_hold_the_rest_of_a_week():
    bands = tuple(Band(day, 480, 960) for day in range(5))
    agent = Agent("A1", EIGHT, ("all",), bands)
    assert asked(problem_of(MONDAY, 9, agent=agent))[-1] == (16, 16)
    assert asked(problem_of(MONDAY, 9))[-1] == (8, 16)


def test_what_a_closed_day_leaves_no_room_for_is_not_owed():
    """November 2026 begins on a Sunday."""
    past = tuple(shift_before(dt.date(2026, 10, 26 + n)) for n in range(4))
    sunday = {"first": dt.date(2026, 11, 1), "days": 8, "past": past}
    week = week_hours(problem_of(**sunday, open_on=range(6)))[0]
    assert (week.low[0], week.high[0], week.owed[0]) == (0, 0, 0)
    assert asked(problem_of(**sunday))[0] == (8, 8)


def test_only_days_from_the_first_of_the_past_on_are_known():
    """A roster before that begins on Wednesday says nothing of Monday and Tuesday."""
    thursday = MONDAY + dt.timedelta(3)
    for first, hours in ((2, (16, 24)), (0, (32, 32))):
        past = (shift_before(MONDAY + dt.timedelta(first)),)
        assert asked(problem_of(thursday, 4, past=past)) == [hours]


def test_a_clash_is_of_the_week_s_hours_though_only_others_worked_before():
    thursday = MONDAY + dt.timedelta(3)
    past = (shift_before(MONDAY)._replace(agent_id="A2"),)
    problem = problem_of(thursday, 4, past=past, rules=rules_of(max_days=2))
    other = replace(problem.agents[0], agent_id="A2")
    problem = replace(problem, agents=(*problem.agents, other))
    assert [clash.text for clash in clashes(problem, [0])] == [
        "Agent A1: rule max-days (2 days) and 32 contract hours in the week of "
        "2026-11-02 cannot all be kept; 24 h at most in the week of 2026-11-02"
    ]


@pytest.mark.parametrize(
    ("paid", "unpaid", "hours"), [(0, 2, 24), (0, 7, 0), (5, 2, 0)]
)
def test_a_day_that_is_not_paid_takes_a_usual_day_off_the_hours(paid, unpaid, hours):
    minutes = [480] * paid + [0] * unpaid
    absences = tuple(
        Absence("A1", MONDAY + dt.timedelta(day), "leave", paid_min)
        for day, paid_min in enumerate(minutes)
    )
    assert asked(problem_of(MONDAY, 7, absences=absences)) == [(hours, hours)]


def test_weeks_that_are_cut_off_do_not_break_the_average():
    """48 hours: from Thursday on a share of 27.4, so no fourth shift."""
    contract = replace(EIGHT, weekly_min=2880)
    thursday = MONDAY + dt.timedelta(3)
    assert asked(problem_of(thursday, 11, contract)) == [(24, 32), (48, 48)]
    rules = rules_of(week_average=48)
    assert asked(problem_of(thursday, 11, contract, rules=rules))[0] == (24, 24)


def test_contracts_above_what_the_rules_allow_a_week_are_refused():
    rules = rules_of(week_average=48, minor_week=40)
    long = replace(EIGHT, name="C50", weekly_min=3000)
    young = replace(EIGHT, name="Y42", weekly_min=2520, minor=True)
    refuse_long_weeks([EIGHT, replace(long, weekly_min=2880)], rules)
    with pytest.raises(ConfigError) as error:
        refuse_long_weeks([long, young], rules)
    remedy = "Lower it, or change the rule in a file of your own: [roster] rules."
    assert str(error.value).split("\n") == [
        "contracts.toml: contracts.C50.weekly_h must be at most 48 by the rule "
        f"week-average, but is 50. {remedy}",
        "contracts.toml: contracts.Y42.weekly_h must be at most 40 by the rule "
        f"minor-week, but is 42. {remedy}",
    ]


def test_hours_that_no_shifts_make_are_told():
    contract = replace(EIGHT, name="C38", weekly_min=2310)
    assert supply_faults(problem_of(MONDAY, 7, contract))[0] == (
        "contract C38: 38.5 h a week, its shifts make 32"
    )
    thursday = MONDAY + dt.timedelta(3)
    told = supply_faults(problem_of(thursday, 4, hours=range(8, 20)))
    assert told[0].startswith(f"week of {MONDAY}: 48 h at work are needed")


def test_any_four_weekends_are_looked_at_and_what_is_not_known_is_free():
    rules = rules_of(free_weekends=1, sundays=2)
    december = problem_of(dt.date(2026, 12, 1), 31, rules=rules)
    ends = {most: [] for most in (2, 3)}
    for found, most in worked_ends(december):
        ends[most].append(found)
    assert ends[3] == [[(4, 5), (11, 12), (18, 19), (25, 26)]]
    sundays = [(5,), (12,), (19,), (26,)]
    assert ends[2] == [sundays[:3], sundays, sundays[1:]]
    january = problem_of(
        dt.date(2027, 1, 1),
        3,
        rules=rules_of(free_weekends=1),
        past=(shift_before(dt.date(2026, 12, 12)),),
    )
    assert list(worked_ends(january)) == [
        ([(-20, -19), (-13, -12), (-6, -5), (1, 2)], 3)
    ]


def test_a_weekend_is_free_though_the_roster_before_has_worked_three():
    contract = replace(EIGHT, weekly_min=480)
    past = tuple(shift_before(dt.date(2026, 12, day)) for day in (6, 13, 20))
    problem = problem_of(
        dt.date(2026, 12, 25),
        3,
        contract,
        rules=rules_of(free_weekends=1),
        past=past,
        open_on=(5, 6),
    )
    free = replace(problem, past=past[1:])
    for each, shifts in ((problem, 0), (free, 1)):
        assert len(solve_small(each, effort=0.1).duties) == shifts
        cells = cells_of(each)
        work, _ = solve_days_off(each, cells, solve_heads(each, cells), effort=0.1)
        assert (work >= 0).sum() == shifts


def test_a_break_that_is_too_short_does_not_end_a_stretch_of_work():
    kind = Kind(240, (Break(5, paid=True),))
    contract = Contract("PT4", 1200, (kind,))
    for length, there in ((0, True), (15, False)):
        rules = rules_of(screen_break=120, screen_break_length=length)
        assert bool(break_patterns(kind, contract, rules, 5)) == there


def test_hours_from_22_on_are_hours_of_the_night():
    contract = replace(EIGHT, kinds=(Kind(540),))
    asks = {"hours": range(24), "rules": rules_of(night=8)}
    shifts = shifts_for(problem_of(MONDAY, 3, contract, **asks), contract, None, 0)
    assert [shift.start for shift in shifts] == list(range(3, 16))
