"""Patience: its law, its interval in simulated months, and when it is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from forecast.errors import TableError
from staffing.patience import (
    LEAST_ABANDONMENTS,
    estimate_patience,
    of_pool,
    patience_by,
    patience_of,
)
from staffing.simulate import simulate

PATIENCE_S = 180.0


def months(offered, agents, aht_s, count, intervals=40):
    """Waiting and abandonments of simulated months with PATIENCE_S."""
    result = simulate(
        [agents] * intervals,
        offered=offered,
        aht_s=aht_s,
        interval_s=1800.0,
        threshold_s=20.0,
        patience_s=PATIENCE_S,
        handle_cv=1.0,
        seed=11,
        replications=count,
    )
    waiting_s = result.handled_wait_s + result.abandoned_wait_s
    return waiting_s.sum(axis=(1, 2)), result.abandoned.sum(axis=(1, 2))


def held(waiting_s, abandonments):
    _, low, high = patience_of(waiting_s, abandonments)
    return ((low <= PATIENCE_S) & (high >= PATIENCE_S)).mean()


def table(**columns):
    names = ("handled_wait_s", "abandoned_wait_s", "abandoned")
    return pd.DataFrame({name: np.array(columns[name], dtype=float) for name in names})


def test_the_interval_holds_the_truth_in_95_of_100_months():
    waiting_s, abandonments = months(20.0, 7, 540.0, 1000)
    assert abandonments.mean() < 1.5 * LEAST_ABANDONMENTS  # as few as are accepted
    assert 0.93 <= held(waiting_s, abandonments) <= 0.97
    assert np.median(patience_of(waiting_s, abandonments)[0]) == pytest.approx(
        180, 0.02
    )


@pytest.mark.bench
@pytest.mark.parametrize(
    ("offered", "agents", "aht_s"),
    [(2.0, 1, 600.0), (8.0, 3, 600.0), (20.0, 7, 540.0), (60.0, 20, 540.0)],
)
@pytest.mark.parametrize("intervals", [40, 240])
def test_the_interval_holds_for_months_of_all_sizes(offered, agents, aht_s, intervals):
    waiting_s, abandonments = months(offered, agents, aht_s, 2000, intervals)
    share = held(waiting_s, abandonments)
    print(f"{abandonments.mean():8.1f} abandonments: {share:.1%} within")
    assert 0.93 <= share <= 0.97


def test_the_ends_leave_a_fortieth_of_jeffreys_law_on_either_side():
    waiting_s, lost = 9000.0, 50

    def density(rate):
        return np.exp((lost - 0.5) * np.log(rate * waiting_s) - rate * waiting_s)

    mean, low, high = patience_of(waiting_s, lost)
    whole = quad(density, 0, 0.02)[0]
    assert mean == pytest.approx(180.0)
    assert quad(density, 0, 1 / high)[0] / whole == pytest.approx(0.025, abs=1e-6)
    assert quad(density, 1 / low, 0.02)[0] / whole == pytest.approx(0.025, abs=1e-6)


@given(
    waiting_s=st.floats(1.0, 1e8), lost=st.integers(1, 10**6), k=st.floats(0.1, 10.0)
)
def test_patience_has_the_unit_of_the_waits(waiting_s, lost, k):
    once, scaled = patience_of(waiting_s, lost), patience_of(k * waiting_s, lost)
    assert np.allclose(np.multiply(once, k), scaled)
    assert once[1] < once[0] < once[2]


def test_nobody_hung_up_or_nobody_waited():
    mean, low, high = patience_of([600.0, 0.0], [0, 0])
    assert mean[0] == high[0] == np.inf
    assert 0 < low[0] < np.inf
    assert np.isnan([mean[1], low[1], high[1]]).all()


def test_only_rows_that_know_all_waits_count():
    nan = np.nan
    sums = table(
        handled_wait_s=[100.0, 200.0, nan, 50.0],
        abandoned_wait_s=[80.0, nan, 10.0, 40.0],
        abandoned=[1, 2, 1, 1],
    )
    found = patience_by(sums, np.array(["a", "a", "b", "b"]))
    assert found["waiting_s"].tolist() == [180.0, 90.0]
    assert found["abandonments"].tolist() == [1.0, 1.0]
    assert found["patience_s"].tolist() == [180.0, 90.0]


def test_enough_abandonments_give_an_estimate_and_one_fewer_does_not():
    def rows(lost):
        return table(
            handled_wait_s=[10_000.0], abandoned_wait_s=[8_000.0], abandoned=[lost]
        )

    enough = estimate_patience(rows(LEAST_ABANDONMENTS), "history of Sales")
    assert enough.patience_s == 180.0
    assert str(enough) == "180 s (149 to 220), on 100 abandonments"
    with pytest.raises(TableError) as refused:
        estimate_patience(rows(LEAST_ABANDONMENTS - 1), "history of Sales")
    assert str(refused.value) == (
        "history of Sales: an estimate of patience needs 100 abandonments or more with "
        "asa_s and abandon_wait_s beside them, but in the last 12 months there are 99, "
        "and all callers waited 18,000 s together. Write [staffing] patience_s as a "
        "number of seconds."
    )


def test_columns_that_lack_are_named():
    rows = table(handled_wait_s=[90.0], abandoned_wait_s=[np.nan], abandoned=[np.nan])
    with pytest.raises(TableError, match=r"or add abandoned and abandon_wait_s\.$"):
        estimate_patience(rows, "history of Sales")


def test_waits_of_nought_tell_no_patience():
    rows = table(handled_wait_s=[0.0], abandoned_wait_s=[0.0], abandoned=[500])
    with pytest.raises(TableError, match="all callers waited 0 s together"):
        estimate_patience(rows, "history of Sales")


def test_a_pool_has_its_own_patience_or_that_of_all():
    assert of_pool({"Sales": 90.0, "Care": 200.0}, "Care") == 200.0
    assert of_pool(120.0, "Care") == 120.0
    assert of_pool(None, "Care") is None
