"""Whole days as they come: ramps, queues that linger, log-normal handle times."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from staffing.requirement.overload import run_labels
from staffing.simulate import Result, simulate
from staffing.targets import Targets


def simulate_days(
    rows: pd.DataFrame,
    forecast: pd.DataFrame,
    members: Sequence[str],
    *,
    targets: Targets,
    patience_s: float | None,
    handle_cv: float,
    seed: int,
    replications: int,
) -> Result:
    """
    Simulate a pool's month, each run of consecutive intervals from empty.

    Parameters
    ----------
    rows : DataFrame
        The pool's rows of a requirement, in the order of time.
    forecast : DataFrame
        A forecast table that has the pool's queues.
    members : sequence of str
        The queues that the pool answers.
    targets : Targets
        Their threshold counts.
    patience_s : float or None
        Mean of the exponential patience; None: nobody hangs up. [s]
    handle_cv : float
        Sd / mean of the log-normal handle times of each queue. [1]
    seed : int
        Of all runs; a run draws by the label of its first row in the index.
    replications : int
        How often each run is simulated.

    Returns
    -------
    Result
        Of all rows in their order; queues in the order of ``members``.

    Notes
    -----
    Calls are Poisson with the mean that the rows say, of the queues as the forecast
    has it: its own error is not in the picture. Runs end as
    :mod:`staffing.simulate` says.
    """
    starts = rows["interval_start"]
    shares, aht_s = (
        np.column_stack(
            [
                forecast[forecast["queue"] == queue]
                .set_index("interval_start")[name]
                .reindex(starts)
                for queue in members
            ]
        )
        for name in ("offered", "aht_s")
    )
    shares = np.nan_to_num(shares)  # no queue calls after closing
    calls = shares.sum(axis=1, keepdims=True)
    shares = np.divide(shares, calls, out=np.zeros(shares.shape), where=calls > 0)
    offered = shares * rows[["offered"]].to_numpy()
    interval_s = rows["interval_s"].to_numpy()
    agents = rows["agents"].to_numpy()
    borders = [*np.flatnonzero(np.diff(run_labels(rows), prepend=0)), len(rows)]
    runs = []
    for first, end in pairwise(borders):
        run = slice(first, end)
        runs.append(
            simulate(
                agents[run],
                offered=offered[run],
                aht_s=np.nan_to_num(aht_s[run], nan=1.0),  # where no call comes
                interval_s=float(interval_s[first]),
                threshold_s=targets.threshold_s or 0.0,
                patience_s=np.inf if patience_s is None else patience_s,
                handle_cv=handle_cv,
                seed=(seed, 1, int(rows.index[first])),
                replications=replications,
            )
        )
    *tables, agent_s = zip(*runs, strict=True)
    joined = [np.concatenate(table, axis=1) for table in tables]
    return Result._make([*joined, np.concatenate(agent_s)])


def in_sum(results: Sequence[Result]) -> Result:
    """Each result as one interval of one queue: sums of sums."""
    cells = [
        np.stack([field.sum(axis=(1, 2)) for field in fields], axis=1)[:, :, None]
        for fields in list(zip(*results, strict=True))[:8]
    ]
    busy_s = np.stack([result.busy_s.sum(axis=1) for result in results], axis=1)
    agent_s = np.array([result.agent_s.sum() for result in results])
    return Result._make([*cells, busy_s, agent_s])
