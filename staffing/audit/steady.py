"""Each interval by itself, as the formulas see it: for ever the same, in balance."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from staffing.audit.estimates import KPIS, estimate_columns, in_words
from staffing.simulate import Result, kpis, simulate
from staffing.targets import Targets

BLOCKS = 40
WARM_UP = 2
BLOCK_RELAXATIONS = (5.0, 20.0)
BLOCK_CALLS = (50.0, 2000.0)
MOST_CALLS = 2e7
"""Calls of one row's run: next to saturation, balance takes months. [contacts]"""
FALSE_ALARM = 0.01
"""Chance that a right plan is said to be wrong. [1]"""

Floats = NDArray[np.float64]


def relaxation_s(
    load: Floats, agents: Floats, aht_s: Floats, patience_s: float | None
) -> Floats:
    """
    Time in which a pool of agents forgets in what state it was, about. [s]

    Infinite in Erlang C where agents do not exceed the load: there is no balance.

    Notes
    -----
    M/M/n forgets at a rate near μ·min(1, (√n - √load)²) [1]_. Where callers hang up
    it is never less than min(μ, θ): so fast do the calls vanish that one of two
    copies with the same arrivals has more than the other.

    References
    ----------
    .. [1] D. Gamarnik, D. A. Goldberg, "On the rate of convergence to stationarity
       of the M/M/n queue in the Halfin-Whitt regime", Annals of Applied Probability
       23 (2013), 1879-1912.
    """
    distance = np.sqrt(agents) - np.sqrt(load)
    by_room = np.where(distance > 0, np.minimum(1.0, distance**2), 0.0)
    by_leaving = 0.0 if patience_s is None else np.minimum(1.0, aht_s / patience_s)
    with np.errstate(divide="ignore"):
        return aht_s / np.maximum(by_room, by_leaving)


def has_balance(requirement: pd.DataFrame, patience_s: float | None) -> pd.Series:
    """
    Which rows can be held against their formula.

    Not those without load, those that Erlang C says to be overloaded (or so nearly
    that MOST_CALLS do not show their balance), nor those whose seats do not suffice:
    their KPIs depend on the intervals before.
    """
    load, agents = requirement["load_erlang"], requirement["agents"]
    stable = (agents > load) | (patience_s is not None)
    steady = (load > 0) & stable & (requirement["binding"] != "max_agents")
    steady[steady] = run_calls(requirement[steady], patience_s) <= MOST_CALLS
    return steady


def block_lengths_s(rows: pd.DataFrame, patience_s: float | None) -> Floats:
    """
    How long a block of each row is: it hardly remembers the one before. [s]

    The time of BLOCK_CALLS[1] calls, but no less than BLOCK_RELAXATIONS[0] relaxation
    times, no more than BLOCK_RELAXATIONS[1], and BLOCK_CALLS[0] calls at least. The
    error of a service level of 95 % is then about 1 point, 2 in the largest pools.
    """
    load, agents, aht_s = _arrays(rows)
    relax_s = relaxation_s(load, agents, aht_s, patience_s)
    fewest_s, most_s = (number * aht_s / load for number in BLOCK_CALLS)
    shortest, longest = BLOCK_RELAXATIONS
    return np.maximum(np.clip(most_s, shortest * relax_s, longest * relax_s), fewest_s)


def run_calls(rows: pd.DataFrame, patience_s: float | None) -> Floats:
    """Calls that the simulation of each row takes. [contacts]"""
    load, _, aht_s = _arrays(rows)
    blocks = BLOCKS + WARM_UP
    return blocks * block_lengths_s(rows, patience_s) * load / aht_s


def _arrays(rows: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    load, agents, aht_s = (
        rows[name].to_numpy(dtype=np.float64)
        for name in ("load_erlang", "agents", "aht_s")
    )
    return load, agents, aht_s


def steady_kpis(
    rows: pd.DataFrame,
    *,
    targets: Targets,
    patience_s: float | None,
    seed: int,
) -> pd.DataFrame:
    """
    KPIs of each row in balance, under the assumptions of its formula.

    Parameters
    ----------
    rows : DataFrame
        Rows of a requirement that :func:`has_balance`.
    targets : Targets
        Their threshold and service-level rule count.
    patience_s : float or None
        The plan's; None: Erlang C. [s]
    seed : int
        Of all rows; a row draws by its label in the index, whichever others there are.

    Returns
    -------
    DataFrame
        With the index of ``rows``: ``steady_KPI`` and ``steady_se_KPI`` for each KPI.

    Notes
    -----
    A row is one long run with exponential handle times and patience. After WARM_UP
    blocks, which are not counted, come BLOCKS that stand for independent
    replications: :func:`block_lengths_s` says how long they are.

    The standard error is the larger one of two: what the blocks show, and what the
    planned value lets expect, √(v·(1/calls + 2·relaxation/time)), v the variance
    over single calls. The first alone is too small where by chance too few of some
    rare events came; the second bounds the variance of a time average of a
    reversible process. v of a share p is p(1-p), of a wait at most
    asa·(2·s - asa), s the mean wait of those who wait: aht/(agents - load) in
    Erlang C, and no more, nor than patience, in Erlang A.
    """
    load, agents, aht_s = _arrays(rows)
    relax_s = relaxation_s(load, agents, aht_s, patience_s)
    block_s = block_lengths_s(rows, patience_s)
    calls = load / aht_s * block_s
    found = []
    for i, label in enumerate(rows.index):
        run = simulate(
            np.full(BLOCKS, agents[i]),
            offered=calls[i],
            aht_s=aht_s[i],
            interval_s=block_s[i],
            threshold_s=targets.threshold_s or 0.0,
            patience_s=np.inf if patience_s is None else patience_s,
            seed=(seed, 0, int(label)),
            warm_up=WARM_UP,
        )
        blocks = Result._make(
            [*(field.swapaxes(0, 1) for field in run[:9]), run[9][:1]]
        )
        found.append(estimate_columns("steady", kpis(blocks, sl_rule=targets.sl_rule)))
    names = [f"steady_{se}{kpi}" for kpi in KPIS for se in ("", "se_")]
    table = pd.DataFrame(
        {name: [float(row[name][0]) for row in found] for name in names},
        index=rows.index,
        dtype=np.float64,
    )
    time_s = BLOCKS * block_s
    expected = _expected_errors(
        rows, patience_s, 1.0 / (BLOCKS * calls) + 2.0 * relax_s / time_s
    )
    for name in KPIS:
        shown = table[f"steady_se_{name}"]
        table[f"steady_se_{name}"] = np.fmax(shown, expected[name])
    return table


def _expected_errors(
    rows: pd.DataFrame, patience_s: float | None, per_call: Floats
) -> dict[str, Floats]:
    """Standard errors by the planned values; ``per_call``: 1 / independent calls."""
    load, agents, aht_s = _arrays(rows)
    mean_s = rows["asa_s"].where(np.isfinite(rows["asa_s"])).to_numpy()
    with np.errstate(divide="ignore"):
        waiting_s = np.where(agents > load, aht_s / (agents - load), np.inf)
    if patience_s is not None:
        waiting_s = np.minimum(waiting_s, patience_s)
    waiting_s = np.maximum(waiting_s, mean_s)
    variance = {"asa_s": mean_s * (2.0 * waiting_s - mean_s)}
    for name in ("service_level", "abandon_rate"):
        variance[name] = (rows[name] * (1.0 - rows[name])).to_numpy()
    return {name: np.sqrt(variance[name] * per_call) for name in KPIS}


@dataclass(frozen=True)
class Deviation:
    """A planned KPI and the simulated one."""

    where: str
    kpi: str
    planned: float
    simulated: float
    se: float

    def __str__(self) -> str:
        planned = in_words(self.kpi, self.planned)
        simulated = in_words(self.kpi, self.simulated, self.se)
        kpi = KPIS[self.kpi]
        return f"{self.where}, {kpi} planned {planned}, simulated {simulated}"

    @property
    def errors(self) -> float:
        """How many standard errors lie between the two."""
        gap = abs(self.simulated - self.planned)
        return gap / self.se if gap > 0 else 0.0


@dataclass(frozen=True)
class Agreement:
    """The largest of ``comparisons`` deviations, and the bound for it."""

    intervals: int
    comparisons: int
    furthest: Deviation | None

    @property
    def bound(self) -> float:
        """Standard errors that chance exceeds with FALSE_ALARM (Bonferroni)."""
        return t_quantile(FALSE_ALARM / 2.0 / max(self.comparisons, 1), BLOCKS - 1)

    @property
    def agrees(self) -> bool:
        """No deviation is more than chance."""
        return self.furthest is None or self.furthest.errors <= self.bound

    def sentence(self, of: int) -> str:
        """The verdict on these of so many intervals."""
        part = "" if self.intervals == of else f" of {of:,}"
        start = f"{self.intervals:,}{part} intervals simulated one by one: "
        if self.furthest is None:
            return start + "nothing to compare."
        errors = f"{self.furthest.errors:.1f} standard errors, bound {self.bound:.1f}"
        if self.agrees:
            return f"{start}planned and simulated agree (largest deviation {errors})."
        return f"{start}planned and simulated disagree: {self.furthest} ({errors})."


def t_quantile(tail: float, freedom: int) -> float:
    """
    What Student's t exceeds with the chance ``tail``, by its expansion.

    Within 0.1 % from 39 degrees of freedom on, down to a chance of 1e-8.
    """
    z = NormalDist().inv_cdf(1.0 - tail)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )


def compare_steady(table: pd.DataFrame) -> Agreement:
    """
    Hold simulated rows against planned ones: each KPI of each row, and its mean.

    The means find what is everywhere a little wrong. No comparison are an abandon
    rate that is 0 by definition, and a KPI that the plan lacks or no call gave.
    """
    found: list[Deviation] = []
    comparisons = 0
    for kpi in KPIS:
        values = table[[kpi, f"steady_{kpi}", f"steady_se_{kpi}"]].to_numpy()
        known = np.isfinite(values).all(axis=1) & (values != 0).any(axis=1)
        if not known.any():
            continue
        rows, values = table[known], values[known]
        gaps = np.abs(values[:, 1] - values[:, 0])
        errors = np.divide(gaps, values[:, 2], out=np.zeros(len(gaps)), where=gaps > 0)
        worst = int(errors.argmax())
        row = rows.iloc[worst]
        where = f"{row['queue']} {row['interval_start']:%Y-%m-%d %H:%M}"
        found.append(Deviation(where, kpi, *values[worst].tolist()))
        planned, simulated, _ = values.mean(axis=0).tolist()
        se = float(np.sqrt((values[:, 2] ** 2).sum()) / len(rows))
        found.append(Deviation("mean of them all", kpi, planned, simulated, se))
        comparisons += len(rows) + 1
    furthest = max(found, key=lambda deviation: deviation.errors, default=None)
    return Agreement(len(table), comparisons, furthest)
