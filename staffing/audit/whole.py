"""The whole audit: intervals by themselves, their days, and what it comes to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast

import numpy as np
import pandas as pd

from staffing.audit.days import in_sum, simulate_days
from staffing.audit.estimates import KPIS, estimate_columns, in_words
from staffing.audit.peers import peer_agents
from staffing.audit.steady import (
    Agreement,
    compare_steady,
    has_balance,
    run_calls,
    steady_kpis,
)
from staffing.patience import OfPools, of_pool
from staffing.progress import Progress
from staffing.requirement.pools import Pools
from staffing.simulate import kpis
from staffing.targets import Targets

HANDLE_CV = 1.0
"""Sd / mean of a handle time: the exponential law's, and the sample's truth. [1]"""
DAY_CALLS = 20_000_000
DAY_REPLICATIONS = (100, 200)
"""So many calls make the days' error bars small, by so many replications."""
SHORT_DAY_CALLS = 600_000
SHORT_DAY_REPLICATIONS = (5, 10)
SHORT_STEADY_CALLS = 1_500_000
MANY_CALLS = 100
"""Simulated calls from which an interval's own service level means something."""


class World(NamedTuple):
    """What the days are simulated with."""

    patience_s: OfPools  # None: nobody hangs up [s]
    handle_cv: float  # sd / mean of the log-normal handle times [1]
    replications: int  # how often each day is simulated

    def __str__(self) -> str:
        if self.patience_s is None:
            return "days with ramps and log-normal handle times"
        patience = "each pool's own patience"
        if not isinstance(self.patience_s, Mapping):
            patience = f"{self.patience_s:g} s of patience"
        return f"days with ramps, log-normal handle times and {patience}"


@dataclass(frozen=True)
class Audit:
    """
    Second opinions on a requirement.

    ``table`` is the requirement with, for each KPI, ``steady_`` and ``steady_se_``
    (the interval by itself, as its formula sees it), ``day_`` and ``day_se_`` (in
    its whole day), ``day_minus_planned`` of the KPI ``measure``, and the agents that
    others would take. ``days`` has the KPIs of whole pools, last of "all".
    """

    table: pd.DataFrame
    days: pd.DataFrame
    agreement: Agreement
    world: World
    targets: Targets

    @property
    def measure(self) -> str:
        """The KPI that is told: the ASA where the plan has no service level."""
        return _measure(self.table)

    @property
    def exit_code(self) -> int:
        """0, or 1 where planned and simulated disagree."""
        return int(not self.agreement.agrees)

    def worst(self, pool: str | None = None) -> pd.Series[Any] | None:
        """
        The row with the worst ``measure`` in its day, of one pool or of all.

        Among many, chance has its part in it. Rows with fewer than MANY_CALLS
        simulated calls count only where there are no others; None without any.
        """
        rows = self.table[self.table[f"day_{self.measure}"].notna()]
        if pool is not None:
            rows = rows[rows["queue"] == pool]
        calls = rows["offered"] * self.world.replications
        rows = rows[calls >= min(MANY_CALLS, calls.max())]
        if rows.empty:
            return None
        values = rows[f"day_{self.measure}"]
        at = values.argmax() if self.measure == "asa_s" else values.argmin()
        return cast("pd.Series[Any]", rows.iloc[int(at)])

    def planned(self, kpi: str, pool: str | None = None) -> float:
        """A KPI's mean over the calls of one pool or of all; NaN without any."""
        rows = self.table[self.table["offered"] > 0]
        if pool is not None:
            rows = rows[rows["queue"] == pool]
        if rows.empty:
            return math.nan
        weights = rows["offered"]
        if kpi == "asa_s":
            weights = weights * (1.0 - rows["abandon_rate"].fillna(0.0))
        return float(np.average(rows[kpi], weights=weights))

    @property
    def verdict(self) -> str:
        """All in one line."""
        kpi, worst = self.measure, self.worst()
        if worst is None:
            return self.short_verdict
        return (
            f"{self.short_verdict.removesuffix('.')}; worst interval {worst['queue']} "
            f"{worst['interval_start']:%Y-%m-%d %H:%M}: "
            f"{in_words(kpi, worst[f'day_{kpi}'], worst[f'day_se_{kpi}'])} "
            f"(planned {in_words(kpi, worst[kpi])})."
        )

    @property
    def short_verdict(self) -> str:
        """Without the worst interval, which takes many replications to find."""
        kpi = self.measure
        month, se = (float(self.days[f"day_{x}{kpi}"].iloc[-1]) for x in ("", "se_"))
        agreement = self.agreement.sentence(len(self.table))
        if self.worst() is None:
            return f"{agreement} No calls are expected."
        return (
            f"{agreement} In {self.world}: {KPIS[kpi]} "
            f"{in_words(kpi, month, se)} "
            f"(planned {in_words(kpi, self.planned(kpi))})."
        )


def audit_requirement(
    requirement: pd.DataFrame,
    forecast: pd.DataFrame,
    pools: Pools | None = None,
    *,
    targets: Targets,
    patience_s: OfPools,
    seed: int,
    known_patience_s: OfPools = None,
    handle_cv: float = HANDLE_CV,
    replications: int | None = None,
    progress: Progress | None = None,
) -> Audit:
    """
    Simulate every interval of a requirement twice, and ask others for their agents.

    Parameters
    ----------
    requirement, forecast : DataFrame
        A requirement table and the forecast table that it staffs for.
    pools : mapping, optional
        The forecast's queues that each queue of the requirement answers; one that is
        not named answers itself.
    targets : Targets
        What the requirement was solved for.
    patience_s : float, mapping or None
        What it was solved with, of all or of each pool by its name; None: Erlang C.
        [s]
    seed : int
        Of all random numbers. Each row and each run of rows has its own.
    known_patience_s : float or mapping, optional
        Callers' mean patience for the days and for Erlang A's answer, where the plan
        does without; otherwise the plan's. [s]
    handle_cv : float
        Sd / mean of the days' log-normal handle times. [1]
    replications : int, optional
        How often each day is simulated, 2 or more; otherwise as often as makes
        DAY_CALLS calls, within DAY_REPLICATIONS.
    progress : callable, optional
        Told of each pool as it is begun.
    """
    table = requirement.reset_index(drop=True)
    if replications is None:
        replications = _replications(table, DAY_CALLS, DAY_REPLICATIONS)
    patience_there_s = patience_s if known_patience_s is None else known_patience_s
    audit = _simulated(
        table,
        table.loc[_runs(table, patience_s).index],
        forecast,
        pools or {},
        targets,
        patience_s,
        World(patience_there_s, handle_cv, replications),
        seed,
        progress,
    )
    others = [
        peer_agents(rows, targets, of_pool(patience_there_s, str(pool)))
        for pool, rows in audit.table.groupby("queue", sort=False)
    ]
    return replace(audit, table=audit.table.join(pd.concat(others)))


def short_audit(
    requirement: pd.DataFrame,
    forecast: pd.DataFrame,
    pools: Pools | None = None,
    *,
    targets: Targets,
    patience_s: OfPools,
    seed: int,
    known_patience_s: OfPools = None,
) -> str:
    """
    The verdict on some intervals by themselves, and on all days, a few times each.

    Parameters are those of :func:`audit_requirement`.
    """
    table = requirement.reset_index(drop=True)
    lot = _runs(table, patience_s).sample(frac=1.0, random_state=seed).cumsum()
    few = max(1, int((lot <= SHORT_STEADY_CALLS).sum()))
    replications = _replications(table, SHORT_DAY_CALLS, SHORT_DAY_REPLICATIONS)
    patience_there_s = patience_s if known_patience_s is None else known_patience_s
    return _simulated(
        table,
        table.loc[lot.index[:few]],
        forecast,
        pools or {},
        targets,
        patience_s,
        World(patience_there_s, HANDLE_CV, replications),
        seed,
    ).short_verdict


def _runs(table: pd.DataFrame, patience_s: OfPools) -> pd.Series[float]:
    """Calls that the simulation of each row that has a balance takes. [contacts]"""
    runs = []
    for pool, rows in table.groupby("queue", sort=False):
        mine = of_pool(patience_s, str(pool))
        steady = rows[has_balance(rows, mine)]
        runs.append(pd.Series(run_calls(steady, mine), steady.index))
    return pd.concat(runs)


def _replications(table: pd.DataFrame, calls: int, ends: tuple[int, int]) -> int:
    return int(np.clip(calls / max(table["offered"].sum(), 1.0), *ends))


def _simulated(
    table: pd.DataFrame,
    chosen: pd.DataFrame,
    forecast: pd.DataFrame,
    pools: Pools,
    targets: Targets,
    patience_s: OfPools,
    world: World,
    seed: int,
    progress: Progress | None = None,
) -> Audit:
    """Both experiments, the steady one on the ``chosen`` rows of the table."""
    names = list(table["queue"].unique())
    rows_of, chosen_of, calls_of = (
        dict(iter(rows.groupby("queue"))) for rows in (table, chosen, forecast)
    )
    steady, days, months = [], [], []
    for number, pool in enumerate(names):
        if progress:
            progress(f"audit of {pool}", number, len(names))
        mine = chosen_of.get(pool, chosen.head(0))
        steady.append(
            steady_kpis(
                mine, targets=targets, patience_s=of_pool(patience_s, pool), seed=seed
            )
        )
        rows = rows_of[pool].sort_values("interval_start")
        members = pools.get(pool, (pool,))
        result = simulate_days(
            rows,
            pd.concat([calls_of.get(queue, forecast.head(0)) for queue in members]),
            members,
            targets=targets,
            patience_s=of_pool(world.patience_s, pool),
            handle_cv=world.handle_cv,
            seed=seed,
            replications=world.replications,
        )
        each = np.arange(len(rows))[:, None]
        of_rows = kpis(result, groups=each, sl_rule=targets.sl_rule)
        days.append(pd.DataFrame(estimate_columns("day", of_rows), index=rows.index))
        months.append(in_sum([result]))
    whole = [
        kpis(month, sl_rule=targets.sl_rule) for month in (*months, in_sum(months))
    ]
    totals = pd.concat(
        pd.DataFrame(estimate_columns("day", of_pool), index=[name])
        for name, of_pool in zip((*names, "all"), whole, strict=True)
    )
    found = pd.concat(steady)
    agreement = compare_steady(table.loc[found.index].join(found))
    table = table.join(found).join(pd.concat(days))
    measure = _measure(table)
    table["day_minus_planned"] = table[f"day_{measure}"] - table[measure]
    return Audit(table, totals, agreement, world, targets)


def _measure(table: pd.DataFrame) -> str:
    return "service_level" if table["service_level"].notna().any() else "asa_s"
