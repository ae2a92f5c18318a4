import numpy as np
import pandas as pd
import pytest

from staffing.audit.days import in_sum, simulate_days
from staffing.simulate import kpis, simulate
from staffing.targets import Targets

SETTINGS = {"targets": Targets(), "patience_s": None, "handle_cv": 1.0, "seed": 5}


def table_of(starts, *, queue="Sales", offered=20.0, aht_s=200.0, agents=4):
    starts = pd.DatetimeIndex(starts)
    return pd.DataFrame(
        {
            "queue": queue,
            "interval_start": starts,
            "interval_s": 1800,
            "offered": offered,
            "aht_s": aht_s,
            "agents": agents,
        }
    )


def half_hours(first, count):
    return pd.date_range(first, periods=count, freq="30min", tz="Europe/Rome")


def test_a_run_is_simulated_as_one_day_and_a_gap_starts_afresh():
    starts = half_hours("2026-03-02 09:00", 3).append(half_hours("2026-03-03 09:00", 2))
    rows = table_of(starts)
    result = simulate_days(rows, rows, ("Sales",), replications=30, **SETTINGS)
    parts = [
        simulate(
            [4] * count,
            offered=20.0,
            aht_s=200.0,
            interval_s=1800.0,
            threshold_s=50.0,
            handle_cv=1.0,
            seed=(5, 1, first),
            replications=30,
        )
        for first, count in ((0, 3), (3, 2))
    ]
    for name in ("offered", "answered_within", "handle_s", "busy_s"):
        both = np.concatenate([getattr(part, name) for part in parts], axis=1)
        np.testing.assert_array_equal(getattr(result, name), both)
    assert result.agent_s.tolist() == [7200.0] * 5


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_the_night_in_which_clocks_change_is_one_run(day):
    rows = table_of(half_hours(f"{day} 00:00", 8))
    whole = simulate_days(rows, rows, ("Sales",), replications=2, **SETTINGS)
    other = rows.assign(
        interval_start=half_hours("2026-03-02 00:00", 8)
    )  # a day without a change: the same numbers
    same = simulate_days(other, other, ("Sales",), replications=2, **SETTINGS)
    np.testing.assert_array_equal(whole.handle_s, same.handle_s)


def test_a_group_has_its_queues_calls_and_handle_times():
    starts = half_hours("2026-03-02 09:00", 4)
    forecast = pd.concat(
        [
            table_of(starts, queue="long", offered=10.0, aht_s=600.0),
            table_of(starts, queue="short", offered=30.0, aht_s=100.0),
            table_of(starts, queue="other", offered=99.0),
        ]
    )
    rows = table_of(starts, queue="Care", offered=80.0, aht_s=225.0, agents=20)
    result = simulate_days(
        rows, forecast, ("short", "long"), replications=200, **SETTINGS
    )
    by_queue = kpis(result, groups=np.arange(2))
    aht = by_queue.aht_s
    assert (np.abs(aht.value - [100.0, 600.0]) < 4 * aht.se).all()
    calls = result.offered.sum(axis=(1,)).mean(axis=0)
    np.testing.assert_allclose(calls, [240.0, 80.0], rtol=0.03)  # as the rows say


def test_after_closing_nobody_calls_and_the_queue_is_served():
    starts = half_hours("2026-03-02 09:00", 3)
    rows = table_of(starts, offered=[40.0, 40.0, 0.0], agents=[3, 3, 3])
    forecast = table_of(starts[:2], offered=40.0)
    result = simulate_days(rows, forecast, ("Sales",), replications=20, **SETTINGS)
    assert (result.offered[:, 2] == 0).all()
    assert (result.offered[:, :2] > 0).all()
    assert result.busy_s[:, 2].mean() > 0
    assert (result.handled == result.offered).all()


def test_the_sum_has_the_kpis_of_the_whole():
    rows = table_of(half_hours("2026-03-02 09:00", 5))
    result = simulate_days(rows, rows, ("Sales",), replications=10, **SETTINGS)
    whole, summed = kpis(result), kpis(in_sum([result]))
    for estimate, other in zip(whole, summed, strict=True):
        np.testing.assert_allclose(estimate.value, other.value)
        np.testing.assert_allclose(estimate.se, other.se)
