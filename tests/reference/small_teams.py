"""Tiny teams drawn at random, and their best rosters by trying every one."""

import datetime as dt
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from staffing.roster.problem import Duty, Horizon, Need, Problem, Shift, Step
from staffing.roster.rules import Rule, Rules
from staffing.roster.table import roster_table
from staffing.roster.team import Absence, Agent, Band, Contract, Kind, Past, Team
from staffing.roster.verify import verify_roster

STARTS = (8, 12)
"""Hours at which shifts of four hours start."""
DAYS = 3
SATURDAY = dt.date(2026, 3, 28)  # the clocks change in the night after it
SHIFT_MIN = 240


def rules_of(**values):
    """Hard rules by id, underscores for hyphens."""
    return Rules(
        "test",
        {
            name.replace("_", "-"): Rule(name.replace("_", "-"), value, "", "", True)
            for name, value in values.items()
        },
    )


@st.composite
def problems(draw):
    """Two people on Saturday to Monday, with or without what they worked before."""
    horizon = Horizon("Europe/Rome", SATURDAY, DAYS, slot_min=60)
    agents, absences, past = [], [], []
    with_past = draw(st.booleans())
    for name in ("A1", "A2"):
        hours = draw(st.sampled_from([8, 16, 20, 28]))
        contract = Contract(
            f"PT{hours}", 60 * hours, (Kind(SHIFT_MIN),), 240, screen=False
        )
        early = tuple(Band(day, 8 * 60, 12 * 60) for day in range(7))
        bands = draw(st.sampled_from([None, None, early]))
        agents.append(Agent(name, contract, ("all",), bands))
        for day in range(DAYS):
            if draw(st.integers(0, 5)) == 0:
                date = horizon.date(day)
                absences.append(Absence(name, date, "leave", SHIFT_MIN))
        for before in range(-5, 0) if with_past else ():
            if before == -5 or draw(st.booleans()):
                date = horizon.date(before)
                start = pd.Timestamp(date).tz_localize("Europe/Rome")
                start += pd.Timedelta(hours=draw(st.sampled_from(STARTS)))
                end = start + pd.Timedelta(minutes=SHIFT_MIN)
                past.append(Past(name, date, start, end, SHIFT_MIN))
    starts = [horizon.slot(d, 60 * h) for d in range(DAYS) for h in range(8, 16)]
    units = np.array([[draw(st.integers(0, 2)) for _ in starts]])
    first = Step(np.ones_like(units), np.full_like(units, 2))
    rest = Step(np.ones_like(units), np.full_like(units, 5))
    need = Need(("all",), np.array(starts), 1, units, (first, rest))
    rules = rules_of(
        daily_rest=draw(st.sampled_from([11, 20, 21])),
        max_days=draw(st.sampled_from([2, 6])),
    )
    return Problem(
        tuple(agents), horizon, need, rules, tuple(absences), past=tuple(past)
    )


def verified(problem, duties):
    """What an independent check finds."""
    return verify_roster(
        roster_table(problem, duties),
        Team(problem.agents, problem.absences, problem.requests, problem.past),
        problem.rules,
        first=problem.horizon.first,
        days=problem.horizon.days,
        timezone=problem.horizon.timezone,
    )


def lawful_lines(problem, agent):
    """
    Every line of work of an agent that the independent check lets pass.

    All lines are checked at once, each as that of an agent of its own.
    """
    one = problem.agents[agent]
    lines = list(product([None, *STARTS], repeat=problem.horizon.days))
    names = [f"{one.agent_id}-{number}" for number in range(len(lines))]
    of_one = {
        field: tuple(
            item._replace(agent_id=name)
            for name in names
            for item in getattr(problem, field)
            if item.agent_id == one.agent_id
        )
        for field in ("absences", "past")
    }
    every = replace(
        problem, agents=tuple(replace(one, agent_id=name) for name in names), **of_one
    )
    duties = [
        duty
        for number, line in enumerate(lines)
        for duty in duties_of(problem, number, line)
    ]
    broken = {violation.agent_id for violation in verified(every, duties)}
    return [line for name, line in zip(names, lines, strict=True) if name not in broken]


def duties_of(problem, agent, line):
    """The duties of a line: hours of start by day, None for a day off."""
    slots = SHIFT_MIN // problem.horizon.slot_min
    return [
        Duty(agent, day, 0, Shift(0, start, start + slots))
        for day, hour in enumerate(line)
        if hour is not None
        for start in [problem.horizon.slot(day, 60 * hour)]
    ]


def least_cost(problem, lines):
    """The least cost of all rosters of these lines of work."""
    return min(
        problem.need.cost(
            problem.presence(
                tuple(
                    duty
                    for agent, line in enumerate(roster)
                    for duty in duties_of(problem, agent, line)
                )
            )
        )
        for roster in product(*lines)
    )
