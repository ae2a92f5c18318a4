import datetime as dt
from dataclasses import replace

import numpy as np
from bench.roster_case import CONTRACTS, case_rules, need_of

from staffing.roster.cells import cells_of
from staffing.roster.days_off import solve_days_off
from staffing.roster.heads import Heads
from staffing.roster.problem import Horizon, Problem
from staffing.roster.rules import Rule, Rules
from staffing.roster.solution import Stage
from staffing.roster.team import Absence, Agent, Band, Past, Request

MONDAY = dt.date(2027, 2, 1)
FT8, PT4 = CONTRACTS["FT8"], CONTRACTS["PT4"]


def team_of(people, days, *, contract=FT8, bands=None, **parts):
    """So many people alike; the need is of no account here."""
    horizon = Horizon("Europe/Rome", MONDAY, days)
    need = need_of(["all"], np.ones((1, days, 28)), horizon)
    agents = tuple(Agent(f"A{i}", contract, ("all",), bands) for i in range(people))
    return Problem(agents, horizon, need, parts.pop("rules", case_rules()), **parts)


def with_rule(name, value, *, weight=None):
    rule = Rule(name, value, name, "test", True, weight is None, weight or 0.0)
    return Rules("test", {**case_rules().rules, name: rule})


def days_off(problem, counts):
    heads = Heads(np.array(counts).reshape(-1, 1, 1), 0.0, Stage("heads", 0, 0, 0))
    work, stage = solve_days_off(problem, cells_of(problem), heads)
    return work >= 0, stage


def test_the_head_counts_are_met_where_lines_of_five_days_can_meet_them():
    counts = [6, 6, 6, 6, 5, 3, 3] * 2
    worked, stage = days_off(team_of(7, 14), counts)
    assert worked.sum(axis=0).tolist() == counts
    assert stage.value == 0
    assert (worked.reshape(7, 2, 7).sum(axis=2) == 5).all()


def test_days_in_a_row_go_on_from_the_month_before():
    horizon = Horizon("Europe/Rome", MONDAY, 7)
    past = tuple(
        Past(
            "A0",
            horizon.date(day),
            horizon.time(horizon.slot(day, 600)),
            horizon.time(horizon.slot(day, 1110)),
            480,
        )
        for day in range(-5, 0)
    )
    worked, _ = days_off(team_of(1, 7, past=past), [1, 1, 1, 1, 1, 0, 0])
    assert worked[0, :2].sum() == 1
    assert worked[0].sum() == 5


def test_rules_come_before_the_hours_of_a_contract():
    rules = with_rule("max-days", 1)
    worked, stage = days_off(team_of(1, 7, rules=rules), [1, 1, 1, 1, 1, 0, 0])
    assert worked[0].tolist() == [True, False] * 3 + [True]
    assert stage.value == 3


def test_absent_people_do_not_work_and_their_week_is_shorter():
    absences = (Absence("A0", MONDAY, "leave", 480), Absence("A9", MONDAY, "leave", 0))
    worked, _ = days_off(team_of(1, 7, absences=absences), [1] * 7)
    assert not worked[0, 0]
    assert worked[0].sum() == 4


def test_free_weekends_are_shared_and_one_touched_by_leave_is_not_given():
    saturday = MONDAY + dt.timedelta(days=5)
    problem = team_of(4, 28, absences=(Absence("A0", saturday, "leave", 480),))
    worked, _ = days_off(problem, [3, 3, 3, 3, 3, 2, 2] * 4)
    weekends = ~worked.reshape(4, 4, 7)[:, :, 5:].any(axis=2)
    weekends[0, 0] = False
    given = weekends.sum(axis=1)
    assert given.max() - given.min() <= 1


def test_a_day_off_that_is_wished_is_given_and_one_not_wanted_is_not():
    wishes = tuple(
        Request("A0", MONDAY + dt.timedelta(days=day), None, day < 2, 1.0)
        for day in (0, 1, 5, 6)
    )
    worked, _ = days_off(team_of(2, 7, requests=wishes), [1, 1, 2, 2, 2, 1, 1])
    assert worked[0].tolist() == [False, False] + [True] * 5


def test_no_two_days_between_which_bands_leave_no_rest():
    late, early = Band(0, 18 * 60, 22 * 60), Band(1, 8 * 60, 12 * 60)
    others = tuple(Band(day, 600, 1200) for day in range(2, 7))
    problem = team_of(1, 7, contract=PT4, bands=(late, early, *others))
    worked, _ = days_off(problem, [1, 1, 1, 1, 1, 0, 0])
    assert worked[0, :2].sum() == 1  # 22:00 to 08:00 is 10 hours
    nearer = replace(problem.agents[0], bands=(late._replace(start_min=1020), early))
    worked, _ = days_off(replace(problem, agents=(nearer,)), [1, 1, 0, 0, 0, 0, 0])
    assert worked[0, :2].sum() == 2  # 21:00 to 08:00 is 11


def test_minors_have_their_free_days():
    minor = replace(FT8, minor=True)
    problem = team_of(1, 7, contract=minor, rules=with_rule("minor-free-days", 3))
    worked, _ = days_off(problem, [1] * 7)
    assert worked[0].sum() == 4


def test_a_large_contract_is_solved_in_parts_that_share_the_heads():
    counts = [62, 62, 62, 62, 62, 20, 20] * 2  # 70 people, five days each
    worked, stage = days_off(team_of(70, 14), counts)
    assert stage.value <= 2
    assert (worked.reshape(70, 2, 7).sum(axis=2) == 5).all()
