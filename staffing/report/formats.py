"""How the columns of each table are written for people."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

Formats = Sequence[tuple[str, str]]

CHECKED_FORMATS: Formats = (
    ("queue", ""),
    ("intervals", ",d"),
    ("missing", ",d"),
    ("first", ""),
    ("last", ""),
    ("offered", ",.0f"),
    ("aht_s", ".0f"),
)
CASES_FORMATS: Formats = (("level", ""), ("case", ""), ("rule", ""))
MONTHLY_FORMATS: Formats = (
    ("queue", ""),
    ("month", ""),
    ("offered", ",.0f"),
    ("offered_p10", ",.0f"),
    ("offered_p90", ",.0f"),
    ("last_year", ",.0f"),
    ("growth", "+.1%"),
    ("offered_forecast", ",.0f"),
    ("offered_given", ",.0f"),
    ("aht_s", ".0f"),
    ("agent_hours", ",.1f"),
    ("paid_hours", ",.1f"),
    ("fte", ".1f"),
)
SUMMARY_FORMATS: Formats = (
    ("queue", ""),
    ("offered", ",.0f"),
    ("peak_agents", ".0f"),
    ("agent_hours", ",.1f"),
    ("paid_hours", ",.1f"),
    ("fte", ".1f"),
    ("worst_service_level", ".1%"),
    ("worst_asa_s", ".1f"),
    ("worst_at", ""),
)
EFFECTS_FORMATS: Formats = (
    ("kind_of_day", ""),
    ("factor", ".2f"),
    ("days", ".0f"),
    ("known_from", ""),
)
MEMBERS_FORMATS: Formats = (
    ("queue", ""),
    ("group", ""),
    ("offered", ",.0f"),
    ("service_level", ".1%"),
    ("asa_s", ".1f"),
    ("abandon_rate", ".1%"),
)
PATIENCE_FORMATS: Formats = (
    ("queue", ""),
    ("patience_s", ",.1f"),
    ("low_s", ",.1f"),
    ("high_s", ",.1f"),
    ("abandonments", ",.0f"),
    ("waiting_s", ",.0f"),
)
CHANCES_FORMATS: Formats = (
    ("queue", ""),
    ("hours_mean", ",.1f"),
    ("hours_50", ",.1f"),
    ("hours_80", ",.1f"),
    ("hours_90", ",.1f"),
    ("agent_hours", ",.1f"),
    ("holds", ".1%"),
    ("mean_holds", ".1%"),
    ("expected_service_level", ".1%"),
    ("expected_asa_s", ".1f"),
    ("expected_abandon_rate", ".1%"),
)
SHRINKAGE_FORMATS: Formats = (
    ("queue", ""),
    ("month", ""),
    ("component", ""),
    ("planned", ""),
    ("rostered", ""),
    ("hours", ",.1f"),
)
ALTERNATIVES_FORMATS: Formats = (
    ("rules", ""),
    ("peak_agents", ".0f"),
    ("agent_hours", ",.1f"),
    ("paid_hours", ",.1f"),
    ("fte", ".1f"),
)


def shown(value: Any, spec: str) -> str:
    """
    A value as people read it: what is not known is a dash, and no zero has a minus.

    Examples
    --------
    >>> shown(-0.0004, "+.1%"), shown(float("nan"), ".1f")
    ('+0.0%', '–')
    """
    if pd.isna(value):
        return "–"
    if isinstance(value, float):
        sign = "+" if spec.startswith("+") else ""
        spec = f"{sign}z{spec.removeprefix('+')}"
    return format(value, spec)


def format_cells(table: pd.DataFrame, formats: Formats) -> list[list[str]]:
    """The cells as people read them."""
    return [
        [shown(row[name], spec) for name, spec in formats]
        for row in table.to_dict("records")
    ]


def json_text(found: Any) -> str:
    """As JSON knows it: tables are rows, times ISO texts, NaN and infinity null."""
    text = json.dumps(_as_json(found), indent=2, ensure_ascii=False, allow_nan=False)
    return f"{text}\n"


def _as_json(value: Any) -> Any:
    if isinstance(value, pd.DataFrame):
        return _as_json(value.to_dict("records"))
    if isinstance(value, Mapping):
        return {name: _as_json(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(part) for part in value]
    if isinstance(value, dt.datetime):
        return None if value is pd.NaT else value.isoformat()
    return None if isinstance(value, float) and not math.isfinite(value) else value
