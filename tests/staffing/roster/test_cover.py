"""Head-counts and day covers: counts kept, costs recounted, bounds that hold."""

from dataclasses import replace
from itertools import combinations_with_replacement

import numpy as np
import pytest
from bench.roster_case import CONTRACTS, generated_case, hard_case
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing.roster.cells import cells_of
from staffing.roster.columns import columns_of
from staffing.roster.cover import solve_day
from staffing.roster.heads import solve_heads
from staffing.roster.problem import Duty, Step
from staffing.roster.shifts import shifts_for
from staffing.roster.team import Agent, Band
from staffing.roster.weekly import week_hours


@pytest.fixture(scope="module")
def month():
    problem = generated_case(24, 10)
    return problem, cells_of(problem)


@pytest.fixture(scope="module")
def heads(month):
    return solve_heads(*month)


def nobody(problem):
    return np.zeros_like(problem.need.units)


def duties_of(cover, day):
    return tuple(
        Duty(0, day, group, shift)
        for _, group, shift, people in cover.counts
        for _ in range(people)
    )


def test_cells_hold_every_agent_once_and_only_alike_ones():
    problem = hard_case(generated_case(24, 7), both=4, wishes=10)
    cells = cells_of(problem)
    assert sorted(a for cell in cells for a in cell.agents) == list(range(24))
    for cell in cells:
        names = tuple(problem.need.groups[g] for g in cell.groups)
        alike = {
            (a.contract, a.groups, a.bands)
            for a in (problem.agents[i] for i in cell.agents)
        }
        assert alike == {(cell.contract, names, cell.bands)}


def test_heads_keep_the_hours_of_each_week_and_the_people_of_each_day(month, heads):
    problem, cells = month
    for number, cell in enumerate(cells):
        people, paid = list(cell.agents), cell.contract.kinds[0].paid_min
        for week in week_hours(problem):
            minutes = paid * heads.counts[list(week.days), number].sum()
            assert week.low[people].sum() <= minutes <= week.high[people].sum()
        for day in range(problem.horizon.days):
            free = sum(problem.can_work(a, day) for a in people)
            assert 0 <= heads.counts[day, number].sum() <= free


def test_a_day_uses_its_people_and_costs_what_its_duties_cost(month, heads):
    problem, cells = month
    cover = solve_day(
        problem, cells, heads.counts[0], 0, standing=nobody(problem), effort=0.1
    )
    used = np.zeros_like(heads.counts[0])
    for cell, _, shift, people in cover.counts:
        used[cell, shift.kind] += people
        assert shift in shifts_for(problem, cells[cell].contract, cells[cell].bands, 0)
    np.testing.assert_array_equal(used, heads.counts[0])
    rest = problem.need.cost(nobody(problem)) - 2 * problem.need.units[0, :28].sum()
    assert cover.stage.bound <= cover.stage.value
    assert (
        problem.need.cost(problem.presence(duties_of(cover, 0)))
        == cover.stage.value + rest
    )


def test_no_month_costs_less_than_the_bound_of_its_heads(month, heads):
    problem, cells = month
    covers = [
        solve_day(problem, cells, counts, day, standing=nobody(problem), effort=0.1)
        for day, counts in enumerate(heads.counts)
    ]
    assert heads.bound <= sum(cover.stage.value for cover in covers)


def test_same_seed_same_cover(month, heads):
    problem, cells = month
    covers = [
        solve_day(
            problem,
            cells,
            heads.counts[1],
            1,
            standing=nobody(problem),
            seed=3,
            effort=0.05,
        )
        for _ in range(2)
    ]
    assert covers[0] == covers[1]


@settings(max_examples=10)
@given(
    needed=st.lists(st.integers(0, 6), min_size=28, max_size=28),
    steps=st.sampled_from([((2,),), ((1,), (5,))]),
)
def test_two_people_are_placed_as_well_as_any_way_of_placing_them(needed, steps):
    problem = generated_case(2, 1)
    units = np.array([needed])
    need = replace(
        problem.need,
        units=units,
        steps=tuple(
            Step(np.ones_like(units), np.full_like(units, c)) for (c,) in steps
        ),
    )
    pair = tuple(Agent(name, CONTRACTS["PT4"], ("all",)) for name in "AB")
    problem = replace(problem, agents=pair, need=need, absences=())
    cells = cells_of(problem)
    cover = solve_day(
        problem, cells, np.array([[2]]), 0, standing=nobody(problem), effort=0.1
    )
    shifts = columns_of(problem, cells, 0).units.toarray()
    best = min(
        need.cost((a + b)[None]) for a, b in combinations_with_replacement(shifts, 2)
    )
    assert cover.stage.bound <= best == cover.stage.value


def test_people_in_two_groups_are_counted_once_and_stand_where_they_are_short():
    problem = hard_case(generated_case(24, 7), both=6, wishes=10)
    cells = cells_of(problem)
    heads = np.array([[len(cell.agents)] for cell in cells])
    cover = solve_day(problem, cells, heads, 0, standing=nobody(problem), effort=0.1)
    used = np.zeros_like(heads)
    for cell, group, shift, people in cover.counts:
        used[cell, shift.kind] += people
        assert group in cells[cell].groups
    np.testing.assert_array_equal(used, heads)


def test_what_stands_already_is_not_covered_again(month):
    problem, cells = month
    heads = np.array([[1] for _ in cells])
    full = solve_day(problem, cells, heads, 0, standing=problem.need.units, effort=0.05)
    work = sum(cell.contract.kinds[0].work_min // 15 for cell in cells)
    assert full.stage.value == work * problem.need.over


def test_a_kind_that_fits_nowhere_is_left_out(month):
    problem, cells = month
    closed = replace(
        problem.need,
        starts=problem.need.starts[28:],
        units=problem.need.units[:, 28:],
        steps=(
            Step(
                problem.need.steps[0].units[:, 28:], problem.need.steps[0].cost[:, 28:]
            ),
        ),
    )
    problem = replace(problem, need=closed)
    cover = solve_day(
        problem, cells, np.array([[1] for _ in cells]), 0, standing=nobody(problem)
    )
    assert (cover.counts, cover.stage.value) == ((), 0.0)


def test_weeks_ask_for_the_contract_less_leave_and_for_a_share_where_cut_off():
    problem = generated_case(8, 9)  # a week and two days
    whole, rest = week_hours(problem)
    for number, agent in enumerate(problem.agents):
        day = agent.contract.weekly_min // 5
        away = sum(problem.away.get((number, d), 0) for d in range(7))
        assert (
            whole.low[number] == whole.high[number] == agent.contract.weekly_min - away
        )
        if not any((number, d) in problem.away for d in (7, 8)):
            assert (rest.low[number], rest.high[number]) == (day, 2 * day)


def test_hours_that_bands_do_not_allow_are_not_asked_of_the_heads():
    problem = generated_case(4, 7)
    monday = (Band(0, 480, 1320),)
    agents = tuple(replace(agent, bands=monday) for agent in problem.agents)
    problem = replace(problem, agents=agents, absences=())
    counts = solve_heads(problem, cells_of(problem)).counts
    assert counts.sum(axis=(1, 2)).tolist() == [4, 0, 0, 0, 0, 0, 0]
