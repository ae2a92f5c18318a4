"""One past month: planned from before it, staffed, and met with what really came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.cache import kept
from forecast.engine import Engine, Serial
from forecast.errors import Finding, TableError
from staffing.backtest.met import Met, met, plans_of_pools
from staffing.backtest.recorded import Recorded, month_of
from staffing.erlang.limits import SlRule
from staffing.kpi import ALL
from staffing.month import callers_patience, staff_month
from staffing.packing import packed, unpacked
from staffing.parts import known_of_parts
from staffing.plan import our_rules
from staffing.why import causes_of

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
    past: Recorded, month: str, *, engine: Engine | None = None
) -> MonthBacktest:
    """
    Plan a month from what was known before it, and hold it against what came; kept.

    Raises
    ------
    TableError
        The history before the month is too short for every queue.
    """
    seen = replace(past.parts, warnings={})  # what came later changes nothing
    said = past.config.model_dump_json(by_alias=True, exclude={"month", "months"})
    found = kept(
        f"{past.where} {month} {past.digests[month]} {said} {our_rules()}".encode(),
        lambda: _packed(
            _backtest(replace(past, parts=seen), month, engine or Serial())
        ),
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


def _backtest(past: Recorded, month: str, engine: Engine) -> MonthBacktest:
    config = past.config.model_copy(update={"months": 1})
    warnings = []
    if config.staffing.to_returning():
        recorded = config.staffing.model_copy(update={"redial": 0.0, "repeat": 0.0})
        config = config.model_copy(update={"staffing": recorded})
        warnings.append(RECORDED)
    known = known_of_parts(config, past.parts, month, engine)
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
    patience_s = callers_patience(known.waits, answered, config)
    tasks = plans_of_pools(
        staffed,
        others,
        month_of(past, (known.first, known.last), engine),
        answered=answered,
        patience_s=patience_s,
        month=month,
        seed=config.seed,
    )
    made: dict[str, Met] = {}
    for pool, outcome in zip(answered, engine.map(met, tasks), strict=True):
        if isinstance(outcome, TableError):
            raise outcome
        if outcome is not None:
            made[pool] = outcome
    if not made:
        rule = f"{month} has no interval whose calls are known"
        raise TableError([Finding(past.where, rule, (), 1)])
    warnings += [f"{month}: {text}" for pool in made.values() for text in pool.remarks]
    warnings += [
        f"{pool} is left out of {month}: none of its calls are known"
        for pool in answered
        if pool not in made
    ]
    tables = {
        name: pd.concat([of.tables[name] for of in made.values()], ignore_index=True)
        for name in TABLES
        if name != "patience"
    }
    of_units = _causes_of_units([*made.values()], config.clients, rules.targets.sl_rule)
    tables["causes"] = pd.concat([tables["causes"], *of_units], ignore_index=True)
    return MonthBacktest(
        **tables,
        patience=pd.DataFrame(patience_s.items(), columns=["queue", "patience_s"]),
        failed=staffed.failed,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _causes_of_units(
    pools: Sequence[Met], clients: Mapping[str, Sequence[str]], sl_rule: SlRule
) -> list[pd.DataFrame]:
    """The gaps of each client, and of all, split by cause."""
    came = pd.concat([pool.realised for pool in pools], ignore_index=True)
    parts = []
    every = tuple(came["queue"].unique())
    for unit, queues in {**clients, ALL: every}.items():
        mine = came[came["queue"].isin(queues)]
        if mine.empty:
            continue
        answering = [pool.worlds for pool in pools if {*pool.queues} & {*queues}]
        together = {
            world: pd.concat([worlds[world] for worlds in answering])
            for world in set.intersection(*map(set, answering))
        }
        of_unit = causes_of(together, mine, pool=unit, sl_rule=sl_rule)
        of_one = of_unit["queue"] == unit
        parts.append(of_unit[of_one] if of_one.any() else of_unit.assign(queue=unit))
    return parts
