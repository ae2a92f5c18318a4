import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing.requirement.monthly import monthly_for, rounding_hours, shrinkage_table
from staffing.shrinkage import Component, Shrinkage

ROME = "Europe/Rome"
LUNCH = Shrinkage(
    {
        "leave": Component(0.10, rostered=True, planned=True),
        "sickness": Component(0.10, at={"mon": 0.15, "mon 12:00-13:00": 0.40}),
    }
)


def requirement_of(starts, agents, *, interval_s=1800, queue="A", scheduled=None):
    starts = pd.DatetimeIndex(starts)
    return pd.DataFrame(
        {
            "queue": queue,
            "interval_start": starts if starts.tz else starts.tz_localize(ROME),
            "interval_s": interval_s,
            "offered": 10.0,
            "aht_s": 180.0,
            "agents": agents,
            "scheduled": agents if scheduled is None else scheduled,
        }
    )


def bands_of(requirement):
    months = requirement["interval_start"].dt.strftime("%Y-%m")
    keys = pd.DataFrame({"queue": requirement["queue"], "month": months})
    names = ["offered", "offered_p10", "offered_p90", "last_year"]
    nothing = dict.fromkeys([*names, "offered_forecast", "offered_given"], 1.0)
    return keys.drop_duplicates().assign(**nothing)


MARCH = requirement_of(
    ["2026-03-02 11:30", "2026-03-02 12:00", "2026-03-03 12:00"], [9.0, 5.0, 8.0]
)


def test_paid_hours_follow_the_shrinkage_of_each_interval():
    row = monthly_for(MARCH, bands_of(MARCH), LUNCH, full_time_h=35.0).loc[0]
    paid = 4.5 / 0.75 + 2.5 / 0.5 + 4.0 / 0.8  # 6 + 5 + 5
    assert row["agent_hours"] == 11.0
    assert row["paid_hours"] == pytest.approx(paid, rel=1e-15)
    assert row["fte"] == pytest.approx(paid / (35.0 * 31 / 7), rel=1e-15)


def test_paid_hours_are_split_by_component():
    table = shrinkage_table(MARCH, LUNCH)
    assert table.drop(columns="hours").to_dict("records") == [
        {
            "queue": "A",
            "month": "2026-03",
            "component": "leave",
            "planned": True,
            "rostered": True,
        },
        {
            "queue": "A",
            "month": "2026-03",
            "component": "sickness",
            "planned": False,
            "rostered": False,
        },
    ]
    leave, sickness = 0.1 * 16, 0.15 * 6 + 0.4 * 5 + 0.1 * 5
    assert table["hours"].tolist() == pytest.approx([leave, sickness], rel=1e-15)


def test_months_and_queues_are_split_each_by_itself_in_the_planners_order():
    times = ["2026-03-31 23:30", "2026-04-01 00:00"]
    both = pd.concat(
        [requirement_of(times, 4.0, queue="B"), requirement_of(times, 8.0)],
        ignore_index=True,
    )
    half = Shrinkage({"month": Component(0.3), "a": Component(0.2)})
    table = shrinkage_table(both, half)
    assert table[["queue", "month", "component"]].to_numpy().tolist() == [
        [queue, month, component]
        for queue in "AB"
        for month in ("2026-03", "2026-04")
        for component in ("month", "a")
    ]
    hours = [2.4, 1.6, 2.4, 1.6, 1.2, 0.8, 1.2, 0.8]  # of 8 and 4 paid
    assert table["hours"].tolist() == pytest.approx(hours, rel=1e-15)


def test_without_shrinkage_there_is_nothing_to_split():
    table = shrinkage_table(MARCH, Shrinkage())
    assert table.empty
    assert [*table] == ["queue", "month", "component", "planned", "rostered", "hours"]


@settings(max_examples=20)
@given(
    agents=st.lists(st.integers(0, 500), min_size=2, max_size=60),
    shares=st.lists(st.floats(0, 0.2), max_size=3),
    at=st.dictionaries(st.sampled_from(["sun", "sun 01:00-04:00"]), st.floats(0, 0.2)),
)
def test_paid_hours_are_agent_hours_and_hours_away_and_sums_of_intervals(
    agents, shares, at
):
    starts = pd.date_range(  # the clock goes back within them
        "2026-10-24 22:00", periods=len(agents), freq="30min", tz=ROME
    )
    requirement = requirement_of(starts, np.array(agents, dtype=float))
    shrinkage = Shrinkage({str(n): Component(s, at=at) for n, s in enumerate(shares)})

    def paid_hours(rows):
        month = monthly_for(rows, bands_of(rows), shrinkage, full_time_h=40.0)
        return month["paid_hours"].item()

    away = shrinkage_table(requirement, shrinkage)["hours"].sum()
    paid = paid_hours(requirement)
    assert paid == pytest.approx(sum(agents) / 2 + away, rel=1e-12)
    parts = paid_hours(requirement[:1]) + paid_hours(requirement[1:])
    assert paid == pytest.approx(parts, rel=1e-12)


def test_rounding_is_what_whole_people_would_add():
    times = ["2026-03-02 09:00", "2026-03-02 09:15", "2026-04-02 09:00"]
    scheduled = [2.25, 3.5, 4.0]
    table = requirement_of(times, 1.0, interval_s=900, scheduled=scheduled)
    march, april = rounding_hours(table).to_dict("records")
    assert march == {
        "queue": "A",
        "month": "2026-03",
        "scheduled_hours": 5.75 / 4,
        "rounding_hours": (0.75 + 0.5) / 4,
        "rounding_share": 1.25 / 5.75,
    }
    assert (april["rounding_hours"], april["rounding_share"]) == (0.0, 0.0)


@pytest.mark.parametrize("agents", [0.0, 7.0, 14.0, 700.0])
def test_ten_people_are_ten_however_the_division_ends(agents):
    scheduled = agents / (1.0 - 0.3)  # 7 agents: 10.000000000000002
    table = rounding_hours(requirement_of(["2026-03-02"], 1.0, scheduled=scheduled))
    assert table["rounding_hours"].tolist() == [0.0]
    assert table["rounding_share"].tolist() == [0.0]
