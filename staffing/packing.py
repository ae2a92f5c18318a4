"""Tables as JSON holds them, to be kept between runs."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from forecast.distribution import Shocks
from forecast.errors import Finding
from forecast.models import Effect
from forecast.run import QueueForecast

TIME = "interval_start"


def packed(table: pd.DataFrame) -> dict[str, Any]:
    """Columns as lists; times as seconds since 1970."""
    columns = {str(name): values.tolist() for name, values in table.items()}
    if TIME in table:
        seconds = pd.DatetimeIndex(table[TIME]).as_unit("s").asi8
        columns[TIME] = seconds.tolist()
    return columns


def unpacked(columns: Mapping[str, Any], zone: str) -> pd.DataFrame:
    """The table again, its times on the clock of a zone."""
    table = pd.DataFrame(dict(columns))
    if TIME in table:
        times = pd.to_datetime(table[TIME], unit="s", utc=True)
        table[TIME] = times.dt.tz_convert(zone).dt.as_unit("s")
    return table


def packed_rows(rows: pd.DataFrame) -> bytes:
    """One queue's rows of a history, small."""
    numbers = rows.drop(columns=["queue", TIME]).astype("float64")
    seconds = pd.DatetimeIndex(rows[TIME]).as_unit("s").asi8
    file = io.BytesIO()
    columns = {str(name): column.to_numpy() for name, column in numbers.items()}
    np.savez_compressed(file, allow_pickle=False, **{TIME: seconds}, **columns)
    return file.getvalue()


def unpacked_rows(data: bytes, queue: str, zone: str) -> pd.DataFrame:
    """The rows again, of the queue, their times on the clock of a zone."""
    file = io.BytesIO(data)
    with np.load(file, allow_pickle=False) as columns:  # noqa: TID251 - runs no code
        table = unpacked(columns, zone)
    table.insert(0, "queue", pd.Series(queue, index=table.index, dtype="str"))
    return table


def packed_forecast(item: QueueForecast) -> dict[str, Any]:
    """A queue's forecast, as JSON holds it."""
    days = item.days.assign(date=[date.isoformat() for date in item.days["date"]])
    return {
        "queue": item.queue,
        "intervals": packed(item.intervals),
        "days": packed(days),
        "months": packed(item.months),
        "effects": [asdict(effect) for effect in item.effects],
        "shocks": asdict(item.shocks),
        "seed": item.seed,
        "regular": item.regular.tolist(),
        "accuracy": dict(item.accuracy),
        "warnings": [asdict(warning) for warning in item.warnings],
    }


def unpacked_forecast(found: Mapping[str, Any], zone: str) -> QueueForecast:
    """The forecast again, its times on the clock of a zone."""
    days = unpacked(found["days"], zone)
    shocks = found["shocks"] | {"later": tuple(found["shocks"]["later"])}
    return QueueForecast(
        found["queue"],
        unpacked(found["intervals"], zone),
        days.assign(date=[dt.date.fromisoformat(date) for date in days["date"]]),
        unpacked(found["months"], zone),
        tuple(Effect(**effect) for effect in found["effects"]),
        Shocks(**shocks),
        found["seed"],
        np.array(found["regular"], dtype=np.bool_),
        found["accuracy"],
        tuple(finding(warning) for warning in found["warnings"]),
    )


def finding(found: Mapping[str, Any]) -> Finding:
    """A finding that was kept."""
    return Finding(**{**found, "cases": tuple(found["cases"])})
