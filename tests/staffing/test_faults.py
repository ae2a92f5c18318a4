"""Disks that fail or are full, streams that are closed: told, and nothing is lost."""

import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from staffing.plan import hashes
from staffing.report.folder import write_files
from staffing.store import open_store, read_run

pytestmark = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"),
    reason="calls are made to fail by Linux on x86-64",
)
TESTS = Path(__file__).parents[1]
FAULTY = TESTS / "reference" / "faulty.py"
SCRIPT = Path(sys.executable).with_name("staffcast")
GIVES_UP = {"unlink", "rmdir", "flock", "close"}
"""What a call that fails may leave for the next run: the file that it is about."""


def faulty(work, error, first, step, place, lasting, *arguments):
    """What was in ``work``, and what became of each fault; the last is none."""
    asked = [work, error, first, step, place, lasting, *arguments]
    done = subprocess.run(
        [sys.executable, FAULTY, *map(str, asked)],
        capture_output=True,
        text=True,
        check=False,
        cwd=work.parent,
        env=os.environ
        | {"STAFFCAST_CACHE": str(work / "cache"), "PYTHONPATH": str(TESTS)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def of_outputs(state):
    """What is beside the cache, without the locks of a run that goes on."""
    return {
        name: digest
        for name, digest in state.items()
        if not name.startswith("cache") and not name.endswith(".staffcast.lock")
    }


def files(state):
    """Without folders."""
    return {name: digest for name, digest in state.items() if digest is not None}


def but_times(state):
    """Without what tells when it was run, or how fast."""
    return {
        name: digest
        for name, digest in of_outputs(state).items()
        if not name.endswith("run.json")
    }


def check_faults(reason, before, *faults, lasting=False):
    """Told and nothing changed, or all done; the next run does as if nothing was."""
    *faults, (call, _, clean_code, _, clean, _, _) = faults
    assert call is None
    assert any(code == 5 for _, _, code, *_ in faults)
    told = re.compile(rf"error: .*\S+ could not be written \({reason}\)\..*\n", re.S)
    for call, file, code, words, left, again, then in faults:
        case = f"{call} {file}: {code} {words}"
        litter = files(of_outputs(left)).keys() - (before.keys() | clean.keys())
        assert "Traceback" not in words, case
        if code == 5:
            assert told.fullmatch(words), case
            if call == "flock":  # another may hold it: it stays, and a new folder
                assert files(of_outputs(left)) == files(of_outputs(before)), case
            elif not lasting:
                assert of_outputs(left) == of_outputs(before), case
        else:
            assert code == clean_code, case
            kept = {n: d for n, d in left.items() if n not in litter}
            assert but_times(kept) == but_times(clean), case
        if not lasting:
            assert not litter or (call in GIVES_UP and litter == {file}), case
        assert not [name for name in left if name.endswith(".part")], case
        assert again == clean_code, case
        assert but_times(then) == but_times(clean), case


def write_run(folder, names, text):
    """A finished run of these files."""
    files = {name: f"{text} {name}".encode() for name in names}
    manifest = json.dumps({"month": "2026-03", "outputs": hashes(files)})
    write_files(folder, {**files, "run.json": manifest.encode()})


@pytest.fixture
def kept(tmp_path):
    """What writes a kept run over an older one, with more files and fewer."""
    work, store = tmp_path / "work", tmp_path / "plans.db"
    write_run(tmp_path / "new", ["chances.csv", "forecast.csv", "ics/A.ics"], "new")
    open_store(str(store), create=True).save(read_run(tmp_path / "new"))
    write_run(work / "out", ["forecast.csv", "ics/B.ics"], "old")
    (work / "out" / "mine.txt").write_text("not a file of a run")
    return work, ("plans", "export", "1", "--store", store, "--out", work / "out")


def test_a_call_that_fails_leaves_the_older_run_or_the_whole_new_one(kept):
    work, arguments = kept
    found = faulty(work, "EIO", 0, 4, "writing", "once", *arguments)
    check_faults("Input/output error", *found)


@pytest.mark.soak
@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("EIO", "Input/output error"),
        ("ENOSPC", "No space left on device"),
        ("EROFS", "Read-only file system"),
    ],
)
def test_whichever_call_fails_the_older_run_or_the_whole_new_one_is_left(
    error, reason, lasting, kept
):
    work, arguments = kept
    how = "lasting" if lasting else "once"
    found = faulty(work, error, 0, 1, "writing", how, *arguments)
    check_faults(reason, *found, lasting=lasting)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("out", "lasting"), [("out", False), ("new/out", False), ("out", True)]
)
def test_whichever_call_of_a_plan_fails(out, lasting, centre, staffcast, tmp_path):
    path, work = centre(), tmp_path / "work"
    staffcast("plan", path, "--month", "2026-04", "--out", work / "out")
    plan = ("plan", path, "--out", work / out)
    how = "lasting" if lasting else "once"
    found = faulty(work, "ENOSPC", 0, 1, "start", how, *plan)
    check_faults("No space left on device", *found, lasting=lasting)


ROSTER = """
[roster]
agents = "agents.csv"
contracts = "contracts.toml"
effort = 0.05
"""
CONTRACTS = """\
[contracts.PT2]
weekly_h = 10
shifts = [{ present = "2:00", breaks = [] }]
"""
AGENTS = "agent_id,contract,groups\nA1,PT2,Sales\nA2,PT2,Sales\nA3,PT2,Sales\n"
TODAY = """\
queue,interval_start,offered,aht_s
Sales,2026-03-04T09:00,40,200
Sales,2026-03-04T09:30,41,200
"""
COMMANDS = {
    "roster": "roster plan.toml --staffing need.csv --out work/out",
    "backtest": "backtest plan.toml --from 2026-02 --out work/out",
    "forecasts": "backtest plan.toml --forecast-only --model sma4 --from 2026-02 "
    "--out work/out",
    "whatif": "whatif plan.toml --set volume=+10% --out work/out",
    "report": "whatif plan.toml --set volume=+10% --report work/out/page.html",
    "import": "import history.csv --from generic --timezone Europe/Rome "
    "--out work/out/history.csv",
    "export": "export march --to calabrio --out work/out/calls.txt",
    "audit": "audit plan.toml --replications 5 --out work/out",
    "track": "track plan.toml --actual today.csv --out work/out",
}


@pytest.mark.soak
@pytest.mark.parametrize("command", COMMANDS)
def test_whichever_call_of_a_command_fails(command, centre, staffcast, tmp_path):
    path, work = centre(), tmp_path / "work"
    staffcast("plan", path, "--out", tmp_path / "march")
    need = ["queue,interval_start,agents"]
    with (tmp_path / "march" / "staffing.csv").open() as file:
        need += [f"{row.split(',')[0]},{row.split(',')[1]},2" for row in [*file][1:]]
    (tmp_path / "need.csv").write_text("\n".join(need) + "\n")
    with path.open("a") as config:
        config.write(ROSTER if command == "roster" else "")
    (tmp_path / "agents.csv").write_text(AGENTS)
    (tmp_path / "contracts.toml").write_text(CONTRACTS)
    (tmp_path / "today.csv").write_text(TODAY)
    write_run(work / "out", ["forecast.csv", "history.csv", "page.html"], "old")
    found = faulty(work, "EIO", 0, 1, "writing", "once", *COMMANDS[command].split())
    check_faults("Input/output error", *found)


@pytest.mark.soak
def test_whichever_call_of_a_store_fails_it_is_told_and_the_store_works(kept):
    work, _ = kept
    asked = ("plans", "keep", "new", "--store", "work/plans.db")
    _, *faults, (call, *_) = faulty(work, "EIO", 0, 1, "start", "once", *asked)
    assert call is None
    told = re.compile(
        r"error: the store work/plans\.db cannot be used \(.+\)\.( Name another .+)?\n"
        r"(error: the files are in new; staffcast plans keep new keeps them, once the "
        r"store can be used\.\n)?"
    )
    for call, file, code, words, _, again, then in faults:
        case = f"{call} {file}: {code} {words}"
        assert code == 0 or (code == 5 and told.fullmatch(words)), case
        assert again == 0, case
        left = {file} if call == "unlink" else set()
        beside = {name for name in then if "plans.db" in name}
        assert beside <= {"plans.db"} | left, case


FULL = (
    "stdout could not be written (No space left on device). Free space, or send it "
    "elsewhere.\n"
)
STREAMS = [
    ("$0 --version > /dev/full", 5, FULL),
    ("$0 --help > /dev/full", 5, FULL),
    ("$0 plans list --help > /dev/full", 5, FULL),
    ("$0 roster no.toml 2>&-", 2, ""),
    ("$0 roster no.toml 2> /dev/full", 2, ""),
    ("$0 --version >&- 2>&-", 0, ""),
]


@pytest.mark.parametrize(("command", "code", "said"), STREAMS)
def test_a_stream_that_is_closed_or_full_is_told_or_done_without(command, code, said):
    done = subprocess.run(
        ["/bin/sh", "-c", command, SCRIPT], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(f"error: {said}" if said else "")
    assert "Exception" not in done.stderr
