"""The backtest of plans as people read it: a summary, sentences, one page."""

from staffing.report.plan_backtest.page import plan_backtest_page
from staffing.report.plan_backtest.summary import (
    HOURS_FORMATS,
    SERVICE_FORMATS,
    failures,
    headlines,
    summary_table,
)
from staffing.report.plan_backtest.write import all_tables, write_plan_backtest

__all__ = [
    "HOURS_FORMATS",
    "SERVICE_FORMATS",
    "all_tables",
    "failures",
    "headlines",
    "plan_backtest_page",
    "summary_table",
    "write_plan_backtest",
]
