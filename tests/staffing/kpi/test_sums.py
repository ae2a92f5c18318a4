import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staffing.kpi import SUMS, Declared, definitions, kpis_by, result_sums, sums_of
from staffing.simulate import kpis, simulate

FCR = Declared("fcr", "fcr_share", "1", "handled", "higher")
CSAT = Declared("csat", "csat", "", "surveys", "higher")


def history(**columns):
    return pd.DataFrame({name: [float(x) for x in v] for name, v in columns.items()})


def level(table, by, **options):
    return kpis_by(table, by, **{"sl_rule": "offered"} | options)


def test_means_become_sums_and_nothing_adds_nothing():
    table = sums_of(
        history(
            offered=[10, 0, 5],
            handled=[8, 0, 0],
            abandoned=[2, 0, 5],
            answered_within=[7, np.nan, np.nan],
            aht_s=[200, np.nan, np.nan],
            asa_s=[30, np.nan, np.nan],
            abandon_wait_s=[40, np.nan, 20],
            agents=[4, 4, np.nan],
        ),
        1800.0,
    )
    assert list(table) == [*SUMS]
    expected = {
        "answered_within": [7, 0, 0],
        "handled_wait_s": [240, 0, 0],
        "abandoned_wait_s": [80, 0, 100],
        "handle_s": [1600, 0, 0],
        "busy_s": [1600, 0, 0],
        "agent_s": [7200, 7200, np.nan],
        "short_abandoned": [np.nan] * 3,
    }
    for name, values in expected.items():
        np.testing.assert_array_equal(table[name], values, err_msg=name)


@pytest.mark.parametrize(("known", "other"), [("handled", 8), ("abandoned", 2)])
def test_handled_and_abandoned_follow_from_each_other(known, other):
    table = sums_of(history(offered=[10, 0], **{known: [other, np.nan]}), 1800.0)
    assert table[["handled", "abandoned"]].to_numpy().tolist() == [[8, 2], [0, 0]]


def test_what_no_column_tells_is_unknown():
    table = level(sums_of(history(offered=[10, 0]), 1800.0), np.zeros(2))
    assert table["offered"].tolist() == [10.0]
    assert table.drop(columns="offered").isna().all(axis=None)


def test_a_declared_kpi_is_weighed_by_its_own_count():
    table = sums_of(
        history(
            offered=[10, 20],
            handled=[10, 20],
            fcr=[0.5, 0.8],
            csat=[4, np.nan],
            surveys=[3, np.nan],
        ),
        1800.0,
        [FCR, CSAT],
    )
    assert table["fcr"].tolist() == [5.0, 16.0]
    np.testing.assert_array_equal(table["csat"], [12.0, np.nan])
    np.testing.assert_array_equal(table["surveys"], [3.0, np.nan])


LEVELS = ("offered", "handled", "less_short_abandons", "answer_rate")


@pytest.mark.parametrize("sl_rule", LEVELS)
def test_a_simulations_kpis_are_those_of_its_own_module(sl_rule):
    result = simulate(
        [3, 4, 2],
        offered=[[20.0, 5.0], [30.0, 0.0], [0.0, 0.0]],
        aht_s=200.0,
        interval_s=1800.0,
        threshold_s=20.0,
        patience_s=100.0,
        seed=1,
        replications=20,
    )
    starts = pd.date_range("2026-03-02 08:00", periods=3, freq="30min", tz="UTC")
    table = result_sums(result, ["B", "A"], starts)
    assert list(table) == ["queue", "interval_start", *SUMS]
    assert table["queue"].tolist() == [*"AAABBB"]
    ours = level(table, "queue", sl_rule=sl_rule).loc[["B", "A"]]
    theirs = kpis(result, groups=[0, 1], sl_rule=sl_rule)
    for name in ("service_level", "asa_s", "mean_wait_s", "abandon_rate", "aht_s"):
        np.testing.assert_allclose(ours[name], getattr(theirs, name).value)
    whole = level(table, np.zeros(6), sl_rule=sl_rule)
    pool = kpis(result, sl_rule=sl_rule)
    np.testing.assert_allclose(whole["occupancy"], pool.occupancy.value)
    assert whole["agent_hours"].tolist() == [pytest.approx(4.5)]
    assert (table["agent_s"] >= 0).all()


def by_hand(rows, sl_rule):
    """The KPIs of some rows as one, from the definitions in DESIGN.md's words."""
    lower = {
        "offered": rows.offered.sum(),
        "handled": rows.handled.sum(),
        "less_short_abandons": rows.offered.sum() - rows.short_abandoned.sum(),
    }
    within, waits = rows.answered_within.sum(), (rows.asa_s * rows.handled).sum()
    handle_s, agent_s = (rows.aht_s * rows.handled).sum(), 1800 * rows.agents.sum()
    answered = rows.handled.sum() / rows.offered.sum()
    levels = {rule: within / below for rule, below in lower.items()}
    levels["answer_rate"] = answered
    all_waits = waits + (rows.abandon_wait_s * rows.abandoned).sum()
    return {
        "offered": rows.offered.sum(),
        "handled": rows.handled.sum(),
        "abandoned": rows.abandoned.sum(),
        "service_level": levels[sl_rule],
        "service_level_offered": levels["offered"],
        "service_level_handled": levels["handled"],
        "service_level_less_short_abandons": levels["less_short_abandons"],
        "answer_rate": answered,
        "abandon_rate": rows.abandoned.sum() / rows.offered.sum(),
        "asa_s": waits / rows.handled.sum(),
        "mean_wait_s": all_waits / rows.offered.sum(),
        "aht_s": handle_s / rows.handled.sum(),
        "occupancy": handle_s / agent_s,
        "agent_hours": agent_s / 3600,
        "calls_per_agent_hour": rows.handled.sum() / (agent_s / 3600),
    }


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), sl_rule=st.sampled_from(LEVELS))
def test_a_kpi_of_a_union_is_the_ratio_of_its_sums_however_rows_are_split(
    rows, seed, sl_rule
):
    table = rows(9, seed)
    expected = by_hand(table, sl_rule)
    whole = level(sums_of(table, 1800.0), np.zeros(18), sl_rule=sl_rule).iloc[0]
    assert list(whole.index) == list(expected)
    np.testing.assert_allclose(whole, list(expected.values()))
    counts = ["offered", "handled", "abandoned", "short_abandoned", "answered_within"]
    parts = np.random.default_rng(seed).integers(
        1, 4, 18
    )  # a row as so many equal ones
    split = table.loc[table.index.repeat(parts)].reset_index(drop=True)
    split[[*counts, "agents"]] = split[[*counts, "agents"]].div(
        np.repeat(parts, parts), axis=0
    )
    again = level(sums_of(split, 1800.0), np.zeros(len(split)), sl_rule=sl_rule)
    np.testing.assert_allclose(again.iloc[0], list(expected.values()))


def test_a_ratio_is_over_the_rows_that_know_both_its_sums():
    table = sums_of(
        history(
            offered=[10, 90],
            handled=[10, 90],
            answered_within=[9, np.nan],
            asa_s=[np.nan, 30],
        ),
        1800.0,
    )
    found = level(table, np.zeros(2)).iloc[0]
    assert (found["offered"], found["service_level"], found["asa_s"]) == (100, 0.9, 30)


def test_every_kpi_has_a_unit_and_a_meaning_of_its_own():
    known = definitions("handled")
    assert len({kpi.name for kpi in known}) == len(known)
    assert all(kpi.unit and kpi.meaning for kpi in known)
    own, timed = known[3], known[5]
    assert (own.name, timed.name) == ("service_level", "service_level_handled")
    assert own.meaning == timed.meaning == "answered within the threshold / handled"
