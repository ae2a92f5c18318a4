"""Published rosters mended: nothing without need, little with it, all by the rules."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.small_teams import (
    SATURDAY,
    SHIFT_MIN,
    duties_of,
    problems,
    rules_of,
    verified,
)

from staffing.roster.problem import Horizon, Need, Problem, Step
from staffing.roster.repair import changes_of, repair
from staffing.roster.sequence import solve_small
from staffing.roster.team import Absence, Agent, Contract, Kind


@given(problems(), st.data())
@settings(max_examples=8)
def test_a_mended_roster_keeps_the_rules_and_costs_no_more_than_the_hole(problem, data):
    duties = solve_small(problem).duties
    if not duties:
        return
    sick = data.draw(st.sampled_from(duties))
    absence = Absence(
        problem.agents[sick.agent].agent_id,
        problem.horizon.date(sick.day),
        "sickness",
        240,
    )
    now = replace(problem, absences=(*problem.absences, absence))
    mended = repair(now, duties, from_day=sick.day)
    after = mended.solution.duties
    left = tuple(duty for duty in duties if duty != sick)
    assert now.need.cost(now.presence(after)) <= now.need.cost(now.presence(left))
    assert [d for d in after if d.day < sick.day] == [
        d for d in duties if d.day < sick.day
    ]
    assert mended.changes == tuple(changes_of(duties, after))
    known = {*verified(problem, duties), *verified(now, left)}
    assert set(verified(now, after)) <= known


def test_two_changes_are_made_where_they_save_more_than_they_cost():
    """A1 alone was there on Saturday morning; A2's spare afternoon can be moved."""
    problem = morning_and_afternoon()
    duties = (duty(problem, 0, 8), duty(problem, 1, 12))
    away = Absence("A1", problem.horizon.date(0), "sickness", 240)
    now = replace(problem, absences=(away,))
    mended = repair(now, duties, from_day=0)
    assert mended.solution.duties == (duty(problem, 1, 8),)
    assert [(c.agent, c.day) for c in mended.changes] == [(0, 0), (1, 0)]
    assert mended.changes[0].after is None
    too_dear = repair(now, duties, from_day=0, change_cost=1000)
    assert too_dear.solution.duties == duties[1:]
    assert repair(now, duties, from_day=1).solution.duties == duties[1:]


def test_nothing_changes_where_nothing_happened():
    problem = morning_and_afternoon()
    duties = (duty(problem, 0, 8), duty(problem, 1, 12))
    assert repair(problem, duties, from_day=0).changes == ()


def test_a_new_need_is_mended_though_a_shift_fell_away_before_the_first_day():
    problem = morning_and_afternoon(days=2)
    duties = (duty(problem, 0, 12), duty(problem, 1, 12, day=1))
    away = Absence("A1", problem.horizon.date(0), "sickness", 240)
    now = replace(problem, absences=(away,))
    mended = repair(now, duties, from_day=1)
    assert mended.solution.duties == (duty(problem, 1, 8, day=1),)


def test_every_day_of_a_long_sickness_is_mended():
    problem = morning_and_afternoon(days=16)
    days = range(16)
    duties = tuple(duty(problem, n, (8, 12)[n], day) for n in (0, 1) for day in days)
    absences = (Absence("A1", problem.horizon.date(d), "sickness", 240) for d in days)
    mended = repair(replace(problem, absences=tuple(absences)), duties, from_day=0)
    assert mended.solution.duties == tuple(duty(problem, 1, 8, day) for day in days)


def morning_and_afternoon(days=1):
    """One wanted on the morning of Saturday (and days after), and two people for it."""
    horizon = Horizon("Europe/Rome", SATURDAY, days, slot_min=60)
    contract = Contract("PT28", 1680, (Kind(SHIFT_MIN),), 240, screen=False)
    starts = [horizon.slot(day, 60 * h) for day in range(days) for h in range(8, 16)]
    units = np.array([[1, 1, 1, 1, 0, 0, 0, 0] * days])
    step = Step(np.ones_like(units), np.full_like(units, 2))
    return Problem(
        tuple(Agent(name, contract, ("all",)) for name in ("A1", "A2")),
        horizon,
        Need(("all",), np.array(starts), 1, units, (step,)),
        rules_of(daily_rest=11),
    )


def duty(problem, agent, hour, day=0):
    return duties_of(problem, agent, [*[None] * day, hour])[0]
