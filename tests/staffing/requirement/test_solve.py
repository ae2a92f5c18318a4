import dataclasses

import numpy as np
import pandas as pd
import pytest
from reference.tables import forecast_of

from staffing.requirement import Rules, requirement_for
from staffing.requirement.alternatives import other_rules
from staffing.requirement.scope import period_kpis
from staffing.targets import Targets

GOAL = Targets(50.0, 0.95, 50.0, 0.9)


@pytest.fixture
def three_days():
    days = [
        forecast_of([20.0, 90.0, 240.0, 30.0], start=f"2026-03-{day} 09:00")
        for day in ("30", "31")
    ]
    april = forecast_of([200.0, 80.0, 20.0], start="2026-04-01 09:00")
    return pd.concat([*days, april], ignore_index=True)


def plan(forecast, targets=GOAL, **rules):
    return requirement_for(forecast, Rules(targets, **rules))


def over(scope, **changed):
    return dataclasses.replace(GOAL, scope=scope, **changed)


def kpis_by(table, labels):
    at_work = table["open"].to_numpy()
    rows = table[at_work]
    return period_kpis(
        rows["load_erlang"].to_numpy(),
        rows["offered"].to_numpy(),
        rows["agents"].to_numpy(),
        np.asarray(labels)[at_work],
        aht_s=rows["aht_s"].to_numpy(),
        threshold_s=50.0,
    )


@pytest.mark.parametrize(("scope", "form"), [("day", "%d"), ("month", "%m")])
def test_targets_hold_over_each_day_or_month_and_cost_less(three_days, scope, form):
    table = plan(three_days, over(scope))
    kpis = kpis_by(table, table["interval_start"].dt.strftime(form))
    assert (kpis.service_level >= 0.95).all()
    assert len(kpis.period) == {"day": 3, "month": 2}[scope]
    each = plan(three_days)
    assert table["agents"].sum() < each["agents"].sum()
    at_work = table[table["open"]]
    assert (at_work["agents"] > at_work["load_erlang"]).all()
    assert (at_work["occupancy"] <= 0.9).all()
    assert at_work["binding"].isin([scope, "max_occupancy", "min_agents"]).all()


def test_the_floor_holds_in_every_interval(three_days):
    free, held = (
        plan(three_days, over("month", floor_service_level=floor))
        for floor in (None, 0.9)
    )
    assert free["service_level"].min() < 0.9
    assert held["service_level"].min() >= 0.9
    assert held["agents"].sum() >= free["agents"].sum()


def test_seats_that_spoil_the_month_are_told(three_days):
    table = plan(three_days, over("month"), seats=lambda _: (0, 26))
    march = table["interval_start"].dt.month == 3
    assert (table.loc[march, "binding"] == "max_agents").any()
    few = plan(three_days, over("month"), seats=lambda _: (0, 31))
    assert not (few["binding"] == "max_agents").any()
    assert few["agents"].max() <= 31


def test_what_a_scope_saves_is_shown(three_days):
    rules = Rules(over("month", floor_service_level=0.8))
    each = other_rules(rules, None)["targets met in every interval"]
    assert each.targets == GOAL
    hours = [requirement_for(three_days, r)["agents"].sum() for r in (rules, each)]
    assert hours[0] < hours[1]


def test_a_queue_without_calls_has_no_month_to_meet():
    table = plan(forecast_of([0.0, 0.0]), over("month"), seats=lambda _: (1, None))
    assert table["agents"].tolist() == [1, 1]
    assert table["binding"].tolist() == ["min_agents"] * 2
