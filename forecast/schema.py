"""The tables that pass between steps, and the checks at their doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecast import columns as c
from forecast.errors import SHOWN, Finding, TableError

LONGEST_SHOWN = 60
"""Characters of a cell that an error shows at most."""


@dataclass(frozen=True)
class Table:
    """A table: its key, the columns that must be there and those that may."""

    name: str
    key: tuple[c.Column, ...]
    required: tuple[c.Column, ...]
    optional: tuple[c.Column, ...] = ()
    counts: tuple[c.Column, ...] = ()

    @property
    def columns(self) -> tuple[c.Column, ...]:
        """All columns in their order."""
        return self.key + self.required + self.optional


HISTORY = Table(
    "history",
    key=(c.QUEUE, c.INTERVAL_START),
    required=(c.OFFERED,),
    optional=(
        c.HANDLED,
        c.ABANDONED,
        c.SHORT_ABANDONED,
        c.ANSWERED_WITHIN,
        c.AHT_S,
        c.ASA_S,
        c.ABANDON_WAIT_S,
        c.AGENTS,
    ),
    counts=(c.OFFERED, c.HANDLED, c.ABANDONED, c.SHORT_ABANDONED, c.ANSWERED_WITHIN),
)
FORECAST = Table(
    "forecast",
    key=(c.QUEUE, c.INTERVAL_START, c.MODEL),
    required=(c.INTERVAL_S, c.OFFERED, c.OFFERED_P10, c.OFFERED_P90, c.AHT_S),
)


def forecast_table(quantiles: Sequence[float]) -> Table:
    """The forecast table with these quantiles beside its own."""
    ours = {column.name for column in FORECAST.columns}
    more = {column.name: column for column in map(c.quantile, sorted(quantiles))}
    optional = tuple(column for name, column in more.items() if name not in ours)
    return replace(FORECAST, optional=optional)


REQUIREMENT = Table(
    "requirement",
    key=(c.QUEUE, c.INTERVAL_START),
    required=(
        c.INTERVAL_S,
        c.OPEN,
        c.OFFERED,
        c.OFFERED_P10,
        c.OFFERED_P90,
        c.AHT_S,
        c.LOAD_ERLANG,
        c.AGENTS,
        c.SCHEDULED,
        c.SERVICE_LEVEL,
        c.ASA_S,
        c.OCCUPANCY,
        c.ABANDON_RATE,
        c.BINDING,
    ),
)
MONTHLY = Table(
    "monthly",
    key=(c.QUEUE, c.MONTH),
    required=(
        c.OFFERED,
        c.OFFERED_P10,
        c.OFFERED_P90,
        c.LAST_YEAR,
        c.GROWTH,
        c.OFFERED_FORECAST,
        c.OFFERED_GIVEN,
        c.AHT_S,
        c.AGENT_HOURS,
        c.PAID_HOURS,
        c.FTE,
    ),
)
VOLUMES = Table("volumes", key=(c.QUEUE, c.MONTH), required=(c.OFFERED,))

ACCURACY = Table(
    "accuracy",
    key=(c.QUEUE, c.CUTOFF, c.MODEL, c.GRAIN, c.HORIZON),
    required=(
        c.POINTS,
        c.OFFERED,
        c.WAPE,
        c.BIAS,
        c.MASE,
        c.PINBALL,
        c.INTERVAL_COVERAGE,
        c.INTERVAL_COVERAGE_95,
        c.NOISE_FLOOR,
        c.WAPE_DAY_KNOWN,
    ),
)

KPI = Table(
    "kpi",
    key=(c.QUEUE, c.PERIOD, c.KPI),
    required=(c.PLANNED, c.REALISED, c.GAP),
)
CAUSES = Table("causes", key=(*KPI.key, c.CAUSE), required=(c.EFFECT,))
PLAN_BACKTEST = Table(
    "plan_backtest",
    key=(c.QUEUE, c.CUTOFF, c.INTERVAL_START),
    required=(
        c.PLANNED_OFFERED,
        c.PLANNED_AHT_S,
        c.PLANNED_AGENTS,
        c.PLANNED_SERVICE_LEVEL,
        c.PLANNED_ASA_S,
        c.PLANNED_ABANDON_RATE,
        c.OFFERED,
        c.AHT_S,
        c.AGENTS,
        c.SERVICE_LEVEL,
        c.ASA_S,
        c.ABANDON_RATE,
        c.REPLAYED_SERVICE_LEVEL,
        c.REPLAYED_ASA_S,
        c.REPLAYED_ABANDON_RATE,
    ),
)
TRACK = Table(
    "track",
    key=(c.QUEUE, c.INTERVAL_START),
    required=(
        c.PLANNED_OFFERED,
        c.OFFERED,
        c.EXPECTED_OFFERED,
        c.OFFERED_P10,
        c.OFFERED_P90,
        c.PLANNED_AHT_S,
        c.AHT_S,
        c.EXPECTED_AHT_S,
        c.PLANNED_AGENTS,
        c.AGENTS,
        c.NEEDED_AGENTS,
        c.NET,
        c.PLANNED_SERVICE_LEVEL,
        c.SERVICE_LEVEL,
        c.EXPECTED_SERVICE_LEVEL,
        c.CORRECTED_SERVICE_LEVEL,
    ),
)

AGENTS = Table(
    "agents",
    key=(c.AGENT_ID,),
    required=(c.CONTRACT, c.GROUPS),
    optional=(c.BANDS, c.FROM, c.TO, c.COST_PER_HOUR),
)
ABSENCES = Table(
    "absences", key=(c.AGENT_ID, c.DATE), required=(c.KIND,), optional=(c.PAID_MIN,)
)
REQUESTS = Table(
    "requests", key=(c.AGENT_ID, c.DATE), required=(c.WISH,), optional=(c.WEIGHT,)
)
ROSTER = Table(
    "roster",
    key=(c.AGENT_ID, c.START),
    required=(
        c.DATE,
        c.END,
        c.BREAKS,
        c.PAID_MIN,
        c.CONTRACT,
        c.GROUP,
        c.ACTIVITY,
    ),
)
COVER = Table(
    "cover",
    key=(c.QUEUE, c.INTERVAL_START),
    required=(c.SCHEDULED, c.ROSTERED, c.NET),
)


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


def value_findings(frame: pd.DataFrame, table: Table, where: str) -> list[Finding]:
    """Empty keys, values out of bounds, counts that are not whole."""
    findings = []
    for column in table.columns:
        if column.name not in frame:
            continue
        values = frame[column.name]
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
                "Correct it, or leave the cell empty where nothing is known.",
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


def duplicate_findings(frame: pd.DataFrame, table: Table, where: str) -> list[Finding]:
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
            "Add the rows up, or drop the copies, before reading the file again.",
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


def _bounds(column: c.Column) -> str:
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
    shown = values[bad].head(SHOWN)
    cases = [f"row {row}{_in_brackets(value)}" for row, value in shown.items()]
    return [Finding.of(where, rule, cases, remedy, count=int(bad.sum()))]


def _in_brackets(value: object) -> str:
    """A cell, a long one cut short; nothing for an unknown number."""
    if isinstance(value, float):
        return "" if np.isnan(value) else f" ({value:.12g})"
    text = str(value)
    more = "…" if len(text) > LONGEST_SHOWN else ""
    return f" ({text[:LONGEST_SHOWN]!r}{more})"
