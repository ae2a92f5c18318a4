import datetime as dt
from collections import Counter
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.rostered import FULL, NIGHT, PART, made_of, shift_at

from staffing.report.roster.payroll import client_hours, payroll_table
from staffing.roster.problem import Duty, Horizon
from staffing.roster.team import Agent

PARTS = [
    f"{kind}{night}_min"
    for kind in ("ordinary", "sunday", "holiday")
    for night in ("", "_night")
]


def minutes(made):
    """Minutes of each agent that are not 0."""
    rows = made.payroll.drop(columns=["contract", "cost"]).set_index("agent_id")
    return {
        agent: {name: value for name, value in row.items() if value}
        for agent, row in rows.to_dict("index").items()
    }


def test_minutes_are_paid_as_what_they_are_when_clocks_are_put_back(made):
    """Monday is a holiday. The night has an hour more: 8 hours end at 05:00."""
    assert minutes(made) == {
        "=1+1": {
            "ordinary_min": 240,
            "sunday_min": 240,
            "holiday_min": 240,
            "paid_min": 720,
            "paid_break_min": 45,
            "contract_min": 514,
        },
        "../B": {
            "sunday_min": 480,
            "holiday_min": 480,
            "paid_min": 960,
            "paid_break_min": 60,
            "unpaid_break_min": 60,
            "absence_min": 480,
            "contract_min": 1029,
        },
        "../b": {
            "ordinary_night_min": 120,
            "sunday_night_min": 360,
            "paid_min": 480,
            "contract_min": 1029,
        },
        "D": {"contract_min": 171},
    }


def test_paid_hours_and_absences_cost_what_an_hour_costs(made):
    """480 minutes of leave and 960 of work are a day's 24 hours."""
    first, second, *others = made.problem.agents
    second = replace(second, cost_per_hour=18.5)
    problem = replace(made.problem, agents=(first, second, *others))
    cost = payroll_table(problem, made.solution.duties)["cost"]
    assert cost[1] == 24 * 18.5
    assert cost.isna().tolist() == [True, False, True, True]


def test_a_night_that_is_an_hour_shorter_ends_later_by_the_clock(spring):
    """8 hours from 22:00 end at 07:00, and from 06:00 on it is day."""
    found = minutes(spring)["../b"]
    assert found["ordinary_night_min"] == 120
    assert found["sunday_night_min"] == 300
    assert found["sunday_min"] == 60


def test_a_holiday_on_a_sunday_is_a_holiday(made):
    sunday = replace(made, holidays=(dt.date(2026, 10, 25),))
    found = minutes(sunday)["../b"]
    assert (found["holiday_night_min"], found.get("sunday_night_min")) == (360, None)


def kind_of(moment, holidays):
    """The column of a minute, by its own date and clock."""
    kind = "sunday" if moment.weekday() == 6 else "ordinary"
    kind = "holiday" if moment.date() in holidays else kind
    night = "_night" if moment.hour >= 22 or moment.hour < 6 else ""
    return f"{kind}{night}_min"


@settings(max_examples=8)
@given(
    first=st.sampled_from([dt.date(2026, 3, 27), dt.date(2026, 10, 23)]),
    shifts=st.dictionaries(
        st.integers(0, 2),
        st.tuples(st.sampled_from([FULL, PART, NIGHT]), st.integers(0, 47)),
        min_size=1,
    ),
    holidays=st.sets(st.integers(0, 4)),
)
def test_minutes_are_those_counted_one_by_one_and_add_up(first, shifts, holidays):
    horizon, zone = Horizon("Europe/Rome", first, 3), ZoneInfo("Europe/Rome")
    agents = tuple(
        Agent(f"A{day}", contract, ("Care",)) for day, (contract, _) in shifts.items()
    )
    duties = tuple(
        Duty(place, day, 0, shift_at(horizon, day, 30 * half_hour, agents[place]))
        for place, (day, (_, half_hour)) in enumerate(shifts.items())
    )
    made = made_of(first)
    problem = replace(made.problem, horizon=horizon, agents=agents)
    days = [first + dt.timedelta(days=day) for day in holidays]
    table = payroll_table(problem, duties, days).set_index("agent_id")
    for duty in duties:
        agent = agents[duty.agent]
        moment = horizon.time(duty.shift.start).to_pydatetime().astimezone(dt.UTC)
        end = horizon.time(duty.shift.end).to_pydatetime().astimezone(dt.UTC)
        unpaid = [
            (horizon.time(a), horizon.time(b))
            for a, b, paid in duty.shift.breaks
            if not paid
        ]
        counted: Counter[str] = Counter()
        while moment < end:
            if not any(a <= moment < b for a, b in unpaid):
                counted[kind_of(moment.astimezone(zone), days)] += 1
            moment += dt.timedelta(minutes=1)
        row = table.loc[agent.agent_id]
        assert {name: row[name] for name in PARTS if row[name]} == counted
        assert row["paid_min"] == agent.contract.kinds[0].paid_min


def test_a_groups_hours_are_shared_by_load(made):
    """Of 12 calls Water has 3; in Care are 8 + 8 hours, of which two breaks."""
    table = made.hours_of_clients.set_index("queue")
    assert list(table.index) == ["Energy", "Sales", "Water"]
    assert table["client"].to_dict() == {
        "Energy": "One",
        "Sales": "One",
        "Water": "Two",
    }
    assert table["work_hours"].to_dict() == pytest.approx(
        {"Energy": 15.5 * 0.75, "Sales": 4 - 0.25 + 2 * 7.5, "Water": 15.5 * 0.25}
    )
    assert table["paid_hours"].sum() == pytest.approx(
        made.payroll["paid_min"].sum() / 60
    )


def test_an_intervals_hours_go_to_who_calls_in_it(made):
    """Energy calls at 09:00 only, Water in all other half-hours."""
    rows = made.forecast.copy()
    at_nine = rows["interval_start"].dt.strftime("%H:%M") == "09:00"
    rows.loc[(rows["queue"] == "Energy") & ~at_nine, "offered"] = 0.0
    rows.loc[(rows["queue"] == "Water") & at_nine, "offered"] = 0.0
    duties = [duty for duty in made.solution.duties if duty.agent == 0]
    table = client_hours(made.problem, duties, rows, made.clients, made.pools)
    hours = table.set_index("queue")["paid_hours"]
    assert hours["Energy"] == pytest.approx(2 * 0.5)
    assert hours["Water"] == pytest.approx(2 * 3.5)


def test_hours_outside_every_interval_are_shared_as_the_month(made):
    duties = [duty for duty in made.solution.duties if duty.agent == 2]
    table = client_hours(made.problem, duties, made.forecast, {}, made.pools)
    hours = table.set_index("queue")["paid_hours"].to_dict()
    assert hours == pytest.approx({"Energy": 6.0, "Water": 2.0, "Sales": 0.0})
    assert set(table["client"]) == {""}


def test_a_group_that_nobody_calls_has_its_hours_shared_evenly(made):
    none = made.forecast.assign(offered=0.0)
    table = client_hours(made.problem, made.solution.duties, none, {}, made.pools)
    hours = table.set_index("queue")["work_hours"]
    assert hours["Energy"] == hours["Water"] == pytest.approx(15.5 / 2)
