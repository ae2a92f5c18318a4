import csv
import io
import json

import pytest

HEADER = "queue,interval_start,offered,aht_s\n"


@pytest.fixture(autouse=True)
def quick(quick_pictures, monkeypatch):
    """No picture is rendered here, and few days are simulated."""
    monkeypatch.setattr("staffing.track.ahead.PATHS", 5)


@pytest.fixture
def actual(tmp_path):
    """The first hour of a Wednesday."""
    path = tmp_path / "today.csv"
    rows = "Sales,2026-03-04T09:00,40,200\nSales,2026-03-04T09:30,41,200\n"
    path.write_text(HEADER + rows, encoding="utf-8")
    return path


def test_data_go_to_stdout_words_to_stderr_files_to_the_folder(
    centre, actual, staffcast_here, tmp_path
):
    out = tmp_path / "out"
    run = staffcast_here(
        "track", centre(), "--actual", actual, "--out", out, "--format", "csv"
    )
    assert run.code == 0
    rows = list(csv.DictReader(io.StringIO(run.out)))
    assert [row["offered"] for row in rows[:3]] == ["40.0", "41.0", ""]
    assert (out / "track.csv").read_text() == run.out
    *_, headline, written = run.err.splitlines()
    assert headline.startswith("Sales at 10:00: ")
    assert written == f"Written to {out}: track.csv, track.html, run.json"


def test_json_has_everything(centre, actual, staffcast_here, tmp_path):
    run = staffcast_here(
        "track", centre(), "--actual", actual, "--out", tmp_path, "--format", "json"
    )
    found = json.loads(run.out, parse_constant=pytest.fail)
    assert {name: len(part) for name, part in found.items()} == {
        "intervals": 4,
        "kpis": 4,
        "outlook": 1,
        "headlines": 1,
        "failed": 0,
        "warnings": 0,
    }
    assert found["intervals"][3]["offered"] is None
    assert found["headlines"][0] in run.err


def test_a_folder_is_no_day(centre, staffcast_here, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = staffcast_here("track", centre(), "--actual", ".")
    assert run.code == 3
    assert run.err.startswith(f"error: {tmp_path.name}: the file cannot be read")


@pytest.mark.parametrize(
    ("more", "rows", "code", "said"),
    [
        (("--at", "late"), "Sales,2026-03-04T09:00,40,200\n", 2, "--at: must be "),
        ((), "Sales,2026-03-04T09:00,many,200\n", 3, "today.csv: offered must be "),
        ((), "Sales,2026-03-08T09:00,40,200\n", 3, "today.csv: the day must be one "),
    ],
)
def test_what_is_wrong_ends_with_its_code_and_no_folder(
    more, rows, code, said, centre, actual, staffcast_here, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    actual.write_text(HEADER + rows, encoding="utf-8")
    run = staffcast_here("track", centre(), "--actual", actual, *more)
    assert (run.code, run.out) == (code, "")
    assert run.err.startswith(f"error: {said}")
    assert not (tmp_path / "track-2026-03-04").exists()
