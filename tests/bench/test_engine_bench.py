"""
Seconds, bytes and memory for each queue, by engine, and what a thousand would take.

STAFFCAST_BENCH_QUEUES=200 forecasts as many queues instead of 40.
"""

import datetime as dt
import os
import resource
from itertools import islice
from time import perf_counter, process_time
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from forecast.engine import Processes, Serial, Task
from forecast.engine.workers import answer, packed
from forecast.history import History
from forecast.intervals import Calendar, OpeningHours, holidays_for
from forecast.models import DEFAULT, MODELS
from forecast.run import Wanted, forecast_queue

SERIAL = 20
"""Queues that are forecast one after the other, at most."""
QUEUES = int(os.environ.get("STAFFCAST_BENCH_QUEUES", "40"))
FIRST, LAST = dt.date(2024, 12, 1), dt.date(2026, 11, 30)
WANTED = Wanted(MODELS[DEFAULT], dt.date(2026, 12, 1), dt.date(2026, 12, 31), 7)
NETWORK = 100e6
"""Bytes a second through the scheduler of a cluster: a gigabit, less its own work."""


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def two_years(queues):
    """Half-hours of Monday to Saturday, in memory; each queue has its own level."""
    chance = np.random.default_rng(1)
    hours = OpeningHours.parse({"mon-fri": "08:00-20:00", "sat": "08:00-14:00"})
    holidays = holidays_for("IT", "MI", range(2023, 2028))
    calendar = Calendar(ZoneInfo("Europe/Rome"), 1800, hours, holidays=holidays)
    starts = calendar.open_intervals("any", FIRST, LAST)
    hour = np.asarray(starts.hour + starts.minute / 60)
    shape = 1.5 + np.sin((hour - 8) * np.pi / 12) - 0.1 * starts.day_of_week
    month = 1 + 0.1 * np.sin(2 * np.pi * np.asarray(starts.day_of_year) / 365)
    names = [f"Q{number:05d}" for number in range(queues)]
    levels = 10 ** chance.uniform(0, 2, queues)
    offered = np.concatenate([chance.poisson(x * shape * month) for x in levels])
    frame = pd.DataFrame(
        {
            "queue": pd.Series(
                np.repeat(np.array(names, object), len(starts)), dtype="str"
            ),
            "interval_start": starts.append([starts] * (queues - 1)),
            "offered": offered.astype(float),
            "handled": offered.astype(float),
            "aht_s": 300.0,
        }
    )
    end = starts[-1] + pd.Timedelta(minutes=30)
    return History(frame, end, calendar, ())


def timed(engine, history, names):
    """Start-up and the rest [s], and how many queues were forecast."""
    tasks = (Task(q, (history.only(q), q, WANTED)) for q in names)
    with engine:
        begin = perf_counter()
        list(engine.map(forecast_queue, islice(tasks, 2)))
        started = perf_counter()
        count = sum(1 for _ in engine.map(forecast_queue, tasks))
        return started - begin, perf_counter() - started, count


@pytest.mark.bench
def test_seconds_and_bytes_for_each_queue(monkeypatch):
    monkeypatch.setenv("STAFFCAST_CACHE", "")  # each queue is calibrated anew
    bare_mb = peak_mb()
    history = two_years(QUEUES)
    names = history.queues
    held_mb = peak_mb()
    call = packed(
        forecast_queue, Task("one", (history.only(names[0]), names[0], WANTED))
    )
    begin = process_time()
    result = answer("one", call)
    first_s = process_time() - begin
    print(f"\n{QUEUES} queues of {len(history.rows(names[0])):,} half-hours, {DEFAULT}")
    print(f"to a worker {len(call) / 1e3:,.0f} kB, back {len(result) / 1e3:,.0f} kB")
    cpu = process_time()
    _, serial_s, alone = timed(Serial(), history, names[:SERIAL])
    cpu_s = (process_time() - cpu) / len(names[:SERIAL])
    start_s, two_s, count = timed(Processes(2), history, names)
    assert count == len(names) - 2
    each_s = two_s * 2 / count
    serial_s, two_s = serial_s / alone, two_s / count
    print(f"serial      {serial_s:8.2f} s a queue ({cpu_s:.2f} s of its own CPU)")
    print(f"2 processes {two_s:8.2f} s a queue, {serial_s / two_s:.2f} × serial")
    print(f"first two queues, with the start of 2 processes: {start_s:.1f} s")
    print(f"first queue in this process: {first_s:.1f} s of CPU")
    print(f"memory: {bare_mb:,.0f} MB bare, {held_mb:,.0f} with the history, ", end="")
    print(f"{peak_mb():,.0f} at most; per queue {(peak_mb() - bare_mb) / QUEUES:.2f}")
    print(
        "an estimate: start + queues × seconds / workers, or what the network carries"
    )
    moved = len(call) + len(result)
    for queues in (1_000, 10_000):
        for workers in (2, 16, 128):
            work_s = max(queues * each_s / workers, queues * moved / NETWORK)
            minutes = (start_s + work_s) / 60
            print(f"{queues:8,} on {workers:3} workers: {minutes:8.1f} min")
