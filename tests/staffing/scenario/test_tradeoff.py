import pytest

from forecast.errors import ConfigError
from staffing.erlang.c import metrics
from staffing.scenario.changes import Scenario
from staffing.scenario.outcome import outcome_of
from staffing.scenario.tradeoff import LEVELS, trade_off


def hours(base, *texts):
    kpis = outcome_of(base, Scenario.of(texts), simulated=False).kpis
    return kpis.set_index("queue")["agent_hours"]["all"]


def test_the_curve_is_the_outcome_of_each_service_level(base):
    table = trade_off(base, Scenario.of(["volume=+10%"]))
    curve = table[table["point"] == "curve"]
    assert tuple(curve["target"]) == LEVELS
    for level in (0.5, 0.8, 0.99):
        found = curve.set_index("target")["agent_hours"][level]
        assert found == hours(base, "volume=+10%", f"service_level={level}")
    assert curve["service_level"].is_monotonic_increasing
    assert curve["agent_hours"].is_monotonic_increasing
    assert (curve["service_level"] >= curve["target"]).all()


def test_the_plan_lies_on_its_own_curve(base):
    table = trade_off(base, Scenario()).set_index("point")
    numbers = ["service_level", "agent_hours"]
    plan = table.loc["base", numbers]
    assert plan.tolist() == table.loc["scenario", numbers].tolist()
    target = base.need.rules.targets.service_level
    curve = table.loc["curve"].set_index("target")
    assert plan.tolist() == curve.loc[target, numbers].tolist()


def test_the_service_level_is_that_of_all_calls(base):
    table = trade_off(base, Scenario()).set_index("point")
    rows = base.need.requirement
    levels = metrics(
        rows["load_erlang"], rows["agents"], aht_s=rows["aht_s"], threshold_s=50.0
    ).service_level
    expected = (rows["offered"] * levels).sum() / rows["offered"].sum()
    assert table.loc["base", "service_level"] == pytest.approx(expected)


def test_given_agents_are_a_point_beside_the_curve(base):
    scenario = Scenario.of(["volume=+5%", "agents=base"])
    table = trade_off(base, scenario).set_index("point")
    assert table.loc["scenario", "agent_hours"] == hours(base)
    assert table.loc["scenario", "service_level"] < table.loc["base", "service_level"]


def test_without_a_time_there_is_no_service_level_to_trade(base_of):
    base = base_of(more="[targets]\nasa_s = 30\n")
    with pytest.raises(ConfigError) as error:
        trade_off(base, Scenario())
    assert str(error.value) == (
        "the trade-off needs a time within which calls are answered. Add --set "
        "threshold_s=50."
    )
