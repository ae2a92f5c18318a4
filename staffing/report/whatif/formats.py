"""How the tables of what-if are written for people."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from staffing.report.formats import Formats
from staffing.scenario.ranges import Range

KPI_FORMATS: Formats = (
    ("offered", ",.0f"),
    ("aht_s", ".0f"),
    ("peak_agents", ".0f"),
    ("agent_hours", ",.1f"),
    ("paid_hours", ",.1f"),
    ("fte", ".1f"),
    ("cost", ",.0f"),
    ("service_level", ".1%"),
    ("asa_s", ".1f"),
    ("abandon_rate", ".1%"),
    ("occupancy", ".1%"),
    ("holds", ".1%"),
    ("missed", ".1f"),
    ("penalty", ",.0f"),
)
TORNADO_FORMATS: Formats = (
    ("lever", ""),
    ("low", ""),
    ("high", ""),
    ("fte", ".1f"),
    ("fte_low", ".1f"),
    ("fte_high", ".1f"),
    ("hours_low", ",.1f"),
    ("hours_high", ",.1f"),
    ("source", ""),
)
TRADE_OFF_FORMATS: Formats = (
    ("point", ""),
    ("target", ".0%"),
    ("service_level", ".1%"),
    ("agent_hours", ",.1f"),
)
CARRIED_FORMATS: Formats = (("queue", ""), ("change", "+.0%"), ("missed", ""))


def sweep_formats(points: pd.DataFrame, ranges: Sequence[Range]) -> Formats:
    """Of the points of a sweep: the values of the ranges, then what is known."""
    known = points.columns[points.notna().any()]
    return [
        *((item.column, "") for item in ranges),
        *((name, spec) for name, spec in KPI_FORMATS if name in known),
    ]


def as_written(points: pd.DataFrame, ranges: Sequence[Range]) -> pd.DataFrame:
    """The points with the values of the ranges as changes write them: +10%, not 0.1."""
    written = {
        item.column: points[item.column].map(
            dict(zip(item.numbers, map(str, item.amounts), strict=True))
        )
        for item in ranges
    }
    return points.assign(**written)
