import io
import json
import re
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from reference.past import write_past

from forecast.schema import PLAN_BACKTEST, check_table
from staffing.backtest import backtest_plans
from staffing.kpi import Goal, definitions
from staffing.report.plan_backtest import (
    failures,
    headlines,
    plan_backtest_page,
    summary_table,
    told_of,
    write_told,
)
from staffing.report.plan_backtest.page import lever_texts
from staffing.report.plan_backtest.plots import (
    plot_hours,
    plot_kpi_months,
    plot_promises,
    plot_reliability,
)
from staffing.report.plan_backtest.summary import hours_ratio, queues_of
from staffing.report.plan_backtest.told import month_pages
from staffing.report.waterfall import plot_waterfall
from staffing.targets import Targets

UNITS = ["Acqua", "Energia", "Gas", "Care", "Comune", "all"]
HOSTILE = "<i>$x</i>$"


@pytest.fixture(scope="module")
def result(few_replays, tmp_path_factory):
    """February 2026 of a group, a queue of its own and a client of two queues."""
    path = write_past(tmp_path_factory.mktemp("past"))
    return backtest_plans(path, first="2026-02")


def promises_of(queue, promised, held, realised=np.nan, grain="day"):
    days = {"promised": promised, "held": held, "realised": realised}
    return pd.DataFrame({"queue": queue, "grain": grain, "month": "2026-02"} | days)


def costs_of(rows):
    return pd.DataFrame(rows, columns=["queue", "month", "plan", "equal_hours"])


COSTS = costs_of(
    [
        ("A", "2026-01", "plan", 110.0),
        ("A", "2026-01", "clairvoyant", 100.0),
        ("A", "2026-02", "plan", 500.0),
        ("A", "2026-02", "clairvoyant", np.nan),
        ("A", "2026-02", "sma4", 400.0),
        ("B", "2026-01", "plan", 330.0),
        ("B", "2026-01", "clairvoyant", 300.0),
        ("B", "2026-01", "sma4", 440.0),
    ]
)


def test_hours_are_compared_over_the_months_that_both_plans_know():
    over = hours_ratio(COSTS, "clairvoyant")
    assert over.to_dict() == pytest.approx({"A": 1.1, "B": 1.1, "all": 440 / 400})
    over = hours_ratio(COSTS, "sma4")
    assert over.to_dict() == pytest.approx({"A": 1.25, "B": 0.75, "all": 830 / 840})
    assert hours_ratio(COSTS, "seasonal_naive").empty


def test_the_summary_has_a_row_for_every_queue_group_client_and_all(result):
    table = summary_table(result).set_index("queue")
    assert table.index.to_list() == UNITS
    assert table["days"].fillna(0).to_list() == [20, 0, 0, 20, 0, 40]
    assert (table["months"] == 1).all()
    assert table.loc["Comune", "promised_days":"realised_days"].isna().all()
    days = result.promises[result.promises["grain"] == "day"]
    assert table["held_days"]["all"] == pytest.approx(days["held"].mean())


def test_service_levels_are_ratios_of_the_sums_of_all_calls(result):
    table = summary_table(result).set_index("queue")
    came = result.realised.set_index("queue")[["answered_within", "offered"]]
    sums = came.groupby("queue").sum().T
    sums["Comune"] = sums["Acqua"] + sums["Gas"]
    sums["all"] = sums["Comune"] + sums["Energia"]
    for unit in ("Acqua", "Comune", "all"):
        level = sums[unit]["answered_within"] / sums[unit]["offered"]
        assert table["service_level"][unit] == pytest.approx(level)


def told(result, *, agent_hours=800.0, realised=0.5, costs=COSTS):
    whole = result.outcomes["whole"].copy()
    whole.loc[
        whole["queue"] == "all",
        ["planned_service_level", "replayed_service_level", "service_level"],
    ] = (0.97, 0.961, 0.85)
    whole.loc[whole["queue"] == "all", ["planned_asa_s", "replayed_asa_s", "asa_s"]] = (
        3.0,
        4.04,
        np.nan,
    )
    hours = {
        "planned_agent_hours": [1000.0, 500.0],
        "agent_hours": [agent_hours, np.nan],
    }
    interval = pd.DataFrame({"queue": ["Acqua", "Gas"]} | hours)
    promises = promises_of("Acqua", [0.9, 0.96], [1.0, 0.9], realised)
    outcomes = {**result.outcomes, "whole": whole, "interval": interval}
    return headlines(replace(result, outcomes=outcomes, promises=promises, costs=costs))


def test_the_headlines_say_whether_it_held_what_it_would_have_given_and_cost(result):
    assert told(result) == [
        "The plans promised to meet their targets on 93.0% of 2 days, counted queue "
        "by queue; with the calls that came, they would have on 95.0%. The agents who "
        "were there did on 50.0%.",
        "Service level, at least 95.0%: planned 97.0%; 96.1% with the planned agents "
        "and the calls that came; really 85.0%.",
        "Average speed of answer, at most 50.0 s: planned 3.0 s; 4.0 s with the "
        "planned agents and the calls that came; the history does not tell what it "
        "really was.",
        "Agents: 1,000 hours were planned, 800 were there in the intervals that know "
        "it (-20.0%).",
        "Agent hours at equal service: 10.0% more than a plan that knew every call; "
        "1.2% fewer than one made with the average of four weeks.",
    ]


def test_the_headlines_leave_out_what_is_not_known(result):
    promise, *_, agents = told(
        result, agent_hours=np.nan, realised=np.nan, costs=COSTS.head(0)
    )
    assert promise.endswith("they would have on 95.0%.")
    assert agents == "The history does not know how many agents were there."


def drawn(plot, *args, **options):
    """The axes after a whole drawing, in which any warning is an error."""
    figure = Figure(figsize=(10, 3.4))
    ax = figure.add_subplot()
    assert plot(ax, *args, **options) is ax
    figure.savefig(io.BytesIO(), format="svg")
    assert ax.get_title(loc="left")
    return ax


def test_reliability_shows_each_queues_bins_beside_the_ideal_line():
    days = [
        promises_of("A", [0.97, 0.99, 0.5], [1.0, 0.9, 0.2]),
        promises_of(HOSTILE, [0.92], [0.7]),
    ]
    ax = drawn(plot_reliability, pd.concat(days))
    assert ax.get_xlabel().endswith("binned at 20, 40, 60, 80, 90, 95 [%]")
    assert ax.get_ylabel() == "days that held [%]"
    hostile, plain = (marks.get_offsets().tolist() for marks in ax.collections)
    assert plain == [[0.5, 0.2], pytest.approx([0.98, 0.95])]
    assert hostile == [[0.92, 0.7]]
    assert [text.get_text() for text in ax.texts] == ["1", "1", "2"]
    (ideal,) = ax.lines
    assert ideal.get_xydata().tolist() == [[0, 0], [1, 1]]


def test_promises_stand_by_grain_and_without_agents_nothing_is_realised():
    months = promises_of("A", [1.0], [1.0], [0.0], grain="month")
    days = promises_of("A", [0.9, 0.8], [1.0, 0.9], [1.0, 0.0])
    ax = drawn(plot_promises, pd.concat([months, days]))
    assert [label.get_text() for label in ax.get_xticklabels()] == [
        "days: 2",
        "months: 1",
    ]
    heights = [[bar.get_height() for bar in bars] for bars in ax.containers]
    assert np.allclose(heights, [[0.85, 1.0], [0.95, 1.0], [0.5, 0.0]])
    assert ax.get_ylabel() == "share that does [%]"
    assert len(drawn(plot_promises, days.assign(realised=np.nan)).containers) == 2


def test_kpis_by_month_stand_beside_their_target():
    kpi = next(kpi for kpi in definitions("offered") if kpi.name == "asa_s")
    months = pd.DataFrame(
        {
            "period": ["2026-01", "2026-02"],
            "planned_asa_s": [3.0, 4.0],
            "replayed_asa_s": [5.0, 6.0],
            "asa_s": np.nan,
        }
    )
    ax = drawn(plot_kpi_months, months, Goal("asa_s", "s", "lower", 50.0), kpi)
    assert (ax.get_xlabel(), ax.get_ylabel()) == (
        "month",
        "average speed of answer [s]",
    )
    planned, replayed, target = ax.lines
    assert replayed.get_ydata().tolist() == [5.0, 6.0]
    assert target.get_label() == "target: at most 50.0 s"
    assert planned.get_linestyle() != replayed.get_linestyle()  # reads in grey


def test_hours_of_each_plan_stand_over_the_clairvoyant_ones():
    ax = drawn(plot_hours, COSTS.replace({"queue": {"B": HOSTILE}}))
    assert ax.get_ylabel() == "over the clairvoyant plan [%]"
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert names == [r"<i>\$x</i>\$", "A", "All queues"]
    plan, simpler = ([bar.get_height() for bar in bars] for bars in ax.containers)
    assert plan == pytest.approx([0.1, 0.1, 0.1])
    assert simpler[0] == pytest.approx(440 / 300 - 1)
    assert np.isnan(simpler[1])


def test_a_name_with_dollars_is_no_formula_in_a_title(result):
    causes = result.causes.query("queue == 'Acqua' and period == '2026-02'")
    causes = causes[causes["kpi"] == "asa_s"].replace({"queue": {"Acqua": HOSTILE}})
    ax = drawn(plot_waterfall, causes)
    assert ax.get_title(loc="left") == r"<i>\$x</i>\$, February 2026"


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("</style>")[1]))


def test_the_page_says_what_was_done_and_what_came_of_it(result, quick_pictures):
    page = plan_backtest_page(result)
    text = text_of(page)
    assert text.startswith(" Backtest of plans: February 2026 The plans promised to ")
    for title in (
        "Targets by month",
        "Did the promises hold?",
        "Agent hours at equal service",
        "All queues",
        "Comune",
        "Definitions used",
    ):
        assert f"<h2>{title}</h2>" in page
    assert "Left out: 0 of 120 open intervals" in text
    assert "clairvoyant The plan by the same rules for exactly the calls" in text
    level, asa = (
        f'alt="why {name} moved"'
        for name in ("service level", "average speed of answer")
    )
    assert (page.count(level), page.count(asa)) == (len(UNITS), 1)
    realised = f"{summary_table(result)['service_level'].iloc[-1]:.1%}"
    assert f"All queues service level realised ✗ {realised}" in text
    assert "Where each cause took most in February 2026" in text
    assert page == plan_backtest_page(result)
    assert not re.search(r"(?:href|src)=\"(?!data:)", page)


def renamed(result, old, new):
    """The same result of a queue by another name."""
    tables = {
        field.name: getattr(result, field.name).replace({"queue": {old: new}})
        for field in fields(result)
        if isinstance(getattr(result, field.name), pd.DataFrame)
    }
    outcomes = {
        grain: table.replace({"queue": {old: new}})
        for grain, table in result.outcomes.items()
    }
    return replace(result, outcomes=outcomes, **tables)


def test_names_and_reasons_stay_text(result, quick_pictures):
    odd = renamed(result, "Acqua", HOSTILE)
    odd = replace(odd, failed={"2026-02 <b>": "No <b>."}, warnings=("<b> is odd.",))
    page = plan_backtest_page(odd)
    assert HOSTILE not in page
    assert "<b>" not in page
    assert "<h2>&lt;i&gt;$x&lt;/i&gt;$</h2>" in page
    assert "2026-02 &lt;b&gt; is not planned.</strong> No &lt;b&gt;." in page
    assert "Remarks on the data: 1" in page


def test_what_is_not_there_is_left_out_or_said(result, quick_pictures):
    bare = replace(
        result,
        targets=Targets(asa_s=None, service_level=None, mean_wait_s=30.0),
        promises=result.promises.head(0),
        causes=result.causes.head(0),
        levers=result.levers.head(0),
        costs=result.costs.assign(equal_hours=np.nan),
    )
    page = plan_backtest_page(bare)
    assert "There is no day whose calls are all known." in page
    assert "No month can be compared" in page
    assert "<img" not in page
    assert "why " not in page
    assert "Where each cause" not in page


def test_every_table_and_both_pages_are_written_the_manifest_last(
    result, quick_pictures, tmp_path
):
    told = replace(told_of(result), timings_s={"backtest": 2.0})
    files = {path.name: path for path in write_told(told, tmp_path)}
    names = list(files)
    assert names[:2] == ["summary.csv", "plan_backtest.csv"]
    pages = ["backtest.html", "month.html", "month-Comune.html"]
    assert names[-4:] == [*pages, "run.json"]
    assert [f"{name}.csv" for name in result.tables()] == names[1:-4]
    manifest = json.loads(files["run.json"].read_text())
    assert manifest["timings_s"] == {"backtest": 2.0}
    assert (manifest["months"], manifest["exit_code"]) == (["2026-02"], 0)
    assert sorted(manifest["outputs"]) == sorted(names[:-1])
    month = text_of(told.files["month.html"])
    assert month.startswith(" All queues, February 2026 ")
    assert "Why the month was not as planned" in month


def test_a_clients_page_has_its_own_queues_alone(result, quick_pictures):
    page = month_pages(result)["month-Comune.html"]
    text = text_of(page)
    assert text.startswith(" Comune, February 2026 ")
    assert 'alt="why service level moved"' in page
    assert " Acqua service level " in text
    assert not re.search("Energia|Care|All queues", page)


def test_levers_are_a_clients_where_its_callers_alone_are_answered(result):
    """Gas is answered with another client's queue, in Care."""
    assert queues_of(result, "Comune") == ["Comune", "Acqua", "Gas"]
    assert queues_of(result, "all") == UNITS
    clients = {"Comune": ["Gas", "Energia"]}
    other = replace(result, parameters={**result.parameters, "clients": clients})
    assert queues_of(other, "Comune") == ["Comune", "Gas", "Energia", "Care"]
    of_client = {text.split(",")[0] for text in lever_texts(result, "Comune")}
    assert of_client <= {"Acqua"}


def test_a_reason_is_told_once(result, quick_pictures):
    reason = {
        "2026-02 Gas": "Too few.",
        "2026-02 Energia": "Too few.",
        "2026-01": "No.",
    }
    failed = replace(result, failed=reason)
    assert failures(failed) == {
        "Too few.": "2026-02 Gas, 2026-02 Energia are not planned.",
        "No.": "2026-01 is not planned.",
    }
    assert plan_backtest_page(failed).count("Too few.") == 1


def test_the_page_says_whose_patience_and_which_hours(result, quick_pictures):
    text = text_of(plan_backtest_page(result))
    assert (
        "from the last 12 months before the month; where fewer than 100 of them hung "
        "up, that of all callers together;"
    ) in text
    assert "count the time after closing too" in text


def test_the_table_of_intervals_is_as_declared(result):
    table = result.tables()["plan_backtest"]
    check_table(table, PLAN_BACKTEST, "plan_backtest.csv")
    first = table[(table["queue"] == "Acqua")].iloc[0]
    assert str(first["cutoff"]) == "2026-02-01 00:00:00+01:00"
    assert str(first["interval_start"]) == "2026-02-02 09:00:00+01:00"
    came = result.realised[result.realised["queue"] == "Acqua"].iloc[0]
    assert first["agents"] == came["agent_s"] / 1800
    hours = result.outcomes["month"].set_index("queue")["planned_agent_hours"]
    assert table[table["queue"] == "Care"]["planned_agents"].sum() / 2 == pytest.approx(
        hours["Care"]
    )
