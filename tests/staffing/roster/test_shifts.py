"""Legal shifts of a day, counted by hand and held against their rules."""

import datetime as dt
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from bench.roster_case import CONTRACTS, case_rules, generated_case, need_of

from staffing.roster.problem import Horizon, Need, Problem, Step
from staffing.roster.rules import Rule, Rules
from staffing.roster.shifts import shifts_for
from staffing.roster.team import Agent, Band, Break, Contract, Kind

NIGHT = Contract("night", 2400, (Kind(480, (Break(15, True),) * 3),))


def problem_of(contract, *, first=dt.date(2026, 3, 28), days=3, rules=None):
    """Somebody needed at any hour of the days."""
    horizon = Horizon("Europe/Rome", first, days)
    starts = np.arange(0, horizon.slot(days), 2)
    units = np.full((1, len(starts)), 2)
    need = Need(("all",), starts, 2, units, (Step(units, units),))
    agents = (Agent("A1", contract, ("all",)),)
    return Problem(agents, horizon, need, rules or case_rules())


@pytest.mark.parametrize(("name", "shifts"), [("FT8", 120), ("PT6", 102), ("PT4", 42)])
def test_reference_contracts_have_as_many_shifts_as_counted_by_hand(name, shifts):
    # 60 to 120 min of work between breaks: 10, 6 and 2 ways to place them, from
    # 12, 17 and 21 starts that end by 22:00.
    found = shifts_for(generated_case(4, 1), CONTRACTS[name], None, 0)
    assert len(found) == len(set(found)) == shifts


@pytest.mark.parametrize("name", ["FT8", "PT6", "PT4"])
def test_every_shift_keeps_its_breaks_their_order_and_the_limits_of_work(name):
    problem, kind = generated_case(4, 1), CONTRACTS[name].kinds[0]
    for shift in shifts_for(problem, CONTRACTS[name], None, 0):
        lengths = [(15 * (end - start), paid) for start, end, paid in shift.breaks]
        assert lengths == [(b.minutes, b.paid) for b in kind.breaks]
        edges = [shift.start, *(e for b in shift.breaks for e in b[:2]), shift.end]
        work = [15 * (b - a) for a, b in zip(edges[::2], edges[1::2], strict=True)]
        assert min(work) >= 60
        assert max(work) <= 120
        assert sum(work) == kind.work_min


def test_shifts_lie_within_a_band_of_their_weekday():
    bands = (Band(0, 600, 1020), Band(1, 840, 1320))
    problem = generated_case(4, 3)  # from a Monday on
    starts = {
        day: {
            s.start - problem.horizon.slot(day)
            for s in shifts_for(problem, CONTRACTS["PT6"], bands, day)
        }
        for day in range(3)
    }
    assert starts == {0: {40, 42, 44}, 1: {56, 58, 60, 62, 64}, 2: set()}


def test_a_night_of_the_clock_change_is_as_long_as_the_time_that_passes():
    for first, hours in ((dt.date(2026, 3, 28), 7), (dt.date(2026, 10, 24), 9)):
        problem = problem_of(NIGHT, first=first)
        late = [s for s in shifts_for(problem, NIGHT, None, 0) if s.start == 4 * 22]
        assert late
        assert {s.end - s.start for s in late} == {32}
        end = problem.horizon.time(late[0].end)
        clock = 22 + 8 + (8 - hours)  # an hour later by the clock in spring
        assert (end.hour, end.minute) == (clock % 24, 0)


def test_a_start_that_clocks_skip_is_there_once_and_one_that_comes_twice_once():
    for first in (dt.date(2026, 3, 29), dt.date(2026, 10, 25)):
        problem = problem_of(NIGHT, first=first)
        found = shifts_for(problem, NIGHT, None, 0)
        assert max(Counter(found).values()) == 1
        clocks = {problem.horizon.time(s.start).strftime("%H:%M") for s in found}
        assert ("02:30" in clocks) == (first.month == 10)


def test_a_closed_day_has_no_shift_and_no_shift_passes_the_last_interval():
    problem = generated_case(4, 2)
    first_day = problem.need.starts < problem.horizon.slot(1)
    need = need_of(
        ["all"], np.ones((1, 1, 28)), Horizon("Europe/Rome", dt.date(2027, 2, 1), 1)
    )
    assert first_day.sum() == len(need.starts)
    closed = replace(problem, need=need)
    assert shifts_for(closed, CONTRACTS["PT4"], None, 1) == ()
    assert max(s.end for s in shifts_for(closed, CONTRACTS["PT4"], None, 0)) == 4 * 22


def test_minors_have_no_night_and_no_kind_that_is_too_long_or_has_no_pause():
    limits = {"minor-day": 8, "minor-pause": 30, "minor-night": 12, "night": 8}
    rules = Rules("r", {k: Rule(k, v, k, "", True) for k, v in limits.items()})
    long, short = Kind(540, (Break(45, True),)), Kind(300, (Break(15, True),))
    fine = Kind(360, (Break(30, False),))
    minor = Contract("young", 1800, (long, short, fine), minor=True)
    problem = problem_of(minor, rules=rules)
    found = shifts_for(problem, minor, None, 1)
    assert {s.kind for s in found} == {2}
    hours = {problem.horizon.time(q).hour for s in found for q in range(s.start, s.end)}
    assert hours == set(range(6, 22))
    adult = replace(minor, minor=False)
    night = [s for s in shifts_for(problem, adult, None, 2) if s.kind == 0]
    assert night  # nine paid hours, but never with three of them between 0 and 5
    assert min(problem.horizon.time(s.start).hour for s in night) >= 2


def test_without_a_limit_of_screen_work_the_most_even_breaks_are_taken():
    free = replace(CONTRACTS["FT8"], screen=False)
    found = shifts_for(generated_case(4, 1), free, None, 0)
    strict = shifts_for(generated_case(4, 1), CONTRACTS["FT8"], None, 0)
    assert set(strict) <= set(found)
    assert max(Counter(s.start for s in found).values()) <= 40
