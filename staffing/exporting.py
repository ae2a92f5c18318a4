"""
The forecast of a plan, written as workforce management tools import it.

Columns are those of Genesys Cloud's template of forecasts, of Amazon Connect's
"Override a forecast", and of Calabrio's "Forecast file formats". Volumes are rounded
as the tool takes them: the whole is at most half of the last digit off, any hours, day
or week of it one. Handle times have hundredths of a second, and are 0 where nobody
calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

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
QUARTER_S = 900
DIGITS = 2
"""Of volumes where they may be fractions, and of handle times."""


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
    """
    Genesys Cloud's import of forecasts: UTC; a queue is a planning group.

    It keeps forecasts by quarters of an hour (``offeredPerInterval`` of its API):
    longer intervals are divided into equal ones.

    Raises
    ------
    ConfigError
        Intervals are days.
    """
    if (forecast["interval_s"] > 3600).any():
        raise ConfigError(
            "Genesys Cloud takes quarters of an hour, and the plan has days. Plan with "
            "interval_s = 900, 1800 or 3600."
        )
    quarters = _quarters(forecast)
    table = pd.DataFrame(
        {
            "Interval Start UTC Date": _iso_z(quarters["interval_start"]),
            "Planning Group": quarters["queue"],
            "Offered": _volumes(quarters, DIGITS),
            "Average Handle Time": _handle_times(quarters),
        }
    )
    return Exported(csv_bytes(table))


def amazon_connect(forecast: pd.DataFrame) -> Exported:
    """
    Amazon Connect's override of forecasts.

    Volumes are whole. QueueId is blank: it is the instance's own.

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
    table = pd.DataFrame(
        {
            "QueueName": forecast["queue"],
            "QueueId": "",
            "ChannelType": "VOICE",
            "TimeStamp": _iso_z(forecast["interval_start"]),
            "IntervalDuration": length,
            "IncomingContactVolume": _volumes(forecast, 0).astype("int64"),
            "AverageHandleTime": _handle_times(forecast),
        }
    )
    rule = "QueueId is blank: Amazon Connect asks for its own of each queue"
    remedy = "It is the end of the queue's address there; fill it in."
    warning = Finding.of("amazon-connect", rule, sorted(set(forecast["queue"])), remedy)
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
            "volume": _volumes(forecast, DIGITS),
            "task_s": _handle_times(forecast),
            "after_s": 0,
        }
    )
    twice = table.duplicated(["skill", "start"])
    rule = "a clock that is put back shows these times twice, and the file has them so"
    cases = [f"{row.skill} at {row.start}" for row in table[twice].itertuples()]
    warnings = (Finding.of("calabrio", rule, cases),) if cases else ()
    return Exported(csv_bytes(table).split(b"\n", 1)[1], warnings)


def xlsx(forecast: pd.DataFrame) -> Exported:
    """A workbook of the forecast, unrounded, by the time of the centre's clock."""
    shown = forecast.drop(columns="interval_start").astype({"interval_s": "int64"})
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


def _quarters(forecast: pd.DataFrame) -> pd.DataFrame:
    """Every interval as quarters of an hour, an equal part of its calls in each."""
    parts = forecast["interval_s"] // QUARTER_S
    rows = forecast.assign(offered=forecast["offered"] / parts)
    rows = rows.loc[rows.index.repeat(parts)]
    past_s = rows.groupby(level=0).cumcount() * QUARTER_S
    start = rows["interval_start"] + pd.to_timedelta(past_s, unit="s")
    return rows.assign(interval_start=start).reset_index(drop=True)


def _volumes(forecast: pd.DataFrame, digits: int) -> pd.Series:
    """Rounded volumes: each is the rise of its queue's rounded running sum."""

    def rises(values: pd.Series) -> pd.Series:
        sums = values.cumsum().round(digits)
        return sums.diff().fillna(sums).round(digits)

    volumes: pd.Series = forecast.groupby("queue")["offered"].transform(rises)
    return volumes


def _handle_times(forecast: pd.DataFrame) -> pd.Series:
    """Rounded handle times, 0 where nobody calls and none is known. [s]"""
    idle = forecast["aht_s"].isna() & (forecast["offered"] == 0)
    return forecast["aht_s"].mask(idle, 0.0).round(DIGITS)
