"""
How long callers would wait, from those who were answered and those who hung up.

Who was answered would have waited longer, nobody knows how long: the waits of those
who hung up alone make callers look far less patient than they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri

from forecast.errors import Finding, TableError
from forecast.history import History
from staffing.kpi import added_up, sums_of

Floats = NDArray[np.float64]

LEAST_ABANDONMENTS = 100
"""The ends of the 95 % interval are then a fifth away: it takes them to tell 2 minutes
from 3."""
NEEDED = {
    "abandoned": "abandoned",
    "handled_wait_s": "asa_s",
    "abandoned_wait_s": "abandon_wait_s",
}
"""Sums that an estimate needs, and the column of a history that tells them."""
MONTHS = 12
"""
Of the history that count, the last ones: each season once, as callers in a month of
bills are not those of August, and nobody from before the greeting was changed.
"""


OfPools = float | Mapping[str, float] | None
"""Mean patience of all callers, or of each pool's by its name; None: not known. [s]"""


def of_pool(patience_s: OfPools, pool: str) -> float | None:
    """Mean patience of a pool's callers. [s]"""
    return patience_s[pool] if isinstance(patience_s, Mapping) else patience_s


class Patience(NamedTuple):
    """Callers' mean patience, its 95 % interval, and what it was estimated on."""

    patience_s: float  # mean of the exponential patience [s]
    low_s: float
    high_s: float
    abandonments: float  # [contacts]
    waiting_s: float  # of all callers, answered or not [s]

    def __str__(self) -> str:
        return (
            f"{self.patience_s:.0f} s ({self.low_s:.0f} to {self.high_s:.0f}), on "
            f"{self.abandonments:,.0f} abandonments"
        )


def patience_of(
    waiting_s: ArrayLike, abandonments: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """
    Mean patience, and the ends of its 95 % interval.

    Parameters
    ----------
    waiting_s : array_like, shape S
        Waits of all callers together, of the answered and the abandoned. [s], ≥ 0
    abandonments : array_like, shape broadcastable with S
        How many hung up. [contacts], ≥ 0

    Returns
    -------
    tuple of three ndarrays, the broadcast shape
        [s]. Nobody hung up: inf, from a finite lower end on. Nobody waited: NaN.

    Notes
    -----
    Where patience is exponential with mean 1/θ, who waits hangs up at the rate θ at
    any time, and an answer only ends the watch. So the likelihood is that of a Poisson
    number of abandonments, N, with mean θ · waiting: θ is N / waiting, and its interval
    Jeffreys' for a Poisson mean, by χ² of 2N + 1 degrees of freedom. That the waiting
    is itself random changes nothing of note: simulated months lie within 95 times of
    100. Where patience is not exponential, the answer is the mean over the waits that
    really occurred; other waits would give another.

    Examples
    --------
    >>> [float(s.round(1)) for s in patience_of(18_000.0, 100)]
    [180.0, 148.7, 220.0]
    """
    waiting, lost = np.broadcast_arrays(
        np.asarray(waiting_s, dtype=np.float64),
        np.asarray(abandonments, dtype=np.float64),
    )
    waiting = np.where(waiting > 0, waiting, np.nan)
    with np.errstate(divide="ignore"):
        mean = waiting / lost
    low, high = (2.0 * waiting / chdtri(2.0 * lost + 1.0, p) for p in (0.025, 0.975))
    return mean, low, np.where(lost > 0, high, mean)


def patience_by(sums: pd.DataFrame, by: Any) -> pd.DataFrame:
    """
    The fields of :class:`Patience` for each group of rows.

    Parameters
    ----------
    sums : DataFrame
        As :func:`staffing.kpi.sums_of` returns them. Only rows count that know how
        many hung up, and how long these and the answered waited.
    by : column, array, or a list of them
        As ``groupby`` takes it.
    """
    waiting_s = sums["handled_wait_s"] + sums["abandoned_wait_s"]
    known = (waiting_s + sums["abandoned"]).notna()
    counted = sums.assign(
        abandonments=sums["abandoned"].where(known), waiting_s=waiting_s.where(known)
    )
    found = counted.groupby(by)[["abandonments", "waiting_s"]].sum()
    patience = patience_of(found["waiting_s"], found["abandonments"])
    named = dict(zip(Patience._fields, patience, strict=False))
    return found.assign(**named)[list(Patience._fields)]


def estimate_patience(sums: pd.DataFrame, where: str) -> Patience:
    """
    The patience of the callers of all rows together.

    Parameters
    ----------
    sums : DataFrame
        As :func:`patience_by` takes them.
    where : str
        What the rows are called in errors.

    Raises
    ------
    TableError
        Fewer than LEAST_ABANDONMENTS are known with everybody's waits.
    """
    table = patience_by(sums, np.zeros(len(sums), dtype=np.int64))
    patience = Patience(*(float(table[name].sum()) for name in Patience._fields))
    if patience.abandonments >= LEAST_ABANDONMENTS and patience.waiting_s > 0:
        return patience
    rule = (
        f"an estimate of patience needs {LEAST_ABANDONMENTS} abandonments or more with "
        "asa_s and abandon_wait_s beside them, but in the last "
        f"{MONTHS} months there are {patience.abandonments:.0f}, and all callers "
        f"waited {patience.waiting_s:,.0f} s together"
    )
    lacking = [name for sum_, name in NEEDED.items() if sums[sum_].isna().all()]
    remedy = "Write [staffing] patience_s as a number of seconds"
    if lacking:
        remedy += f", or add {' and '.join(lacking)}"
    raise TableError([Finding(where, rule, (), 1, f"{remedy}.")])


def waits_of(history: History, end: pd.Timestamp) -> pd.DataFrame:
    """Each queue's sums in the MONTHS before an end, of rows that know the same."""
    frame = history.frame
    recent = frame[frame["interval_start"] >= end - pd.DateOffset(months=MONTHS)]
    queue = recent["queue"]
    sums = sums_of(recent, history.calendar.interval_s)[[*NEEDED]]
    return added_up(sums.assign(queue=queue), [queue])


def estimate_pools(
    waits: pd.DataFrame, pools: Mapping[str, Iterable[str]]
) -> tuple[dict[str, Patience], dict[str, tuple[Finding, ...]]]:
    """
    Each pool's patience, all its queues together, from sums as of :func:`waits_of`.

    Returns
    -------
    tuple of two dicts
        Estimates by pool, and for the other pools why there is none.
    """
    found: dict[str, Patience] = {}
    unknown: dict[str, tuple[Finding, ...]] = {}
    for pool, queues in pools.items():
        mine = waits[waits["queue"].isin(list(queues))]
        try:
            found[pool] = estimate_patience(mine, f"history of {pool}")
        except TableError as error:
            unknown[pool] = error.findings
    return found, unknown
