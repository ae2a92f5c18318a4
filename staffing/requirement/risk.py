"""Agents with whom the realised KPIs meet their targets with a given chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from staffing.erlang.limits import Limits, checked_callers, checked_targets
from staffing.erlang.solve import agents_for
from staffing.simulate import Result, level_of, simulate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEP = 1.0025
FACTORS = 0.5 * STEP ** np.arange(1111)  # of the load, 0.5 to 8
STRIDE = 8  # steps that the search goes from its first guess; then twice as many


@dataclass(frozen=True)
class Risk:
    """The realised KPIs of a ``scope`` meet their targets with this ``chance``."""

    chance: float
    scope: Literal["interval", "day", "month"]


@dataclass(frozen=True)
class Paths:
    """
    Possible months of one pool of agents, each to be simulated.

    ``offered`` [contacts] and ``aht_s`` [s] have the shape (paths, intervals, queues):
    what is expected on each path, before Poisson. ``runs``, shape (intervals,), labels
    the consecutive intervals that are simulated together, each run from empty or
    after ``warm_up`` intervals like its first: an open day and the time after it, or
    all of a queue that never closes. ``patience_s`` is of each queue, inf for ever.
    The rest is as in :func:`staffing.simulate.simulate`.
    """

    offered: Floats
    aht_s: Floats
    runs: Ints
    interval_s: float
    patience_s: ArrayLike
    seed: int
    warm_up: int = 0
    handle_cv: float | None = None
    patience_cv: float | None = None

    def spans(self) -> list[slice]:
        """Intervals of each run."""
        starts = np.flatnonzero(np.diff(self.runs, prepend=self.runs[0] - 1))
        ends = [*starts[1:].tolist(), len(self.runs)]
        return [slice(*ends) for ends in zip(starts.tolist(), ends, strict=True)]

    def simulate_run(
        self, number: int, agents: Ints, which: Ints, limits: Limits
    ) -> Result:
        """One run of these paths with agents of shape (intervals,) of all runs."""
        span = self.spans()[number]
        callers = checked_callers(1.0, limits)
        short_s = callers.short_abandon_s
        return simulate(
            agents[span],
            offered=self.offered[which, span],
            aht_s=self.aht_s[which, span],
            patience_s=self.patience_s,
            interval_s=self.interval_s,
            threshold_s=float(callers.threshold_s),
            short_abandon_s=None if short_s is None else float(np.asarray(short_s)),
            handle_cv=self.handle_cv,
            patience_cv=self.patience_cv,
            seed=(self.seed, number),
            replications=which,
            warm_up=self.warm_up,
        )

    def simulate(self, agents: Ints, limits: Limits) -> Result:
        """All runs of all paths; its KPIs are those to expect of these agents."""
        which = np.arange(len(self.offered))
        runs = [
            self.simulate_run(number, agents, which, limits)
            for number in range(len(self.spans()))
        ]
        *tables, agent_s = zip(*runs, strict=True)
        joined = [np.concatenate(parts, axis=1) for parts in tables]
        return Result._make([*joined, np.concatenate(agent_s)])


def met(
    agents: Ints, paths: Paths, *, unit: Ints, **limits: Unpack[Limits]
) -> NDArray[np.bool_]:
    """
    Where the realised KPIs meet all targets.

    Parameters
    ----------
    agents : ndarray of int, shape (intervals,)
        On duty. [agents]
    paths : Paths
        The calls that come.
    unit : ndarray of int, shape (intervals,)
        Label of the interval, day or month whose KPIs, each a ratio of sums over
        its calls, are held against the targets.
    limits
        As :func:`staffing.erlang.solve.agents_for` takes them, one value each.

    Returns
    -------
    ndarray of bool, shape (paths, units), in the labels' order
        Where no call came, True. Occupancy is a limit of the plan, not of a day.
    """
    _, units = np.unique(unit, return_inverse=True)
    every = np.ones((len(paths.offered), units.max() + 1), dtype=np.bool_)
    return _simulated(agents, paths, units, every, limits)


def met_in(
    result: Result, *, unit: Ints, **limits: Unpack[Limits]
) -> NDArray[np.bool_]:
    """Where simulated paths, of shape (paths, intervals, queues), meet; as in met."""
    labels, units = np.unique(unit, return_inverse=True)
    sums = np.sum(result[:7], axis=3) @ np.eye(len(labels))[units]
    return meets(sums, limits)


def _simulated(
    agents: Ints,
    paths: Paths,
    units: Ints,
    wanted: NDArray[np.bool_],
    limits: Limits,
) -> NDArray[np.bool_]:
    """Whether the wanted (path, unit) meet the targets; the others are arbitrary."""
    sums = np.zeros((7, *wanted.shape))
    for number, span in enumerate(paths.spans()):
        here, columns = np.unique(units[span], return_inverse=True)
        which = np.flatnonzero(wanted[:, here].any(axis=1))
        if len(which):
            result = paths.simulate_run(number, agents, which, limits)
            by_interval = np.sum(result[:7], axis=3)
            sums[:, which[:, None], here] += by_interval @ np.eye(len(here))[columns]
    return meets(sums, limits)


def meets(sums: Floats, limits: Limits) -> NDArray[np.bool_]:
    """
    Where sums over units meet all targets but occupancy, which is one of the plan.

    ``sums`` are the first seven fields of :class:`staffing.simulate.Result`, shape
    (7, …). Where no call came, True.
    """
    offered, handled, lost, in_time, short, handled_wait_s, lost_wait_s = sums
    callers = checked_callers(1.0, limits)
    targets = checked_targets(callers, limits)
    above, below = level_of(callers.sl_rule, offered, handled, in_time, short)
    with np.errstate(invalid="ignore"):  # 0/0, NaN, misses nothing
        missed = (
            (above / below < targets.service_level)
            | (handled_wait_s / handled > targets.asa_s)
            | ((handled_wait_s + lost_wait_s) / offered > targets.mean_wait_s)
            | (lost / offered > targets.max_abandon_rate)
        )
    nobody = (handled == 0) & (offered > short)
    return np.asarray(~(missed | nobody))


def agents_at_chances(
    load: Floats,
    paths: Paths,
    *,
    aht_s: Floats,
    unit: Ints,
    alike: Ints,
    low: ArrayLike,
    high: ArrayLike,
    chances: tuple[float, ...],
    **limits: Unpack[Limits],
) -> Ints:
    """
    Agents with whom the realised KPIs meet all targets with these chances.

    Parameters
    ----------
    load : ndarray, shape (intervals,)
        Load of the mean forecast that each interval is staffed for. [erlang]
    paths : Paths
        Possible months, drawn around that forecast.
    aht_s : ndarray, shape (intervals,)
        Mean handling time of the pool's calls, for the formulas. [s]
    unit : ndarray of int, shape (intervals,)
        As in :func:`met`.
    alike : ndarray of int, shape (intervals,)
        Label of the units that are planned for the same factor, as Mondays are.
        There should be 1,000 units alike, all paths together: the chance that is
        met then has a standard error of 0.01.
    low, high : array_like, broadcastable to (intervals,)
        Fewest and most agents; inf for no limit. [agents]
    chances : tuple of float
        Shares of units that are to meet the targets. [1], in (0, 1)
    limits
        As in :func:`staffing.erlang.solve.agents_for`, one value each.

    Returns
    -------
    ndarray of int, shape (chances, intervals)
        The answer of ``agents_for`` at load · m, within low and high. m is the least
        factor in FACTORS with which the share of simulated units alike is at least
        the chance; where none is (as for want of seats), m is the chance's quantile
        of the paths' own load, or a lower chance's m if that is more: see with
        :func:`met` how often that suffices.

    Notes
    -----
    Each unit of each path has a threshold, the m from which on it meets the targets,
    as the same calls come whatever the agents; the chance's quantile of the
    thresholds is found by halving, simulating only units whose thresholds may lie on
    either side. That more agents never harm a unit holds without abandonment, and
    but for rare reversals with it. Where a run has units with factors of their own
    (intervals), what they leave to each other makes the answer approximate.
    """
    _, first, units = np.unique(unit, return_index=True, return_inverse=True)
    _, groups = np.unique(alike, return_inverse=True)
    group = groups[first]
    fails = np.full((len(paths.offered), len(first)), -1)
    meets = np.full(fails.shape, len(FACTORS))
    work = (paths.offered * paths.aht_s).sum(axis=2) @ np.eye(len(first))[units]
    mean = work.mean(axis=0)
    work = np.divide(work, mean, out=np.ones(work.shape), where=mean > 0)

    def staff(step: Ints) -> Ints:
        """Agents where each group of units is at this step of FACTORS."""
        factor = FACTORS[np.clip(step, 0, len(FACTORS) - 1)][groups]
        need = agents_for(load * factor, aht_s=aht_s, **limits)
        return np.clip(need, low, high).astype(np.int64)

    def at(chance: float, values: NDArray[Any]) -> NDArray[Any]:
        """The value in each group that this share of its units does not exceed."""
        return np.array(
            [
                np.quantile(values[:, group == g], chance, method="inverted_cdf")
                for g in range(groups.max() + 1)
            ]
        )

    answers = np.empty((len(chances), len(load)), dtype=np.int64)
    settled = np.zeros(groups.max() + 1, dtype=np.int64)
    for k in np.argsort(chances):
        guess = np.searchsorted(FACTORS, at(chances[k], work))
        guess = np.maximum(guess, settled)  # no fewer than for a lower chance
        probe, stride = guess, STRIDE
        while True:
            below, above = at(chances[k], fails), at(chances[k], meets)
            endless = above == len(FACTORS)
            settled = np.where(endless, guess, above)
            # Between steps with the same agents there is nothing to find.
            change = staff(np.where(endless, below, below + 1)) != staff(above)
            search = (above - below > 1) & (np.bincount(groups, change) > 0)
            if not search.any():
                break
            probe = np.where(search, np.clip(probe, below + 1, above - 1), settled)
            step = np.broadcast_to(probe[group], fails.shape)
            wanted = search[group] & (fails < step) & (step < meets)
            good = _simulated(staff(probe), paths, units, wanted, limits)
            fails = np.where(wanted & ~good, step, fails)
            meets = np.where(wanted & good, step, meets)
            below, above = at(chances[k], fails), at(chances[k], meets)
            probe = np.where(below < 0, above - stride, (below + above) // 2)
            probe = np.where(above == len(FACTORS), below + stride, probe)
            stride *= 2
        answers[k] = staff(settled)
    return answers
