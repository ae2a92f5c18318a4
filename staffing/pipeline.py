"""The steps in their order: history → forecast → requirement → Plan."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from forecast.acd.generic import read_history_csv
from forecast.errors import ConfigError, Finding, TableError
from forecast.history import History, complete_history
from forecast.models import DEFAULT, MODELS
from forecast.run import QueueForecast, forecast_queue
from staffing.config import Config, read_config
from staffing.config.parts import check_month
from staffing.plan import Plan, Source
from staffing.requirement import monthly_for, requirement_for

Progress = Callable[[str, int, int], None]
"""Told the queue that is begun, its number from 0 and the number of queues."""


def plan_month(
    config_path: Path, month: str | None = None, progress: Progress | None = None
) -> Plan:
    """
    Turn a plan.toml into a plan.

    Parameters
    ----------
    config_path : Path
        The plan.toml; its paths are relative to it.
    month : str, optional
        First month to plan, YYYY-MM, instead of the config's. Only the history
        before it is read.
    progress : callable, optional
        Told of each queue as it is begun.

    Raises
    ------
    ConfigError
        The configuration is wrong, or names queues that the history lacks.
    TableError
        The history is wrong, or too short for every queue.
    """
    clock = _Clock()
    config = read_config(config_path)
    if month is not None:
        try:
            check_month(month)
        except ValueError as error:
            raise ConfigError(f"--month: {error}.") from error
    clock.stop("config")
    history_path = config_path.parent / config.history
    history = read_history(config, history_path, month)
    month = first_month(config, history.end, month)
    clock.stop("history")
    done, failed = _forecast_queues(config, history, month, progress)
    clock.stop("forecast")
    forecast = _stack([item.intervals for item in done])
    targets, shrinkage = config.to_targets(), config.staffing.to_shrinkage()
    requirement = requirement_for(forecast, targets, config.seats, shrinkage)
    bands = _stack([item.months.assign(queue=item.queue) for item in done])
    monthly = monthly_for(
        requirement, bands, shrinkage, full_time_h=config.staffing.full_time_h
    )
    clock.stop("requirement")
    return Plan(
        month=month,
        forecasts=tuple(done),
        failed=failed,
        forecast=forecast,
        requirement=requirement,
        monthly=monthly,
        targets=targets,
        warnings=sum((item.warnings for item in done), history.warnings),
        sources=(
            Source.of(config_path.name, config_path.read_bytes()),
            Source.of(history_path.name, history_path.read_bytes()),
        ),
        parameters=config.model_dump(mode="json"),
        timings_s=clock.seconds,
    )


def first_month(config: Config, end: pd.Timestamp, month: str | None) -> str:
    """The month asked for, the config's, or the one after the history ends."""
    last = (end - pd.Timedelta(seconds=1)).tz_localize(None).to_period("M")
    return month or config.month or str(last + 1)


def read_history(config: Config, path: Path, month: str | None = None) -> History:
    """
    A history file on its grid, with the calendar that reaches to the plan's end.

    Raises
    ------
    ConfigError
        The configuration names queues that the file lacks.
    TableError
        The file is wrong; every fault with its rows.
    """
    reading = read_history_csv(
        path,
        config.form(),
        zone=ZoneInfo(config.timezone),
        interval_s=config.interval_s,
        queue=config.queue,
    )
    rows = reading.frame
    queues = set(rows["queue"])
    named = set(config.queues).union(*(event.queues for event in config.events))
    if named - queues:
        raise ConfigError(
            f"the config names queues that {path.name} does not have: "
            f"{', '.join(sorted(named - queues))}; it has {', '.join(sorted(queues))}."
        )
    begin, end = rows["interval_start"].min(), rows["interval_start"].max()
    last = config.span(first_month(config, end, month))[1]
    years = range(begin.year - 1, max(end.year, last.year) + 2)
    history = complete_history(
        rows,
        config.calendar(years),
        absent_rows=config.rows.absent_rows,
        where=path.name,
    )
    return replace(history, warnings=(*reading.warnings, *history.warnings))


def _forecast_queues(
    config: Config,
    history: History,
    month: str,
    progress: Progress | None,
) -> tuple[list[QueueForecast], dict[str, str]]:
    """Each queue's forecast; a queue that fails does not stop the others."""
    first, last = config.span(month)
    history = history.before(pd.Timestamp(first, tz=history.calendar.zone))
    done: list[QueueForecast] = []
    failures: dict[str, tuple[Finding, ...]] = {}
    for number, queue in enumerate(history.queues):
        if progress:
            progress(queue, number, len(history.queues))
        try:
            done.append(
                forecast_queue(
                    history,
                    queue,
                    MODELS[DEFAULT],
                    first=first,
                    last=last,
                    default_aht_s=config.default_aht_s(queue),
                    seed=config.seed,
                )
            )
        except TableError as error:
            failures[queue] = error.findings
    if not done:
        raise TableError(
            [finding for findings in failures.values() for finding in findings]
            or [Finding("history", f"there are no rows before {first}", (), 0)]
        )
    return done, {q: " ".join(str(f) for f in found) for q, found in failures.items()}


def _stack(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)


class _Clock:
    """Seconds that each step took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def stop(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step] = now - self._last
        self._last = now
