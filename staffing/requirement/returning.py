"""Callers who call again: those who hung up, and those whose matter was not solved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.errors import Finding, TableError
from forecast.history import History

RECENT_DAYS = 56
"""Days whose abandonment is what the forecast's calls come from. [days]"""


@dataclass(frozen=True)
class Returning:
    """
    Shares of callers who come back, each counted as offered again.

    ``redial``: of those who hung up; ``repeat``: of the handled whose matter was not
    solved at first contact (1 - FCR). [1], in [0, 1)
    """

    redial: float = 0.0
    repeat: float = 0.0

    def __bool__(self) -> bool:
        return self.redial > 0.0 or self.repeat > 0.0

    def fresh_share(self, abandon_rate: NDArray[np.floating]) -> NDArray[np.float64]:
        """First calls / all offered, where this share of all hangs up. [1]"""
        again = self.redial * abandon_rate + self.repeat * (1.0 - abandon_rate)
        return np.asarray(1.0 - again)


def usual_abandonment(history: History, queue: str) -> float:
    """
    Abandoned / offered of a queue in its last eight weeks that know it. [1]

    Raises
    ------
    TableError
        The history does not say how many hang up.
    """
    rows = _known(history.rows(queue))
    if rows["offered"].sum() <= 0.0:
        rule = f"redial and repeat need to know how many calls of {queue} are abandoned"
        remedy = "Add the column abandoned or handled."
        raise TableError([Finding("history", rule, (), 1, remedy)])
    date = rows["interval_start"].dt.date
    rows = rows[date > date.max() - dt.timedelta(days=RECENT_DAYS)]
    return float(rows["abandoned"].sum() / rows["offered"].sum())


def at_usual_abandonment(
    history: History, usual: Mapping[str, float], returning: Returning
) -> History:
    """
    The history as if each day's share of callers had hung up that usually does.

    Notes
    -----
    Fresh calls of a day are offered · fresh_share(its abandonment); callers come back
    at the same time of day. Days that do not know their abandonment had the usual.
    The calls as they were stay in ``recorded``.
    """
    frame = history.frame
    known = _known(frame)
    sums = known.groupby(["queue", known["interval_start"].dt.date])[
        ["abandoned", "offered"]
    ].sum()
    of_day = (sums["abandoned"] / sums["offered"].where(sums["offered"] > 0)).to_dict()
    days = zip(frame["queue"], frame["interval_start"].dt.date, strict=True)
    usually = frame["queue"].map(usual).to_numpy(dtype=np.float64)
    then = np.array([of_day.get(day, np.nan) for day in days])
    then = np.where(np.isnan(then), usually, then)
    factor = returning.fresh_share(then) / returning.fresh_share(usually)
    calls = {"offered": frame["offered"] * factor, "recorded": frame["offered"]}
    return replace(history, frame=frame.assign(**calls))


def with_own_returns(monthly: pd.DataFrame, bands: pd.DataFrame) -> pd.DataFrame:
    """
    Month totals whose percentiles count the calls that come again in the plan.

    ``bands`` has the months of the same pools as the history counted them.
    """
    keys = ["queue", "month"]
    before = monthly[keys].merge(bands, on=keys)["offered"]
    factor = (monthly["offered"] / before.where(before > 0)).fillna(1.0)
    names = ["offered_p10", "offered_p90"]
    return monthly.assign(**monthly[names].mul(factor, axis="index"))


def _known(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows that say how many hung up, in ``abandoned``."""
    nothing = pd.Series(np.nan, index=frame.index)
    handled = frame.get("handled", nothing)
    abandoned = frame.get("abandoned", nothing).fillna(frame["offered"] - handled)
    table = frame.assign(abandoned=abandoned.clip(lower=0.0))
    return table[table["abandoned"].notna() & table["offered"].notna()]
