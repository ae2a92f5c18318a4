import errno
import json
import os
from pathlib import Path

import pytest
from filelock import FileLock

from forecast.errors import BusyError, OutputError
from forecast.tables import csv_bytes
from staffing.pipeline import plan_month
from staffing.report.claim import claimed
from staffing.report.folder import write_files, write_plan

NAMES = ["forecast.csv", "staffing.csv", "monthly.csv", "report.html", "run.json"]


@pytest.fixture
def plan(centre, monkeypatch):
    """A small plan; its page takes no time."""
    monkeypatch.setattr("staffing.report.folder.report_page", lambda plan: "<p>é</p>")
    return plan_month(centre())


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def old(tmp_path):
    """A folder with an older plan."""
    folder = tmp_path / "out"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_text(f"old {name}")
    (folder / "mine.txt").write_text("not a file of a plan")
    return folder


def refuse(monkeypatch, owner, name, number=errno.ENOSPC, *, after=0):
    """Let a function work ``after`` times and then fail as the system would."""
    real, calls = getattr(owner, name), []

    def fail(*args, **kwargs):
        calls.append(args)
        if len(calls) > after:
            raise OSError(number, os.strerror(number))
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, fail)


def test_the_files_of_a_plan_are_written_and_nothing_else(plan, tmp_path):
    folder = tmp_path / "a" / "b"
    assert write_plan(plan, folder) == [folder / name for name in NAMES]
    written = contents(folder)
    assert set(written) == set(NAMES)
    assert written["staffing.csv"] == csv_bytes(plan.requirement)
    assert written["report.html"] == "<p>é</p>".encode()
    assert json.loads(written["run.json"])["unmet_intervals"] == 0


def test_an_older_plan_is_replaced_and_other_files_stay(plan, old):
    write_plan(plan, old)
    written = contents(old)
    assert set(written) == {*NAMES, "mine.txt"}
    assert written["mine.txt"] == b"not a file of a plan"
    assert not [name for name in NAMES if written[name].startswith(b"old")]


def test_a_folder_that_another_run_holds_is_left_alone(plan, old):
    with FileLock(old / ".staffcast.lock"):
        before = contents(old)
        with pytest.raises(BusyError) as caught:
            write_plan(plan, old)
        assert contents(old) == before
    assert str(caught.value) == (
        f"another run is writing to {old}. Wait for it, or choose another folder with "
        "--out."
    )
    write_plan(plan, old)


def test_the_run_of_a_folder_within_is_left_alone(old):
    with claimed(old):
        begun = contents(old)
        for end in ("new", "old"):
            (old / f".forecast.csv.staffcast-{end}").write_text("of the run within")
        before = contents(old)
        write_files(old.parent, {"history.csv": b"1"})
        assert contents(old) == before != begun


def test_a_lock_file_that_a_crash_left_behind_holds_nothing(plan, old):
    (old / ".staffcast.lock").touch()
    write_plan(plan, old)
    assert not (old / ".staffcast.lock").exists()


@pytest.mark.parametrize("after", range(5))
def test_a_full_disk_leaves_an_older_plan_as_it_was(after, plan, old, monkeypatch):
    before = contents(old)
    refuse(monkeypatch, os, "fsync", after=after)
    with pytest.raises(OutputError) as caught:
        write_plan(plan, old)
    assert str(caught.value) == (
        f"{old / NAMES[after]} could not be written (No space left on device). Free "
        "space or choose another folder with --out."
    )
    assert contents(old) == before


@pytest.mark.parametrize("after", range(12))
def test_what_no_move_could_put_back_the_next_run_does(after, old, monkeypatch):
    before, new = contents(old), dict.fromkeys([*NAMES, "chances.csv"], b"new")
    with monkeypatch.context() as patch:
        refuse(patch, Path, "replace", errno.EIO, after=after)
        with pytest.raises(OutputError, match="could not be written"):
            write_files(old, new)
    assert "run.json" not in contents(old) or contents(old) == before
    with claimed(old):
        pass
    assert contents(old) == before
    write_files(old, new)
    assert contents(old) == {**before, **new}


def test_the_manifest_is_moved_last_whatever_the_order(old, monkeypatch):
    new = dict.fromkeys(sorted(NAMES), b"new")
    refuse(monkeypatch, Path, "replace", errno.EIO, after=9)
    with pytest.raises(OutputError, match=r"run\.json could not be written"):
        write_files(old, new)


def test_an_interruption_leaves_no_litter(plan, old, monkeypatch):
    before = contents(old)

    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_plan(plan, old)
    assert contents(old) == before


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_an_output_folder_that_cannot_be_one_is_named(name, plan, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError) as caught:
        write_plan(plan, tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name} could not be written (")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_in_the_place_of_a_file_is_an_output_error(plan, old):
    (old / "forecast.csv").unlink()
    (old / "forecast.csv").mkdir()
    with pytest.raises(OutputError, match=r"forecast\.csv could not be written"):
        write_plan(plan, old)


def run_json(*names):
    return json.dumps({"outputs": dict.fromkeys(names, "")}).encode()


def test_files_of_sub_folders_are_written_and_stale_ones_removed(tmp_path):
    first = {"ics/A.ics": b"A", "ics/B.ics": b"B", "top.csv": b"t"}
    write_files(tmp_path, {**first, "run.json": run_json(*first)})
    assert (tmp_path / "ics" / "A.ics").read_bytes() == b"A"
    write_files(tmp_path, {"ics/B.ics": b"new", "run.json": run_json("ics/B.ics")})
    assert contents(tmp_path / "ics") == {"B.ics": b"new"}
    assert (tmp_path / "top.csv").exists()
    write_files(tmp_path, {"top.csv": b"t", "run.json": run_json("top.csv")})
    assert not (tmp_path / "ics").exists()


@pytest.mark.parametrize(
    "manifest",
    [
        b"no JSON",
        b"[]",
        b"{}",
        run_json("../mine.txt", "a/../../mine.txt", "/mine.txt", "ics/../mine.txt"),
    ],
)
def test_an_odd_manifest_removes_nothing(manifest, tmp_path):
    folder = tmp_path / "out"
    (folder / "ics").mkdir(parents=True)
    for place in (tmp_path, folder, folder / "ics"):
        (place / "mine.txt").touch()
    (folder / "run.json").write_bytes(manifest)
    write_files(folder, {"run.json": b"{}"})
    for place in (tmp_path, folder, folder / "ics"):
        assert (place / "mine.txt").exists()


def test_a_stale_file_stays_where_the_new_ones_cannot_be_written(tmp_path, monkeypatch):
    write_files(tmp_path, {"ics/A.ics": b"A", "run.json": run_json("ics/A.ics")})
    refuse(monkeypatch, os, "fsync")
    with pytest.raises(OutputError):
        write_files(tmp_path, {"ics/B.ics": b"B", "run.json": b"{}"})
    assert contents(tmp_path / "ics") == {"A.ics": b"A"}
