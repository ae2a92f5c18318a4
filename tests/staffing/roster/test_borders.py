"""Nights over the first and the last midnight of a roster."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from reference.small_teams import rules_of

from staffing.roster.explain import supply_faults
from staffing.roster.problem import Horizon, Need, Problem, Step
from staffing.roster.shifts import shifts_for
from staffing.roster.solve import solve_roster
from staffing.roster.team import Agent, Band, Break, Contract, Kind, Past

ROME = "Europe/Rome"
MONDAY = dt.date(2027, 2, 1)
NIGHT = Contract("N8", 2400, (Kind(480, (Break(15, True),) * 3),), 60)
BANDS = tuple(Band(day, 22 * 60, 30 * 60) for day in range(7))
BEFORE = Past(
    "A0",
    MONDAY - dt.timedelta(days=1),
    pd.Timestamp("2027-01-31 22:00", tz=ROME),
    pd.Timestamp("2027-02-01 06:00", tz=ROME),
    480,
    "all",
    (
        (
            pd.Timestamp("2027-02-01 02:00", tz=ROME),
            pd.Timestamp("2027-02-01 02:15", tz=ROME),
        ),
    ),
)


def centre(days, hours, past=()):
    """One is needed at these hours of the clock; two people work nights."""
    horizon = Horizon(ROME, MONDAY, days)
    slots = range(0, horizon.slot(days), 2)
    starts = np.array([slot for slot in slots if horizon.time(slot).hour in hours])
    units = np.full((1, len(starts)), 2)
    need = Need(("all",), starts, 2, units, (Step(units, units),))
    agents = tuple(Agent(name, NIGHT, ("all",), BANDS) for name in ("A0", "A1"))
    return Problem(agents, horizon, need, rules_of(daily_rest=11), past=past)


NIGHTS = {22, 23, *range(6)}


@pytest.mark.parametrize("days", [3, 10])
def test_the_last_night_goes_on_as_long_as_the_nights_before(days):
    problem = centre(days, NIGHTS)
    last = shifts_for(problem, NIGHT, BANDS, days - 1)
    assert {problem.horizon.time(shift.end).hour for shift in last} == {6}
    till_midnight = centre(days, range(8, 24))
    ends = {s.end for s in shifts_for(till_midnight, NIGHT, None, days - 1)}
    assert max(ends) == till_midnight.horizon.slot(days)


def test_who_came_before_midnight_is_there_after_it_but_on_a_break():
    problem = centre(3, NIGHTS, (BEFORE,))
    (there,) = problem.presence(())
    assert there[:13].tolist() == [2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 2, 0]
    assert not there[12:].any()
    assert supply_faults(problem) == ()
    elsewhere = BEFORE._replace(group="other")
    assert not centre(3, NIGHTS, (elsewhere,)).standing.any()


@pytest.mark.parametrize("small", [True, False])
def test_a_roster_counts_who_came_before_midnight(small):
    """The first morning misses a break's unit, not six hours."""
    problem = centre(3, NIGHTS, (BEFORE,))
    whole = solve_roster(problem, effort=0.02, small=small)
    presence = problem.presence(whole.duties)
    assert problem.need.missing(presence)[0, :12].sum() == 1
    last = whole.stages[-1]
    assert last.bound <= last.value == problem.need.cost(presence)
    without = solve_roster(centre(3, NIGHTS), effort=0.02, small=small)
    assert without.stages[-1].bound - last.bound == 2 * 23
