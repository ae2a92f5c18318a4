"""The sums that every KPI is a ratio of, by queue and interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from staffing.kpi.definitions import Declared
from staffing.simulate import Result

SUMS = Result._fields
"""Columns of the sums: the fields of a simulation's Result. [contacts], [s]"""


def sums_of(
    rows: pd.DataFrame, interval_s: float, declared: Sequence[Declared] = ()
) -> pd.DataFrame:
    """
    The sums of a history's rows.

    Parameters
    ----------
    rows : DataFrame
        Rows of a history: offered and, where known, the other columns of its table.
    interval_s : float
        Length of an interval. [s]
    declared : sequence of Declared, optional
        Further KPIs that the rows bring.

    Returns
    -------
    DataFrame
        With the index of the rows the columns ``SUMS``; for each declared KPI a
        column of its name, value × weight, and the weight's own. NaN where not known;
        a mean over no contacts adds 0.

    Notes
    -----
    handled is offered - abandoned where it is not known itself, and the other way
    round. A history does not know when its calls ended: busy_s is handle_s, the time
    on the calls that arrived in the interval.
    """

    def known(name: str) -> pd.Series:
        return rows.get(name, pd.Series(np.nan, index=rows.index)).astype(float)

    def part(name: str, whole: pd.Series, factor: pd.Series | float) -> pd.Series:
        """A column × factor; where a row does not know it, 0 if the whole is 0."""
        values = known(name) * factor
        nothing = values.isna() & (whole == 0)
        return values.mask(nothing, 0.0) if name in rows else values

    offered = known("offered")
    handled = known("handled").fillna((offered - known("abandoned")).clip(lower=0))
    abandoned = known("abandoned").fillna((offered - known("handled")).clip(lower=0))
    if {"handled", "abandoned"} & set(rows):
        handled, abandoned = (
            count.mask(count.isna() & (offered == 0), 0.0)
            for count in (handled, abandoned)
        )
    handle_s = part("aht_s", handled, handled)
    sums = {
        "offered": offered,
        "handled": handled,
        "abandoned": abandoned,
        "answered_within": part("answered_within", handled, 1.0),
        "short_abandoned": part("short_abandoned", abandoned, 1.0),
        "handled_wait_s": part("asa_s", handled, handled),
        "abandoned_wait_s": part("abandon_wait_s", abandoned, abandoned),
        "handle_s": handle_s,
        "busy_s": handle_s,
        "agent_s": known("agents") * interval_s,
    }
    for kpi in declared:
        weight = sums.setdefault(kpi.weight, known(kpi.weight))
        sums[kpi.name] = known(kpi.name) * weight
    return pd.DataFrame(sums)


def added_up(sums: pd.DataFrame, by: Sequence[pd.Series]) -> pd.DataFrame:
    """
    Fewer rows with the same KPIs: those of a group that know the same, added up.

    ``by`` labels the rows, their queues first. Other columns than sums are the first
    row's of each.
    """
    names = [name for name in sums if name not in ("queue", "interval_start")]
    known = sums[names].notna().to_numpy() @ (1 << np.arange(len(names)))
    groups = sums.groupby([*by, known], sort=True)
    added: pd.DataFrame = groups[names].sum(min_count=1)
    first = groups[[name for name in sums if name not in names]].first()
    return pd.concat([first, added], axis="columns").reset_index(drop=True)


def result_sums(
    result: Result, queues: Sequence[str], starts: pd.DatetimeIndex
) -> pd.DataFrame:
    """
    The sums of a simulation, means over its replications.

    Parameters
    ----------
    result : Result
        Of these intervals and queues.
    queues : sequence of str, shape (queues,)
        Their names.
    starts : DatetimeIndex, shape (intervals,)
        The intervals' starts.

    Returns
    -------
    DataFrame
        queue, interval_start and the columns ``SUMS``, sorted by queue and start. The
        pool's busy_s and agent_s are shared by handle_s: that of the interval, or,
        where nobody calls, of all intervals.
    """
    fields = dict(zip(SUMS, result, strict=True))
    means = {name: fields[name].mean(axis=0) for name in SUMS[:8]}
    shares = _shares(means["handle_s"])
    means["busy_s"] = shares * result.busy_s.mean(axis=0)[:, None]
    means["agent_s"] = shares * result.agent_s[:, None]
    table = pd.DataFrame({name: values.T.ravel() for name, values in means.items()})
    table.insert(0, "queue", np.repeat(np.asarray(queues, dtype=str), len(starts)))
    table.insert(1, "interval_start", starts.append([starts] * (len(queues) - 1)))
    return table.sort_values(["queue", "interval_start"], ignore_index=True)


def _shares(handle_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each queue's share of its pool, by interval; shape (intervals, queues)."""
    whole = handle_s.sum(axis=0) if handle_s.any() else np.ones(handle_s.shape[1])
    weights = np.where(handle_s.any(axis=1, keepdims=True), handle_s, whole)
    shares: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return shares
