"""Single calls counted into the intervals in which they arrived."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.columns.column import DAY_S

ANSWERED, ABANDONED, LEFT = "answered", "abandoned", "left"
"""Left: no longer in the queue, neither answered nor hung up."""
OUTCOMES = (ANSWERED, ABANDONED, LEFT)


def intervals_of(
    calls: pd.DataFrame,
    *,
    zone: ZoneInfo | None,
    interval_s: int,
    threshold_s: float | None = None,
) -> pd.DataFrame:
    """
    The history table of single calls.

    Parameters
    ----------
    calls : DataFrame
        A row a call: ``queue``; ``arrival`` and ``arrival_late``, UTC, which differ
        where a clock that was put back leaves two meanings; ``wait_s``, ``handle_s``
        [s], ≥ 0, NaN where not known; ``outcome``, one of OUTCOMES, or blank while the
        call is unfinished; ``unsure``, whether any of its times has two meanings.
    zone : ZoneInfo or None
        Whose clock the intervals follow; None: UTC.
    interval_s : int
        Length of the intervals. [s]
    threshold_s : float, optional
        Where given, ``answered_within`` and ``short_abandoned`` are counted by it. [s]

    Returns
    -------
    DataFrame
        A row for each queue and interval in which a call arrived, in order of time.
        An unfinished call is offered, and neither handled nor abandoned. Means are
        over what is known. Nothing is known of the intervals in which an unsure call
        may have arrived.
    """
    answered, abandoned = calls["outcome"] == ANSWERED, calls["outcome"] == ABANDONED
    wait_s = calls["wait_s"]
    parts = {
        "offered": pd.Series(1.0, index=calls.index),
        "handled": answered.astype(float),
        "abandoned": abandoned.astype(float),
    }
    if threshold_s is not None:
        within = wait_s <= threshold_s
        parts["short_abandoned"] = (abandoned & within).astype(float)
        parts["answered_within"] = (answered & within).astype(float)
    means = {
        "aht_s": calls["handle_s"].where(answered),
        "asa_s": wait_s.where(answered),
        "abandon_wait_s": wait_s.where(abandoned),
    }
    key = {
        "queue": calls["queue"],
        "interval_start": _starts(calls["arrival"], zone, interval_s),
    }
    groups = pd.DataFrame({**key, **parts, **means}).groupby(list(key))
    frame = groups[list(parts)].sum().join(groups[list(means)].mean())
    unsure = calls[calls["unsure"]]
    if not unsure.empty:
        blank = [
            (queue, start)
            for name in ("arrival", "arrival_late")
            for queue, start in zip(
                unsure["queue"], _starts(unsure[name], zone, interval_s), strict=True
            )
        ]
        index = pd.MultiIndex.from_tuples(dict.fromkeys(blank), names=list(key))
        frame = frame.reindex(frame.index.union(index))
        frame.loc[index] = np.nan
    return frame.reset_index()


def _starts(times: pd.Series, zone: ZoneInfo | None, interval_s: int) -> pd.Series:
    """Start of the interval of each time, on the zone's clock."""
    local = times.dt.floor("s").dt.tz_convert(zone or "UTC")
    if interval_s == DAY_S:
        starts = local.dt.normalize()
    else:
        past_s = (local.dt.minute * 60 + local.dt.second) % interval_s
        starts = local - pd.to_timedelta(past_s, unit="s")
    of_seconds: pd.Series = starts.dt.as_unit("s")  # as every reader's
    return of_seconds
