import numpy as np
import pandas as pd
import pytest
from reference.tables import forecast_of

from staffing.load import loads_for
from staffing.requirement import Rules, requirement_for
from staffing.targets import Targets

STRICT = Targets(None, 0.95, 50.0)


def test_people_stay_after_closing_for_the_calls_that_are_left():
    forecast = forecast_of([60.0, 60.0], aht_s=1800.0)
    table = requirement_for(forecast, Rules(STRICT))
    closed = table[~table["open"]]
    assert table["open"].tolist() == [True] * 2 + [False] * len(closed)
    steps = table["interval_start"].diff().dropna().unique()
    assert steps.tolist() == [pd.Timedelta(minutes=30)]
    offered = [60.0, 60.0] + [0.0] * 9
    load = loads_for(offered, aht_s=1800.0, interval_s=1800.0)
    assert table["load_erlang"].tolist() == load[: len(table)].tolist()
    assert (closed["load_erlang"] >= 0.5).all()
    assert load[len(table)] < 0.5
    assert (closed["offered"] == 0.0).all()
    assert (closed["offered_p90"] == 0.0).all()
    assert (closed["agents"] > closed["load_erlang"]).all()


def test_after_a_quiet_evening_nobody_stays():
    table = requirement_for(forecast_of([5.0, 5.0]), Rules(STRICT))
    assert table["open"].all()


def test_nobody_is_kept_there_by_min_agents_after_closing():
    rules = Rules(STRICT, seats=lambda _: (40, None))
    table = requirement_for(forecast_of([60.0], aht_s=600.0), rules)
    assert table["open"].tolist() == [True, False]
    assert table["agents"].tolist()[0] == 40
    assert table["agents"].tolist()[1] < 20


def test_a_lunch_break_has_the_mornings_last_calls():
    morning = forecast_of([60.0, 60.0], aht_s=600.0)
    noon = forecast_of([60.0], aht_s=600.0, start="2026-03-02 11:00")
    table = requirement_for(pd.concat([morning, noon]), Rules(STRICT))
    assert table["open"].tolist() == [True, True, False, True, False]
    both = loads_for([60, 60, 0, 0, 60, 0], aht_s=600.0, interval_s=1800.0)
    assert table["load_erlang"].tolist() == pytest.approx(both[[0, 1, 2, 4, 5]])


def test_a_queue_open_at_midnight_was_open_before():
    table = requirement_for(
        forecast_of([60.0], aht_s=600.0, start="2026-03-02 00:00"), Rules(STRICT)
    )
    assert table["load_erlang"].iloc[0] == pytest.approx(20.0, rel=1e-12)
    later = requirement_for(forecast_of([60.0], aht_s=600.0), Rules(STRICT))
    assert later["load_erlang"].iloc[0] < 19.0


def test_the_next_months_first_night_is_not_this_months():
    forecast = forecast_of([60.0], aht_s=3600.0, start="2026-03-31 23:30")
    assert requirement_for(forecast, Rules(STRICT))["open"].tolist() == [True]


def test_the_last_calls_are_carried_over_the_hour_that_comes_twice():
    """On 25 October 2026 02:00 to 03:00 comes twice: rows follow absolute time."""
    forecast = forecast_of([60.0] * 2, aht_s=1800.0, start="2026-10-25 01:00")
    table = requirement_for(forecast, Rules(STRICT))
    assert len(table) > 4
    instants = table["interval_start"].dt.tz_convert("UTC").diff().dropna().unique()
    assert instants.tolist() == [pd.Timedelta(minutes=30)]


def test_each_queue_carries_its_own_calls():
    a = forecast_of([60.0], aht_s=1800.0)
    b = forecast_of([3.0, 3.0], queue="B")
    both = requirement_for(pd.concat([a, b]), Rules(STRICT))
    alone = [requirement_for(forecast, Rules(STRICT)) for forecast in (a, b)]
    pd.testing.assert_frame_equal(both, pd.concat(alone, ignore_index=True))


def test_a_backlog_is_worked_off_by_the_seats_after_closing():
    """150 half-hours' work of 10 minutes each on 20 seats: 2 1/2 times too much."""
    rules = Rules(STRICT, seats=lambda _: (0, 20), seed=3)
    table = requirement_for(forecast_of([150.0], aht_s=600.0), rules)
    assert (table["agents"].iloc[:2] == 20).all()
    assert table["binding"].iloc[:2].tolist() == ["max_agents"] * 2
    worked = table["agents"].sum() * 1800.0
    assert worked >= 150 * 600.0  # the whole work is done
    assert np.isfinite(table["asa_s"].iloc[0])
    assert table["asa_s"].iloc[0] > 600.0
    assert table["service_level"].iloc[0] < 0.5


def test_after_an_overload_waits_fall_as_the_backlog_does():
    rules = Rules(STRICT, seats=lambda _: (0, 20))
    table = requirement_for(forecast_of([150.0, 20.0, 20.0, 20.0, 20.0]), rules)
    few = requirement_for(forecast_of([300.0, 20.0, 20.0, 20.0, 20.0]), rules)
    assert np.isfinite(few["asa_s"][few["open"]]).all()
    waits = few["asa_s"].tolist()
    assert waits[0] > waits[1] > waits[2]
    assert table["asa_s"].max() < 10.0
    assert few["load_erlang"][1] > table["load_erlang"][1]


@pytest.mark.parametrize("load", ["sipp", "mol", "mol_max"])
def test_no_plan_has_an_endless_wait(load):
    rules = Rules(STRICT, seats=lambda _: (0, 5), load=load)
    table = requirement_for(forecast_of([90.0, 10.0, 60.0], aht_s=300.0), rules)
    assert np.isfinite(table["asa_s"][table["open"]]).all()
