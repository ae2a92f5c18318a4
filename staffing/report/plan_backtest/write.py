"""The files of a backtest of plans."""

from __future__ import annotations

import json
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
from staffing.report.month import month_page
from staffing.report.plan_backtest.page import lever_texts, plan_backtest_page
from staffing.report.plan_backtest.summary import shown_goals, summary_table
from staffing.report.waterfall import plot_waterfall
from staffing.report.words import label


def all_tables(result: PlanBacktest) -> dict[str, pd.DataFrame]:
    """The summary, and all other tables by name."""
    return {"summary": summary_table(result), **result.tables()}


def write_plan_backtest(result: PlanBacktest, folder: Path) -> list[Path]:
    """
    Write each table as CSV, backtest.html, month.html, and run.json last.

    The pages are kept: their pictures take longer than all else.

    Raises as :func:`staffing.report.folder.write_files`.
    """
    outputs = {
        f"{name}.csv": csv_bytes(table) for name, table in all_tables(result).items()
    }
    said = json.dumps(result.manifest(outputs), sort_keys=True)
    pages = kept(
        said.encode(),
        lambda: {
            "backtest.html": plan_backtest_page(result),
            "month.html": last_month_page(result),
        },
        code=CODE,
    )
    outputs |= {name: str(page).encode() for name, page in pages.items()}
    manifest = json.dumps(result.manifest(outputs), indent=2, ensure_ascii=False)
    return write_files(folder, {**outputs, MANIFEST: f"{manifest}\n".encode()})


def last_month_page(result: PlanBacktest) -> str:
    """The last of the months for the client, with what moved its KPIs."""
    month, realised, causes = result.months[-1], result.realised, result.causes
    of_all = causes[(causes["queue"] == ALL) & (causes["period"] == month)]
    by_kpi = dict(iter(of_all.groupby("kpi")))
    return month_page(
        month,
        result.kpis,
        realised[PERIODS["month"](realised["interval_start"]) == month],
        result.targets,
        past=result.past,
        declared=result.declared,
        causes=causes,
        pictures={
            f"why {label(kpi)} moved": partial(plot_waterfall, causes=by_kpi[kpi.name])
            for _, kpi in shown_goals(result)
            if kpi.name in by_kpi
        },
        levers=lever_texts(result, ALL),
    )
