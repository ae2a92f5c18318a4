import pytest

from staffing.scenario.changes import Scenario
from staffing.scenario.outcome import outcome_of
from staffing.scenario.week import by_week, typical_week


@pytest.fixture(scope="module")
def both(base):
    more = Scenario.of(["volume=+20%@Sales"])
    return outcome_of(base, simulated=False), outcome_of(base, more, simulated=False)


@pytest.mark.parametrize("pool", [None, "Sales"])
def test_a_typical_week_has_the_mean_agents_of_each_weekday_and_time(both, pool):
    week = typical_week(*both, pool)
    assert len(week) == 5 * 6
    for side, outcome in zip(("base", "scenario"), both, strict=True):
        rows = outcome.duty
        rows = rows[rows["queue"].isin([pool] if pool else ["Help", "Sales"])]
        ten = rows[rows["interval_start"].dt.strftime("%a %H:%M") == "Tue 10:00"]
        row = week[(week["weekday"] == 1) & (week["minute"] == 600)].iloc[0]
        assert row[side] == ten["agents"].sum() / ten["interval_start"].nunique()


def test_the_band_is_of_the_agents_that_its_calls_would_need(both):
    week = typical_week(*both)
    assert (week["low"] <= week["scenario"]).all()
    assert (week["scenario"] <= week["high"]).all()
    assert (week["low"] < week["high"]).any()


def test_hours_that_only_the_scenario_opens_have_nobody_in_the_plan(base, both):
    wider = Scenario.of(["hours.sat=09:00-10:00"])
    week = typical_week(both[0], outcome_of(base, wider, simulated=False))
    saturday = week[week["weekday"] == 5]
    assert saturday["base"].tolist() == [0.0, 0.0]
    assert (saturday["scenario"] > 0).all()


def test_weeks_add_up_to_the_month(both):
    table = by_week(*both)
    assert [f"{day}" for day in table["week"]] == [
        "2026-03-02",
        "2026-03-09",
        "2026-03-16",
        "2026-03-23",
        "2026-03-30",
    ]
    for side, outcome in zip(("base", "scenario"), both, strict=True):
        whole = outcome.kpis.set_index("queue").loc["all"]
        for kpi in ("offered", "agent_hours", "paid_hours"):
            assert table[f"{kpi}_{side}"].sum() == pytest.approx(whole[kpi])
        assert table[f"peak_agents_{side}"].max() == whole["peak_agents"]
