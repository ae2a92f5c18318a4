"""What every scenario starts from: a plan's inputs and its forecast, kept."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.cache import kept
from forecast.engine import Engine
from forecast.errors import Finding
from forecast.run import QueueForecast
from staffing.config import Config, read_staffed_config
from staffing.inputs import sources_of
from staffing.month import forecast_month, read_known
from staffing.need import Need, need_of
from staffing.packing import finding, packed_forecast, unpacked_forecast
from staffing.patience import Patience
from staffing.plan import Source
from staffing.progress import Progress

CODE = Path(__file__).parents[1]
"""Whose code the kept answers depend on: the whole of staffing's."""


@dataclass(frozen=True, eq=False)
class Base:
    """
    All of a plan before its requirement.

    ``table`` is the plan.toml as written, ``config`` as read; ``usual`` the share of
    callers who hang up, of each queue that knows it; ``warnings`` what was odd in the
    history and the forecast. ``failed`` and ``patience`` are as in the Plan.
    """

    config: Config
    table: Mapping[str, Any]
    folder: Path
    month: str
    forecasts: tuple[QueueForecast, ...]
    failed: Mapping[str, str]
    patience: Mapping[str, Patience]
    usual: Mapping[str, float]
    warnings: tuple[Finding, ...]
    sources: tuple[Source, ...]

    @property
    def span(self) -> tuple[dt.date, dt.date]:
        """First and last date of the plan."""
        return self.config.span(self.month)

    @cached_property
    def need(self) -> Need:
        """The plan's requirement."""
        rules = self.config.rules(self.usual, self.patience)
        return need_of(self.forecasts, rules, self.config.staffing.to_risk())

    @cached_property
    def monthly(self) -> pd.DataFrame:
        """The plan's month totals."""
        return self.need.monthly(self.config.staffing.full_time_h)


def read_base(
    config_path: Path,
    month: str | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> Base:
    """
    Read a plan.toml and forecast its months; kept, until a file of it changes.

    Takes and raises what :func:`staffing.pipeline.plan_month` does.
    """
    config = read_staffed_config(config_path)
    unrostered = config.model_copy(update={"roster": None})
    sources = sources_of(unrostered, config_path)
    found = kept(
        repr((sources, month)).encode(),
        lambda: _made(config_path, month, progress, engine),
        code=CODE,
    )
    volumes = config.volumes.with_file(found["volumes"])
    zone = config.timezone
    return Base(
        config.model_copy(update={"volumes": volumes}),
        tomllib.loads(config_path.read_text("utf-8-sig")),
        config_path.parent,
        found["month"],
        tuple(unpacked_forecast(item, zone) for item in found["forecasts"]),
        found["failed"],
        {pool: Patience(**of) for pool, of in found["patience"].items()},
        found["usual"],
        tuple(finding(item) for item in found["warnings"]),
        sources,
    )


def _made(
    config_path: Path,
    month: str | None,
    progress: Progress | None,
    engine: Engine | None,
) -> dict[str, Any]:
    config, known = read_known(config_path, month, progress=progress, engine=engine)
    made = forecast_month(config, known, progress=progress, engine=engine)
    return {
        "month": known.month,
        "volumes": config.volumes.given,
        "forecasts": [packed_forecast(item) for item in made.queues],
        "failed": made.failed,
        "patience": {pool: of._asdict() for pool, of in known.patience.items()},
        "usual": known.usual,
        "warnings": [asdict(item) for item in made.warnings],
    }
