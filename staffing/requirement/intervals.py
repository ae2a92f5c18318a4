"""The agents that each interval needs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from forecast.errors import Finding, TableError
from forecast.schema import REQUIREMENT, check_table
from staffing.erlang.a import MOST_IMPATIENT
from staffing.erlang.b import MOST_LOAD
from staffing.erlang.limits import checked_callers
from staffing.erlang.solve import explain_for
from staffing.shrinkage import Shrinkage
from staffing.targets import Targets

Seats = Callable[[str], tuple[int, int | None]]
"""A queue's fewest and most agents, whenever it is open."""


def requirement_for(
    forecast: pd.DataFrame,
    targets: Targets,
    seats: Seats,
    shrinkage: Shrinkage,
    *,
    patience_s: float | None = None,
) -> pd.DataFrame:
    """
    Fewest agents that meet all targets in each interval, each by itself (SIPP).

    Parameters
    ----------
    forecast : DataFrame
        A forecast table.
    targets : Targets
        What every interval must reach.
    seats : callable
        Gives each queue's fewest and most agents. [agents]
    shrinkage : Shrinkage
        What turns agents into scheduled.
    patience_s : float, optional
        Mean time that a caller would wait: Erlang A. Without it nobody hangs up:
        Erlang C. [s]

    Returns
    -------
    DataFrame
        A requirement table with the forecast's percentiles. Where seats do not
        suffice, ``binding`` is "max_agents" and the KPIs are those that they
        give: in Erlang C, with no more agents than load, service level 0 and an
        infinite ASA.

    Raises
    ------
    TableError
        A load is beyond what the solver reckons with.
    """
    aht_s = forecast["aht_s"].to_numpy()
    load = (forecast["offered"] * aht_s / forecast["interval_s"]).to_numpy()
    rate = (forecast["offered"] / forecast["interval_s"]).to_numpy()
    in_patience = rate * (0.0 if patience_s is None else patience_s)
    for name, most, values in (
        ("loads", MOST_LOAD, load),
        ("calls in the time of patience_s", MOST_IMPATIENT, in_patience),
    ):
        if (values > most).any():
            unit = " erlangs" if values is load else ""
            rule = f"{name} must be at most {most:g}{unit}, but reach {values.max():g}"
            remedy = "Look for wrong offered or aht_s in the history."
            raise TableError([Finding("forecast", rule, (), 1, remedy)])
    limits = targets.limits(patience_s)
    need = explain_for(load, aht_s=aht_s, **limits)
    ends = {queue: seats(queue) for queue in forecast["queue"].unique()}
    low = forecast["queue"].map(lambda queue: ends[queue][0]).to_numpy(dtype=np.int64)
    high = forecast["queue"].map(lambda queue: ends[queue][1]).to_numpy(dtype=float)
    seats_left = np.where(np.isnan(high), np.inf, high)
    agents = np.minimum(np.maximum(need.agents, low), seats_left).astype(np.int64)
    binding = np.where(need.agents < low, "min_agents", need.binding)
    binding = np.where(need.agents > seats_left, "max_agents", binding)
    kpis = checked_callers(aht_s, limits).reached(load, agents)
    has_level = targets.threshold_s is not None or targets.sl_rule == "answer_rate"
    table = forecast.drop(columns="model").assign(
        open=True,
        load_erlang=load,
        agents=agents,
        scheduled=agents * shrinkage.scheduled_per_agent,
        service_level=kpis.service_level if has_level else np.nan,
        asa_s=kpis.asa_s,
        occupancy=kpis.occupancy,
        abandon_rate=kpis.abandon_rate,
        binding=np.where(binding == "", "none", binding),
    )
    return check_table(table, REQUIREMENT, "staffing.csv")
