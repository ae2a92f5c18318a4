"""A history held against what a plan needs of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.acd.generic import read_history_csv
from forecast.errors import ConfigError, Finding
from forecast.tables import Form
from staffing.config import read_config
from staffing.config.parts import check_zone
from staffing.pipeline import read_history


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
        known = read_history(read_config(config_path), path)
        return Checked(_sums(known.frame), known.warnings)
    try:
        zone = ZoneInfo(check_zone(timezone)) if timezone else None
    except ValueError as error:
        raise ConfigError(f"--timezone: {error}.") from error
    reading = read_history_csv(path, Form(), zone=zone, interval_s=interval_s)
    return Checked(_sums(reading.frame), reading.warnings)


def _sums(frame: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for queue, part in frame.groupby("queue", sort=True):
        handled = part.get("handled", part["offered"]).fillna(0.0)
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
