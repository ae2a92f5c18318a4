"""Small teams against every roster there is, tried one by one."""

import os

import pytest
from hypothesis import given, settings
from reference.small_teams import lawful_lines, least_cost, problems, verified

from staffing.roster.clashes import clashes
from staffing.roster.sequence import solve_small

MANY = int(os.environ.get("STAFFCAST_BENCH_TEAMS", "1000"))


def assert_best_or_explained(problem):
    solution = solve_small(problem)
    lines = [lawful_lines(problem, agent) for agent in range(len(problem.agents))]
    broken = verified(problem, solution.duties)
    stuck = {
        agent.agent_id
        for agent, own in zip(problem.agents, lines, strict=True)
        if not own
    }
    assert {(v.agent_id, v.rule) for v in broken} == {(s, "week-hours") for s in stuck}
    explained = {clash.agent_id for clash in clashes(problem)}
    assert stuck <= explained
    assert {text[:2] for text in solution.unkept} == explained
    if not stuck:
        cost = problem.need.cost(problem.presence(solution.duties))
        assert cost == solution.stages[0].bound == least_cost(problem, lines)


@given(problems())
@settings(max_examples=20)
def test_a_small_team_is_best_or_explained(problem):
    assert_best_or_explained(problem)


@pytest.mark.bench
@given(problems())
@settings(max_examples=MANY)
def test_many_small_teams_are_best_or_explained(problem):
    assert_best_or_explained(problem)


@given(problems())
@settings(max_examples=2)
def test_the_same_seed_gives_the_same_roster(problem):
    assert solve_small(problem, seed=3) == solve_small(problem, seed=3)
