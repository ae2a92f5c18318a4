"""What holds for every command that writes a run's folder."""

import csv
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock
from reference.past import CONFIG, write_past

from staffing.report.claim import LOCK
from staffing.store import open_store

TEAM = """
[roster]
agents = "agents.csv"
contracts = "contracts.toml"
effort = 0.05
"""
CONTRACTS = '[contracts.PT]\nweekly_h = 5\nshifts = [{ present = "1:00" }]\n'
AGENTS = "agent_id,contract,groups\n" + "".join(f"A{n},PT,Acqua\n" for n in range(3))
DAYS = [*range(2, 7), *range(9, 14)]
NEED = "queue,interval_start,agents\n" + "".join(
    f"Acqua,2026-03-{day:02d}T09:{minute},2\n"
    for day in DAYS
    for minute in ("00", "30")
)
TODAY = """\
queue,interval_start,offered,handled,abandoned,answered_within,aht_s,asa_s,agents
Acqua,2026-03-04T09:00,20,19,1,18,200,9,6
"""
RUNS = {
    "plan": ("plan", "plan.toml"),
    "roster": ("roster", "team.toml", "--staffing", "need.csv"),
    "backtest": ("backtest", "plan.toml", "--from", "2026-02"),
    "forecast backtest": (
        *("backtest", "plan.toml", "--forecast-only", "--model", "sma4"),
        *("--from", "2026-02"),
    ),
    "scenario": ("whatif", "plan.toml", "--set", "volume=+10%"),
    "track": ("track", "plan.toml", "--actual", "today.csv"),
    "audit": ("audit", "plan.toml", "--against-history", "--replications", "2"),
}
PAGES = ("page", "backtest", "month", "plan_backtest.page", "roster.page", "track")
PAGES += ("against", "audit")
REPEATED = ["plan", "roster", "backtest", "forecast backtest"]
"""Those that need not run again."""
STEPS = {
    "plan": "staffing.pipeline.plan_month",
    "roster": "staffing.rostering.roster_staffing",
    "backtest": "staffing.report.plan_backtest.told_plans",
    "forecast backtest": "staffing.backtest.backtest_forecasts",
    "scenario": "staffing.scenario.base.read_base",
}
"""What takes long in those that hold their folder from the start."""
WORK = STEPS | {
    "track": "staffing.track.track_day",
    "audit": "staffing.audit.against.against_history",
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, few_replays):
    """A small past, a team and a day; no picture is drawn."""
    for page in PAGES:
        monkeypatch.setattr(f"staffing.report.{page}.html_picture", lambda *_, **__: "")
    monkeypatch.chdir(tmp_path)
    config = CONFIG.split("[groups]")[0]
    plan = write_past(tmp_path, calls={"Acqua": 20}, config=config)
    (tmp_path / "team.toml").write_text(plan.read_text() + TEAM)
    (tmp_path / "contracts.toml").write_text(CONTRACTS)
    (tmp_path / "agents.csv").write_text(AGENTS)
    (tmp_path / "need.csv").write_text(NEED)
    (tmp_path / "today.csv").write_text(TODAY)


def times():
    return {path: path.stat().st_mtime_ns for path in sorted(Path("out").rglob("*"))}


@pytest.mark.parametrize("kind", RUNS)
def test_a_run_is_kept_once_and_not_repeated(kind, staffcast_here, monkeypatch):
    monkeypatch.setenv("STAFFCAST_STORE", "plans.db")
    command = (*RUNS[kind], "--out", "out", "--format")
    first = staffcast_here("--log-format", "json", *command, "csv")
    assert first.code in (0, 1), first.err
    said = [json.loads(line)["message"] for line in first.err.splitlines()]
    assert [line for line in said if re.match(kind + "[-0-9 ]*: number 1 in ", line)]
    facts, before = json.loads(Path("out", "run.json").read_bytes()), times()
    assert facts["exit_code"] == first.code
    if kind in STEPS:
        assert len(facts["fingerprint"]) == 64
        assert all(took >= 0.0 for took in facts["timings_s"].values())
        assert facts["peak_memory_mb"] > 50.0

    if kind in REPEATED:
        again = staffcast_here(*command, "csv")
        assert (again.code, again.out) == (first.code, first.out)
        assert "out holds this run already; --force runs it again.\n" in again.err
        assert times() == before
        known = staffcast_here(*command, "json")
        forced = staffcast_here(*command, "json", "--force")
        assert (known.code, known.out) == (forced.code, forced.out)
        assert "Written to out: " in forced.err
        assert times() != before

    (kept,) = json.loads(staffcast_here("plans", "list", "--format", "json").out)
    assert (kept["id"], kept["kind"], kept["exit_code"]) == (1, kind, first.code)
    shown = json.loads(staffcast_here("plans", "show", 1, "--format", "json").out)
    assert shown["run"]["outputs"] == facts["outputs"]
    assert "published 20" in staffcast_here("plans", "publish", 1).err
    assert staffcast_here("plans", "export", 1).code == 0
    for name in facts["outputs"]:
        again = Path(f"{kind.replace(' ', '-')}-1", name)
        assert again.read_bytes() == Path("out", name).read_bytes()


def unneeded(*_, **__):
    raise AssertionError("this is not to be run")


NOWHERE = "postgresql+psycopg://u@127.0.0.1:1/x"


@pytest.mark.parametrize("kind", WORK)
def test_a_store_is_refused_before_the_work(kind, staffcast_here, monkeypatch):
    monkeypatch.setattr(WORK[kind], unneeded)
    Path("notes.db").write_text("no database, but long enough to look like one" * 9)
    for store, why in (
        ("notes.db", "file is not a database)."),
        (NOWHERE, "connection failed: connection to server at "),
    ):
        lost = staffcast_here(*RUNS[kind], "--out", "out", "--store", store)
        assert (lost.code, lost.out) == (5, "")
        assert lost.err.startswith(f"error: the store {store} cannot be used ({why}")
        assert len(lost.err.splitlines()) == 1
        assert not Path("out").exists()


@pytest.mark.parametrize("kind", ["scenario", "track", "audit"])
def test_a_run_stands_where_its_store_fails_at_the_end(kind, staffcast_here):
    store = "--store", "plans.db"
    open_store(store[1], create=True)
    with closing(sqlite3.connect(store[1])) as database:
        database.execute(
            "CREATE TRIGGER full BEFORE INSERT ON staffcast_plans "
            "BEGIN SELECT RAISE(ABORT, 'no more'); END"
        )
        run = staffcast_here(*RUNS[kind], "--out", "out", *store)
        assert (run.code, run.out) == (5, "")
        assert run.err.splitlines()[-2:] == [
            "error: the store plans.db cannot be used (no more).",
            "error: the files are in out; staffcast plans keep out keeps them, once "
            "the store can be used.",
        ]
        database.execute("DROP TRIGGER full")
    kept = staffcast_here("plans", "keep", "out", *store)
    assert kept.code == 0
    assert re.match(kind + "[-0-9 ]*: number 1 in plans.db, ", kept.err)


@pytest.mark.parametrize("kind", [*STEPS, "audit"])
def test_a_folder_is_refused_before_the_work(kind, staffcast_here, monkeypatch):
    monkeypatch.setattr(WORK[kind], unneeded)
    Path("out").mkdir()
    with FileLock(Path("out", LOCK)):
        Path("out", LOCK).write_text("4711 on box")
        busy = staffcast_here(*RUNS[kind], "--out", "out")
    assert (busy.code, busy.out, busy.err) == (
        *(4, ""),
        "error: another run (process 4711 on box) is writing to out. Wait for it, or "
        "choose another folder with --out.\n",
    )


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
@pytest.mark.parametrize("kind", [*STEPS, "import"])
def test_a_signal_ends_a_run_and_leaves_nothing(
    number, code, kind, staffcast_here, monkeypatch
):
    """In the long step, or (import, which has none) while a file is written."""

    def told(*_, **__):
        os.kill(os.getpid(), number)

    monkeypatch.setattr(STEPS.get(kind, "os.fsync"), told)
    importing = "import", "history.csv", "--config", "plan.toml", "--out", "new/h.csv"
    command = (*RUNS[kind], "--out", "new") if kind in RUNS else importing
    run = staffcast_here(*command)
    assert run.code == code
    assert run.err.endswith("interrupted: no file is left half written.\n")
    assert not Path("new").exists()


AFTER_THE_SOLVER = """
import os, signal, sys
import staffing.report.folder
from staffing.cli import main
staffing.report.folder.write_staffing_roster = lambda *_: os.kill(
    os.getpid(), signal.SIGINT
)
sys.argv = ["staffcast", *sys.argv[1:]]
main()
"""


def test_ctrl_c_ends_a_run_after_the_solver_has_worked_as_well():
    """CP-SAT can take the signal for itself, and give it back to the system."""
    command = (sys.executable, "-c", AFTER_THE_SOLVER, *RUNS["roster"], "--out", "new")
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (
        *(130, ""),
        "interrupted: no file is left half written.\n",
    )
    assert not Path("new").exists()


def test_a_scenario_is_compared_with_its_plan_and_a_roster_with_none(
    staffcast_here, monkeypatch
):
    monkeypatch.setenv("STAFFCAST_STORE", "plans.db")
    more = (*RUNS["scenario"], "--set", "aht_s=+10%")
    for number, command in enumerate([RUNS["plan"], RUNS["scenario"], more]):
        assert staffcast_here(*command, "--out", f"out{number}").code == 0
    assert staffcast_here(*RUNS["roster"], "--out", "roster").code == 0
    grown = staffcast_here("plans", "compare", 1, 2, "--format", "csv")
    rows = {
        (row["queue"], row["figure"]): row
        for row in csv.DictReader(io.StringIO(grown.out))
    }
    assert float(rows["all", "offered"]["change"]) == pytest.approx(0.1)
    assert "scenario.set: – → ['volume=+10%']\n" in grown.err
    slower = staffcast_here("plans", "compare", 2, 3)
    assert slower.err.startswith(
        "scenario.set: ['volume=+10%'] → ['volume=+10%', 'aht_s=+10%']\n"
    )
    none = staffcast_here("plans", "compare", 1, 4)
    assert (none.code, none.out, none.err) == (
        *(2, ""),
        "error: only plans and scenarios can be compared, by their monthly.csv, which "
        "this roster does not have. staffcast plans list shows what is which.\n",
    )


def test_what_writes_no_run_is_kept_nowhere(staffcast_here, monkeypatch):
    question, audit = RUNS["scenario"], ("audit", "plan.toml", "--replications", "2")
    check = "roster", "team.toml", "--verify", "roster.csv"
    for command, why in (
        (check, "a check writes nothing to keep."),
        (question, "only the files of a folder are kept: name it, --out."),
        (audit, "of audits, only those with --against-history are kept."),
    ):
        refused = staffcast_here(*command, "--store", "plans.db")
        assert (refused.code, refused.out) == (2, "")
        assert refused.err == f"error: --store: {why}\n"
    monkeypatch.setenv("STAFFCAST_STORE", "plans.db")
    for command in (question, audit):
        assert staffcast_here(*command).code == 0
    assert not Path("plans.db").exists()
