"""The agents for forecasts, by interval and by month: forecast → requirement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from forecast.run import QueueForecast
from staffing.progress import Progress
from staffing.requirement import Rules, monthly_for, requirement_for
from staffing.requirement.chance import Chances, with_chance
from staffing.requirement.pools import pooled
from staffing.requirement.returning import with_own_returns
from staffing.requirement.risk import Risk


@dataclass(frozen=True)
class Need:
    """
    The agents for forecasts.

    ``bands`` are the queues' month totals; the rest as in :class:`staffing.plan.Plan`.
    """

    forecast: pd.DataFrame
    bands: pd.DataFrame
    requirement: pd.DataFrame
    chances: Chances | None
    rules: Rules

    @property
    def bands_of_pools(self) -> pd.DataFrame:
        """The pools' month totals."""
        return pooled(self.bands, self.rules.pools)

    def monthly(self, full_time_h: float) -> pd.DataFrame:
        """Calls, hours and FTE of each pool's months; full-time hours a week. [h]"""
        bands = self.bands_of_pools
        table = monthly_for(
            self.requirement, bands, self.rules.shrinkage, full_time_h=full_time_h
        )
        return with_own_returns(table, bands) if self.rules.returning else table


def need_of(
    forecasts: Sequence[QueueForecast],
    rules: Rules,
    risk: Risk | None,
    progress: Progress | None = None,
    *,
    rough: bool = False,
) -> Need:
    """The agents for these forecasts: for their mean, or (roughly) for a chance."""
    forecast = _stack([item.intervals for item in forecasts])
    requirement, chances = requirement_for(forecast, rules), None
    if risk is not None:
        of_queue = {item.queue: item for item in forecasts}
        requirement, chances = with_chance(
            requirement, of_queue, rules, risk, progress, rough=rough
        )
    return Need(forecast, bands_of(forecasts), requirement, chances, rules)


def bands_of(forecasts: Sequence[QueueForecast]) -> pd.DataFrame:
    """Month totals of all queues."""
    return _stack([item.months.assign(queue=item.queue) for item in forecasts])


def _stack(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)
