"""What service the rostered agents will give, beside that of the required ones."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.random import SeedSequence, default_rng
from numpy.typing import NDArray

from staffing.audit import HANDLE_CV
from staffing.kpi import kpis_by, result_sums
from staffing.kpi.compare import PERIODS, by_unit
from staffing.patience import OfPools, of_pool
from staffing.requirement import Rules
from staffing.requirement.overload import run_labels
from staffing.requirement.solve import period_labels
from staffing.simulate import Calls, Replay, Result

Floats = NDArray[np.float64]

CALLS = 200_000
"""Calls in all replications of a pool's month, within REPLICATIONS."""
REPLICATIONS = (5, 50)
KPIS = ("agent_hours", "service_level", "asa_s", "abandon_rate", "occupancy")


def service_of(
    requirement: pd.DataFrame,
    forecast: pd.DataFrame,
    cover: pd.DataFrame,
    rules: Rules,
    *,
    patience_s: OfPools,
    seed: int,
    handle_cv: float = HANDLE_CV,
) -> pd.DataFrame:
    """
    Simulate the month with the required agents and with those whom the roster has.

    Parameters
    ----------
    requirement, forecast : DataFrame
        A requirement table and the forecast table that it staffs for.
    cover : DataFrame
        The table cover; who is not in it is not there.
    rules : Rules
        What the requirement was solved by: its pools, shrinkage and targets count.
    patience_s : float, mapping or None
        Callers' mean patience, of all or of each pool; None: nobody hangs up. [s]
    seed : int
        Of all random numbers; each pool has a stream of its own, by its name, so that
        what is odd in one is not odd in all.
    handle_cv : float
        Sd / mean of the log-normal handle times. [1]

    Returns
    -------
    DataFrame
        queue, period (each day, then the months), offered, and each of ``KPIS`` as
        ``planned_KPI`` (the required agents) and ``rostered_KPI``; last of "all".
        KPIs are ratios of the sums of all calls; NaN where there are none.

    Notes
    -----
    Of the rostered, rostered · (1 − shrinkage that is not rostered) are on the queue.
    A fraction of an agent is a whole one on so many of the simulated days, so that the
    mean is kept. Both sides meet the same calls: Poisson around the forecast, whose
    own error is not in the picture. Agents that the requirement keeps after closing
    are not rostered: ``agent_hours`` and ``occupancy`` are of open intervals.
    """
    there = cover.set_index(["queue", "interval_start"])["rostered"]
    sides: dict[str, list[pd.DataFrame]] = {"planned": [], "rostered": []}
    for pool, rows in requirement.groupby("queue", sort=True):
        rows = rows.sort_values("interval_start")
        queues = rules.pools.get(str(pool), (str(pool),))
        starts = pd.DatetimeIndex(rows["interval_start"])
        replay = _replay(
            rows,
            forecast,
            queues,
            patience_s=of_pool(patience_s, str(pool)),
            threshold_s=rules.targets.threshold_s or 0.0,
            handle_cv=handle_cv,
            seed=seed + zlib.crc32(str(pool).encode()),
        )
        keys = pd.MultiIndex.from_frame(rows[["queue", "interval_start"]])
        rostered = there.reindex(keys, fill_value=0.0).to_numpy(dtype=np.float64)
        agents = {
            "planned": rows["agents"].to_numpy(dtype=np.float64),
            "rostered": rostered / rules.shrinkage.scheduled_per_agent(starts),
        }
        for side, duty in agents.items():
            sums = result_sums(_serve(replay, duty), queues, starts)
            is_open = sums["interval_start"].isin(starts[rows["open"].to_numpy()])
            agent_s = sums["agent_s"].where(is_open)
            sides[side].append(sums.assign(queue=str(pool), agent_s=agent_s))
    tables = [_kpis(pd.concat(sums), rules, side) for side, sums in sides.items()]
    return tables[0].join(tables[1].drop(columns="offered")).reset_index()


def _replay(
    rows: pd.DataFrame,
    forecast: pd.DataFrame,
    queues: Sequence[str],
    *,
    patience_s: float | None,
    threshold_s: float,
    handle_cv: float,
    seed: int,
) -> Replay:
    """A pool's rows, and the calls that its queues are forecast to have in them."""
    starts = pd.DatetimeIndex(rows["interval_start"])
    of_queue = forecast.set_index("interval_start").groupby("queue")
    fresh, aht_s = (
        np.column_stack(
            [of_queue.get_group(queue)[name].reindex(starts) for queue in queues]
        )
        for name in ("offered", "aht_s")
    )
    fresh = np.nan_to_num(fresh)  # no queue calls after closing
    calls = fresh.sum(axis=1, keepdims=True)
    shares = np.divide(fresh, calls, out=np.zeros(fresh.shape), where=calls > 0)
    offered = shares * rows[["offered"]].to_numpy()  # those who call again included
    expected = Calls(offered, aht_s)
    return Replay(
        planned=expected,
        realised=expected,
        days=period_labels(starts, "day"),
        runs=run_labels(rows),
        interval_s=float(rows["interval_s"].iloc[0]),
        patience_s=np.inf if patience_s is None else patience_s,
        threshold_s=threshold_s,
        seed=seed,
        replications=int(np.clip(CALLS / max(offered.sum(), 1.0), *REPLICATIONS)),
        handle_cv=handle_cv,
    )


def _serve(replay: Replay, agents: Floats) -> Result:
    """Serve each replication's calls with whole agents, rounded at random by day."""
    of_day = np.unique(replay.days, return_inverse=True)[1]
    one = replace(replay, replications=1)
    results = []
    drawn = replay.draw(volume=False, shape=False, aht=False)
    for number, calls in enumerate(drawn):
        rng = default_rng(SeedSequence(replay.seed, spawn_key=(number, 1)))
        chance = rng.random(of_day.max() + 1)[of_day]
        whole = np.floor(agents.round(9) + chance)  # 2.999… of three is three
        results.append(one.serve(whole, [calls]))
    *sums, agent_s = zip(*results, strict=True)
    joined = [np.concatenate(field) for field in sums]
    return Result._make([*joined, np.mean(agent_s, axis=0)])


def _kpis(sums: pd.DataFrame, rules: Rules, side: str) -> pd.DataFrame:
    """KPIs by queue and period, days before months."""
    rows = by_unit(sums, {})
    tables = []
    for grain in ("day", "month"):
        period = PERIODS[grain](rows["interval_start"]).rename("period")
        kpis = kpis_by(rows, ["queue", period], sl_rule=rules.targets.sl_rule)
        tables.append(kpis[["offered", *KPIS]])
    table = pd.concat(tables).rename(columns={kpi: f"{side}_{kpi}" for kpi in KPIS})
    return table.loc[list(rows["queue"].unique())]
