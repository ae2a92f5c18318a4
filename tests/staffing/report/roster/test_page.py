import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from reference.rostered import with_service

from staffing.report.roster.page import headlines, roster_page
from staffing.roster.solution import Solution


def words(made):
    """The text of the page."""
    text = re.sub(r"<(style|title)>.*?</\1>", " ", roster_page(made), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def test_the_headlines_say_hours_bound_and_service(made):
    """Needed: 2 · 84 half-hours of one agent."""
    slots = made.problem.presence(made.solution.duties)
    missing, spare = (
        np.maximum(2 - slots, 0).sum() / 4,
        np.maximum(slots - 2, 0).sum() / 4,
    )
    cost = made.solution.stages[1].value
    assert headlines(with_service(made)) == [
        f"{missing:.1f} of 84.0 hours are missing ({missing / 84:.2%}), "
        f"{spare:.1f} are spare.",
        f"What is missing and spare makes {cost:.0f} points (1: one person spare for "
        "15 min; missing ones count more); no roster can have less than "
        f"{0.75 * cost:.0f} (gap 33.33%).",
        "Expected with the rostered agents: service level 90.0%, average speed of "
        "answer 21.5 s (with the required ones 90.0% and 21.5 s).",
        "The independent check finds no rule broken.",
    ]


def test_a_roster_that_breaks_rules_says_so(made, no_pictures):
    broken = replace(made, violations=("../B: 9 hours of rest, 11 are due",))
    assert len(headlines(broken)) == len(headlines(made)) - 1
    assert ("Rules that this roster breaks ../B: 9 hours of rest, 11 are due") in words(
        broken
    )


def test_what_cannot_work_was_not_kept_and_would_help_is_listed(made, no_pictures):
    told = replace(made, faults=("week 2 is short",), prices=("one more helps",))
    text = words(told)
    assert "What cannot work week 2 is short" in text
    assert "What was not kept a wish is not granted" in text
    assert "What would help most one more helps" in text
    assert "What would help most" not in words(made)


def test_a_bound_that_is_not_known_is_a_dash(made, no_pictures):
    assert "days off 0 – – roster" in words(made)
    alone = replace(
        made, solution=Solution(made.solution.duties, made.solution.stages[:1])
    )
    assert headlines(alone)[1].endswith("; how much less is possible is not known.")


def test_an_unverified_rule_is_marked(made, no_pictures):
    page = roster_page(made)
    assert '<td style="background: #ffe7bd">not verified</td>' in page
    assert page.count("not verified</td>") == 1
    assert "late ends are shared 2 late ends weight 1.5 not verified usual" in words(
        made
    )


def test_the_service_to_expect_is_told_by_month_and_by_day(made, no_pictures):
    text = words(with_service(made))
    assert "Care 2026-10 900 90.0% 90.0% 21.5 21.5 3.0% 3.0% 80.0% 80.0%" in text
    assert text.count("2026-10-24 900") == 1  # of all queues only
    assert "Service to expect" not in words(made)


def test_the_clients_hours_add_up_to_the_paid_hours(made, no_pictures):
    paid = made.payroll["paid_min"].sum() / 60
    assert re.search(rf" all [\d.]+ {paid:.1f} Hours of a group", words(made))
    assert "Hours of clients" not in words(replace(made, clients={}))


def test_names_cannot_write_html(made, no_pictures):
    told = replace(made, prices=("<script>alert(1)</script>",))
    assert "<script>" not in roster_page(told)


def test_the_page_has_a_picture_for_each_week_and_group_and_of_the_month(
    made, no_pictures
):
    """Saturday and Sunday are of one week, Monday of the next; seconds are no text."""
    page = roster_page(made)
    assert re.findall(r'alt="([^"]*)"', page) == [
        *("cover of Care, 2026-W43", "cover of Care, 2026-W44"),
        *("cover of Sales, 2026-W43", "cover of Sales, 2026-W44"),
        "the month of each person",
    ]
    slower = tuple(replace(stage, seconds=99.0) for stage in made.solution.stages)
    again = replace(made, solution=replace(made.solution, stages=slower))
    assert roster_page(again) == page


def test_hours_are_held_against_the_exact_agents(made):
    """Two agents' whole units stand for 1.9 in 28 half-hours of 3 days."""
    need = made.problem.need
    need = replace(need, exact=np.full(need.units.shape, 1.9))
    hours = replace(made, problem=replace(made.problem, need=need)).hours
    *_, whole = hours.to_dict("records")
    assert whole["required"] == pytest.approx(1.9 * 2 * 28 * 3 / 2)
    rostered = made.problem.presence(made.solution.duties).sum() / 2 / 2
    net = whole["spare"] - whole["missing"]
    assert net == pytest.approx(rostered - whole["required"])


@pytest.mark.parametrize("name", ["required", "missing", "spare"])
def test_the_hours_of_groups_add_up(made, name):
    *groups, whole = made.hours[name]
    assert sum(groups) == pytest.approx(whole)
