"""Past months of a small centre, planned again and held against what came."""

import numpy as np
import pandas as pd
import pytest
from reference.past import CONFIG, write_past

from forecast.errors import ConfigError, TableError
from forecast.schema import CAUSES, KPI
from staffing.backtest import backtest_plans
from staffing.backtest.month import backtest_month
from staffing.backtest.plans import realised_sums
from staffing.inputs import read_past
from staffing.kpi import kpis_by

ALONE, _ = CONFIG.split("[groups]")


pytestmark = pytest.mark.usefixtures("few_replays")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """December 2025 to February 2026."""
    return tmp_path_factory.mktemp("past")


@pytest.fixture(scope="module")
def path(folder):
    return write_past(folder, config=ALONE)


@pytest.fixture(scope="module")
def result(path):
    return backtest_plans(path)


def test_each_whole_month_with_a_history_before_it_is_planned(result):
    assert result.months == ("2026-01", "2026-02")
    assert result.exit_code == 0
    assert set(result.costs["plan"]) == {
        "plan",
        "clairvoyant",
        "seasonal_naive",
        "sma4",
    }


def test_realised_kpis_are_those_of_the_history(result, path):
    month = result.outcomes["month"].set_index(["queue", "period"])
    rows = pd.read_csv(path.parent / "history.csv")
    energia = rows[
        (rows["queue"] == "Energia") & rows["interval_start"].str[:7].eq("2026-02")
    ]
    row = month.loc["Energia", "2026-02"]
    assert row["offered"] == energia["offered"].sum()
    assert row["service_level"] == pytest.approx(
        energia["answered_within"].sum() / energia["offered"].sum()
    )
    assert row["abandon_rate"] == pytest.approx(
        energia["abandoned"].sum() / energia["offered"].sum()
    )
    waits = (energia["asa_s"] * energia["handled"]).sum()
    assert row["asa_s"] == pytest.approx(waits / energia["handled"].sum())
    assert row["agent_hours"] == energia["agents"].sum() / 2


def test_planned_calls_are_the_forecast_s(result, path):
    plan = backtest_month(read_past(path), "2026-02").plan
    rows = result.outcomes["interval"]
    rows = rows[rows["period"].str.startswith("2026-02") & (rows["queue"] == "Energia")]
    energia = plan[plan["queue"] == "Energia"]
    np.testing.assert_allclose(rows["planned_offered"], energia["offered"], rtol=1e-12)
    np.testing.assert_allclose(rows["planned_agent_hours"], energia["agents"] / 2)


def test_nothing_that_came_later_changes_a_plan(result, tmp_path, folder):
    rows = pd.read_csv(folder / "history.csv")
    rows.loc[rows["interval_start"] >= "2026-01-01", "offered"] *= 2
    rows.to_csv(tmp_path / "history.csv", index=False)
    (tmp_path / "plan.toml").write_text(ALONE, encoding="utf-8")
    doubled = backtest_plans(tmp_path / "plan.toml", last="2026-01")
    before, after = (
        table.loc[
            table["period"] == "2026-01", ["planned_offered", "planned_agent_hours"]
        ]
        for table in (result.outcomes["month"], doubled.outcomes["month"])
    )
    np.testing.assert_array_equal(before, after)
    assert (
        doubled.outcomes["month"]["offered"].iloc[0]
        == 2 * result.outcomes["month"]["offered"].iloc[0]
    )


def test_causes_add_up_to_the_gap_of_every_queue_and_of_all(result):
    assert {column.name for column in CAUSES.columns} <= set(result.causes)
    keys = ["queue", "period", "kpi"]
    gap = result.causes.groupby(keys)["effect"].sum()
    ends = result.causes.groupby(keys)[["planned", "realised"]].first()
    np.testing.assert_allclose(gap, ends["realised"] - ends["planned"], atol=1e-9)
    assert set(result.causes["queue"]) == {"Energia", "Acqua", "Gas", "all"}
    realised = ends["realised"].loc["all", "2026-02", "service_level"]
    month = result.outcomes["month"].set_index(["queue", "period"])
    assert realised == pytest.approx(month.loc[("all", "2026-02"), "service_level"])


def test_the_kpi_table_has_the_plan_beside_what_came(result):
    assert list(result.kpis.columns) == [column.name for column in KPI.columns]
    mine = (result.kpis["queue"] == "all") & (result.kpis["period"] == "2026-02")
    one = result.kpis[mine].set_index("kpi")
    assert one.loc["offered", "gap"] == pytest.approx(
        one.loc["offered", "realised"] - one.loc["offered", "planned"]
    )
    assert {"2026-02", "2026-02-03", "2026-W06"} <= set(result.kpis["period"])


def test_promises_are_probabilities_and_what_was_is_yes_or_no(result):
    promises = result.promises
    for share in ("promised", "held"):
        assert promises[share].between(0, 1).all()
    assert set(promises["realised"].dropna()) <= {0.0, 1.0}
    days = promises[promises["grain"] == "day"]
    assert len(days) == 3 * (22 + 20)  # queues; open days of January and February


def test_the_one_who_knows_it_all_needs_the_fewest_hours_at_equal_service(result):
    hours = result.costs.groupby("plan")["equal_hours"].sum()
    assert hours.idxmin() == "clairvoyant"


def test_it_is_kept_until_something_changes(path, result, monkeypatch):
    def never(*args):
        raise AssertionError

    monkeypatch.setattr("staffing.backtest.month._backtest", never)
    again = backtest_plans(path)
    for name, table in result.tables().items():
        pd.testing.assert_frame_equal(table, again.tables()[name])
    path.write_text(ALONE + "[targets]\nasa_s = 40\n", encoding="utf-8")
    try:
        with pytest.raises(AssertionError):
            backtest_plans(path)
    finally:
        path.write_text(ALONE, encoding="utf-8")


def test_groups_and_clients_are_counted_together(tmp_path):
    more = '"Solo" = ["Energia"]\n'
    path = write_past(tmp_path, config=CONFIG + more)
    result = backtest_plans(path, first="2026-02")
    month = result.outcomes["month"].set_index("queue")
    every = ["Acqua", "Energia", "Gas", "Care", "Comune", "Solo", "all"]
    assert list(month.index) == every
    assert (
        month.loc["Care", "offered"] == month.loc[["Energia", "Gas"], "offered"].sum()
    )
    assert set(result.costs["queue"]) == {"Acqua", "Care"}
    assert set(every) == set(result.causes["queue"])
    effects = result.causes.groupby("queue")["effect"].apply(list)
    assert effects["Solo"] == pytest.approx(effects["Energia"])  # its only queue


def test_without_agents_in_the_history_staffing_is_no_cause(tmp_path):
    path = write_past(tmp_path, config=ALONE, without=("agents",))
    result = backtest_plans(path, first="2026-02")
    assert "staffing" not in set(result.causes["cause"])
    assert "remainder" in set(result.causes["cause"])
    assert result.outcomes["month"]["agent_hours"].isna().all()


def test_calls_alone_are_replayed_though_nothing_is_known_of_their_waits(tmp_path):
    served = ("handled", "abandoned", "answered_within", "asa_s", "abandon_wait_s")
    path = write_past(tmp_path, config=ALONE, without=(*served, "agents"))
    result = backtest_plans(path, first="2026-02")
    assert result.promises["realised"].isna().all()
    assert result.causes.empty
    assert result.patience["patience_s"].eq(np.inf).all()
    assert result.outcomes["month"]["replayed_service_level"].between(0.8, 1).all()


def test_intervals_whose_calls_are_not_known_are_left_out_of_both_sides(
    tmp_path, result
):
    path = write_past(tmp_path, config=ALONE)
    rows = pd.read_csv(tmp_path / "history.csv")
    rows = rows[~rows["interval_start"].str.startswith("2026-02-03")]
    rows.to_csv(tmp_path / "history.csv", index=False)
    holed = backtest_plans(path, first="2026-02").outcomes["month"].set_index("queue")
    whole = result.outcomes["month"]
    whole = whole[whole["period"] == "2026-02"].set_index("queue")
    ratio = holed["planned_agent_hours"] / whole["planned_agent_hours"]
    np.testing.assert_allclose(ratio, 19 / 20, atol=0.01)
    assert (holed["offered"] < whole["offered"]).all()


def test_months_that_cannot_be_are_refused(path):
    with pytest.raises(ConfigError, match="--from: 2025-12 cannot be"):
        backtest_plans(path, first="2025-12")
    with pytest.raises(ConfigError, match="--to: 'February' is not a month"):
        backtest_plans(path, last="February")


def test_the_history_s_own_months_are_judged_too(result, path):
    sums = realised_sums(read_past(path))
    level = kpis_by(sums, "queue", sl_rule="offered")["service_level"]
    assert level.between(0.5, 1).all()
    assert "2025-12" in set(result.lights["month"])


def test_a_month_without_a_known_call_is_an_error(path):
    past = read_past(path)
    with pytest.raises(TableError):
        backtest_month(past, "2025-12")
