"""How far models are from what was, in groups of intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from staffing.erlang.limits import SlRule
from staffing.kpi import definitions
from staffing.kpi.ratios import ratios_by

WEIGHTS = {
    "service_level": "offered",
    "asa_s": "handled",
    "abandon_rate": "offered",
    "occupancy": "agent_s",
}
"""KPIs that models and histories both know, and what an interval's error weighs."""
REALISED = "realised"


def kpis_of_rows(sums: pd.DataFrame, sl_rule: SlRule) -> pd.DataFrame:
    """The KPIs of every row by itself."""
    return _ratios(sums, [sums.index], sl_rule)


def errors_by(
    realised: pd.DataFrame,
    models: Mapping[str, pd.DataFrame],
    groups: Mapping[str, pd.Series],
    *,
    sl_rule: SlRule,
) -> pd.DataFrame:
    """
    KPIs realised and by each model, and what lies between.

    Parameters
    ----------
    realised : DataFrame
        Sums as :func:`staffing.kpi.sums_of` returns them, a row an interval.
    models : mapping
        Each model's sums of the same intervals.
    groups : mapping
        A label of each row, by the name of the grouping.
    sl_rule : SlRule
        What the service level divides by what.

    Returns
    -------
    DataFrame
        by, group, model (one of them REALISED), intervals; each KPI, a ratio of sums
        over what the realised ones know; KPI_bias, its distance from the realised; and
        KPI_mae, the mean distance of single intervals, weighted by WEIGHTS.
    """
    tables = {REALISED: realised, **models}
    whole = pd.concat(
        [sums.where(realised.notna()) for sums in tables.values()], ignore_index=True
    )
    model = np.repeat(list(tables), len(realised))
    each = kpis_of_rows(whole, sl_rule)
    true = pd.concat([each.iloc[: len(realised)]] * len(tables), ignore_index=True)
    weights = pd.concat([realised] * len(tables), ignore_index=True)[
        list(WEIGHTS.values())
    ].set_axis(list(WEIGHTS), axis=1)
    gaps = (each - true).abs()
    weights = weights.where(gaps.notna())
    found = []
    for by, labels in groups.items():
        keys = [np.tile(labels, len(tables)), model]
        values = _ratios(whole, keys, sl_rule)
        is_model = values.index.get_level_values(1) != REALISED
        real = values[~is_model].droplevel(1)
        bias = (values - real.reindex(values.index, level=0))[is_model]
        mae = (gaps * weights).groupby(keys).sum() / weights.groupby(keys).sum()
        table = pd.concat(
            [values, bias.add_suffix("_bias"), mae[is_model].add_suffix("_mae")], axis=1
        )
        table.insert(0, "intervals", whole.groupby(keys).size())
        table = table.rename_axis(["group", "model"]).reset_index()
        table.insert(0, "by", by)
        found.append(table)
    return pd.concat(found, ignore_index=True)


def _ratios(
    sums: pd.DataFrame, keys: Sequence[ArrayLike], sl_rule: SlRule
) -> pd.DataFrame:
    kpis = [kpi for kpi in definitions(sl_rule) if kpi.name in WEIGHTS]
    return ratios_by(sums, list(keys), kpis)[list(WEIGHTS)]
