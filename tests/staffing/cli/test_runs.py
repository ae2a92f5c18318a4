"""Runs that are repeated, raced, killed or told in a log."""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock

from forecast.run import forecast_queue
from staffing.config.profiles import rules_file
from staffing.plan import fingerprint

FORKED = Path(__file__).parents[2] / "reference" / "forked.py"
FILES = [*("forecast.csv", "monthly.csv", "report.html", "run.json", "staffing.csv")]


def forked(what, first, second, *arguments):
    done = subprocess.run(
        [sys.executable, FORKED, what, str(first), str(second), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def check_race(processes, rounds, config, out):
    for runs, files in forked("race", processes, rounds, "plan", config, "--out", out):
        codes = [code for code, _ in runs]
        assert set(codes) <= {0, 4}
        assert files == FILES
        assert sum("Written to" in words for _, words in runs) == 1
        for code, words in runs:
            if code == 4:
                assert words.startswith("error: another run (process ")


def check_kills(times, config, out):
    runs = forked("kill", times, 1, "plan", config, "--out", out, "--force")
    assert any(how == -signal.SIGKILL for how, *_ in runs)
    for _, _, right, code, files, same in runs:
        assert right
        assert code == 0
        assert files == FILES
        assert same


def test_of_runs_at_once_one_computes_and_the_others_say_so(centre, tmp_path):
    check_race(3, 2, centre(), tmp_path / "out")


@pytest.mark.soak
def test_of_many_runs_at_once_one_computes(centre, tmp_path):
    check_race(20, 50, centre(), tmp_path / "out")


def test_a_killed_run_leaves_nothing_torn_and_the_next_one_is_clean(centre, tmp_path):
    check_kills(2, centre(), tmp_path / "out")


@pytest.mark.soak
def test_runs_killed_at_200_moments_leave_nothing_torn(centre, tmp_path):
    check_kills(200, centre(), tmp_path / "out")


def check_full(step, config, out, most=300_000):
    *runs, last = forked("full", step, most, "plan", config, "--out", out)
    assert {code for code, _ in runs} <= {0, 5}
    assert runs[0][0] == 5
    assert all(intact for code, intact in runs if code == 5)
    assert last == [0, FILES]


def test_a_full_disk_leaves_the_older_plan_as_it_was(centre, tmp_path):
    check_full(2_000, centre(), tmp_path / "out", most=6_000)


@pytest.mark.soak
def test_a_disk_that_is_full_anywhere_leaves_the_older_plan_as_it_was(centre, tmp_path):
    check_full(250, centre(), tmp_path / "out", most=60_000)


def test_the_same_run_again_does_nothing_but_tell_the_same(
    centre, staffcast_here, tmp_path, quick_pictures
):
    config, out = centre(), tmp_path / "out"
    first = staffcast_here("plan", config, "--out", out, "--format", "csv")
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    again = staffcast_here("plan", config, "--out", out, "--format", "csv")
    assert (again.code, again.out) == (first.code, first.out)
    assert again.err == f"{out} holds this run already; --force runs it again.\n"
    assert before == {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    forced = staffcast_here("plan", config, "--out", out, "--force", "--format", "csv")
    assert forced.out == first.out
    assert "Written to" in forced.err


def test_a_resumed_run_forecasts_only_the_queues_that_are_missing(
    centre, staffcast_here, tmp_path, monkeypatch, quick_pictures
):
    config, real, asked = centre(calls={"A": 20.0, "B": 30.0}), forecast_queue, []

    def broken_off(history, queue, *more):
        asked.append(queue)
        if asked == ["A", "B"]:
            raise KeyboardInterrupt
        return real(history, queue, *more)

    monkeypatch.setattr("staffing.month.forecast_queue", broken_off)
    run = staffcast_here("plan", config, "--out", tmp_path / "out")
    assert (run.code, asked) == (130, ["A", "B"])
    run = staffcast_here("plan", config, "--out", tmp_path / "out", "--resume")
    assert (run.code, asked) == (0, ["A", "B", "B"])
    clean = staffcast_here("plan", config, "--out", tmp_path / "clean")
    assert asked == ["A", "B", "B", "A", "B"]
    assert clean.out == run.out
    for name in FILES:
        if name != "run.json":
            resumed, whole = (tmp_path / f / name for f in ("out", "clean"))
            assert resumed.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("spoilt", ["forecast.csv", "run.json", "history.csv"])
def test_a_run_is_repeated_where_anything_is_different(
    spoilt, centre, staffcast_here, tmp_path, quick_pictures
):
    config, out = centre(), tmp_path / "out"
    staffcast_here("plan", config, "--out", out)
    place = next(p for p in (out / spoilt, config.parent / spoilt) if p.exists())
    if spoilt == "run.json":
        place.unlink()
    else:
        place.write_text(place.read_text().replace("0", "1", 1))
    assert "Written to" in staffcast_here("plan", config, "--out", out).err


def test_edited_rules_of_ours_make_another_run(tmp_path, monkeypatch):
    shutil.copytree(rules_file("targets.toml").parent, tmp_path / "rules")
    monkeypatch.setattr(
        "staffing.plan.rules_file", lambda name: tmp_path / "rules" / name
    )
    before = fingerprint("2026-03", [])
    assert fingerprint("2026-03", []) == before
    with (tmp_path / "rules" / "italy.toml").open("a") as file:
        file.write("# other hours\n")
    assert fingerprint("2026-03", []) != before


def test_a_held_folder_names_who_holds_it(centre, staffcast_here, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    with FileLock(out / ".staffcast.lock"):
        (out / ".staffcast.lock").write_text("4711 on box")
        run = staffcast_here("plan", centre(), "--out", out)
    assert (run.code, run.err) == (
        4,
        f"error: another run (process 4711 on box) is writing to {out}. Wait for it, "
        "or choose another folder with --out.\n",
    )


def test_sigterm_ends_a_run_with_143_and_leaves_nothing(centre, tmp_path):
    out = tmp_path / "new" / "out"
    command = [Path(sys.executable).with_name("staffcast"), "plan", centre()]
    run = subprocess.Popen(
        [*command, "--out", out], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    while not (out / ".staffcast.lock").exists():
        time.sleep(0.01)
    run.send_signal(signal.SIGTERM)
    _, words = run.communicate()
    assert (run.returncode, words.decode()) == (
        143,
        "interrupted: no file is left half written.\n",
    )
    assert not out.parent.exists()


def _from_c(number):
    """As the compiler of kernels calls Python: what is raised there is passed over."""
    ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(number))()
    for _ in range(500):
        time.sleep(0.01)


def _in_a_class(number):
    """As matplotlib makes its classes: Python 3.11 raises a RuntimeError of it."""

    class Named:
        def __set_name__(self, *_):
            signal.raise_signal(number)

    type("Made", (), {"name": Named()})


@pytest.mark.parametrize("where", [_from_c, _in_a_class])
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
def test_a_signal_is_heard_wherever_it_comes(
    number, code, where, centre, staffcast_here, tmp_path, monkeypatch
):
    monkeypatch.setattr("staffing.pipeline.plan_month", lambda *_, **__: where(number))
    run = staffcast_here("plan", centre(), "--out", tmp_path / "out")
    assert run.code == code
    assert run.err == "interrupted: no file is left half written.\n"
    assert not (tmp_path / "out").exists()


def test_words_can_be_lines_of_json(centre, staffcast_here, tmp_path, quick_pictures):
    config = centre()
    run = staffcast_here(
        *("--log-format", "json", "plan", config, "--out", tmp_path / "out")
    )
    lines = [json.loads(line) for line in run.err.splitlines()]
    assert {line["level"] for line in lines} <= {"info", "warning"}
    assert lines[-1]["message"].startswith("Written to ")
    assert all(line["time"].endswith("+00:00") for line in lines)
    bad = staffcast_here("--log-format", "json", "plan", tmp_path / "no.toml")
    (line,) = [json.loads(line) for line in bad.err.splitlines()]
    assert (bad.code, line["level"]) == (2, "error")
    assert "cannot be read" in line["message"]


def test_a_manifest_tells_the_memory_that_the_run_took(
    centre, staffcast_here, tmp_path, quick_pictures
):
    staffcast_here("plan", centre(), "--out", tmp_path / "out")
    peak = json.loads((tmp_path / "out" / "run.json").read_bytes())["peak_memory_mb"]
    assert 50 < peak < 1000 * os.sysconf("SC_PHYS_PAGES")
