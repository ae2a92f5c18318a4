"""What others would answer for each interval by itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from staffing.erlang.limits import checked_callers, checked_targets
from staffing.erlang.solve import agents_for
from staffing.targets import Targets

Floats = NDArray[np.float64]


def peer_agents(
    rows: pd.DataFrame, targets: Targets, patience_s: float | None
) -> pd.DataFrame:
    """
    Agents by Erlang C, Erlang A and pyworkforce for offered · aht_s / interval_s.

    Parameters
    ----------
    rows : DataFrame
        Rows of a requirement.
    targets : Targets
        What each interval must reach, seats aside.
    patience_s : float or None
        Mean patience, where known: Erlang A has no answer without. [s]

    Returns
    -------
    DataFrame
        With the index of ``rows``: agents_erlang_c, agents_erlang_a and
        agents_pyworkforce; NaN where a model cannot state the targets.
    """
    return pd.DataFrame(
        {
            "agents_erlang_c": _by_erlang(rows, targets, None),
            "agents_erlang_a": (
                np.nan if patience_s is None else _by_erlang(rows, targets, patience_s)
            ),
            "agents_pyworkforce": _by_pyworkforce(rows, targets),
        },
        index=rows.index,
    )


def _by_erlang(
    rows: pd.DataFrame, targets: Targets, patience_s: float | None
) -> Floats:
    limits = targets.limits(patience_s)
    try:
        checked_targets(checked_callers(1.0, limits), limits)
    except ValueError:
        return np.full(len(rows), np.nan)
    calls = rows["offered"] > 0  # a row without calls may have no handle time
    aht_s = rows["aht_s"].where(calls, 1.0)
    load = rows["offered"] * aht_s / rows["interval_s"]
    return agents_for(load, aht_s=aht_s, **limits).astype(np.float64)


def _by_pyworkforce(rows: pd.DataFrame, targets: Targets) -> Floats:
    """Of service level and occupancy only: it knows no ASA target, nor zero calls."""
    from pyworkforce.queuing import ErlangC

    answers = np.full(len(rows), np.nan)
    level, threshold_s = targets.service_level, targets.threshold_s
    if level is None or not threshold_s or targets.sl_rule == "answer_rate":
        return answers
    named = rows[["offered", "aht_s", "interval_s"]].to_numpy(dtype=np.float64)
    for i, (offered, aht_s, interval_s) in enumerate(named):
        if offered > 0:
            model = ErlangC(
                transactions=offered,
                aht=aht_s / 60.0,
                asa=threshold_s / 60.0,  # its name for the threshold
                interval=interval_s / 60.0,
            )
            answer = model.required_positions(level, targets.max_occupancy or 1.0)
            answers[i] = answer["raw_positions"]
    return answers
