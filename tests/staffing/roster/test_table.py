"""Duties as tables and back, on nights of a clock change too."""

import datetime as dt
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import TableError
from forecast.tables import csv_bytes
from staffing.roster.problem import Duty, Horizon, Need, Problem, Shift, Step
from staffing.roster.rules import Rules
from staffing.roster.table import cover_table, duties_of, read_roster, roster_table
from staffing.roster.team import Agent, Break, Contract, Kind
from staffing.roster.times import minutes, read_breaks, write_breaks

ROME = "Europe/Rome"
EIGHT = Contract("C", 2400, (Kind(480, (Break(15, True), Break(30, False))),))
PEOPLE = tuple(Agent(f"A{n}", EIGHT, ("care", "sales")) for n in range(3))
CHANGES = (dt.date(2026, 3, 27), dt.date(2026, 10, 23))
"""Fridays before the nights in which clocks change."""


def problem_from(first, days=4):
    horizon = Horizon(ROME, first, days)
    starts = np.arange(0, horizon.slot(days), 2)
    units = np.full((2, len(starts)), 3)
    need = Need(("care", "sales"), starts, 2, units, (Step(units, units),))
    return Problem(PEOPLE, horizon, need, Rules("none", {}))


@st.composite
def duties_from(draw, problem):
    """Shifts of 8 hours at any quarter of the clock, breaks anywhere within."""
    duties = []
    for agent, day in ((0, 0), (0, 1), (1, 1), (2, 1), (2, 3)):
        minute = 15 * draw(st.integers(0, 95))
        start = problem.horizon.slot(day, minute)
        first, second = draw(st.integers(0, 13)), draw(st.integers(1, 14))
        at = start + first, start + first + 1 + second
        breaks = ((at[0], at[0] + 1, True), (at[1], at[1] + 2, False))
        group = draw(st.integers(0, 1))
        duties.append(Duty(agent, day, group, Shift(0, start, start + 32, breaks)))
    return tuple(duties)


@pytest.mark.parametrize("first", CHANGES)
@settings(max_examples=6)
@given(data=st.data())
def test_a_roster_survives_its_file(first, data, tmp_path_factory):
    problem = problem_from(first)
    duties = data.draw(duties_from(problem))
    path = tmp_path_factory.mktemp("roster") / "roster.csv"
    path.write_bytes(csv_bytes(roster_table(problem, duties)))
    assert duties_of(problem, read_roster(path, ROME)) == duties


@pytest.mark.parametrize("first", CHANGES)
@settings(max_examples=3)
@given(data=st.data())
def test_cover_counts_who_is_at_work_minute_by_minute(first, data):
    problem = problem_from(first)
    duties = data.draw(duties_from(problem))
    table = roster_table(problem, duties)
    ends = problem.horizon.time(problem.horizon.slot(problem.horizon.days))
    grid = pd.date_range(problem.horizon.origin, ends, freq="5min", inclusive="left")
    for group in ("care", "sales"):
        present = np.zeros(len(grid))
        for shift in table[table["group"] == group].to_dict("records"):
            present[(grid >= shift["start"]) & (grid < shift["end"])] += 1
            spans = read_breaks(shift["breaks"], shift["start"], shift["end"])
            for start, end in spans:
                present[(grid >= start) & (grid < end)] -= 1
        cover = cover_table(problem, duties)
        cover = cover[cover["queue"] == group]
        assert list(cover["rostered"]) == list(present.reshape(-1, 6).mean(axis=1))
        assert list(cover["interval_start"]) == list(grid[::6])
        assert (cover["scheduled"] == 1.5).all()
        assert (cover["net"] == cover["rostered"] - 1.5).all()


def test_cover_is_held_against_the_exact_agents():
    problem = problem_from(CHANGES[0])
    exact = np.full(problem.need.units.shape, 1.43)
    exact[1, 3:] = 0.0
    cover = cover_table(replace(problem, need=replace(problem.need, exact=exact)), ())
    assert set(cover["scheduled"]) == {1.43}
    assert set(cover["net"]) == {-1.43}
    assert (cover["queue"] == "sales").sum() == 3


def test_a_roster_reads_as_the_clock_shows():
    problem = problem_from(CHANGES[1])
    start = problem.horizon.slot(1, 22 * 60)
    breaks = ((start + 16, start + 17, True), (start + 21, start + 23, False))
    table = roster_table(problem, [Duty(1, 1, 0, Shift(0, start, start + 32, breaks))])
    assert csv_bytes(table).decode() == (
        "agent_id,start,date,end,breaks,paid_min,contract,group,activity\n"
        "A1,2026-10-24T22:00:00+02:00,2026-10-24,2026-10-25T05:00:00+01:00,"
        "02:00-02:15;02:15+01:00-02:45+01:00,450,C,care,contacts\n"
    )
    assert roster_table(problem, []).empty


def test_breaks_are_read_as_they_are_written():
    start, end = (pd.Timestamp(f"2026-12-0{d} 22:00", tz=ROME) for d in (1, 2))
    text = "23:45-00:00;02:15-02:30"
    spans = read_breaks(text, start, end)
    assert [minutes(start, time) for span in spans for time in span] == [
        105,
        120,
        255,
        270,
    ]
    assert write_breaks(spans) == text
    assert read_breaks("", start, end) == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("10:15", "'10:15' is not a break: write \"10:15-10:30\""),
        ("25:00-25:15", "25:00 is not a time"),
        ("12:00-13:00", "break 12:00-13:00 is not within the shift, after the one "
         "before it"),
        ("02:15-03:15", "02:15 is not a time of that night"),
    ],
)  # fmt: skip
def test_breaks_that_are_none_are_refused(text, fault):
    start = pd.Timestamp("2026-03-28 23:00", tz=ROME)
    end = pd.Timestamp("2026-03-29 05:00", tz=ROME)
    with pytest.raises(ValueError, match=f"^{re.escape(fault)}$"):
        read_breaks(text, start, end)


def test_rows_that_are_no_shift_of_the_problem_are_named():
    problem = problem_from(CHANGES[0])
    breaks = ((8, 9, True), (20, 22, False))
    right = roster_table(problem, [Duty(0, 0, 0, Shift(0, 0, 32, breaks))])
    assert len(duties_of(problem, right)) == 1
    day = pd.Timedelta(days=1)
    wrong = pd.concat(
        [
            right.assign(agent_id="A9"),
            right.assign(group="other"),
            right.assign(start=right["start"] - day, end=right["end"] - day),
            right.assign(end=right["end"] + pd.Timedelta(minutes=5)),
            right.assign(breaks="02:00-02:15"),
            right,
            right.assign(group="sales"),
        ],
        ignore_index=True,
    )
    with pytest.raises(TableError) as error:
        duties_of(problem, wrong)
    assert str(error.value) == (
        "roster.csv: every row must be a shift that can be rostered, but these are "
        "not: row 0 (no agent 'A9': keep who has left in the agents' file, with the "
        "last day in to); row 1 (no group 'other'); row 2 (2026-03-26 is "
        "not a day of this roster); row 3 (not in steps of 15 minutes); row 4 (no "
        "shift of the contract); row 6 (A0 has another one on 2026-03-27). staffcast "
        "roster --verify says more of them."
    )


def test_a_roster_file_is_read_or_every_fault_is_named(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text(
        "agent_id,start,date,end,breaks,paid_min,contract,group,activity\n"
        "A1,2026-10-24T14:00,2026-10-24,2026-10-24T22:00+02:00,,480,C,care,contacts\n"
    )
    table = read_roster(path, ROME)
    assert table["start"][2] == pd.Timestamp("2026-10-24 14:00", tz=ROME)
    assert table["date"][2] == dt.date(2026, 10, 24)
    path.write_text(
        "agent_id,start,date,end,breaks,paid_min,contract,group,activity\n"
        "A1,2026-10-25T02:30,24/10/2026,soon,,7.5,C,care,contacts\n"
    )
    with pytest.raises(TableError) as error:
        read_roster(path, ROME)
    must = "must be a time, such as 2026-12-01T08:00, that the clock of Europe/Rome"
    mend = "Where clocks are put back, write the offset: 02:30+01:00."
    assert str(error.value) == (
        f"roster.csv: start {must} shows once, but is not: row 2 "
        f"('2026-10-25T02:30'). {mend}\n"
        f"roster.csv: end {must} shows once, but is not: row 2 ('soon'). {mend}\n"
        "roster.csv: date must be written as 2026-12-01, but is not: row 2 "
        "('24/10/2026').\n"
        "roster.csv: paid_min must be whole minutes, but is not: row 2 ('7.5')."
    )
