"""What would have helped: agents, handle time, or calls at another hour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from staffing.simulate import Calls, Replay, Result, level_of
from staffing.targets import Targets
from staffing.why.causes import Worlds, last_of, shapley

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Window = tuple[int, int]  # day of the week, first hour

BLOCK_H = 2
"""Hours of a window, from an even hour on."""
WINDOW_CALLS, MOST_REPLICATIONS = 5_000, 20
"""Calls of the window's days in all replications of a trial, and most of these."""
LEAST_SHARE = 0.2
"""Of what a window lacks to the target: less is not that cause's matter."""
MOST_AGENTS = 10
"""Tried more than twice the largest load of the window."""
LEAST_AHT_S = 1.0
"""No call is handled in less. [s]"""
MOST_PERCENT = 50
"""Of the window's calls that may be moved."""
WEEKDAYS = (
    "Mondays",
    "Tuesdays",
    "Wednesdays",
    "Thursdays",
    "Fridays",
    "Saturdays",
    "Sundays",
)


class Lever(NamedTuple):
    """What each lever alone must do for a window to meet the targets; NaN: cannot."""

    agents_short: float  # more agents, all through the window [agents]
    aht_s_less: float  # shorter handle times of the window's calls [s]
    share_moved: float  # of the window's calls, to the hour after it [1]


def levers_of(
    replay: Replay,
    worlds: Worlds,
    agents: Ints,
    *,
    pool: str,
    starts: pd.DatetimeIndex,
    targets: Targets,
) -> pd.DataFrame:
    """
    Each cause's worst window, and what would have made it meet the targets.

    Parameters
    ----------
    replay : Replay
        A pool's month.
    worlds : mapping of World to DataFrame
        Of :func:`staffing.why.variants`, of the same month.
    agents : array of int, shape (intervals,)
        That were there; the planned where that is not known.
    pool : str
        Its name.
    starts : DatetimeIndex, shape (intervals,)
        Starts of the replay's intervals, local time, of one month.
    targets : Targets
        Those of waits and abandonment count.

    Returns
    -------
    DataFrame
        queue, month, cause, window and the fields of :class:`Lever`: a row for each
        cause that took a fifth or more of what a window, simulated as all came, lacks
        to the first of the targets. A window is two hours of one weekday (``Mondays
        10–12``), all of them in the month.

    Notes
    -----
    The window is that in which the cause, by Shapley's value, took most: calls in
    time, or seconds of waiting. Its days are then simulated again, with common random
    numbers: the fewest agents, whole seconds and whole percents that do.
    """
    worst = _worst_windows(worlds, targets)
    levers = {
        window: _lever(replay, agents, starts, window, targets)
        for window in dict.fromkeys(worst.values())
    }
    open_s = np.asarray(starts.hour * 3600 + starts.minute * 60)
    open_s = np.column_stack([starts.day_of_week, open_s, open_s + replay.interval_s])
    rows = [
        (pool, f"{starts[0]:%Y-%m}", cause, _name(window, open_s), *lever)
        for cause, window in worst.items()
        if (lever := levers[window]) is not None
    ]
    columns = ["queue", "month", "cause", "window", *Lever._fields]
    return pd.DataFrame(rows, columns=columns)


def lever_sentence(lever: pd.Series) -> str:
    """A row of :func:`levers_of` in words."""
    short = "no number of agents there would do"
    if np.isfinite(lever["agents_short"]):
        many = "" if lever["agents_short"] == 1 else "s"
        short = f"{lever['agents_short']:.0f} agent{many} short"
    others = []
    if np.isfinite(lever["aht_s_less"]):
        others.append(f"AHT −{lever['aht_s_less']:.0f} s")
    if np.isfinite(lever["share_moved"]):
        percent = f"{lever['share_moved'] * 100:.0f} %"
        others.append(f"{percent} of calls moved to the next hour")
    same = f"the same gain: {', or '.join(others)}"
    if not others:
        same = "neither a shorter AHT nor moving calls to the next hour would do"
    return f"{lever['window']}: {short}; {same}"


def _name(window: Window, open_s: Floats) -> str:
    """The part of a window that is open, by rows of weekday, start and end. [s]"""
    day, hour = window
    first = hour * 3600
    inside = (open_s[:, 1] >= first) & (open_s[:, 1] < first + BLOCK_H * 3600)
    mine = open_s[(open_s[:, 0] == day) & inside]
    ends = (divmod(int(at) // 60, 60) for at in (mine[:, 1].min(), mine[:, 2].max()))
    clock = "–".join(f"{h}:{m:02d}" if m else f"{h}" for h, m in ends)
    return f"{WEEKDAYS[day]} {clock}"


def _lacks(sums: Sequence[Floats], targets: Targets) -> Floats:
    """
    What sums, in the order of Result, lack to each target; met where not above 0.

    Contacts or seconds, which add up: shape (targets, *that of a sum).
    """
    offered, handled, lost, in_time, short, handled_wait_s, lost_wait_s = sums[:7]
    above, below = level_of(targets.sl_rule, offered, handled, in_time, short)
    terms = (
        (targets.service_level, -above, -below),
        (targets.asa_s, handled_wait_s, handled),
        (targets.mean_wait_s, handled_wait_s + lost_wait_s, offered),
        (targets.max_abandon_rate, lost, offered),
    )
    return np.array(
        [above - limit * below for limit, above, below in terms if limit is not None]
    )


def _worst_windows(worlds: Worlds, targets: Targets) -> dict[str, Window]:
    """Where each cause took most from the first target, of the windows that miss."""
    lacks = {}
    for world, sums in worlds.items():
        local = sums["interval_start"].dt
        keys = [local.day_of_week.rename("day"), (local.hour // BLOCK_H).rename("hour")]
        fields = [sums[name].to_numpy(dtype=np.float64) for name in Result._fields[:7]]
        by_target = dict(enumerate(_lacks(fields, targets)))
        lacks[world] = pd.DataFrame(by_target, index=sums.index).groupby(keys).sum()
    came = lacks[last_of(worlds)]
    if 0 not in came:  # none of the targets is of waits or abandonment
        return {}
    misses = (came > 0).any(axis=1).to_numpy()
    effects = shapley({world: lack[0].to_numpy() for world, lack in lacks.items()})
    least = LEAST_SHARE * came[0].clip(lower=0).to_numpy()
    worst = {}
    for cause, effect in effects.items():
        taken = np.where(misses & (effect >= least), effect, 0.0)
        if taken.max() > 0:
            day, block = came.index[int(taken.argmax())]
            worst[cause] = int(day), int(block) * BLOCK_H
    return worst


def _lever(
    replay: Replay,
    agents: Ints,
    starts: pd.DatetimeIndex,
    window: Window,
    targets: Targets,
) -> Lever | None:
    """What makes the window meet the targets; None: it does as it is."""
    day, hour = window
    rows = np.flatnonzero(starts.day_of_week == day)
    month, duty = _only(replay, rows), agents[rows]
    hours = starts[rows].hour.to_numpy()
    inside = (hours >= hour) & (hours < hour + BLOCK_H)
    after = hours == hour + BLOCK_H
    offered, aht_s = month.realised
    aht_s = np.where(np.isnan(aht_s), month.planned.aht_s, aht_s)
    month = replace(month, realised=Calls(offered, aht_s))

    drawn = [*month.draw()]

    def lacks(cells: Bools, duty: Ints, calls: Calls | None = None) -> Floats:
        changed = None if calls is None else replace(month, realised=calls).draw()
        result = month.serve(duty, drawn if changed is None else changed)
        return _lacks([field[:, cells].sum() for field in result[:7]], targets)

    def met(duty: Ints, calls: Calls | None = None) -> bool:
        return bool((lacks(inside, duty, calls) <= 0).all())

    def less(seconds: int) -> Calls:
        shorter = np.maximum(aht_s - seconds * inside[:, None], LEAST_AHT_S)
        return Calls(offered, np.minimum(aht_s, shorter))

    def moved(percent: int) -> Calls:
        return Calls(
            offered + percent / 100 * _to_later(offered, inside, after, month.days),
            aht_s,
        )

    if met(duty):
        return None
    most_s = int(np.average(aht_s[inside], weights=offered[inside] + 1e-9)) - 1
    busy = (offered * aht_s)[inside].sum(axis=1).max() / month.interval_s
    most_agents = int(2 * busy) + MOST_AGENTS
    percent = _fewest(lambda n: met(duty, moved(n)), MOST_PERCENT)
    if np.isfinite(percent):
        before, then = (lacks(after, duty, moved(n)) for n in (0, int(percent)))
        if (then > np.maximum(before, 0.0)).any():
            percent = np.nan  # it would only move the trouble
    return Lever(
        _fewest(lambda n: met(duty + n * inside), most_agents),
        _fewest(lambda n: met(duty, less(n)), most_s),
        percent / 100,
    )


def _only(replay: Replay, rows: Ints) -> Replay:
    """The replay of some whole days, each from empty."""
    starts_run = np.diff(replay.runs[rows], prepend=np.nan) != 0
    starts_day = np.diff(replay.days[rows], prepend=np.nan) != 0
    planned, realised = (
        Calls(*(table[rows] for table in calls))
        for calls in (replay.planned, replay.realised)
    )
    offered = max(float(realised.offered.sum()), 1.0)
    return replace(
        replay,
        planned=planned,
        realised=realised,
        days=replay.days[rows],
        runs=np.cumsum(starts_run | starts_day),
        replications=int(np.clip(WINDOW_CALLS / offered, 2, MOST_REPLICATIONS)),
    )


def _to_later(offered: Floats, inside: Bools, after: Bools, days: Ints) -> Floats:
    """Change of offered where all calls inside came evenly after, on the same day."""
    change = np.zeros(offered.shape)
    for day in np.unique(days[after]):
        mine = days == day
        change[mine & inside] = -offered[mine & inside]
        change[mine & after] = offered[mine & inside].sum(axis=0) / (mine & after).sum()
    return change


def _fewest(does: Callable[[int], bool], most: int) -> float:
    """The smallest number from 1 to most that does, where more never undo; or NaN."""
    low, high = 0, 1
    while high < most and not does(high):
        low, high = high, high * 2
    if high >= most:
        high = most
        if not does(most):
            return np.nan
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if does(middle) else (middle, high)
    return float(high)
