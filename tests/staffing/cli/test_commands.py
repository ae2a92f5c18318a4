"""The commands as their users meet them: exit codes, streams, formats and help."""

import csv
import io
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from filelock import FileLock

from staffing.cli import app

CONFIG = """\
history = "history.csv"
month = "2026-03"
timezone = "Europe/Rome"
[hours]
mon-fri = "09:00-11:00"
"""
ROOT = Path(__file__).parents[3]
SCRIPT = Path(sys.executable).with_name("staffcast")


@pytest.fixture(autouse=True)
def quick(quick_pictures):
    """Commands in this process render no pictures."""


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def read_csv(text):
    return list(csv.DictReader(io.StringIO(text)))


# Exit codes


def test_a_plan_ends_with_0_its_data_on_stdout_and_its_words_on_stderr(
    centre, staffcast, tmp_path
):
    out = tmp_path / "not" / "there" / "yet"
    args = ("plan", centre(calls={"Città": 9.0}), "--out", out, "--format", "csv")
    run = staffcast(*args, PYTHONIOENCODING="ascii")
    assert run.code == 0
    assert [row["queue"] for row in read_csv(run.out)] == ["Città", "all"]
    *_, verdict, written = run.err.splitlines()
    assert verdict.startswith("audit: ")
    assert "planned and simulated agree" in verdict
    assert written == (
        f"Written to {out}: forecast.csv, staffing.csv, monthly.csv, report.html, "
        "run.json"
    )


def test_seats_that_do_not_suffice_end_with_1_and_are_counted(
    centre, staffcast_here, tmp_path
):
    path = centre(CONFIG + "[staffing]\nmax_agents = 2\n", first="2025-11-03")
    run = staffcast_here("plan", path, "--out", tmp_path / "out", "--format", "json")
    assert run.code == 1
    assert run.err.splitlines()[0] == (
        "unmet: in 88 intervals max_agents does not suffice for the targets "
        "(binding = max_agents in staffing.csv)."
    )
    queue, total = json.loads(run.out)
    assert queue["worst_service_level"] < 0.1
    assert queue["worst_asa_s"] > 300.0
    assert total["peak_agents"] is None
    manifest = json.loads((tmp_path / "out" / "run.json").read_text())
    assert (manifest["exit_code"], manifest["unmet_intervals"]) == (1, 88)
    rows = read_csv((tmp_path / "out" / "staffing.csv").read_text())
    assert "inf" not in {row["asa_s"] for row in rows if row["open"] == "true"}


def test_a_failing_queue_ends_with_1_and_its_reason(centre, staffcast_here, tmp_path):
    path = centre(calls={"Old": 20.0})
    history = path.parent / "history.csv"
    row = "New,2026-02-27T09:00:00+01:00,5,200.0\n"
    history.write_text(history.read_text() + row)
    run = staffcast_here("plan", path, "--out", tmp_path / "out")
    assert run.code == 1
    failed = next(line for line in run.err.splitlines() if line.startswith("failed"))
    reason = failed.removeprefix("failed: New is not planned. ")
    assert "New needs at least 28 days of history" in reason
    assert [line.split()[0] for line in run.out.splitlines()] == ["queue", "Old", "all"]
    manifest = json.loads((tmp_path / "out" / "run.json").read_text())
    assert manifest["queues"]["New"] == {"status": "failed", "reason": reason}
    assert manifest["queues"]["Old"]["status"] == "done"


def test_a_wrong_config_ends_with_2_and_no_folder(centre, staffcast_here, tmp_path):
    path = centre(CONFIG + "[targets]\nservice_level = 95\nthreshold_s = 20\n")
    run = staffcast_here("plan", path, "--out", tmp_path / "out")
    assert (run.code, run.out) == (2, "")
    assert run.err == (
        "error: plan.toml, line 7: targets.service_level must be less than 1, but is "
        "95. Shares are written 0 to 1: 0.95 for 95 %.\n"
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["plan", "no.toml"], "error: no.toml cannot be read (No such file or direct"),
        (["plan", "/"], "error: / cannot be read (Is a directory)."),
        (["plan", "{config}", "--month", "13"], "error: --month: '13' is not a month"),
        (["plan"], "error: Missing argument 'config'. See staffcast plan"),
        (["plan", "{config}", "--frobnicate"], "error: No such option: --frobnicate ("),
        (["plan", "{config}", "--format", "xml"], "error: Invalid value for '--form"),
        (["frobnicate"], "error: No such command 'frobnicate'. See staffcast "),
        (["check", "x.csv", "--interval-s", "0"], "error: --interval-s: must be 900, "),
        (["check", "x.csv", "--timezone", "Mars"], "error: --timezone: 'Mars' is not"),
        (["check", "x.csv", "--config", "no.toml"], "error: no.toml cannot be read"),
        (["erlang", "--load", "5"], "error: Missing option '--aht-s'. See staffcast "),
        (["erlang", "--aht-s", "9"], "error: give either --calls or --load."),
        (
            ["erlang", "--aht-s", "9", "--load", "1", "--calls", "1"],
            "error: give either --calls or --load.",
        ),
        (
            ["erlang", "--aht-s", "9", "--load", "1", "--agents", "2", "--asa-s", "1"],
            "error: give either --agents or targets, not both.",
        ),
        (["erlang", "--aht-s", "0", "--load", "1"], "error: aht_s: must be a finite "),
        (["erlang", "--aht-s", "9", "--load", "nan"], "error: load: must be a number "),
        (
            ["erlang", "--aht-s", "9", "--calls", "1", "--interval-s", "0"],
            "error: load: must be a number ",
        ),
        (
            ["erlang", "--aht-s", "9", "--load", "1", "--service-level", "95"],
            "error: service_level: must be a share above 0 and below 1",
        ),
        (
            ["erlang", "--aht-s", "9", "--load", "1", "--agents", "-1"],
            "error: agents: must be a whole number",
        ),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(
    args, said, centre, staffcast_here
):
    config = centre()
    run = staffcast_here(*(arg.replace("{config}", str(config)) for arg in args))
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(said)


def test_wrong_data_end_with_3_every_fault_told_and_no_folder_touched(
    centre, staffcast, staffcast_here, tmp_path
):
    path = centre()
    history = path.parent / "history.csv"
    lines = history.read_text().splitlines()
    lines[5], lines[9] = "Sales,2025-12-01T11:10:00+01:00,5,9", "Sales,soon,-3,x"
    history.write_text("\n".join(lines))
    old = tmp_path / "old"
    old.mkdir()
    (old / "run.json").write_text("old")
    for command, out in ((staffcast, tmp_path / "new"), (staffcast_here, old)):
        run = command("plan", path, "--out", out)
        assert (run.code, run.out) == (3, "")
        for words in ("row 6", "row 10", "interval_start must", "offered must"):
            assert words in run.err
    assert not (tmp_path / "new").exists()
    assert contents(old) == {"run.json": b"old"}


def test_a_history_that_is_not_there_ends_with_3_and_its_whole_path(
    centre, staffcast_here, tmp_path
):
    path = centre()
    (path.parent / "history.csv").unlink()
    run = staffcast_here("plan", path, "--out", tmp_path / "out")
    assert (run.code, run.out) == (3, "")
    assert run.err == (
        "error: history.csv: the file cannot be read (No such file or directory). "
        f"Looked for it at {path.parent / 'history.csv'}.\n"
    )
    assert not (tmp_path / "out").exists()


def test_a_folder_that_another_run_holds_ends_with_4(centre, staffcast, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "run.json").write_text("theirs")
    with FileLock(out / ".staffcast.lock"):
        run = staffcast("plan", centre(), "--out", out)
    assert (run.code, run.out) == (4, "")
    assert run.err == (
        f"error: another run is writing to {out}. Wait for it, or choose another "
        "folder with --out.\n"
    )
    assert contents(out)["run.json"] == b"theirs"


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_an_output_folder_that_cannot_be_one_ends_with_5(
    name, centre, staffcast_here, tmp_path
):
    (tmp_path / "file").write_text("mine")
    run = staffcast_here("plan", centre(), "--out", tmp_path / name)
    assert (run.code, run.out) == (5, "")
    assert run.err.startswith(f"error: {tmp_path / name} could not be written (")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_full_disk_ends_with_5_and_leaves_the_old_plan(
    centre, staffcast_here, tmp_path, monkeypatch
):
    path, out = centre(), tmp_path / "out"
    assert staffcast_here("plan", path, "--out", out).code == 0
    before = contents(out)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    run = staffcast_here("plan", path, "--month", "2026-04", "--out", out)
    assert (run.code, run.out) == (5, "")
    assert "could not be written (No space left on device)" in run.err
    assert contents(out) == before


def test_a_bug_of_ours_ends_with_70_and_asks_for_a_report(
    centre, staffcast_here, monkeypatch
):
    def bug(*args, **options):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("staffing.pipeline.plan_month", bug)
    run = staffcast_here("plan", centre())
    assert (run.code, run.out) == (70, "")
    assert run.err == (
        "error: this is a bug of staffcast (ZeroDivisionError: division by zero). "
        "Please report it with what STAFFCAST_DEBUG=1 shows.\n"
    )
    monkeypatch.setenv("STAFFCAST_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        staffcast_here("plan", centre())


def test_an_interruption_ends_with_130(centre, staffcast_here, monkeypatch):
    def stop(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("staffing.pipeline.plan_month", stop)
    assert staffcast_here("plan", centre()).code == 130


# plan


def test_paths_in_a_config_are_relative_to_it_and_the_default_folder_is_here(
    centre, staffcast_here, tmp_path, monkeypatch
):
    path = centre(CONFIG.replace("history.csv", "../data/calls.csv"), folder="conf")
    (tmp_path / "data").mkdir()
    (tmp_path / "conf" / "history.csv").rename(tmp_path / "data" / "calls.csv")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    run = staffcast_here("plan", path, "--month", "2026-04")
    assert run.code == 0
    folder = tmp_path / "here" / "plan-2026-04"
    assert run.err.splitlines()[-1].startswith("Written to plan-2026-04: ")
    manifest = json.loads((folder / "run.json").read_text())
    assert set(manifest["sources"]) == {"plan.toml", "calls.csv"}
    months = read_csv((folder / "monthly.csv").read_text())
    assert [row["month"] for row in months] == ["2026-04"]


def test_warnings_go_to_stderr_and_into_the_manifest(centre, staffcast_here, tmp_path):
    path = centre(CONFIG.replace("09:00-11:00", "09:00-10:30"))
    run = staffcast_here("plan", path, "--out", tmp_path / "out")
    assert run.code == 0
    first, *_ = run.err.splitlines()
    assert first.startswith("warning: history.csv: ")
    assert "outside the declared opening hours" in first
    manifest = json.loads((tmp_path / "out" / "run.json").read_text())
    assert f"warning: {manifest['warnings'][0]}" == first


def test_progress_is_shown_on_a_terminal_only_and_wiped(
    centre, staffcast_here, tmp_path, monkeypatch
):
    monkeypatch.setattr("_pytest.capture.CaptureIO.isatty", lambda self: True)
    path = centre(first="2025-11-03")
    run = staffcast_here("plan", path, "--out", tmp_path / "out")
    wipe = "\r\x1b[K"
    assert run.err.startswith(f"{wipe}forecast Sales (1/1){wipe}rules ")
    (tmp_path / "history.csv").write_text("queue\nx\n")
    run = staffcast_here("plan", tmp_path / "plan.toml")
    assert run.err.startswith(f"{wipe}error: ")


# check


def test_check_with_a_config_counts_each_queues_open_intervals(
    centre, staffcast_here, tmp_path
):
    path = centre(calls={"B": 4.0, "A": 8.0})
    history = path.parent / "history.csv"
    lines = history.read_text().splitlines(keepends=True)
    del lines[3]
    history.write_text("".join(lines))
    run = staffcast_here("check", history, "--config", path, "--format", "csv")
    assert run.code == 0
    a, b = read_csv(run.out)
    offered = sum(int(line.split(",")[2]) for line in lines[1:] if line[0] == "B")
    assert b == {
        "queue": "B",
        "intervals": "260",
        "missing": "1",
        "first": "2025-12-01 09:00",
        "last": "2026-02-27 10:30",
        "offered": str(float(offered)),
        "aht_s": "200.0",
    }
    assert (a["queue"], a["missing"]) == ("A", "0")
    assert run.err.startswith("warning: history.csv: ")
    assert "B: 1, first at 2025-12-01 10:00 CET" in run.err


def test_check_with_a_config_looks_at_rows_after_the_month_too(centre, staffcast_here):
    path = centre(CONFIG.replace("2026-03", "2026-01"))
    run = staffcast_here(
        "check", path.parent / "history.csv", "--config", path, "--format", "json"
    )
    assert json.loads(run.out)[0]["last"] == "2026-02-27 10:30"


def test_check_without_a_config_takes_the_rows_as_they_are(centre, staffcast_here):
    history = centre(aht_s=None).parent / "history.csv"
    run = staffcast_here("check", history, "--format", "json")
    assert (run.code, run.err) == (0, "")
    (queue,) = json.loads(run.out)
    assert (queue["intervals"], queue["missing"], queue["aht_s"]) == (260, 0, None)
    assert queue["first"] == "2025-12-01 08:00"  # in UTC, as no zone is declared
    run = staffcast_here("check", history, "--timezone", "Europe/Rome")
    assert run.out.splitlines()[1].split() == [
        *("Sales", "260", "0", "2025-12-01", "09:00", "2026-02-27", "10:30"),
        f"{queue['offered']:,.0f}",
        "–",
    ]


def test_check_ends_with_3_where_the_file_is_of_no_use(staffcast_here, tmp_path):
    path = tmp_path / "calls.csv"
    path.write_text("queue,interval_start,offered\nA,2026-01-01T09:00,1\n")
    run = staffcast_here("check", path)
    assert (run.code, run.out) == (3, "")
    assert run.err.startswith("error: calls.csv: ")
    assert "zone" in run.err
    assert staffcast_here("check", path, "--timezone", "Europe/Rome").code == 0


# erlang


def test_erlang_finds_agents_and_then_says_what_they_reach(staffcast_here):
    """100 calls of 180 s in half an hour are 10 erlangs; 14 agents give 88.84 %."""
    common = ("erlang", "--calls", "100", "--aht-s", "180", "--threshold-s", "20")
    found = staffcast_here(*common, "--service-level", "0.8", "--format", "json")
    (need,) = json.loads(found.out)
    assert (need["load_erlang"], need["agents"]) == (10.0, 14)
    assert need["service_level"] == pytest.approx(0.8884, abs=5e-5)
    assert need["asa_s"] == pytest.approx(7.84, abs=5e-3)
    assert need["binding"] == "service_level"
    reached = staffcast_here(*common, "--agents", "14", "--format", "csv")
    (given,) = read_csv(reached.out)
    assert float(given["service_level"]) == need["service_level"]
    assert float(given["asa_s"]) == need["asa_s"]
    assert given["binding"] == "none"
    assert (found.err, reached.err) == ("", "")


def test_erlang_without_targets_takes_the_strict_default(staffcast_here):
    (row,) = json.loads(
        staffcast_here(
            "erlang", "--load", "60", "--aht-s", "300", "--format", "json"
        ).out
    )
    assert row["agents"] == 69  # as in the design's example of the strict reading
    assert row["service_level"] >= 0.95


@pytest.mark.parametrize(
    ("form", "wait"), [("table", "inf"), ("csv", ",inf,"), ("json", '"asa_s": null')]
)
def test_erlang_shows_a_queue_that_grows_without_end(form, wait, staffcast_here):
    run = staffcast_here(
        "erlang", "--load", "10", "--aht-s", "9", "--agents", "10", "--format", form
    )
    assert run.code == 0
    assert wait in run.out


def test_json_numbers_are_exact(staffcast_here):
    args = ("erlang", "--load", "7.1", "--aht-s", "207.3", "--agents", "9")
    (table,) = read_csv(staffcast_here(*args, "--format", "csv").out)
    (exact,) = json.loads(staffcast_here(*args, "--format", "json").out)
    assert {name: str(value) for name, value in exact.items()} == table


# Help and streams


@pytest.mark.parametrize(
    "command", app.registered_commands, ids=lambda command: command.callback.__name__
)
def test_every_command_has_help_with_an_example_that_runs(
    command, staffcast_here, monkeypatch, tmp_path
):
    *_, example = command.callback.__doc__.strip().splitlines()
    start, _, args = example.strip().partition(" staffcast ")
    assert start == "Example:"
    name = command.name or command.callback.__name__
    run = staffcast_here(name, "--help")
    assert run.code == 0
    assert f"Example: staffcast {args}" in " ".join(run.out.split())
    # other tests run these
    others = {"plan", "audit", "backtest", "track", "roster", "app", "whatif"}
    others |= {"import", "export"}
    if name not in others:
        (tmp_path / "data").symlink_to(ROOT / "data")
        monkeypatch.chdir(tmp_path)
        assert staffcast_here(*args.split()).code == 0


@pytest.mark.parametrize(
    "args", ["--help", "--version", "plan --help", "check --help", "erlang --help"]
)
def test_help_and_version_load_nothing_heavy(args):
    code = textwrap.dedent(
        f"""
        import sys
        from staffing.cli import main
        sys.argv = ["staffcast", *{args!r}.split()]
        try:
            main()
        except SystemExit as ending:
            assert not ending.code
        heavy = ["pandas", "numpy", "numba", "matplotlib", "holidays"]
        print("loaded:", [name for name in heavy if name in sys.modules])
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("loaded: []\n")


def test_the_version_is_the_installed_ones(staffcast):
    from importlib.metadata import version

    assert staffcast("--version").out == f"staffcast {version('staffcast')}\n"


def test_a_reader_who_goes_away_changes_neither_exit_code_nor_files(centre, tmp_path):
    path = centre(CONFIG + "[staffing]\nmax_agents = 2\n")
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [SCRIPT, "plan", path, "--out", tmp_path / "out"],
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write_end)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Written to ")
    assert "Exception" not in done.stderr
    assert (tmp_path / "out" / "run.json").exists()
