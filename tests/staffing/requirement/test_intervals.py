import math

import numpy as np
import pandas as pd
import pytest
from reference.tables import forecast_of

from forecast.errors import TableError
from staffing.erlang.c import metrics
from staffing.erlang.solve import agents_for
from staffing.requirement import Rules, monthly_for, requirement_for
from staffing.shrinkage import Component, Shrinkage
from staffing.targets import Targets

HALF = Shrinkage({"leave": Component(0.25, True), "sickness": Component(0.25)})


def seats(low=0, high=None):
    return lambda queue: (low, high)


def need(forecast, targets, seats, shrinkage, **more):
    """Each interval by itself, unless asked otherwise."""
    rules = Rules(targets, seats, shrinkage, **{"load": "sipp", **more})
    return requirement_for(forecast, rules)


def test_agents_and_kpis_are_those_of_the_solver_for_each_rows_own_load():
    offered, aht_s = [100.0, 40.0, 3.0], [180.0, 300.0, 600.0]
    targets = Targets(20.0, 0.8, 30.0, 0.85)
    table = need(forecast_of(offered, aht_s=aht_s), targets, seats(), Shrinkage())
    load = np.array(offered) * aht_s / 1800
    agents = agents_for(
        load,
        aht_s=aht_s,
        service_level=0.8,
        threshold_s=30.0,
        asa_s=20.0,
        max_occupancy=0.85,
    )
    kpis = metrics(load, agents, aht_s=aht_s, threshold_s=30.0)
    assert table["load_erlang"].tolist() == load.tolist()
    assert table["agents"].tolist() == agents.tolist()
    assert table["service_level"].tolist() == kpis.service_level.tolist()
    assert table["asa_s"].tolist() == kpis.asa_s.tolist()
    assert table["occupancy"].tolist() == kpis.occupancy.tolist()
    assert (table["abandon_rate"] == 0.0).all()
    assert table["open"].all()


def test_the_forecasts_percentiles_stay_and_its_model_goes():
    table = need(forecast_of([9.0]), Targets(), seats(), Shrinkage())
    assert table.columns.tolist() == [
        "queue",
        "interval_start",
        "interval_s",
        "open",
        "offered",
        "offered_p10",
        "offered_p90",
        "aht_s",
        "load_erlang",
        "agents",
        "scheduled",
        "service_level",
        "asa_s",
        "occupancy",
        "abandon_rate",
        "binding",
    ]
    assert table.loc[0, ["offered_p10", "offered_p90"]].tolist() == [4.5, 18.0]


def test_scheduled_leaves_out_the_shrinkage_that_the_roster_places():
    table = need(forecast_of([50.0]), Targets(), seats(), HALF)
    assert table["scheduled"].tolist() == (table["agents"] / 0.75).tolist()


@pytest.mark.parametrize(
    ("offered", "targets", "limits", "agents", "binding"),
    [
        (100.0, Targets(None, 0.8, 20.0), (0, None), 14, "service_level"),
        (100.0, Targets(1.0, 0.8, 20.0), (0, None), 17, "asa_s"),
        (100.0, Targets(None, None, None, 0.5), (0, None), 20, "max_occupancy"),
        (100.0, Targets(None, 0.8, 20.0), (14, 14), 14, "service_level"),
        (100.0, Targets(None, 0.8, 20.0), (15, None), 15, "min_agents"),
        (100.0, Targets(None, 0.8, 20.0), (0, 13), 13, "max_agents"),
        (0.0, Targets(), (0, None), 0, "none"),
        (0.0, Targets(), (0, 0), 0, "none"),
        (0.0, Targets(), (2, None), 2, "min_agents"),
    ],
)
def test_binding_names_what_decided(
    offered,
    targets,
    limits,
    agents,
    binding,
):
    table = need(forecast_of([offered]), targets, lambda _: limits, Shrinkage())
    assert table.loc[0, ["agents", "binding"]].tolist() == [agents, binding]


def test_a_queue_without_calls_meets_everything():
    row = need(forecast_of([0.0]), Targets(), seats(1), Shrinkage()).loc[0]
    assert row[["load_erlang", "agents", "asa_s", "occupancy"]].tolist() == [0, 1, 0, 0]
    assert row["service_level"] == 1.0


def test_seats_below_the_load_give_what_a_growing_queue_gives():
    """A fluid of 500 erlangs on 250 seats: waits grow from 0 to the half-hour's end."""
    forecast = forecast_of([5000.0], aht_s=180.0)
    row = need(forecast, Targets(), seats(0, 250), Shrinkage()).loc[0]
    assert row[["agents", "occupancy", "binding"]].tolist() == [250, 1.0, "max_agents"]
    full_s = 180.0 * math.log(2.0)  # until all are busy; then twice what they can
    assert row["asa_s"] == pytest.approx((1800 - full_s) ** 2 / 3600, rel=0.02)
    in_time = full_s + 50.0  # arrived before the queue was 50 s long
    assert row["service_level"] == pytest.approx(in_time / 1800, rel=0.05)


def test_without_seats_nobody_is_answered():
    row = need(forecast_of([100.0]), Targets(), seats(0, 0), Shrinkage()).loc[0]
    assert row[["agents", "service_level", "binding"]].tolist() == [0, 0, "max_agents"]
    assert math.isnan(row["asa_s"])


def test_each_queue_has_its_own_seats():
    forecast = forecast_of([60.0, 60.0, 60.0], queue=["A", "B", "A"])
    limits = {"A": (12, None), "B": (0, 2)}
    table = need(forecast, Targets(), limits.__getitem__, Shrinkage())
    assert table["agents"].tolist() == [12, 12, 2]


def test_without_a_threshold_there_is_no_service_level():
    targets = Targets(50.0, None, None)
    table = need(forecast_of([60.0]), targets, seats(), Shrinkage())
    assert table["service_level"].isna().all()
    assert table["asa_s"].iloc[0] <= 50.0


def test_a_load_beyond_all_reason_is_refused():
    forecast = forecast_of([1.0, 1e9], aht_s=3600.0)
    with pytest.raises(TableError) as caught:
        need(forecast, Targets(), seats(), Shrinkage())
    assert str(caught.value) == (
        "forecast: loads must be at most 1e+09 erlangs, but reach 2e+09. "
        "Look for wrong offered or aht_s in the history."
    )


def test_more_calls_than_a_series_can_hold_are_refused_by_their_own_name():
    forecast = forecast_of([1e9], aht_s=1.0)
    with pytest.raises(TableError) as caught:
        need(forecast, Targets(), seats(), Shrinkage(), patience_s=3600.0)
    assert str(caught.value) == (
        "forecast: calls in the time of patience_s must be at most 1e+06, but reach "
        "2e+09. Look for wrong offered or aht_s in the history."
    )


def test_the_forecast_is_not_changed():
    forecast = forecast_of([60.0])
    before = forecast.copy()
    need(forecast, Targets(), seats(), HALF)
    pd.testing.assert_frame_equal(forecast, before)


def bands(*months, queue="A"):
    return pd.DataFrame(
        {
            "queue": queue,
            "month": months,
            "offered": np.nan,
            "offered_p10": 1.0,
            "offered_p90": 2.0,
            "last_year": np.nan,
            "offered_forecast": np.nan,
            "offered_given": np.nan,
        }
    )


def test_months_are_sums_and_fte_is_paid_time_over_full_time():
    forecast = forecast_of([10.0, 30.0, 20.0], aht_s=[100.0, 200.0, 300.0])
    requirement = need(forecast, Targets(), seats(4, 4), Shrinkage())
    row = monthly_for(requirement, bands("2026-03"), HALF, full_time_h=35.0).loc[0]
    assert row["offered"] == 60.0
    assert row["aht_s"] == pytest.approx((1000 + 6000 + 6000) / 60)
    assert row["agent_hours"] == 3 * 4 * 0.5
    assert row["paid_hours"] == 12.0  # half of the paid time is away
    assert row["fte"] == pytest.approx(12.0 / (35.0 * 31 / 7), rel=1e-15)
    assert row[["offered_p10", "offered_p90"]].tolist() == [1.0, 2.0]


def test_an_interval_belongs_to_the_month_of_its_local_start():
    forecast = forecast_of([1.0] * 4, start="2026-02-28 23:00")
    requirement = need(forecast, Targets(), seats(1, 1), Shrinkage())
    table = monthly_for(
        requirement, bands("2026-02", "2026-03"), Shrinkage(), full_time_h=40.0
    )
    assert table["offered"].tolist() == [2.0, 2.0]
    full_time = [40.0 * 28 / 7, 40.0 * 31 / 7]
    assert table["fte"].tolist() == pytest.approx([1 / hours for hours in full_time])


def test_quarter_hours_are_quarters_of_an_hour():
    forecast = forecast_of([5.0] * 4, interval_s=900)
    requirement = need(forecast, Targets(), seats(3, 3), Shrinkage())
    assert requirement["load_erlang"].tolist() == [1.0] * 4
    month = monthly_for(requirement, bands("2026-03"), Shrinkage(), full_time_h=40)
    assert month["agent_hours"].tolist() == [3.0]


def test_a_month_without_calls_has_no_handle_time():
    requirement = need(forecast_of([0.0]), Targets(), seats(1), Shrinkage())
    month = monthly_for(requirement, bands("2026-03"), Shrinkage(), full_time_h=40)
    assert month["aht_s"].isna().all()
    assert month["agent_hours"].tolist() == [0.5]


def test_patience_makes_it_erlang_a_with_its_own_kpis():
    table = forecast_of([360.0, 0.0], aht_s=300.0)
    targets = Targets(50.0, 0.95, None, sl_rule="answer_rate")
    row = need(table, targets, seats(), Shrinkage(), patience_s=180.0)
    assert row["agents"].tolist() == [61, 0]  # DESIGN: 60 erlangs
    assert row["binding"].tolist() == ["service_level", "none"]
    assert 0.04 < row["abandon_rate"][0] <= 0.05
    assert row["service_level"][0] == pytest.approx(1 - row["abandon_rate"][0])
