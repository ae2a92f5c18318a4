from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecast.errors import ConfigError
from staffing.scenario.changes import Scenario
from staffing.scenario.comparison import compared
from staffing.scenario.outcome import outcome_of
from staffing.simulate import simulate
from staffing.texts import of

KPIS = [
    "offered",
    "aht_s",
    "peak_agents",
    "agent_hours",
    "paid_hours",
    "fte",
    "short_hours",
    "cost",
    "service_level",
    "service_level_p10",
    "service_level_p90",
    "asa_s",
    "abandon_rate",
    "occupancy",
    "holds",
    "missed",
    "missed_of",
    "penalty",
]


@pytest.fixture(scope="module")
def plan(base):
    return outcome_of(base, paths=4)


def test_hours_calls_and_people_are_the_months(base, plan):
    assert list(plan.kpis) == ["queue", *KPIS]
    of_pools = plan.kpis.set_index("queue")
    monthly = base.monthly.set_index("queue")
    for kpi in ("offered", "aht_s", "agent_hours", "paid_hours", "fte"):
        for pool in ("Help", "Sales"):
            assert of_pools.loc[pool, kpi] == pytest.approx(monthly.loc[pool, kpi])
    for kpi in ("offered", "agent_hours", "paid_hours", "fte", "missed"):
        total = of_pools.loc[["Help", "Sales"], kpi].sum()
        assert of_pools.loc["all", kpi] == pytest.approx(total)
    at_once = base.need.requirement.groupby("interval_start")["agents"].sum()
    assert of_pools.loc["all", "peak_agents"] == at_once.max()


def test_kpis_are_those_of_the_possible_months_simulated_by_hand(base, plan):
    """One day of one queue at a time, with the seeds of the plan's own simulation."""
    (sales,) = (item for item in base.forecasts if item.queue == "Sales")
    rows = base.need.requirement
    rows = rows[rows["queue"] == "Sales"].reset_index(drop=True)
    offered, aht_s = replace(sales, seed=sales.seed + 1).possible(4)
    starts = pd.DatetimeIndex(sales.intervals["interval_start"])
    sums = np.zeros((3, 4))
    misses = 0
    for number, (_, day) in enumerate(rows.groupby(rows["interval_start"].dt.date)):
        at = starts.get_indexer(pd.DatetimeIndex(day["interval_start"]))
        calls = np.where(at >= 0, offered[:, at], 0.0)[..., None]
        handle_s = np.where(at >= 0, aht_s[:, at], day["aht_s"])[..., None]
        found = simulate(
            day["agents"].to_numpy(),
            offered=calls,
            aht_s=handle_s,
            interval_s=1800.0,
            threshold_s=50.0,
            seed=(sales.seed + 1, number),
        )
        parts = (found.answered_within, found.offered, found.handled_wait_s)
        of_day = np.array([part.sum(axis=(1, 2)) for part in parts])
        sums += of_day
        in_time, came, waits_s = of_day
        misses += ((in_time / came < 0.95) | (waits_s / came > 50)).sum()
    kpis = plan.kpis.set_index("queue").loc["Sales"]
    in_time, came, waits_s = sums
    assert kpis["service_level"] == pytest.approx(in_time.sum() / came.sum())
    assert kpis["asa_s"] == pytest.approx(waits_s.sum() / came.sum())
    low, high = np.quantile(in_time / came, (0.1, 0.9))
    assert kpis["service_level_p10"] == pytest.approx(low)
    assert kpis["service_level_p90"] == pytest.approx(high)
    assert (kpis["missed"], kpis["missed_of"]) == (misses / 4, 22)
    assert plan.kpis.set_index("queue").loc["all", "missed_of"] == 44
    assert kpis["holds"] == pytest.approx(1 - misses / 4 / 22)


def test_money_is_hours_and_misses_by_their_price(base, plan):
    priced = outcome_of(base, Scenario.of(["cost_per_hour=20", "penalty=300"]), paths=4)
    kpis = priced.kpis
    assert kpis["cost"].tolist() == (kpis["paid_hours"] * 20).tolist()
    assert kpis["penalty"].tolist() == (kpis["missed"] * 300).tolist()
    assert plan.kpis[["cost", "penalty"]].isna().all(axis=None)
    assert priced.need is base.need  # nothing is solved again


def test_prices_that_only_the_scenario_has_are_the_plans_too(base):
    scenario = Scenario.of(["cost_per_hour=20", "penalty=300", "volume=+10%"])
    plan, dear = (outcome_of(base, x, paths=4) for x in (Scenario(), scenario))
    rows = compared(plan, dear).set_index(["kpi", "queue"])
    assert rows.loc["cost", "base"].tolist() == (plan.kpis["paid_hours"] * 20).tolist()
    assert rows.loc["penalty", "base"].tolist() == (plan.kpis["missed"] * 300).tolist()
    assert (rows.loc["cost", "difference"] > 0).all()


def test_costs_can_be_written_into_the_plan(base_of):
    base = base_of(more="[costs]\nper_hour = 20\npenalty = 300\n")
    kpis = outcome_of(base, simulated=False).kpis
    assert kpis["cost"].tolist() == (kpis["paid_hours"] * 20).tolist()


def test_of_no_calls_no_service_is_known(outcome):
    kpis = outcome("volume=-100%", simulated=True, paths=2).kpis
    levels = ["service_level", "service_level_p10", "service_level_p90"]
    assert kpis[levels].isna().all(axis=None)


def test_a_chance_is_found_on_fewer_months_than_a_plans_and_says_so(outcome):
    found = outcome("chance=0.8")
    (note,) = found.notes
    assert of("en").note(note) == (
        "The agents for the chance are found on 2 possible months, where a plan takes "
        "8: for an answer in seconds, hours within about 1 % of the plan's."
    )


def test_targets_of_a_month_are_missed_by_the_month(base, plan):
    found = outcome_of(base, Scenario.of(["scope=month", "volume=+5%"]), paths=4)
    assert found.scope == "month"
    (note,) = found.notes
    assert of("en").note(note) == (
        "What is met and missed are each a month here, each a day in the plan: the two "
        "are not to be compared."
    )
    side = compared(plan, found).set_index(["queue", "kpi"])["difference"]
    assert np.isnan(side["all", "missed"])
    assert side["all", "offered"] > 0
    assert set(found.kpis["missed"]) <= {0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2}


def test_side_by_side_are_base_scenario_and_difference(base, plan, outcome):
    other = outcome("groups.Care=Sales+Help", "volume=+10%")
    table = compared(plan, other)
    assert list(table) == ["queue", "kpi", "base", "scenario", "difference"]
    assert table["kpi"].tolist() == KPIS * 4
    assert table["queue"].unique().tolist() == ["Care", "all", "Help", "Sales"]
    cells = table.set_index(["queue", "kpi"])
    assert cells.loc[("all", "offered"), "difference"] == pytest.approx(
        0.1 * base.need.forecast["offered"].sum()
    )
    assert np.isnan(cells.loc[("Care", "fte"), "base"])
    assert np.isnan(cells.loc[("Help", "fte"), "scenario"])


def test_seats_that_do_not_suffice_are_unmet(outcome):
    assert outcome().exit_code == 0
    short = outcome("max_agents=3@Sales")
    assert short.exit_code == 1
    assert set(short.unmet["queue"]) == {"Sales"}


def test_estimated_patience_of_pools_joined_is_of_their_callers_together(base):
    from staffing.patience import Patience

    table = {**base.table, "staffing": {"model": "erlang_a", "patience_s": "estimate"}}
    config = type(base.config).model_validate(table)
    known = {
        "Help": Patience(100.0, 80.0, 120.0, 200.0, 20_000.0),
        "Sales": Patience(60.0, 50.0, 70.0, 300.0, 18_000.0),
    }
    base = replace(base, table=table, config=config, patience=known)
    joined = outcome_of(base, Scenario.of(["groups.Care=Sales+Help"]), simulated=False)
    assert joined.rules.for_pool("Care").patience_s == 38_000 / 500
    longer = outcome_of(base, Scenario.of(["patience_s=90"]), simulated=False)
    assert longer.rules.patience_s == 90
    with pytest.raises(ConfigError) as caught:
        outcome_of(base, Scenario.of(["patience_s=+10%"]))
    assert str(caught.value) == (
        "'patience_s=+10%': the plan has no patience_s to change by so much. Set a "
        "number."
    )
