"""A month forecast and staffed, by what was known before it: history → requirement."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from forecast.blocks import MONTH_DAYS
from forecast.calibration import MOST_AHEAD
from forecast.engine import Engine, Serial, Task
from forecast.errors import ConfigError, Finding, TableError
from forecast.run import QueueForecast, forecast_queue
from staffing.config import Config, read_staffed_config
from staffing.inputs import (
    check_asked,
    history_file,
    month_after,
    read_rows,
    with_volumes,
)
from staffing.known import Known, known_before
from staffing.kpi import ALL
from staffing.need import Need, bands_of, need_of
from staffing.parts import known_of_parts, read_parts
from staffing.patience import Patience, estimate_pools
from staffing.progress import Progress
from staffing.requirement.pools import Pools


@dataclass(frozen=True)
class Forecasts:
    """Each queue's forecast, or why it has none; ``warnings``: what was odd."""

    queues: tuple[QueueForecast, ...]
    failed: Mapping[str, str]
    warnings: tuple[Finding, ...]


@dataclass(frozen=True)
class Staffed(Need):
    """Months forecast, and the agents for them; the rest as in the Plan."""

    forecasts: tuple[QueueForecast, ...]
    failed: Mapping[str, str]
    patience: Mapping[str, Patience]
    warnings: tuple[Finding, ...]


def read_known(
    config_path: Path,
    month: str | None = None,
    *,
    progress: Progress | None = None,
    engine: Engine | None = None,
    clock: Clock | None = None,
) -> tuple[Config, Known]:
    """
    Read a plan.toml and what is known before the first month of its plan.

    Parameters
    ----------
    config_path : Path
        The plan.toml; its paths are relative to it.
    month : str, optional
        Goes before the configuration's; by default it is the one after the history.
    progress : callable, optional
        Told of each file of a history of many, as it is read.
    engine : Engine, optional
        Where these are read: by default here, one after the other.
    clock : Clock, optional
        Told of each step.

    Raises
    ------
    ConfigError
        The configuration is wrong, or names queues that the history lacks.
    TableError
        The history or the file of volumes is wrong.
    """
    clock = clock or Clock()
    config = read_staffed_config(config_path)
    check_asked(month)
    clock.stop("config")
    folder = config_path.parent
    path = history_file(config, folder)
    if os.path.isdir(path):
        where = engine or Serial()
        parts = read_parts(config, path, where, progress)
        survey = parts.survey
        config = with_volumes(config, folder, {*survey.queues})
        month = month or config.month or month_after(survey.last)
        known = known_of_parts(config, parts, month, where, progress)
    else:
        reading = read_rows(config, path)
        config = with_volumes(config, folder, set(reading.frame["queue"]))
        last = reading.frame["interval_start"].max()
        month = month or config.month or month_after(last)
        known = known_before(config, reading, month, path.name)
    clock.stop("history")
    return config, known


def staff_month(
    config: Config,
    known: Known,
    *,
    calibrated: bool = True,
    progress: Progress | None = None,
    engine: Engine | None = None,
    clock: Clock | None = None,
) -> Staffed:
    """
    Forecast the months of a plan and staff them; ``clock`` is told of each step.

    ``calibrated`` is as in :class:`forecast.run.Wanted`.

    Raises
    ------
    ConfigError
        No queue is ever open.
    TableError
        The history is too short for every queue.
    """
    clock = clock or Clock()
    made = forecast_month(
        config, known, calibrated=calibrated, progress=progress, engine=engine
    )
    clock.stop("forecast")
    rules = config.rules(known.usual, known.patience)
    need = need_of(made.queues, rules, config.staffing.to_risk(), progress)
    clock.stop("requirement")
    return Staffed(
        **vars(need),
        forecasts=made.queues,
        failed=made.failed,
        patience=known.patience,
        warnings=(
            *made.warnings,
            *(Finding("targets", note, (), 1) for note in rules.targets.notes),
        ),
    )


def forecast_month(
    config: Config,
    known: Known,
    *,
    calibrated: bool = True,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> Forecasts:
    """
    Forecast the months of a plan.

    Raises as :func:`staff_month`.
    """
    done, failed = _forecast_queues(
        config, known, calibrated, progress, Serial() if engine is None else engine
    )
    if all(item.intervals.empty for item in done):
        raise ConfigError(
            f"no queue is open from {known.first} to {known.last}. Correct [hours] or "
            "[holidays]."
        )
    warnings = sum((item.warnings for item in done), known.history.warnings)
    odd = (*_far_ahead(known), *_idle_volumes(config, bands_of(done)))
    return Forecasts(tuple(done), failed, (*warnings, *odd))


def callers_patience(
    waits: pd.DataFrame, pools: Pools, config: Config
) -> dict[str, float]:
    """
    How long each pool's callers would wait, by the waits that are known. [s]

    Where too few of a pool have hung up, as all callers; where too few of these,
    as the configuration says, or for ever.
    """
    everybody = tuple(queue for queues in pools.values() for queue in queues)
    estimates, _ = estimate_pools(waits, {**pools, ALL: everybody})
    given = config.staffing.patience_s
    otherwise = given if isinstance(given, float | int) else float("inf")
    if ALL in estimates:
        otherwise = estimates[ALL].patience_s
    return {
        pool: estimates[pool].patience_s if pool in estimates else otherwise
        for pool in pools
    }


def _far_ahead(known: Known) -> list[Finding]:
    """
    A plan that begins later than past errors are measured.

    Its first month, counted as :func:`forecast.blocks.months_ahead` does, is then more
    than MOST_AHEAD from the history's end, which all queues share.
    """
    end = known.history.only(known.queues[0]).end.tz_localize(None).ceil("D")
    days = (pd.Timestamp(known.first) - end).days
    months = round(days / MONTH_DAYS)
    if months < MOST_AHEAD:
        return []
    rule = (
        f"it ends on {end - pd.Timedelta(days=1):%Y-%m-%d}, {days} days ({months} "
        f"months) before the plan begins on {known.first}; errors are measured up to "
        f"{MOST_AHEAD} months ahead, and bands do not widen beyond"
    )
    remedy = "Correct the month, or add newer rows."
    return [Finding("history", rule, (), 1, remedy)]


def _idle_volumes(config: Config, bands: pd.DataFrame) -> list[Finding]:
    """Volumes given for queues none of whose planned months has one."""
    used = set(bands.loc[bands["offered_given"].notna(), "queue"])
    idle = sorted(set(config.volumes.given) & set(bands["queue"]) - used)
    months = f"{bands['month'].min()} to {bands['month'].max()}"
    rule = f"no volume is given for a month of the plan ({months}) of these queues"
    return [Finding.of("volumes", rule, idle)] if idle else []


def _forecast_queues(
    config: Config,
    known: Known,
    calibrated: bool,
    progress: Progress | None,
    engine: Engine,
) -> tuple[list[QueueForecast], dict[str, str]]:
    """Each queue's forecast; a failed one stops those of its group, not the others."""
    done: list[QueueForecast] = []
    failures = dict(known.unknown)
    sound = [queue for queue in known.queues if queue not in known.unknown]
    tasks = (
        Task(
            queue,
            (
                known.history.only(queue),
                queue,
                replace(
                    config.wanted(queue, known.first, known.last),
                    calibrated=calibrated,
                ),
                known.shared.without(queue),
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
            for queue in sorted(set(members) - set(failures)):
                failures[queue] = (Finding("plan.toml", rule, (), 1),)
    done = [item for item in done if item.queue not in failures]
    if not done:
        every = [fault for faults in failures.values() for fault in faults]
        raise TableError(list(dict.fromkeys(every)))
    return done, {q: " ".join(map(str, found)) for q, found in failures.items()}


class Clock:
    """Seconds that each step took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def stop(self, step: str) -> None:
        """Count the time since the last step to this one."""
        now = time.perf_counter()
        self.seconds[step] = now - self._last
        self._last = now
