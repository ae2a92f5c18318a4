"""Past months as they would have been forecast and planned, against what happened."""

from staffing.backtest.forecasts import (
    ForecastBacktest,
    backtest_forecasts,
    forecasts_fingerprint,
)
from staffing.backtest.months import last_month
from staffing.backtest.plans import PlanBacktest, backtest_plans

__all__ = [
    "ForecastBacktest",
    "PlanBacktest",
    "backtest_forecasts",
    "backtest_plans",
    "forecasts_fingerprint",
    "last_month",
]
