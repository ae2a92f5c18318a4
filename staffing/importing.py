"""An ACD's export as the history table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from forecast.acd.generic import Reading
from forecast.acd.profiles import OF_CALLS, PROFILES, QUEUE_LOG, read_export
from forecast.errors import ConfigError, Finding, TableError
from forecast.schema import HISTORY
from staffing.check import checked_clock, sums
from staffing.config import read_config
from staffing.config.values import check_profile
from staffing.inputs import read_file

INTERVAL_S = 1800
"""Where nothing else is declared. [s]"""


@dataclass(frozen=True)
class Imported:
    """A history, in order of queue and time, one row a queue of it, and oddities."""

    history: pd.DataFrame
    queues: pd.DataFrame
    warnings: tuple[Finding, ...]


@dataclass(frozen=True)
class Declared:
    """What the command line declares of a file; None: nothing."""

    profile: str | None = None
    timezone: str | None = None
    interval_s: int | None = None
    threshold_s: float | None = None
    queue: str | None = None
    sheet: str | None = None


def import_export(
    path: Path, declared: Declared, config_path: Path | None = None
) -> Imported:
    """
    Read an export in the form that the command line or a plan.toml declares.

    Raises
    ------
    ConfigError
        Neither or both declare it, or one is wrong.
    TableError
        The file is wrong; every fault with its rows.
    """
    if config_path is None:
        reading = _as_declared(path, declared)
    elif declared != Declared():
        raise ConfigError(
            "--config declares how to read the file: leave --from, --timezone, "
            "--interval-s, --threshold-s, --queue and --sheet out."
        )
    else:
        config = read_config(config_path)
        reading = read_file(config, path, config.form())
    frame = reading.frame.sort_values(["queue", "interval_start"], ignore_index=True)
    counts = [column.name for column in HISTORY.counts if column.name in frame]
    history = frame.astype(dict.fromkeys(counts, "Int64"))
    return Imported(history, sums(frame), reading.warnings)


def _as_declared(path: Path, declared: Declared) -> Reading:
    if declared.profile is None:
        raise ConfigError(
            f"--from must name a profile ({', '.join(PROFILES)}), or --config a "
            "plan.toml that declares the form."
        )
    try:
        form = PROFILES[check_profile(declared.profile)]
    except ValueError as error:
        raise ConfigError(f"--from: {error}.") from error
    if declared.threshold_s is not None and form.profile not in OF_CALLS:
        raise ConfigError(
            f"--threshold-s counts single calls ({', '.join(OF_CALLS)}): "
            f"{form.profile} has counted them."
        )
    if declared.queue is not None and form.profile == QUEUE_LOG:
        raise ConfigError(f"--queue must be left out: {QUEUE_LOG} names its queues.")
    interval_s = declared.interval_s or INTERVAL_S
    zone = checked_clock(declared.timezone, interval_s)
    try:
        return read_export(
            path,
            replace(form, sheet=declared.sheet),
            zone=zone,
            interval_s=interval_s,
            queue=declared.queue,
            threshold_s=declared.threshold_s,
        )
    except TableError as error:
        where_to = _where_to_declare(str(error), path.name, form.profile)
        raise TableError([*error.findings, *where_to]) from error


def _where_to_declare(said: str, where: str, profile: str) -> list[Finding]:
    """Where what has been asked for is declared, as there is no plan.toml yet."""
    said = said.replace("[format] sheet", "sheet")
    tables = any(name in said for name in ("[columns]", "[format]", "[rows]"))
    remedy = (
        f'Write one with profile = "{profile}" at its top, and give --config plan.toml '
        "instead of --from."
    )
    places = {
        "[columns], [format] and [rows] are tables of a plan.toml": (tables, remedy),
        "the option for interval_s is --interval-s": ("Declare interval_s" in said, ""),
        "the option for timezone is --timezone": ("timezone =" in said, ""),
        "the option for sheet is --sheet": ("Declare it: sheet" in said, ""),
    }
    return [
        Finding(where, rule, (), 0, remedy)
        for rule, (asked, remedy) in places.items()
        if asked
    ]
