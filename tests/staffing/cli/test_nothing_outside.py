"""What a command writes is in its folder, whatever the names in it are."""

import hashlib
import json
import os

import pytest

from forecast.cache import kept

QUEUES = ["../../x", "/abs", "C:\\x", "con", "a/b", "~root", ".", "a" * 300, "-rf"]
MORE = """
[groups]
"../../g" = ["../../x", "/abs"]

[clients]
"../c/d" = ["../../x"]
"/c" = ["/abs"]
"""
ROSTER = """
[roster]
agents = "agents.csv"
contracts = "contracts.toml"
effort = 0.02
"""
CONTRACTS = '[contracts."../PT"]\nweekly_h = 10\nshifts = [{ present = "2:00" }]\n'
AGENTS = ["../../y", "/etc/z", "..", "nul", "a" * 300]
TODAY = "queue,interval_start,offered,aht_s\n"
KNOWN = "handled,abandoned,asa_s,abandon_wait_s,agents"
STORE = "--store", "store/plans.db"
PLAN = "plan", "plan.toml", "--out", "done", *STORE
CHEAP = [
    ("import", "history.csv", "--config", "plan.toml", "--out", "out/i.csv"),
    ("export", "done", "--to", "xlsx", "--out", "out/e.xlsx"),
    ("plans", "keep", "done", *STORE),
    ("plans", "export", "1", *STORE, "--out", "out"),
]
DEAR = [
    ("whatif", "plan.toml", "--set", "volume=+10%", "--out", "out"),
    ("whatif", "plan.toml", "--report", "out/w.html"),
    ("track", "plan.toml", "--actual", "today.csv", "--out", "out"),
    ("audit", "plan.toml", "--replications", "2", "--out", "out"),
    ("audit", "plan.toml", "--against-history", "--out", "out"),
    ("backtest", "plan.toml", "--from", "2026-02", "--to", "2026-02", "--out", "out"),
    ("backtest", "plan.toml", "--forecast-only", "--from", "2026-02", "--out", "out"),
    ("roster", "plan.toml", "--staffing", "done/staffing.csv", "--out", "out"),
]


def snapshot(folder):
    """Every file below a folder, but in the folders that commands were given."""
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
        if not {"out", "done", "store"} & {*path.relative_to(folder).parts}
    }


@pytest.fixture
def check(centre, tmp_path, monkeypatch, staffcast_here, quick_pictures, few_replays):
    """Plan for names that lead elsewhere, three folders down, and run commands."""
    monkeypatch.setattr("staffing.track.ahead.PATHS", 5)

    def run_all(queues, more, commands):
        config = centre(calls=dict.fromkeys(queues, 20.0), folder="a/b/c")
        config.write_text(config.read_text() + more)
        place = config.parent
        head, *rows = (place / "history.csv").read_text().splitlines()
        whole = [f"{head},{KNOWN}", *(f"{row},19,1,20,60,6" for row in rows)]
        (place / "history.csv").write_text("\n".join(whole))
        today = "".join(f"{queue},2026-03-04T09:00,30,200\n" for queue in queues)
        (place / "today.csv").write_text(TODAY + today)
        (place / "contracts.toml").write_text(CONTRACTS)
        agents = "".join(f"{agent},../PT,../../g\n" for agent in AGENTS)
        (place / "agents.csv").write_text("agent_id,contract,groups\n" + agents)
        monkeypatch.chdir(place)
        before = snapshot(tmp_path)
        for command in (PLAN, *commands):
            run = staffcast_here(*command)
            assert run.code in (0, 1), (command, run.err)
            assert snapshot(tmp_path) == before, command

    return run_all


def test_nothing_is_written_outside_the_output_folder(check):
    check(QUEUES[:2], MORE, CHEAP)


@pytest.mark.soak
def test_no_command_writes_outside_its_folder(check):
    check(QUEUES, MORE + ROSTER, CHEAP + DEAR)


TAKEN = "There is a folder, a pipe or a device"
TARGETS = {
    "": (5, f". could not be written ({TAKEN})"),
    "..": (5, f".. could not be written ({TAKEN})"),
    "pipe": (5, f"pipe could not be written ({TAKEN})"),
    "history.csv": (2, "--out history.csv is a file that is read"),
    "./plan.toml": (2, "--out plan.toml is a file that is read"),
    "history.csv/x": (5, "history.csv could not be written (File exists)"),
    "a" * 300: (5, f"{'a' * 300} could not be written (File name too long)"),
}


@pytest.mark.parametrize("name", TARGETS)
def test_one_file_takes_the_place_of_no_other_thing(
    name, centre, tmp_path, monkeypatch, staffcast_here
):
    config = centre(folder="in").parent
    monkeypatch.chdir(config)
    os.mkfifo("pipe")
    before = snapshot(tmp_path)
    read = "import", "history.csv", "--config", "plan.toml"
    run = staffcast_here(*read, "--out", name)
    code, said = TARGETS[name]
    assert run.code == code
    assert run.err.startswith(f"error: {said}")
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("name", ["history.csv", "plan.toml"])
def test_a_page_is_not_written_over_what_is_read(
    name, centre, monkeypatch, staffcast_here
):
    monkeypatch.chdir(centre().parent)
    run = staffcast_here("whatif", "plan.toml", "--report", name)
    assert (run.code, run.err) == (
        2,
        f"error: --report {name} is a file that is read. Choose another name.\n",
    )


def test_a_forecast_of_no_folder_is_no_bug(centre, monkeypatch, staffcast_here):
    monkeypatch.chdir(centre().parent)
    run = staffcast_here("export", "none", "--to", "xlsx", "--out", "plan.toml")
    assert (run.code, run.err) == (
        3,
        "error: forecast.csv: the file cannot be read (No such file or directory). "
        "Looked for it at none/forecast.csv.\n",
    )


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_an_answer_is_not_kept_through_a_link(kind, tmp_path, monkeypatch):
    """Nor is a pipe waited for, which stands where it is kept."""
    monkeypatch.setenv("STAFFCAST_CACHE", str(tmp_path / "cache"))
    kept(b"asked", lambda: {"a": 1})
    (entry,) = (tmp_path / "cache").iterdir()
    entry.unlink()
    (tmp_path / "theirs").write_text("{}")
    entry.symlink_to(tmp_path / "theirs") if kind == "link" else os.mkfifo(entry)
    assert kept(b"asked", lambda: {"a": 2}) == {"a": 2}
    assert json.loads(entry.read_text()) == {"a": 2}
    assert (tmp_path / "theirs").read_text() == "{}"
