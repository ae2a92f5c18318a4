"""One pool's month on the grid of its open intervals: as planned and as it came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.history import History
from staffing.audit import HANDLE_CV
from staffing.kpi import sums_of
from staffing.requirement.overload import run_labels
from staffing.requirement.solve import period_labels
from staffing.simulate import Calls, Replay
from staffing.targets import Targets

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MONTH_CALLS = 100_000
"""Calls in all replications of a month: its service level is then sure to 0.2 %."""
LEAST_KNOWN = 0.5
"""Of the calls whose agents must be known, to tell staffing from the rest. [1]"""
REPLICATIONS = (3, 50)
"""Fewest and most times that a month is replayed."""


@dataclass(frozen=True)
class PoolMonth:
    """
    A pool's open intervals, shape (intervals,), and its queues.

    ``rows`` are those of the requirement; ``came`` the history's of each queue and
    interval, queue by queue, with ``open`` and ``counted``: are its calls known, and
    the agents where the month knows them? ``known``, shape (intervals, queues), says
    whose calls are; ``replay`` has the plan's for the others. ``agents_there`` is
    None where the history does not know them.
    """

    pool: str
    queues: tuple[str, ...]
    rows: pd.DataFrame
    came: pd.DataFrame
    known: NDArray[np.bool_]
    agents_there: Ints | None
    replay: Replay

    @property
    def starts(self) -> pd.DatetimeIndex:
        """Starts of the intervals."""
        return pd.DatetimeIndex(self.rows["interval_start"])

    @property
    def agents(self) -> Ints:
        """As planned."""
        return self.rows["agents"].to_numpy(dtype=np.int64)

    def expected(self) -> Floats:
        """Planned contacts, queue by queue in the order of their names."""
        by_name = np.argsort(self.queues, kind="stable")
        return self.replay.planned.offered.T[by_name].ravel()

    def realised(self) -> pd.DataFrame:
        """queue, interval_start and the sums of what came, where it counts."""
        rows = self.came[self.came["counted"]]
        sums = sums_of(rows, self.replay.interval_s)
        return pd.concat([rows[["queue", "interval_start"]], sums], axis="columns")

    @property
    def remarks(self) -> list[str]:
        """What the history does not know of the agents, though it knows some."""
        known = self.came["open"] & self.came["offered"].gt(0)
        there = self.came.get("agents", np.nan * self.came["offered"]).notna() & known
        count = f"{(known & ~there).sum()} of {known.sum()} intervals with calls"
        if there.sum() in {0, known.sum()}:
            return []
        if self.agents_there is None:
            return [
                f"agents are not known in {count} of {self.pool}: staffing is not told "
                "from the remainder"
            ]
        return [f"agents are not known in {count} of {self.pool}: left out of causes"]

    def replayed_less(self, calls: float) -> Replay:
        """The same, replayed only as often as makes about so many calls."""
        offered = float(self.replay.realised.offered.sum())
        return replace(self.replay, replications=replications_for(offered, calls))


def rounded(agents: NDArray[np.floating], low: int = 0) -> Ints:
    """Whole agents whose sums are those of the fractions; never below ``low``."""
    whole = np.floor(np.cumsum(agents) + 0.5)
    return np.maximum(np.diff(whole, prepend=0.0), low).astype(np.int64)


def replications_for(offered: float, calls: float = MONTH_CALLS) -> int:
    """How often a month of these calls is replayed to make so many."""
    low, high = REPLICATIONS
    low = min(low, max(2, int(low * calls / MONTH_CALLS)))
    return int(np.clip(calls / max(offered, 1.0), low, high))


def pool_month(
    pool: str,
    queues: Sequence[str],
    requirement: pd.DataFrame,
    forecast: pd.DataFrame,
    history: History,
    *,
    targets: Targets,
    patience_s: float,
    seed: int,
) -> PoolMonth:
    """
    Put a pool's plan beside what came.

    Parameters
    ----------
    pool, queues : str, sequence of str
        Its name in the requirement, and the queues of the forecast that it answers.
    requirement, forecast : DataFrame
        The plan of a month.
    history : History
        Has the month.
    targets : Targets
        Whose thresholds count.
    patience_s : float
        Of its callers; inf where nobody hangs up. [s]
    seed : int
        Of the replay.
    """
    rows = requirement[(requirement["queue"] == pool) & requirement["open"]]
    rows = rows.sort_values("interval_start").reset_index(drop=True)
    starts = pd.DatetimeIndex(rows["interval_start"])
    of_queue = {
        str(queue): table.set_index("interval_start").reindex(starts)
        for queue, table in forecast[forecast["queue"].isin(queues)].groupby("queue")
    }
    came = {
        queue: history.rows(queue).set_index("interval_start").reindex(starts)
        for queue in queues
    }
    expected = _column(of_queue, queues, "offered")
    is_open = np.isfinite(expected)
    expected = np.nan_to_num(expected)
    fresh = expected.sum(axis=1)
    again = rows["offered"].to_numpy() / np.where(fresh > 0, fresh, 1.0)
    expected *= np.where(fresh > 0, again, 1.0)[:, None]  # who calls again is in rows
    expected_s = _filled(_column(of_queue, queues, "aht_s"))
    offered = _column(came, queues, "offered")
    known = np.isfinite(offered) & is_open
    offered = np.where(is_open, np.where(known, offered, expected), 0.0)
    aht_s = _column(came, queues, "aht_s")
    aht_s = np.where(known & (aht_s > 0), aht_s, np.nan)
    agents_there, staffed = _agents_there(
        _column(came, queues, "agents"), offered, is_open, rows["agents"].to_numpy()
    )
    counted = known if agents_there is None else known & staffed[:, None]
    replay = Replay(
        planned=Calls(expected, expected_s),
        realised=Calls(offered, aht_s),
        days=period_labels(starts, "day"),
        runs=run_labels(rows),
        interval_s=float(rows["interval_s"].iloc[0]),
        patience_s=patience_s,
        threshold_s=targets.threshold_s or 0.0,
        seed=seed,
        replications=replications_for(float(expected.sum())),
        handle_cv=HANDLE_CV,
    )
    table = pd.concat(
        came[queue].assign(queue=queue).rename_axis("interval_start").reset_index()
        for queue in queues
    )
    return PoolMonth(
        pool,
        tuple(queues),
        rows,
        table.assign(counted=counted.T.ravel(), open=is_open.T.ravel()).reset_index(
            drop=True
        ),
        known,
        agents_there,
        replay,
    )


def _column(
    tables: Mapping[str, pd.DataFrame], queues: Sequence[str], name: str
) -> Floats:
    """A column of each queue, shape (intervals, queues); NaN where it is not there."""
    columns = []
    for queue in queues:
        table = tables[queue]
        missing = pd.Series(np.nan, index=table.index)
        columns.append(table.get(name, missing).to_numpy(dtype=np.float64))
    return np.column_stack(columns)


def _filled(aht_s: Floats) -> Floats:
    """Handle times while a queue of the pool is closed: nobody calls, any will do."""
    return np.where(np.isfinite(aht_s), aht_s, np.nanmean(aht_s, axis=0))


def _agents_there(
    agents: Floats, offered: Floats, is_open: NDArray[np.bool_], planned: Floats
) -> tuple[Ints | None, NDArray[np.bool_]]:
    """
    Agents of all queues together, planned ones where they are not known; and where.

    None where they are not known for LEAST_KNOWN of the calls.
    """
    known = np.asarray((np.isfinite(agents) | ~is_open).all(axis=1))
    calls = offered.sum(axis=1)
    if calls[known].sum() < LEAST_KNOWN * calls.sum() or not known.any():
        return None, known
    found = np.where(known, np.nan_to_num(agents).sum(axis=1), planned)
    return rounded(found), known
