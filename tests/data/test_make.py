"""The sample centre's generator: its files, its randomness and its simulation."""

import datetime as dt
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

DATA = Path(__file__).parents[2] / "data"
KEYS = ["queue", "interval_start"]


@pytest.fixture(scope="module")
def make(script):
    with script("make") as module:
        yield module


@pytest.fixture(scope="module")
def made(make):
    return make.make_centre()


@pytest.fixture(scope="module")
def history():
    return pd.read_csv(DATA / "history.csv")


@pytest.fixture(scope="module")
def truth():
    return pd.read_csv(DATA / "truth.csv")


def test_the_truth_is_made_again(made, truth):
    pd.testing.assert_frame_equal(made[1], truth, rtol=1e-6, atol=0)


def test_the_history_is_made_again(made):
    """On another machine the last bit of exp() may differ: one queue-day in 100."""
    again = made[0].to_csv(index=False, lineterminator="\n").splitlines()
    pairs = list(
        zip(again, (DATA / "history.csv").read_text().splitlines(), strict=True)
    )
    days = {line.split("T")[0] for _, line in pairs}
    changed = {line.split("T")[0] for other, line in pairs if other != line}
    assert len(changed) <= 0.01 * len(days)


def test_files_stay_small():
    for name in ("history.csv", "truth.csv"):
        assert (DATA / name).stat().st_size < 3.9e6


def test_another_seed_is_another_draw_of_the_same_centre(make, made):
    history, truth = make.make_centre(1)
    pd.testing.assert_series_equal(truth["offered_mean"], made[1]["offered_mean"])
    assert (history["offered"] != made[0]["offered"]).mean() > 0.8


def test_every_open_interval_is_there_and_no_other(history, truth):
    for table, last in ((history, "2026-11-30"), (truth, "2026-12-31")):
        days = pd.date_range("2024-10-01", last)
        closed = ["12-25", "12-26", "01-01", "01-06", "04-25", "05-01", "06-02"]
        closed += ["08-15", "11-01", "12-07", "12-08"]
        easter_mondays = [pd.Timestamp(2025, 4, 21), pd.Timestamp(2026, 4, 6)]
        days = days[~days.strftime("%m-%d").isin(closed) & (days.day_of_week < 6)]
        days = days[~days.isin(easter_mondays)]
        starts = [
            f"{day:%Y-%m-%d}T{half_hour // 2:02}:{half_hour % 2 * 30:02}"
            for day in days
            for half_hour in range(16, 28 if day.weekday() == 5 else 40)
        ]
        for queue in ("Acqua", "Ambiente", "Energia"):
            rows = table[table["queue"] == queue]
            assert list(rows["interval_start"]) == starts
        assert table[KEYS].equals(table[KEYS].sort_values(KEYS))


def test_calls_are_handled_or_abandoned(history):
    offered, handled = history["offered"], history["handled"]
    assert (handled + history["abandoned"] == offered).all()
    assert (history["answered_within"] <= handled).all()
    assert (history["agents"] >= 1).all()
    assert (history["aht_s"].isna() == (handled == 0)).all()
    assert (history["asa_s"].isna() == (handled == 0)).all()
    assert (history["abandon_wait_s"].isna() == (history["abandoned"] == 0)).all()


def test_ambiente_is_small_everywhere(truth):
    small = truth[truth["queue"] == "Ambiente"]
    assert small["offered_mean"].max() < 10
    assert small["offered_rate"].max() < 10


def test_calls_are_poisson_around_their_rate_and_not_around_their_mean(history, truth):
    rows = history.merge(truth, on=KEYS, validate="one_to_one")
    squares = (rows["offered"] - rows["offered_rate"]) ** 2 / rows["offered_rate"]
    assert squares.mean() == pytest.approx(1, rel=0.05)
    factor = np.log(rows["offered_rate"] / rows["offered_mean"])
    assert factor.std() == pytest.approx((0.04**2 + 0.05**2 + 0.05**2) ** 0.5, rel=0.1)
    large = rows[rows["queue"] == "Energia"]
    squares = (large["offered"] - large["offered_mean"]) ** 2 / large["offered_mean"]
    assert squares.mean() > 1.3


def test_handle_times_and_patience_are_the_true_ones(make, history, truth):
    """Abandoned / total time waited estimates 1 / patience where it is exponential."""
    rows = history.merge(truth, on=KEYS, validate="one_to_one").fillna(0.0)
    for queue in make.QUEUES:
        mine = rows[rows["queue"] == queue.name]
        handling_s = (mine["aht_s_x"] * mine["handled"]).sum()
        expected_s = (mine["aht_s_y"] * mine["handled"]).sum()
        assert handling_s == pytest.approx(expected_s, rel=0.02)
        waited_s = mine["asa_s"] * mine["handled"]
        waited_s += mine["abandon_wait_s"] * mine["abandoned"]
        patience_s = waited_s.sum() / mine["abandoned"].sum()
        assert patience_s == pytest.approx(queue.patience_s, rel=0.05)


def test_months_are_neither_perfect_nor_hopeless(make, history):
    months = make.monthly_kpis(history)
    assert months["service_level"].between(0.75, 0.93).all()
    assert months["abandon_rate"].between(0.04, 0.115).all()
    assert (months["service_level"].groupby("queue").std() > 0.01).all()


def test_billing_runs_are_on_the_working_day_that_is_set(make):
    energia, acqua, ambiente = make.QUEUES
    winter = (dt.date(2026, 12, 1), dt.date(2027, 1, 31))
    runs = make.billing_runs(energia, *winter)
    assert runs == [dt.date(2026, 12, 3), dt.date(2027, 1, 7)]
    assert make.billing_runs(acqua, *winter) == [dt.date(2026, 12, 16)]
    assert make.billing_runs(ambiente, *winter) == []
    assert make.billing_runs(energia, dt.date(2026, 12, 4), dt.date(2026, 12, 31)) == []
    assert make.billing_lifts(energia, *winter) == {
        dt.date(2026, 12, 3): 1.25,
        dt.date(2026, 12, 4): 1.15,
        dt.date(2026, 12, 9): 1.08,  # 7 and 8 are holidays
        dt.date(2027, 1, 7): 1.25,
        dt.date(2027, 1, 8): 1.15,
        dt.date(2027, 1, 11): 1.08,
    }


def test_who_goes_home_ends_the_call_and_the_queue_is_served_after_closing(make):
    wait_s, answered = make.simulate(
        np.array([0.0, 10.0, 90.0, 95.0, 150.0]),
        np.full(5, 120.0),
        np.array([np.inf, np.inf, np.inf, 60.0, np.inf]),
        np.array([2, 1]),
        100.0,
    )
    # 0 and 10 until 120 and 130; one agent from 100: the third starts at 130, the
    # fourth gives up at 155, the last starts at 250, 50 s after closing.
    assert list(wait_s) == [0.0, 0.0, 40.0, 60.0, 100.0]
    assert list(answered) == [True, True, True, False, True]


def exact_blocking(load: Fraction, agents: int) -> Fraction:
    """Erlang B: B(n) = a·B(n-1) / (n + a·B(n-1)), in exact rationals."""
    blocking = Fraction(1)
    for n in range(1, agents + 1):
        blocking = load * blocking / (n + load * blocking)
    return blocking


def run(make, load, agents, aht_s, patience_s):
    rng, calls = np.random.default_rng(1), 101 * 20_000
    arrival_s = np.cumsum(rng.exponential(aht_s / load, calls))
    service_s = rng.exponential(aht_s, calls)
    patience = np.full(calls, patience_s)
    return make.simulate(arrival_s, service_s, patience, np.array([agents]), 1800.0)


def assert_mean_is(values, exact):
    """Within 3 standard errors over batches; the first, the warm-up, is left out."""
    batches = values.reshape(101, -1).mean(axis=1)[1:]
    error = batches.std(ddof=1) / len(batches) ** 0.5
    assert abs(batches.mean() - exact) < 3 * error
    assert error < 0.03 * exact


@pytest.mark.parametrize(("load", "agents"), [(8, 10), (25, 28)])
def test_without_abandonment_the_mean_wait_is_erlang_c(make, load, agents):
    aht_s = 100.0
    blocking = exact_blocking(Fraction(load), agents)
    must_wait = blocking / (1 - Fraction(load, agents) * (1 - blocking))
    wait_s, answered = run(make, load, agents, aht_s, np.inf)
    assert answered.all()
    assert_mean_is(wait_s, float(must_wait * int(aht_s) / (agents - load)))


def test_without_patience_the_lost_share_is_erlang_b(make):
    _, answered = run(make, 8, 10, 100.0, 0.0)
    assert_mean_is(1.0 - answered, float(exact_blocking(Fraction(8), 10)))
