import numpy as np
import pandas as pd
import pytest

from staffing.audit import audit_requirement, short_audit
from staffing.erlang.limits import checked_callers
from staffing.erlang.solve import agents_for
from staffing.targets import Targets

TARGETS = Targets()


def plan_of(calls, *, queue="Sales", aht_s=200.0, patience_s=None, targets=TARGETS):
    """A day's requirement, each interval by itself, and its forecast."""
    calls = np.array(calls, dtype=float)
    limits = targets.limits(patience_s)
    load = calls * aht_s / 1800.0
    agents = np.maximum(agents_for(load, aht_s=aht_s, **limits), 1)
    met = checked_callers(aht_s, limits).reached(load, agents)
    start = pd.Timestamp("2026-03-02 09:00", tz="Europe/Rome")
    has_level = targets.threshold_s is not None or targets.sl_rule == "answer_rate"
    table = pd.DataFrame(
        {
            "queue": queue,
            "interval_start": pd.date_range(start, periods=len(calls), freq="30min"),
            "interval_s": 1800,
            "open": True,
            "offered": calls,
            "aht_s": aht_s,
            "load_erlang": load,
            "agents": agents,
            "service_level": met.service_level if has_level else np.nan,
            "asa_s": met.asa_s,
            "abandon_rate": met.abandon_rate,
            "binding": "service_level",
        }
    )
    return table, table[["queue", "interval_start", "interval_s", "offered", "aht_s"]]


SETTINGS = {"targets": TARGETS, "patience_s": None, "seed": 4}
CALLS = [40, 45, 50, 50, 45, 40]


def test_a_flat_day_fares_as_planned_and_a_ramp_worse():
    """What is left of the last interval's backlog meets a steep ramp too late."""
    flat, of_flat = plan_of([50] * 12)
    audit = audit_requirement(flat, of_flat, handle_cv=1.0, **SETTINGS)
    assert audit.agreement.agrees
    assert audit.exit_code == 0
    later = audit.table.iloc[2:]  # the first ones begin with nobody on the phone
    gap = later["day_minus_planned"] / later["day_se_service_level"]
    assert gap.abs().max() < 4
    down, of_down = plan_of([200, 200, 200, 20, 20, 20], aht_s=900.0)
    audit = audit_requirement(down, of_down, handle_cv=1.0, **SETTINGS)
    assert audit.agreement.agrees
    first_after = audit.table.loc[3]
    assert first_after["day_minus_planned"] < -10 * first_after["day_se_service_level"]
    assert audit.worst()["interval_start"] == first_after["interval_start"]


def test_known_patience_makes_the_days_better_but_not_the_comparison():
    rows, forecast = plan_of(CALLS)
    plain = audit_requirement(rows, forecast, **SETTINGS)
    patient = audit_requirement(rows, forecast, known_patience_s=120.0, **SETTINGS)
    steady = [name for name in plain.table if name.startswith("steady_")]
    pd.testing.assert_frame_equal(plain.table[steady], patient.table[steady])
    level = "day_service_level"
    assert patient.days[level]["all"] > plain.days[level]["all"]
    assert patient.days["day_abandon_rate"]["all"] > 0
    assert plain.table["agents_erlang_a"].isna().all()
    assert patient.table["agents_erlang_a"].notna().all()


def test_a_plan_by_erlang_a_agrees_with_its_own_patience():
    targets = Targets(asa_s=None, sl_rule="answer_rate", threshold_s=None)
    rows, forecast = plan_of(CALLS, patience_s=90.0, targets=targets)
    audit = audit_requirement(
        rows, forecast, targets=targets, patience_s=90.0, seed=4, replications=50
    )
    assert audit.agreement.agrees
    assert audit.measure == "service_level"
    found = audit.table
    np.testing.assert_allclose(
        found["steady_service_level"], 1 - found["steady_abandon_rate"]
    )


def test_a_group_and_a_queue_by_itself():
    one, of_one = plan_of(CALLS, queue="one", aht_s=100.0)
    _, of_two = plan_of(CALLS, queue="two", aht_s=400.0)
    both, _ = plan_of(np.array(CALLS) * 2, queue="Care", aht_s=250.0)
    audit = audit_requirement(
        pd.concat([both, one]),
        pd.concat([of_one, of_two]),
        {"Care": ("one", "two")},
        **SETTINGS,
    )
    assert audit.days.index.tolist() == ["Care", "one", "all"]
    assert audit.agreement.intervals == 12
    assert audit.worst("one")["queue"] == "one"
    assert 0.9 < audit.days["day_service_level"]["Care"] < 1.0


def test_seats_that_do_not_suffice_are_part_of_the_days_only():
    rows, forecast = plan_of(CALLS)
    rows.loc[2, ["agents", "binding", "service_level"]] = [3, "max_agents", 0.0]
    audit = audit_requirement(rows, forecast, **SETTINGS)
    assert audit.agreement.agrees
    assert audit.agreement.intervals == 5
    assert audit.table["steady_service_level"].isna().tolist() == [
        label == 2 for label in range(6)
    ]
    assert audit.table["day_service_level"].notna().all()
    assert (
        audit.worst()["interval_start"] in audit.table["interval_start"][2:4].tolist()
    )
    assert audit.verdict.startswith("5 of 6 intervals simulated one by one: ")


def test_intervals_without_calls_and_after_closing():
    rows, forecast = plan_of([0, 30, 30])
    closed = rows.iloc[-1:].assign(
        interval_start=rows["interval_start"].iloc[-1] + pd.Timedelta("30min"),
        open=False,
        offered=0.0,
    )  # the load of who still talks
    audit = audit_requirement(pd.concat([rows, closed]), forecast, **SETTINGS)
    assert audit.agreement.intervals == 3
    assert audit.table["day_service_level"].isna().tolist() == [
        True,
        *[False] * 2,
        True,
    ]
    assert audit.table["steady_service_level"].isna().tolist() == [True, *[False] * 3]


def test_without_any_calls_there_is_nothing_to_say():
    rows, forecast = plan_of([0, 0])
    audit = audit_requirement(rows, forecast, **SETTINGS)
    assert audit.verdict == (
        "0 of 2 intervals simulated one by one: nothing to compare. No calls are "
        "expected."
    )
    assert short_audit(rows, forecast, **SETTINGS) == audit.verdict


def test_few_simulated_calls_are_no_candidates_for_the_worst():
    rows, forecast = plan_of([0.01, 40, 40])
    audit = audit_requirement(rows, forecast, **SETTINGS)
    table = audit.table
    table.loc[0, "day_service_level"] = 0.0  # one call of two, by chance
    assert audit.worst()["offered"] == 40


def test_the_same_seed_gives_the_same_audit_and_another_another():
    rows, forecast = plan_of(CALLS)
    settings = {"targets": TARGETS, "patience_s": None, "replications": 20}
    first, same, other = (
        audit_requirement(rows, forecast, seed=seed, **settings) for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first.table, same.table)
    assert first.verdict == same.verdict
    assert not first.table.equals(other.table)


def test_the_plans_own_tables_stay_as_they_are():
    rows, forecast = plan_of(CALLS)
    kept = rows.copy()
    audit_requirement(rows, forecast, **SETTINGS)
    pd.testing.assert_frame_equal(rows, kept)


def test_the_verdict_says_what_the_tables_say():
    rows, forecast = plan_of(CALLS)
    audit = audit_requirement(rows, forecast, known_patience_s=120.0, **SETTINGS)
    worst, days = audit.worst(), audit.days.loc["all"]
    half = [
        np.ceil(1960 * se) / 10
        for se in (days["day_se_service_level"], worst["day_se_service_level"])
    ]
    planned = np.average(rows["service_level"], weights=rows["offered"])
    assert audit.verdict == (
        "6 intervals simulated one by one: planned and simulated agree (largest "
        f"deviation {audit.agreement.furthest.errors:.1f} standard errors, bound "
        f"{audit.agreement.bound:.1f}). In days with ramps, log-normal handle times "
        "and 120 s of patience: service level "
        f"{days['day_service_level']:.1%} ± {half[0]:.1f} (planned {planned:.1%}); "
        f"worst interval Sales {worst['interval_start']:%Y-%m-%d %H:%M}: "
        f"{worst['day_service_level']:.1%} ± {half[1]:.1f} (planned "
        f"{worst['service_level']:.1%})."
    )


def test_without_a_service_level_the_waits_are_told():
    targets = Targets(service_level=None, threshold_s=None)
    rows, forecast = plan_of(CALLS, targets=targets)
    audit = audit_requirement(
        rows, forecast, targets=targets, patience_s=None, seed=4, replications=50
    )
    assert audit.measure == "asa_s"
    assert audit.worst()["day_asa_s"] == audit.table["day_asa_s"].max()
    assert "ASA " in audit.verdict
    assert "service level" not in audit.verdict


@pytest.mark.parametrize("shift", [0.0, 0.03])
def test_the_short_audit_says_whether_they_agree(shift):
    rows, forecast = plan_of(np.linspace(20, 150, 48))
    rows["service_level"] -= shift
    words = short_audit(rows, forecast, **SETTINGS)
    agree = "agree (largest" if shift == 0 else "disagree: mean of them all, service"
    assert f"planned and simulated {agree}" in words
    assert "\n" not in words
    assert "worst" not in words
