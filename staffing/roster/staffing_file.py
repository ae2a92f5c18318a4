"""Read a staffing.csv: who is needed when, by staffcast's plan or another's."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from forecast.errors import Finding, TableError
from forecast.schema import (
    REQUIREMENT,
    Table,
    duplicate_findings,
    missing_findings,
    row_findings,
    value_findings,
)
from forecast.tables import Form, parse_numbers, read_text_table
from staffing.roster.table import local_times
from staffing.shrinkage import Shrinkage

OF_CALLS = ("aht_s", "load_erlang")
"""Blank where nobody calls."""
NUMBERS = ("interval_s", "offered", *OF_CALLS, "agents")


def read_staffing(
    path: Path, *, timezone: str, interval_s: int, shrinkage: Shrinkage
) -> pd.DataFrame:
    """
    The rows of a requirement, as far as a roster asks for them.

    It has queue, interval_start and agents at least; every row is ``open`` where the
    file does not say. ``scheduled`` follows from the shrinkage of the team that is to
    be rostered, whatever the file has. Columns that it lacks, and a roster can do
    without, are not in the table; others are left aside. Times without an offset are
    local.

    Raises
    ------
    TableError
        Columns or rows are missing, cells are wrong, or the intervals are not of
        ``interval_s``; every fault with its rows.
    """
    cells, findings = read_text_table(path, Form())
    columns = {column.name: column for column in REQUIREMENT.columns}
    table = Table("staffing", REQUIREMENT.key, (columns["agents"],))
    findings += missing_findings(cells, table, path.name)
    if cells.empty:
        findings.append(Finding(path.name, "it must have rows, but has none", (), 0))
    if findings:
        raise TableError(findings)
    rows = pd.DataFrame({"queue": cells["queue"]}, index=cells.index)
    rows["interval_start"], bad = local_times(
        cells["interval_start"], ZoneInfo(timezone)
    )
    rule = (
        "interval_start must be a time, such as 2026-12-01T08:00, that the clock of "
        f"{timezone} shows once, but is not"
    )
    findings += row_findings(path.name, rule, bad, cells["interval_start"])
    for name in NUMBERS:
        if name in cells:
            numbers = parse_numbers(cells[name], Form(), counts=False).number
            rule = f"{name} must be a number, but is not"
            bad = numbers.isna()
            if name in OF_CALLS:
                bad &= cells[name] != ""
            findings += row_findings(path.name, rule, bad, cells[name])
            rows[name] = numbers
    rows["open"] = True
    if "open" in cells:
        rule = "open must be true or false, but is not"
        bad = ~cells["open"].isin(["true", "false"])
        findings += row_findings(path.name, rule, bad, cells["open"])
        rows["open"] = cells["open"] == "true"
    if not findings:
        known = tuple(columns[name] for name in NUMBERS if name in rows)
        checked = Table("staffing", REQUIREMENT.key, known)
        findings += value_findings(rows, checked, path.name)
        findings += duplicate_findings(rows, checked, path.name)
        findings += _call_findings(rows, path.name)
        findings += _interval_findings(rows, interval_s, path.name)
    if findings:
        raise TableError(findings)
    per_agent = shrinkage.scheduled_per_agent(rows["interval_start"])
    rows = rows.assign(scheduled=rows["agents"] * per_agent, interval_s=interval_s)
    return rows.reset_index(drop=True)


def _call_findings(rows: pd.DataFrame, where: str) -> list[Finding]:
    """Rows with calls whose handle time or load is blank."""
    findings: list[Finding] = []
    for name in OF_CALLS:
        if {"offered", name} <= set(rows):
            rule = f"{name} must be known where calls are offered, but is not"
            bad = rows[name].isna() & (rows["offered"] > 0)
            remedy = "Fill it in, or leave the column out."
            findings += row_findings(where, rule, bad, rows[name], remedy)
    return findings


def _interval_findings(
    rows: pd.DataFrame, interval_s: int, where: str
) -> list[Finding]:
    """Rows that are not of the configuration's intervals, finer or coarser."""
    starts, remedy = rows["interval_start"], "Set interval_s in the configuration."
    rule = f"intervals must start at whole {interval_s} s of the clock, but do not"
    past_hour_s = starts.dt.minute * 60 + starts.dt.second
    findings = row_findings(where, rule, past_hour_s % interval_s > 0, starts, remedy)
    if "interval_s" in rows:
        rule = f"interval_s must be {interval_s}, as in the configuration, but is not"
        bad = rows["interval_s"] != interval_s
        return findings + row_findings(where, rule, bad, rows["interval_s"], remedy)
    step_s = starts.sort_values().groupby(rows["queue"]).diff().dt.total_seconds()
    if step_s.min() > interval_s:
        rule = (
            f"intervals must follow each other after {interval_s} s, but none is less "
            f"than {step_s.min():.0f} s after another"
        )
        findings.append(Finding(where, rule, (), 0, remedy))
    return findings
