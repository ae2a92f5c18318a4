"""How often the plan's promise held, against the probability that it promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.run import QueueForecast
from staffing.audit import HANDLE_CV
from staffing.backtest.pools import PoolMonth
from staffing.erlang.limits import Limits
from staffing.kpi import kpis_by, sums_of
from staffing.kpi.compare import PERIODS
from staffing.requirement import Rules
from staffing.requirement.chance import paths_for
from staffing.requirement.risk import meets
from staffing.requirement.solve import period_labels
from staffing.simulate import Result
from staffing.simulate.replay import Drawn
from staffing.targets import Scope, Targets

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PROMISED_PATHS = 50
"""Possible months, drawn from the forecast, on which the promise is reckoned."""
GRAINS: tuple[Scope, ...] = ("interval", "day", "month")


def promises_of(
    pool: PoolMonth,
    drawn: Sequence[Drawn],
    requirement: pd.DataFrame,
    forecasts: Mapping[str, QueueForecast],
    rules: Rules,
) -> pd.DataFrame:
    """
    Each interval, day and month: whether its KPIs meet all targets.

    Parameters
    ----------
    pool : PoolMonth
        What was planned and what came.
    drawn : sequence of Drawn
        The calls of its replay.
    requirement : DataFrame
        The whole plan of the month, closing rows too.
    forecasts : mapping
        Each queue's forecast.
    rules : Rules
        What the plan was solved by.

    Returns
    -------
    DataFrame
        queue, grain, period; ``promised``: the share of possible months, drawn from
        the forecast, in which it does; ``held``: the share of replays of what came;
        ``realised``: 1 or 0 with the agents that were there, NaN where not known.
        Without those whose calls are not known, or none are expected.
    """
    limits = rules.targets.limits(rules.patience_s)
    replayed = pool.replay.serve(pool.agents, drawn)
    rows = requirement[requirement["queue"] == pool.pool].reset_index(drop=True)
    possible = replace(
        paths_for(
            rows,
            [forecasts[queue] for queue in pool.queues],
            rules,
            PROMISED_PATHS,
            seed=rules.seed + 2,
        ),
        patience_s=pool.replay.patience_s,
        handle_cv=HANDLE_CV,
    )
    agents = rows["agents"].to_numpy(dtype=np.int64)
    every = pd.DatetimeIndex(rows["interval_start"])
    expected = possible.simulate(agents, limits)
    offered = pool.replay.planned.offered.sum(axis=1)
    whole = (pool.known | (pool.replay.planned.offered == 0)).all(axis=1)
    came = sums_of(pool.came, pool.replay.interval_s).where(pool.came["open"], 0.0)
    tables = []
    for grain in GRAINS:
        labels, first, place = np.unique(
            _units(pool.starts, grain), return_index=True, return_inverse=True
        )
        promised = _met(expected, _units(every, grain), labels, limits)
        held = _met(replayed, labels[place], labels, limits)
        really = kpis_by(
            came, np.tile(place, len(pool.queues)), sl_rule=rules.targets.sl_rule
        )
        table = pd.DataFrame(
            {
                "queue": pool.pool,
                "grain": grain,
                "period": PERIODS[grain](pool.starts[first].to_series()).to_numpy(),
                "promised": promised,
                "held": held,
                "realised": was_met(really, rules.targets).to_numpy(),
            }
        )
        is_whole = np.bincount(place, ~whole) == 0
        calls = np.bincount(place, offered)
        tables.append(table[is_whole & (calls > 0)])
    whole_units: pd.DataFrame = pd.concat(tables, ignore_index=True)
    return whole_units


def _units(starts: pd.DatetimeIndex, grain: Scope) -> Ints:
    """Labels that are the same for the same interval, day or month."""
    if grain == "interval":
        return np.asarray(starts.asi8)
    return period_labels(starts, grain)


def _met(result: Result, unit: Ints, labels: Ints, limits: Limits) -> Floats:
    """The share of replications in which each of these units meets the targets."""
    by_unit = (unit[:, None] == labels).astype(np.float64)
    sums = np.stack([field.sum(axis=2) @ by_unit for field in result[:7]])
    shares: Floats = meets(sums, limits).mean(axis=0)
    return shares


def was_met(kpis: pd.DataFrame, targets: Targets) -> pd.Series:
    """
    Whether realised KPIs meet all targets but occupancy: 1 or 0, NaN where not known.

    ``kpis`` has a row a unit, as :func:`staffing.kpi.kpis_by` returns it. A unit to
    which nobody called misses nothing.
    """
    goals = {
        "service_level": targets.service_level,
        "asa_s": targets.asa_s,
        "mean_wait_s": targets.mean_wait_s,
        "abandon_rate": targets.max_abandon_rate,
    }
    given = {name: goal for name, goal in goals.items() if goal is not None}
    found = pd.Series(1.0, index=kpis.index)
    found[kpis[list(given)].isna().any(axis=1) & (kpis["offered"] > 0)] = np.nan
    for name, goal in given.items():
        level = name == "service_level"
        found[(kpis[name] < goal) if level else (kpis[name] > goal)] = 0.0
    return found


def promise_table(promises: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Means over units, and how many there are: units, promised, held, realised."""
    grouped = promises.groupby(list(by), sort=True)
    means = grouped[["promised", "held", "realised"]].mean()
    table: pd.DataFrame = means.assign(units=grouped.size()).reset_index()
    shown: pd.DataFrame = table[[*by, "units", "promised", "held", "realised"]]
    return shown
