"""A pool's day: who is there and who is needed, and what callers meet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from staffing.kpi import SUMS, kpis_by, sums_of
from staffing.requirement import Rules
from staffing.targets import Targets
from staffing.track.ahead import day_sums
from staffing.track.calls import calls_table, outlook_row
from staffing.track.rest import QueueDay
from staffing.track.today import Today

Floats = NDArray[np.float64]
KEYS = ["queue", "interval_start"]

KPIS = ("offered", "aht_s", "service_level", "asa_s", "abandon_rate", "agent_hours")
"""What is told of a whole day."""


class PoolDay(NamedTuple):
    """Parts of :class:`staffing.track.Tracked`: those of one pool."""

    table: pd.DataFrame
    outlook: pd.DataFrame
    kpis: pd.DataFrame


def track_pool(
    pool: str,
    members: Sequence[QueueDay],
    planned: pd.DataFrame,
    needed: pd.DataFrame,
    today: Today,
    rules: Rules,
    patience_s: float,
) -> PoolDay:
    """
    Hold a pool's day against its plan.

    Parameters
    ----------
    pool : str
        Its name.
    members : sequence of QueueDay
        Its queues that are open.
    planned, needed : DataFrame
        The pool's requirement of the day, as planned and as it is expected now.
    today : Today
        What came, and who is there: where the file does not say, those planned.
    rules : Rules
        What the requirements were solved by.
    patience_s : float
        Mean time that a caller would wait; inf: for ever. [s]
    """
    rows = _rows(planned, needed, members, today)
    starts = pd.DatetimeIndex(rows["interval_start"])
    ahead = rows["ahead"].to_numpy()
    there = rows["agents"].to_numpy()
    wanted = np.where(ahead, rows["needed_agents"], there)
    came = _came(today, members, int(rows["interval_s"].iloc[0]))

    def of_day(agents: Floats, days: Sequence[QueueDay]) -> pd.DataFrame:
        duty = np.rint(agents).astype(np.int64)
        return day_sums(rows, duty, days, rules, patience_s)

    before = [day.as_planned() for day in members]
    sums = {
        "planned": of_day(rows["planned_agents"].to_numpy(), before),
        "so far": came,
        "expected": _with_what_came(of_day(there, members), came),
        "corrected": _with_what_came(of_day(wanted, members), came),
    }
    targets = rules.targets
    named = {pool: members} | {day.queue: [day] for day in members}
    tables = []
    for name, days in named.items():
        queues = [day.queue for day in days]
        by_interval = {
            state: _kpis(part[part["queue"].isin(queues)], "interval_start", targets)
            for state, part in sums.items()
        }
        levels = {
            state: kpis["service_level"].reindex(starts).to_numpy()
            for state, kpis in by_interval.items()
        }
        tables.append(
            calls_table(starts, days).assign(
                queue=name,
                aht_s=by_interval["so far"]["aht_s"].reindex(starts).to_numpy(),
                planned_service_level=levels["planned"],
                service_level=levels["so far"],
                expected_service_level=levels["expected"],
                corrected_service_level=levels["corrected"],
            )
        )
    tables[0] = tables[0].assign(  # the queues of a group have no agents of their own
        planned_agents=rows["planned_agents"],
        agents=there,
        needed_agents=np.where(ahead, wanted, np.nan),
        net=np.where(ahead, there - wanted, np.nan),
    )
    kpis = [
        _kpis(part, np.zeros(len(part)), targets).assign(state=state)
        for state, part in sums.items()
    ]
    return PoolDay(
        pd.concat(tables, ignore_index=True),
        pd.DataFrame([outlook_row(name, days) for name, days in named.items()]),
        pd.concat(kpis).assign(queue=pool)[["queue", "state", *KPIS]],
    )


def _rows(
    planned: pd.DataFrame,
    needed: pd.DataFrame,
    members: Sequence[QueueDay],
    today: Today,
) -> pd.DataFrame:
    """The intervals of both requirements, with the agents of each."""
    planned, needed = (t.set_index("interval_start") for t in (planned, needed))
    starts = pd.DatetimeIndex(planned.index.union(needed.index))
    interval_s = int(needed["interval_s"].iloc[0])
    ends = starts + pd.Timedelta(seconds=interval_s)
    as_planned = planned["agents"].reindex(starts, fill_value=0).astype(float)
    there = _there(today, members).reindex(starts).fillna(as_planned)
    wanted = needed["agents"].reindex(starts, fill_value=0).astype(float)
    return pd.DataFrame(
        {
            "interval_start": starts,
            "interval_s": interval_s,
            "ahead": ends > today.at,
            "planned_agents": as_planned.to_numpy(),
            "agents": there.to_numpy(),
            "needed_agents": wanted.to_numpy(),
        }
    )


def _there(today: Today, members: Sequence[QueueDay]) -> pd.Series:
    """Agents of a pool by interval, where today's file has them for all open queues."""
    queues = [day.queue for day in members]
    rows = today.agents[today.agents["queue"].isin(queues)]
    by_start = rows.groupby("interval_start")["agents"]
    starts = pd.concat([day.planned["interval_start"] for day in members])
    number = starts.value_counts().reindex(by_start.size().index, fill_value=1)
    agents: pd.Series = by_start.sum()[by_start.size() >= number]
    return agents


def _kpis(sums: pd.DataFrame, by: Any, targets: Targets) -> pd.DataFrame:
    """The KPIs by group; no service level where the targets do not say which."""
    if sums.empty:
        return pd.DataFrame(columns=[*KPIS], dtype=np.float64)
    kpis = kpis_by(sums, by, sl_rule=targets.sl_rule)
    if targets.threshold_s is None and targets.sl_rule != "answer_rate":
        kpis["service_level"] = np.nan
    return kpis


def _came(today: Today, members: Sequence[QueueDay], interval_s: int) -> pd.DataFrame:
    """The sums that today's file knows of a pool's intervals that came."""
    queues = [day.queue for day in members]
    rows = today.rows[today.rows["queue"].isin(queues) & today.rows["offered"].notna()]
    return pd.concat([rows[KEYS], sums_of(rows, interval_s)], axis="columns")


def _with_what_came(simulated: pd.DataFrame, came: pd.DataFrame) -> pd.DataFrame:
    """The day's sums: of what came, where it is known, the file's."""
    known = came.set_index(KEYS).reindex(pd.MultiIndex.from_frame(simulated[KEYS]))
    sums = known.reset_index(drop=True)[[*SUMS]].fillna(simulated[[*SUMS]])
    return pd.concat([simulated[KEYS], sums], axis="columns")
