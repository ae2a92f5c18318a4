"""
The sample's December 2026, held against exact arithmetic and against its own sums.

Nothing here asks the code that made the plan: the grid is counted from the hours in
data/plan.toml, and each row's KPIs are worked out in 50 digits from that row.
"""

import datetime as dt
import hashlib
import json
import math
import re
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from mpmath import mpf
from reference.erlang import precise

DATA = Path(__file__).parents[2] / "data"
QUEUES = ["Acqua", "Ambiente", "Energia"]
CLOSED = {7, 8, 25, 26}  # patron saint, Immaculate Conception, Christmas, St Stephen
FILES = ["forecast.csv", "staffing.csv", "monthly.csv", "report.html", "run.json"]
PAID_PER_AGENT = 1 / (1 - (0.11 + 0.03 + 0.05 + 0.08 + 0.03))
SCHEDULED_PER_AGENT = 1 / (1 - (0.05 + 0.08 + 0.03))


def open_starts():
    """December's open half-hours, as the config's text says them."""
    starts = []
    for day in range(1, 32):
        date = dt.date(2026, 12, day)
        last_hour = {5: 14, 6: 8}.get(date.weekday(), 20)
        if day in CLOSED:
            continue
        for hour in range(8, last_hour):
            for minute in (0, 30):
                time = dt.time(hour, minute, tzinfo=ZoneInfo("Europe/Rome"))
                starts.append(dt.datetime.combine(date, time).isoformat())
    return starts


def test_the_sample_is_planned_without_a_complaint(december):
    assert december.run.code == 0
    head, *others, verdict, written = december.run.err.splitlines()
    assert verdict.startswith("audit: ")
    assert "planned and simulated agree" in verdict
    assert head.split() == ["rules", "peak_agents", "agent_hours", "paid_hours", "fte"]
    assert [line.split("  ")[0] for line in others[:6]] == [
        "this plan",
        "95% answered within 50 s, nobody hanging up (Erlang C)",
        "95% answered within 50 s (Erlang A)",
        "95% answered at all (Erlang A)",
        "every interval staffed for its busiest minute",
        "every interval by itself, nothing carried over",
    ]
    assert written == f"Written to {december.folder}: {', '.join(FILES)}"
    assert sorted(path.name for path in december.folder.iterdir()) == sorted(FILES)


@pytest.mark.parametrize("name", ["staffing.csv", "forecast.csv"])
def test_each_open_interval_of_december_stands_once_for_each_queue(name, december):
    rows = [row for row in december.rows(name) if row.get("open") != "false"]
    for queue in QUEUES:
        starts = [row["interval_start"] for row in rows if row["queue"] == queue]
        assert starts == open_starts()
    assert len(rows) == len(QUEUES) * len(open_starts())


def open_rows(december):
    return [row for row in december.rows("staffing.csv") if row["open"] == "true"]


def test_rows_after_closing_are_few_and_have_no_calls_but_load(december):
    rows = [row for row in december.rows("staffing.csv") if row["open"] == "false"]
    assert 0 < len(rows) < len(open_starts())
    for row in rows:
        assert row["interval_start"][11:16] in ("14:00", "20:00")
        assert {row["offered"], row["offered_p10"], row["offered_p90"]} == {"0.0"}
        assert float(row["load_erlang"]) >= 0.5


def test_the_load_of_a_row_is_that_of_its_calls_in_progress(december):
    """Second by second: calls in progress approach the load of the interval's rate."""
    for queue in QUEUES:
        calls, before = 0.0, None
        for row in december.rows("staffing.csv"):
            if row["queue"] != queue:
                continue
            start = dt.datetime.fromisoformat(row["interval_start"])
            aht_s = float(row["aht_s"])
            if before is None or start.date() != before.date():
                calls = 0.0  # a night after the last call has ended
            before = start
            target = float(row["offered"]) * aht_s / 1800
            second = np.arange(1800) + 0.5
            path = target + (calls - target) * np.exp(-second / aht_s)
            calls = target + (calls - target) * math.exp(-1800 / aht_s)
            load = path.mean()
            if row["open"] == "true":
                ramp = path.var() / math.sqrt(load) / 4
                load = min(load + ramp, max(path[0], path[-1]))
            assert float(row["load_erlang"]) == pytest.approx(load, rel=2e-3)


def test_forecast_and_staffing_agree(december):
    shared = ["queue", "interval_start", "interval_s", "offered", "offered_p10"]
    shared += ["offered_p90", "aht_s"]
    tables = [december.rows("forecast.csv"), open_rows(december)]
    assert len({str([[row[k] for k in shared] for row in t]) for t in tables}) == 1


def test_every_row_meets_all_targets_and_one_agent_fewer_does_not(
    december,
):
    for row in december.rows("staffing.csv"):
        load, aht_s = float(row["load_erlang"]), float(row["aht_s"])
        agents = int(row["agents"])
        assert missed_targets(load, agents, aht_s) == []
        if row["binding"] == "min_agents":
            assert agents == 1
        else:
            assert row["binding"] == missed_targets(load, agents - 1, aht_s)[0]


def missed_targets(load, agents, aht_s):
    """Which of 95 % within 50 s, ASA ≤ 50 s and occupancy ≤ 90 % the agents miss."""
    if agents <= load:
        return ["service_level", "asa_s", "max_occupancy"]
    (queue,) = precise(load, [agents])
    missed = {
        "service_level": queue.service_level(aht_s, 50) < mpf("0.95"),
        "asa_s": queue.asa_s(aht_s) > 50,
        "max_occupancy": Fraction(load) > agents * Fraction(9, 10),
    }
    return [name for name, is_missed in missed.items() if is_missed]


def test_the_kpis_of_a_row_follow_from_its_load_handle_time_and_agents(
    december,
):
    for row in december.rows("staffing.csv"):
        load, aht_s = float(row["load_erlang"]), float(row["aht_s"])
        (queue,) = precise(load, [int(row["agents"])])
        exact = {
            "service_level": queue.service_level(aht_s, 50),
            "asa_s": queue.asa_s(aht_s),
            "occupancy": mpf(load) / int(row["agents"]),
        }
        for name, value in exact.items():
            assert abs(mpf(row[name]) / value - 1) < 1e-9
        scheduled = int(row["agents"]) * SCHEDULED_PER_AGENT
        assert float(row["scheduled"]) == pytest.approx(scheduled, rel=1e-14)
        assert row["abandon_rate"] == "0.0"


def test_months_are_the_sums_of_their_intervals(december):
    rows, months = december.rows("staffing.csv"), december.rows("monthly.csv")
    assert [row["queue"] for row in months] == QUEUES
    for month in months:
        of_queue = [row for row in rows if row["queue"] == month["queue"]]
        offered = math.fsum(float(row["offered"]) for row in of_queue)
        handle_s = math.fsum(
            float(row["offered"]) * float(row["aht_s"]) for row in of_queue
        )
        agent_hours = sum(int(row["agents"]) for row in of_queue) / 2
        assert month["month"] == "2026-12"
        assert float(month["offered"]) == pytest.approx(offered, rel=1e-12)
        assert float(month["aht_s"]) == pytest.approx(handle_s / offered, rel=1e-12)
        assert float(month["agent_hours"]) == agent_hours
        paid = agent_hours * PAID_PER_AGENT
        assert float(month["paid_hours"]) == pytest.approx(paid, rel=1e-12)
        assert float(month["fte"]) == pytest.approx(paid / (40 * 31 / 7), rel=1e-12)


def test_last_year_is_the_sum_of_the_files_own_rows(december):
    history = type(december)(december.run, DATA).rows("history.csv")
    for month in december.rows("monthly.csv"):
        calls = [
            int(row["offered"])
            for row in history
            if row["queue"] == month["queue"]
            and row["interval_start"].startswith("2025-12")
        ]
        assert float(month["last_year"]) == sum(calls)


def test_the_summary_says_the_tables_totals(december):
    head, *rows, total = december.run.out.splitlines()
    assert head.split()[:4] == ["queue", "offered", "peak_agents", "agent_hours"]
    staffing = december.rows("staffing.csv")
    for line, month in zip(rows, december.rows("monthly.csv"), strict=True):
        of_queue = [row for row in staffing if row["queue"] == month["queue"]]
        at_work = [row for row in of_queue if row["open"] == "true"]
        worst = min(at_work, key=lambda row: float(row["service_level"]))
        assert line.split() == [
            month["queue"],
            f"{float(month['offered']):,.0f}",
            str(max(int(row["agents"]) for row in of_queue)),
            f"{float(month['agent_hours']):,.1f}",
            f"{float(month['paid_hours']):,.1f}",
            f"{float(month['fte']):.1f}",
            f"{float(worst['service_level']):.1%}",
            f"{max(float(row['asa_s']) for row in at_work):.1f}",
            worst["interval_start"][:10],
            worst["interval_start"][11:16],
        ]
    assert total.split()[0] == "all"


def test_the_manifest_fingerprints_what_went_in_and_what_came_out(
    december,
):
    manifest = json.loads((december.folder / "run.json").read_text(encoding="utf-8"))
    assert manifest["sources"] == {
        name: sha256(DATA / name) for name in ("plan.toml", "history.csv")
    }
    assert manifest["outputs"] == {
        name: sha256(december.folder / name) for name in FILES if name != "run.json"
    }
    assert manifest["exit_code"] == 0
    assert manifest["month"] == "2026-12"
    assert manifest["parameters"]["seed"] == 7
    assert manifest["targets"]["service_level"] == 0.95
    assert manifest["alternatives"][0]["rules"] == "this plan"
    assert {q: status["status"] for q, status in manifest["queues"].items()} == (
        dict.fromkeys(QUEUES, "done")
    )
    assert set(manifest["versions"]) >= {"python", "staffcast", "numpy", "pandas"}
    assert set(manifest["timings_s"]) == {
        "config",
        "history",
        "forecast",
        "requirement",
        "alternatives",
        "audit",
    }


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_another_clock_locale_and_hash_seed_give_the_same_bytes(
    december, staffcast, tmp_path
):
    again = staffcast(
        "plan",
        DATA / "plan.toml",
        "--month",
        "2026-12",
        cwd=tmp_path,
        TZ="America/New_York",
        LANG="it_IT.UTF-8",
        LC_ALL="it_IT.UTF-8",
        PYTHONHASHSEED="1",
        PYTHONIOENCODING="ascii",
    )
    assert again.out == december.run.out
    written = f"Written to plan-2026-12: {', '.join(FILES)}"
    said = again.err.replace(r"\xb1", "±")  # as far as that stderr can say it
    assert said.splitlines() == [*december.run.err.splitlines()[:-1], written]
    for name in FILES:
        texts = [
            re.sub(r'"timings_s": {[^}]*}', "", (folder / name).read_text())
            for folder in (december.folder, tmp_path / "plan-2026-12")
        ]
        assert texts[0] == texts[1], name
