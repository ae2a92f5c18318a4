"""What service costs: hours against the service level that they give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from forecast.errors import ConfigError
from staffing.requirement.intervals import OnDuty, agents_of
from staffing.requirement.rules import Rules
from staffing.requirement.scope import period_kpis
from staffing.scenario.base import Base
from staffing.scenario.changes import Scenario
from staffing.scenario.outcome import Outcome, outcome_of

LEVELS = (*(n / 100 for n in range(50, 90, 5)), *(n / 100 for n in range(90, 100)))
"""Service levels that are solved for. [1]"""


def trade_off(base: Base, scenario: Scenario) -> pd.DataFrame:
    """
    Agent hours against service level, by the scenario's own rules and scope.

    Returns
    -------
    DataFrame
        point: "curve" for the agents needed for each of LEVELS, all other targets as
        they are; "base" for the plan's, "scenario" for those on duty. target, that
        level [1]; agent_hours [h]; service_level, that of all calls by the formulas
        for the mean forecast [1]: NaN where agents in Erlang C do not exceed their
        load.

    Raises
    ------
    ConfigError
        There is no time within which calls are to be answered.
    """
    changed = outcome_of(base, scenario, simulated=False)
    targets = changed.rules.targets
    if targets.threshold_s is None and targets.sl_rule != "answer_rate":
        raise ConfigError(
            "the trade-off needs a time within which calls are answered. Add --set "
            "threshold_s=50."
        )
    rows = [
        {
            "point": "curve",
            "target": rules.targets.service_level,
            **_point(agents_of(changed.forecast, rules), rules),
        }
        for rules in _at_levels(changed.rules)
    ]
    for point, outcome in (
        ("base", outcome_of(base, simulated=False)),
        ("scenario", changed),
    ):
        rules = replace(outcome.rules, targets=targets)  # one yardstick
        rows.append({"point": point, **_point(_on_duty(outcome), rules)})
    return pd.DataFrame(rows)


def _at_levels(rules: Rules) -> Iterator[Rules]:
    """The same rules for each of LEVELS; no interval's floor is above it."""
    floor = rules.targets.floor_service_level
    for level in LEVELS:
        lower = floor if floor is not None and floor < level else None
        goal = replace(rules.targets, service_level=level, floor_service_level=lower)
        yield replace(rules, targets=goal)


def _on_duty(outcome: Outcome) -> dict[str, OnDuty]:
    """The agents of an outcome, as ``agents_of`` returns them."""
    table = outcome.requirement.assign(agents=outcome.agents)
    return {
        str(pool): OnDuty(
            pd.DatetimeIndex(rows["interval_start"]),
            int(rows["interval_s"].iloc[0]),
            rows["agents"].to_numpy(dtype=np.int64),
            *(rows[name].to_numpy() for name in ("load_erlang", "offered", "aht_s")),
        )
        for pool, rows in table.groupby("queue")
    }


def _point(pools: Mapping[str, OnDuty], rules: Rules) -> dict[str, float]:
    """Service level and hours of all pools together."""
    offered = sum(own.offered.sum() for own in pools.values())
    in_time = 0.0
    for pool, own in pools.items():
        limits = rules.targets.limits(rules.for_pool(pool).patience_s)
        whole = np.zeros(len(own.load))
        kpis = period_kpis(
            own.load, own.offered, own.agents, whole, aht_s=own.aht_s, **limits
        )
        in_time += own.offered.sum() * kpis.service_level[0]
    hours = sum(own.agents.sum() * own.interval_s / 3600.0 for own in pools.values())
    return {"service_level": float(in_time / offered), "agent_hours": float(hours)}
