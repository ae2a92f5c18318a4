"""How KPIs, months and units are called, and their values written."""

from __future__ import annotations

import datetime as dt

import numpy as np

from staffing.kpi import ALL, Kpi

NAMES = {"asa_s": "average speed of answer", "aht_s": "average handle time"}


def unit_title(unit: str) -> str:
    """What a queue, group or client is called in a title."""
    return "All queues" if unit == ALL else unit


def month_name(month: str) -> str:
    """2026-10 as October 2026."""
    return f"{dt.date.fromisoformat(f'{month}-01'):%B %Y}"


def label(kpi: Kpi) -> str:
    """What people call a KPI; its unit stands beside it."""
    return NAMES.get(kpi.name, kpi.name.removesuffix("_s").replace("_", " "))


def unit_shown(kpi: Kpi) -> str:
    """The unit in which people read a KPI."""
    return "%" if kpi.unit == "1" else kpi.unit


def value_shown(value: float, kpi: Kpi) -> str:
    """A value with its unit; what is not known is a dash."""
    return _shown(value, kpi, "", "%")


def gap_shown(value: float, kpi: Kpi) -> str:
    """A difference with its sign and unit, of shares in percentage points."""
    return _shown(value, kpi, "+", " points")


def _shown(value: float, kpi: Kpi, sign: str, of_share: str) -> str:
    if np.isnan(value):
        return "–"
    digits = 0 if kpi.unit == "contacts" else 1
    number = round(100 * value if kpi.unit == "1" else value, digits) + 0.0  # no -0.0
    unit = {"1": of_share, "contacts": ""}.get(kpi.unit, f" {kpi.unit}")
    return f"{number:{sign},.{digits}f}{unit}"
