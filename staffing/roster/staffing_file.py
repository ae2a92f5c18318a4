"""Read a staffing.csv: who is needed when, by staffcast's plan or another's."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from forecast.errors import TableError
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

NUMBERS = ("offered", "aht_s", "load_erlang", "agents")


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
        Columns are missing, or cells are wrong; every fault with its rows.
    """
    cells, findings = read_text_table(path, Form())
    columns = {column.name: column for column in REQUIREMENT.columns}
    table = Table("staffing", REQUIREMENT.key, (columns["agents"],))
    findings += missing_findings(cells, table, path.name)
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
            bad = numbers.isna() & (cells[name] != "")
            if name == "agents":
                bad = numbers.isna()
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
    if findings:
        raise TableError(findings)
    per_agent = shrinkage.scheduled_per_agent(rows["interval_start"])
    rows = rows.assign(scheduled=rows["agents"] * per_agent, interval_s=interval_s)
    return rows.reset_index(drop=True)
