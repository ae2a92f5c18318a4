"""How far the agents on duty carry, and what frees people."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from staffing.requirement.chance import paths_for
from staffing.requirement.risk import Paths
from staffing.requirement.rules import Rules
from staffing.scenario.base import Base
from staffing.scenario.changes import Scenario
from staffing.scenario.outcome import PATHS, Outcome, outcome_of
from staffing.scenario.sweep import people_of, with_needed
from staffing.simulate import kpis

STEPS = range(-50, 101)
"""Changes of the calls that are tried. [%]"""
FREES = ("aht_s=-10%", "shrinkage=-0.01")
"""Changes that a manager may hope to free people by."""
LEAST_SHRINKAGE = 0.01
"""From which on there is a point of it to take away. [1]"""


class BreakEven(NamedTuple):
    """
    How far the agents on duty carry, and what frees people.

    ``carried`` has a row a pool: queue; change, the most calls with which the month
    meets its targets, as a share more than forecast (NaN where not even the fewest
    that are tried do); missed, the first target to be missed with more ("" where the
    most that are tried miss none). ``freed`` has a row for each of FREES that
    can be: change, and the fte and agent_hours [h] needed less than without it.
    """

    carried: pd.DataFrame
    freed: pd.DataFrame


def break_even(base: Base, scenario: Scenario) -> BreakEven:
    """
    The volume that the agents on duty carry, and the people that other levers free.

    Notes
    -----
    The KPIs of a month are those to expect, as in an Outcome: ratios of sums over the
    same simulated months. The same shocks and callers come whatever the volume, so
    that the answer is found by halving. As many of the calls as in the scenario are
    taken to be of callers who come again.
    """
    outcome = outcome_of(base, scenario, simulated=False)
    pools = outcome.requirement["queue"].unique()
    needed = with_needed(scenario)
    some = outcome.rules.shrinkage.week.min() >= LEAST_SHRINKAGE
    frees = FREES if some else FREES[:1]
    less = [needed.then(Scenario.of([text])) for text in frees]
    now, *then = people_of(base, [needed, *less])
    return BreakEven(
        pd.DataFrame([_carried(outcome, pool) for pool in pools]),
        pd.DataFrame(
            {
                "change": text,
                "fte": now["fte"] - fewer["fte"],
                "agent_hours": now["agent_hours"] - fewer["agent_hours"],
            }
            for text, fewer in zip(frees, then, strict=True)
        ),
    )


def _carried(outcome: Outcome, pool: str) -> dict[str, object]:
    table = outcome.requirement.assign(agents=outcome.agents)
    there = table["open"] | (table["agents"] > 0)
    rows = table[there & (table["queue"] == pool)].reset_index(drop=True)
    agents = rows["agents"].to_numpy(dtype=np.int64)
    rules = outcome.rules.for_pool(pool)
    queues = rules.pools.get(pool, (pool,))
    members = [item for item in outcome.forecasts if item.queue in queues]
    paths = paths_for(rows, members, rules, PATHS, seed=rules.seed + 1)

    @cache
    def missed(percent: int) -> str:
        calls = paths.offered * (1.0 + percent / 100.0)
        return first_missed(replace(paths, offered=calls), agents, rules)

    first = bisect_left(STEPS, True, key=lambda percent: missed(percent) != "")
    return {
        "queue": pool,
        "change": STEPS[first - 1] / 100.0 if first else np.nan,
        "missed": missed(STEPS[first]) if first < len(STEPS) else "",
    }


def first_missed(paths: Paths, agents: NDArray[np.int64], rules: Rules) -> str:
    """The first target that a pool's agents are to be expected to miss; "" for none."""
    targets = rules.targets
    result = paths.simulate(agents, targets.limits(rules.patience_s))
    found = kpis(result, sl_rule=targets.sl_rule)
    worse = {
        "service_level": (targets.service_level, found.service_level, -1),
        "asa_s": (targets.asa_s, found.asa_s, 1),
        "mean_wait_s": (targets.mean_wait_s, found.mean_wait_s, 1),
        "max_abandon_rate": (targets.max_abandon_rate, found.abandon_rate, 1),
    }
    for name, (target, reached, sign) in worse.items():
        if target is not None and sign * (reached.value[0] - target) > 0:
            return name
    return ""
