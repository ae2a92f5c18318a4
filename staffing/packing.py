"""Tables as JSON holds them, to be kept between runs."""

from __future__ import annotations

import datetime as dt
import io
import json
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
    """Rows of a history, numbered by their index, small."""
    codes, queues = pd.factorize(rows["queue"])
    names = [*map(str, queues)]
    seconds = pd.DatetimeIndex(rows[TIME]).as_unit("s").asi8
    numbers = rows.drop(columns=["queue", TIME]).astype("float64")
    file = io.BytesIO()
    np.savez_compressed(
        file,
        allow_pickle=False,
        queues=np.frombuffer(json.dumps(names).encode(), dtype=np.uint8),
        codes=codes.astype(np.int32),
        rows=np.diff(rows.index.to_numpy(dtype=np.int64), prepend=0),
        seconds=np.diff(seconds, prepend=0),
        columns=np.array([*map(str, numbers)], dtype=str),
        numbers=numbers.to_numpy().T,
    )
    return file.getvalue()


def unpacked_rows(data: bytes, zone: str) -> pd.DataFrame:
    """The rows again, their times on the clock of a zone."""
    file = io.BytesIO(data)
    with np.load(file, allow_pickle=False) as found:  # noqa: TID251 - runs no code
        queues = pd.array(json.loads(found["queues"].tobytes()), dtype="str")
        columns = {
            "queue": queues.take(found["codes"]),
            TIME: np.cumsum(found["seconds"]),
            **dict(zip(found["columns"].tolist(), found["numbers"], strict=True)),
        }
        numbers = np.cumsum(found["rows"])
    return unpacked(columns, zone).set_axis(numbers)


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
