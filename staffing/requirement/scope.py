"""Fewest agents for targets that hold over a day or a month, not each interval."""

from __future__ import annotations

from typing import Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from staffing.erlang.limits import (
    Callers,
    Limits,
    Targets,
    checked_callers,
    checked_targets,
)
from staffing.erlang.solve import agents_for

HAIR = 1e-12
"""Share of the calls by which targets are exceeded, so that rounding misses none."""
ROUNDS = 12
"""How often the prices of several targets are set; 30 saved no further agent."""


class PeriodKpis(NamedTuple):
    """What the callers of each period meet, arrays of one length."""

    period: NDArray[Any]  # label, ascending
    service_level: NDArray[np.float64]  # by sl_rule [1]
    asa_s: NDArray[np.float64]  # mean wait of the answered [s]
    mean_wait_s: NDArray[np.float64]  # mean wait of all callers [s]
    abandon_rate: NDArray[np.float64]  # abandoned / offered [1]


class _Calls(NamedTuple):
    """What becomes of the offered calls: sums, which add over intervals."""

    offered: NDArray[np.float64]  # [calls]
    handled: NDArray[np.float64]  # [calls]
    counted: NDArray[np.float64]  # what sl_rule divides by [calls]
    in_time: NDArray[np.float64]  # what it divides [calls]
    handled_wait_s: NDArray[np.float64]  # waits of the answered [s]
    wait_s: NDArray[np.float64]  # waits of all callers [s]

    def missing(self, targets: Targets) -> NDArray[np.float64]:
        """
        Calls that each given target misses, in rows; negative where it has more.

        A target holds over a period where these add up to 0 or less.
        """
        level, asa_s, mean_wait_s, _, abandon = targets
        missing = (
            level * self.counted - self.in_time,
            self.handled_wait_s / asa_s - self.handled,
            self.wait_s / mean_wait_s - self.offered,
            (1.0 - abandon) * self.offered - self.handled,
        )
        given = ~np.isnan([level, asa_s, mean_wait_s, abandon])
        return np.array(missing)[given]


def _calls(
    load: NDArray[np.float64],
    offered: NDArray[np.float64],
    agents: NDArray[np.int64],
    callers: Callers,
) -> _Calls:
    """NaN where a queue grows without end: in Erlang C, with agents ≤ load."""
    reached = callers.reached(load, agents)
    handled = 1.0 - reached.abandon_rate
    counted = np.ones(handled.shape)
    if callers.sl_rule == "handled":
        counted = handled
    elif callers.sl_rule == "less_short_abandons":
        by_offered = callers._replace(sl_rule="offered").reached(load, agents)
        in_time, level = by_offered.service_level, reached.service_level
        np.divide(in_time, level, out=counted, where=level > 0)
    shares = (
        np.ones(handled.shape),
        handled,
        counted,
        counted * reached.service_level,
        handled * np.where(handled > 0, reached.asa_s, 0.0),
        reached.mean_wait_s,
    )
    endless = np.isinf(reached.mean_wait_s)
    return _Calls(*(np.where(endless, np.nan, offered * share) for share in shares))


def period_kpis(
    load: NDArray[np.float64],
    offered: NDArray[np.float64],
    agents: NDArray[np.int64],
    period: NDArray[Any],
    *,
    aht_s: ArrayLike,
    **limits: Unpack[Limits],
) -> PeriodKpis:
    """
    What these agents give over each period, as ratios of sums over its intervals.

    Parameters
    ----------
    load, offered, period, aht_s, limits
        As in :func:`agents_over`.
    agents : ndarray of int, shape (I,)
        Agents on the queue. [agents], ≥ 0

    Returns
    -------
    PeriodKpis
        One value a period. NaN for the mean of nothing (no calls, or none
        answered), and for all of a period in which, in Erlang C, the agents of an
        interval do not exceed its load: its queue grows into the next ones, which
        no formula of single intervals can tell.

    Examples
    --------
    >>> load, offered = np.array([60.0, 3.0]), np.array([360.0, 18.0])
    >>> who = {"aht_s": 300.0, "threshold_s": 50.0}
    >>> kpis = period_kpis(load, offered, np.array([66, 7]), np.zeros(2), **who)
    >>> kpis.service_level.round(3), kpis.asa_s.round(1)
    (array([0.878]), array([16.6]))
    """
    labels, index = np.unique(period, return_inverse=True)
    calls = _calls(load, offered, agents, checked_callers(aht_s, limits))
    sums = [np.bincount(index, values).astype(np.float64) for values in calls]
    total = _Calls(*sums)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN
        return PeriodKpis(
            labels,
            total.in_time / total.counted,
            total.handled_wait_s / total.handled,
            total.wait_s / total.offered,
            (total.offered - total.handled) / total.offered,
        )


def _spent(
    missing: NDArray[np.float64], start: NDArray[np.int64], room: NDArray[np.float64]
) -> NDArray[np.int64]:
    """
    Agents beyond the least of each interval, the most valuable until targets hold.

    ``missing`` has a row a target, an interval, and a number of agents beyond the
    least; an interval has from ``start`` to ``room`` of them. An agent is worth the
    calls saved, at a price for each target that rises where it holds last.
    """
    nth = np.arange(missing.shape[2] - 1)
    free = (nth >= start[:, None]) & (nth < room[:, None])
    row = np.nonzero(free)[0]
    saved = missing[:, :, :-1] - missing[:, :, 1:]
    lacking = missing[:, np.arange(len(start)), start].sum(axis=1)
    lacking, saved = lacking[lacking > 0.0], saved[lacking > 0.0]
    if len(lacking) == 0:
        return start
    prices, step, trials = 1.0 / lacking, 8.0, []
    for _ in range(ROUNDS if len(prices) > 1 else 1):
        worth = np.tensordot(prices, saved, axes=1)
        worth = np.minimum.accumulate(worth, axis=1)[free]  # each interval in order
        best = np.argsort(-worth, kind="stable")[: np.count_nonzero(worth > 0.0)]
        in_order = saved[:, free][:, best]
        before = np.cumsum(in_order, axis=1) - in_order
        needed = np.count_nonzero(before < lacking[:, None], axis=1)
        trials.append(row[best[: needed.max()]])
        prices[needed.argmax()] *= step
        step **= 0.7
    fewest = np.bincount(min(trials, key=len), minlength=len(start))
    return start + fewest.astype(np.int64)


def _pruned(
    missing: NDArray[np.float64], extra: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Without the agents that no target needs, those missed least first."""
    intervals = np.arange(len(extra))
    while True:
        now = missing[:, intervals, extra]
        fewer = missing[:, intervals, np.maximum(extra - 1, 0)]
        left = (now.sum(axis=1, keepdims=True) + fewer - now).max(
            axis=0, initial=-np.inf
        )
        row = np.where(extra > 0, left, np.inf).argmin()
        if extra[row] == 0 or left[row] > 0.0:
            return extra
        extra[row] -= 1


def _over_one(
    load: NDArray[np.float64],
    offered: NDArray[np.float64],
    least: NDArray[np.int64],
    room: NDArray[np.float64],
    callers: Callers,
    targets: Targets,
) -> NDArray[np.int64] | None:
    """Agents of one period's intervals; None where its targets are out of reach."""
    width, total = 16, offered.sum()
    while True:
        agents = least[:, None] + np.arange(width)
        calls = _calls(load[:, None], offered[:, None], agents, callers)
        missing = calls.missing(targets) + HAIR * offered[:, None]
        # What misses more than all calls of the period, no other interval makes up.
        start = (missing > total).any(axis=0).sum(axis=1)
        start = np.minimum(start, np.minimum(room, width - 1)).astype(np.int64)
        extra = _spent(missing, start, room)
        if not ((extra == width - 1) & (extra < room)).any():
            break
        width *= 2
    left = missing[:, np.arange(len(extra)), extra].sum(axis=1)
    holds = (left <= HAIR * total).all()
    return least + _pruned(missing, extra) if holds else None


def agents_over(
    load: NDArray[np.float64],
    offered: NDArray[np.float64],
    period: NDArray[Any],
    *,
    aht_s: ArrayLike,
    low: ArrayLike = 0,
    high: ArrayLike = np.inf,
    floor_service_level: float | None = None,
    **limits: Unpack[Limits],
) -> NDArray[np.int64]:
    """
    Fewest agents that meet the targets over each period, spent where they buy most.

    Parameters
    ----------
    load : ndarray of float, shape (I,)
        Offered load of each open interval of a queue. [erlang], ≥ 0
    offered : ndarray of float, shape (I,)
        Calls, the weight of the interval. [calls], ≥ 0
    period : ndarray, shape (I,)
        Label of the day or month over which the targets hold together.
    aht_s : array_like, shape broadcastable with (I,)
        Mean handling time. [s], > 0
    low, high : array_like, shape broadcastable with (I,)
        Fewest and most agents of an interval. [agents], high may be inf
    floor_service_level : float, optional
        Service level that no interval falls below, by ``sl_rule``; needs what
        ``service_level`` needs. [1], in (0, 1)
    limits
        As in :func:`staffing.erlang.solve.agents_for`, one value each for all
        intervals. ``max_occupancy`` holds in each interval: nobody rests at nine
        for the rush at ten.

    Returns
    -------
    ndarray of int, shape (I,)
        Agents on the queue. [agents]. Never below the load (in Erlang C always
        above it), whatever the targets, unless ``high`` is. Where ``high`` puts a
        period's targets out of reach, its intervals get what each needs by itself,
        as far as ``high`` allows.

    Raises
    ------
    ValueError
        As in :func:`staffing.erlang.solve.agents_for`.

    Notes
    -----
    Over a period the KPIs are ratios of sums (see :func:`period_kpis`), so that a
    target is a sum over the intervals, from which each further agent takes a known
    number of calls. The agents that take most are added until the target holds.
    Above the load an agent takes less than the one before (in Erlang A but for a
    hair), so that for one target no fewer agents suffice. For several, calls are
    priced by target, the prices found in rounds, and agents that proved needless
    taken away: in tests at most one agent a period more than the bound of duality.
    Never more agents in a period than with each interval by itself.

    Examples
    --------
    A busy and a quiet half-hour; 95 % within 50 s in each takes 69 and 7 agents:

    >>> load, offered = np.array([60.0, 3.0]), np.array([360.0, 18.0])
    >>> goal = {"aht_s": 300.0, "service_level": 0.95, "threshold_s": 50.0}
    >>> agents_over(load, offered, np.zeros(2), floor_service_level=0.5, **goal)
    array([70,  4])
    """
    aht_s = np.broadcast_to(np.asarray(aht_s, dtype=np.float64), load.shape)
    callers = checked_callers(aht_s, limits)
    targets = checked_targets(callers, limits)
    in_each = limits | {
        "service_level": floor_service_level,
        "asa_s": None,
        "mean_wait_s": None,
        "max_occupancy": limits.get("max_occupancy") or 1.0,
        "max_abandon_rate": None,
    }
    least = np.maximum(np.ceil(load), agents_for(load, aht_s=aht_s, **in_each))
    least = np.minimum(np.maximum(least, low), high).astype(np.int64)
    room = np.asarray(high, dtype=np.float64) - least
    alone = np.maximum(agents_for(load, aht_s=aht_s, **limits) - least, 0)
    cut = alone > room
    agents: NDArray[np.int64] = least + np.minimum(alone, room).astype(np.int64)
    labels, index = np.unique(period, return_inverse=True)
    for i in range(len(labels)):
        rows = np.flatnonzero(index == i)
        found = _over_one(
            load[rows],
            offered[rows],
            least[rows],
            room[rows],
            callers._replace(aht_s=aht_s[rows, None]),
            targets,
        )
        if found is None:
            continue
        if cut[rows].any() or found.sum() < agents[rows].sum():
            agents[rows] = found
    return agents
