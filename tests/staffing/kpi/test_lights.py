import numpy as np
import pandas as pd
import pytest

from staffing.kpi import AMBER_RULE, Declared, months_met, traffic_lights
from staffing.targets import Targets

TARGETS = Targets()  # 95 % within 50 s, ASA at most 50 s


def table(*rows, queue="A"):
    """A KPI table of some months: (period, kpi, realised)."""
    frame = pd.DataFrame(rows, columns=["period", "kpi", "realised"])
    return frame.assign(queue=queue, planned=np.nan, gap=np.nan)


@pytest.mark.parametrize(
    ("kpi", "value", "light"),
    [
        ("service_level", 0.95, "green"),
        ("service_level", 0.9499, "amber"),
        ("service_level", 0.9301, "amber"),
        ("service_level", 0.9299, "red"),
        ("asa_s", 50.0, "green"),
        ("asa_s", 55.0, "amber"),
        ("asa_s", 55.1, "red"),
        ("asa_s", np.nan, "unknown"),
    ],
)
def test_a_miss_is_amber_up_to_the_stated_margin(kpi, value, light):
    lights = traffic_lights(table(("2026-03", kpi, value)), TARGETS)
    found = lights.set_index("kpi").loc[kpi]
    assert found["met"] == light
    assert found["target"] == {"service_level": 0.95, "asa_s": 50.0}[kpi]
    other = lights.set_index("kpi")["met"].drop(kpi)
    assert other.tolist() == ["unknown"]


def test_the_rule_is_told_as_it_is_applied():
    assert AMBER_RULE == (
        "green: the target is met; amber: missed by no more than 2 points (shares) or "
        "10% of the target (all others); red: missed by more; unknown: the history "
        "does not tell"
    )


def test_every_target_is_judged_and_only_months_are():
    targets = Targets(
        mean_wait_s=40.0, max_abandon_rate=0.05, max_occupancy=0.85, asa_s=None
    )
    rows = [("service_level", 1.0), ("mean_wait_s", 41.0), ("abandon_rate", 0.2)]
    kpis = table(
        *(("2026-03", *row) for row in rows),
        ("2026-03-02", "mean_wait_s", 9.0),
        ("2026-W10", "mean_wait_s", 9.0),
    )
    lights = traffic_lights(kpis, targets)
    assert lights[["month", "kpi", "met"]].to_numpy().tolist() == [
        ["2026-03", "service_level", "green"],
        ["2026-03", "mean_wait_s", "amber"],
        ["2026-03", "abandon_rate", "red"],
        ["2026-03", "occupancy", "unknown"],
    ]


def test_declared_kpis_are_judged_where_they_have_a_target():
    declared = [
        Declared("fcr", "fcr", "1", "handled", "higher", 0.8),
        Declared("nps", "nps", "points", "handled", "higher", -20.0),
        Declared("csat", "csat", "points", "handled", "higher"),
    ]
    kpis = table(("2026-03", "fcr", 0.79), ("2026-03", "nps", -22.0))
    lights = traffic_lights(kpis, Targets(asa_s=None), declared)
    assert lights["kpi"].tolist() == ["service_level", "fcr", "nps"]
    assert lights["met"].tolist() == ["unknown", "amber", "amber"]


def year(met, *, start="2025-04", months=12):
    """A KPI table whose first ``met`` months meet the target of the service level."""
    periods = pd.period_range(start, periods=months, freq="M").astype(str)
    return table(
        *((m, "service_level", 0.96 if n < met else 0.5) for n, m in enumerate(periods))
    )


@pytest.mark.parametrize(
    ("met", "months", "needed", "verdict"),
    [
        (10, 12, 10, "reached"),
        (9, 12, 10, "missed"),
        (3, 5, 10, "open"),  # two missed: the other seven can still be met
        (2, 5, 10, "missed"),
        (11, 12, None, "missed"),
        (12, 12, None, "reached"),
    ],
)
def test_months_met_are_held_against_those_needed(met, months, needed, verdict):
    targets = Targets(asa_s=None, months_met=needed)
    lights = traffic_lights(year(met, months=months), targets)
    found = months_met(lights, targets)
    assert found.to_numpy().tolist() == [["A", months, met, needed or 12, verdict]]


def test_only_the_last_twelve_months_count_and_all_targets_of_a_month():
    kpis = pd.concat([year(12, start="2025-01", months=14), year(14, months=0)])
    months = pd.period_range("2025-01", "2026-02", freq="M").astype(str)
    waits = [(month, "asa_s", 51.0 if month == "2025-07" else 9.0) for month in months]
    kpis = pd.concat([kpis, table(*waits)])
    found = months_met(traffic_lights(kpis, TARGETS), TARGETS)
    # March 2025 to February 2026: July misses its ASA, and the last two the level
    assert found.to_numpy().tolist() == [["A", 12, 9, 12, "missed"]]


def test_unknown_months_and_declared_kpis_do_not_count():
    declared = [Declared("fcr", "fcr", "1", "handled", "higher", 0.8)]
    kpis = pd.concat(
        [
            table(("2026-02", "fcr", 0.1), ("2026-03", "fcr", 0.1)),
            table(("2026-03", "asa_s", 9.0), ("2026-03", "service_level", 0.99)),
            table(("2026-02", "asa_s", 9.0), ("2026-01", "asa_s", 99.0)),
        ]
    )
    lights = traffic_lights(kpis, TARGETS, declared)
    found = months_met(lights, TARGETS)
    # of January the level is not known either, but its ASA is missed already
    assert found.to_numpy().tolist() == [["A", 2, 1, 12, "missed"]]


def test_a_limit_of_occupancy_is_of_the_plan_not_of_the_month():
    targets = Targets(asa_s=None, max_occupancy=0.5)
    kpis = table(("2026-03", "service_level", 0.99), ("2026-03", "occupancy", 0.6))
    found = months_met(traffic_lights(kpis, targets), targets)
    assert found[["months", "met"]].to_numpy().tolist() == [[1, 1]]
