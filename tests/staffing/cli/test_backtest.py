import csv
import io
import json

import pytest


@pytest.fixture(autouse=True)
def quick(quick_pictures):
    """No picture is rendered here."""


@pytest.fixture
def args(centre, tmp_path):
    """January and February 2026 of a small centre, by one average."""
    model = ("--model", "sma4")
    return ("backtest", centre(), "--forecast-only", *model, "--out", tmp_path / "out")


def test_data_go_to_stdout_words_to_stderr_files_to_the_folder(
    args, staffcast_here, tmp_path
):
    run = staffcast_here(*args, "--format", "csv", "--from", "2026-02")
    assert run.code == 0
    rows = list(csv.DictReader(io.StringIO(run.out)))
    assert [row["grain"] for row in rows] == [
        grain for grain in ("interval", "day", "month") for _ in range(2)
    ]
    assert {row["model"] for row in rows} == {"sma4", "seasonal_naive"}
    head, *_, written = run.err.splitlines()
    assert head.split()[:5] == [
        "grain",
        "horizon",
        "model",
        "cutoffs",
        "gain_over_seasonal_naive",
    ]
    out = tmp_path / "out"
    assert written == (
        f"Written to {out}: accuracy.csv, summary.csv, report.html, run.json"
    )
    manifest = json.loads((out / "run.json").read_text())
    assert (manifest["months"], manifest["models"]) == (["2026-02"], ["sma4"])
    assert (out / "summary.csv").read_text() == run.out


def test_months_ahead_and_the_default_folder(
    args, staffcast_here, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    run = staffcast_here(*args[:-2], "--months", "2", "--format", "json")
    assert run.code == 0
    assert {row["horizon"] for row in json.loads(run.out)} == {1, 2}
    assert run.err.splitlines()[-1].startswith("Written to backtest-2026-02: ")
    assert (tmp_path / "backtest-2026-02" / "run.json").exists()


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--model", "oracle"), 2, "error: --model: 'oracle' is not a model; there "),
        (("--to", "2031-01"), 2, "error: --to: 2031-01 cannot be forecast and scored"),
        (("--months", "4"), 2, "error: Invalid value for '--months': "),
        (("--months", "0"), 2, "error: Invalid value for '--months': "),
    ],
)
def test_what_is_wrong_ends_with_its_code_and_no_folder(
    more, code, said, args, staffcast_here, tmp_path
):
    run = staffcast_here(*args, *more)
    assert (run.code, run.out) == (code, "")
    assert run.err.startswith(said)
    assert not (tmp_path / "out").exists()


def test_too_short_a_history_ends_with_3(centre, staffcast_here, tmp_path):
    path = centre(last="2026-01-15")
    run = staffcast_here("backtest", path, "--forecast-only", "--out", tmp_path / "out")
    assert (run.code, run.out) == (3, "")
    assert run.err.startswith("error: history.csv: a backtest needs 28 days of history")
    assert not (tmp_path / "out").exists()


def test_progress_is_shown_on_a_terminal_only(args, staffcast_here, monkeypatch):
    more = ("--from", "2026-02", "--force")
    assert "\r" not in staffcast_here(*args, *more).err
    monkeypatch.setattr("_pytest.capture.CaptureIO.isatty", lambda self: True)
    told = staffcast_here(*args, *more).err
    assert told.startswith("\r\x1b[Kprepare history.csv (1/1)")
    assert "\r\x1b[Kbacktest Sales (1/1)" in told
