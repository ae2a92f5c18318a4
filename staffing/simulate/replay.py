"""Replay: a pool's days again, each part of the calls as planned or as it came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import ArrayLike, NDArray
from scipy.special import pdtrik

from staffing.erlang.b import checked, checked_agents
from staffing.erlang.c import checked_aht, checked_threshold
from staffing.simulate.serve import Result, serve_runs, sigma_of, unit_times

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TINY = 1e-300
"""Below every sum of handle times but that of no call."""


class Calls(NamedTuple):
    """What calls, or was expected to: two tables of shape (intervals, queues)."""

    offered: Floats  # [contacts], ≥ 0
    aht_s: Floats  # [s], > 0; NaN where not known


class _Numbers(NamedTuple):
    """Random numbers of one replication's calls, day by day of each queue."""

    of: Ints  # the queue's day, counted through all of them
    rank: Ints  # in that day, from 0
    place: Floats  # in the day: share of its calls that come before, in (0, 1]
    moment: Floats  # in the interval, in [0, 1)
    units: Floats  # (2, calls): handle time and patience, of mean 1


class Drawn(NamedTuple):
    """The calls of one replication, in the order of time."""

    slot: Ints  # interval
    moment: Floats  # in it, in [0, 1)
    queue: Ints
    handle_s: Floats
    patience_s: Floats


@dataclass(frozen=True)
class Replay:
    """
    A pool's month, to be simulated as planned, as it came, and anything between.

    Parameters
    ----------
    planned, realised : Calls
        Of every interval on duty, in the order of time. Where realised offered are
        not known, give the planned. An AHT may be NaN: it is the other's then, times
        what the two differ by on all the intervals of the queue that have both.
    days : array of int, shape (intervals,)
        Label of the day; the intervals of a day are neighbours.
    runs : array of int, shape (intervals,)
        Label of the consecutive intervals that are simulated together, from empty.
    interval_s : float
        Length of an interval. [s], > 0
    patience_s : array_like, broadcastable to (queues,)
        Mean of the exponential patience. [s], ≥ 0; inf: nobody hangs up
    threshold_s, short_abandon_s, handle_cv
        As :func:`staffing.simulate.simulate` has them.
    seed : int
        Of all random numbers, ≥ 0.
    replications : int
        How often the month is simulated, ≥ 1.

    Notes
    -----
    Common random numbers: the k-th call of a queue's day has one place in the day, one
    handle time and one patience, whatever is exchanged. Replication r draws from
    PCG64 seeded with SeedSequence(seed, spawn_key=(r,)), again for each variant: no
    more than one replication's calls are ever in memory.
    """

    planned: Calls
    realised: Calls
    days: Ints
    runs: Ints
    interval_s: float
    patience_s: ArrayLike
    threshold_s: float
    seed: int
    replications: int
    handle_cv: float | None = 1.0
    short_abandon_s: float | None = None

    def simulate(
        self,
        agents: ArrayLike,
        *,
        volume: bool = True,
        shape: bool = True,
        aht: bool = True,
    ) -> Result:
        """
        Simulate the month with each part of the calls as it came, or as planned.

        Parameters
        ----------
        agents : array_like of int, shape (intervals,)
            On duty for all queues together. [agents], ≥ 0
        volume : bool
            True: each queue's day has the realised number of calls, rounded at random
            where it is not whole. False: a Poisson number with the planned mean.
        shape : bool
            True: they fall into the day's intervals as they came, scaled to the day's
            number. False: each by chance, in proportion to the plan. A day without
            calls in the one takes the shape of the other.
        aht : bool
            True: the handle times of each interval and queue have the realised mean,
            where it is known. False: they are drawn around the planned mean.

        Returns
        -------
        Result
            Sums over (replications, intervals, queues). A ValueError says what is NaN
            or out of its range.
        """
        return self.serve(agents, self.draw(volume=volume, shape=shape, aht=aht))

    def draw(
        self, *, volume: bool = True, shape: bool = True, aht: bool = True
    ) -> Iterator[Drawn]:
        """The calls of each replication, as :meth:`simulate` would serve them."""
        for replication in range(self.replications):
            yield self._calls(replication, volume, shape, aht)

    def serve(self, agents: ArrayLike, drawn: Iterable[Drawn]) -> Result:
        """Simulate the month with these calls: drawn once, they serve again."""
        duty = checked_agents(agents).astype(np.float64)
        short_s = self.short_abandon_s
        within_s = (
            float(checked_threshold(self.threshold_s)),
            float(checked_threshold(self.threshold_s if short_s is None else short_s)),
        )
        borders = [*np.flatnonzero(np.diff(self.runs, prepend=np.nan)), len(self.runs)]
        sums = np.zeros((self.replications, 8, *self.planned.offered.shape))
        busy_s = np.zeros((self.replications, len(duty)))
        pool = duty, float(self.interval_s), within_s
        for i, calls in enumerate(drawn):
            serve_runs((*calls,), np.array(borders), pool, sums[i], busy_s[i])
        return Result._make([*sums.swapaxes(0, 1), busy_s, duty * self.interval_s])

    def _calls(self, replication: int, volume: bool, shape: bool, aht: bool) -> Drawn:
        intervals, queues = self.planned.offered.shape
        planned, realised = (
            _by_queue(calls) for calls in (self.planned, self.realised)
        )
        day = np.cumsum(np.diff(self.days, prepend=self.days[0]) != 0)
        day = np.add.outer(np.arange(queues) * (day[-1] + 1), day).ravel()

        rng = default_rng(SeedSequence(self.seed, spawn_key=(replication,)))
        chance, offset = rng.random((2, day[-1] + 1))
        due = np.ceil(pdtrik(chance, np.bincount(day, planned.offered.ravel())))
        came = np.floor(np.bincount(day, realised.offered.ravel()) + chance)
        drawn = _draw(rng, np.maximum(due, came).astype(np.int64), self.handle_cv)
        number = came if volume else due
        here = drawn.rank < number[drawn.of]
        of, rank = drawn.of[here], drawn.rank[here]
        place, moment = drawn.place[here], drawn.moment[here]
        handle, patience = drawn.units[:, here]

        if shape:  # in the same order, evenly over the calls that came
            place[np.argsort(of + place)] = (rank + 1 - offset[of]) / number[of]
        these, others = (realised, planned) if shape else (planned, realised)
        cell = np.searchsorted(day + _share_until(these, others, day), of + place)
        handle_s = handle * _level_s(planned, realised, aht).ravel()[cell]
        if aht:
            handle_s = _with_means(handle_s, cell, realised.aht_s.ravel())
        queue, slot = np.divmod(cell, intervals)
        patience_s = patience * np.broadcast_to(self.patience_s, queues)[queue]
        order = np.argsort(slot + moment)
        named = slot, moment, queue, handle_s, patience_s
        return Drawn._make(column[order] for column in named)


def _by_queue(calls: Calls) -> Calls:
    """Shape (queues, intervals)."""
    must = "a finite number of contacts, 0 or more"
    offered = checked("offered", calls.offered, lambda x: (x >= 0) & (x < np.inf), must)
    return Calls(offered.T, np.asarray(calls.aht_s, dtype=np.float64).T)


def _draw(rng: Generator, most: Ints, handle_cv: float | None) -> _Numbers:
    """As many calls as each queue's day may need."""
    of = np.repeat(np.arange(len(most)), most)
    rank = np.arange(len(of)) - np.repeat(np.cumsum(most) - most, most)
    place, moment = 1.0 - rng.random(len(of)), rng.random(len(of))
    units = np.empty((2, len(of)))
    unit_times(rng, (sigma_of("handle_cv", handle_cv), -1.0), units)
    return _Numbers(of, rank, place, moment, units)


def _share_until(these: Calls, others: Calls, day: Ints) -> Floats:
    """Share of the calls of the queue's day that come until each interval's end."""
    mine, other = these.offered.ravel(), others.offered.ravel()
    empty = np.bincount(day, mine)[day] == 0
    until = np.cumsum(np.where(empty, other, mine))
    first, last = (np.searchsorted(day, day, side=side) for side in ("left", "right"))
    before = np.concatenate([[0.0], until])[first]
    total = until[last - 1] - before
    shares: Floats = np.ones(len(day))
    np.divide(until - before, total, where=total > 0, out=shares)
    return shares


def _level_s(planned: Calls, realised: Calls, aht: bool) -> Floats:
    """What handle times are drawn around, shape (queues, intervals). [s]"""
    both = np.isfinite(planned.aht_s) & np.isfinite(realised.aht_s)
    weight = np.where(both, realised.offered, 0.0)
    due, came = (
        (weight * np.nan_to_num(calls.aht_s)).sum(axis=1, keepdims=True)
        for calls in (planned, realised)
    )
    scale = np.divide(came, due, where=due > 0, out=np.ones(due.shape))
    level_s: Floats = np.where(
        np.isnan(planned.aht_s), realised.aht_s / scale, planned.aht_s
    )
    checked_aht(level_s[(planned.offered > 0) | (realised.offered > 0)])
    return level_s * scale if aht else level_s


def _with_means(handle_s: Floats, cell: Ints, mean_s: Floats) -> Floats:
    """
    Handle times of calls, changed so that those of each cell have its mean. [s]

    A mean is high or low by its longest calls: a change is in proportion to the
    square of the handle time, nearly. Where the mean is NaN, nothing changes.
    """
    calls, total = np.bincount(cell), np.bincount(cell, handle_s)
    due = mean_s[: len(calls)] * calls
    due = np.where(np.isnan(due), total, due)
    squares = np.bincount(cell, handle_s * handle_s).clip(min=TINY)
    lack = ((due - total) / squares)[cell]
    longer = handle_s * (1.0 + lack.clip(min=0.0) * handle_s)
    changed: Floats = longer / (1.0 - lack.clip(max=0.0) * handle_s)
    changed *= (due / np.bincount(cell, changed).clip(min=TINY))[cell]
    return changed
