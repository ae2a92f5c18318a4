"""A scenario beside the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from staffing.scenario.outcome import Outcome

OF_SCOPE = ("holds", "missed", "missed_of", "penalty")
"""KPIs of days, or whatever the targets hold over."""


def priced(plan: Outcome, scenario: Outcome) -> Outcome:
    """The plan at a scenario's prices, where it has none of its own."""
    own, other = plan.config.costs, scenario.config.costs
    kpis = plan.kpis
    if own.per_hour is None and other.per_hour is not None:
        kpis = kpis.assign(cost=kpis["paid_hours"] * other.per_hour)
    if own.penalty is None and other.penalty is not None:
        kpis = kpis.assign(penalty=kpis["missed"] * other.penalty)
    return replace(plan, kpis=kpis)


def compared(base: Outcome, scenario: Outcome) -> pd.DataFrame:
    """
    KPIs side by side: queue, kpi, base, scenario and difference.

    A pool that only one of them has is NaN in the other; so is the difference of
    what is met or missed, where one counts days and the other months. Prices that
    only the scenario has are both sides'.
    """
    base = priced(base, scenario)
    pools = list(dict.fromkeys([*scenario.kpis["queue"], *base.kpis["queue"]]))
    before, after = (
        item.kpis.set_index("queue").reindex(pools) for item in (base, scenario)
    )
    table = pd.DataFrame(
        {
            "queue": np.repeat(pools, len(before.columns)),
            "kpi": np.tile([*before], len(pools)),
            "base": before.to_numpy().ravel(),
            "scenario": after.to_numpy().ravel(),
        }
    )
    alike = (base.scope == scenario.scope) | ~table["kpi"].isin(OF_SCOPE)
    difference = table["scenario"] - table["base"]
    return table.assign(difference=difference.where(alike))
