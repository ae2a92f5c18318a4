"""Did the plans hold, and what did they cost? A row a queue, and a few sentences."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from staffing.backtest import PlanBacktest
from staffing.kpi import ALL, Goal, Kpi, definitions, goals
from staffing.report.formats import Formats
from staffing.report.words import label, value_shown

SERVICE_FORMATS: Formats = (
    ("queue", ""),
    ("months", ".0f"),
    ("days", ",.0f"),
    ("promised_days", ".1%"),
    ("held_days", ".1%"),
    ("realised_days", ".1%"),
    ("planned_service_level", ".1%"),
    ("replayed_service_level", ".1%"),
    ("service_level", ".1%"),
    ("planned_asa_s", ".1f"),
    ("replayed_asa_s", ".1f"),
    ("asa_s", ".1f"),
)
HOURS_FORMATS: Formats = (
    ("queue", ""),
    ("planned_agent_hours", ",.1f"),
    ("agent_hours", ",.1f"),
    ("over_clairvoyant", "+.1%"),
    ("under_seasonal_naive", "+.1%"),
    ("under_sma4", "+.1%"),
)
SIMPLER = {
    "seasonal_naive": "with last week's calls taken again",
    "sma4": "with the average of four weeks",
}
"""The plans to compare with, and how they were made."""


def summary_table(result: PlanBacktest) -> pd.DataFrame:
    """
    One row a queue, group, client and "all", over all months.

    ``days`` are those with a promise; promised, held and realised their shares.
    Service levels and waits are ratios of the sums of all calls, hours sums.
    ``over_clairvoyant`` and ``under_`` the simpler plans are shares of the other's
    agent hours at equal service, as :func:`hours_ratio`. NaN where not known: a queue
    of a group has no promise and no cost of its own.
    """
    whole = result.outcomes["whole"].set_index("queue")
    months = result.outcomes["month"].groupby("queue").size()
    days = result.promises[result.promises["grain"] == "day"]
    of_days = pd.concat([days, days.assign(queue=ALL)]).groupby("queue")
    shares = of_days[["promised", "held", "realised"]].mean().add_suffix("_days")
    over = {"over_clairvoyant": hours_ratio(result.costs, "clairvoyant") - 1.0}
    under = {
        f"under_{other}": 1.0 - hours_ratio(result.costs, other) for other in SIMPLER
    }
    columns = {
        "months": months,
        "days": of_days.size(),
        **shares,
        **whole,
        **over,
        **under,
    }
    table = pd.DataFrame(columns).reindex(whole.index)
    shown = dict.fromkeys(name for name, _ in (*SERVICE_FORMATS, *HOURS_FORMATS))
    summary: pd.DataFrame = table.reset_index()[list(shown)]
    return summary


def units(result: PlanBacktest) -> list[str]:
    """Queues, then groups and clients, then "all"."""
    return list(result.outcomes["whole"]["queue"])


def queues_of(result: PlanBacktest, unit: str) -> list[str]:
    """A queue, group or client, its queues, and the groups that answer no others."""
    if unit == ALL:
        return units(result)
    groups, clients = (result.parameters[name] for name in ("groups", "clients"))
    queues = clients.get(unit) or groups.get(unit) or [unit]
    inside = [name for name, members in groups.items() if set(members) <= set(queues)]
    return list(dict.fromkeys([unit, *queues, *inside]))


def failures(result: PlanBacktest) -> dict[str, str]:
    """Each reason for which something is not planned, once, and what is not."""
    names: dict[str, list[str]] = {}
    for name, reason in result.failed.items():
        names.setdefault(reason, []).append(name)
    return {
        reason: f"{', '.join(found)} {'is' if len(found) == 1 else 'are'} not planned."
        for reason, found in names.items()
    }


def hours_ratio(costs: pd.DataFrame, other: str, plan: str = "plan") -> pd.Series:
    """
    Agent hours of a plan / those of another, at equal service, by queue and for all.

    Sums over those months and queues that are known of both.
    """
    wide = costs.pivot_table("equal_hours", ["queue", "month"], "plan")
    wide = wide.reindex(columns=[plan, other]).dropna().reset_index()
    sums = pd.concat([wide, wide.assign(queue=ALL)]).groupby("queue")
    ratio: pd.Series = sums[plan].sum() / sums[other].sum()
    return ratio


def shown_goals(result: PlanBacktest) -> list[tuple[Goal, Kpi]]:
    """The targets whose KPIs the backtest has, as planned, replayed and realised."""
    of = {kpi.name: kpi for kpi in definitions(result.targets.sl_rule)}
    return [
        (goal, of[goal.kpi])
        for goal in goals(result.targets)
        if f"replayed_{goal.kpi}" in result.outcomes["whole"]
    ]


def headlines(result: PlanBacktest) -> list[str]:
    """Whether the promises held, what the plans would have given, and their cost."""
    summary = summary_table(result).set_index("queue")
    whole = result.outcomes["whole"].set_index("queue").loc[ALL].to_dict()
    row: Mapping[Hashable, Any] = summary.loc[ALL].to_dict()
    return [
        sentence
        for sentence in (
            _promise(row),
            *(_given(goal, kpi, whole) for goal, kpi in shown_goals(result)),
            _there(result),
            _cost(row),
        )
        if sentence
    ]


def _promise(row: Mapping[Hashable, Any]) -> str:
    if pd.isna(row["held_days"]):
        return ""
    text = (
        f"The plans promised to meet their targets on {row['promised_days']:.1%} of "
        f"{row['days']:,.0f} days, counted queue by queue; with the calls that came, "
        f"they would have on {row['held_days']:.1%}"
    )
    if pd.notna(row["realised_days"]):
        text += f". The agents who were there did on {row['realised_days']:.1%}"
    return f"{text}."


def _given(goal: Goal, kpi: Kpi, whole: Mapping[Hashable, Any]) -> str:
    """A KPI over all calls of all months."""
    planned, replayed, realised = (
        value_shown(whole[f"{prefix}{kpi.name}"], kpi)
        for prefix in ("planned_", "replayed_", "")
    )
    bound = "at least" if goal.better == "higher" else "at most"
    name, really = label(kpi), f"really {realised}"
    if pd.isna(whole[kpi.name]):
        really = "the history does not tell what it really was"
    return (
        f"{name[0].upper()}{name[1:]}, {bound} {value_shown(goal.target, kpi)}: "
        f"planned {planned}; {replayed} with the planned agents and the calls that "
        f"came; {really}."
    )


def _there(result: PlanBacktest) -> str:
    """Agent hours there against those planned, where both are known."""
    intervals = result.outcomes["interval"]
    queues = intervals["queue"].isin(result.realised["queue"])
    hours = intervals.loc[queues, ["planned_agent_hours", "agent_hours"]]
    both = hours.dropna()
    if both.empty:
        return "The history does not know how many agents were there."
    planned, there = both.sum()
    part = "" if len(both) == len(hours) else " in the intervals that know it"
    return (
        f"Agents: {planned:,.0f} hours were planned, {there:,.0f} were there{part} "
        f"({there / planned - 1.0:+.1%})."
    )


def _cost(row: Mapping[Hashable, Any]) -> str:
    """Hours at equal service against the other plans, as far as they are known."""
    over = row["over_clairvoyant"]
    parts = []
    if pd.notna(over):
        parts.append(f"{_more(over)} a plan that knew every call")
    for name, how in SIMPLER.items():
        if pd.notna(under := row[f"under_{name}"]):
            parts.append(f"{_more(-under)} one made {how}")
    if not parts:
        return ""
    return f"Agent hours at equal service: {'; '.join(parts)}."


def _more(share: float) -> str:
    return f"{abs(share):.1%} {'more' if share >= 0 else 'fewer'} than"
