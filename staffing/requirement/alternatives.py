"""What the same calls would need by other rules."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from staffing.load import LoadRule
from staffing.patience import OfPools
from staffing.requirement.intervals import requirement_for
from staffing.requirement.monthly import monthly_for
from staffing.requirement.pools import pooled
from staffing.requirement.rules import Rules
from staffing.targets import Targets

LOADS: dict[LoadRule, str] = {
    "mol": "handle times carried over the borders of intervals",
    "mol_max": "every interval staffed for its busiest minute",
    "sipp": "every interval by itself, nothing carried over",
}
"""What each way to reckon the load means to a planner."""


def other_rules(rules: Rules, patience_s: OfPools) -> dict[str, Rules]:
    """
    Rules that a planner compares with the plan's, by their meaning.

    Where patience is known, both readings of the service level: answered in time, by
    Erlang C and A, and answered at all. [s]
    """
    targets = rules.targets
    others: dict[str, Rules] = {}
    if patience_s is not None and targets.service_level is not None:
        share = f"{100 * targets.service_level:g}% answered"
        is_rate = targets.sl_rule == "answer_rate"
        threshold_s = targets.threshold_s
        if threshold_s is None:
            threshold_s = Targets.threshold_s
        in_time = replace(
            targets,
            sl_rule="offered" if is_rate else targets.sl_rule,
            threshold_s=threshold_s,
        )
        nobody_leaves = replace(in_time, max_abandon_rate=None)
        at_all = replace(targets, sl_rule="answer_rate")
        by_a = rules.with_patience(patience_s)
        within = f"{share} within {threshold_s:g} s"
        others = {
            f"{within}, nobody hanging up (Erlang C)": replace(
                rules.with_patience(None), targets=nobody_leaves
            ),
            f"{within} (Erlang A)": replace(by_a, targets=in_time),
            f"{share} at all (Erlang A)": replace(by_a, targets=at_all),
        }
    if rules.pools:
        others["every queue by itself, without groups"] = replace(rules, pools={})
    if targets.scope != "interval":
        each = replace(targets, scope="interval", floor_service_level=None)
        others["targets met in every interval"] = replace(rules, targets=each)
    for load, meaning in LOADS.items():
        if load != rules.load:
            others[meaning] = replace(rules, load=load)
    return others


def alternatives_for(
    requirement: pd.DataFrame,
    forecast: pd.DataFrame,
    bands: pd.DataFrame,
    rules: Rules,
    *,
    patience_s: OfPools,
    full_time_h: float,
) -> pd.DataFrame:
    """
    Peak agents, hours and FTE of the plan's rules, first, and of others.

    Columns ``rules``, ``peak_agents`` (at once, all pools together), ``agent_hours``,
    ``paid_hours`` and ``fte``; those of the ``requirement`` itself stand first, the
    others are for the mean forecast.
    """
    rows: list[dict[str, object]] = []
    for meaning, other in {
        "this plan": rules,
        **other_rules(rules, patience_s),
    }.items():
        need = requirement_for(forecast, other) if rows else requirement
        months = monthly_for(
            need, pooled(bands, other.pools), other.shrinkage, full_time_h=full_time_h
        )
        rows.append(
            {
                "rules": meaning,
                "peak_agents": need.groupby("interval_start")["agents"].sum().max(),
                "agent_hours": months["agent_hours"].sum(),
                "paid_hours": months["paid_hours"].sum(),
                "fte": months.groupby("month")["fte"].sum().mean(),
            }
        )
    return pd.DataFrame(rows)
