"""Days and months of a forecast: sums of its intervals, and of its paths."""

from __future__ import annotations

import numpy as np
import pandas as pd

from forecast.intervals import month_span
from forecast.models import Series

BAND = (0.1, 0.9)


def totals_by(
    codes: pd.Index, mean: np.ndarray, paths: np.ndarray, name: str
) -> pd.DataFrame:
    """Sums by code with their band, from the same paths: percentiles do not add."""
    labels, sums = sums_by(codes, paths)
    low, high = np.quantile(sums, BAND, axis=0)
    return pd.DataFrame(
        {
            name: labels,
            "offered": sums_by(codes, mean[None, :])[1][0],
            "offered_p10": low,
            "offered_p90": high,
        }
    )


def sums_by(codes: pd.Index, paths: np.ndarray) -> tuple[pd.Index, np.ndarray]:
    """The codes, and each path's sums by code: (paths, codes)."""
    order, labels = pd.factorize(codes)
    sums = np.zeros((len(paths), len(labels)))
    np.add.at(sums.T, order, paths.T)
    return labels, sums


def last_year_of(series: Series, month: str) -> float:
    """Contacts of the same month a year before; NaN unless known whole. [contacts]"""
    before = str(pd.Period(month, freq="M") - 12)
    grid = series.calendar.open_intervals(series.queue, *month_span(before))
    offered = pd.Series(series.offered, index=series.starts).reindex(grid)
    return float(offered.sum(skipna=False)) if len(grid) else np.nan
