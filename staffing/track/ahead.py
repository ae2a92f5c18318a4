"""What the callers of the day are to expect of given agents, by simulation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from staffing.audit import HANDLE_CV
from staffing.kpi import result_sums
from staffing.requirement.chance import WARM_UP
from staffing.requirement.overload import run_labels
from staffing.requirement.rules import Rules
from staffing.simulate import Result, simulate
from staffing.track.rest import QueueDay

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PATHS = 200
"""Possible days that are simulated."""


def day_sums(
    rows: pd.DataFrame,
    agents: Ints,
    days: Sequence[QueueDay],
    rules: Rules,
    patience_s: float,
) -> pd.DataFrame:
    """
    The sums of a pool's whole day, means over possible days.

    Parameters
    ----------
    rows : DataFrame
        interval_start and interval_s of the pool's day, in the order of time.
    agents : ndarray of int, shape (intervals,)
        On duty in them. [agents]
    days : sequence of QueueDay
        The pool's queues. As many as came come again, at any moment of their
        interval: so there is a queue when the rest of the day begins.
    rules : Rules
        Threshold and seed.
    patience_s : float
        Mean time that a caller would wait; inf: for ever. [s]

    Returns
    -------
    DataFrame
        As :func:`staffing.kpi.result_sums`. The same calls come whatever the agents.
    """
    starts = pd.DatetimeIndex(rows["interval_start"])
    calls = np.zeros((PATHS, len(rows), len(days)))
    aht_s = np.ones(calls.shape)  # where no call comes
    came = np.zeros(calls.shape[1:], dtype=bool)
    for i, day in enumerate(days):
        at = starts.get_indexer(pd.DatetimeIndex(day.planned["interval_start"]))
        calls[:, at, i], aht_s[:, at, i] = day.possible(PATHS)
        came[at, i] = ~np.isnan(day.came)
    rng = np.random.default_rng([rules.seed, 4])
    counts = np.where(came, calls, rng.poisson(calls)).astype(np.int64)
    interval_s = float(rows["interval_s"].iloc[0])
    labels = run_labels(rows)
    runs = []
    for label in np.unique(labels):
        run = np.flatnonzero(labels == label)
        midnight = starts[run[0]].hour == starts[run[0]].minute == 0
        paths = [
            _simulated(
                agents[run],
                counts[r, run],
                aht_s[r, run],
                interval_s=interval_s,
                threshold_s=rules.targets.threshold_s or 0.0,
                patience_s=patience_s,
                seed=(rules.seed, 5, int(label), r),
                warm_up=WARM_UP if midnight else 0,
            )
            for r in range(PATHS)
        ]
        runs.append(_joined(paths, axis=0)._replace(agent_s=paths[0].agent_s))
    whole = _joined(runs, axis=1)
    whole = whole._replace(agent_s=np.concatenate([run.agent_s for run in runs]))
    return result_sums(whole, [day.queue for day in days], starts)


def _joined(results: Sequence[Result], axis: int) -> Result:
    fields = [
        np.concatenate(parts, axis=axis)
        for parts in zip(*(r[:9] for r in results), strict=True)
    ]
    return Result._make([*fields, results[0].agent_s])


def _simulated(
    agents: Ints,
    counts: Ints,
    aht_s: Floats,
    *,
    interval_s: float,
    threshold_s: float,
    patience_s: float,
    seed: tuple[int, ...],
    warm_up: int,
) -> Result:
    """One day with exactly these calls, after ``warm_up`` intervals like its first."""
    before = np.maximum(np.arange(-warm_up, len(agents)), 0)
    agents, counts, aht_s = agents[before], counts[before], aht_s[before]
    cells = np.repeat(np.arange(counts.size), counts.ravel())
    slot, queue = np.divmod(cells, counts.shape[1])
    moment = np.random.default_rng(seed).random(len(cells))
    result = simulate(
        agents,
        arrivals=((slot + moment) * interval_s, queue),
        aht_s=aht_s,
        interval_s=interval_s,
        threshold_s=threshold_s,
        patience_s=patience_s,
        handle_cv=HANDLE_CV,
        seed=seed,
    )
    *tables, agent_s = result
    return Result._make([*(t[:, warm_up:] for t in tables), agent_s[warm_up:]])
