"""The KPIs that an audit compares, and the columns of their estimates."""

from __future__ import annotations

import math
from typing import Any

from staffing.simulate import Kpis

KPIS = {
    "service_level": "service level",
    "asa_s": "ASA",
    "abandon_rate": "abandon rate",
}
"""Names in a requirement and in :class:`Kpis`, and in words."""


def estimate_columns(experiment: str, kpis: Kpis) -> dict[str, Any]:
    """``EXPERIMENT_KPI`` and, its standard error, ``EXPERIMENT_se_KPI``."""
    columns = {}
    for name in KPIS:
        estimate = getattr(kpis, name)
        columns[f"{experiment}_{name}"] = estimate.value
        columns[f"{experiment}_se_{name}"] = estimate.se
    return columns


def in_words(kpi: str, value: float, se: float | None = None) -> str:
    """A KPI as people read it; ± is the 95 % interval, rounded up."""
    scale, unit = (1.0, " s") if kpi == "asa_s" else (100.0, "%")
    text = f"{scale * value:.1f}{unit}"
    if se is None:
        return text
    return f"{text} ± {math.ceil(10.0 * scale * 1.96 * se) / 10.0:.1f}"
