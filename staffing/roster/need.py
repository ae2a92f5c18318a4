"""A requirement as a roster problem: who is needed, and what missing people cost."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.errors import Finding, TableError
from staffing.config.roster import Objective
from staffing.erlang import a, c
from staffing.patience import OfPools, of_pool
from staffing.roster.problem import Horizon, Ints, Need, Problem, Step
from staffing.roster.rules import Rules
from staffing.roster.team import Contract, Team
from staffing.targets import Targets

SHARES = (0.05, 0.10)
"""
Of the need: how far the first missing people go, and the next after them.

Callers feel the first missing agent least. By Erlang A (300 s handle time, 180 s of
patience, 95 % within 50 s) at 5 to 60 erlangs, an agent of the next tenth loses 1.8 to
2.6 times the answers in time of one of the first twentieth, one beyond it 2.9 to 5.7
times. So shortage must not pile up in one interval.
"""
COSTS = {"hours": (2, 2, 2), "convex": (2, 4, 8)}
"""Of a missing unit in the first share, the next and beyond, where a spare one is 1."""
CALLS = ("offered", "aht_s", "load_erlang")
"""Columns that the answers in time follow from."""
SERVICE_COST = 20
"""Of the mean first missing unit, where answers in time count and a spare unit is 1."""
SLOTS_MIN = (15, 10, 5)
"""Lengths of slot, the longest that fits is taken. [min]"""

Floats = NDArray[np.float64]


def problem_of(
    team: Team,
    requirement: pd.DataFrame,
    rules: Rules,
    *,
    first: dt.date,
    days: int,
    timezone: str,
    objective: Objective = "convex",
    targets: Targets | None = None,
    patience_s: OfPools = None,
) -> Problem:
    """
    The roster problem of a team and a requirement table.

    ``targets`` and ``patience_s`` are those of :func:`need_for`.

    Raises
    ------
    TableError
        The requirement needs nobody on these days.
    """
    contracts = {agent.contract for agent in team.agents}
    interval_min = int(requirement["interval_s"].iloc[0]) // 60
    horizon = Horizon(timezone, first, days, _slot_min(contracts, interval_min))
    need = need_for(requirement, horizon, objective, targets or Targets(), patience_s)
    return Problem(
        team.agents, horizon, need, rules, team.absences, team.requests, team.past
    )


def _slot_min(contracts: Collection[Contract], interval_min: int) -> int:
    """The longest slot of which intervals, starts, shifts and breaks are made. [min]"""
    lengths = [interval_min]
    for contract in contracts:
        lengths.append(contract.start_every_min)
        for kind in contract.kinds:
            lengths += [kind.present_min, *(pause.minutes for pause in kind.breaks)]
    step = math.gcd(*lengths)
    return next(slot for slot in SLOTS_MIN if step % slot == 0)


def need_for(
    requirement: pd.DataFrame,
    horizon: Horizon,
    objective: Objective,
    targets: Targets,
    patience_s: OfPools,
) -> Need:
    """
    What the open rows of a requirement table need on the days of a horizon.

    Parameters
    ----------
    requirement : DataFrame
        A requirement table; ``scheduled`` are the agents to roster.
    horizon : Horizon
        The days and their slots, of which an interval has a whole number.
    objective : {"hours", "convex", "service_level"}
        Missing people cost the same each; or more, the more are missing; or the
        calls that are not answered in time without them, as ``targets`` count them.
    targets : Targets
        ``threshold_s`` and ``sl_rule`` for "service_level".
    patience_s : float, mapping or None
        Callers' patience for it; without, by Erlang C. [s]

    Raises
    ------
    TableError
        No row lies within the horizon, nobody is needed, or "service_level" lacks
        columns.

    Notes
    -----
    Agents become whole units so that those of a group and day, from midnight up to
    any interval, add up to the exact ones within half a unit.
    """
    if objective == "service_level":
        _check_calls(requirement)
    rows = _open_rows(requirement, horizon)
    slots = int(rows["interval_s"].iloc[0]) // 60 // horizon.slot_min
    slot = rows["interval_start"].map(horizon.slot_of).astype("int64")
    groups = tuple(sorted(set(rows["queue"])))
    starts = np.unique(slot[rows["scheduled"] > 0])
    shape = (len(groups), len(starts))
    rows = rows[slot.isin(starts)]
    at = (
        np.searchsorted(groups, rows["queue"].to_numpy(dtype=str)),
        np.searchsorted(starts, slot[rows.index]),
    )

    def on_grid(values: NDArray[Any]) -> Ints:
        grid = np.zeros(shape, dtype=np.int64)
        grid[at] = np.rint(values)
        return grid

    units = _whole(rows, slots)
    widths = [np.ceil(share * units) for share in SHARES]
    widths.append(np.maximum(units - sum(widths), 0.0))
    if objective == "service_level":
        costs = _service_costs(rows, [w / slots for w in widths], targets, patience_s)
    else:
        costs = [np.full(len(rows), float(cost)) for cost in COSTS[objective]]
    steps = tuple(
        Step(on_grid(width), on_grid(cost))
        for width, cost in zip(widths, costs, strict=True)
    )
    exact = np.zeros(shape)
    exact[at] = rows["scheduled"]
    return Need(groups, starts, slots, on_grid(units), steps, exact=exact)


def _check_calls(requirement: pd.DataFrame) -> None:
    """Refuse a requirement from which no answers in time follow."""
    lacks = [name for name in CALLS if name not in requirement]
    if lacks:
        rule = (
            f'for objective = "service_level" it must have the columns '
            f"{', '.join(CALLS)}, but lacks: {', '.join(lacks)}"
        )
        remedy = 'Add them, or choose objective = "convex".'
        raise TableError([Finding("staffing.csv", rule, (), 0, remedy)])


def _whole(rows: pd.DataFrame, slots: int) -> Floats:
    """Whole units of each row, the remainder carried along its group's day."""
    ordered = rows.sort_values("interval_start")
    day = [ordered["queue"], ordered["interval_start"].dt.date]
    passed = (slots * ordered["scheduled"]).groupby(day).cumsum().round(9).round()
    units = passed - passed.groupby(day).shift(fill_value=0.0)
    return units.reindex(rows.index).to_numpy(dtype=np.float64)


def _open_rows(requirement: pd.DataFrame, horizon: Horizon) -> pd.DataFrame:
    start, end = horizon.time(0), horizon.time(horizon.slot(horizon.days))
    inside = requirement["interval_start"].between(start, end, inclusive="left")
    rows = requirement[requirement["open"] & inside]
    if not (rows["scheduled"] > 0).any():
        days = f"{horizon.date(0)} to {horizon.date(horizon.days - 1)}"
        rule = f"it must need agents from {days}, but needs none"
        raise TableError([Finding("staffing.csv", rule, (), 0)])
    return rows.reset_index(drop=True)


def _service_costs(
    rows: pd.DataFrame, widths: list[Floats], targets: Targets, patience_s: OfPools
) -> list[Floats]:
    """
    Calls not answered in time for each missing agent of a step, by row.

    ``widths`` are agents to be rostered. Costs do not fall from one step to the next,
    though by Erlang C, once agents do not exceed the load, nothing is left to lose:
    the marginal loss is made convex from below. At least 1, on average SERVICE_COST in
    the first step. [whole numbers]
    """
    levels = [_answered(rows, np.zeros(len(rows)), targets, patience_s)]
    missing = np.zeros(len(rows))
    losses: list[Floats] = []
    for width in (widths[0], widths[1], widths[1]):  # the last: as far as the second
        missing = missing + width
        levels.append(_answered(rows, missing, targets, patience_s))
        loss = np.divide(
            levels[-2] - levels[-1], width, out=np.zeros(len(rows)), where=width > 0
        )
        losses.append(np.maximum(loss, losses[-1]) if losses else loss)
    mean = losses[0][losses[0] > 0].mean() if losses[0].any() else 1.0
    return [np.maximum(np.rint(SERVICE_COST * loss / mean), 1.0) for loss in losses]


def _answered(
    rows: pd.DataFrame, missing: Floats, targets: Targets, patience_s: OfPools
) -> Floats:
    """Calls answered in time where so many rostered agents are missing. [contacts]"""
    scheduled = rows["scheduled"].to_numpy()
    present = np.divide(
        rows["agents"].to_numpy(),
        scheduled,
        out=np.zeros(len(rows)),
        where=scheduled > 0,
    )
    agents = np.maximum(scheduled - missing, 0.0) * present
    offered = rows["offered"].to_numpy()
    level = np.zeros(len(rows))
    called = np.flatnonzero(offered > 0)
    for queue, at in rows.iloc[called].groupby("queue").indices.items():
        places = called[at]
        of_queue = {
            "load": rows["load_erlang"].to_numpy()[places],
            "agents": agents[places],
            "aht_s": rows["aht_s"].to_numpy()[places],
            "threshold_s": targets.threshold_s or 0.0,
        }
        patience = of_pool(patience_s, str(queue))
        if patience is None:
            level[places] = c.metrics(**of_queue).service_level
        else:
            level[places] = a.metrics(
                **of_queue, patience_s=patience, sl_rule=targets.sl_rule
            ).service_level
    return np.asarray(level * offered)
