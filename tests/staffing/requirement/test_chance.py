import dataclasses

import numpy as np
import pandas as pd
import pytest
from reference.tables import forecast_of

from forecast.distribution import Shocks
from forecast.run import QueueForecast
from staffing.requirement import Rules, requirement_for
from staffing.requirement.chance import with_chance
from staffing.requirement.returning import Returning
from staffing.requirement.risk import Risk
from staffing.targets import Targets

STRICT = Targets(50.0, 0.9, 50.0)
CALM = Shocks(month=0.0, day=0.0, interval=0.0)
WILD = Shocks(month=0.0, day=0.15**2, interval=0.0, aht=0.05**2)


@pytest.fixture(autouse=True)
def few_paths(monkeypatch):
    paths = {"day": 60, "month": 60, "interval": 20}
    monkeypatch.setattr("staffing.requirement.chance.PATHS", paths)


def queue_of(table, shocks=WILD, seed=5):
    """A forecast of one queue with these shocks."""
    empty = pd.DataFrame()
    queue = str(table["queue"].iloc[0])
    regular = np.ones(len(table), dtype=bool)
    return QueueForecast(queue, table, empty, empty, (), shocks, seed, regular, {}, ())


@pytest.fixture
def week():
    """Two weeks of four half-hours on each weekday."""
    days = [*range(2, 7), *range(9, 14)]

    def build(offered, queue="A", **more):
        tables = [
            forecast_of(offered, queue=queue, start=f"2026-03-{day:02} 09:00", **more)
            for day in days
        ]
        return pd.concat(tables, ignore_index=True)

    return build


def planned(tables, rules, risk, shocks=WILD):
    forecast = pd.concat(tables, ignore_index=True)
    requirement = requirement_for(forecast, rules)
    queues = {str(t["queue"].iloc[0]): queue_of(t, shocks) for t in tables}
    return requirement, *with_chance(requirement, queues, rules, risk)


def test_more_chance_takes_more_agents_and_holds_more_often(week):
    tables = [week([60.0, 90.0, 80.0, 50.0])]
    mean, table, chances = planned(tables, Rules(STRICT), Risk(0.9, "day"))
    row = chances.pools.loc[0]
    assert row["hours_50"] < row["hours_80"] < row["hours_90"] == row["agent_hours"]
    assert row["holds"] > 0.84
    assert row["mean_holds"] < row["holds"]
    assert table["agents"].sum() > mean["agents"].sum()
    changed = table["agents"].to_numpy() != mean["agents"].to_numpy()
    assert (table["binding"] == "chance").tolist() == changed.tolist()
    same = ["interval_start", "offered", "load_erlang", "aht_s", "open"]
    pd.testing.assert_frame_equal(table[same], mean[same])
    assert (table["scheduled"] == table["agents"]).all()


def test_kpis_stay_those_of_the_rows_load_and_agents(week):
    tables = [week([60.0, 90.0, 80.0, 50.0])]
    _, table, _ = planned(tables, Rules(STRICT, patience_s=120.0), Risk(0.8, "day"))
    alone = requirement_for(tables[0], Rules(STRICT, patience_s=120.0))
    same = table["agents"].to_numpy() == alone["agents"].to_numpy()
    for kpi in ("service_level", "asa_s", "occupancy", "abandon_rate"):
        assert table.loc[same, kpi].tolist() == alone.loc[same, kpi].tolist()


@pytest.mark.parametrize("scope", ["interval", "day", "month"])
def test_every_scope_has_its_chance(week, scope):
    _, table, chances = planned(
        [week([60.0, 90.0, 80.0, 50.0])], Rules(STRICT), Risk(0.9, scope)
    )
    assert chances.pools.loc[0, "holds"] > 0.8
    assert len(chances.intervals) == len(table)


def test_chance_costs_little_where_little_is_unsure(week):
    """A month of 24,000 calls, at a known rate, is nearly its mean."""
    table = week([600.0] * 4, aht_s=240.0)
    rows = [
        planned([table], Rules(STRICT), Risk(0.9, "month"), shocks)[2].pools.loc[0]
        for shocks in (CALM, WILD)
    ]
    calm, wild = (row["hours_90"] / row["hours_mean"] for row in rows)
    assert calm < 1.02 < wild


def test_the_queues_of_a_group_have_paths_of_their_own(week):
    tables = [week([40.0, 50.0, 40.0, 30.0], queue=q) for q in "AB"]
    tables[1] = tables[1].iloc[2:]  # B's first day begins later
    rules = Rules(STRICT, pools={"Both": ("A", "B")})
    _, table, chances = planned(tables, rules, Risk(0.9, "day"))
    assert set(table["queue"]) == {"Both"}
    assert chances.pools["queue"].tolist() == ["Both"]
    assert chances.pools.loc[0, "holds"] > 0.8
    expected = chances.intervals["expected_service_level"].dropna()
    assert expected.between(0.7, 1.0).all()


def test_a_queue_that_never_closes_is_one_long_run():
    offered = 60.0 + 30.0 * np.sin(np.arange(96) * 2 * np.pi / 48)
    table = forecast_of(list(offered), start="2026-03-02 00:00")
    _, found, chances = planned([table], Rules(STRICT), Risk(0.9, "day"))
    expected = chances.intervals["expected_service_level"].dropna()
    assert expected.between(0.7, 1.0).all()
    assert chances.pools.loc[0, "holds"] > 0.8
    assert found["open"].sum() == 96


def test_seats_are_not_exceeded(week):
    rules = Rules(STRICT, seats=lambda _: (3, 11))
    _, table, chances = planned(
        [week([60.0, 90.0, 80.0, 50.0])], rules, Risk(0.9, "day")
    )
    assert table["agents"].between(0, 11).all()
    assert table.loc[table["open"], "agents"].min() >= 3
    assert np.isfinite(chances.pools.loc[0, "expected_asa_s"])
    few = Rules(STRICT, seats=lambda _: (0, 8))
    _, table, _ = planned([week([60.0, 90.0, 80.0, 50.0])], few, Risk(0.9, "day"))
    assert (table["agents"] <= table["load_erlang"]).any()
    assert np.isfinite(table.loc[table["open"], "asa_s"]).all()
    assert table.loc[table["open"], "service_level"].min() > 0


def test_calls_that_come_again_come_on_the_paths_too(week):
    forecast = week([60.0, 90.0, 80.0, 50.0])
    rules = Rules(STRICT, returning=Returning(repeat=0.3), usual_abandonment={"A": 1.0})
    _, table, chances = planned([forecast], rules, Risk(0.9, "day"))
    plain = planned([forecast], Rules(STRICT), Risk(0.9, "day"))[2]
    ratio = table["offered"].sum() / forecast["offered"].sum()
    assert ratio == pytest.approx(1 / 0.7)
    hours = [found.pools.loc[0, "agent_hours"] for found in (chances, plain)]
    assert hours[0] > 1.15 * hours[1]


def test_a_seed_gives_the_same_plan_and_another_another(week):
    tables, risk = [week([60.0, 90.0, 80.0, 50.0])], Risk(0.9, "day")
    first, again, other = (
        planned(tables, Rules(STRICT, seed=seed), risk)[2] for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first.intervals, again.intervals)
    assert not first.intervals.equals(other.intervals)
    assert dataclasses.asdict(first.risk) == {"chance": 0.9, "scope": "day"}
