"""A team's files, and the problem that they and a requirement make."""

import datetime as dt
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import ConfigError, TableError
from forecast.tables import Form
from staffing.config.roster import RosterPart
from staffing.erlang import a, c
from staffing.roster.need import problem_of
from staffing.roster.read import read_team
from staffing.roster.rules import Rules
from staffing.roster.team import (
    Absence,
    Agent,
    Band,
    Break,
    Contract,
    Kind,
    Past,
    Request,
    Team,
)
from staffing.shrinkage import Component, Shrinkage

ROME = "Europe/Rome"
FIRST = dt.date(2026, 12, 1)
FT8 = Contract(
    "FT8",
    2400,
    (Kind(510, (Break(15, True), Break(30, False), Break(15, True))),),
)
PT4 = Contract("PT4", 1200, (Kind(240, (Break(15, True),)),), 15, False)
CONTRACTS = """\
[contracts.FT8]
weekly_h = 40
shifts = [{ present = "8:30", breaks = ["15 paid", "30 unpaid", "15 paid"] }]

[contracts.PT4]
weekly_h = 20
shifts = [{ present = "4:00", breaks = ["15 paid"] }]
start_every_min = 15
screen_breaks = false
"""
ITALIAN = Form(
    decimal=",",
    time="%d/%m/%Y %H:%M",
    columns={"queue": "Coda"},
    exclude={"Coda": ["TOTAL"]},  # of the history
)
PART = RosterPart(
    agents="agents.csv",
    contracts="contracts.toml",
    absences="absences.csv",
    requests="requests.csv",
    past="past.csv",
)


@pytest.fixture
def folder(tmp_path):
    """Files of two people, as a spreadsheet in Italy would save them."""
    write = {
        "contracts.toml": CONTRACTS,
        "agents.csv": (
            "agent_id;contract;groups;bands;from;to;cost_per_hour\n"
            "A1;FT8;Acqua|Energia;;;;18,5\n"
            'A2;PT4;Energia;"mon,wed 22:00-06:00; sat 08:00-12:00";02/12/2026;'
            "31/12/2026;\n"
        ),
        "absences.csv": (
            "agent_id;date;kind;paid_min\n*;07/12/2026;holiday;\n"
            "A2;07/12/2026;training;90\n*;01/12/2026;holiday;\n"
            + "".join(f"A1;{day:02}/12/2026;leave;\n" for day in range(8, 14))
        ),
        "requests.csv": (
            "agent_id;date;wish;weight\nA1;05/12/2026;off;\n"
            "A2;05/12/2026;not 14:00-20:00;2,5\nA2;06/12/2026;08:00-14:00;0\n"
        ),
        "past.csv": (
            "agent_id,start,date,end,breaks,paid_min,contract,group,activity\n"
            "A1,2026-11-30T08:00+01:00,2026-11-30,2026-11-30T16:30+01:00,12:00-12:30,"
            "480,"
            "FT8,Acqua,contacts\n"
            "A0,2026-11-30T08:00+01:00,2026-11-30,2026-11-30T12:00+01:00,,240,"
            "PT4,Acqua,contacts\n"
        ),
    }
    for name, text in write.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def read(folder, part=PART, form=ITALIAN):
    groups = ("Acqua", "Energia")
    return read_team(folder, part, form, groups=groups, first=FIRST, timezone=ROME)


def test_a_team_is_what_its_files_say(folder):
    agents = (
        Agent("A1", FT8, ("Acqua", "Energia"), cost_per_hour=18.5),
        Agent(
            "A2",
            PT4,
            ("Energia",),
            (Band(0, 1320, 1800), Band(2, 1320, 1800), Band(5, 480, 720)),
            dt.date(2026, 12, 2),
            dt.date(2026, 12, 31),
        ),
    )
    start, end, *pause = (
        pd.Timestamp(f"2026-11-30 {at}", tz=ROME)
        for at in ("08:00", "16:30", "12:00", "12:30")
    )
    assert read(folder).agents == agents
    assert read(folder).requests == (
        Request("A1", dt.date(2026, 12, 5), None, True, 1.0),
        Request("A2", dt.date(2026, 12, 5), (840, 1200), True, 2.5),
        Request("A2", dt.date(2026, 12, 6), (480, 840), False, 0.0),
    )
    day, breaks = dt.date(2026, 11, 30), (tuple(pause),)
    assert read(folder).past == (Past("A1", day, start, end, 480, "Acqua", breaks),)
    only = RosterPart(agents="agents.csv", contracts="contracts.toml")
    assert read(folder, only) == Team(agents)


def test_a_holiday_is_everyone_s_and_leave_pays_no_more_days_than_a_week_has(folder):
    """A2 has training of its own on the holiday, and is not employed on the first."""
    december = {day: dt.date(2026, 12, day) for day in range(1, 32)}
    leave = [(day, "leave", 480 if day < 12 else 0) for day in range(8, 14)]
    days = [(1, "holiday", 480), (7, "holiday", 480), *leave]
    assert read(folder).absences == (
        *(Absence("A1", december[day], kind, paid) for day, kind, paid in days),
        Absence("A2", december[7], "training", 90),
    )


def test_every_fault_of_every_file_is_named_with_its_row(folder):
    (folder / "agents.csv").write_text(
        "agent_id;contract;groups;bands;from;to;cost_per_hour\n"
        "A1;FT8;Acqua;;;15/12/2026;\n"
        "A2;PT9;Gas;mon 8-14;2026-12-01;01/12/2026;x\n"
        "A2;PT4;;;03/12/2026;01/12/2026;\n"
    )
    (folder / "absences.csv").write_text(
        "agent_id;date;kind;paid_min\n"
        "A1;16/12/2026;leave;\nA9;08/12/2026;;2000\n"
        "A1;01/12/2026;leave;\nA1;01/12/2026;sickness;\n"
    )
    (folder / "requests.csv").write_text(
        "agent_id;date;wish;weight\nA1;05/12/2026;perhaps;-1\n"
    )
    with pytest.raises(TableError) as error:
        read(folder)
    assert str(error.value).split("\n") == [
        "agents.csv: groups must not be empty, but is: row 4 ('').",
        "agents.csv: each agent_id must appear once, but 2 of 3 rows repeat one: rows "
        "3, 4 (A2). Keep one of them.",
        "agents.csv: contract must be one of contracts.toml: FT8, PT4, but is not: row "
        "3 ('PT9').",
        "agents.csv: groups must be of Acqua, Energia, with | between them, but is "
        "not: row 3 ('Gas').",
        'agents.csv: bands must be hours of weekdays, such as "mon-fri 08:00-14:00; '
        "sat 08:00-12:00\", but is not: row 3 ('mon 8-14').",
        "agents.csv: from must be a date, written as 03/12/2026, but is not: row 3 "
        "('2026-12-01').",
        "agents.csv: cost_per_hour must be a number (decimal sign ','), but is not: "
        "row 3 ('x').",
        "agents.csv: to must not be before from, but is: row 4 ('01/12/2026').",
        "absences.csv: kind must not be empty, but is: row 3 ('').",
        "absences.csv: agent_id must be in the file of agents, but is not: row 3 "
        "('A9'). Add the agents to it, or drop the rows.",
        "absences.csv: each agent_id, date must appear once, but 2 of 4 rows repeat "
        "one: rows 4, 5 (A1 at 2026-12-01). Keep one of them.",
        "absences.csv: date must be a day on which the agent is employed, but is not: "
        "row 2 ('16/12/2026').",
        "absences.csv: paid_min must be between 0 and 1,440, but is not: row 3 (2000). "
        "Correct it, or leave the cell empty where nothing is known.",
        'requests.csv: wish must be "off", "08:00-14:00" or "not 14:00-20:00", but is '
        "not: row 2 ('perhaps').",
        "requests.csv: weight must be between 0 and 100, but is not: row 2 (-1). "
        "Correct it, or leave the cell empty where nothing is known.",
    ]


def test_a_file_of_another_shape_is_refused(folder):
    (folder / "agents.csv").write_text("agent_id;contract;name\nA1;FT8;x\n")
    with pytest.raises(TableError) as error:
        read(folder)
    assert str(error.value) == (
        "agents.csv: the agents table must have the columns agent_id, contract, "
        "groups, but lacks: groups.\n"
        "agents.csv: columns must be of agent_id, contract, groups, bands, from, to, "
        "cost_per_hour, but these are not: name. Leave them out."
    )
    (folder / "agents.csv").write_text("agent_id;contract;groups\n")
    with pytest.raises(TableError) as error:
        read(folder)
    assert str(error.value) == "agents.csv: it must have an agent, but has no rows."


def test_the_roster_before_must_be_before(folder):
    past = folder / "past.csv"
    past.write_text(past.read_text().replace("11-30", "12-01"))
    with pytest.raises(TableError) as error:
        read(folder)
    assert str(error.value) == (
        "past.csv: shifts of the roster before must start before 2026-12-01, but do "
        "not: row 2 ('2026-12-01 08:00:00+01:00'); row 3 ('2026-12-01 08:00:00+01:00')."
    )


def test_breaks_of_the_roster_before_must_be_within_their_shift(folder):
    past = folder / "past.csv"
    past.write_text(past.read_text().replace("12:00-12:30", "17:00-17:30"))
    with pytest.raises(TableError) as error:
        read(folder)
    assert str(error.value) == (
        "past.csv: breaks of the roster before must lie within their shift, but do "
        "not: row 2 (break 17:00-17:30 is not within the shift, after the one before "
        "it)."
    )


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            '"8:30"',
            '"8.5"',
            "line 3: contracts.FT8.shifts.0.present: '8.5' is not a length of shift: "
            'write hours and minutes, "8:30", in steps of 5 minutes',
        ),
        (
            '"30 unpaid"',
            '"30"',
            "line 3: contracts.FT8.shifts.0.breaks.1: '30' is not a break: write its "
            'minutes, in steps of 5, and "paid" or "unpaid", such as "15 paid"',
        ),
        (
            '"15 paid"] }]\nstart',
            '"240 paid"] }]\nstart',
            "line 7: contracts.PT4.shifts.0.breaks: leave no work in a shift of 4:00",
        ),
        (
            "weekly_h = 40",
            "weekly_h = 57",
            "line 2: contracts.FT8.weekly_h: 57 hours cannot be worked in one to seven "
            "of these shifts, of 8 to 8 paid hours each",
        ),
        (
            '[{ present = "4:00"',
            '[{ present = "4:00", breaks = ["15 unpaid"] }, { present = "4:00"',
            "line 7: contracts.PT4.shifts: two are alike in hours present and breaks",
        ),
        (
            "screen_breaks",
            "screen",
            "line 9: contracts.PT4.screen: no such key; known here: weekly_h, shifts, "
            "start_every_min, screen_breaks, minor",
        ),
    ],
)
def test_a_contract_that_cannot_be_is_named_with_its_line(folder, old, new, fault):
    path = folder / "contracts.toml"
    assert path.read_text().count(old) == 1
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ConfigError) as error:
        read(folder)
    assert str(error.value) == f"contracts.toml, {fault}."


def requirement(rows):
    """Rows of queue, start, agents, scheduled and whether open; 30 erlangs or 5."""
    table = pd.DataFrame(
        rows, columns=["queue", "interval_start", "agents", "scheduled", "open"]
    )
    table["interval_start"] = pd.to_datetime(table["interval_start"]).dt.tz_localize(
        ROME
    )
    return table.assign(
        interval_s=1800, offered=180.0, aht_s=300.0, load_erlang=table["agents"] / 1.2
    )


ROWS = [
    ("Energia", "2026-12-01 08:00", 36.0, 40.0, True),
    ("Acqua", "2026-12-01 08:00", 6.0, 6.6, True),
    ("Energia", "2026-12-01 08:30", 18.0, 20.0, True),
    ("Energia", "2026-12-01 20:00", 1.0, 1.1, False),
    ("Energia", "2026-12-01 03:00", 0.0, 0.0, True),
    ("Energia", "2027-01-01 08:00", 5.0, 5.0, True),
]
ALONE = Team((Agent("A1", FT8, ("Energia",)),))


def need_of(team=ALONE, **how):
    return problem_of(
        team,
        requirement(ROWS),
        Rules("none", {}),
        first=FIRST,
        days=31,
        timezone=ROME,
        **how,
    ).need


def test_the_need_is_the_scheduled_agents_of_open_rows():
    need = need_of()
    assert (need.groups, need.slots, need.over) == (("Acqua", "Energia"), 2, 1)
    assert list(need.starts) == [32, 34]
    assert need.units.tolist() == [[13, 0], [80, 40]]


@settings(max_examples=6)
@given(
    agents=st.lists(st.sampled_from([0.0, 0.3, 1.43, 7.9]), min_size=12, max_size=12)
)
def test_whole_units_add_up_to_the_days_agents(agents):
    """At one unit an interval, 1.43 agents would all be one; each day for itself."""
    first, second = (
        pd.date_range(f"2026-12-0{day} 08:00", periods=12, freq="15min")
        for day in (1, 2)
    )
    needed = [*agents, *12 * [1.43]]
    rows = [
        ("Energia", start, count, count, True)
        for start, count in zip([*first, *second], needed, strict=True)
    ]
    need = problem_of(
        ALONE,
        requirement(rows).assign(interval_s=900),
        Rules("none", {}),
        first=FIRST,
        days=2,
        timezone=ROME,
    ).need
    assert need.scheduled[0].tolist() == [count for count in needed if count]
    for day in np.split(np.arange(len(need.starts)), [np.count_nonzero(agents)]):
        off = np.cumsum(need.units[0, day] - need.scheduled[0, day])
        assert (np.abs(off) <= 0.5 + 1e-9).all()


@pytest.mark.parametrize(
    ("breaks", "slot_min"), [((15, 30), 15), ((10, 30), 10), ((15, 20), 5)]
)
def test_a_slot_is_as_long_as_starts_and_breaks_allow(breaks, slot_min):
    kind = Kind(480, tuple(Break(length, True) for length in breaks))
    agent = Agent("A1", Contract("C", 2400, (kind,)), ("Energia",))
    assert need_of(Team((agent,))).slots == 30 // slot_min


def test_missing_people_cost_the_more_the_more_are_missing():
    """Of 80 units the first twentieth is 4, the next tenth 8, at 2, 4 and 8 each."""
    need = need_of()
    costs = [need.cost(need.units - np.array([[0, 0], [k, 0]])) for k in range(15)]
    assert np.diff(costs).tolist() == [2] * 4 + [4] * 8 + [8] * 2
    even = need_of(objective="hours")
    assert even.cost(np.zeros_like(even.units)) == 2 * even.units.sum()
    for needed in (need, even):
        assert needed.cost(needed.units + 1) == needed.units.size


@pytest.mark.parametrize("patience_s", [None, 180.0, {"Acqua": 100.0, "Energia": 60.0}])
def test_a_missing_agent_costs_the_calls_that_are_answered_too_late(patience_s):
    need = need_of(objective="service_level", patience_s=patience_s)
    first = need.steps[0].cost
    assert all((more.cost >= less.cost).all() for less, more in pairwise(need.steps))

    def lost(group, load, agents, missing):
        """Of the share of calls in time, for each of the first missing agents."""
        numbers = {"load": load, "aht_s": 300.0, "threshold_s": 50.0}
        patience = patience_s[group] if isinstance(patience_s, dict) else patience_s
        present = np.array([agents, agents - missing])
        levels = (
            c.metrics(agents=present, **numbers).service_level
            if patience is None
            else a.metrics(agents=present, patience_s=patience, **numbers).service_level
        )
        return (levels[0] - levels[1]) / missing * agents_per_rostered

    agents_per_rostered = 0.9
    wanted = [lost("Energia", 30.0, 36.0, 2 * 0.9), lost("Energia", 15.0, 18.0, 0.9)]
    ratio = first[1, 0] / first[1, 1]
    assert ratio == pytest.approx(wanted[0] / wanted[1], rel=0.1)


def test_an_interval_without_calls_costs_least_and_needs_no_handle_time():
    table = requirement(ROWS[:3])
    table.loc[1, ["offered", "aht_s", "load_erlang"]] = 0.0, np.nan, 0.0
    how = {"first": FIRST, "days": 31, "timezone": ROME, "objective": "service_level"}
    need = problem_of(ALONE, table, Rules("none", {}), **how).need
    assert need.steps[0].cost[0, 0] == 1
    with pytest.raises(TableError) as error:
        problem_of(ALONE, table.drop(columns="load_erlang"), Rules("none", {}), **how)
    assert str(error.value) == (
        'staffing.csv: for objective = "service_level" it must have the columns '
        "offered, aht_s, load_erlang, but lacks: load_erlang. Add them, or choose "
        'objective = "convex".'
    )


def test_leave_that_is_placed_by_name_is_taken_out_once():
    """Of 5 people 1 is on leave: a share of 0.2 asks for all 5, by name 4 are left."""
    away = Absence("A0", FIRST, "leave", 480)
    people = tuple(Agent(f"A{n}", FT8, ("Energia",)) for n in range(5))
    for rostered, absences, there in ((False, (), 5), (True, (away,), 4)):
        table = requirement([("Energia", "2026-12-01 08:00", 4.0, 0.0, True)])
        shrinkage = Shrinkage({"leave": Component(0.2, rostered=rostered)})
        scheduled = 4.0 * shrinkage.scheduled_per_agent(table["interval_start"])
        problem = problem_of(
            Team(people, absences),
            table.assign(scheduled=scheduled),
            Rules("none", {}),
            first=FIRST,
            days=31,
            timezone=ROME,
        )
        assert sum(problem.can_work(agent, 0) for agent in range(5)) == there
        assert problem.need.units.tolist() == [[2 * there]]


def test_a_need_of_nobody_is_refused():
    nobody = requirement(ROWS[-1:])
    with pytest.raises(TableError) as error:
        problem_of(
            ALONE, nobody, Rules("none", {}), first=FIRST, days=31, timezone=ROME
        )
    assert str(error.value) == (
        "staffing.csv: it must need agents from 2026-12-01 to 2026-12-31, but needs "
        "none."
    )
