import mpmath
import numpy as np
import pandas as pd
import pytest

from staffing.audit.steady import (
    BLOCKS,
    Agreement,
    Deviation,
    block_lengths_s,
    compare_steady,
    has_balance,
    relaxation_s,
    run_calls,
    steady_kpis,
    t_quantile,
)
from staffing.erlang.limits import checked_callers
from staffing.targets import Targets

TARGETS = Targets()


def rows_of(load, agents, *, aht_s=200.0, patience_s=None, targets=TARGETS):
    """A requirement whose KPIs are those of the formulas."""
    load, agents = np.array(load, dtype=float), np.array(agents, dtype=float)
    callers = checked_callers(aht_s, targets.limits(patience_s))
    met = callers.reached(load, agents.astype(int))
    first = pd.Timestamp("2026-03-02 09:00", tz="Europe/Rome")
    return pd.DataFrame(
        {
            "queue": "Sales",
            "interval_start": pd.date_range(first, periods=len(load), freq="30min"),
            "load_erlang": load,
            "agents": agents,
            "aht_s": aht_s,
            "service_level": met.service_level,
            "asa_s": met.asa_s,
            "abandon_rate": met.abandon_rate,
            "binding": "service_level",
        }
    )


def compared(rows, *, patience_s=None, targets=TARGETS, seed=3):
    found = steady_kpis(rows, targets=targets, patience_s=patience_s, seed=seed)
    return compare_steady(rows.join(found))


def forgetting_s(load, agents, aht_s, patience_s):
    """1 / the second smallest eigenvalue of the generator: the relaxation time."""
    states = int(agents + 15 * np.sqrt(agents + 1) + 40)
    calls = np.arange(1, states + 1)
    away = np.minimum(calls, agents) / aht_s
    if patience_s is not None:
        away = away + np.maximum(calls - agents, 0) / patience_s
    come = np.full(states, load / aht_s)
    diagonal = np.append(come, 0.0) + np.append(0.0, away)
    beside = np.sqrt(come * away)  # of the generator made symmetric
    matrix = np.diag(diagonal) - np.diag(beside, 1) - np.diag(beside, -1)
    return 1.0 / np.linalg.eigvalsh(matrix)[1]


@pytest.mark.parametrize(
    ("load", "agents"), [(0.2, 1), (0.5, 2), (5, 7), (5, 12), (25, 31), (25, 36)]
)
def test_the_relaxation_time_is_that_of_the_generator_in_erlang_c(load, agents):
    found = relaxation_s(np.array(load), np.array(agents), np.array(200.0), None)
    exact = forgetting_s(load, agents, 200.0, None)
    assert 0.9 * exact < found < 1.05 * exact


@pytest.mark.parametrize("patience_s", [60.0, 200.0, 1000.0])
@pytest.mark.parametrize(("load", "agents"), [(5, 3), (5, 9), (25, 25), (25, 36)])
def test_with_patience_a_pool_forgets_no_more_slowly_than_said(
    load, agents, patience_s
):
    found = relaxation_s(np.array(load), np.array(agents), np.array(200.0), patience_s)
    assert found > 0.9 * forgetting_s(load, agents, 200.0, patience_s)


def test_without_balance_the_relaxation_time_is_infinite():
    load, agents = np.array([3.0, 4.0]), np.array([3.0, 3.0])
    assert np.isinf(relaxation_s(load, agents, np.array(200.0), None)).all()


def test_rows_without_load_or_balance_or_seats_are_no_comparison():
    rows = rows_of([0.0, 3.0, 3.0, 3.0], [1, 3, 5, 5])
    rows.loc[3, "binding"] = "max_agents"
    assert has_balance(rows, None).tolist() == [False, False, True, False]
    assert has_balance(rows, 180.0).tolist() == [False, True, True, False]


def test_a_row_next_to_saturation_is_no_comparison():
    rows = rows_of([10.999, 10.0], [11, 11])
    assert has_balance(rows, None).tolist() == [False, True]
    assert has_balance(rows, 180.0).tolist() == [True, True]


def test_blocks_last_many_relaxation_times_and_have_calls():
    rows = rows_of([0.01, 5.0, 30.0, 1000.0], [1, 9, 36, 1030])
    relax_s = relaxation_s(
        rows["load_erlang"].to_numpy(), rows["agents"].to_numpy(), np.full(4, 200), None
    )
    blocks = block_lengths_s(rows, None)
    assert (blocks >= 5 * relax_s * (1 - 1e-12)).all()
    assert blocks[0] * 0.01 / 200.0 == pytest.approx(50)
    assert blocks[1] == pytest.approx(20 * relax_s[1])
    assert blocks[2] == pytest.approx(2000 * 200 / 30)
    assert blocks[3] == pytest.approx(5 * relax_s[3])
    assert run_calls(rows, None)[0] == pytest.approx(42 * 50)


LOADS = np.linspace(0.05, 20.0, 60)
AGENTS = np.ceil(LOADS + 1.3 * np.sqrt(LOADS) + 0.3)


@pytest.mark.parametrize("patience_s", [None, 180.0])
@pytest.mark.parametrize("sl_rule", ["offered", "handled", "less_short_abandons"])
def test_formulas_agree_with_the_simulation(patience_s, sl_rule):
    targets = Targets(sl_rule=sl_rule)
    rows = rows_of(LOADS, AGENTS, patience_s=patience_s, targets=targets)
    agreement = compared(rows, patience_s=patience_s, targets=targets)
    assert agreement.agrees
    kpis = 2 if patience_s is None else 3
    assert (agreement.intervals, agreement.comparisons) == (60, kpis * 61)


def test_overloaded_callers_who_hang_up_agree():
    rows = rows_of([3.0, 8.0, 2.0], [2, 4, 0], patience_s=120.0)
    assert compared(rows, patience_s=120.0).agrees


def test_rare_waits_are_no_disagreement():
    """So many agents that hardly a call waits: often none in the simulation."""
    loads = np.repeat([0.05, 0.5, 3.0], 40)
    rows = rows_of(loads, np.ceil(loads + 4 * np.sqrt(loads) + 1))
    assert compared(rows).agrees


@pytest.mark.parametrize(
    ("change", "kpi"),
    [
        (lambda rows: {"service_level": rows["service_level"] - 0.03}, "service_level"),
        (lambda rows: {"service_level": rows["service_level"] + 0.01}, None),
        (lambda rows: {"asa_s": rows["asa_s"] * 1.25}, "asa_s"),
        (lambda rows: {"load_erlang": rows["load_erlang"] * 1.1}, None),
        (lambda rows: {"aht_s": rows["aht_s"] * 1.3}, None),
    ],
)
def test_a_wrong_requirement_is_found(change, kpi):
    rows = rows_of(LOADS[10:], AGENTS[10:])
    agreement = compared(rows.assign(**change(rows)))
    assert not agreement.agrees
    assert kpi in (None, agreement.furthest.kpi)


def test_one_wrong_interval_is_found_by_name():
    rows = rows_of(LOADS, AGENTS)
    rows.loc[30, "service_level"] -= 0.1
    agreement = compared(rows)
    assert not agreement.agrees
    assert agreement.furthest.where == "Sales 2026-03-03 00:00"


def test_a_right_plan_is_rarely_called_wrong():
    """1 of 100 may be: of 25, more than 3 have a chance of 1 in 10,000."""
    rows = rows_of(LOADS[::6], AGENTS[::6])
    assert sum(not compared(rows, seed=seed).agrees for seed in range(25)) <= 3


def test_a_row_draws_its_own_numbers_whichever_others_there_are():
    rows = rows_of([3.0, 5.0, 5.0], [6, 9, 9])
    settings = {"targets": TARGETS, "patience_s": None}
    whole = steady_kpis(rows, seed=1, **settings)
    pd.testing.assert_frame_equal(
        steady_kpis(rows.iloc[1:], seed=1, **settings), whole.iloc[1:]
    )
    assert whole.loc[1, "steady_asa_s"] != whole.loc[2, "steady_asa_s"]
    assert not whole.equals(steady_kpis(rows, seed=2, **settings))


@pytest.mark.parametrize("tail", [0.01, 1e-4, 1e-6, 1e-8])
def test_the_quantile_is_students(tail):
    freedom = BLOCKS - 1
    value = t_quantile(tail, freedom)
    x = freedom / (freedom + mpmath.mpf(value) ** 2)
    exact = mpmath.betainc(freedom / 2, 0.5, 0, x, regularized=True) / 2
    assert float(exact) == pytest.approx(tail, rel=0.02)


def test_the_verdicts_whole_sentences():
    near = Deviation("Sales 2026-03-02 09:00", "asa_s", 4.0, 4.5, 0.25)
    assert Agreement(2, 6, near).sentence(3) == (
        "2 of 3 intervals simulated one by one: planned and simulated agree (largest "
        "deviation 2.0 standard errors, bound 3.4)."
    )
    far = Deviation("Sales 2026-03-02 09:00", "service_level", 0.95, 0.9, 0.004)
    assert Agreement(1548, 6, far).sentence(1548) == (
        "1,548 intervals simulated one by one: planned and simulated disagree: Sales "
        "2026-03-02 09:00, service level planned 95.0%, simulated 90.0% ± 0.8 (12.5 "
        "standard errors, bound 3.4)."
    )
    assert Agreement(0, 0, None).sentence(4) == (
        "0 of 4 intervals simulated one by one: nothing to compare."
    )
