"""Month totals: calls, hours and full-time people, and where paid hours go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from forecast.schema import MONTHLY, check_table
from staffing.shrinkage import Shrinkage


def monthly_for(
    requirement: pd.DataFrame,
    bands: pd.DataFrame,
    shrinkage: Shrinkage,
    *,
    full_time_h: float,
) -> pd.DataFrame:
    """
    Month totals of each queue: calls, hours and FTE.

    Parameters
    ----------
    requirement : DataFrame
        A requirement table.
    bands : DataFrame
        queue, month, offered_p10, offered_p90, last_year, offered_forecast and
        offered_given: what does not add up from intervals.
    shrinkage : Shrinkage
        What turns agent hours into paid hours.
    full_time_h : float
        Paid hours of a full-time person a week. [h]

    Notes
    -----
    FTE = paid hours / (full_time_h · days of the month / 7).
    """
    sums = _by_month(
        requirement,
        {
            "offered": requirement["offered"],
            "handle_s": requirement["offered"] * requirement["aht_s"],
            "agent_hours": requirement["agents"] * _hours(requirement),
            "paid_hours": _paid_hours(requirement, shrinkage),
        },
    )
    table = bands.drop(columns="offered").merge(sums, on=["queue", "month"])
    weeks = pd.PeriodIndex(table["month"], freq="M").days_in_month / 7.0
    table = table.assign(
        growth=table["offered"] / table["last_year"].where(table["last_year"] > 0) - 1,
        aht_s=table["handle_s"] / table["offered"].where(table["offered"] > 0),
        fte=table["paid_hours"] / (full_time_h * weeks),
    )
    return check_table(table, MONTHLY, "monthly.csv")


def shrinkage_table(requirement: pd.DataFrame, shrinkage: Shrinkage) -> pd.DataFrame:
    """
    The paid hours of each month that are not on the queue, and why.

    Parameters
    ----------
    requirement : DataFrame
        A requirement table.
    shrinkage : Shrinkage
        The components.

    Returns
    -------
    DataFrame
        queue, month, component, planned, rostered and hours [h]; components in
        their order. A month's hours and its agent hours add up to its paid hours.
    """
    paid = _paid_hours(requirement, shrinkage)
    starts = requirement["interval_start"]
    names, components = [*shrinkage.components], [*shrinkage.components.values()]
    table = _by_month(
        requirement,
        {n: paid * part.share_at(starts) for n, part in enumerate(components)},
    ).melt(["queue", "month"], var_name="number", value_name="hours")
    table = table.sort_values(["queue", "month", "number"], ignore_index=True)
    return pd.DataFrame(
        {
            "queue": table["queue"],
            "month": table["month"],
            "component": [names[n] for n in table["number"]],
            "planned": [components[n].planned for n in table["number"]],
            "rostered": [components[n].rostered for n in table["number"]],
            "hours": table["hours"],
        }
    )


def rounding_hours(requirement: pd.DataFrame) -> pd.DataFrame:
    """
    What whole people in each interval would add to ``scheduled``, by month.

    Parameters
    ----------
    requirement : DataFrame
        A requirement table, whose ``scheduled`` is not rounded.

    Returns
    -------
    DataFrame
        queue, month, scheduled_hours [h], rounding_hours [h] and rounding_share,
        which is of the scheduled hours [1]; 0 where nobody is scheduled.
    """
    scheduled, hours = requirement["scheduled"], _hours(requirement)
    whole = np.ceil(scheduled.round(9))  # 7 / (1 - 0.3) is 10, not 10.000000000000002
    table = _by_month(
        requirement,
        {
            "scheduled_hours": scheduled * hours,
            "rounding_hours": (whole - scheduled).clip(lower=0.0) * hours,
        },
    )
    share = table["rounding_hours"] / table["scheduled_hours"]
    return table.assign(rounding_share=share.fillna(0.0))


def _hours(requirement: pd.DataFrame) -> pd.Series:
    return requirement["interval_s"] / 3600.0


def _paid_hours(requirement: pd.DataFrame, shrinkage: Shrinkage) -> pd.Series:
    per_agent = shrinkage.paid_per_agent(requirement["interval_start"])
    return requirement["agents"] * _hours(requirement) * per_agent


def _by_month(
    requirement: pd.DataFrame, values: Mapping[Any, pd.Series]
) -> pd.DataFrame:
    """Sums of what each interval has, by queue and local month."""
    months = requirement["interval_start"].dt.strftime("%Y-%m")
    keys = {"queue": requirement["queue"], "month": months}
    table = pd.DataFrame({**keys, **values})
    return table.groupby(["queue", "month"], as_index=False).sum()
