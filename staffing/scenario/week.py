"""A typical week: agents by weekday and local time, as planned and as changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd

from staffing.requirement.intervals import agents_of
from staffing.requirement.returning import Returning
from staffing.scenario.outcome import Outcome

SLOT = ["weekday", "minute"]


def typical_week(
    base: Outcome, scenario: Outcome, pool: str | None = None
) -> pd.DataFrame:
    """
    Mean agents of the month's days by weekday and local time, of a pool or of all.

    Returns
    -------
    DataFrame
        A row for each weekday and time at which one of the two is open: weekday
        (0 is Monday), minute (of the day), and agents on duty of ``base`` and
        ``scenario``, 0 where one is closed; ``low`` and ``high`` are the agents that
        the scenario would need if each interval brought its P10 or P90 of calls.
    """
    rows = scenario.requirement
    agents = {
        "base": _by_slot(base.requirement, base.agents, pool),
        "scenario": _by_slot(rows, scenario.agents, pool),
        "low": _by_slot(rows, _needed(scenario, "offered_p10"), pool),
        "high": _by_slot(rows, _needed(scenario, "offered_p90"), pool),
    }
    return pd.DataFrame(agents).fillna(0.0).sort_index().reset_index()


def _by_slot(rows: pd.DataFrame, agents: pd.Series, pool: str | None) -> pd.Series:
    """Mean agents of each open slot of the week, summed over pools."""
    shown = rows["open"] if pool is None else rows["open"] & (rows["queue"] == pool)
    start = rows["interval_start"].dt
    slots = pd.DataFrame(
        {
            "queue": rows["queue"],
            "weekday": start.day_of_week,
            "minute": start.hour * 60 + start.minute,
            "agents": agents,
        }
    )
    means = slots[shown].groupby(["queue", *SLOT])["agents"].mean()
    summed: pd.Series = means.groupby(SLOT).sum()
    return summed


def _needed(outcome: Outcome, calls: str) -> pd.Series:
    """Agents of each row for other calls, a column that counts who comes again."""
    rows = outcome.requirement[outcome.requirement["open"]]
    rules = replace(outcome.rules, pools={}, returning=Returning())
    found = agents_of(rows.assign(offered=rows[calls]), rules)
    agents = pd.concat(
        {pool: pd.Series(own.agents, own.starts) for pool, own in found.items()}
    )
    keys = pd.MultiIndex.from_frame(rows[["queue", "interval_start"]])
    return pd.Series(agents.reindex(keys).to_numpy(), rows.index)


def by_week(base: Outcome, scenario: Outcome) -> pd.DataFrame:
    """
    Each week of the plan, all queues together, before and after.

    Returns
    -------
    DataFrame
        week (its Monday), and for both sides, as ``offered_base`` and
        ``offered_scenario``: offered, peak_agents (at once), agent_hours and
        paid_hours. [h]
    """
    before, after = _weekly(base), _weekly(scenario)
    both = before.add_suffix("_base").join(after.add_suffix("_scenario"), how="outer")
    return both.fillna(0.0).rename_axis("week").reset_index()


def _weekly(outcome: Outcome) -> pd.DataFrame:
    rows = outcome.requirement
    starts = rows["interval_start"]
    hours = outcome.agents * rows["interval_s"] / 3600.0
    paid = hours * outcome.rules.shrinkage.paid_per_agent(starts)
    date = starts.dt.date
    week = [day - dt.timedelta(days=day.weekday()) for day in date]
    table = rows.assign(agents=outcome.agents, agent_hours=hours, paid_hours=paid)
    sums = table.groupby(week)[["offered", "agent_hours", "paid_hours"]].sum()
    at_once = table.groupby("interval_start")["agents"].sum()
    monday = [
        start.date() - dt.timedelta(days=start.weekday()) for start in at_once.index
    ]
    return sums.assign(peak_agents=at_once.groupby(monday).max())
