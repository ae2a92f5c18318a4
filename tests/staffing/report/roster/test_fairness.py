from dataclasses import replace

from staffing.report.roster.fairness import fairness_table, spread_table
from staffing.roster.team import Absence
from staffing.roster.wishes import is_granted


def test_a_weekend_is_given_where_neither_shift_nor_absence_touches_it(made):
    table = made.fairness.set_index("agent_id")
    assert table["shifts"].to_dict() == {"=1+1": 3, "../B": 2, "../b": 1, "D": 0}
    assert table["sundays"].to_dict() == {"=1+1": 1, "../B": 1, "../b": 0, "D": 0}
    assert table["free_weekends"].sum() == 0  # D is not employed yet
    idle = [duty for duty in made.solution.duties if duty.agent != 0]
    agents = fairness_table(made.problem, idle).set_index("agent_id")
    assert agents.loc["=1+1", "free_weekends"] == 1
    first = made.problem.horizon.first
    away = (*made.problem.absences, Absence("=1+1", first, "leave", 240))
    agents = fairness_table(replace(made.problem, absences=away), idle)
    assert agents["free_weekends"].sum() == 0


def test_a_shift_that_ends_in_the_last_two_hours_or_after_ends_late(made):
    """Of 08:00 to 22:00; the night ends on the next day."""
    table = made.fairness.set_index("agent_id")
    assert table["late_ends"].to_dict() == {"=1+1": 0, "../B": 2, "../b": 1, "D": 0}


def test_a_wish_is_granted_or_refused_as_its_band_says(wished):
    made, wishes = wished
    problem = made.problem
    shifts = {(duty.agent, duty.day): duty.shift for duty in made.solution.duties}
    for wish, expected in wishes.items():
        if expected is not None:
            place = problem.index[wish.agent_id], problem.horizon.day(wish.date)
            assert is_granted(problem, wish, shifts.get(place)) is expected, wish


def test_wishes_of_others_and_of_other_months_are_not_counted(wished):
    made, _ = wished
    table = made.fairness.set_index("agent_id")
    assert table["granted"].to_dict() == {"=1+1": 3, "../B": 0, "../b": 0, "D": 2}
    assert table["refused"].to_dict() == {"=1+1": 3, "../B": 1, "../b": 0, "D": 1}


def test_the_spread_is_from_fewest_to_most_of_a_contract(made):
    table = spread_table(made.fairness).set_index("contract")
    assert list(table.index) == ["FT8", "NIGHT", "PT4"]
    assert table.loc["PT4", "agents"] == 2
    assert table.loc["PT4", "sundays"] == "0–1"
    assert table.loc["FT8", "late_ends"] == "2"
