"""A centre of many queues, two years each, in files of some queues: seeded."""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.intervals import Calendar, OpeningHours, holidays_for

DAYS = "2024-12-01", "2026-11-30"
WEEK = {"mon-fri": "08:00-20:00", "sat": "08:00-14:00"}
CONFIG = """\
history = "calls"
month = "2026-12"
timezone = "Europe/Rome"
seed = 7

[rows]
absent_rows = "zero"

[hours]
mon-fri = "08:00-20:00"
sat = "08:00-14:00"
sun = "09:00-13:00"

[holidays]
country = "IT"
site = "MI"
open = false

[forecast]
model = "{model}"
"""
CLOSED = """
[queues."{name}".hours]
mon-fri = "08:00-20:00"
sat = "08:00-14:00"
"""


def write_centre(folder, queues, *, in_file, model="median"):
    """A plan.toml and its history; every third queue is closed on Sundays."""
    names = [f"Q{number:05d}" for number in range(queues)]
    closed = "".join(CLOSED.format(name=name) for name in names[::3])
    (folder / "calls").mkdir(parents=True)
    (folder / "plan.toml").write_text(CONFIG.format(model=model) + closed)
    for begin in range(0, queues, in_file):
        tables = [_calls(name) for name in names[begin : begin + in_file]]
        path = folder / "calls" / f"from_{names[begin]}.csv"
        pd.concat(tables).to_csv(path, index=False)
    return folder / "plan.toml"


def _calls(name):
    """
    Half-hours with calls: 10 to 2,000 a day, log-normal over queues.

    A level that wanders by weeks, a shape of the day and of the week, and chance.
    """
    number = int(name[1:])
    chance = np.random.default_rng(number)
    hours = WEEK if number % 3 == 0 else WEEK | {"sun": "09:00-13:00"}
    calendar = Calendar(
        ZoneInfo("Europe/Rome"),
        1800,
        OpeningHours.parse(hours),
        holidays=holidays_for("IT", "MI", range(2024, 2028)),
    )
    first, last = (pd.Timestamp(day).date() for day in DAYS)
    starts = calendar.open_intervals(name, first, last)
    level = float(np.clip(chance.lognormal(5.0, 1.2), 10.0, 2_000.0)) / 24.0
    week = (starts.tz_localize(None) - pd.Timestamp(first)).days // 7
    wander = np.exp(chance.normal(0.0, 0.03, week.max() + 1).cumsum())[week]
    hour = np.asarray(starts.hour + starts.minute / 60)
    shape = 1.3 + np.sin((hour - 8.0) * np.pi / 9.0) - 0.12 * starts.day_of_week
    calls = chance.poisson(level * wander * np.maximum(shape, 0.1))
    handled = chance.binomial(calls, 0.95)
    table = pd.DataFrame(
        {
            "queue": name,
            "interval_start": starts.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "offered": calls,
            "handled": handled,
            "aht_s": chance.normal(280.0, 40.0, len(starts)).clip(60.0).round(1),
        }
    )
    table.loc[table["handled"] == 0, "aht_s"] = np.nan
    return table[table["offered"] > 0]
