"""A history in the files of a folder: the same backtests as from one file."""

import csv
from datetime import date

import pytest
from reference.past import CONFIG, write_past
from reference.tasks import Dying

from forecast.engine import Dask, Processes
from forecast.tables import csv_bytes
from staffing.backtest import (
    backtest_forecasts,
    backtest_plans,
    last_month,
    recorded_for_plans,
)
from staffing.backtest.months import possible_months
from staffing.report.plan_backtest.told import told_of

FILES = {"Energia": "a.csv", "Gas": "a.csv", "Acqua": "b.csv", "Late": "b.csv"}
ESTIMATED = CONFIG + '[staffing]\npatience_s = "estimate"\n'


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """All in one file; one queue begins too late to be planned."""
    return write_past(
        tmp_path_factory.mktemp("whole"),
        config=ESTIMATED,
        calls={"Acqua": 25, "Energia": 40, "Gas": 15, "Late": 9},
        since={"Late": date(2026, 2, 20)},
    )


@pytest.fixture(scope="module")
def split(whole, tmp_path_factory):
    """The same rows in the two files of a folder."""
    folder = tmp_path_factory.mktemp("split")
    (folder / "calls").mkdir()
    with (whole.parent / "history.csv").open() as file:
        header, *rows = csv.reader(file)
    for name in {*FILES.values()}:
        with (folder / "calls" / name).open("w", newline="") as file:
            mine = [row for row in rows if FILES[row[0]] == name]
            csv.writer(file).writerows([header, *mine])
    text = ESTIMATED.replace("history.csv", "calls")
    (folder / "plan.toml").write_text(text)
    return folder / "plan.toml"


def plans(path, **options):
    """Every file of a backtest of plans but its page, which names what was read."""
    told = told_of(backtest_plans(path, **options))
    texts = {name: text for name, text in told.files.items() if name[-4:] == ".csv"}
    return texts, told.headlines, [text.split(":")[0] for text in told.failures]


def forecasts(path, **options):
    """The tables of a backtest of forecasts, as bytes."""
    result = backtest_forecasts(path, models=["sma4", "sma8"], horizons=2, **options)
    tables = result.accuracy, result.summary, result.cuts
    return [csv_bytes(table) for table in tables], [*result.failed]


def test_plans_of_many_files_are_held_against_the_same_months(
    whole, split, few_replays
):
    found = plans(split, first="2026-02")
    assert found == plans(whole, first="2026-02")
    assert len(found[0]) > 10


def test_forecasts_of_many_files_have_the_same_scores(whole, split):
    found = forecasts(split)
    assert found == forecasts(whole)
    assert found[1] == ["Late"]


def test_many_files_reach_as_far_as_one(whole, split):
    one, many = recorded_for_plans(whole), recorded_for_plans(split)
    for name in ("queues", "begin", "until", "end", "grid"):
        assert getattr(many, name) == getattr(one, name)
    assert possible_months(many, 28) == possible_months(one, 28)
    assert last_month(many) == "2026-02"
    assert [*many.digests] == [*one.digests] == ["2025-12", "2026-01", "2026-02"]
    assert many.digests["2025-12"] != many.digests["2026-01"]


@pytest.mark.soak
@pytest.mark.parametrize("make", [Processes, Dask])
def test_workers_killed_at_every_step_change_no_backtest(
    make, whole, split, tmp_path, monkeypatch
):
    monkeypatch.setenv("STAFFCAST_CACHE", "")  # each step is taken
    months = {"first": "2026-02"}
    expected = plans(whole, **months), forecasts(whole, **months)
    steps = {"read_part", "recorded_part", "known_part_of", "forecast_queue"}
    steps |= {"month_part", "met", "realised_part", "past_part", "backtest_queue"}
    with make(2) as engine:
        dying = Dying(engine, tmp_path, steps)
        found = [run(split, engine=dying, **months) for run in (plans, forecasts)]
    assert {flag.name for flag in tmp_path.iterdir()} == steps
    assert tuple(found) == expected
