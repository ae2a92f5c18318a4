"""A roster as people read it: workbook, calendars, payroll, page."""

from staffing.report.roster.found import VIOLATIONS_FORMATS, violations_table
from staffing.report.roster.made import Made, made_of
from staffing.report.roster.page import HOURS_FORMATS, headlines
from staffing.report.roster.write import write_roster

__all__ = [
    "HOURS_FORMATS",
    "VIOLATIONS_FORMATS",
    "Made",
    "headlines",
    "made_of",
    "violations_table",
    "write_roster",
]
