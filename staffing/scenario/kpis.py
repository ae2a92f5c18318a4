"""What agents on duty come to: calls, hours, money, and KPIs with their risk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.run import QueueForecast
from staffing.kpi import ALL
from staffing.need import Need
from staffing.requirement import Rules
from staffing.requirement.chance import paths_for
from staffing.requirement.risk import met_in
from staffing.requirement.solve import period_labels
from staffing.simulate import Result, kpis, level_of
from staffing.targets import Scope

Floats = NDArray[np.float64]

PEOPLE = ("offered", "aht_s", "peak_agents", "agent_hours", "paid_hours", "fte")
SIMULATED = (
    "service_level",
    "service_level_p10",
    "service_level_p90",
    "asa_s",
    "abandon_rate",
    "occupancy",
    "holds",
    "missed",
    "missed_of",
)


class Money(NamedTuple):
    """Prices; None where they are not known."""

    per_hour: float | None  # of a paid hour
    penalty: float | None  # of a missed day, or whatever the targets hold over


class Met(NamedTuple):
    """What the callers of a pool meet, in each possible month."""

    result: Result
    units: NDArray[np.int64]  # labels of the units in which calls are expected
    holds: NDArray[np.bool_]  # (paths, units)


def on_duty(need: Need, agents: pd.Series) -> Need:
    """The same with those who are there in place of those needed."""
    return replace(need, requirement=need.requirement.assign(agents=agents))


def people_of(need: Need, there: Need, full_time_h: float) -> pd.DataFrame:
    """Calls, hours and FTE of agents on duty: a row a pool, and one for all."""
    monthly, rows = there.monthly(full_time_h), there.requirement
    of_pools = monthly.groupby("queue")
    table = of_pools[["offered", "agent_hours", "paid_hours"]].sum()
    handle_s = (rows["offered"] * rows["aht_s"]).groupby(rows["queue"]).sum()
    table["peak_agents"] = rows.groupby("queue")["agents"].max().astype("float64")
    table["fte"] = of_pools["fte"].mean()
    lacking = (need.requirement["agents"] - rows["agents"]).clip(lower=0)
    lacking_h = lacking * rows["interval_s"] / 3600.0
    table["short_hours"] = lacking_h.groupby(rows["queue"]).sum()
    table.loc[ALL] = table.sum()
    at_once = rows.groupby("interval_start")["agents"].sum()
    table.loc[ALL, "peak_agents"] = at_once.max()
    handle_s[ALL] = handle_s.sum()
    offered = table["offered"].where(table["offered"] > 0)
    return table.assign(aht_s=handle_s / offered)[[*PEOPLE, "short_hours"]]


def met_by(
    need: Need,
    agents: pd.Series,
    forecasts: Mapping[str, QueueForecast],
    *,
    scope: Scope,
    paths: int,
) -> dict[str, Met]:
    """
    Simulate possible months of each pool with these agents.

    Rows after closing to which nobody is given are left out: who is there last stays
    until the queue is empty.
    """
    found = {}
    table = need.requirement.assign(agents=agents)
    for pool, rows in table[table["open"] | (agents > 0)].groupby("queue", sort=True):
        rows = rows.reset_index(drop=True)
        rules = need.rules.for_pool(str(pool))
        members = [forecasts[q] for q in rules.pools.get(str(pool), (str(pool),))]
        months = paths_for(rows, members, rules, paths, seed=rules.seed + 1)
        limits = rules.targets.limits(rules.patience_s)
        duty = rows["agents"].to_numpy(dtype=np.int64)
        result = months.simulate(duty, limits)
        unit = period_labels(pd.DatetimeIndex(rows["interval_start"]), scope)
        labels = np.unique(unit)
        busy = np.isin(labels, unit[rows["offered"] > 0])
        holds = met_in(result, unit=unit, **limits)[:, busy]
        if scope == "interval":  # numbers of rows; times are the same in all pools
            starts = pd.DatetimeIndex(rows["interval_start"])
            labels = starts.as_unit("s").asi8
        found[str(pool)] = Met(result, labels[busy], holds)
    return found


def kpi_table(
    people: pd.DataFrame, met: Mapping[str, Met], rules: Rules, money: Money
) -> pd.DataFrame:
    """
    A row a pool, and one for all: people, money and, where simulated, KPIs.

    KPIs of all are of all pools' calls; all hold where each pool does, and misses are
    each pool's.
    """
    pools = [*people.index]
    table = people.assign(cost=people["paid_hours"] * (money.per_hour or np.nan))
    of_pools = {pool: _simulated([met[pool]], rules) for pool in met}
    if met:
        of_pools[ALL] = _simulated([*met.values()], rules)
    nothing = dict.fromkeys(SIMULATED, np.nan)
    rows = [of_pools.get(pool, nothing) for pool in pools]
    table = table.join(pd.DataFrame(rows, index=people.index))
    price = np.nan if money.penalty is None else money.penalty
    table["penalty"] = table["missed"] * price
    return table.rename_axis("queue").reset_index()


def _simulated(parts: list[Met], rules: Rules) -> dict[str, Any]:
    """KPIs of pools together, each a ratio of sums; percentiles are of months."""
    months = _months([part.result for part in parts])
    sl_rule = rules.targets.sl_rule
    whole = kpis(months, sl_rule=sl_rule)
    above, below = level_of(
        sl_rule,
        months.offered,
        months.handled,
        months.answered_within,
        months.short_abandoned,
    )
    answered = above[below > 0] / below[below > 0]
    low, high = np.quantile(answered, (0.1, 0.9)) if answered.size else (np.nan,) * 2
    labels = np.unique(np.concatenate([part.units for part in parts]))
    every = np.ones((len(parts[0].holds), len(labels)), dtype=np.bool_)
    for part in parts:
        every[:, np.searchsorted(labels, part.units)] &= part.holds
    missed = sum((~part.holds).sum(axis=1).mean() for part in parts)
    has_level = rules.targets.threshold_s is not None or (
        rules.targets.sl_rule == "answer_rate"
    )
    level = float(whole.service_level.value[0])
    return {
        "service_level": level if has_level else np.nan,
        "service_level_p10": float(low) if has_level else np.nan,
        "service_level_p90": float(high) if has_level else np.nan,
        "asa_s": float(whole.asa_s.value[0]),
        "abandon_rate": float(whole.abandon_rate.value[0]),
        "occupancy": float(whole.occupancy.value[0]),
        "holds": float(every.mean()) if every.size else np.nan,
        "missed": float(missed),
        "missed_of": float(sum(len(part.units) for part in parts)),
    }


def _months(results: list[Result]) -> Result:
    """Sums of whole months over these pools, as of one interval and queue."""
    totals = [
        np.sum([field.sum(axis=(1, 2), keepdims=True) for field in fields], axis=0)
        for fields in list(zip(*results, strict=True))[:8]
    ]
    busy_s = np.sum([r.busy_s.sum(axis=1, keepdims=True) for r in results], axis=0)
    agent_s = np.sum([r.agent_s.sum(keepdims=True) for r in results], axis=0)
    return Result._make([*totals, busy_s, agent_s])
