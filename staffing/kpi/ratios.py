"""KPIs of groups of intervals: ratios of their sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from staffing.erlang.limits import SlRule
from staffing.kpi.definitions import Kpi, definitions
from staffing.kpi.sums import SUMS


def kpis_by(sums: pd.DataFrame, by: Any, *, sl_rule: SlRule) -> pd.DataFrame:
    """
    The KPIs of :func:`definitions` by group, each a ratio of sums.

    Parameters
    ----------
    sums : DataFrame
        Of :func:`sums_of` or :func:`result_sums`.
    by : str, array or Series of the rows' labels, or list of these
        What to group by; a str is a column.
    sl_rule : SlRule
        What ``service_level`` divides by what.

    Returns
    -------
    DataFrame
        A row for each group, a column for each KPI; over the rows that know both of
        its sums, NaN where none does or the lower sum is 0.
    """
    return ratios_by(sums, by, definitions(sl_rule))


def told(sums: pd.DataFrame, came: pd.DataFrame) -> pd.DataFrame:
    """
    Sums of a plan where what came is known too, row by row, to compare like with like.

    A column that never came is left as it is; both frames have the same index.
    """
    masked = {
        name: sums[name].where(came[name].notna())
        for name in SUMS
        if name in sums and came[name].notna().any()
    }
    return sums.assign(**masked)


def ratios_by(sums: pd.DataFrame, by: Any, kpis: Sequence[Kpi]) -> pd.DataFrame:
    """These KPIs by group, as :func:`kpis_by`."""
    pairs = [(kpi.above, kpi.below or kpi.above) for kpi in kpis]
    terms = np.array([[above(sums), below(sums)] for above, below in pairs])
    terms[np.isnan(terms).any(axis=1, keepdims=True).repeat(2, axis=1)] = np.nan
    table = pd.DataFrame(terms.reshape(-1, len(sums)).T, index=sums.index)
    keys = by if isinstance(by, list) else [by]
    keys = [sums[key] if isinstance(key, str) else key for key in keys]
    totals = table.groupby(keys).sum(min_count=1)
    above, below = totals.to_numpy().reshape(-1, len(kpis), 2).transpose(2, 0, 1)
    ratios = above / np.where(below > 0, below, np.nan)
    values = np.where([kpi.below is None for kpi in kpis], above, ratios)
    return pd.DataFrame(values, totals.index, [kpi.name for kpi in kpis])
