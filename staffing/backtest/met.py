"""One pool's month: its plan met with what came, and what would have been better."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.engine import Task
from forecast.history import History
from forecast.run import QueueForecast
from staffing.backtest.costs import costs_of
from staffing.backtest.pools import PoolMonth, pool_month
from staffing.backtest.promises import promises_of
from staffing.month import Staffed
from staffing.requirement import Rules, requirement_for
from staffing.requirement.pools import Pools
from staffing.why import (
    PLANNED,
    REALISED,
    REPLAYED,
    causes_of,
    lever_sentence,
    levers_of,
    variants,
)
from staffing.why.causes import Worlds


class Planned(NamedTuple):
    """
    A pool's part of the plan of a month, and the rows of what came.

    ``others`` are the requirements of other plans, by their names.
    """

    pool: str
    queues: tuple[str, ...]
    requirement: pd.DataFrame
    forecast: pd.DataFrame
    forecasts: Mapping[str, QueueForecast]
    others: Mapping[str, pd.DataFrame]
    rules: Rules
    came: History
    patience_s: float
    seed: int


class Met(NamedTuple):
    """
    What came of a pool's plan.

    ``tables`` are those of :class:`staffing.backtest.month.MonthBacktest` that have
    its rows alone, by name; ``worlds`` as :func:`staffing.why.variants`;
    ``realised``: queue, interval_start and the sums of what came, where it counts.
    """

    pool: str
    queues: tuple[str, ...]
    tables: Mapping[str, pd.DataFrame]
    worlds: Worlds
    realised: pd.DataFrame
    remarks: list[str]


def plans_of_pools(
    staffed: Staffed,
    others: Mapping[str, pd.DataFrame],
    came: History,
    *,
    answered: Pools,
    patience_s: Mapping[str, float],
    month: str,
    seed: int,
) -> Iterator[Task]:
    """A month's plan cut into pools, each a task for :func:`met`."""
    requirements = {"plan": staffed.requirement, **others}
    of_pool = {
        name: dict(iter(table.groupby("queue"))) for name, table in requirements.items()
    }
    nothing = staffed.requirement.iloc[:0]
    forecast = dict(iter(staffed.forecast.groupby("queue")))
    forecasts = {item.queue: item for item in staffed.forecasts}
    for pool, queues in answered.items():
        mine = {name: tables.get(pool, nothing) for name, tables in of_pool.items()}
        plan = mine.pop("plan")
        pools = {pool: queues} if pool in staffed.rules.pools else {}
        planned = Planned(
            pool,
            queues,
            plan,
            pd.concat(forecast[queue] for queue in queues),
            {queue: forecasts[queue] for queue in queues},
            mine,
            replace(staffed.rules, pools=pools),
            replace(came, frame=pd.concat(came.rows(queue) for queue in queues)),
            patience_s[pool],
            (seed + zlib.crc32(f"{pool} {month}".encode())) % 2**32,
        )
        yield Task(pool, (planned,))


def met(planned: Planned) -> Met | None:
    """What came of a pool's plan; None where nothing is known. For an engine."""
    rules = planned.rules
    pool = pool_month(
        planned.pool,
        planned.queues,
        planned.requirement,
        planned.forecast,
        planned.came,
        targets=rules.targets,
        patience_s=planned.patience_s,
        seed=planned.seed,
    )
    if not pool.known.any():
        return None
    worlds = variants(
        pool.replay,
        pool.agents,
        pool.agents_there,
        queues=pool.queues,
        starts=pool.starts,
    )
    plans = {
        "plan": planned.requirement,
        "clairvoyant": _clairvoyant(planned.forecast, pool, rules),
        **planned.others,
    }
    realised = pool.realised()
    causes = causes_of(worlds, realised, pool=pool.pool, sl_rule=rules.targets.sl_rule)
    tables = {**_tables(pool, worlds, planned, plans), "causes": causes}
    return Met(pool.pool, pool.queues, tables, worlds, realised, pool.remarks)


def _tables(
    pool: PoolMonth,
    worlds: Worlds,
    planned: Planned,
    plans: Mapping[str, pd.DataFrame],
) -> dict[str, pd.DataFrame]:
    """The pool's rows of the tables of a month."""
    rules = planned.rules.for_pool(pool.pool)
    replayed, drawn = worlds[REPLAYED], [*pool.replay.draw()]
    levers = levers_of(
        pool.replay,
        worlds,
        pool.agents if pool.agents_there is None else pool.agents_there,
        pool=pool.pool,
        starts=pool.starts,
        targets=rules.targets,
    )
    requirement, forecasts = planned.requirement, planned.forecasts
    return {
        "plan": pool.rows,
        "planned": worlds[PLANNED].assign(expected=pool.expected()),
        "replayed": replayed,
        "simulated": worlds.get(REALISED, replayed.iloc[:0]),
        "promises": promises_of(pool, drawn, requirement, forecasts, rules),
        "costs": costs_of(pool, drawn, plans, rules),
        "levers": levers.assign(
            sentence=[lever_sentence(row) for _, row in levers.iterrows()]
        ),
    }


def _clairvoyant(forecast: pd.DataFrame, pool: PoolMonth, rules: Rules) -> pd.DataFrame:
    """The plan for exactly the calls and handle times that came."""
    parts, realised = [], pool.replay.realised
    for number, queue in enumerate(pool.queues):
        rows = forecast[forecast["queue"] == queue]
        at = pool.starts.get_indexer(pd.DatetimeIndex(rows["interval_start"]))
        offered, aht_s = realised.offered[at, number], realised.aht_s[at, number]
        parts.append(
            rows.assign(
                offered=offered,
                offered_p10=offered,
                offered_p90=offered,
                aht_s=np.where(np.isnan(aht_s), rows["aht_s"], aht_s),
            )
        )
    return requirement_for(pd.concat(parts, ignore_index=True), rules)
