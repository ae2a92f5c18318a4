"""
Many queues on a Dask cluster of this machine: what each costs, and where.

STAFFCAST_SCALE_QUEUES=1000 takes as many instead of 12; STAFFCAST_SCALE_MODEL=sma4
takes another model; STAFFCAST_SCALE_FOLDER keeps history, plan and results.jsonl, to
which each step's figures are added as it ends.
"""

import json
import os
import pickle
from collections import Counter
from pathlib import Path
from time import perf_counter, process_time
from types import SimpleNamespace

import pytest
from reference.big_centre import write_centre
from reference.measured import Measured, cpu_s, now_mb, peak_mb

from forecast.engine import Dask, Serial
from forecast.engine import dask as dask_engine
from staffing.backtest import backtest_forecasts, backtest_plans
from staffing.month import Clock
from staffing.pipeline import plan_month
from staffing.report.folder import write_plan

QUEUES = int(os.environ.get("STAFFCAST_SCALE_QUEUES", "12"))
WORKERS = int(os.environ.get("STAFFCAST_SCALE_WORKERS", "2"))
MODEL = os.environ.get("STAFFCAST_SCALE_MODEL", "median")
IN_FILE = 50 if QUEUES >= 100 else max(QUEUES // 4, 1)
ALONE = min(QUEUES, 6)
"""Queues that the serial engine plans, to compare with."""
MANY, CORES = 10_000, 16


class Told:
    """Figures printed, and added to a file, as they come."""

    def __init__(self, path):
        self.path, self.begun = path, perf_counter()

    def __call__(self, what, **figures):
        """Figures under a name."""
        figures = {name: round(value, 3) for name, value in figures.items()}
        at_s = round(perf_counter() - self.begun, 1)
        with self.path.open("a") as file:
            file.write(json.dumps({"at_s": at_s, "what": what, **figures}) + "\n")
        shown = ", ".join(f"{name} {value:,}" for name, value in figures.items())
        print(f"[{at_s:8.1f} s] {what}: {shown}", flush=True)

    def progress(self, name, number, total):
        """Twenty lines of each step."""
        if number % max(total // 20, 1) == 0:
            self(name, number=number, of=total, coordinator_mb=now_mb())


@pytest.fixture
def moved(monkeypatch):
    """Bytes to and from workers."""
    count = Counter()
    pack = dask_engine.packed

    def packed(function, task):
        call = pack(function, task)
        count["out"] += len(call)
        return call

    def loads(answer):
        count["back"] += len(answer)
        return pickle.loads(answer)  # noqa: S301 - our own

    monkeypatch.setattr(dask_engine, "packed", packed)
    monkeypatch.setattr(dask_engine, "pickle", SimpleNamespace(loads=loads))
    return count


@pytest.fixture
def cpu(monkeypatch):
    """CPU seconds of this process by step of the plan."""
    seconds, last = {}, process_time()
    stop = Clock.stop

    def stopped(self, step):
        nonlocal last
        now = process_time()
        seconds[step], last = now - last, now
        stop(self, step)

    monkeypatch.setattr(Clock, "stop", stopped)
    return seconds


def tell_steps(told, engine):
    """What the workers did."""
    for name, step in engine.steps.items():
        told(
            f"workers, {name.strip('_')}",
            tasks=step.tasks,
            cpu_s_a_queue=step.cpu_s / QUEUES,
            peak_mb=step.worker_mb,
        )


@pytest.mark.bench
def test_a_plan_of_many_queues(tmp_path, monkeypatch, moved, cpu):
    folder = Path(os.environ.get("STAFFCAST_SCALE_FOLDER", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("STAFFCAST_CACHE", str(folder / "kept"))
    told = Told(folder / "results.jsonl")
    print()

    alone = folder / "alone"
    if not alone.exists():
        write_centre(alone, ALONE, in_file=ALONE, model=MODEL)
    begin_cpu = cpu_s()
    plan_month(alone / "plan.toml", engine=Serial())
    serial_s = (cpu_s() - begin_cpu) / ALONE
    told(f"serial, {ALONE} queues", cpu_s_a_queue=serial_s, **cpu)

    whole = folder / "whole"
    if not whole.exists():
        write_centre(whole, QUEUES, in_file=IN_FILE, model=MODEL)
    size = sum(file.stat().st_size for file in (whole / "calls").iterdir())
    told("history", queues=QUEUES, mb=size / 1e6, coordinator_mb=now_mb())

    with Dask(WORKERS) as cluster:
        engine = Measured(cluster)
        begin, begin_cpu = perf_counter(), process_time()
        plan = plan_month(whole / "plan.toml", progress=told.progress, engine=engine)
        wall_s = perf_counter() - begin
        told("plan, wall seconds by step", **plan.timings_s)
        told("plan, coordinator's CPU seconds by step", **cpu)
    tell_steps(told, engine)
    began = process_time()
    files = write_plan(plan, folder / "plan")
    write_s = process_time() - began
    page_mb = (folder / "plan" / "report.html").stat().st_size / 1e6
    told("files", cpu_s=write_s, count=len(files), report_mb=page_mb)

    work_s = sum(step.cpu_s for step in engine.steps.values()) / QUEUES
    own_s = (process_time() - begin_cpu) / QUEUES
    told(
        "each queue",
        workers_cpu_s=work_s,
        coordinator_cpu_s=own_s,
        wall_s=wall_s / QUEUES,
        kb_out=moved["out"] / QUEUES / 1e3,
        kb_back=moved["back"] / QUEUES / 1e3,
    )
    told("peak memory", coordinator_mb=peak_mb(), now_mb=now_mb())
    assert len(plan.forecasts) == QUEUES
    assert not plan.failed

    print(
        f"an estimate for {MANY:,} queues on {CORES} cores: one coordinator, whose "
        "share is serial and grows in step with queues, and nothing overlaps"
    )
    minutes = MANY * (work_s / CORES + own_s) / 60
    told(
        "estimate",
        minutes=minutes,
        speed_up=MANY * (work_s + own_s) / 60 / minutes,
        gb_moved=MANY * sum(moved.values()) / QUEUES / 1e9,
        most_speed_up=(work_s + own_s) / own_s,
    )


@pytest.mark.bench
@pytest.mark.parametrize("backtest", [backtest_forecasts, backtest_plans])
def test_a_backtest_of_many_queues(backtest, tmp_path, monkeypatch, moved):
    """The last month; of forecasts, by all models."""
    folder = Path(os.environ.get("STAFFCAST_SCALE_FOLDER", tmp_path))
    monkeypatch.setenv("STAFFCAST_CACHE", str(tmp_path / "kept"))
    whole = folder / "whole"
    if not whole.exists():
        write_centre(whole, QUEUES, in_file=IN_FILE, model=MODEL)
    folder.mkdir(parents=True, exist_ok=True)
    told = Told(folder / "results.jsonl")
    print()
    told(f"{backtest.__name__}, {QUEUES} queues", coordinator_mb=now_mb())
    with Dask(WORKERS) as cluster:
        engine = Measured(cluster)
        begin, begin_cpu = perf_counter(), process_time()
        result = backtest(
            whole / "plan.toml",
            first="2026-11",
            progress=told.progress,
            engine=engine,
        )
        told(
            "each queue",
            workers_cpu_s=sum(step.cpu_s for step in engine.steps.values()) / QUEUES,
            coordinator_cpu_s=(process_time() - begin_cpu) / QUEUES,
            wall_s=(perf_counter() - begin) / QUEUES,
            kb_out=moved["out"] / QUEUES / 1e3,
            kb_back=moved["back"] / QUEUES / 1e3,
        )
    tell_steps(told, engine)
    told("peak memory", coordinator_mb=peak_mb(), now_mb=now_mb())
    assert not result.failed
