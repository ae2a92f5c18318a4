"""The files of a backtest of plans."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import pandas as pd

from forecast.cache import kept
from forecast.tables import csv_bytes
from staffing.backtest import PlanBacktest
from staffing.backtest.month import CODE
from staffing.kpi import ALL
from staffing.kpi.compare import PERIODS
from staffing.report.folder import MANIFEST, write_files
from staffing.report.formats import json_text
from staffing.report.month import month_page
from staffing.report.plan_backtest.page import lever_texts, plan_backtest_page
from staffing.report.plan_backtest.summary import (
    queues_of,
    shown_goals,
    summary_table,
)
from staffing.report.waterfall import plot_waterfall
from staffing.report.words import label

LONGEST = 60
"""Of a client's name in that of its file."""


def all_tables(result: PlanBacktest) -> dict[str, pd.DataFrame]:
    """The summary, and all other tables by name."""
    return {"summary": summary_table(result), **result.tables()}


def write_plan_backtest(result: PlanBacktest, folder: Path) -> list[Path]:
    """
    Write each table as CSV, backtest.html, month.html, and run.json last.

    Each client has a month-CLIENT.html, with nothing of the others. The pages are
    kept: their pictures take longer than all else.

    Raises as :func:`staffing.report.folder.write_files`.
    """
    outputs = {
        f"{name}.csv": csv_bytes(table) for name, table in all_tables(result).items()
    }
    said = json_text(result.manifest(outputs))
    pages = kept(
        said.encode(),
        lambda: {
            "backtest.html": plan_backtest_page(result),
            **month_pages(result),
        },
        code=CODE,
    )
    outputs |= {name: str(page).encode() for name, page in pages.items()}
    manifest = json_text(result.manifest(outputs))
    return write_files(folder, {**outputs, MANIFEST: manifest.encode()})


def month_pages(result: PlanBacktest) -> dict[str, str]:
    """The last month for everybody, and for each client that has calls in it."""
    kpis, month = result.kpis, result.months[-1]
    known = set(kpis.loc[kpis["period"] == month, "queue"])
    clients = [name for name in result.parameters["clients"] if name in known]
    names = {"month.html": ALL, **_files_of(clients)}
    return {name: last_month_page(result, unit) for name, unit in names.items()}


def _files_of(clients: Iterable[str]) -> dict[str, str]:
    """Each client by the name of its file: letters, digits and hyphens, once each."""
    found: dict[str, str] = {}
    for client in clients:
        plain = unicodedata.normalize("NFKD", client).encode("ascii", "ignore").decode()
        name = re.sub(r"[^A-Za-z0-9]+", "-", plain)[:LONGEST].strip("-") or "client"
        taken, number, free = {file.lower() for file in found}, 1, f"month-{name}.html"
        while free.lower() in taken:
            number += 1
            free = f"month-{name}-{number}.html"
        found[free] = client
    return found


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
