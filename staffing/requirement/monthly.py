"""Month totals: calls, hours and full-time people."""

from __future__ import annotations

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
        queue, month, offered_p10, offered_p90 and last_year: what does not add
        up from intervals.
    shrinkage : Shrinkage
        What turns agent hours into paid hours.
    full_time_h : float
        Paid hours of a full-time person a week. [h]

    Notes
    -----
    FTE = paid hours / (full_time_h · days of the month / 7).
    """
    start = requirement["interval_start"]
    hours = requirement["interval_s"] / 3600.0
    sums = (
        pd.DataFrame(
            {
                "queue": requirement["queue"],
                "month": start.dt.strftime("%Y-%m"),
                "offered": requirement["offered"],
                "handle_s": requirement["offered"] * requirement["aht_s"],
                "agent_hours": requirement["agents"] * hours,
            }
        )
        .groupby(["queue", "month"], as_index=False)
        .sum()
    )
    table = bands.drop(columns="offered").merge(sums, on=["queue", "month"])
    weeks = pd.PeriodIndex(table["month"], freq="M").days_in_month / 7.0
    paid_hours = table["agent_hours"] * shrinkage.paid_per_agent
    table = table.assign(
        aht_s=table["handle_s"] / table["offered"].where(table["offered"] > 0),
        paid_hours=paid_hours,
        fte=paid_hours / (full_time_h * weeks),
    )
    return check_table(table, MONTHLY, "monthly.csv")
