"""A past month's tables as JSON holds them, to be kept between runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

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
