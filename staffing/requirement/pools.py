"""Queues that the same fully cross-trained people answer, staffed as one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

Pools = Mapping[str, tuple[str, ...]]
"""Groups of queues by name; a queue of no group is a pool of its own."""


def pooled(table: pd.DataFrame, pools: Pools) -> pd.DataFrame:
    """
    A forecast or monthly bands by pool, whose name then stands in ``queue``.

    Contacts are added up, and handle times weighted by them: the mixture's. The
    queues' errors are taken as independent: the distances of the percentiles from the
    mean add up in squares.
    """
    if not pools:
        return table
    keys = [c for c in ("interval_start", "model", "interval_s", "month") if c in table]
    mean = table["offered"]
    parts = table.assign(
        queue=table["queue"].replace(_pool_of(pools)),
        below=(mean - table["offered_p10"]) ** 2,
        above=(table["offered_p90"] - mean) ** 2,
    )
    if "aht_s" in table:
        parts["handle_s"] = mean * table["aht_s"]
    grouped = parts.groupby(["queue", *keys], sort=True)
    sums = grouped.sum(skipna=False)  # what one queue does not know, none does
    offered = sums["offered"]
    sums["offered_p10"] = (offered - np.sqrt(sums["below"])).clip(lower=0.0)
    sums["offered_p90"] = offered + np.sqrt(sums["above"])
    if "aht_s" in table:
        mixture = sums["handle_s"] / offered.where(offered > 0)
        sums["aht_s"] = mixture.fillna(grouped["aht_s"].mean())
    return sums.reset_index()[list(table.columns)]


def member_kpis(
    forecast: pd.DataFrame, requirement: pd.DataFrame, pools: Pools
) -> pd.DataFrame:
    """
    What each queue of a group meets: group, queue, offered and its calls' mean KPIs.

    First come is first served whatever the queue: in an interval all queues of a
    group meet the same waits, but their calls come at different hours.
    """
    names = ["service_level", "asa_s", "abandon_rate"]
    rows = requirement[requirement["open"] & requirement["queue"].isin(pools)]
    kpis = rows.rename(columns={"queue": "group"})[["group", "interval_start", *names]]
    calls = forecast[["queue", "interval_start", "offered"]]
    calls = calls.assign(group=calls["queue"].map(_pool_of(pools)))
    table = calls.merge(kpis, on=["group", "interval_start"])
    handled = table["offered"] * (1.0 - table["abandon_rate"])
    weights = {"asa_s": handled}
    for name in names:
        weight = weights.get(name, table["offered"])
        table[name] = table[name].where(weight > 0, 0.0) * weight
    sums = (
        table.assign(handled=handled)
        .groupby(["group", "queue"])[["offered", "handled", *names]]
        .sum()
    )
    for name in names:
        sums[name] /= sums["handled" if name in weights else "offered"]
    return sums.reset_index()[["group", "queue", "offered", *names]]


def _pool_of(pools: Pools) -> dict[str, str]:
    return {queue: name for name, queues in pools.items() for queue in queues}
