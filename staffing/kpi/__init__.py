"""KPIs: what each is, planned against realised, and the targets met or missed."""

from staffing.kpi.compare import ALL, Grain, kpi_table
from staffing.kpi.definitions import ADHERENCE, Better, Declared, Kpi, definitions
from staffing.kpi.lights import (
    AMBER_RULE,
    Goal,
    goals,
    months_met,
    traffic_lights,
    year_of,
)
from staffing.kpi.ratios import kpis_by
from staffing.kpi.sums import SUMS, added_up, result_sums, sums_of

__all__ = [
    "ADHERENCE",
    "ALL",
    "AMBER_RULE",
    "SUMS",
    "Better",
    "Declared",
    "Goal",
    "Grain",
    "Kpi",
    "added_up",
    "definitions",
    "goals",
    "kpi_table",
    "kpis_by",
    "months_met",
    "result_sums",
    "sums_of",
    "traffic_lights",
    "year_of",
]
