"""Past months planned as they would have been: would the plans have held?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.engine import Engine, Serial
from forecast.errors import TableError
from forecast.models import MODELS
from staffing.backtest.month import TABLES, MonthBacktest, backtest_month
from staffing.backtest.months import past_months, possible_months
from staffing.backtest.outcomes import Span, by_interval, outcomes
from staffing.backtest.recorded import Recorded, read_recorded, realised_in
from staffing.config import read_staffed_config
from staffing.kpi import Declared, kpi_table, months_met, traffic_lights
from staffing.plan import Source, hashes, versions
from staffing.progress import Progress
from staffing.targets import Targets

GRAINS: tuple[Span, ...] = ("interval", "day", "month", "whole")


@dataclass(frozen=True)
class PlanBacktest:
    """
    How the plans of past months would have done, and what really happened.

    Parameters
    ----------
    months : tuple of str
        The months planned again, YYYY-MM.
    targets : Targets
        What their plans had to reach.
    outcomes : mapping of DataFrame
        By grain (interval, day, month, whole): calls, agent hours and KPIs as planned,
        as replayed (the planned agents with the calls that came) and as realised.
    promises : DataFrame
        Each interval, day and month: how probable it was that its KPIs meet the
        targets, and whether they did.
    costs : DataFrame
        queue, month, plan: agent hours as they are, and at equal service.
    kpis, past : DataFrame
        The table KPI of days, weeks and months, with groups, clients and all; the same
        without plans, of every month of the history.
    realised : DataFrame
        queue, interval_start and the sums of what came in the months.
    declared : sequence of Declared
        KPIs that the history brings.
    causes : DataFrame
        The table CAUSES, with planned and realised values.
    levers : DataFrame
        What would have closed the gap of each cause's worst window, and in words.
    lights, year : DataFrame
        Targets by month in colours, and months met of the last twelve of the history.
    patience : DataFrame
        queue, month, patience_s: how long callers were taken to wait.
    failed : mapping
        The reason for each month and queue that could not be planned.
    """

    months: tuple[str, ...]
    targets: Targets
    outcomes: Mapping[str, pd.DataFrame]
    promises: pd.DataFrame
    costs: pd.DataFrame
    kpis: pd.DataFrame
    past: pd.DataFrame
    realised: pd.DataFrame
    declared: tuple[Declared, ...]
    causes: pd.DataFrame
    levers: pd.DataFrame
    lights: pd.DataFrame
    year: pd.DataFrame
    patience: pd.DataFrame
    failed: Mapping[str, str]
    warnings: tuple[str, ...]
    sources: tuple[Source, ...]
    parameters: Mapping[str, Any]

    @property
    def exit_code(self) -> int:
        """0, or 1 where a queue could not be planned."""
        return int(bool(self.failed))

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name, as they are written."""
        return {
            "plan_backtest": by_interval(
                self.outcomes["interval"],
                self.parameters["interval_s"],
                self.parameters["timezone"],
            ),
            "days": self.outcomes["day"],
            "months": self.outcomes["month"],
            "whole": self.outcomes["whole"],
            "promises": self.promises,
            "costs": self.costs,
            "kpi": self.kpis,
            "causes": self.causes,
            "levers": self.levers,
            "targets": self.lights,
            "months_met": self.year,
            "patience": self.patience,
        }

    def manifest(self, outputs: Mapping[str, bytes]) -> dict[str, Any]:
        """All that is needed to know what was run, on what, with what result."""
        return {
            "versions": versions(),
            "sources": {source.name: source.sha256 for source in self.sources},
            "months": list(self.months),
            "parameters": dict(self.parameters),
            "failed": dict(self.failed),
            "warnings": list(self.warnings),
            "exit_code": self.exit_code,
            "outputs": hashes(outputs),
        }


def recorded_for_plans(
    config_path: Path,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Recorded:
    """The history that :func:`backtest_plans` is about; raises as it does."""
    config = read_staffed_config(config_path)
    return read_recorded(config, config_path, engine, progress)


def backtest_plans(
    config_path: Path,
    *,
    first: str | None = None,
    last: str | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
    past: Recorded | None = None,
) -> PlanBacktest:
    """
    Plan the past months of a plan.toml's history again, and hold them against it.

    Parameters
    ----------
    config_path : Path
        The plan.toml; its paths are relative to it.
    first, last : str, optional
        First and last month, YYYY-MM; by default the last twelve that can be.
    progress : callable, optional
        Told of each month as it is begun.
    engine : Engine, optional
        Where files are read, queues forecast and pools met with what came; by default
        here, one after the other.
    past : Recorded, optional
        What the configuration's history is, where it has been read already.

    Raises
    ------
    ConfigError
        The configuration is wrong, or there is no such month.
    TableError
        The history is wrong, or too short.
    """
    engine = engine or Serial()
    past = past or recorded_for_plans(config_path, engine, progress)
    config = past.config
    least = MODELS[config.forecast.model].min_days
    months = past_months(past, least, first, last)
    found: dict[str, MonthBacktest] = {}
    failed: dict[str, TableError] = {}
    for number, month in enumerate(months):
        if progress:
            progress(f"backtest of {month}", number, len(months))
        try:
            found[month] = backtest_month(past, month, engine=engine)
        except TableError as error:
            failed[month] = error
    if not found:
        raise TableError([f for error in failed.values() for f in error.findings])
    months = list(found)
    stacked = {
        name: pd.concat(
            [getattr(each, name).assign(month=month) for month, each in found.items()],
            ignore_index=True,
        )
        for name in TABLES
    }
    targets = config.to_targets()
    units = {**config.groups, **config.clients}
    realised, earlier = realised_in(past, months, engine)
    sides = {
        "planned": stacked["planned"],
        "replayed": stacked["replayed"],
        "realised": realised.merge(
            stacked["planned"][["queue", "interval_start"]],
            on=["queue", "interval_start"],
        ),
    }
    kpis = kpi_table(
        stacked["planned"],
        realised,
        sl_rule=targets.sl_rule,
        units=units,
        declared=config.declared(),
    )
    year = kpi_table(
        None,
        earlier,
        sl_rule=targets.sl_rule,
        grains=("month",),
        units=units,
        declared=config.declared(),
    )
    whole = possible_months(past, 0)
    year = year[year["period"].isin([m for m in whole if m <= months[-1]])]
    lights = traffic_lights(year, targets, config.declared())
    return PlanBacktest(
        months=tuple(months),
        targets=targets,
        outcomes={
            grain: outcomes(sides, grain=grain, sl_rule=targets.sl_rule, units=units)
            for grain in GRAINS
        },
        promises=stacked["promises"],
        costs=stacked["costs"],
        kpis=kpis,
        past=year,
        realised=sides["realised"],
        declared=config.declared(),
        causes=stacked["causes"].drop(columns="month"),
        levers=stacked["levers"],
        lights=lights,
        year=months_met(lights, targets),
        patience=stacked["patience"],
        failed={month: str(error) for month, error in failed.items()}
        | {
            f"{month} {queue}": reason
            for month, each in found.items()
            for queue, reason in each.failed.items()
        },
        warnings=tuple(
            dict.fromkeys(
                [
                    *map(str, past.warnings),
                    *(text for each in found.values() for text in each.warnings),
                ]
            )
        ),
        sources=past.sources,
        parameters=config.model_dump(mode="json", by_alias=True),
    )
