"""Which agents the rules ask for, by the scope of their targets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.errors import Finding, TableError
from staffing.erlang.b import MOST_LOAD
from staffing.erlang.limits import checked_callers, checked_targets
from staffing.erlang.solve import explain_for
from staffing.requirement.rules import Rules
from staffing.requirement.scope import PeriodKpis, agents_over, period_kpis
from staffing.targets import Scope

Floats = NDArray[np.float64]
MOST_WAITING = 1e6
"""Calls in the time that a caller waits: as long is the series that Erlang A sums."""


class Need(NamedTuple):
    """Agents of a pool's intervals, and what decided each."""

    agents: NDArray[np.int64]
    binding: NDArray[np.str_]


class Work(NamedTuple):
    """What one pool's intervals are staffed for, arrays of shape (I,)."""

    starts: pd.DatetimeIndex  # local
    offered: Floats  # [contacts]
    load: Floats  # [erlang]
    aht_s: Floats  # [s]
    low: NDArray[np.int64]  # fewest agents
    high: float  # seats


def check_size(rate: Floats, load: Floats, rules: Rules) -> None:
    """
    Refuse loads beyond what the solver reckons with; ``rate`` in contacts a second.

    Raises
    ------
    TableError
        A load, or the calls in the time that callers wait, are too many.
    """
    patient = rate * (rules.patience_s or 0)
    for name, most, unit, values in (
        ("loads", MOST_LOAD, " erlangs", load),
        ("calls in the time of patience_s", MOST_WAITING, "", patient),
    ):
        if (values > most).any():
            rule = f"{name} must be at most {most:g}{unit}, but reach {values.max():g}"
            remedy = "Look for wrong offered or aht_s in the history."
            if rules.returning:
                remedy += " With redial or repeat near 1 calls come again without end."
            raise TableError([Finding("forecast", rule, (), 1, remedy)])


def need_for(work: Work, rules: Rules) -> Need:
    """Fewest agents that meet the targets, within the seats."""
    limits = rules.targets.limits(rules.patience_s)
    alone = explain_for(work.load, aht_s=work.aht_s, **limits)
    wanted = np.maximum(alone.agents, work.low)
    binding = np.where(alone.binding == "", "none", alone.binding)
    binding = np.where(alone.agents < work.low, "min_agents", binding)
    is_open = work.offered > 0
    if rules.targets.scope == "interval" or not is_open.any():
        return _seated(wanted, binding, wanted > work.high, work.high)
    period = period_labels(work.starts, rules.targets.scope)
    wanted[is_open] = agents_over(
        work.load[is_open],
        work.offered[is_open],
        period[is_open],
        aht_s=work.aht_s[is_open],
        low=work.low[is_open],
        high=work.high,
        floor_service_level=rules.targets.floor_service_level,
        **limits,
    )
    found = np.array(rules.targets.scope)
    binding = np.where(is_open & (wanted > work.low), found, binding)
    kpis = period_kpis(
        work.load[is_open],
        work.offered[is_open],
        wanted[is_open],
        period[is_open],
        aht_s=work.aht_s[is_open],
        **limits,
    )
    short = np.isin(period, kpis.period[missed(kpis, rules)])
    return _seated(wanted, binding, short & (alone.agents > work.high), work.high)


def period_labels(starts: pd.DatetimeIndex, scope: Scope) -> NDArray[np.int64]:
    """A number for each interval's own start, local date or local month."""
    if scope == "interval":
        return np.arange(len(starts))
    unit = {"day": "D", "month": "M"}[scope]
    local = starts.tz_localize(None).to_numpy().astype(f"datetime64[{unit}]")
    return local.astype(np.int64)


def missed(kpis: PeriodKpis, rules: Rules) -> NDArray[np.bool_]:
    """Which periods do not meet the targets, or have a queue that only grows."""
    limits = rules.targets.limits(rules.patience_s)
    targets = checked_targets(checked_callers(1.0, limits), limits)
    endless = np.isnan(kpis.mean_wait_s)
    return np.asarray(
        endless
        | (kpis.service_level < targets.service_level)
        | (kpis.asa_s > targets.asa_s)
        | (kpis.mean_wait_s > targets.mean_wait_s)
        | (kpis.abandon_rate > targets.max_abandon_rate)
    )


def _seated(
    wanted: NDArray[np.int64],
    binding: NDArray[np.str_],
    short: NDArray[np.bool_],
    high: float,
) -> Need:
    agents = np.minimum(wanted, high).astype(np.int64)
    return Need(agents, np.where(short, "max_agents", binding))
