import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from staffing.cli.output import shown_progress

SCRIPT = Path(sys.executable).with_name("staffcast")
FILES = ("forecast.csv", "staffing.csv", "monthly.csv", "report.html")


def test_processes_write_the_same_plan_and_tell_the_same_faults(
    centre, staffcast, tmp_path
):
    config = centre(calls={"A": 30.0, "Ill": 0.2, "B": 9.0}, first="2026-01-07")
    history = config.parent / "history.csv"
    lines = history.read_text().splitlines(keepends=True)
    history.write_text("".join(x for x in lines if not x.startswith("Ill,2026-01")))
    here, apart = tmp_path / "here", tmp_path / "apart"
    serial = staffcast("plan", config, "--out", here)
    options = ("--engine", "processes", "--workers", 2)
    run = staffcast("plan", config, "--out", apart, *options)
    assert serial.code == 1
    assert "failed: Ill is not planned. history: Ill needs at least" in serial.err
    assert (run.code, run.out) == (serial.code, serial.out)
    assert run.err == serial.err.replace(str(here), str(apart))
    for file in FILES:
        assert (apart / file).read_bytes() == (here / file).read_bytes()


@pytest.mark.parametrize("engine", ["processes", "dask"])
def test_ctrl_c_leaves_no_file_and_no_process(centre, tmp_path, engine):
    config = centre(calls={f"Q{n}": 30.0 for n in range(12)})
    command = [SCRIPT, "plan", config, "--out", "out", "--engine", engine]
    plan = subprocess.Popen(
        [*command, "--workers", "2"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    began: list[psutil.Process] = []
    while len(began) < 3 and plan.poll() is None:  # a tracker and two workers
        began = psutil.Process(plan.pid).children(recursive=True)
        time.sleep(0.01)
    os.killpg(plan.pid, signal.SIGINT)  # as a terminal does: to all of them
    out, err = plan.communicate(timeout=60)
    assert (plan.returncode, out) == (130, b"")
    assert err == b"interrupted: no file is left half written.\n"
    assert not (tmp_path / "out").exists()
    _, alive = psutil.wait_procs(began, timeout=20)
    assert not alive


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--workers", "2"], "--workers: needs --engine processes or dask."),
        (
            ["--scheduler", "tcp://x:1", "--engine", "processes"],
            "--scheduler: needs --engine dask, and no --workers.",
        ),
        (
            ["--scheduler", "tcp://x:1", "--engine", "dask", "--workers", "2"],
            "--scheduler: needs --engine dask, and no --workers.",
        ),
    ],
)
def test_options_that_an_engine_does_not_have_are_refused(
    centre, staffcast_here, options, message
):
    run = staffcast_here("plan", centre(), *options)
    assert (run.code, run.out, run.err) == (2, "", f"error: {message}\n")


def test_a_missing_dask_says_what_to_install(centre, staffcast_here, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    run = staffcast_here("plan", centre(), "--engine", "dask")
    assert (run.code, run.out) == (2, "")
    assert run.err == (
        "error: the engine dask is not installed. Install it: "
        "pip install 'staffcast[dask]'.\n"
    )


@pytest.mark.parametrize(
    ("each_s", "told"),
    [
        (0.1, ""),
        (2.0, ", about 6 s left"),
        (29.0, ", about 87 s left"),
        (30.0, ", about 2 min left"),
        (1800.0, ", about 1 h 30 min left"),
        (2430.0, ", about 2 h 02 min left"),
    ],
)
def test_the_time_left_is_what_the_rest_would_take_at_the_same_pace(
    monkeypatch, capsys, each_s, told
):
    now = 1000.0
    monkeypatch.setattr("staffing.cli.output.time.monotonic", lambda: now)
    monkeypatch.setattr("_pytest.capture.CaptureIO.isatty", lambda self: True)
    with shown_progress() as progress:
        progress("before", 0, 9)
        now = 2000.0
        for number in range(3):
            progress(f"forecast {number}", number, 5)
            now += each_s
    said = capsys.readouterr().err.split("\r\x1b[K")
    assert said[2] == "forecast 0 (1/5)"
    assert said[4] == f"forecast 2 (3/5){told}"
