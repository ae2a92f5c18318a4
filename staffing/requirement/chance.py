"""A requirement that holds with a chance, from the forecasts' possible months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.run import QueueForecast
from staffing.erlang.limits import Limits, checked_callers
from staffing.progress import Progress
from staffing.requirement.overload import run_labels
from staffing.requirement.risk import Paths, Risk, agents_at_chances, met, met_in
from staffing.requirement.rules import Rules
from staffing.requirement.solve import period_labels
from staffing.simulate import kpis

SHOWN = (0.5, 0.8, 0.9)
"""Chances whose agents are always told."""
PATHS = {"day": 200, "month": 400, "interval": 50}
"""Possible months that the agents are found on."""
FRESH_PATHS = 100
"""Others, on which the plan is tried."""
ROUGH = 4
"""Times fewer, of both, for a rough answer."""
WARM_UP = 8
"""Intervals before the first of a queue that never closes."""


@dataclass(frozen=True)
class Chances:
    """
    What a plan at a chance comes to.

    ``intervals``: a row for each of the requirement, with the agents for the mean
    forecast and for the chances SHOWN, and the KPIs to expect of the plan's agents.
    ``pools``: a row a pool, with hours, and the shares of fresh simulated days (months,
    intervals) on which the plan, and that for the mean, hold.
    """

    risk: Risk
    intervals: pd.DataFrame
    pools: pd.DataFrame


def with_chance(
    requirement: pd.DataFrame,
    forecasts: Mapping[str, QueueForecast],
    rules: Rules,
    risk: Risk,
    progress: Progress | None = None,
    *,
    rough: bool = False,
) -> tuple[pd.DataFrame, Chances]:
    """
    A requirement with the agents that meet its targets with a chance.

    Parameters
    ----------
    requirement : DataFrame
        The requirement for the mean forecast.
    forecasts : mapping
        Each queue's forecast, by its name.
    rules : Rules
        What the requirement was solved by.
    risk : Risk
        The chance, and of what: of a day's, month's or interval's realised KPIs.
    progress : callable, optional
        Told of each pool as it is begun.
    rough : bool
        ROUGH times fewer possible months, and no agents for the chances SHOWN.

    Returns
    -------
    tuple of DataFrame and Chances
        The requirement with other agents, whose KPIs are still those of the row's
        load (expected ones, where seats leave a backlog); ``binding`` is
        "chance" where the agents differ, and "max_agents" where seats do not suffice
        for the chance.
    """
    tables, intervals, pools = [], [], []
    names = sorted(requirement["queue"].unique())
    for number, pool in enumerate(names):
        if progress:
            progress(f"chances of {pool}", number, len(names))
        rows = requirement[requirement["queue"] == pool]
        members = [forecasts[queue] for queue in rules.pools.get(pool, (pool,))]
        table, found, summary = _pool_at_chance(
            rows.reset_index(drop=True),
            members,
            rules.for_pool(pool),
            risk,
            rough=rough,
        )
        tables.append(table)
        intervals.append(found)
        pools.append({"queue": pool, **summary})
    stacked = pd.concat(tables, ignore_index=True)
    chances = Chances(
        risk, pd.concat(intervals, ignore_index=True), pd.DataFrame(pools)
    )
    return stacked, chances


def _pool_at_chance(
    rows: pd.DataFrame,
    members: list[QueueForecast],
    rules: Rules,
    risk: Risk,
    *,
    rough: bool,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, float]]:
    fewer, shown = (ROUGH, ()) if rough else (1, SHOWN)
    limits = rules.targets.limits(rules.patience_s)
    starts = pd.DatetimeIndex(rows["interval_start"])
    load, aht_s = rows["load_erlang"].to_numpy(), rows["aht_s"].to_numpy()
    fewest, most = rules.seats(str(rows["queue"].iloc[0]))
    low = np.where(rows["open"], fewest, 0)
    high = np.inf if most is None else float(most)
    unit = period_labels(starts, risk.scope)
    alike = {
        "month": np.zeros(len(rows), dtype=np.int64),
        "day": starts.day_of_week.to_numpy(),
        "interval": _clock(starts),
    }[risk.scope]
    count = PATHS[risk.scope] // fewer
    paths = paths_for(rows, members, rules, count, seed=rules.seed)
    wanted = sorted({*shown, risk.chance})
    answers = agents_at_chances(
        load,
        paths,
        aht_s=aht_s,
        unit=unit,
        alike=alike,
        low=low,
        high=high,
        chances=tuple(wanted),
        **limits,
    )
    by_chance = dict(zip(wanted, answers, strict=True))
    mean, agents = rows["agents"].to_numpy(), by_chance[risk.chance]
    fresh = paths_for(rows, members, rules, FRESH_PATHS // fewer, seed=rules.seed + 1)
    result = fresh.simulate(agents, limits)
    each = kpis(
        result, groups=np.arange(len(rows))[:, None], sl_rule=rules.targets.sl_rule
    )
    expected = {
        name: getattr(each, name) for name in ("service_level", "asa_s", "abandon_rate")
    }
    binding = np.where(agents != mean, "chance", rows["binding"])
    if most is not None:
        missing = _lacking(agents, paths, risk, unit, alike, limits)
        at_fault = agents == most if risk.scope == "interval" else rows["open"]
        binding = np.where(missing & at_fault, "max_agents", binding)
    reached = checked_callers(aht_s, limits).reached(load, agents)
    backlog = (binding == "max_agents") & (agents <= load)
    backlog |= np.isinf(reached.asa_s)
    met_kpis = {
        name: np.where(backlog, value.value, getattr(reached, name))
        for name, value in expected.items()
        if rows[name].notna().any() and (rows[name] != 0.0).any()
    }
    table = rows.assign(
        agents=agents,
        scheduled=agents * rules.shrinkage.scheduled_per_agent(starts),
        occupancy=reached.occupancy,
        binding=binding,
        **met_kpis,
    )
    found = pd.DataFrame(
        {
            "queue": rows["queue"],
            "interval_start": rows["interval_start"],
            "agents_mean": mean,
            **{f"agents_{100 * share:g}": by_chance[share] for share in shown},
            "agents": agents,
            **{f"expected_{name}": value.value for name, value in expected.items()},
            **{f"se_{name}": value.se for name, value in expected.items()},
        }
    )
    hours = rows["interval_s"].to_numpy() / 3600.0
    has_calls = np.unique(unit[rows["offered"] > 0])
    counted = np.isin(np.unique(unit), has_calls)
    summary = {
        "hours_mean": float(mean @ hours),
        **{
            f"hours_{100 * share:g}": float(by_chance[share] @ hours) for share in shown
        },
        "agent_hours": float(agents @ hours),
        "holds": float(met_in(result, unit=unit, **limits)[:, counted].mean()),
        "mean_holds": float(met(mean, fresh, unit=unit, **limits)[:, counted].mean()),
    }
    whole = kpis(result, sl_rule=rules.targets.sl_rule)
    for name in expected:
        summary[f"expected_{name}"] = float(getattr(whole, name).value[0])
    return table, found, summary


def _lacking(
    agents: NDArray[np.int64],
    paths: Paths,
    risk: Risk,
    unit: NDArray[np.int64],
    alike: NDArray[np.int64],
    limits: Limits,
) -> NDArray[np.bool_]:
    """Rows of units alike of which fewer hold than the chance asks for."""
    holds = met(agents, paths, unit=unit, **limits).mean(axis=0)
    _, first = np.unique(unit, return_index=True)
    labels, group = np.unique(alike[first], return_inverse=True)
    shares = np.bincount(group, holds) / np.bincount(group)
    return np.isin(alike, labels[shares < risk.chance - 1e-9])


def _clock(starts: pd.DatetimeIndex) -> NDArray[np.int64]:
    """A number for each weekday and local clock time."""
    minute = starts.hour * 60 + starts.minute
    return np.asarray(starts.day_of_week * 1440 + minute, dtype=np.int64)


def paths_for(
    rows: pd.DataFrame,
    members: list[QueueForecast],
    rules: Rules,
    count: int,
    *,
    seed: int,
) -> Paths:
    """Possible months of a pool's rows; nobody calls after closing."""
    starts = pd.DatetimeIndex(rows["interval_start"])
    forecast = np.zeros(len(rows))
    offered = np.zeros((count, len(rows), len(members)))
    aht_s = np.broadcast_to(rows["aht_s"].to_numpy()[:, None], offered.shape[1:])
    handle_s = np.repeat(aht_s[None], count, axis=0)
    for i, member in enumerate(members):
        at = starts.get_indexer(pd.DatetimeIndex(member.intervals["interval_start"]))
        offered[:, at, i], handle_s[:, at, i] = replace(member, seed=seed).possible(
            count
        )
        forecast[at] += member.intervals["offered"].to_numpy()
    again = np.divide(  # who comes again is in the rows, not in the forecast
        rows["offered"].to_numpy(),
        forecast,
        out=np.ones(len(rows)),
        where=forecast > 0,
    )
    was_open = starts[0].hour == starts[0].minute == 0
    return Paths(
        offered * again[:, None],
        handle_s,
        runs=run_labels(rows),
        interval_s=float(rows["interval_s"].iloc[0]),
        patience_s=np.inf if rules.patience_s is None else rules.patience_s,
        seed=seed,
        warm_up=WARM_UP if was_open else 0,
    )
