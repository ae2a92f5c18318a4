"""Agents on duty by a file: a staffing.csv, or a roster.csv whatever made it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.errors import Finding, TableError
from forecast.tables import Form, read_text_table
from staffing.roster.staffing_file import read_staffing
from staffing.roster.table import read_roster
from staffing.roster.times import Span, read_breaks
from staffing.shrinkage import Shrinkage


def agents_on_duty(
    path: Path, rows: pd.DataFrame, *, timezone: str, shrinkage: Shrinkage
) -> pd.Series:
    """
    Agents on the queue in each row of a requirement, by a file.

    Parameters
    ----------
    path : Path
        A staffing.csv, whose column agents counts, or a roster.csv: those on a shift
        and not on a break, less the shrinkage that rosters do not place.
    rows : DataFrame
        queue, interval_start and interval_s.

    Returns
    -------
    Series
        With the index of the rows, in fractions for a roster. NaN for queues or
        groups that the file does not have, 0 where it has nobody.

    Raises
    ------
    TableError
        The file is wrong, or has none of the queues.
    """
    cells, _ = read_text_table(path, Form())
    starts = pd.DatetimeIndex(rows["interval_start"])
    if "agent_id" in cells:
        roster = read_roster(path, timezone)
        there = {
            group: _people(shifts, starts, int(rows["interval_s"].iloc[0]))
            / shrinkage.scheduled_per_agent(starts)
            for group, shifts in roster.groupby("group")
        }
    else:
        table = read_staffing(
            path,
            timezone=timezone,
            interval_s=int(rows["interval_s"].iloc[0]),
            shrinkage=shrinkage,
        )
        there = {
            pool: of.set_index("interval_start")["agents"]
            .reindex(starts, fill_value=0.0)
            .to_numpy(dtype=np.float64)
            for pool, of in table.groupby("queue")
        }
    queues = rows["queue"].unique()
    if not {*queues} & {*there}:
        has = ", ".join(map(str, there))
        rule = f"must have one of {', '.join(queues)}, but has {has}"
        raise TableError([Finding(path.name, rule, (), 1)])
    found = np.full(len(rows), np.nan)
    for queue, agents in there.items():
        mine = (rows["queue"] == queue).to_numpy()
        found[mine] = agents[mine]
    return pd.Series(found, index=rows.index)


def _people(
    shifts: pd.DataFrame, starts: pd.DatetimeIndex, interval_s: int
) -> NDArray[np.float64]:
    """People on a shift and not on a break, in the mean of each interval."""
    begin = starts.as_unit("s").asi8
    found_s = np.zeros(len(starts))

    def overlap_s(span: Span) -> NDArray[np.float64]:
        low, high = (int(time.timestamp()) for time in span)
        end = np.minimum(begin + interval_s, high)
        return np.asarray(end - np.maximum(begin, low), dtype=np.float64).clip(min=0.0)

    for start, end, breaks in zip(
        shifts["start"], shifts["end"], shifts["breaks"], strict=True
    ):
        found_s += overlap_s((start, end))
        for pause in read_breaks(str(breaks), start, end):
            found_s -= overlap_s(pause)
    return found_s / interval_s
