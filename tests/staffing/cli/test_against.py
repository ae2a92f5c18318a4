"""Patience from the history in a plan, and `staffcast audit --against-history`."""

import csv
import json

import pandas as pd
import pytest

from staffing.patience import LEAST_ABANDONMENTS
from staffing.pipeline import plan_month
from staffing.report.folder import write_plan

CONFIG = """\
history = "history.csv"
month = "2026-03"
timezone = "Europe/Rome"

[hours]
mon-fri = "09:00-11:00"

[targets]
asa_s = 50
service_level = 0.95
threshold_s = 50

[staffing]
model = "erlang_a"
patience_s = "estimate"
"""


@pytest.fixture
def past(centre):
    """A centre whose history tells waits, abandonments and agents, less some."""

    def write(*, without=(), calls=None):
        path = centre(CONFIG, calls=calls)
        table = pd.read_csv(path.parent / "history.csv")
        loses = table["queue"] != "Rare"
        table["abandoned"] = loses.astype(int) * 2
        table["answered_within"] = table["offered"] - 3 * loses
        table["asa_s"] = 10.0
        table["abandon_wait_s"] = 40.0
        table["agents"] = 5
        table = table.drop(columns=list(without))
        table.to_csv(path.parent / "history.csv", index=False)
        return path

    return write


def test_a_plan_estimates_the_patience_of_each_queue(past, tmp_path, quick_pictures):
    path = past(calls={"Sales": 30.0, "Rare": 20.0})
    plan = plan_month(path)
    write_plan(plan, tmp_path / "out")
    rows = pd.read_csv(path.parent / "history.csv").query("queue == 'Sales'")
    waiting_s = (rows["offered"] - 2).sum() * 10.0 + 80.0 * len(rows)
    run = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    found = run["patience"]["Sales"]
    assert found["patience_s"] == pytest.approx(waiting_s / (2 * len(rows)))
    assert found["abandonments"] == 2 * len(rows) >= LEAST_ABANDONMENTS
    assert plan.rules.for_pool("Sales").patience_s == found["patience_s"]
    rare = pd.read_csv(path.parent / "history.csv").query("queue == 'Rare'")
    assert plan.failed == {
        "Rare": "history of Rare: an estimate of patience needs 100 abandonments or "
        "more with asa_s and abandon_wait_s beside them, but in the last 12 months "
        f"there are 0, and all callers waited {10 * rare['offered'].sum():,d} s "
        "together. Write [staffing] patience_s as a number of seconds."
    }
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "callers have the patience that the history shows" in page
    assert "<h2>Patience</h2>" in page


def test_the_past_is_compared_and_written(
    past, staffcast_here, tmp_path, quick_pictures
):
    out = tmp_path / "out"
    run = staffcast_here(
        "audit", past(), "--against-history", "--replications", 2, "--out", out,
        "--format", "csv",
    )  # fmt: skip
    assert run.code == 0
    assert run.err.endswith(
        f"Written to {out}: against.csv, errors.csv, calibration.csv, patience.csv, "
        "against.html, run.json\n"
    )
    manifest = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert manifest["exit_code"] == 0
    assert set(manifest["sources"]) == {"plan.toml", "history.csv"}
    assert set(manifest["outputs"]) == {
        path.name for path in out.iterdir() if path.name != "run.json"
    }
    assert pd.read_csv(out / "calibration.csv")["queue"].to_list() == ["Sales"]
    shown = list(csv.DictReader(run.out.splitlines()))
    assert {row["model"] for row in shown if row["over"] == "stable"} == {
        "realised", "erlang_c", "erlang_a", "calibrated", "simulated", "identity",
        "chance",
    }  # fmt: skip
    rows = pd.read_csv(out / "against.csv")
    assert len(rows) == len(pd.read_csv(out.parent / "history.csv"))
    page = (out / "against.html").read_text(encoding="utf-8")
    for words in ("Calibration", "Patience by month", "days of Sales", "By load"):
        assert words in page


def test_without_agents_it_does_what_it_can(past, staffcast_here, tmp_path):
    run = staffcast_here(
        "audit", past(without=["agents"]), "--against-history", "--out", tmp_path / "o"
    )
    assert run.code == 1
    assert run.err.startswith(
        "missing: history.csv: Sales has no interval with agents. Only abandoned = "
        "time waited / patience can be compared without them.\n"
    )


def test_json_has_every_table_and_the_warnings_of_the_history(
    past, staffcast_here, tmp_path, quick_pictures
):
    path = past(without=["agents"])
    rows = pd.read_csv(path.parent / "history.csv").drop(index=5)
    rows.to_csv(path.parent / "history.csv", index=False)
    run = staffcast_here(
        "audit", path, "--against-history", "--out", tmp_path / "o", "--format", "json"
    )
    found = json.loads(run.out)
    assert list(found) == [
        "summary", "against", "errors", "calibration", "patience", "missing",
        "warnings",
    ]  # fmt: skip
    (warning,) = found["warnings"]
    assert run.err.startswith(f"warning: {warning}\nmissing: {found['missing'][0]}\n")


def test_without_agents_and_waits_there_is_nothing_to_do(
    past, staffcast_here, tmp_path
):
    path = past(without=["agents", "asa_s"])
    run = staffcast_here("audit", path, "--against-history", "--out", tmp_path / "o")
    assert run.code == 3
    assert run.err == (
        "error: history.csv: Sales has no interval with agents. Nothing can be "
        "compared without them.\n"
        "error: history.csv, Sales: an estimate of patience needs 100 abandonments or "
        "more with asa_s and abandon_wait_s beside them, but in the last 12 months "
        "there are 0, and all callers waited 0 s together. Write [staffing] patience_s "
        "as a number of seconds, or add asa_s.\n"
    )
    assert not (tmp_path / "o").exists()


def test_the_past_has_no_month_to_plan(past, staffcast_here):
    run = staffcast_here("audit", past(), "--against-history", "--month", "2026-03")
    assert run.code == 2
    assert run.err == (
        "error: --against-history is about the past, whose patience is estimated: "
        "leave out --month and --patience-s.\n"
    )
