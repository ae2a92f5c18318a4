"""Planned against realised: the KPI table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from forecast.tables import format_times
from staffing.erlang.limits import SlRule
from staffing.kpi.definitions import ADHERENCE, Declared, Kpi, definitions
from staffing.kpi.ratios import ratios_by, told
from staffing.kpi.sums import SUMS

Grain = Literal["interval", "day", "week", "month"]
Names = Callable[[pd.Series], pd.Series]


def _once(write: Names) -> Names:
    """Writes each distinct start only once: to write them is slow."""

    def names(starts: pd.Series) -> pd.Series:
        codes, distinct = pd.factorize(starts)
        return write(pd.Series(distinct)).take(codes).set_axis(starts.index)

    return names


PERIODS: dict[Grain, Names] = {
    "interval": _once(format_times),
    "day": _once(lambda starts: starts.dt.strftime("%Y-%m-%d")),
    "week": _once(lambda starts: starts.dt.strftime("%G-W%V")),
    "month": _once(lambda starts: starts.dt.strftime("%Y-%m")),
}
"""How each grain names its periods, of starts in local time."""
ALL = "all"
"""What all queues together are called."""
KEYS = ["queue", "interval_start"]


def by_unit(sums: pd.DataFrame, units: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """The rows of each queue, then again as those of each unit, and of all."""
    parts = [
        sums[sums["queue"].isin(list(queues))].assign(queue=unit)
        for unit, queues in units.items()
    ]
    return pd.concat([sums, *parts, sums.assign(queue=ALL)], ignore_index=True)


def kpi_table(
    planned: pd.DataFrame | None,
    realised: pd.DataFrame,
    *,
    sl_rule: SlRule,
    grains: Sequence[Grain] = ("day", "week", "month"),
    units: Mapping[str, Collection[str]] | None = None,
    declared: Sequence[Declared] = (),
) -> pd.DataFrame:
    """
    Every KPI as planned, as realised, and the gap between them.

    Parameters
    ----------
    planned : DataFrame or None
        queue, interval_start (local time) and the sums; None: there is no plan.
    realised : DataFrame
        The same, with the sums of the declared KPIs.
    sl_rule : SlRule
        What ``service_level`` divides by what.
    grains : sequence of Grain
        The periods to sum over.
    units : mapping of str to queues, optional
        Groups and clients, to sum over beside each queue and all of them.
    declared : sequence of Declared, optional
        Further KPIs, which no plan has.

    Returns
    -------
    DataFrame
        The table KPI, over those intervals of the plan whose calls are known; no row
        for what neither side knows. Queues come first, then units, then "all".
    """
    came = realised[realised["offered"].notna()].set_index(KEYS)
    if planned is None:
        plan = pd.DataFrame(index=came.index, columns=list(SUMS), dtype=float)
    else:
        plan = planned.set_index(KEYS)
    both = came.index.intersection(plan.index).sort_values()
    kpis = (*definitions(sl_rule), ADHERENCE)
    further = tuple(kpi.kpi() for kpi in declared)
    agent_s = plan.loc[both, "agent_s"]
    if planned is not None:
        plan = told(plan.loc[both], came.loc[both])

    def side(sums: pd.DataFrame, kpis: Sequence[Kpi]) -> pd.DataFrame:
        rows = sums.loc[both].assign(planned_agent_s=agent_s).reset_index()
        rows = by_unit(rows, units or {})
        starts = rows["interval_start"]
        periods = [PERIODS[grain](starts).rename("period") for grain in grains]
        tables = [ratios_by(rows, ["queue", period], kpis) for period in periods]
        in_time = [period[starts.argsort()].unique() for period in periods]
        order = [rows["queue"].unique(), np.concatenate(in_time)]
        names = pd.MultiIndex.from_product(order, names=["queue", "period"])
        return pd.concat(tables).reindex(names)

    was = side(came, (*kpis, *further))
    should = side(plan, kpis).reindex(columns=was.columns)
    table = was.index.repeat(was.shape[1]).to_frame(index=False)
    table["kpi"] = np.tile(was.columns, len(was))
    table["planned"] = should.to_numpy().ravel()
    table["realised"] = was.to_numpy().ravel()
    table["gap"] = table["realised"] - table["planned"]
    known = table[["planned", "realised"]].notna().any(axis="columns")
    return table[known].reset_index(drop=True)
