"""The steps in their order: history → forecast → requirement → Plan."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pandas as pd

from forecast.engine import Engine, Serial, Task
from forecast.errors import ConfigError, Finding, TableError
from forecast.history import History
from forecast.like import with_like
from forecast.models.effects import shared_effects
from forecast.models.shared import SharedEffects
from forecast.run import QueueForecast, forecast_queue
from staffing.audit import short_audit
from staffing.config import Config, read_staffed_config
from staffing.config.values import check_month
from staffing.inputs import before, month_after, on_grid, read_rows, with_volumes
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
    config_path: Path,
    month: str | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
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
    engine : Engine, optional
        Where queues are forecast: by default here, one after the other.

    Raises
    ------
    ConfigError
        The configuration is wrong, names queues that the history lacks, or leaves
        every queue closed.
    TableError
        The history is wrong, or too short for every queue.
    """
    clock = _Clock()
    config = read_staffed_config(config_path)
    if month is not None:
        try:
            check_month(month)
        except ValueError as error:
            raise ConfigError(f"--month: {error}.") from error
    clock.stop("config")
    history_path = config_path.parent / config.history
    reading = read_rows(config, history_path)
    config = with_volumes(config, config_path.parent, reading)
    month = month or config.month or month_after(reading.frame)
    first, last = config.span(month)
    known = before(reading, first, history_path.name)
    history = on_grid(config, known, last, history_path.name)
    shared = shared_effects(history)
    history = with_like(history, config.like())
    clock.stop("history")
    queues = sorted({*known.frame["queue"], *config.like()})
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
        config,
        history,
        shared,
        queues,
        first,
        last,
        unknown,
        progress,
        Serial() if engine is None else engine,
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
            *_idle_volumes(config, bands),
            *(Finding("targets", note, (), 1) for note in rules.targets.notes),
        ),
        sources=(
            Source.of(config_path.name, config_path.read_bytes()),
            *(
                Source.of(Path(name).name, (config_path.parent / name).read_bytes())
                for name in (config.history, config.volumes.file)
                if name is not None
            ),
        ),
        parameters=config.model_dump(mode="json", by_alias=True),
        timings_s=clock.seconds,
    )


def _idle_volumes(config: Config, bands: pd.DataFrame) -> list[Finding]:
    """Volumes given for queues none of whose planned months has one."""
    used = set(bands.loc[bands["offered_given"].notna(), "queue"])
    idle = sorted(set(config.volumes.given) & set(bands["queue"]) - used)
    months = f"{bands['month'].min()} to {bands['month'].max()}"
    rule = f"no volume is given for a month of the plan ({months}) of these queues"
    return [Finding.of("volumes", rule, idle)] if idle else []


def _forecast_queues(
    config: Config,
    history: History,
    shared: SharedEffects,
    queues: list[str],
    first: dt.date,
    last: dt.date,
    unknown: dict[str, tuple[Finding, ...]],
    progress: Progress | None,
    engine: Engine,
) -> tuple[list[QueueForecast], dict[str, str]]:
    """Each queue's forecast; a failed one stops those of its group, not the others."""
    done: list[QueueForecast] = []
    failures = dict(unknown)
    sound = [queue for queue in queues if queue not in unknown]
    tasks = (
        Task(
            queue,
            (
                history.only(queue),
                queue,
                config.wanted(queue, first, last),
                shared.without(queue),
            ),
        )
        for queue in sound
    )
    forecasts = engine.map(forecast_queue, tasks)
    for number, queue in enumerate(sound):
        if progress:
            progress(f"forecast {queue}", number, len(sound))
        forecast = next(forecasts)
        if isinstance(forecast, TableError):
            failures[queue] = forecast.findings
        else:
            done.append(forecast)
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
