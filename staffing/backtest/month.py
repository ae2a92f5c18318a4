"""One past month: planned from before it, staffed, and met with what really came."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecast.acd.generic import Reading
from forecast.cache import kept
from forecast.engine import Engine
from forecast.errors import Finding, TableError
from forecast.intervals import month_span
from staffing.backtest.costs import costs_of
from staffing.backtest.months import until
from staffing.backtest.pools import PoolMonth, pool_month
from staffing.backtest.promises import promises_of
from staffing.erlang.limits import SlRule
from staffing.inputs import Past, on_grid
from staffing.known import known_before
from staffing.kpi import ALL
from staffing.month import Staffed, callers_patience, staff_month
from staffing.packing import packed, unpacked
from staffing.plan import our_rules
from staffing.requirement import requirement_for
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

BASELINES = ("seasonal_naive", "sma4")
"""Models that the same month is planned with, to compare."""
RECORDED = (
    "[staffing] redial and repeat are left aside: plans are made for the calls as they "
    "were recorded, as nobody knows who would have called again with other agents"
)
CODE = Path(__file__).parents[1]


@dataclass(frozen=True)
class MonthBacktest:
    """
    Tables of one past month.

    ``plan``: the requirement's open rows; ``planned``, ``replayed`` and ``simulated``:
    queue, interval_start and the sums of what was planned, of the planned agents with
    what came, and of the agents that were there, empty where they are not known;
    ``promises``, ``costs``, ``levers`` and ``causes`` as their functions say;
    ``patience``: queue and patience_s of each pool's callers.
    """

    plan: pd.DataFrame
    planned: pd.DataFrame
    replayed: pd.DataFrame
    simulated: pd.DataFrame
    promises: pd.DataFrame
    costs: pd.DataFrame
    levers: pd.DataFrame
    causes: pd.DataFrame
    patience: pd.DataFrame
    failed: Mapping[str, str]
    warnings: tuple[str, ...]


TABLES = tuple(field.name for field in fields(MonthBacktest))[:-2]


def backtest_month(
    past: Past, month: str, *, engine: Engine | None = None
) -> MonthBacktest:
    """
    Plan a month from what was known before it, and hold it against what came; kept.

    Raises
    ------
    TableError
        The history before the month is too short for every queue.
    """
    frame = past.reading.frame
    after = pd.Timestamp(month_span(month)[1]) + pd.Timedelta(days=1)
    rows = frame[frame["interval_start"].dt.tz_localize(None) < after]
    seen = Reading(rows, ())  # what came later changes nothing
    said = past.config.model_dump_json(by_alias=True, exclude={"month", "months"})
    digest = pd.util.hash_pandas_object(rows).to_numpy()
    found = kept(
        f"{past.where} {month} {list(rows)} {said} {our_rules()}".encode()
        + digest.tobytes(),
        lambda: _packed(_backtest(replace(past, reading=seen), month, engine)),
        code=CODE,
    )
    tables = {name: unpacked(found[name], past.config.timezone) for name in TABLES}
    return MonthBacktest(
        **tables, failed=found["failed"], warnings=tuple(found["warnings"])
    )


def _packed(found: MonthBacktest) -> dict[str, Any]:
    tables = {name: packed(getattr(found, name)) for name in TABLES}
    return {
        **tables,
        "failed": dict(found.failed),
        "warnings": list(found.warnings),
    }


def _backtest(past: Past, month: str, engine: Engine | None) -> MonthBacktest:
    config = past.config.model_copy(update={"months": 1})
    warnings = []
    if config.staffing.to_returning():
        recorded = config.staffing.model_copy(update={"redial": 0.0, "repeat": 0.0})
        config = config.model_copy(update={"staffing": recorded})
        warnings.append(RECORDED)
    known = known_before(config, past.reading, month, past.where)
    staffed = staff_month(config, known, engine=engine)
    warnings += [str(warning) for warning in staffed.warnings]
    others = {}
    for model in BASELINES:
        part = config.forecast.model_copy(update={"model": model})
        simpler = config.model_copy(update={"forecast": part})
        try:
            other = staff_month(
                simpler,
                known,
                calibrated=config.staffing.risk is not None,  # else for the mean alone
                engine=engine,
            )
        except TableError as error:
            warnings.append(f"{month} is not planned with {model}: {error}")
        else:
            others[model] = other.requirement
    rules = staffed.rules
    answered = {
        str(pool): rules.pools.get(str(pool), (str(pool),))
        for pool in sorted(staffed.requirement["queue"].unique())
    }
    history = on_grid(config, past.reading, known.last, past.where)
    earlier = until(history, str(pd.Period(month, "M") - 1))
    patience_s = callers_patience(earlier, answered, config)
    made = [
        pool_month(
            pool,
            queues,
            staffed.requirement,
            staffed.forecast,
            history,
            targets=rules.targets,
            patience_s=patience_s[pool],
            seed=(config.seed + zlib.crc32(f"{pool} {month}".encode())) % 2**32,
        )
        for pool, queues in answered.items()
    ]
    pools = [pool for pool in made if pool.known.any()]
    if not pools:
        rule = f"{month} has no interval whose calls are known"
        raise TableError([Finding(past.where, rule, (), 1)])
    warnings += [f"{month}: {text}" for pool in pools for text in pool.remarks]
    warnings += [
        f"{pool.pool} is left out of {month}: none of its calls are known"
        for pool in made
        if not pool.known.any()
    ]
    plans = {
        "plan": staffed.requirement,
        "clairvoyant": _clairvoyant(staffed, pools),
        **others,
    }
    worlds = [
        variants(
            pool.replay,
            pool.agents,
            pool.agents_there,
            queues=pool.queues,
            starts=pool.starts,
        )
        for pool in pools
    ]
    parts = [
        _of_pool(pool, of_pool, staffed, plans)
        for pool, of_pool in zip(pools, worlds, strict=True)
    ]
    tables = {
        name: pd.concat([part[name] for part in parts], ignore_index=True)
        for name in TABLES[:-2]
    }
    return MonthBacktest(
        **tables,
        causes=_causes(pools, worlds, config.clients, rules.targets.sl_rule),
        patience=pd.DataFrame(patience_s.items(), columns=["queue", "patience_s"]),
        failed=staffed.failed,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _of_pool(
    pool: PoolMonth,
    worlds: Worlds,
    staffed: Staffed,
    plans: Mapping[str, pd.DataFrame],
) -> dict[str, pd.DataFrame]:
    """One pool's part of the tables."""
    rules = staffed.rules.for_pool(pool.pool)
    of_queue = {forecast.queue: forecast for forecast in staffed.forecasts}
    replayed, drawn = worlds[REPLAYED], [*pool.replay.draw()]
    levers = levers_of(
        pool.replay,
        worlds,
        pool.agents if pool.agents_there is None else pool.agents_there,
        pool=pool.pool,
        starts=pool.starts,
        targets=rules.targets,
    )
    return {
        "plan": pool.rows,
        "planned": worlds[PLANNED].assign(expected=pool.expected()),
        "replayed": replayed,
        "simulated": worlds.get(REALISED, replayed.iloc[:0]),
        "promises": promises_of(pool, drawn, staffed.requirement, of_queue, rules),
        "costs": costs_of(pool, drawn, plans, rules),
        "levers": levers.assign(
            sentence=[lever_sentence(row) for _, row in levers.iterrows()]
        ),
    }


def _causes(
    pools: Sequence[PoolMonth],
    worlds: Sequence[Worlds],
    clients: Mapping[str, Sequence[str]],
    sl_rule: SlRule,
) -> pd.DataFrame:
    """The gaps of each queue, group and client, and of all, split by cause."""
    came = pd.concat([pool.realised() for pool in pools], ignore_index=True)
    parts = [
        causes_of(of_pool, pool.realised(), pool=pool.pool, sl_rule=sl_rule)
        for pool, of_pool in zip(pools, worlds, strict=True)
    ]
    every = tuple(came["queue"].unique())
    for unit, queues in {**clients, ALL: every}.items():
        mine = came[came["queue"].isin(queues)]
        if mine.empty:
            continue
        answering = [
            of_pool
            for pool, of_pool in zip(pools, worlds, strict=True)
            if set(pool.queues) & set(queues)
        ]
        together = {
            world: pd.concat([of_pool[world] for of_pool in answering])
            for world in set.intersection(*map(set, answering))
        }
        of_unit = causes_of(together, mine, pool=unit, sl_rule=sl_rule)
        of_one = of_unit["queue"] == unit
        parts.append(of_unit[of_one] if of_one.any() else of_unit.assign(queue=unit))
    return pd.concat(parts, ignore_index=True)


def _clairvoyant(staffed: Staffed, pools: Iterable[PoolMonth]) -> pd.DataFrame:
    """The plan for exactly the calls and handle times that came."""
    parts = []
    for pool in pools:
        realised = pool.replay.realised
        for number, queue in enumerate(pool.queues):
            rows = staffed.forecast[staffed.forecast["queue"] == queue]
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
    return requirement_for(pd.concat(parts, ignore_index=True), staffed.rules)
