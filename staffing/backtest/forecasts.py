"""Past months forecast as they would have been, held against what really came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.backtest import BASELINES
from forecast.engine import Engine, Serial, Task
from forecast.errors import ConfigError, Finding, TableError
from forecast.intervals import month_span
from forecast.models import MODELS, Model
from forecast.scores import accuracy_table, summary_table
from staffing.backtest.months import past_months
from staffing.backtest.recorded import Recorded, read_recorded
from staffing.backtest.scored import Scores, backtest_queue, known_until
from staffing.config import Config, read_config
from staffing.config.demand import VolumesPart
from staffing.inputs import sources_of
from staffing.month import Clock
from staffing.plan import Source, cost, fingerprint, hashes, versions
from staffing.progress import Progress


@dataclass(frozen=True)
class ForecastBacktest:
    """
    How past months would have been forecast.

    ``accuracy`` is the table ACCURACY; ``summary`` as
    ``forecast.scores.summary_table``, with the gains over the baselines; ``cuts`` as
    ``forecast.scores.by_cuts``, of all queues. ``months`` are the months forecast,
    each from its beginning and those before it; ``models`` the names of those asked
    for, the one of most interest first.
    ``failed`` gives the reason for each queue that could not be forecast.
    """

    months: tuple[str, ...]
    horizons: int
    models: tuple[str, ...]
    accuracy: pd.DataFrame
    summary: pd.DataFrame
    cuts: pd.DataFrame
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
        queues = {
            queue: {"status": "done"} for queue in self.accuracy["queue"].unique()
        }
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
    sources = sources_of(_alone(config_path), config_path)
    return _fingerprint(sources, first, last, horizons, models)


def _alone(config_path: Path) -> Config:
    """Without what no forecast of the past needs, and its files."""
    without = {"roster": None, "volumes": VolumesPart()}
    return read_config(config_path).model_copy(update=without)


def _fingerprint(
    sources: Iterable[Source],
    first: str | None,
    last: str | None,
    horizons: int,
    models: Sequence[str],
) -> str:
    asked = f"forecasts {first} {last} {horizons} {' '.join(models)}"
    return fingerprint(asked, sources)


def recorded_for_forecasts(
    config_path: Path,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Recorded:
    """The history that :func:`backtest_forecasts` is about; raises as it does."""
    return read_recorded(_alone(config_path), config_path, engine, progress)


def backtest_forecasts(
    config_path: Path,
    *,
    first: str | None = None,
    last: str | None = None,
    horizons: int = 1,
    models: Sequence[str] = (),
    progress: Progress | None = None,
    engine: Engine | None = None,
    past: Recorded | None = None,
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
        Where files are read and queues forecast; by default here, one after the other.
    past : Recorded, optional
        What the configuration's history is, where it has been read already.

    Raises
    ------
    ConfigError
        The configuration is wrong, or there is no such model or month.
    TableError
        The history is wrong, or too short for every queue.
    """
    clock = Clock()
    engine = engine or Serial()
    config = _alone(config_path)
    chosen = _models(models, config.forecast.model)
    past = past or recorded_for_forecasts(config_path, engine, progress)
    least = min(model.min_days for model in (*BASELINES, *chosen))
    months = past_months(past, least, first, last)
    clock.stop("history")
    known, shared = known_until(past, months[-1], engine, progress)
    queues = [queue for queue in past.queues if queue in known.rows]
    begin = month_span(months[0])[0]
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
        for queue in queues
    )
    scored = engine.map(backtest_queue, tasks)
    done: list[Scores] = []
    failed: dict[str, TableError] = {}
    for number, queue in enumerate(queues):
        if progress:
            progress(f"backtest {queue}", number, len(queues))
        found = next(scored)
        if isinstance(found, TableError):
            failed[queue] = found
        else:
            done.append(found)
    if not done:
        raise TableError([f for error in failed.values() for f in error.findings])
    sums, cuts = (
        pd.concat(tables, ignore_index=True) for tables in zip(*done, strict=True)
    )
    clock.stop("forecast")
    baselines = [model.name for model in BASELINES]
    accuracy = accuracy_table(sums)
    summary = summary_table(sums, baselines, seed=config.seed)
    clock.stop("scores")
    return ForecastBacktest(
        months=tuple(months),
        horizons=horizons,
        models=tuple(model.name for model in chosen),
        accuracy=accuracy,
        summary=summary,
        cuts=cuts,
        failed={queue: str(error) for queue, error in failed.items()},
        warnings=(*past.warnings, *_fewer_cutoffs(accuracy, chosen, len(months))),
        sources=past.sources,
        parameters=config.model_dump(mode="json", by_alias=True),
        fingerprint=_fingerprint(past.sources, first, last, horizons, models),
        timings_s=clock.seconds,
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
    accuracy: pd.DataFrame, models: Sequence[Model], cutoffs: int
) -> list[Finding]:
    """Models without history enough before some month."""
    found = accuracy.groupby("model")["cutoff"].nunique()
    cases = [
        f"{model.name} ({model.min_days} days needed): "
        f"{found.get(model.name, 0)} of {cutoffs} months"
        for model in models
        if found.get(model.name, 0) < cutoffs
    ]
    rule = "models that were not scored from every month, for want of history before it"
    remedy = "Compare them by their gains, which are over the same months."
    return [Finding.of("backtest", rule, cases, remedy)] if cases else []
