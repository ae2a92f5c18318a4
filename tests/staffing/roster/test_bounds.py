"""What the last stage says of a roster: the cost of its cover, and a true bound."""

import datetime as dt
from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from reference.small_teams import SATURDAY, SHIFT_MIN, rules_of

from staffing.roster.problem import Horizon, Need, Problem, Step
from staffing.roster.rules import Rule, Rules
from staffing.roster.solve import solve_roster
from staffing.roster.team import Agent, Band, Contract, Kind, Request

WEIGHT = 3.0


def team(first, days, hours, contract, bands=None):
    """Two people where one is needed at these hours."""
    horizon = Horizon("Europe/Rome", first, days, slot_min=60)
    starts = [horizon.slot(day, 60 * hour) for day in range(days) for hour in hours]
    units = np.ones((1, len(starts)), dtype=np.int64)
    need = Need(("all",), np.array(starts), 1, units, (Step(units, 2 * units),))
    agents = tuple(Agent(name, contract, ("all",), bands) for name in ("A1", "A2"))
    return Problem(agents, horizon, need, rules_of(daily_rest=11))


@pytest.mark.parametrize("small", [True, False])
def test_there_is_no_bound_where_hours_are_not_kept(small):
    """Five days of eight hours are owed; late and early ones take turns, 8 h apart."""
    contract = Contract("FT", 2400, (Kind(480),), 60, screen=False)
    bands = tuple(
        Band(day, *((840, 1320) if day % 2 == 0 else (360, 840))) for day in range(6)
    )
    problem = team(dt.date(2027, 2, 1), 7, range(6, 22), contract, bands)
    solution = solve_roster(problem, effort=0.02, small=small)
    assert len(solution.unkept) == 2
    last = solution.stages[-1]
    assert last.value == problem.need.cost(problem.presence(solution.duties))
    assert isnan(last.bound)


def test_a_refused_wish_costs_nothing_of_the_cover():
    """Both owe a shift of the only morning; A1 would like to have it off."""
    contract = Contract("PT28", 1680, (Kind(SHIFT_MIN),), 240, screen=False)
    wishes = Rule("wishes", 1.0, "", "", True, False, WEIGHT)
    problem = replace(
        team(SATURDAY, 1, range(8, 12), contract),
        rules=Rules("test", {"wishes": wishes}),
        requests=(Request("A1", SATURDAY, None, True, 1.0),),
    )
    joint, last = solve_roster(problem).stages
    assert joint.value == joint.bound == 4 + WEIGHT  # four hours to spare
    assert last.value == last.bound == 4
