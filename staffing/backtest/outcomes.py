"""Planned, replayed and realised side by side, by interval, day, month or in all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

import pandas as pd

from forecast.schema import PLAN_BACKTEST
from staffing.erlang.limits import SlRule
from staffing.kpi import ALL, kpis_by
from staffing.kpi.compare import PERIODS, Grain, by_unit
from staffing.kpi.ratios import told

Span = Grain | Literal["whole"]
"""Over what KPIs are; "whole": all months together."""

KPIS = ("service_level", "asa_s", "abandon_rate")
KEYS = ["queue", "interval_start"]


def outcomes(
    sides: Mapping[str, pd.DataFrame],
    *,
    grain: Span,
    sl_rule: SlRule,
    units: Mapping[str, Collection[str]],
) -> pd.DataFrame:
    """
    Calls, agents and KPIs of each queue, unit and all, as planned, replayed, realised.

    Parameters
    ----------
    sides : mapping of DataFrame
        "planned", "replayed" and "realised": queue, interval_start and the sums.
    grain : Span
        Over what the KPIs are.
    sl_rule : SlRule
        What ``service_level`` divides by what.
    units : mapping of str to queues
        Groups and clients.

    Returns
    -------
    DataFrame
        queue, grain, period and the columns of PLAN_BACKTEST, agent hours in place of
        agents; over the intervals whose calls are known.
    """
    came = sides["realised"]
    known = came[came["offered"].notna()].reset_index(drop=True)
    parts = {}
    for side, sums in sides.items():
        mine = known[KEYS].merge(sums, on=KEYS, how="left")
        rows = by_unit(told(mine, known), units)
        starts = rows["interval_start"]
        whole = pd.Series("whole", index=rows.index)
        period = whole if grain == "whole" else PERIODS[grain](starts)
        parts[side] = kpis_by(rows, ["queue", period.rename("period")], sl_rule=sl_rule)
    table = pd.DataFrame(index=parts["realised"].index)
    for side, names in (
        ("planned", ("offered", "aht_s", "agent_hours", *KPIS)),
        ("realised", ("offered", "aht_s", "agent_hours", *KPIS)),
        ("replayed", KPIS),
    ):
        prefix = "" if side == "realised" else f"{side}_"
        for name in names:
            table[f"{prefix}{name}"] = parts[side][name]
    order = [*sorted(known["queue"].unique()), *units, ALL]
    table = table.reindex(order, level="queue").reset_index()
    table.insert(1, "grain", grain)
    return table


def by_interval(
    outcomes: pd.DataFrame, interval_s: float, timezone: str
) -> pd.DataFrame:
    """Outcomes of the grain "interval" as the table PLAN_BACKTEST."""
    start = pd.to_datetime(outcomes["period"], utc=True).dt.tz_convert(timezone)
    month = start.dt.tz_localize(None).dt.to_period("M").dt.start_time
    table = outcomes.assign(
        cutoff=month.dt.tz_localize(timezone),
        interval_start=start,
        planned_agents=outcomes["planned_agent_hours"] * 3600.0 / interval_s,
        agents=outcomes["agent_hours"] * 3600.0 / interval_s,
    )
    return table[[column.name for column in PLAN_BACKTEST.columns]]
