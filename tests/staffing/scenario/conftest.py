"""A small centre to ask "what if" of: two queues, three hours a day, March 2026."""

import csv
import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest

from staffing.scenario.base import read_base
from staffing.scenario.changes import Scenario
from staffing.scenario.outcome import outcome_of

CONFIG = """\
history = "history.csv"
month = "2026-03"
timezone = "Europe/Rome"
seed = 3
hours = { mon-fri = "09:00-12:00" }
forecast = { model = "sma8" }

[[events]]
name = "bills"
queues = ["Sales"]
dates = ["2025-12-10", "2026-01-14", "2026-02-11", "2026-03-11"]

[[events]]
name = "letter"
queues = ["Sales"]
days = 2
dates = ["2025-12-16", "2026-01-20", "2026-02-17"]

[staffing]
patience_s = 120
full_time_h = 10

[staffing.shrinkage]
leave = { share = 0.1, rostered = true }
sickness = 0.05
"""
DOUBLE = {"2025-12-10", "2026-01-14", "2026-02-11"}


def write(folder, config):
    """A history with the plan.toml beside it; bills double the calls of Sales."""
    (folder / "plan.toml").write_text(config, encoding="utf-8")
    zone = ZoneInfo("Europe/Rome")
    with (folder / "history.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["queue", "interval_start", "offered", "abandoned", "aht_s"])
        for queue, mean, aht_s in (("Sales", 60, 200), ("Help", 20, 300)):
            chance = random.Random(queue)  # noqa: S311 - a fixed sample, no secret
            for number in range(90):
                date = dt.date(2025, 12, 1) + dt.timedelta(days=number)
                if date.weekday() > 4:
                    continue
                factor = 2 if queue == "Sales" and str(date) in DOUBLE else 1
                for half in range(6):
                    start = dt.datetime.combine(date, dt.time(9), zone)
                    start += dt.timedelta(minutes=30 * half)
                    offered = round(mean * factor * chance.uniform(0.8, 1.2))
                    lost = offered // 20
                    table.writerow([queue, start.isoformat(), offered, lost, aht_s])
    return folder / "plan.toml"


@pytest.fixture(scope="session")
def small_centre(tmp_path_factory):
    """The path of a plan.toml, in place of CONFIG or with more, and its history."""

    def made(*changes, more=""):
        config = CONFIG
        for before, after in changes:
            assert before in config
            config = config.replace(before, after)
        return write(tmp_path_factory.mktemp("centre"), config + more)

    return made


@pytest.fixture(scope="session")
def base_of(small_centre):
    """The base of such a plan.toml."""

    def read(*changes, more=""):
        return read_base(small_centre(*changes, more=more))

    return read


@pytest.fixture(scope="session")
def base(base_of):
    """The base of the small centre's own plan.toml."""
    return base_of()


@pytest.fixture(scope="session")
def outcome(base):
    """The outcome of changes of that base, without simulation unless asked for."""

    def of(*texts, simulated=False, **options):
        return outcome_of(base, Scenario.of(texts), simulated=simulated, **options)

    return of


@pytest.fixture(autouse=True)
def few_months(monkeypatch):
    """Few possible months of a chance, for what holds for few as for many."""
    monkeypatch.setattr("staffing.requirement.chance.PATHS", {"day": 8})
    monkeypatch.setattr("staffing.requirement.chance.FRESH_PATHS", 4)
    monkeypatch.setattr("staffing.requirement.chance.SHOWN", ())
