import pytest
from bench.roster_case import generated_case, hard_case

from staffing.roster.solve import solve_roster
from staffing.roster.table import roster_table
from staffing.roster.team import Team
from staffing.roster.verify import verify_roster

QUICK = 0.02
EASY = generated_case(people=21, days=9)


def violations(problem, solution):
    return verify_roster(
        roster_table(problem, solution.duties),
        Team(problem.agents, problem.absences, problem.requests, problem.past),
        problem.rules,
        first=problem.horizon.first,
        days=problem.horizon.days,
        timezone=problem.horizon.timezone,
    )


@pytest.fixture(scope="module")
def easy_solution():
    return solve_roster(EASY, effort=QUICK)  # one person too many for one model


def test_a_roster_keeps_every_rule_and_costs_no_less_than_its_bound(easy_solution):
    assert easy_solution.unkept == ()
    assert violations(EASY, easy_solution) == ()
    whole = easy_solution.stages[-1]
    assert whole.value == EASY.need.cost(EASY.presence(easy_solution.duties))
    assert whole.bound <= whole.value


def test_the_same_seed_gives_the_same_roster_and_tells_each_step(easy_solution):
    steps = []
    again = solve_roster(EASY, effort=QUICK, progress=lambda *step: steps.append(step))
    assert again == easy_solution
    assert [done for _, done, _ in steps] == list(range(13))
    assert steps[0] == ("head-counts", 0, 13)
    assert steps[2] == ("shifts of 2027-02-01", 2, 13)
    assert steps[-1] == ("polish", 12, 13)


def test_bands_groups_wishes_and_the_month_before_are_kept():
    problem = hard_case(EASY, wishes=30, both=4)
    solution = solve_roster(problem, effort=QUICK)
    assert violations(problem, solution) == ()
