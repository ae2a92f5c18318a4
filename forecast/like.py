"""A new queue like another: before its own first call it has the other's history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from forecast.errors import Finding
from forecast.history import History
from forecast.schema import HISTORY

CONTRADICTED = 0.15
"""Own contacts that differ by more from the other's, scaled, contradict the scale."""
ENOUGH_DAYS, ENOUGH_CONTACTS = 7, 100.0
"""Before which own contacts contradict nothing."""


def with_like(history: History, like: Mapping[str, tuple[str, float]]) -> History:
    """
    The history of queues that are like others, completed from these.

    Parameters
    ----------
    history : History
        With or without rows of the new queues.
    like : mapping
        (another queue, scale) by queue; the other has a history of its own.

    Returns
    -------
    History
        A new queue's rows before its first known one hold the other's counts
        × scale, on its own opening hours; nothing where the other was closed, and on
        days that are a holiday or an event to one of the two alone. Handle times
        are the other's where the new queue knows none. The warnings say what was
        taken, and where a queue's own contacts contradict its scale.
    """
    parts, findings = [history.frame[~history.frame["queue"].isin(list(like))]], []
    for queue, (other, scale) in like.items():
        model, own = history.rows(other), history.rows(queue)
        own = own[own["offered"].notna().cummax()]
        first = own["interval_start"].min()
        until = history.end if own.empty else first
        borrowed = _borrowed(history, queue, other, scale)
        borrowed = borrowed[borrowed["interval_start"] < until]
        if "aht_s" in own and (own["aht_s"] > 0).any():
            borrowed = borrowed.assign(aht_s=np.nan)
        parts.append(pd.concat([borrowed, own])[list(history.frame.columns)])
        days = borrowed["interval_start"].dt.date
        if not borrowed.empty:
            rule = (
                f"{queue} has the history of {other} × {scale:g} from {days.iloc[0]} "
                f'to {days.iloc[-1]}, as like = "{other}" says'
            )
            findings.append(Finding("history", rule, (), 1))
        findings += _scale_findings(queue, own, other, model, scale)
    frame = pd.concat(parts, ignore_index=True)
    frame = frame.sort_values(["queue", "interval_start"], ignore_index=True)
    return replace(history, frame=frame, warnings=(*history.warnings, *findings))


def _borrowed(history: History, queue: str, other: str, scale: float) -> pd.DataFrame:
    """The other's rows × scale on the queue's own grid, as long as the other's."""
    calendar, rows = history.calendar, history.rows(other)
    if rows.empty:
        return rows
    first, last = rows["interval_start"].iloc[0], rows["interval_start"].iloc[-1]
    grid = calendar.open_intervals(queue, first.date(), last.date())
    grid = grid[(grid >= first) & (grid < history.end)]
    table = rows.set_index("interval_start").reindex(grid)
    counts = [column.name for column in HISTORY.counts if column.name in table]
    table[counts] *= scale
    unlike = [
        date
        for date in dict.fromkeys(grid.date)
        if calendar.day_kinds(queue, date) != calendar.day_kinds(other, date)
    ]
    values = [column.name for column in HISTORY.optional if column.name in table]
    table.loc[pd.Index(grid.date).isin(unlike), ["offered", *values]] = np.nan
    table["queue"] = queue
    return table.rename_axis("interval_start").reset_index()


def _scale_findings(
    queue: str, own: pd.DataFrame, other: str, model: pd.DataFrame, scale: float
) -> list[Finding]:
    """What the queue's own contacts say of the scale, where they contradict it."""
    both = own.merge(model, on="interval_start", suffixes=("", "_other"))
    both = both.dropna(subset=["offered", "offered_other"])
    mine, theirs = both["offered"].sum(), both["offered_other"].sum()
    days = both["interval_start"].dt.date.nunique()
    if days < ENOUGH_DAYS or max(mine, scale * theirs) < ENOUGH_CONTACTS:
        return []
    found = mine / theirs if theirs > 0 else np.inf
    if abs(found / scale - 1.0) <= CONTRADICTED:
        return []
    rule = (
        f"{queue} had {mine:,.0f} contacts of its own where {other} had {theirs:,.0f}: "
        f"{found:.2g} times as many, not scale = {scale:g}"
    )
    remedy = f"Correct the scale of {queue}, or give its months under [volumes]."
    return [Finding("history", rule, (), 1, remedy)]
