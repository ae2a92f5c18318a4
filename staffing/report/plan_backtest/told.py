"""What is written and said of a backtest of plans: made once for the same inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.cache import kept
from forecast.engine import Engine
from forecast.tables import csv_bytes
from staffing.backtest import PlanBacktest, Recorded, backtest_plans
from staffing.config import read_staffed_config
from staffing.inputs import check_unchanged, sources_of
from staffing.kpi import ALL
from staffing.kpi.compare import PERIODS
from staffing.month import Clock
from staffing.packing import packed
from staffing.plan import cost, fingerprint
from staffing.progress import Progress
from staffing.report.folder import MANIFEST, write_files
from staffing.report.formats import json_text
from staffing.report.month import month_page
from staffing.report.names import file_names
from staffing.report.plan_backtest.page import lever_texts, plan_backtest_page
from staffing.report.plan_backtest.summary import (
    failures,
    headlines,
    queues_of,
    shown_goals,
    summary_table,
)
from staffing.report.waterfall import plot_waterfall
from staffing.report.words import label


@dataclass(frozen=True)
class Told:
    """
    A backtest of plans as it is told.

    ``files``: the text of each by name; ``facts``: the manifest, but for what this
    run took; ``everything``: all tables and words as JSON; the rest are sentences.
    """

    months: list[str]
    files: dict[str, str]
    facts: dict[str, Any]
    summary: pd.DataFrame
    everything: str
    warnings: list[str]
    failures: list[str]
    headlines: list[str]
    exit_code: int
    timings_s: Mapping[str, float]


def told_plans(
    config_path: Path,
    *,
    first: str | None = None,
    last: str | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
    past: Recorded | None = None,
) -> Told:
    """
    The backtest of plans that was asked for, as it is told; kept.

    Parameters and errors as :func:`staffing.backtest.backtest_plans`.
    """
    clock = Clock()
    config = read_staffed_config(config_path)
    sources = past.sources if past else sources_of(config, config_path)

    def answer() -> dict[str, Any]:
        result = backtest_plans(
            config_path,
            first=first,
            last=last,
            progress=progress,
            engine=engine,
            past=past,
        )
        check_unchanged(sources, result.sources, config_path.name)
        told = told_of(result)
        return {**vars(told), "summary": packed(told.summary)}

    same = fingerprint(f"plans {first} {last}", sources)
    found = kept(same.encode(), answer)
    found["facts"]["fingerprint"] = same
    clock.stop("backtest")
    summary = pd.DataFrame(found["summary"])
    return Told(**{**found, "summary": summary, "timings_s": clock.seconds})


def told_of(result: PlanBacktest) -> Told:
    """
    What is written and said of a backtest of plans.

    Each table is a CSV file; each client has a month-CLIENT.html beside month.html,
    with nothing of the others.
    """
    summary = summary_table(result)
    tables = {"summary": summary, **result.tables()}
    files = {f"{name}.csv": csv_bytes(table).decode() for name, table in tables.items()}
    files |= {"backtest.html": plan_backtest_page(result), **month_pages(result)}
    outputs = {name: text.encode() for name, text in files.items()}
    said = headlines(result)
    words = {
        "failed": dict(result.failed),
        "warnings": list(result.warnings),
        "headlines": said,
    }
    return Told(
        months=list(result.months),
        files=files,
        facts=result.manifest(outputs),
        summary=summary,
        everything=json_text({**tables, **words}),
        warnings=list(result.warnings),
        failures=[f"{text} {why}" for why, text in failures(result).items()],
        headlines=said,
        exit_code=result.exit_code,
        timings_s={},
    )


def write_told(told: Told, folder: Path) -> list[Path]:
    """
    Write the files of a backtest of plans, and run.json last.

    Raises as :func:`staffing.report.folder.write_files`.
    """
    manifest = json_text({**told.facts, **cost(told.timings_s)})
    texts = {**told.files, MANIFEST: manifest}
    return write_files(folder, {name: text.encode() for name, text in texts.items()})


def month_pages(result: PlanBacktest) -> dict[str, str]:
    """The last month for everybody, and for each client that has calls in it."""
    kpis, month = result.kpis, result.months[-1]
    known = set(kpis.loc[kpis["period"] == month, "queue"])
    clients = [name for name in result.parameters["clients"] if name in known]
    names = {"month.html": ALL, **file_names(clients, "month-{}.html", "client")}
    return {name: last_month_page(result, unit) for name, unit in names.items()}


def last_month_page(result: PlanBacktest, unit: str = ALL) -> str:
    """The last of the months of a unit and its queues, with what moved its KPIs."""
    month, realised, causes = result.months[-1], result.realised, result.causes
    shown = queues_of(result, unit)
    of_unit = causes[(causes["queue"] == unit) & (causes["period"] == month)]
    by_kpi = dict(iter(of_unit.groupby("kpi")))
    of_month = PERIODS["month"](realised["interval_start"]) == month
    return month_page(
        month,
        result.kpis[result.kpis["queue"].isin(shown)],
        realised[of_month & realised["queue"].isin(shown)],
        result.targets,
        past=result.past,
        unit=unit,
        declared=result.declared,
        causes=causes,
        pictures={
            f"why {label(kpi)} moved": partial(plot_waterfall, causes=by_kpi[kpi.name])
            for _, kpi in shown_goals(result)
            if kpi.name in by_kpi
        },
        levers=lever_texts(result, unit),
    )
