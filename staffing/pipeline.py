"""The steps in their order: history → forecast → requirement → Plan."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from forecast.acd.generic import Reading, read_history_csv
from forecast.errors import ConfigError, Finding, TableError
from forecast.history import History, complete_history
from forecast.run import QueueForecast, forecast_queue
from staffing.audit import short_audit
from staffing.config import Config, read_config
from staffing.config.values import check_month
from staffing.plan import Plan, Source
from staffing.progress import Progress
from staffing.requirement import monthly_for, requirement_for
from staffing.requirement.alternatives import alternatives_for
from staffing.requirement.chance import with_chance
from staffing.requirement.pools import pooled
from staffing.requirement.returning import (
    at_usual_abandonment,
    usual_abandonment,
    with_own_returns,
)


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
        before it is used.
    progress : callable, optional
        Told of each queue's steps as they are begun.

    Raises
    ------
    ConfigError
        The configuration is wrong, names queues that the history lacks, or leaves
        every queue closed.
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
    reading = read_rows(config, history_path)
    month = month or config.month or _month_after(reading.frame)
    first, last = config.span(month)
    known = _before(reading, first, history_path.name)
    history = on_grid(config, known, last, history_path.name)
    clock.stop("history")
    queues = sorted(known.frame["queue"].unique())
    returning = config.staffing.to_returning()
    usual: dict[str, float] = {}
    unknown: dict[str, tuple[Finding, ...]] = {}
    for queue in queues if returning else []:
        try:
            usual[queue] = usual_abandonment(history, queue)
        except TableError as error:
            unknown[queue] = error.findings
    if returning:
        history = at_usual_abandonment(history, usual, returning)
    done, failed = _forecast_queues(
        config, history, queues, first, last, unknown, progress
    )
    clock.stop("forecast")
    forecast = _stack([item.intervals for item in done])
    if forecast.empty:
        raise ConfigError(
            f"no queue is open from {first} to {last}. Correct [hours] or [holidays]."
        )
    rules = config.rules(usual)
    requirement, chances = requirement_for(forecast, rules), None
    risk = config.staffing.to_risk()
    if risk is not None:
        of_queue = {item.queue: item for item in done}
        requirement, chances = with_chance(requirement, of_queue, rules, risk, progress)
    bands = _stack([item.months.assign(queue=item.queue) for item in done])
    full_time_h = config.staffing.full_time_h
    of_pools = pooled(bands, rules.pools)
    monthly = monthly_for(
        requirement, of_pools, rules.shrinkage, full_time_h=full_time_h
    )
    if returning:
        monthly = with_own_returns(monthly, of_pools)
    clock.stop("requirement")
    alternatives = alternatives_for(
        requirement,
        forecast,
        bands,
        rules,
        patience_s=config.staffing.patience_s,
        full_time_h=full_time_h,
    )
    clock.stop("alternatives")
    verdict = short_audit(
        requirement,
        forecast,
        rules.pools,
        targets=rules.targets,
        patience_s=rules.patience_s,
        known_patience_s=config.staffing.patience_s,
        seed=config.seed,
    )
    clock.stop("audit")
    return Plan(
        month=month,
        forecasts=tuple(done),
        failed=failed,
        forecast=forecast,
        requirement=requirement,
        monthly=monthly,
        rules=rules,
        chances=chances,
        alternatives=alternatives,
        audit=verdict,
        warnings=(
            *sum((item.warnings for item in done), history.warnings),
            *(Finding("targets", note, (), 1) for note in rules.targets.notes),
        ),
        sources=(
            Source.of(config_path.name, config_path.read_bytes()),
            Source.of(history_path.name, history_path.read_bytes()),
        ),
        parameters=config.model_dump(mode="json"),
        timings_s=clock.seconds,
    )


def read_rows(config: Config, path: Path) -> Reading:
    """
    The rows of a history file, in the form that the config declares.

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
    queues = set(reading.frame["queue"])
    named = (set(config.queues) - set(config.groups)).union(
        *(event.queues for event in config.events), *config.groups.values()
    )
    if both := queues & set(config.groups):
        raise ConfigError(
            f"[groups]: {', '.join(sorted(both))} is a queue of {path.name} as well. "
            "Give the group another name."
        )
    if named - queues:
        raise ConfigError(
            f"the config names queues that {path.name} does not have: "
            f"{', '.join(sorted(named - queues))}; it has {', '.join(sorted(queues))}."
        )
    return reading


def on_grid(config: Config, reading: Reading, last: dt.date, where: str) -> History:
    """Rows on the grid of a calendar that reaches to ``last`` at least."""
    start = reading.frame["interval_start"]
    years = range(start.min().year - 1, max(start.max().year, last.year) + 2)
    history = complete_history(
        reading.frame,
        config.calendar(years),
        absent_rows=config.rows.absent_rows,
        where=where,
    )
    return replace(history, warnings=(*reading.warnings, *history.warnings))


def _month_after(rows: pd.DataFrame) -> str:
    return str(pd.Period(f"{rows['interval_start'].max():%Y-%m}", freq="M") + 1)


def _before(reading: Reading, first: dt.date, where: str) -> Reading:
    """What was known when the first date of the plan began."""
    local = reading.frame["interval_start"].dt.tz_localize(None)
    rows = reading.frame[local < pd.Timestamp(first)]
    if rows.empty:
        rule = f"there are no rows before {first}, when the plan begins"
        raise TableError([Finding(where, rule, (), 0, "Plan a later month.")])
    return replace(reading, frame=rows)


def _forecast_queues(
    config: Config,
    history: History,
    queues: list[str],
    first: dt.date,
    last: dt.date,
    unknown: dict[str, tuple[Finding, ...]],
    progress: Progress | None,
) -> tuple[list[QueueForecast], dict[str, str]]:
    """Each queue's forecast; a failed one stops those of its group, not the others."""
    done: list[QueueForecast] = []
    failures = dict(unknown)
    for number, queue in enumerate(queues):
        if queue in failures:
            continue
        if progress:
            progress(f"forecast {queue}", number, len(queues))
        try:
            done.append(
                forecast_queue(history, queue, config.wanted(queue, first, last))
            )
        except TableError as error:
            failures[queue] = error.findings
    for group, members in config.groups.items():  # fewer calls would hide the fault
        for missing in sorted(set(members) & set(failures)):
            rule = f"it is answered in the group {group} with {missing}, which failed"
            for queue in set(members) - set(failures):
                failures[queue] = (Finding("plan.toml", rule, (), 1),)
    done = [item for item in done if item.queue not in failures]
    if not done:
        raise TableError([fault for faults in failures.values() for fault in faults])
    return done, {q: " ".join(map(str, found)) for q, found in failures.items()}


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
