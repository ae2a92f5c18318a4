"""Past months of a small centre, planned again and held against what came."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from reference.past import CONFIG, write_past

from forecast.engine import Serial
from forecast.errors import ConfigError, Finding, TableError
from forecast.schema import CAUSES, KPI
from staffing.backtest import backtest_plans, recorded_for_plans
from staffing.backtest.month import backtest_month
from staffing.backtest.pools import rounded
from staffing.backtest.recorded import realised_sums
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
    plan = backtest_month(recorded_for_plans(path), "2026-02").plan
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
    past = read_past(path)
    sums = realised_sums(past.history, past.config)
    level = kpis_by(sums, "queue", sl_rule="offered")["service_level"]
    assert level.between(0.5, 1).all()
    assert "2025-12" in set(result.lights["month"])


def test_a_month_without_a_known_call_is_an_error(path):
    past = recorded_for_plans(path)
    with pytest.raises(TableError):
        backtest_month(past, "2025-12")


def plans_of(tmp_path, config=ALONE, **more):
    return backtest_plans(write_past(tmp_path, config=config, **more), first="2026-02")


def test_a_client_whose_queue_begins_later_stops_nothing(tmp_path):
    config = ALONE + '[clients]\n"Comune" = ["Acqua"]\n'
    result = plans_of(tmp_path, config, since={"Acqua": date(2026, 1, 20)})
    assert "Comune" not in set(result.causes["queue"])
    assert "2026-02 Acqua" in result.failed


def test_a_group_with_a_queue_without_a_past_is_not_planned(tmp_path):
    result = plans_of(tmp_path, CONFIG, since={"Gas": date(2026, 2, 10)})
    assert set(result.costs["queue"]) == {"Acqua"}
    assert "Gas has no rows before 2026-02-01" in result.failed["2026-02 Gas"]
    assert "with Gas, which failed" in result.failed["2026-02 Energia"]


def test_a_limit_of_occupancy_alone_says_nothing_of_equal_service(tmp_path):
    result = plans_of(tmp_path, ALONE + "[targets]\nmax_occupancy = 0.9\n")
    assert result.costs["equal_hours"].isna().all()
    assert result.year["verdict"].eq("open").all()


def test_a_month_that_cannot_be_planned_stops_no_other(tmp_path):
    config = ALONE + '[staffing]\nmodel = "erlang_a"\npatience_s = "estimate"\n'
    path = write_past(tmp_path, config=config, lost=0.2)
    rows = pd.read_csv(tmp_path / "history.csv")
    early = rows["interval_start"] < "2026-01-01"
    rows.loc[early, "abandoned"], rows.loc[early, "handled"] = 0, rows["offered"]
    rows.loc[early, "abandon_wait_s"] = np.nan
    rows.to_csv(tmp_path / "history.csv", index=False)
    result = backtest_plans(path)
    assert result.months == ("2026-02",)
    assert "needs 100 abandonments" in result.failed["2026-01"]
    assert result.exit_code == 1


def test_what_is_promised_of_an_interval_is_of_this_interval(tmp_path):
    """Busy queues are still served after closing: rows of no interval of the month."""
    result = plans_of(tmp_path, CONFIG, lost=0.3)
    of_care = result.promises[result.promises["queue"] == "Care"]
    shares = of_care.groupby("grain")["promised"].mean()
    assert shares["interval"] < 1.0
    first = of_care.loc[of_care["grain"] == "interval", "period"].str[11:16]
    assert set(first) == {"09:00", "09:30"}


def test_callers_who_come_again_are_left_aside(tmp_path):
    plain = plans_of(tmp_path, lost=0.4)
    again = plans_of(tmp_path, ALONE + "[staffing]\nredial = 0.5\n", lost=0.4)
    assert any("redial and repeat are left aside" in text for text in again.warnings)
    pd.testing.assert_frame_equal(plain.costs, again.costs)


def test_what_is_planned_is_compared_where_it_is_known(tmp_path):
    path = write_past(tmp_path, config=ALONE)
    rows = pd.read_csv(tmp_path / "history.csv")
    late = rows["interval_start"].str.endswith("09:30")
    rows.loc[late, ["agents", "asa_s", "answered_within"]] = np.nan
    rows.to_csv(tmp_path / "history.csv", index=False)
    result = backtest_plans(path, first="2026-02")
    month = result.outcomes["month"].set_index("queue").loc["Energia"]
    assert month["planned_agent_hours"] / month["agent_hours"] < 1.5
    assert any("agents are not known" in text for text in result.warnings)


def test_a_client_keeps_the_staffing_of_its_own_queues(tmp_path):
    config = ALONE + '[clients]\n"Comune" = ["Acqua"]\n'
    path = write_past(tmp_path, config=config)
    rows = pd.read_csv(tmp_path / "history.csv")
    rows.loc[rows["queue"] == "Energia", "agents"] = np.nan
    rows.to_csv(tmp_path / "history.csv", index=False)
    causes = backtest_plans(path, first="2026-02").causes
    of = causes.groupby("queue")["cause"].apply(set)
    assert "staffing" in of["Comune"]
    assert "staffing" not in of["Energia"] | of["all"]


def test_fractions_of_agents_are_there_part_of_the_time():
    assert rounded(np.full(4, 2.5)).tolist() == [3, 2, 3, 2]
    assert rounded(np.array([0.4, 0.4, 0.4]), low=1).tolist() == [1, 1, 1]


def test_a_kept_month_tells_nothing_of_later_rows(path, tmp_path, monkeypatch):
    later = Finding("history.csv", "rows are left out", ("TOTAL (9 rows)",), 1)
    keys, told = [], []

    def asked(inputs, answer, **_):
        keys.append(inputs)
        return answer()

    def planned(past, *_):
        (part,) = past.parts.each(Serial(), warnings_of)
        told.extend(part)
        raise TableError([])

    monkeypatch.setattr("staffing.backtest.month.kept", asked)
    monkeypatch.setattr("staffing.backtest.month._backtest", planned)
    past = recorded_for_plans(path)
    warned = replace(past.parts, warnings={past.where: (later,)})
    history = path.parent / "history.csv"
    header, *rows = history.read_text().splitlines()
    other = "\n".join([header, "", *rows])
    moved = write_past(tmp_path, config=ALONE)
    (tmp_path / "history.csv").write_text(other)
    for month in (past, replace(past, parts=warned), recorded_for_plans(moved)):
        with pytest.raises(TableError):
            backtest_month(month, "2026-01")
    assert told == []
    assert keys[0] == keys[1] != keys[2]  # whose warnings name other rows


def warnings_of(part):
    return part.warnings


def test_a_kept_month_is_of_the_rules_that_it_was_planned_by(path, monkeypatch):
    keys = []

    def asked(inputs, answer, *, code):
        keys.append(inputs)
        raise TableError([])

    monkeypatch.setattr("staffing.backtest.month.kept", asked)
    for rules in (), (), ("edited",):
        monkeypatch.setattr("staffing.backtest.month.our_rules", lambda r=rules: r)
        with pytest.raises(TableError):
            backtest_month(recorded_for_plans(path), "2026-01")
    assert keys[0] == keys[1] != keys[2]
