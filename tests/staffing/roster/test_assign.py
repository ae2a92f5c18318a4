import datetime as dt
from collections import Counter

import numpy as np
from bench.roster_case import CONTRACTS, case_rules, need_of

from staffing.roster.assign import late_slots, solve_starts
from staffing.roster.cells import cells_of
from staffing.roster.cover import DayCover
from staffing.roster.polish import polish
from staffing.roster.problem import Horizon, Problem
from staffing.roster.shifts import shifts_for
from staffing.roster.solution import Stage
from staffing.roster.team import Agent, Past, Request

FT8 = CONTRACTS["FT8"]
MONDAY = dt.date(2027, 2, 1)


def team_of(people, days, *, first=MONDAY, **parts):
    horizon = Horizon("Europe/Rome", first, days)
    need = need_of(["all"], np.ones((1, days, 28)), horizon)
    agents = tuple(Agent(f"A{i}", FT8, ("all",)) for i in range(people))
    return Problem(agents, horizon, need, case_rules(), **parts)


def shift_at(problem, day, hour):
    start = problem.horizon.slot(day, round(60 * hour))
    every = shifts_for(problem, FT8, None, day)
    return next(shift for shift in every if shift.start == start)


def assigned(problem, *hours):
    """Starts of each agent and day, from the hours at which each day has shifts."""
    covers = [
        DayCover(
            tuple((0, 0, shift_at(problem, day, hour), 1) for hour in starts),
            Stage("cover", 0, 0, 0),
        )
        for day, starts in enumerate(hours)
    ]
    work = np.full((len(problem.agents), len(hours)), -1)
    for day, starts in enumerate(hours):
        work[: len(starts), day] = 0
    return solve_starts(problem, cells_of(problem), work, covers)


def starts(problem, duties):
    found = {}
    for duty in duties:
        time = problem.horizon.time(duty.shift.start)
        found[duty.agent, duty.day] = time.hour + time.minute / 60
    return found


def test_every_shift_of_a_cover_is_somebodys():
    problem = team_of(4, 3)
    hours = [(8, 8, 10, 13.5), (9, 9.5, 11, 13), (8, 10, 12)]
    duties = assigned(problem, *hours)
    for day, wanted in enumerate(hours):
        given = [h for (_, d), h in starts(problem, duties).items() if d == day]
        assert Counter(given) == Counter(map(float, wanted))


def test_who_ends_late_does_not_start_early():
    problem = team_of(2, 2)
    found = starts(problem, assigned(problem, (8, 13.5), (8, 13.5)))
    assert found[0, 0] == found[0, 1]  # 22:00 to 08:00 would be 10 hours


def test_the_last_shift_before_the_month_counts():
    horizon = Horizon("Europe/Rome", MONDAY, 1)
    end = horizon.time(-8)  # 22:00
    past = Past(
        "A0", MONDAY - dt.timedelta(days=1), end - dt.timedelta(hours=8.5), end, 480
    )
    problem = team_of(2, 1, past=(past,))
    assert starts(problem, assigned(problem, (8, 9))) == {(0, 0): 9, (1, 0): 8}


def test_the_night_in_which_clocks_go_forward_is_an_hour_shorter():
    problem = team_of(2, 2, first=dt.date(2027, 3, 27))
    found = starts(problem, assigned(problem, (13.5, 12.5), (9, 10)))
    late = next(agent for agent in (0, 1) if found[agent, 0] == 13.5)
    assert found[late, 1] == 10  # 22:00 to 09:00 is 10 hours


def test_wishes_decide_where_the_cover_does_not():
    wish = Request("A1", MONDAY, (480, 1020), False, 1.0)
    problem = team_of(3, 1, requests=(wish,))
    assert starts(problem, assigned(problem, (13, 12, 8)))[1, 0] == 8


def test_starts_stay_within_the_week():
    problem = team_of(3, 5)
    found = starts(problem, assigned(problem, *[(8, 10, 12)] * 5))
    for agent in range(3):
        assert len({found[agent, day] for day in range(5)}) == 1


def test_late_is_within_two_hours_of_the_end():
    problem = team_of(1, 2)
    assert late_slots(problem).tolist() == [20 * 4, 44 * 4]


def test_polish_mends_rest_and_keeps_days():
    problem = team_of(1, 2)
    duties = assigned(problem, (13.5,), (8,))
    polished = polish(problem, cells_of(problem), duties)
    rest = polished[1].shift.start - polished[0].shift.end
    assert rest >= 44
    assert [duty.day for duty in polished] == [0, 1]


def test_polish_leaves_out_what_no_start_can_mend():
    end = Horizon("Europe/Rome", MONDAY, 1).time(30)  # 07:30: no start before 18:30
    past = Past(
        "A0", MONDAY - dt.timedelta(days=1), end - dt.timedelta(hours=8.5), end, 480
    )
    problem = team_of(1, 1, past=(past,))
    duties = assigned(problem, (8,))
    assert len(duties) == 1
    assert polish(problem, cells_of(problem), duties) == ()


def test_polish_never_costs_more_where_rest_is_kept():
    problem = team_of(4, 3)
    duties = assigned(problem, *[(8, 8, 8, 8.5)] * 3)
    polished = polish(problem, cells_of(problem), duties)
    cost = [problem.need.cost(problem.presence(d)) for d in (duties, polished)]
    assert cost[1] < cost[0]  # four at once, and nobody in the evening
    assert [(d.agent, d.day) for d in polished] == [(d.agent, d.day) for d in duties]
