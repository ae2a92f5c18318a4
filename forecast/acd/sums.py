"""Sums over contacts, which many exports have where the history has means."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from forecast.columns.column import DAY_S
from forecast.errors import Finding
from forecast.schema import row_findings

WEIGHTS = {"aht_s": "handled", "asa_s": "handled", "abandon_wait_s": "abandoned"}
"""What each mean of the history is over."""


def with_means(frame: pd.DataFrame, totals: Sequence[str]) -> pd.DataFrame:
    """The frame with means for totals; of no contacts, nothing is known."""
    means = {}
    for name in totals:
        weight = frame[WEIGHTS[name]]
        means[name] = frame[name] / weight.where(weight > 0)
    return frame.assign(**means)


def added_up(frame: pd.DataFrame) -> pd.DataFrame:
    """
    One row for each queue and interval, of rows that divide them.

    Every other column must be a count or a total; it is unknown where one of the rows
    lacks it. The index is that of the first row.
    """
    key = ["queue", "interval_start"]
    sums = frame.groupby(key, sort=False).sum(skipna=False).reset_index()
    return sums.set_axis(frame.index[~frame.duplicated(key)])


def total_remedies(frame: pd.DataFrame, totals: Sequence[str]) -> dict[str, str]:
    """What to do with means that are longer than a day."""
    means = [name for name in WEIGHTS if name in frame and name not in totals]
    return {
        name: "Correct it; where it is the sum over all calls, say so: "
        f'[columns] totals = ["{name}"].'
        for name in means
        if (frame[name] > DAY_S).any()
    }


def weightless_findings(
    frame: pd.DataFrame, totals: Sequence[str], where: str
) -> list[Finding]:
    """Rows with a total over no contacts: it is in no mean."""
    findings = []
    for name in totals:
        weight = WEIGHTS[name]
        findings += row_findings(
            where,
            f"a total for {name} must have {weight} beside it, but these rows have 0, "
            "so it counts nowhere",
            (frame[name] > 0) & (frame[weight] == 0),
            frame[name],
        )
    return findings
