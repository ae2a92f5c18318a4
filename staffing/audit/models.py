"""What each model makes of a past: the sums that it expects, by interval."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from staffing.erlang.limits import Limits, SlRule, checked_callers
from staffing.kpi import SUMS
from staffing.load import LoadRule, loads_for
from staffing.requirement.overload import run_labels
from staffing.simulate import Calls, Replay

Floats = NDArray[np.float64]

FACTORS = (0.5, 1.5)
"""Between which effective agents / agents is looked for."""


@dataclass(frozen=True)
class Setup:
    """
    How the past is reckoned with.

    ``patience_s`` is for pools whose history does not tell it; ``handle_cv`` and
    ``replications`` are of the simulation; the rest as in a plan.
    """

    threshold_s: float
    sl_rule: SlRule
    load: LoadRule
    seed: int
    patience_s: float | None
    handle_cv: float
    replications: int


@dataclass(frozen=True)
class PastPool:
    """
    A pool's intervals, all of which have calls, AHT and agents.

    ``sums`` are those of :func:`staffing.kpi.sums_of` by interval start, all queues of
    the pool together; ``aht_s`` their mean handle time, where nobody was handled the
    one before.
    """

    sums: pd.DataFrame
    aht_s: Floats
    interval_s: int
    setup: Setup

    @property
    def agents(self) -> Floats:
        """On duty, not always whole: a mean over the interval. [agents]"""
        return self.sums["agent_s"].to_numpy() / self.interval_s

    @property
    def offered(self) -> Floats:
        """[contacts]"""
        return self.sums["offered"].to_numpy()

    @property
    def starts(self) -> pd.DatetimeIndex:
        """Of the intervals."""
        return pd.DatetimeIndex(self.sums.index)

    @property
    def waits_s(self) -> pd.Series:
        """Of all callers together, answered or not. [s]"""
        return self.sums["handled_wait_s"] + self.sums["abandoned_wait_s"]

    def runs(self) -> NDArray[np.int64]:
        """A label for each stretch of intervals without a gap."""
        step = {"interval_start": self.starts, "interval_s": self.interval_s}
        return run_labels(pd.DataFrame(step))

    def loads(self) -> Floats:
        """By the rule of the plan, from the calls that came. [erlang]"""
        runs, load = self.runs(), np.empty(len(self.sums))
        for run in np.unique(runs):
            mine = runs == run
            first = self.starts[mine][0]
            load[mine] = loads_for(
                self.offered[mine],
                aht_s=self.aht_s[mine],
                interval_s=self.interval_s,
                rule=self.setup.load,
                was_open=first.hour == first.minute == 0,
            )
        return load

    def by_formula(
        self, load: Floats, patience_s: float | None, factor: float = 1.0
    ) -> pd.DataFrame:
        """By Erlang A, or Erlang C without patience: NaN where that has no answer."""
        agents = self.agents * factor
        limits = Limits(threshold_s=self.setup.threshold_s, patience_s=patience_s)
        met = checked_callers(self.aht_s, limits).reached(load, agents)
        handled = self.offered * (1.0 - met.abandon_rate)
        in_time = self.offered * met.service_level
        waits_s = handled * np.where(np.isfinite(met.asa_s), met.asa_s, 0.0)
        short = np.zeros(len(load))
        if self.setup.sl_rule == "less_short_abandons" and patience_s is not None:
            limits["sl_rule"] = self.setup.sl_rule
            level = checked_callers(self.aht_s, limits).reached(load, agents)
            none = self.offered.copy()
            counted = np.divide(
                in_time, level.service_level, out=none, where=level.service_level > 0
            )
            short = self.offered - counted
        table = self._sums(
            offered=self.offered,
            handled=handled,
            abandoned=self.offered - handled,
            answered_within=in_time,
            short_abandoned=short,
            handled_wait_s=waits_s,
            abandoned_wait_s=(self.offered - handled) * (patience_s or 0.0)
            - (0.0 if patience_s is None else waits_s),
            handle_s=handled * self.aht_s,
        )
        return table if patience_s else table[agents > load].reindex(table.index)

    def identity(self, patience_s: float) -> pd.DataFrame:
        """Abandoned = time waited / patience: nothing else, and without agents."""
        lost = self.waits_s / patience_s
        found = {"offered": self.sums["offered"], "abandoned": lost}
        return pd.DataFrame(found, index=self.sums.index).reindex(columns=list(SUMS))

    def simulated(self, patience_s: float) -> list[pd.DataFrame]:
        """
        Each replication's sums, its calls as they came.

        Agents that are not whole are one fewer in as many replications as makes their
        mean right.
        """
        calls = Calls(self.offered[:, None], self.aht_s[:, None])
        days = self.starts.tz_localize(None).to_period("D").astype("int64")
        replay = Replay(
            calls,
            calls,
            days=np.asarray(days),
            runs=self.runs(),
            interval_s=self.interval_s,
            patience_s=patience_s,
            threshold_s=self.setup.threshold_s,
            seed=self.setup.seed,
            replications=1,
            handle_cv=self.setup.handle_cv,
        )
        count = self.setup.replications
        place = np.random.default_rng(self.setup.seed).random(len(self.sums))
        tables = []
        for number in range(count):
            agents = np.floor(self.agents + (number / count + place) % 1.0)
            day = replace(replay, seed=self.setup.seed + number).simulate(agents)
            fields = dict(zip(SUMS[:8], day[:8], strict=True))
            sums = {name: values[0, :, 0] for name, values in fields.items()}
            tables.append(self._sums(**sums))
        return tables

    def agents_factor(
        self, load: Floats, patience_s: float, fitted: NDArray[np.bool_]
    ) -> float:
        """
        Effective agents / agents with which Erlang A loses as many calls as were lost.

        On the ``fitted`` intervals; within FACTORS, and 1 where none was lost.
        """
        known = fitted & self.sums["abandoned"].notna().to_numpy()
        fresh = replace(self, sums=self.sums[known], aht_s=self.aht_s[known])
        lost = fresh.sums["abandoned"].sum()
        if lost == 0:
            return 1.0

        def too_many(factor: float) -> float:
            expected = fresh.by_formula(load[known], patience_s, factor)
            return float(expected["abandoned"].sum() - lost)

        ends = [too_many(factor) for factor in FACTORS]
        if ends[0] <= 0.0:
            return FACTORS[0]
        if ends[1] >= 0.0:
            return FACTORS[1]
        return float(brentq(too_many, *FACTORS, xtol=1e-4))

    def _sums(self, **sums: NDArray[np.float64]) -> pd.DataFrame:
        """A table of sums; as in a history, calls are busy time where they arrived."""
        table = pd.DataFrame(sums, index=self.sums.index)
        agent_s = self.sums["agent_s"]
        return table.assign(busy_s=table["handle_s"], agent_s=agent_s)[list(SUMS)]
