"""Options that nobody would give: done, or refused by name, and in bounded time."""

import os
import random
import signal
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest
from reference import odd_options

from forecast.engine import Serial
from forecast.errors import ODD_SIGNS

SCRIPT = Path(sys.executable).with_name("staffcast")
NO_RESULT = dict.fromkeys(("export", "plans keep", "plans export", "plans publish"), 0)
NO_RESULT |= {"roster": 2}
"""How commands end in the folder of the test that print nothing; it has no team."""
LIMIT_S = 120
"""How long a command may take on a busy machine; a pipe would never end. [s]"""


def ends(number, frame):
    raise TimeoutError


@pytest.fixture
def folder(centre, tmp_path, monkeypatch, staffcast_here, quick_pictures, few_replays):
    """A centre with a plan and a store; nothing is served, or left to processes."""

    def serial(workers=None, scheduler=None):
        return Serial()

    monkeypatch.setattr("forecast.engine.Processes", serial)
    monkeypatch.setattr("forecast.engine.Dask", serial)
    monkeypatch.setattr("staffing.app.opened.read", lambda *_: Future())
    monkeypatch.setattr("staffing.app.server._application", lambda *_: None)
    monkeypatch.setattr("staffing.app.server._run", lambda *_: None)
    monkeypatch.setattr("webbrowser.open", lambda link: None)
    monkeypatch.setattr("staffing.track.ahead.PATHS", 5)
    place = centre(folder="in").parent
    today = "queue,interval_start,offered,aht_s\nSales,2026-03-04T09:00,30,200\n"
    (place / "today.csv").write_text(today)
    os.mkfifo(place / "pipe")
    (place / "link").symlink_to("link")
    monkeypatch.chdir(place)
    kept = staffcast_here("plan", "plan.toml", "--out", "done", "--store", "plans.db")
    assert kept.code == 0
    before = signal.signal(signal.SIGALRM, ends)
    yield place
    signal.signal(signal.SIGALRM, before)


def check_option(seed, staffcast_here):
    """The exit code; a fault is named, and ours do not drive the terminal."""
    sys.stderr.reconfigure(errors="backslashreplace")  # as that of a process is
    arguments = odd_options.arguments(random.Random(seed))  # noqa: S311 - a sample
    signal.alarm(LIMIT_S)
    run = staffcast_here(*arguments)
    signal.alarm(0)
    assert run.code in (0, 1, 2, 3, 5), (arguments, run.err)
    if run.code in (2, 3, 5):
        assert len(run.err) > 20, arguments
    assert not set(ODD_SIGNS.findall(run.err)) - {"\n"}, arguments
    return run.code


def test_each_command_has_its_sane_arguments():
    assert set(odd_options.SANE) == set(odd_options.COMMANDS)
    found = {
        option.name for options in odd_options.COMMANDS.values() for option in options
    }
    assert {"--out", "--report", "--store", "--at", "--format", "--no-browser"} <= found


def test_any_options_are_taken_or_refused_by_name(folder, staffcast_here):
    """Where they would be taken, the history is refused: so it is quick."""
    (folder / "history.csv").write_text("queue,interval_start,offered\nSales,x,1\n")
    codes = [check_option(seed, staffcast_here) for seed in range(40)]
    assert {0, 2, 3} <= {*codes}


@pytest.mark.soak
@pytest.mark.parametrize("first", range(1000, 3000, 100))
def test_2000_options_are_taken_or_refused_by_name(first, folder, staffcast_here):
    for seed in range(first, first + 100):
        check_option(seed, staffcast_here)


@pytest.mark.soak
@pytest.mark.parametrize("name", odd_options.SANE)
def test_a_result_that_cannot_be_written_is_told(name, folder):
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [SCRIPT, *name.split(), *odd_options.SANE[name]],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert run.returncode == NO_RESULT.get(name, 5)
    if name not in NO_RESULT:
        assert run.stderr.splitlines()[-1] == (
            "error: stdout could not be written (No space left on device). Free "
            "space, or send it elsewhere."
        )
