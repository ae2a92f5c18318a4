"""A queue whose history is broken fails alone, wherever queues are forecast."""

import csv
import re
from datetime import date

import pytest
from reference.past import CONFIG, write_past

ENGINES = [
    (),
    pytest.param(("--engine", "processes", "--workers", "2"), marks=pytest.mark.soak),
    pytest.param(("--engine", "dask", "--workers", "2"), marks=pytest.mark.soak),
]
COMMANDS = {
    "plan": (
        ("plan", "plan.toml"),
        ("forecast.csv", "staffing.csv", "monthly.csv"),
        date(2026, 2, 20),
    ),
    "forecast backtest": (
        ("backtest", "plan.toml", "--forecast-only", "--model", "sma4"),
        ("accuracy.csv", "summary.csv"),
        date(2026, 2, 20),
    ),
    "backtest": (
        ("backtest", "plan.toml", "--from", "2026-02"),
        ("plan_backtest.csv", "costs.csv", "promises.csv"),
        date(2026, 1, 22),
    ),
}
"""The command, its tables by queue, and since when a queue is too young for it."""


@pytest.fixture(autouse=True)
def quick(few_replays, quick_pictures):
    """Few replays, and no picture is rendered."""


def rows(path):
    """A table's rows, but those of all queues together."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    place = header.index("queue") if "queue" in header else 0
    return [header, *(row for row in rows if row[place] != "all")]


@pytest.mark.parametrize("engine", ENGINES, ids=lambda options: "-".join(options[1:2]))
@pytest.mark.parametrize("command", COMMANDS)
def test_a_broken_queue_changes_nothing_of_the_others(
    command, engine, staffcast_here, tmp_path, monkeypatch
):
    arguments, names, since = COMMANDS[command]
    config = CONFIG.split("[groups]")[0]
    calls = {"Acqua": 20, "Young": 10}
    path = write_past(tmp_path, calls=calls, config=config, since={"Young": since})
    monkeypatch.chdir(tmp_path)
    broken = staffcast_here(*arguments, "--out", "with", *engine)
    history = path.with_name("history.csv")
    lines = history.read_text().splitlines(keepends=True)
    history.write_text("".join(x for x in lines if not x.startswith("Young,")))
    sound = staffcast_here(*arguments, "--out", "without", *engine)  # as many replays
    assert (broken.code, sound.code) == (1, 0), broken.err
    told = [line for line in broken.err.splitlines() if line.startswith("failed: ")]
    (failed,) = told
    assert re.match(r"failed: (2026-02 )?Young is not (planned|forecast)\. ", failed)
    for name in names:
        found = [rows(tmp_path / place / name) for place in ("with", "without")]
        assert len(found[0]) > 1
        assert found[0] == found[1], name
