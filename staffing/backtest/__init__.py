"""Past months as they would have been forecast and planned, against what happened."""

from staffing.backtest.forecasts import (
    ForecastBacktest,
    backtest_forecasts,
    forecasts_fingerprint,
    recorded_for_forecasts,
)
from staffing.backtest.months import checked_month, last_month
from staffing.backtest.plans import PlanBacktest, backtest_plans, recorded_for_plans
from staffing.backtest.recorded import Recorded

__all__ = [
    "ForecastBacktest",
    "PlanBacktest",
    "Recorded",
    "backtest_forecasts",
    "backtest_plans",
    "checked_month",
    "forecasts_fingerprint",
    "last_month",
    "recorded_for_forecasts",
    "recorded_for_plans",
]
