"""The backtest of plans as people read it: a summary, sentences, one page."""

from staffing.report.plan_backtest.page import plan_backtest_page
from staffing.report.plan_backtest.summary import (
    HOURS_FORMATS,
    SERVICE_FORMATS,
    failures,
    headlines,
    summary_table,
)
from staffing.report.plan_backtest.told import Told, told_of, told_plans, write_told

__all__ = [
    "HOURS_FORMATS",
    "SERVICE_FORMATS",
    "Told",
    "failures",
    "headlines",
    "plan_backtest_page",
    "summary_table",
    "told_of",
    "told_plans",
    "write_told",
]
