import pytest

from staffing.scenario.breakeven import break_even
from staffing.scenario.changes import Scenario
from staffing.scenario.outcome import outcome_of


@pytest.fixture(autouse=True)
def few_paths(monkeypatch):
    monkeypatch.setattr("staffing.scenario.breakeven.PATHS", 4)


def levels(base, *texts):
    kpis = outcome_of(base, Scenario.of(texts), paths=4).kpis.set_index("queue")
    return kpis["service_level"]


def test_agents_on_duty_carry_so_much_and_one_percent_more_is_too_much(base):
    scenario = Scenario.of(["agents=base", "agents=+2"])
    found = break_even(base, scenario).carried.set_index("queue")
    target = base.need.rules.targets.service_level
    assert found.index.tolist() == ["Help", "Sales"]
    for pool, row in found.iterrows():
        assert row["missed"] == "service_level"
        for percent, holds in ((0, True), (1, False)):
            volume = f"volume={100 * row['change'] + percent:+.0f}%"
            reached = levels(base, *scenario.texts, volume)[pool]
            assert (reached >= target) == holds


def test_one_agent_carries_nothing_and_very_many_carry_all(base):
    none = break_even(base, Scenario.of(["agents=1"])).carried
    assert none["change"].isna().all()
    assert (none["missed"] == "service_level").all()
    many = break_even(base, Scenario.of(["agents=60"])).carried
    assert (many["change"] == 1.0).all()
    assert (many["missed"] == "").all()


def test_what_is_freed_is_the_difference_of_those_needed(base):
    freed = break_even(base, Scenario.of(["agents=base"])).freed.set_index("change")
    for change in ("aht_s=-10%", "shrinkage=-0.01"):
        before, after = (
            outcome_of(base, Scenario.of(texts), simulated=False).kpis.set_index(
                "queue"
            )
            for texts in ([], [change])
        )
        for kpi in ("fte", "agent_hours"):
            expected = before[kpi]["all"] - after[kpi]["all"]
            assert freed[kpi][change] == pytest.approx(expected, abs=1e-9)
