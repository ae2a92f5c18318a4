import pytest
from bench.roster_case import generated_case, hard_case
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from staffing.roster.solve import solve_roster
from staffing.roster.table import roster_table
from staffing.roster.team import Team
from staffing.roster.verify import verify_roster

QUICK = 0.02


def violations(problem, solution):
    return verify_roster(
        roster_table(problem, solution.duties),
        Team(problem.agents, problem.absences, problem.requests, problem.past),
        problem.rules,
        first=problem.horizon.first,
        days=problem.horizon.days,
        timezone=problem.horizon.timezone,
    )


@settings(max_examples=2, phases=[Phase.generate])
@given(seed=st.integers(0, 99))
def test_a_roster_keeps_every_rule_and_costs_no_less_than_its_bound(seed):
    problem = generated_case(people=21, days=9, seed=seed)
    solution = solve_roster(problem, effort=QUICK, small=False)
    assert solution.unkept == ()
    assert violations(problem, solution) == ()
    whole = solution.stages[-1]
    assert whole.value == problem.need.cost(problem.presence(solution.duties))
    assert whole.bound <= whole.value


@pytest.fixture(scope="module")
def hard():
    return hard_case(generated_case(people=21, days=9), wishes=30, both=4)


@pytest.fixture(scope="module")
def hard_solution(hard):
    return solve_roster(hard, effort=QUICK, small=False)


def test_bands_groups_wishes_and_the_month_before_are_kept(hard, hard_solution):
    assert violations(hard, hard_solution) == ()


def test_the_same_seed_gives_the_same_roster(hard, hard_solution):
    steps = []
    again = solve_roster(
        hard, effort=QUICK, small=False, progress=lambda *step: steps.append(step)
    )
    assert again == hard_solution
    assert [done for _, done, _ in steps] == list(range(13))
    assert steps[0] == ("head-counts", 0, 13)
    assert steps[-1] == ("polish", 12, 13)
