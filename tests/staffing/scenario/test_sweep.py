import pytest

from staffing.kpi import ALL
from staffing.scenario.changes import Scenario
from staffing.scenario.outcome import outcome_of
from staffing.scenario.ranges import parse_range
from staffing.scenario.sweep import people_of, sweep

PEOPLE = (
    "offered",
    "aht_s",
    "peak_agents",
    "agent_hours",
    "paid_hours",
    "fte",
    "cost",
)
TWO_MONTHS = ('month = "2026-03"', 'month = "2026-03"\nmonths = 2')
BY_A = ("patience_s = 120", 'patience_s = 120\nmodel = "erlang_a"\nredial = 0.3')


def of_all(base, scenario, **options):
    kpis = outcome_of(base, scenario, **options).kpis
    return kpis.set_index("queue").loc[ALL]


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["volume=+10%", "aht_s=+30s@Sales"],
        ["groups.Care=Sales+Help", "cost_per_hour=20"],
        ["model=erlang_a", "repeat=0.1", "scope=day"],
        ["hours.sat=09:00-11:00", "shrinkage=0.33", "max_agents=9@Sales"],
        ["move=50%@09:00-10:00>11:00-12:00", "deflect=10%@Help"],
        ["training=2@Sales,2026-03-02"],
        ["chance=0.8"],
    ],
    ids=" ".join,
)
def test_a_points_people_are_those_of_its_outcome(base, texts):
    scenario = Scenario.of(texts)
    (people,) = people_of(base, [scenario])
    expected = of_all(base, scenario, simulated=False)
    for name in PEOPLE:
        assert people[name] == pytest.approx(expected[name], rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("change", [TWO_MONTHS, BY_A], ids=["months", "erlang_a"])
def test_so_are_they_of_two_months_and_where_callers_redial(base_of, change):
    base = base_of(change)
    scenario = Scenario.of(["volume=+15%"])
    (people,) = people_of(base, [scenario])
    expected = of_all(base, scenario, simulated=False)
    for name in PEOPLE:
        assert people[name] == pytest.approx(expected[name], rel=1e-12, nan_ok=True)


def test_a_grid_has_a_row_for_every_pair_with_the_scenario_beneath(base):
    scenario = Scenario.of(["shrinkage=0.33"])
    ranges = [
        parse_range("volume=-20%..+20%/20%@Sales"),
        parse_range("aht_s=-30s..+30s/60s"),
    ]
    told = []
    grid = sweep(base, scenario, ranges, progress=lambda *step: told.append(step))
    columns = ["set_volume@Sales", "set_aht_s"]
    assert grid[columns].to_numpy().tolist() == [
        [-0.2, -30.0],
        [-0.2, 30.0],
        [0.0, -30.0],
        [0.0, 30.0],
        [0.2, -30.0],
        [0.2, 30.0],
    ]
    assert told == [("sweep", number, 6) for number in range(6)]
    last = Scenario.of(["shrinkage=0.33", "volume=+20%@Sales", "aht_s=+30s"])
    expected = of_all(base, last, simulated=False)
    for name in PEOPLE:
        assert grid[name].iloc[-1] == pytest.approx(
            expected[name], rel=1e-12, nan_ok=True
        )


def test_where_agents_are_given_a_sweep_tells_what_callers_meet(base):
    points = sweep(
        base, Scenario.of(["agents=base"]), [parse_range("volume=0%..+40%/40%")]
    )
    assert points["fte"].nunique() == 1
    assert points["service_level"].is_monotonic_decreasing
    expected = of_all(base, Scenario.of(["agents=base", "volume=+40%"]))
    assert points["service_level"].iloc[1] == expected["service_level"]
