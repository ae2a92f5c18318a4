"""What is wrong with a table, by its rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from forecast.columns.column import Column
from forecast.errors import KEPT, ODD_SIGNS, Finding, TableError
from forecast.schema.table import Table

LONGEST_SHOWN = 60
"""Characters of a cell that an error shows at most."""


def check_table(frame: pd.DataFrame, table: Table, where: str) -> pd.DataFrame:
    """
    The frame with the table's columns in their order, or every fault at once.

    Parameters
    ----------
    frame : DataFrame
        Parsed values; the index numbers the rows as the reader knows them.
    table : Table
        What must hold.
    where : str
        What the rows are called in errors, mostly a file's name.

    Raises
    ------
    TableError
        With one finding for each rule that is broken.
    """
    findings = [
        *missing_findings(frame, table, where),
        *value_findings(frame, table, where),
        *duplicate_findings(frame, table, where),
    ]
    if findings:
        raise TableError(findings)
    present = [col.name for col in table.columns if col.name in frame]
    return frame[present]


def missing_findings(
    frame: pd.DataFrame, table: Table, where: str, remedy: str = ""
) -> list[Finding]:
    """The columns that the table needs and the frame lacks."""
    needed = [col.name for col in table.key + table.required]
    missing = [name for name in needed if name not in frame]
    rule = (
        f"the {table.name} table must have the columns {', '.join(needed)}, but lacks"
    )
    return [Finding.of(where, rule, missing, remedy)] if missing else []


def value_findings(
    frame: pd.DataFrame,
    table: Table,
    where: str,
    remedies: Mapping[str, str] | None = None,
) -> list[Finding]:
    """
    Empty keys, values out of bounds, counts that are not whole.

    ``remedies`` are those of columns out of bounds, where they are special.
    """
    usual = "Correct it, or leave the cell empty where nothing is known."
    findings = []
    for column in table.columns:
        if column.name not in frame:
            continue
        values = frame[column.name]
        if column.kind == "text":
            findings += odd_findings(where, column.name, values)
        if column in table.key:
            findings += row_findings(
                where,
                f"{column.name} must not be empty, but is",
                values.isna(),
                values,
                "Fill it in, or drop the rows.",
            )
        elif column.kind in ("float64", "int64"):
            below = values < (-np.inf if column.low is None else column.low)
            above = values > (np.inf if column.high is None else column.high)
            findings += row_findings(
                where,
                f"{column.name} must be {_bounds(column)}, but is not",
                below | above,
                values,
                (remedies or {}).get(column.name, usual),
            )
    for column in table.counts:
        if column.name in frame:
            values = frame[column.name]
            findings += row_findings(
                where,
                f"{column.name} counts {column.unit}: it must be whole, but is not",
                values.notna() & (values >= 0) & (values % 1 != 0),
                values,
                "If the point separates thousands, say so: "
                '[format] thousands = ".", decimal = ","',
            )
    return findings


def odd_findings(where: str, name: str, values: pd.Series) -> list[Finding]:
    """Rows whose text has signs that are not seen, or turn the text around."""
    odd = [text for text in values.dropna().unique() if ODD_SIGNS.search(text)]
    rule = f"{name} must have no control characters nor direction marks, but has"
    return row_findings(where, rule, values.isin(odd), values, "Take them out.")


def duplicate_findings(
    frame: pd.DataFrame,
    table: Table,
    where: str,
    remedy: str = "Add the rows up, or drop the copies, before reading the file again.",
) -> list[Finding]:
    """Rows that repeat a key."""
    names = [col.name for col in table.key]
    if not set(names) <= set(frame.columns):
        return []
    known = frame[frame[names].notna().all(axis="columns")]
    repeated = known.duplicated(names, keep=False)
    if not repeated.any():
        return []
    by = names if len(names) > 1 else names[0]
    groups = known[repeated].groupby(by, sort=False)
    cases = [
        f"{'rows ' + ', '.join(str(row) for row in rows)} ({describe_key(key)})"
        for key, rows in groups.groups.items()
    ]
    return [
        Finding.of(
            where,
            f"each {', '.join(names)} must appear once, but {int(repeated.sum())} of "
            f"{len(frame)} rows repeat one",
            cases,
            remedy,
        )
    ]


def describe_key(key: object) -> str:
    """A key in words, its times to the minute with their offset."""
    parts = key if isinstance(key, tuple) else (key,)
    return " at ".join(
        part.strftime("%Y-%m-%d %H:%M %Z")
        if isinstance(part, pd.Timestamp)
        else str(part)
        for part in parts
    )


def _bounds(column: Column) -> str:
    if column.low is not None and column.high is not None:
        return f"between {column.low:,.12g} and {column.high:,.12g}"
    if column.low is not None:
        return f"{column.low:,.12g} or more"
    return f"{column.high:,.12g} or less"


def row_findings(
    where: str,
    rule: str,
    bad: pd.Series,
    values: pd.Series,
    remedy: str = "",
) -> list[Finding]:
    """A finding for the rows where ``bad`` holds, none where it holds nowhere."""
    if not bad.any():
        return []
    kept = values[bad].head(KEPT)
    cases = [f"row {row}{_in_brackets(value)}" for row, value in kept.items()]
    return [Finding.of(where, rule, cases, remedy, count=int(bad.sum()))]


def _in_brackets(value: object) -> str:
    """A cell, a long one cut short; nothing for an unknown number."""
    if isinstance(value, float):
        return "" if np.isnan(value) else f" ({value:.12g})"
    text = str(value)
    more = "…" if len(text) > LONGEST_SHOWN else ""
    return f" ({text[:LONGEST_SHOWN]!r}{more})"
