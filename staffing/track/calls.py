"""The contacts of a day, planned, come and expected: of a queue, or of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.totals import BAND
from staffing.track.rest import QueueDay

Floats = NDArray[np.float64]


def calls_table(starts: pd.DatetimeIndex, days: Sequence[QueueDay]) -> pd.DataFrame:
    """
    Contacts and handle times of queues together, by interval.

    Parameters
    ----------
    starts : DatetimeIndex, shape (intervals,)
        The day's; nobody calls in those in which the queues are closed.
    days : sequence of QueueDay
        The queues.

    Returns
    -------
    DataFrame
        interval_start and the columns of TRACK on contacts and their handle times,
        without what the handle times were so far. ``offered`` is NaN unless all open
        queues know it.
    """
    planned, planned_s, came, expected, expected_s = np.zeros((5, len(starts)))
    paths = np.zeros((len(days[0].counts), len(starts)))
    is_open = np.zeros(len(starts), dtype=bool)
    for day in days:
        at = starts.get_indexer(pd.DatetimeIndex(day.planned["interval_start"]))
        is_open[at] = True
        mean = day.planned["offered"].to_numpy()
        now = day.intervals["offered"].to_numpy()
        planned[at] += mean
        planned_s[at] += mean * day.planned["aht_s"].to_numpy()
        expected[at] += now
        expected_s[at] += now * day.intervals["aht_s"].to_numpy()
        came[at] += day.came
        paths[:, at] += day.counts
    low, high = np.quantile(paths, BAND, axis=0)
    return pd.DataFrame(
        {
            "interval_start": starts,
            "planned_offered": planned,
            "offered": np.where(is_open, came, np.nan),
            "expected_offered": expected,
            "offered_p10": low,
            "offered_p90": high,
            "planned_aht_s": _ratio(planned_s, planned),
            "expected_aht_s": _ratio(expected_s, expected),
        }
    )


def outlook_row(name: str, days: Sequence[QueueDay]) -> dict[str, Any]:
    """
    Contacts of queues so far, and of the rest of their day.

    ``offered`` and ``planned_offered`` are of the ``known`` intervals, and
    ``aht_ratio`` their handle times over the planned, NaN where not known; ``unknown``
    is how many others have ended. ``rest_`` is of those that have not: planned,
    expected and its percentiles; ``more_than_planned`` is the chance that more come in
    them than planned.
    """
    mean, aht_s, came, came_s, now, ahead = (
        np.concatenate(parts)
        for parts in zip(
            *(
                (
                    day.planned["offered"],
                    day.planned["aht_s"],
                    day.came,
                    day.came_aht_s,
                    day.intervals["offered"],
                    day.ahead,
                )
                for day in days
            ),
            strict=True,
        )
    )
    known = ~np.isnan(came)
    timed = known & ~np.isnan(came_s)
    handle_s, planned_s = (float(came[timed] @ s[timed]) for s in (came_s, aht_s))
    counts = np.concatenate([day.counts for day in days], axis=1)
    rest = counts[:, ahead].sum(axis=1)
    planned = float(mean[ahead].sum())
    low, high = np.quantile(rest, BAND)
    return {
        "queue": name,
        "known": int(known.sum()),
        "unknown": int((~known & ~ahead).sum()),
        "offered": float(came[known].sum()),
        "planned_offered": float(mean[known].sum()),
        "aht_ratio": handle_s / planned_s if planned_s else np.nan,
        "rest_planned": planned,
        "rest_expected": float(now[ahead].sum()),
        "rest_p10": float(low),
        "rest_p90": float(high),
        "more_than_planned": float((rest > planned).mean()),
    }


def _ratio(above: Floats, below: Floats) -> Floats:
    """NaN where nothing is below."""
    out = np.full(len(above), np.nan)
    return np.asarray(np.divide(above, below, out=out, where=below > 0.0))
