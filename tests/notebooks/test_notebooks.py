"""The notebooks, run from top to bottom on a small centre; the sample under bench."""

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
from docs.readme import README
from reference.past import CONFIG, write_past

from staffing.cli import main

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = ("tour", "backtest")
ALONE, _ = CONFIG.split("[groups]")
ROSTER = """\
[roster]
agents = "agents.csv"
contracts = "contracts.toml"
effort = 0.05
"""
CONTRACTS = """\
[contracts.PT1]
weekly_h = 5
shifts = [{ present = "1:00" }]
"""
TEAM = {"Acqua": 5, "Energia": 7, "Gas": 4}


@pytest.fixture
def centre(tmp_path):
    """A small centre with its team; the folder of plan.toml and roster.toml."""
    write_past(tmp_path, config=ALONE)
    (tmp_path / "roster.toml").write_text(ALONE + ROSTER)
    (tmp_path / "contracts.toml").write_text(CONTRACTS)
    people = [f"{queue}{n},PT1,{queue}" for queue in TEAM for n in range(TEAM[queue])]
    agents = "\n".join(["agent_id,contract,groups", *people, ""])
    (tmp_path / "agents.csv").write_text(agents)
    return tmp_path


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a notebook with other definitions: what it shows, defines and prints."""
    monkeypatch.syspath_prepend(NOTEBOOKS)
    nothing = "data:image/svg+xml;base64,PHN2Zy8+"  # drawn, but not rendered
    monkeypatch.setattr("staffing.report.page.svg_uri", lambda figure: nothing)

    def run(name, **defs):
        outputs, found = import_module(name).app.run(defs=defs)
        pages = [output.text for output in outputs if output is not None]
        return pages, found, capsys.readouterr().out

    return run


@pytest.fixture
def staffcast(monkeypatch, capsys):
    """Run a command in a folder: its words, and what it prints."""

    def run(*args, cwd):
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", ["staffcast", *args])
        with pytest.raises(SystemExit) as ending:
            main()
        assert ending.value.code == 0
        said = capsys.readouterr()
        return said.err, said.out

    return run


def assert_whole(pages, steps, pictures):
    html = "".join(pages)
    assert len(pages) == steps
    assert html.count("<img ") == pictures
    assert not re.search(r"https?:|//\w", html.replace("data:image/", ""))


def test_the_tour_goes_from_calls_to_a_roster_by_the_numbers_of_the_plan(
    centre, run, staffcast
):
    pages, found, text = run("tour", CONFIG=centre / "roster.toml")
    assert_whole(pages, 9, 7)
    staffcast("plan", "plan.toml", "--out", "out", cwd=centre)
    staffing = pd.read_csv(centre / "out" / "staffing.csv")
    agents = found["need"].requirement["agents"]
    assert agents.tolist() == staffing["agents"].tolist()
    for hours in pd.read_csv(centre / "out" / "monthly.csv")["paid_hours"]:
        assert f"{hours:,.1f}" in text
    worst = staffing.loc[staffing["agents"].idxmax()]
    assert f"**{worst['agents']} agents** are the fewest" in text
    assert "80 shifts" in text  # 16 people on five days
    assert "no rule broken" in text


def test_the_backtest_says_what_the_command_says(centre, run, staffcast, monkeypatch):
    monkeypatch.setattr("staffing.backtest.pools.REPLICATIONS", (2, 2))
    monkeypatch.setattr("staffing.backtest.promises.PROMISED_PATHS", 3)
    monkeypatch.setattr("staffing.why.levers.WINDOW_CALLS", 0)
    config = centre / "plan.toml"
    pages, _, text = run("backtest", CONFIG=config, FIRST="2026-02", LAST="2026-02")
    assert_whole(pages, 6, 5)
    words, table = staffcast("backtest", "plan.toml", "--from", "2026-02", cwd=centre)
    said = words.split("\n")
    headlines = [line for line in said if re.match(r"The plans|Service|Agent", line)]
    assert len(headlines) == 4
    for line in headlines:
        assert f"- {line}\n" in text
    for line in table.splitlines()[1:]:
        assert line in text


def test_marimo_finds_nothing_to_say():
    names = [NOTEBOOKS / f"{name}.py" for name in NAMES]
    done = subprocess.run(
        [sys.executable, "-m", "marimo", "check", "--strict", *names],
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.bench
@pytest.mark.parametrize("name", NAMES)
def test_each_runs_as_a_script_from_any_folder(name, tmp_path):
    done = subprocess.run(
        [sys.executable, NOTEBOOKS / f"{name}.py"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": ""},
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not list(tmp_path.iterdir())
    if name == "backtest":  # README.md has the same month, by the command
        said = re.search(r"^The plans promised .*$", README.read_text(), re.MULTILINE)
        assert said[0] in done.stdout
