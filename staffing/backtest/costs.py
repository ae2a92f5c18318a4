"""What plans of the same month cost, as they are and at equal service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from staffing.backtest.pools import PoolMonth, rounded
from staffing.requirement import Rules
from staffing.simulate import Replay, kpis
from staffing.simulate.replay import Drawn
from staffing.targets import Targets

Ints = NDArray[np.int64]

SEARCH_CALLS = 50_000
"""Calls in all replications of a month while its factor is searched for."""
FACTORS = (0.1, 4.0)
"""Between which agents are scaled until the month meets its targets."""
WORST = 100.0
"""A miss so many times the target counts no more than that."""
NEAR = 1e-3
"""How near the factor is found."""


def factor_to_meet(
    replay: Replay, drawn: Sequence[Drawn], agents: Ints, targets: Targets, low: int
) -> float:
    """
    The factor on the agents with which the replayed month just meets its targets.

    NaN where none between FACTORS does, as where the fewest agents are too many, and
    where no target is of waits or abandonment.
    """

    def margin(log_factor: float) -> float:
        """How far the nearest target is from being missed, as a part of it."""
        duty = rounded(agents * float(np.exp(log_factor)), low)
        whole = kpis(replay.serve(duty, drawn), sl_rule=targets.sl_rule)
        missed = 1.0 - whole.service_level.value
        level = targets.service_level
        goals = (
            (None if level is None else 1.0 - level, missed),
            (targets.asa_s, whole.asa_s.value),
            (targets.mean_wait_s, whole.mean_wait_s.value),
            (targets.max_abandon_rate, whole.abandon_rate.value),
        )
        margins = [(goal - value) / goal for goal, value in goals if goal is not None]
        if not margins:
            return 0.0
        return float(np.nan_to_num(np.min(margins), nan=-WORST).clip(-WORST))

    ends = np.log(FACTORS)
    if margin(ends[0]) >= 0 or margin(ends[1]) < 0:
        return np.nan
    return float(np.exp(brentq(margin, *ends, xtol=NEAR)))


def costs_of(
    pool: PoolMonth,
    drawn: Sequence[Drawn],
    plans: Mapping[str, pd.DataFrame],
    rules: Rules,
) -> pd.DataFrame:
    """
    Agent hours of several plans of a pool's month, and at equal service.

    Parameters
    ----------
    pool : PoolMonth
        The calls that came.
    drawn : sequence of Drawn
        Those of its replay.
    plans : mapping
        Requirements by the name of the plan.
    rules : Rules
        Whose targets the month must meet.

    Returns
    -------
    DataFrame
        queue, plan, agent_hours, service_level, asa_s and abandon_rate of the
        replayed month; equal_hours: agent hours with the agents times ``factor``, with
        which the replayed month just meets its targets.
    """
    low, _ = rules.seats(pool.pool)
    quick = pool.replayed_less(SEARCH_CALLS)
    drawn_quick = [*quick.draw()]
    hours_of = pool.replay.interval_s / 3600.0
    rows = []
    for name, requirement in plans.items():
        mine = requirement[requirement["queue"] == pool.pool]
        by_start = mine.set_index("interval_start")["agents"]
        agents = by_start.reindex(pool.starts).fillna(0).to_numpy(dtype=np.int64)
        whole = kpis(pool.replay.serve(agents, drawn), sl_rule=rules.targets.sl_rule)
        factor = factor_to_meet(quick, drawn_quick, agents, rules.targets, low)
        after = float(by_start.sum() - agents.sum()) * hours_of  # closing
        equal = np.nan
        if np.isfinite(factor):
            equal = (
                float(rounded(agents * factor, low).sum()) * hours_of + factor * after
            )
        rows.append(
            {
                "queue": pool.pool,
                "plan": name,
                "agent_hours": float(agents.sum()) * hours_of + after,
                "service_level": float(whole.service_level.value[0]),
                "asa_s": float(whole.asa_s.value[0]),
                "abandon_rate": float(whole.abandon_rate.value[0]),
                "factor": factor,
                "equal_hours": equal,
            }
        )
    return pd.DataFrame(rows)
