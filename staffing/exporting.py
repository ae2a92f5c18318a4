"""
The forecast of a plan, written as workforce management tools import it.

Columns are those of Genesys Cloud's template of forecasts, of Amazon Connect's
"Override a forecast", and of Calabrio's forecast files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.acd.numbers import read_numbers
from forecast.errors import ConfigError, Finding, TableError
from forecast.schema import (
    FORECAST,
    Table,
    check_table,
    missing_findings,
    row_findings,
)
from forecast.tables import Form, csv_bytes, parse_times, read_text_table
from staffing.report.workbook import sheet_bytes

FILE = "forecast.csv"
READ = Table("forecast", FORECAST.key[:2], FORECAST.required)
DURATIONS = {900: "15mins", 1800: "30mins"}


@dataclass(frozen=True)
class Exported:
    """A file's bytes, and what its reader must be told."""

    data: bytes
    warnings: tuple[Finding, ...] = ()


def export_forecast(folder: Path, to: str) -> Exported:
    """
    The forecast of a plan's folder in another tool's form.

    Raises
    ------
    ConfigError
        ``to`` is not one of WRITERS, or has no such intervals.
    TableError
        The folder has no forecast.csv of a plan.
    """
    if to not in WRITERS:
        raise ConfigError(f"--to must be one of {', '.join(WRITERS)}, not {to!r}.")
    return WRITERS[to](_read(folder / FILE))


def _read(path: Path) -> pd.DataFrame:
    """
    The forecast, in order of queue and time.

    ``interval_start`` is UTC, ``local`` the time that the centre's clock shows.
    """
    cells, findings = read_text_table(path, Form())
    findings += missing_findings(cells, READ, path.name)
    if findings:
        raise TableError(findings)
    parsed, bad = parse_times(cells["interval_start"], Form())
    if bad or any(time.tzinfo is None for time in parsed.values()):
        rule = "interval_start must be a time with an offset, but is not everywhere"
        raise TableError([Finding(path.name, rule, (), 1, "Plan it again.")])
    times = cells["interval_start"].map(parsed)
    local = times.map(lambda time: time.replace(tzinfo=None))
    frame = pd.DataFrame({"queue": cells["queue"]})
    frame["interval_start"] = pd.to_datetime(times, utc=True)
    for column in READ.required:
        texts = cells[column.name]
        frame[column.name], faults = read_numbers(
            [texts], column, Form(), path.name, counts=False
        )
        findings += faults
        if column.name != "aht_s":  # which is blank where nobody calls
            rule = f"{column.name} must not be empty, but is"
            findings += row_findings(path.name, rule, texts == "", frame[column.name])
    if findings:
        raise TableError(findings)
    checked = check_table(frame, READ, path.name)
    whole = checked.assign(local=pd.to_datetime(local))
    return whole.sort_values(["queue", "interval_start"], ignore_index=True)


def genesys_cloud(forecast: pd.DataFrame) -> Exported:
    """Genesys Cloud's import of forecasts: UTC; a queue is a planning group."""
    table = pd.DataFrame(
        {
            "Interval Start UTC Date": _iso_z(forecast["interval_start"]),
            "Planning Group": forecast["queue"],
            "Offered": forecast["offered"],
            "Average Handle Time": forecast["aht_s"],
        }
    )
    return Exported(csv_bytes(table))


def amazon_connect(forecast: pd.DataFrame) -> Exported:
    """
    Amazon Connect's override of forecasts.

    Volumes are whole: each is the rise of the day's rounded running sum, so that no
    part of a day is more than half a contact off. QueueId is blank: it is the
    instance's own.

    Raises
    ------
    ConfigError
        Intervals are neither 15 nor 30 minutes.
    """
    length = forecast["interval_s"].map(DURATIONS)
    if length.isna().any():
        raise ConfigError(
            "Amazon Connect takes intervals of 15 or 30 minutes, and the plan has "
            "others. Plan with interval_s = 900 or 1800."
        )
    days = forecast.groupby(["queue", forecast["local"].dt.date])["offered"]
    table = pd.DataFrame(
        {
            "QueueName": forecast["queue"],
            "QueueId": "",
            "ChannelType": "VOICE",
            "TimeStamp": _iso_z(forecast["interval_start"]),
            "IntervalDuration": length,
            "IncomingContactVolume": days.transform(_whole).astype("int64"),
            "AverageHandleTime": forecast["aht_s"],
        }
    )
    rule = "QueueId is blank: Amazon Connect asks for its own of each queue"
    remedy = "It is the end of the queue's address there; fill it in."
    warning = Finding.of("QueueId", rule, sorted(set(forecast["queue"])), remedy)
    return Exported(csv_bytes(table), (warning,))


def calabrio(forecast: pd.DataFrame) -> Exported:
    """
    Calabrio's (Teleopti's) forecast file: local times, no header, in order of skill.

    The handle time is all task time: none is told apart as work after it.
    """
    ends = forecast["local"] + pd.to_timedelta(forecast["interval_s"], unit="s")
    table = pd.DataFrame(
        {
            "skill": forecast["queue"],
            "start": forecast["local"].dt.strftime("%Y%m%d %H:%M"),
            "end": ends.dt.strftime("%Y%m%d %H:%M"),
            "volume": forecast["offered"],
            "task_s": forecast["aht_s"],
            "after_s": 0,
        }
    )
    twice = table.duplicated(["skill", "start"])
    rule = "a clock that is put back shows these times twice, and the file has them so"
    cases = [f"{row.skill} at {row.start}" for row in table[twice].itertuples()]
    warnings = (Finding.of("calabrio", rule, cases),) if cases else ()
    return Exported(csv_bytes(table).split(b"\n", 1)[1], warnings)


def xlsx(forecast: pd.DataFrame) -> Exported:
    """A workbook of the forecast; its times are those of the centre's clock."""
    shown = forecast.drop(columns="interval_start")
    shown.insert(1, "interval_start", shown.pop("local"))
    return Exported(sheet_bytes("forecast", shown))


WRITERS: Mapping[str, Callable[[pd.DataFrame], Exported]] = {
    "genesys-cloud": genesys_cloud,
    "amazon-connect": amazon_connect,
    "calabrio": calabrio,
    "xlsx": xlsx,
}


def _iso_z(times: pd.Series) -> pd.Series:
    texts: pd.Series = times.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return texts


def _whole(values: pd.Series) -> NDArray[np.float64]:
    """Whole numbers whose running sums are the rounded running sums."""
    return np.diff(np.round(np.cumsum(values.to_numpy())), prepend=0.0)
