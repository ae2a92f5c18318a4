"""The mathematics against a past whose truth is known: the test simulated it."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from forecast.errors import TableError
from forecast.history import History
from forecast.intervals import Calendar, OpeningHours
from staffing.audit.against import against_history
from staffing.audit.errors import kpis_of_rows
from staffing.audit.models import PastPool, Setup
from staffing.erlang import a, c
from staffing.erlang.a import SL_RULES
from staffing.simulate import simulate

DAYS, SLOTS = 42, 16
ZONE = ZoneInfo("Europe/Rome")
AGENTS = np.tile([5, 6, 6, 8], SLOTS // 4)
SETUP = Setup(
    threshold_s=20.0,
    sl_rule="offered",
    load="mol",
    seed=3,
    patience_s=None,
    handle_cv=1.0,
    replications=6,
)


def mean(above, below):
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)


@pytest.fixture(scope="module")
def history():
    """Six weeks of one queue, 180 s of patience, agents enough or a little few."""
    result = simulate(
        AGENTS,
        offered=50.0,
        aht_s=200.0,
        interval_s=1800.0,
        threshold_s=20.0,
        patience_s=180.0,
        handle_cv=1.0,
        seed=5,
        replications=DAYS,
    )
    sums = {name: getattr(result, name)[:, :, 0].ravel() for name in result._fields[:8]}
    starts = [
        start
        for day in pd.date_range("2026-03-02", periods=DAYS)
        for start in pd.date_range(
            day + pd.Timedelta(hours=8), periods=SLOTS, freq="30min", tz=ZONE, unit="s"
        )
    ]
    frame = pd.DataFrame(
        {
            "queue": "Sales",
            "interval_start": pd.DatetimeIndex(starts),
            "offered": sums["offered"],
            "handled": sums["handled"],
            "abandoned": sums["abandoned"],
            "answered_within": sums["answered_within"],
            "aht_s": mean(sums["handle_s"], sums["handled"]),
            "asa_s": mean(sums["handled_wait_s"], sums["handled"]),
            "abandon_wait_s": mean(sums["abandoned_wait_s"], sums["abandoned"]),
            "agents": np.tile(AGENTS, DAYS).astype(float),
        }
    )
    calendar = Calendar(ZONE, 1800, OpeningHours.parse({"mon-sun": "08:00-16:00"}))
    return History(frame, starts[-1] + pd.Timedelta(minutes=30), calendar, ())


@pytest.fixture(scope="module")
def against(history):
    return compared(history)


def compared(history, **columns):
    """The comparison, of a history with other columns; None takes one away."""
    frame = history.frame.assign(**columns)
    frame = frame.drop(columns=[name for name, of in columns.items() if of is None])
    changed = replace(history, frame=frame)
    return against_history(changed, {"Sales": ("Sales",)}, SETUP, where="history.csv")


def errors(against, over="all", by="all"):
    table = against.errors
    return table[(table["over"] == over) & (table["by"] == by)].set_index("model")


def test_the_simulation_misses_no_more_than_chance(against):
    found = errors(against).loc["simulated"]
    assert abs(found["service_level_bias"]) < 0.01
    assert abs(found["asa_s_bias"]) < 0.7
    assert abs(found["abandon_rate_bias"]) < 0.005
    chance = errors(against).loc["chance"]
    for kpi in ("service_level", "asa_s", "abandon_rate"):
        assert found[f"{kpi}_mae"] == pytest.approx(chance[f"{kpi}_mae"], rel=0.1)


def test_the_patience_is_found_in_the_earlier_weeks(against):
    fitted = against.calibration.iloc[0]
    assert fitted["later"] == "2026-03-30"
    assert fitted["low_s"] < 180.0 < fitted["high_s"]
    assert set(against.patience["month"]) == {"2026-03", "2026-04"}


def test_realised_kpis_are_ratios_of_sums(history, against):
    rows, found = history.frame, errors(against).loc["realised"]
    offered, handled = rows["offered"].sum(), rows["handled"].sum()
    assert found["abandon_rate"] == pytest.approx(rows["abandoned"].sum() / offered)
    assert found["asa_s"] == pytest.approx(
        (rows["asa_s"] * rows["handled"]).sum() / handled
    )
    assert found["service_level"] == pytest.approx(
        rows["answered_within"].sum() / offered
    )


def test_erlang_c_is_compared_only_where_it_has_an_answer(against):
    stable = errors(against, "stable")
    number = (against.rows["agents"] > against.rows["load_erlang"]).sum()
    assert 0 < number < len(against.rows)
    assert (stable["intervals"] == number).all()
    assert np.isfinite(stable.loc["erlang_c", "asa_s"])
    assert (
        stable.loc["erlang_c", "asa_s_bias"] > 10.0
    )  # who hangs up keeps queues short
    assert "erlang_c" not in errors(against).index


def test_groups_are_parts_of_the_whole(against):
    for by in ("part", "month", "day", "hour", "load"):
        of_model = errors(against, by=by).groupby("model")["intervals"].sum()
        assert (of_model == len(against.rows)).all()


def test_agents_who_were_not_there_are_found(history, against):
    more = compared(history, agents=history.frame["agents"] * 1.25)
    found = (
        more.calibration["agents_factor"][0] / against.calibration["agents_factor"][0]
    )
    assert found == pytest.approx(1 / 1.25, rel=0.002)
    later = errors(more, by="part")
    later = later[later["group"] == "later"]["abandon_rate_bias"].abs()
    assert later["calibrated"] < 0.2 * later["erlang_a"]


def test_nothing_is_calibrated_on_nothing():
    starts = pd.date_range("2026-03-02 08:00", periods=2, freq="30min", tz=ZONE)
    columns = {"offered": 50.0, "abandoned": 5.0, "agent_s": 6.0 * 1800.0}
    past = PastPool(pd.DataFrame(columns, starts), np.full(2, 200.0), 1800, SETUP)
    none = np.zeros(2, dtype=bool)
    assert past.agents_factor(np.full(2, 5.5), 180.0, none) == 1.0


def test_half_an_agent_is_there_half_of_the_time():
    """As a proxy has it: one more agent in half of the replications, in each place."""
    starts = pd.date_range("2026-03-02 08:00", periods=8, freq="30min", tz=ZONE)
    sums = pd.DataFrame({"offered": 50.0, "agent_s": 6.5 * 1800.0}, index=starts)
    lost = []
    for agents in (7.0, 6.5, 6.0):
        rows = sums.assign(agent_s=agents * 1800.0)
        past = PastPool(rows, np.full(8, 200.0), 1800, replace(SETUP, replications=60))
        days = past.simulated(180.0)
        assert all((day["agent_s"] == agents * 1800.0).all() for day in days)
        lost.append(sum(day["abandoned"].sum() for day in days))
    assert lost[0] < lost[1] < lost[2]
    assert lost[1] == pytest.approx((lost[0] + lost[2]) / 2, rel=0.1)


def test_without_agents_waits_and_abandonments_are_compared(history):
    without = compared(history, agents=None)
    assert [str(finding) for finding in without.missing] == [
        "history.csv: Sales has no interval with agents. Only abandoned = time waited "
        "/ patience can be compared without them."
    ]
    assert set(without.errors["model"]) == {"realised", "identity"}
    later = errors(without, by="part").loc["identity"].set_index("group")
    assert abs(later.loc["later", "abandon_rate_bias"]) < 0.01


def test_without_waits_only_erlang_c_is_compared(history):
    without = compared(history, abandon_wait_s=None)
    assert set(without.errors["model"]) == {"realised", "erlang_c"}
    assert str(without.missing[0]).endswith("or add abandon_wait_s.")


def test_with_a_given_patience_none_is_missing(history):
    given = replace(SETUP, patience_s=180.0)
    frame = history.frame.drop(columns=["asa_s", "abandon_wait_s"])
    pools = {"Sales": ("Sales",)}
    found = against_history(
        replace(history, frame=frame), pools, given, where="history.csv"
    )
    assert found.missing == ()
    assert "erlang_a" in set(found.errors["model"])
    for lacking in (["agents"], ["agents", "handled", "aht_s"]):
        with pytest.raises(TableError) as caught:
            against_history(
                replace(history, frame=frame.drop(columns=lacking)),
                pools,
                given,
                where="history.csv",
            )
        calls = "handled and aht_s, nor with " if "aht_s" in lacking else ""
        assert str(caught.value) == (
            f"history.csv: Sales has no interval with {calls}agents. Nothing can be "
            "compared without them."
        )


def test_a_given_patience_is_no_help_without_waits(history):
    given = replace(SETUP, patience_s=180.0)
    frame = history.frame.drop(columns=["agents", "asa_s"])
    with pytest.raises(TableError, match="Nothing can be compared without them"):
        against_history(
            replace(history, frame=frame),
            {"Sales": ("Sales",)},
            given,
            where="history.csv",
        )


def test_a_queue_without_a_known_interval_is_left_out(history):
    with pytest.raises(TableError, match="Sales has no interval"):
        compared(history, offered=np.nan)


def test_with_neither_there_is_nothing_to_compare(history):
    with pytest.raises(TableError) as refused:
        compared(history, abandon_wait_s=None, agents=None)
    assert len(refused.value.findings) == 2


@pytest.mark.parametrize("sl_rule", SL_RULES)
@pytest.mark.parametrize("patience_s", [180.0, None])
def test_sums_of_a_formula_give_its_kpis(sl_rule, patience_s):
    starts = pd.date_range("2026-03-02 08:00", periods=3, freq="30min", tz=ZONE)
    agents = np.array([5.0, 6.5, 9.0])
    sums = pd.DataFrame({"offered": 45.0, "agent_s": agents * 1800.0}, index=starts)
    past = PastPool(sums, np.full(3, 200.0), 1800, replace(SETUP, sl_rule=sl_rule))
    load = np.full(3, 5.0)
    found = kpis_of_rows(past.by_formula(load, patience_s), sl_rule)
    if patience_s is None:
        ours = c.metrics(load[1:], agents[1:], aht_s=200.0, threshold_s=20.0)
        assert found.iloc[0].isna().all()
        assert np.allclose(found["asa_s"].iloc[1:], ours.asa_s)
    else:
        limits = {"aht_s": 200.0, "patience_s": 180.0, "threshold_s": 20.0}
        ours = a.metrics(load, agents, **limits, sl_rule=sl_rule)
        assert np.allclose(found["service_level"], ours.service_level)
        assert np.allclose(found["abandon_rate"], ours.abandon_rate)
        assert np.allclose(found["asa_s"], ours.asa_s)
