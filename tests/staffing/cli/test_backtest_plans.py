import csv
import io
import json
import re
from datetime import date

import pytest
from reference.past import CONFIG, write_past

ALONE = CONFIG.split("[groups]")[0]


@pytest.fixture(autouse=True)
def quick(few_replays, monkeypatch):
    """No picture is drawn here, and months are replayed twice only."""
    for page in ("month", "plan_backtest.page"):
        monkeypatch.setattr(f"staffing.report.{page}.html_picture", lambda *_: "")


@pytest.fixture
def past(tmp_path):
    """A past where nobody hung up and agents are not known; a queue is too young."""
    return write_past(
        tmp_path,
        calls={"Sales": 20, "Young": 10},
        config=ALONE,
        lost=0.0,
        since={"Young": date(2026, 1, 22)},
        without=("agents", "abandon_wait_s"),
    )


def test_data_go_to_stdout_words_to_stderr_files_to_the_folder(
    past, staffcast_here, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    args = ("backtest", past, "--from", "2026-02", "--format")
    run = staffcast_here(*args, "csv", "--out", "out")
    assert run.code == 1
    rows = list(csv.DictReader(io.StringIO(run.out)))
    assert [row["queue"] for row in rows] == ["Sales", "all"]
    assert {row["agent_hours"] for row in rows} == {""}
    assert (tmp_path / "out" / "summary.csv").read_text() == run.out
    assert "failed: 2026-02 Young is not planned. " in run.err
    hours = "planned_agent_hours  agent_hours  over_clairvoyant  under_seasonal_naive"
    assert f"queue  {hours}  under_sma4\n" in run.err
    *_, agents, cost, written = run.err.splitlines()
    assert agents == "The history does not know how many agents were there."
    assert cost.startswith("Agent hours at equal service: ")
    assert written.startswith("Written to out: summary.csv, plan_backtest.csv, ")
    assert written.endswith(" backtest.html, month.html, run.json")
    again = staffcast_here(*args, "json")  # the month is kept
    assert "Written to backtest-2026-02: " in again.err
    tables = json.loads(again.out)
    *names, failed, warnings, said = tables
    assert [f"{name}.csv" for name in names] == re.findall(r"\w+\.csv", written)
    assert (failed, warnings, said) == ("failed", "warnings", "headlines")
    assert list(tables["failed"]) == ["2026-02 Young"]
    assert [f"warning: {text}" for text in tables["warnings"]] == [
        line for line in again.err.splitlines() if line.startswith("warning: ")
    ]
    assert tables["headlines"][-2:] == [agents, cost]
    first = tables["plan_backtest"][0]
    assert first["interval_start"] == "2026-02-02T09:00:00+01:00"
    assert first["agents"] is None
    assert {row["patience_s"] for row in tables["patience"]} == {None}  # for ever
    causes = {row["cause"] for row in tables["causes"]}
    assert causes == {"volume", "shape", "aht", "remainder"}


ABOUT_FORECASTS = (
    "error: --model and --months are about forecasts, and a plan has the model of "
    "plan.toml: leave them out, or add --forecast-only.\n"
)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--model", "sma4"), ABOUT_FORECASTS),
        (("--months", "1"), ABOUT_FORECASTS),
        (
            ("--to", "2031-01"),
            "error: --to: 2031-01 cannot be forecast and scored: history.csv has the "
            "whole months 2026-01 to 2026-02 with 28 days of history before them.\n",
        ),
        (
            ("--from", "2026-02", "--to", "2026-01"),
            "error: --from: 2026-02 is after --to, which is 2026-01.\n",
        ),
        (("--workers", "2"), "error: --workers: needs --engine processes or dask.\n"),
    ],
)
def test_wrong_options_end_with_2_and_no_folder(more, said, past, staffcast_here):
    out = past.parent / "out"
    run = staffcast_here("backtest", past, "--out", out, *more)
    assert (run.code, run.out, run.err) == (2, "", said)
    assert not out.exists()


def test_too_short_a_history_ends_with_3(staffcast_here, tmp_path):
    since = {"Sales": date(2026, 2, 10)}
    path = write_past(tmp_path, calls={"Sales": 20}, config=ALONE, since=since)
    run = staffcast_here("backtest", path, "--out", tmp_path / "out")
    assert (run.code, run.out) == (3, "")
    assert run.err == (
        "error: history.csv: a backtest needs 28 days of history and then a whole "
        "calendar month, but there are 2026-02-10 to 2026-02-27. Add earlier rows.\n"
    )
    assert not (tmp_path / "out").exists()
