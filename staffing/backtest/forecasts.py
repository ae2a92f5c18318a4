"""Past months forecast as they would have been, held against what really came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.backtest import BASELINES, backtest
from forecast.blocks import MONTH
from forecast.engine import Engine, Serial, Task
from forecast.errors import ConfigError, Finding, TableError
from forecast.history import History
from forecast.intervals import month_span
from forecast.models import MODELS, Model
from forecast.models.effects import shared_effects
from forecast.models.shared import OtherQueues
from forecast.scores import accuracy_table, summary_table
from staffing.backtest.months import past_months, until
from staffing.config import Config, read_config
from staffing.config.values import DAY_S
from staffing.inputs import history_file, on_grid, read_rows, sources_of, unchanged
from staffing.month import Clock
from staffing.plan import Source, cost, fingerprint, hashes, versions
from staffing.progress import Progress


@dataclass(frozen=True)
class ForecastBacktest:
    """
    How past months would have been forecast.

    ``points`` is as in ``forecast.backtest``, of all queues; ``accuracy`` the table
    ACCURACY; ``summary`` as ``forecast.scores.summary_table``, with the gains over the
    baselines. ``months`` are the months forecast, each from its beginning and those
    before it; ``models`` the names of those asked for, the one of most interest first.
    ``failed`` gives the reason for each queue that could not be forecast.
    """

    months: tuple[str, ...]
    horizons: int
    models: tuple[str, ...]
    points: pd.DataFrame
    accuracy: pd.DataFrame
    summary: pd.DataFrame
    failed: Mapping[str, str]
    warnings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    parameters: Mapping[str, Any]
    fingerprint: str
    timings_s: Mapping[str, float]

    @property
    def exit_code(self) -> int:
        """0, or 1 where a queue failed."""
        return int(bool(self.failed))

    def manifest(self, outputs: Mapping[str, bytes]) -> dict[str, Any]:
        """All that is needed to know what was run, on what, with what result."""
        queues = {queue: {"status": "done"} for queue in self.points["queue"].unique()}
        for queue, reason in self.failed.items():
            queues[queue] = {"status": "failed", "reason": reason}
        return {
            "fingerprint": self.fingerprint,
            "versions": versions(),
            "sources": {source.name: source.sha256 for source in self.sources},
            "months": list(self.months),
            "horizons": self.horizons,
            "models": list(self.models),
            "parameters": dict(self.parameters),
            "queues": queues,
            "warnings": [str(warning) for warning in self.warnings],
            **cost(self.timings_s),
            "exit_code": self.exit_code,
            "outputs": hashes(outputs),
        }


def forecasts_fingerprint(
    config_path: Path,
    *,
    first: str | None = None,
    last: str | None = None,
    horizons: int = 1,
    models: Sequence[str] = (),
) -> str:
    """The same one, the same backtest; parameters as :func:`backtest_forecasts`."""
    sources = sources_of(_unrostered(config_path), config_path)
    return _fingerprint(sources, first, last, horizons, models)


def _unrostered(config_path: Path) -> Config:
    return read_config(config_path).model_copy(update={"roster": None})


def _fingerprint(
    sources: Iterable[Source],
    first: str | None,
    last: str | None,
    horizons: int,
    models: Sequence[str],
) -> str:
    asked = f"forecasts {first} {last} {horizons} {' '.join(models)}"
    return fingerprint(asked, sources)


def backtest_forecasts(
    config_path: Path,
    *,
    first: str | None = None,
    last: str | None = None,
    horizons: int = 1,
    models: Sequence[str] = (),
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> ForecastBacktest:
    """
    Forecast the past months of a plan.toml's history.

    Parameters
    ----------
    config_path : Path
        The plan.toml; its paths are relative to it.
    first, last : str, optional
        First and last month to forecast, YYYY-MM; by default the last twelve that a
        model has history enough for.
    horizons : int
        Months ahead, ≥ 1: a month is forecast from its beginning, and from those of
        the months before it that are not before ``first``.
    models : sequence of str
        Names; none means all. The baselines are always beside them.
    progress : callable, optional
        Told of each queue as it is begun.
    engine : Engine, optional
        Where the queues are forecast; by default here, one after the other.

    Raises
    ------
    ConfigError
        The configuration is wrong, or there is no such model or month.
    TableError
        The history is wrong, or too short for every queue.
    """
    clock = Clock()
    config = read_config(config_path)
    chosen = _models(models, config.forecast.model)
    path = history_file(config, config_path.parent)
    with unchanged(_unrostered(config_path), config_path) as sources:
        rows = read_rows(config, path)
    end = rows.frame["interval_start"].max().date()
    history = on_grid(config, rows, end, path.name)  # borrowed calls never came
    least = min(model.min_days for model in (*BASELINES, *chosen))
    months = past_months(history, path.name, least, first, last)
    known = until(history, months[-1])
    begin = month_span(months[0])[0]
    clock.stop("history")
    shared = shared_effects(known)
    tasks = (
        Task(
            queue,
            (
                known.only(queue),
                chosen,
                begin,
                horizons,
                {queue: shared.without(queue)},
                config.seed,
            ),
        )
        for queue in known.queues
    )
    scored = (Serial() if engine is None else engine).map(backtest_queue, tasks)
    parts: list[pd.DataFrame] = []
    failed: dict[str, TableError] = {}
    for number, queue in enumerate(known.queues):
        if progress:
            progress(f"backtest {queue}", number, len(known.queues))
        found = next(scored)
        if isinstance(found, TableError):
            failed[queue] = found
        else:
            parts.append(found)
    if not parts:
        raise TableError([f for error in failed.values() for f in error.findings])
    points = pd.concat(parts, ignore_index=True)
    if config.interval_s == DAY_S:  # an interval is a day: score it once
        points = points[points["grain"] != "interval"].reset_index(drop=True)
    clock.stop("forecast")
    baselines = [model.name for model in BASELINES]
    accuracy = accuracy_table(points)
    summary = summary_table(points, baselines, seed=config.seed)
    clock.stop("scores")
    return ForecastBacktest(
        months=tuple(months),
        horizons=horizons,
        models=tuple(model.name for model in chosen),
        points=points,
        accuracy=accuracy,
        summary=summary,
        failed={queue: str(error) for queue, error in failed.items()},
        warnings=(*history.warnings, *_fewer_cutoffs(points, chosen, len(months))),
        sources=sources,
        parameters=config.model_dump(mode="json", by_alias=True),
        fingerprint=_fingerprint(sources, first, last, horizons, models),
        timings_s=clock.seconds,
    )


def backtest_queue(
    history: History,
    models: Sequence[Model],
    first: dt.date,
    horizons: int,
    others: Mapping[str, OtherQueues],
    seed: int,
) -> pd.DataFrame:
    """One queue's points from the beginnings of calendar months; for an engine."""
    return backtest(
        history,
        models,
        first=first,
        step=MONTH,
        block=MONTH,
        blocks=horizons,
        others=others,
        seed=seed,
    )


def _models(names: Sequence[str], main: str) -> list[Model]:
    """The models by name; all, the main one first, where none is named."""
    unknown = [name for name in names if name not in MODELS]
    if unknown:
        raise ConfigError(
            f"--model: {unknown[0]!r} is not a model; there are {', '.join(MODELS)}."
        )
    return [MODELS[name] for name in dict.fromkeys(names or (main, *MODELS))]


def _fewer_cutoffs(
    points: pd.DataFrame, models: Sequence[Model], cutoffs: int
) -> list[Finding]:
    """Models without history enough before some month."""
    found = points.groupby("model")["cutoff"].nunique()
    cases = [
        f"{model.name} ({model.min_days} days needed): "
        f"{found.get(model.name, 0)} of {cutoffs} months"
        for model in models
        if found.get(model.name, 0) < cutoffs
    ]
    rule = "models that were not scored from every month, for want of history before it"
    remedy = "Compare them by their gains, which are over the same months."
    return [Finding.of("backtest", rule, cases, remedy)] if cases else []
