"""Agents who are there, whoever is needed: by interval, by file or by head-count."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.errors import ConfigError
from staffing.config import Config
from staffing.need import Need
from staffing.roster.duty import agents_on_duty
from staffing.scenario.base import Base
from staffing.scenario.changes import Change
from staffing.scenario.values import Amount
from staffing.texts import Note

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Duty:
    """What the agents of a scenario are given for."""

    base: Base
    config: Config
    need: Need

    @property
    def rows(self) -> pd.DataFrame:
        """The scenario's requirement."""
        return self.need.requirement

    def agents(self, changes: Sequence[Change]) -> tuple[pd.Series, tuple[Note, ...]]:
        """
        Agents on duty in each row, and what is assumed.

        Pools that no change is of have the agents needed. Changes of agents are of the
        plan's, people by their number of any.

        Raises
        ------
        ConfigError
            A change names what it cannot, or leaves agents that there cannot be.
        TableError
            A file of agents is wrong.
        """
        needed = self.rows["agents"]
        if not changes:
            return needed, ()
        notes: list[Note] = []
        given = needed.to_numpy(dtype=np.float64)
        touched: set[str] = set()
        for change in changes:
            pools = {*change.where.names} or {*self.rows["queue"]}
            if change.lever == "headcount":
                given = self._heads(change, given, touched)
                notes.append(Note("spread"))
            else:
                first = self.rows["queue"].isin(pools - touched).to_numpy()
                given = self._by_interval(change, self._with_plan(change, first, given))
            touched |= pools
        if (given < 0).any():
            raise ConfigError(
                f"{changes[-1].text!r}: leaves fewer than no agents, on "
                f"{self.rows['interval_start'][given < 0].iloc[0]:%Y-%m-%d %H:%M}. "
                "Take fewer."
            )
        if (given[self.rows["open"] & (needed > 0)] == 0).any():
            notes.append(Note("nobody"))
        too_few = (given < needed.to_numpy()).any()
        if too_few and self.config.staffing.model == "erlang_c":
            notes.append(Note("erlang_c"))
        if too_few and self.need.rules.returning:
            notes.append(Note("returning"))
        whole = pd.Series(given, index=needed.index, name="agents").astype("int64")
        return whole, tuple(dict.fromkeys(notes))

    def _with_plan(
        self, change: Change, mask: NDArray[np.bool_], given: Floats
    ) -> Floats:
        """
        The agents of the plan in these rows, those of pools joined together.

        Of pools that were split nobody knows them: a number or a file may be given.
        """
        amount = isinstance(change.value, Amount)
        is_given = change.value.how == "set" if amount else change.names_a_file
        table = self.base.need.requirement
        pools = self.config.pools([item.queue for item in self.base.forecasts])
        now = {queue: pool for pool, queues in pools.items() for queue in queues}
        before = self.base.config.pools([*now])
        joined = {}
        for pool in table["queue"].unique():
            to = {now[queue] for queue in before[pool] if queue in now}
            if len(to) > 1 and is_given:
                mask = mask & ~self.rows["queue"].isin(to).to_numpy()
            elif len(to) > 1 and to & {*self.rows["queue"][mask]}:
                raise ConfigError(
                    f"{change.text!r}: the people of {pool} are not split between "
                    f"{' and '.join(sorted(to))}. Give these their agents by a number "
                    "or a file."
                )
            joined[pool] = min(to)
        there = table["agents"].groupby(
            [table["queue"].map(joined), table["interval_start"]]
        )
        keys = pd.MultiIndex.from_frame(self.rows[["queue", "interval_start"]])
        plan = there.sum().reindex(keys, fill_value=0).to_numpy(np.float64)
        return np.where(mask, plan, given)

    def _by_interval(self, change: Change, given: Floats) -> Floats:
        value, mask = change.value, self._mask(change)
        if value == "base":
            return self._with_plan(change, mask, given)
        if isinstance(value, Amount):
            found = given.copy()
            if value.how == "by":
                for pool in self.rows["queue"][mask].unique():
                    mine = mask & (self.rows["queue"] == pool).to_numpy()
                    found[mine] = _whole(given[mine] * value.factor)
                return found
            if value.number % 1:
                raise ConfigError(
                    f"{change.text!r}: agents are whole. Write a number without "
                    "decimals."
                )
            is_open = self.rows["open"].to_numpy()
            there = mask & is_open
            found[there] = [value.of(agents) for agents in given[there]]
            if value.how == "set":  # no more of them stay after closing
                after = mask & ~is_open
                found[after] = np.minimum(given[after], value.of(0.0))
            return found
        on_duty = agents_on_duty(
            self.base.folder / Path(value),
            self.rows,
            timezone=self.config.timezone,
            shrinkage=self.need.rules.shrinkage,
        )
        in_file = on_duty.notna().to_numpy()
        found = given.copy()
        for pool in self.rows["queue"][mask].unique():
            mine = (self.rows["queue"] == pool).to_numpy()
            if in_file[mine].any():
                whole = _whole(on_duty[mine].fillna(0.0).to_numpy())
                found[mine] = np.where(mask[mine], whole, given[mine])
        return found

    def _heads(self, change: Change, given: Floats, touched: Collection[str]) -> Floats:
        """People, of some pools or all, over the intervals as these need them."""
        pools = change.where.names or tuple(self.rows["queue"].unique())
        before = self._people(change, pools, given, touched)
        people = change.value.of(before)
        mask = self.rows["queue"].isin(pools).to_numpy()
        rows = self.rows[mask]
        needed = rows["agents"].to_numpy(dtype=np.float64)
        low = [self.config.seats(pool)[0] for pool in rows["queue"]]
        first = np.minimum(np.where(rows["open"], low, 0), needed)
        fte = self._fte_per_agent()[mask]
        beyond = float(fte @ (needed - first))
        share = (people - fte @ first) / beyond if beyond > 0 else 0.0
        spread = first + share * (needed - first)
        if share < 0:
            spread = needed * people / float(fte @ needed)
        found = given.copy()
        for pool in pools:
            mine = (self.rows["queue"] == pool).to_numpy()
            found[mine] = _whole(spread[mine[mask]])
        return found

    def _people(
        self,
        change: Change,
        pools: Sequence[str],
        given: Floats,
        touched: Collection[str],
    ) -> float:
        """People of pools: those given to them already, or the plan's. [FTE]"""
        if change.value.how == "set":
            return 0.0  # whoever there is
        fte = self.rows.assign(fte=self._fte_per_agent() * given)
        there = fte.groupby("queue")["fte"].sum()
        plan = self.base.monthly.groupby("queue")["fte"].mean()
        if {*pools} - {*touched} <= {*plan.index}:
            return float(sum((there if p in touched else plan)[p] for p in pools))
        if change.where.names:
            raise ConfigError(
                f"{change.text!r}: the plan has no people of {' and '.join(pools)} "
                "by themselves. Set a number."
            )
        return float(plan.sum())

    def _fte_per_agent(self) -> Floats:
        """FTE of an agent in one interval, of the mean month. [FTE]"""
        starts = self.rows["interval_start"]
        months = starts.dt.strftime("%Y-%m")
        weeks = starts.dt.days_in_month / 7.0
        paid_h = self.rows["interval_s"] / 3600.0
        paid_h *= self.need.rules.shrinkage.paid_per_agent(starts)
        full_time_h = self.config.staffing.full_time_h * months.nunique()
        found: Floats = (paid_h / (full_time_h * weeks)).to_numpy()
        return found

    def _mask(self, change: Change) -> NDArray[np.bool_]:
        """The rows of a change's pools, dates and hours."""
        mask = change.where.mask(pd.DatetimeIndex(self.rows["interval_start"]))
        if change.where.names:
            mask &= self.rows["queue"].isin(change.where.names).to_numpy()
        if not mask.any():
            raise ConfigError(
                f"{change.text!r}: nobody is planned there. Name dates and hours at "
                f"which one of {', '.join(self.rows['queue'].unique())} is open."
            )
        return mask


def _whole(agents: Floats) -> Floats:
    """Whole agents that add up, to any interval, to the exact ones within a half."""
    found: Floats = np.diff(np.rint(np.cumsum(agents).round(9)), prepend=0.0)
    return found
