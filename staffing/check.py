"""A history held against what a plan needs of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.acd.generic import read_history_csv
from forecast.errors import ConfigError, Finding
from forecast.models import MODELS
from forecast.run import length_findings
from forecast.tables import Form
from staffing.config import read_config
from staffing.config.values import Interval, check_zone
from staffing.inputs import on_grid, read_rows, with_volumes


@dataclass(frozen=True)
class Checked:
    """One row a queue, and what is odd."""

    queues: pd.DataFrame
    warnings: tuple[Finding, ...]


def check_history(
    path: Path, config_path: Path | None, *, timezone: str | None, interval_s: int
) -> Checked:
    """
    Read a history as a plan would, and sum it up.

    Without a config, opening hours are not known: rows are taken as they are.

    Raises
    ------
    ConfigError, TableError
        As :func:`staffing.pipeline.plan_month`.
    """
    if config_path is not None:
        config = read_config(config_path)
        rows = read_rows(config, path)
        with_volumes(config, config_path.parent, set(rows.frame["queue"]))
        last = rows.frame["interval_start"].max().date()
        known = on_grid(config, rows, last, path.name)
        short = [
            finding
            for queue in sorted(rows.frame["queue"].unique())
            for finding in length_findings(known, queue, MODELS[config.forecast.model])
        ]
        return Checked(sums(known.frame), (*known.warnings, *short))
    zone = checked_clock(timezone, interval_s)
    reading = read_history_csv(path, Form(), zone=zone, interval_s=interval_s)
    return Checked(sums(reading.frame), reading.warnings)


def cases_of(findings: Iterable[Finding], level: str) -> pd.DataFrame:
    """Every case that findings keep, one a row; "error" or "warning" is the level."""
    rows = [
        (level, case, finding.rule, finding.remedy)
        for finding in findings
        for case in finding.cases or ("",)
    ]
    return pd.DataFrame(rows, columns=["level", "case", "rule", "remedy"])


def checked_clock(timezone: str | None, interval_s: int) -> ZoneInfo | None:
    """The zone that the command line declares, or ConfigError."""
    if interval_s not in get_args(Interval):
        raise ConfigError(
            f"--interval-s: must be 900, 1800, 3600 or 86400, not {interval_s}."
        )
    try:
        return ZoneInfo(check_zone(timezone)) if timezone else None
    except ValueError as error:
        raise ConfigError(f"--timezone: {error}.") from error


def sums(frame: pd.DataFrame) -> pd.DataFrame:
    """A history's rows, calls and handle time, one row a queue."""
    rows = []
    for queue, part in frame.groupby("queue", sort=True):
        handled = part.get("handled", part["offered"]).fillna(part["offered"])
        aht_s = part.get("aht_s", pd.Series(np.nan, index=part.index))
        timed = handled[aht_s.notna()].sum()
        rows.append(
            {
                "queue": queue,
                "intervals": len(part),
                "missing": int(part["offered"].isna().sum()),
                "first": f"{part['interval_start'].min():%Y-%m-%d %H:%M}",
                "last": f"{part['interval_start'].max():%Y-%m-%d %H:%M}",
                "offered": part["offered"].sum(),
                "aht_s": (aht_s * handled).sum() / timed if timed else np.nan,
            }
        )
    return pd.DataFrame(rows)
