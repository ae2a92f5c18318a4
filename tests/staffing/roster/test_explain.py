"""What cannot work, and what would help, on teams small enough to reckon by hand."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from reference.small_teams import rules_of

from staffing.roster.clashes import clashes
from staffing.roster.explain import supply_faults
from staffing.roster.prices import prices
from staffing.roster.problem import Duty, Horizon, Need, Problem, Shift, Step
from staffing.roster.team import Absence, Agent, Band, Break, Contract, Kind

MONDAY = dt.date(2026, 3, 2)
HOURS = range(8, 20)
EIGHT = Contract(
    "FT8", 2400, (Kind(540, (Break(60, False),)),), start_every_min=60, screen=False
)
FOUR = Contract("PT4", 1200, (Kind(240),), start_every_min=60, screen=False)
RULES = rules_of(daily_rest=11, max_days=6, week_average=48)


def problem_of(*agents, needed=1, rules=RULES, absences=(), groups=("all",)):
    """A week from Monday, 08:00 to 20:00, in slots and intervals of an hour."""
    horizon = Horizon("Europe/Rome", MONDAY, 7, slot_min=60)
    starts = np.array([horizon.slot(d, 60 * h) for d in range(7) for h in HOURS])
    units = np.full((len(groups), len(starts)), needed)
    step = Step(np.ones_like(units), np.full_like(units, 2))
    need = Need(tuple(groups), starts, 1, units, (step,))
    return Problem(agents, horizon, need, rules, tuple(absences))


def leave(name, *days):
    """Days of leave of which an hour each is paid."""
    return [Absence(name, MONDAY + dt.timedelta(d), "leave", 60) for d in days]


def test_what_the_team_cannot_give_is_told_by_week_and_group():
    problem = problem_of(
        Agent("A1", FOUR, ("sales",)), needed=1, groups=("sales", "help")
    )
    assert supply_faults(problem) == (
        "week of 2026-03-02: 168 h at work are needed, contracts less absences and "
        "breaks give 20",
        "week of 2026-03-02: 84 h at work are needed for sales, contracts less "
        "absences and breaks give 20",
        "week of 2026-03-02: 84 h at work are needed for help, contracts less "
        "absences and breaks give 0",
        "help: no agent answers it",
    )


def test_times_at_which_nobody_may_work_are_told():
    bands = tuple(Band(day, 8 * 60, (19 if day else 18) * 60) for day in range(7))
    team = [Agent(f"A{n}", FOUR, ("all",), bands) for n in range(5)]
    told = supply_faults(problem_of(*team))
    assert told[0] == "all: nobody may work on 2026-03-02 18:00-20:00"
    assert told[6] == "all: nobody may work on 2026-03-08 19:00-20:00"
    assert len(told) == 7


def test_a_team_that_is_enough_has_no_faults():
    team = [Agent(f"A{n}", FOUR, ("all",)) for n in range(5)]
    assert supply_faults(problem_of(*team)) == ()


def test_a_clash_is_told_with_all_that_is_part_of_it_and_nothing_else():
    problem = problem_of(
        Agent("A1", FOUR, ("all",)),
        Agent("A2", FOUR, ("all",), tuple(Band(d, 480, 780) for d in range(5))),
        rules=rules_of(daily_rest=11, max_days=3, free_day=35),
        absences=leave("A1", 4, 5, 6),
    )
    assert [clash.text for clash in clashes(problem)] == [
        "Agent A1: rule max-days (3 days), 3 days of leave in the week of 2026-03-02 "
        "and 16 contract hours in the week of 2026-03-02 cannot all be kept; 12 h at "
        "most in the week of 2026-03-02",
        "Agent A2: rule max-days (3 days), the fixed bands and 20 contract hours in "
        "the week of 2026-03-02 cannot all be kept; 16 h at most in the week of "
        "2026-03-02",
    ]


def test_each_part_of_a_clash_is_needed():
    problem = problem_of(
        Agent("A2", FOUR, ("all",), tuple(Band(d, 480, 780) for d in range(5))),
        rules=rules_of(max_days=2),
    )
    assert len(clashes(problem)) == 1
    without_rule = replace(problem, rules=rules_of())
    without_bands = replace(problem, agents=(Agent("A2", FOUR, ("all",)),))
    part_time = replace(FOUR, weekly_min=480)
    agent = replace(problem.agents[0], contract=part_time)
    fewer = replace(problem, agents=(agent,))
    assert clashes(without_rule) == clashes(without_bands) == clashes(fewer) == ()


def test_one_more_contract_and_time_off_are_priced_by_what_they_save():
    """Nobody in the morning of the Mondays, two in the afternoon of Tuesday."""
    problem = problem_of(Agent("A1", FOUR, ("all",)), Agent("A2", FOUR, ("all",)))
    need = problem.need
    wanted = np.zeros_like(need.units)
    wanted[0, :4] = 1  # Monday 08:00-12:00
    problem = replace(problem, need=replace(need, units=wanted))
    afternoon = problem.horizon.slot(1, 15 * 60)
    duties = [Duty(n, 1, 0, Shift(0, afternoon, afternoon + 4)) for n in (0, 1)]
    told = {price.text: price for price in prices(problem, duties)}
    more = told["one more PT4 on Mondays 08:00-12:00 removes 4 missing h"]
    assert (more.gain, more.missing_h, more.spare_h) == (8, 4.0, 0.0)
    extra = told[
        "an extra PT4 shift on 2026-03-02 08:00-12:00 by A1 or A2 removes 4 missing h"
    ]
    assert extra.gain == 8
    off = told["time off for A1 or A2 on 2026-03-03 15:00-19:00 removes 4 spare h"]
    assert (off.gain, off.missing_h, off.spare_h) == (4, 0.0, 4.0)
    assert next(iter(told)) == extra.text
    assert len(told) == 3


@pytest.mark.parametrize(
    ("people", "named"),
    [(1, "A0"), (5, "A0, A1, A2, A3 or A4"), (6, "A0, A1, A2, A3 or 2 others")],
)
def test_an_extra_shift_has_one_price_whoever_would_work_it(people, named):
    """All would save the same, though their fixed bands differ."""
    agents = [
        Agent(f"A{n}", FOUR, ("all",), (Band(0, 480, 720 + n),)) for n in range(people)
    ]
    texts = [price.text for price in prices(problem_of(*agents), [])]
    assert [text for text in texts if text.startswith("an extra")] == [
        f"an extra PT4 shift on 2026-03-02 08:00-12:00 by {named} removes 4 missing h"
    ]
