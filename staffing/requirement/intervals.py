"""The agents that each interval needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.schema import REQUIREMENT, check_table
from staffing.erlang.limits import checked_callers
from staffing.load import loads_for
from staffing.requirement.overload import runs_of, simulated_kpis
from staffing.requirement.pools import pooled
from staffing.requirement.rules import Rules
from staffing.requirement.solve import Work, check_size, need_for

Floats = NDArray[np.float64]
LEAST_LEFT = 0.5
"""Load after closing from which somebody stays for it. [erlang]"""
MOST_ROUNDS = 200
"""Rounds in which calls that come again and the agents for them settle."""
FREE_ROUNDS = 20
"""Of these, the first in which agents may also fall; then they only rise."""


def requirement_for(forecast: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """
    Fewest agents that meet all targets in each interval.

    Parameters
    ----------
    forecast : DataFrame
        A forecast table.
    rules : Rules
        What every interval must reach, and with whom.

    Returns
    -------
    DataFrame
        A requirement table with the forecast's percentiles, by pool; after closing
        rows with ``open`` false, while the load is LEAST_LEFT or more. Where seats do
        not suffice, ``binding`` is "max_agents" and the KPIs are those that they give;
        where a backlog is carried over, or agents do not exceed the load of Erlang C,
        by simulation.

    Raises
    ------
    TableError
        A load is beyond what the solver reckons with.
    """
    parts = [pool.requirement() for pool in _pools(forecast, rules)]
    return check_table(pd.concat(parts, ignore_index=True), REQUIREMENT, "staffing.csv")


class OnDuty(NamedTuple):
    """One pool's agents and calls, on a grid without gaps to the end of its months."""

    starts: pd.DatetimeIndex
    interval_s: int
    agents: NDArray[np.int64]
    load: Floats  # [erlang]
    offered: Floats  # with the calls that come again [contacts]
    aht_s: Floats  # [s]


def agents_of(forecast: pd.DataFrame, rules: Rules) -> dict[str, OnDuty]:
    """
    The agents of :func:`requirement_for` alone, by pool: for many forecasts in a row.

    Raises
    ------
    TableError
        As in :func:`requirement_for`.
    """
    found = {}
    for pool in _pools(forecast, rules):
        answer = pool.settled()
        offered = pool.offered * answer.calls_again
        found[str(pool.rows["queue"].iloc[0])] = OnDuty(
            pool.starts,
            pool.interval_s,
            answer.agents,
            answer.load,
            offered,
            pool.aht_s,
        )
    return found


def _pools(forecast: pd.DataFrame, rules: Rules) -> Iterator[_Pool]:
    """Each pool on its grid, in order of their names."""
    returning = rules.returning
    if returning:
        usual = forecast["queue"].map(rules.usual_abandonment).to_numpy(dtype=float)
        calls = ["offered", "offered_p10", "offered_p90"]
        fresh = forecast[calls].mul(returning.fresh_share(usual), axis="index")
        forecast = forecast.assign(**fresh)
    of_queue = of_pool = _by_queue(forecast)
    if rules.pools:
        of_pool = _by_queue(pooled(forecast, rules.pools))
    for name, rows in of_pool.items():
        members = rules.pools.get(name, (name,))
        queues = [of_queue[queue] for queue in members if queue in of_queue]
        pool = _Pool.of(rows, queues, rules.for_pool(name))
        rate = pool.offered / pool.interval_s
        check_size(rate, rate * pool.aht_s, pool.rules)
        yield pool


def _by_queue(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(queue): rows for queue, rows in table.groupby("queue")}


@lru_cache(maxsize=64)
def _grid(
    first: pd.Timestamp, last: pd.Timestamp, interval_s: int, zone: dt.tzinfo
) -> pd.DatetimeIndex:
    """Intervals from the first to the end of the last one's month; many ask again."""
    after = (last.tz_localize(None).to_period("M") + 1).start_time
    step, end = pd.Timedelta(seconds=interval_s), after.tz_localize(zone)
    return pd.date_range(first, end, freq=step, inclusive="left", unit="s")


class _Answer(NamedTuple):
    """One pool's agents on its grid."""

    calls_again: Floats  # factor on the fresh calls
    arriving: Floats  # load without the backlog that seats leave
    load: Floats
    agents: NDArray[np.int64]
    binding: NDArray[np.str_]


class _Pool(NamedTuple):
    """One pool on a grid without gaps, from its first interval to its months' end."""

    rows: pd.DataFrame  # its forecast: fresh calls where callers return
    rules: Rules
    starts: pd.DatetimeIndex
    is_open: NDArray[np.bool_]
    offered: Floats
    aht_s: Floats
    queues: list[tuple[Floats, Floats]]  # each member's own calls and handle times
    interval_s: int
    was_open: bool  # before its first interval too
    low: int
    high: float

    @classmethod
    def of(cls, rows: pd.DataFrame, queues: list[pd.DataFrame], rules: Rules) -> _Pool:
        start = pd.DatetimeIndex(rows["interval_start"])
        interval_s = int(rows["interval_s"].iloc[0])
        grid = _grid(start[0], start[-1], interval_s, start.tz)
        low, high = rules.seats(str(rows["queue"].iloc[0]))

        def on_grid(table: pd.DataFrame) -> tuple[Floats, Floats]:
            """Calls, none where closed, and handle times, the last ones there."""
            at = grid.get_indexer(pd.DatetimeIndex(table["interval_start"]))
            offered = np.zeros(len(grid))
            offered[at] = table["offered"]
            last = np.searchsorted(at, np.arange(len(grid)), side="right") - 1
            return offered, table["aht_s"].to_numpy()[np.maximum(last, 0)]

        whole = on_grid(rows)
        return cls(
            rows,
            rules,
            grid,
            np.isin(grid.asi8, start.as_unit("s").asi8),
            *whole,
            [whole if queue is rows else on_grid(queue) for queue in queues],
            interval_s,
            grid[0].hour == grid[0].minute == 0,
            low,
            np.inf if high is None else float(high),
        )

    def requirement(self) -> pd.DataFrame:
        rules, answer = self.rules, self.settled()
        kept = self.is_open | (answer.agents > 0)
        starts = self.starts[kept]
        agents, load, aht_s = answer.agents[kept], answer.load[kept], self.aht_s[kept]
        limits = rules.targets.limits(rules.patience_s)
        met = checked_callers(aht_s, limits).reached(load, agents)
        table = pd.DataFrame(
            {
                "queue": self.rows["queue"].iloc[0],
                "interval_start": starts,
                "interval_s": self.interval_s,
                "open": self.is_open[kept],
            }
        )
        again = answer.calls_again[kept]
        for name in ("offered", "offered_p10", "offered_p90"):
            dense = np.zeros(len(kept))
            dense[self.is_open] = self.rows[name]
            table[name] = dense[kept] * again
        has_level = (
            rules.targets.threshold_s is not None
            or rules.targets.sl_rule == "answer_rate"
        )
        table = table.assign(
            aht_s=aht_s,
            load_erlang=load,
            agents=agents,
            scheduled=agents * rules.shrinkage.scheduled_per_agent(starts),
            service_level=met.service_level if has_level else np.nan,
            asa_s=met.asa_s,
            occupancy=met.occupancy,
            abandon_rate=met.abandon_rate,
            binding=answer.binding[kept],
        )
        return self.with_backlog(table, answer, kept)

    def settled(self) -> _Answer:
        """Agents for the calls, and the calls that come again with these agents."""
        returning = self.rules.returning
        lost = np.zeros(len(self.offered))
        if returning and returning.fresh_share(np.ones(1))[0] > 1.0 - returning.repeat:
            lost += 1.0  # begin with the fewest calls, so that agents only grow
        answer = self.solved(1.0 / returning.fresh_share(lost))
        limits = self.rules.targets.limits(self.rules.patience_s)
        callers = checked_callers(self.aht_s, limits)
        for number in range(MOST_ROUNDS if returning else 0):
            before = answer
            reached = callers.reached(answer.arriving, answer.agents)
            lost = (lost + reached.abandon_rate) / 2.0  # as repeats swing back
            least = before if number > FREE_ROUNDS else None
            answer = self.solved(1.0 / returning.fresh_share(lost), least)
            if np.allclose(answer.calls_again, before.calls_again, rtol=1e-10, atol=0):
                break
        return answer

    def solved(self, calls_again: Floats, least: _Answer | None = None) -> _Answer:
        """Agents, no fewer than in ``least``, for so many calls in each interval."""
        rules, is_open = self.rules, self.is_open
        offered = self.offered * calls_again
        mixture, held = (
            self.loads(offered, self.aht_s, seats) for seats in (np.inf, self.high)
        )
        arriving = np.sum(
            [self.loads(calls * calls_again, aht_s) for calls, aht_s in self.queues],
            axis=0,
        )
        load = arriving + np.maximum(held - mixture, 0.0)  # the backlog
        load = np.where(is_open | (load >= LEAST_LEFT), load, 0.0)
        check_size(offered / self.interval_s, load, rules)
        low = np.where(is_open, self.low, 0)
        if least is not None:
            low = np.maximum(low, least.agents)
        rows = is_open | (load > 0)
        work = Work(
            self.starts[rows],
            offered[rows],
            load[rows],
            self.aht_s[rows],
            low[rows],
            self.high,
        )
        need = need_for(work, rules)
        agents = np.zeros(len(load), dtype=np.int64)
        binding = np.full(len(load), "none", dtype=need.binding.dtype)
        agents[rows], binding[rows] = need
        if least is not None:  # what decided them then, not what keeps them now
            kept = (binding == "min_agents") & (agents == least.agents)
            binding = np.where(kept, least.binding, binding)
        return _Answer(calls_again, arriving, load, agents, binding)

    def loads(self, offered: Floats, aht_s: Floats, seats: float = np.inf) -> Floats:
        """Load on the grid."""
        return loads_for(
            offered,
            aht_s=aht_s,
            interval_s=self.interval_s,
            rule=self.rules.load,
            seats=seats,
            patience_s=self.rules.patience_s,
            was_open=self.was_open,
        )

    def with_backlog(
        self, table: pd.DataFrame, answer: _Answer, kept: NDArray[np.bool_]
    ) -> pd.DataFrame:
        """The same, by simulation for the seats of runs that leave a backlog."""
        targets, patience_s = self.rules.targets, self.rules.patience_s
        backlog = answer.load > answer.arriving
        if patience_s is None:  # where agents do not exceed the load, it never ends
            backlog |= (answer.agents <= answer.load) & (answer.load > 0)
        names = ["asa_s"]
        if targets.threshold_s is not None or targets.sl_rule == "answer_rate":
            names.append("service_level")
        if patience_s is not None:
            names.append("abandon_rate")
        table = table.set_index(np.flatnonzero(kept))
        for run in runs_of(kept):
            if not backlog[run].any():
                continue
            simulated = simulated_kpis(
                self.offered * answer.calls_again,
                answer.agents,
                run,
                aht_s=self.aht_s,
                interval_s=self.interval_s,
                patience_s=patience_s,
                threshold_s=targets.threshold_s or 0.0,
                sl_rule=targets.sl_rule,
                seed=self.rules.seed,
            )
            short = np.flatnonzero(answer.binding[run] == "max_agents")
            for name in names:
                found = getattr(simulated, name).value
                table.loc[short + run.start, name] = found[short]
        return table
