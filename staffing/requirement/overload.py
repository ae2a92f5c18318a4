"""Runs of intervals, and what callers meet where seats leave a backlog."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from staffing.simulate import Kpis, kpis, simulate

MOST_CALLS = 1e6
"""Calls simulated for a run of intervals, in as many days as these make. [contacts]"""
DAYS = (10, 100)
"""Fewest and most simulated days of a run."""


def runs_of(busy: NDArray[np.bool_]) -> list[slice]:
    """Stretches of consecutive intervals that are busy."""
    edges = np.flatnonzero(
        np.diff(np.concatenate([[False], busy, [False]]).astype(int))
    )
    return [slice(i, j) for i, j in edges.reshape(-1, 2)]


def run_labels(rows: pd.DataFrame) -> NDArray[np.int64]:
    """A number for each run of rows that follow each other without a gap."""
    step_s = rows["interval_start"].diff().dt.total_seconds()
    return np.asarray((step_s != rows["interval_s"]).cumsum(), dtype=np.int64)


def simulated_kpis(
    offered: NDArray[np.float64],
    agents: NDArray[np.int64],
    run: slice,
    *,
    aht_s: NDArray[np.float64],
    interval_s: float,
    patience_s: float | None,
    threshold_s: float,
    sl_rule: str,
    seed: int,
) -> Kpis:
    """
    KPIs of a run's intervals from empty, by the model's callers.

    What one interval does not serve is carried into the next; each call counts in
    the interval of its arrival, NaN where none arrived. Without patience nobody
    hangs up.
    """
    calls = offered[run]
    days = int(np.clip(MOST_CALLS / max(calls.sum(), 1.0), *DAYS))
    result = simulate(
        agents[run],
        offered=calls,
        aht_s=aht_s[run],
        interval_s=interval_s,
        patience_s=np.inf if patience_s is None else patience_s,
        threshold_s=threshold_s,
        seed=seed,
        replications=days,
    )
    return kpis(result, groups=np.arange(len(calls))[:, None], sl_rule=sl_rule)
