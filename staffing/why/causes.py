"""The gap between planned and realised KPIs, split into its causes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import comb
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from staffing.erlang.limits import SlRule
from staffing.kpi import SUMS, definitions, result_sums
from staffing.kpi.compare import PERIODS, Grain
from staffing.kpi.ratios import ratios_by
from staffing.simulate import Replay

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class World(NamedTuple):
    """Which parts of a month are as they came; the others are as planned."""

    volume: bool
    shape: bool
    aht: bool
    staffing: bool


Worlds = Mapping[World, pd.DataFrame]

PLANNED = World(False, False, False, False)
"""Simulated with everything as planned."""
REPLAYED = World(True, True, True, False)
"""The calls that came, met by the planned agents."""
REALISED = World(True, True, True, True)
"""Simulated with everything as it came: there only where the agents are known."""
KPIS = ("service_level", "asa_s", "abandon_rate")
"""Those whose gap is split."""
KEYS = ["queue", "interval_start"]


def variants(
    replay: Replay,
    agents: Ints,
    agents_there: Ints | None,
    *,
    queues: Sequence[str],
    starts: pd.DatetimeIndex,
) -> dict[World, pd.DataFrame]:
    """
    Simulate every mixture of what was planned and what came.

    Parameters
    ----------
    replay : Replay
        A pool's month.
    agents, agents_there : array of int, shape (intervals,)
        Planned, and those that were there; None where that is not known.
    queues, starts
        Names of the replay's queues, and starts of its intervals.

    Returns
    -------
    dict
        Sums of each world as :func:`staffing.kpi.result_sums`; 16 worlds, or the 8
        with the planned agents where those that were there are not known.
    """
    duties = {False: agents} | ({} if agents_there is None else {True: agents_there})
    worlds = {}
    for volume, shape, aht in product((False, True), repeat=3):
        drawn = [*replay.draw(volume=volume, shape=shape, aht=aht)]
        for there, duty in duties.items():
            result = replay.serve(duty, drawn)
            worlds[World(volume, shape, aht, there)] = result_sums(
                result, queues, starts
            )
    return worlds


def last_of(worlds: Iterable[World]) -> World:
    """The world in which everything that is known is as it came."""
    return max(worlds, key=sum)


def shapley(values: Mapping[World, Floats]) -> dict[str, Floats]:
    """
    What each cause adds, on average over every order of the causes.

    Parameters
    ----------
    values : mapping of World to array, all of one shape
        All 16 worlds, or the 8 with the planned agents.

    Returns
    -------
    dict of str to array
        Each exchanged cause's effect: they add up to the value of the world where all
        came as they did, less that of the planned world.

    Notes
    -----
    Shapley's value: Σ over the sets S of other causes, |S|! (n - |S| - 1)! / n! times
    what the cause changes where S came as it did.
    """
    names = [name for name in World._fields if any(getattr(w, name) for w in values)]
    effects = {}
    for name in names:
        effect = np.zeros(())
        for world, value in values.items():
            others = sum(world) - getattr(world, name)
            weight = 1.0 / (len(names) * comb(len(names) - 1, others))
            effect = effect + (weight if getattr(world, name) else -weight) * value
        effects[name] = effect
    return effects


def causes_of(
    worlds: Worlds,
    realised: pd.DataFrame,
    *,
    pool: str,
    sl_rule: SlRule,
    grains: Sequence[Grain] = ("day", "month"),
) -> pd.DataFrame:
    """
    Split the gap of each KPI by cause.

    Parameters
    ----------
    worlds : mapping of World to DataFrame
        Of :func:`variants`.
    realised : DataFrame
        queue, interval_start and the sums of what came. Intervals that it lacks, and
        sums that are NaN, are left out of every world.
    pool : str
        Name of the rows for all queues together, where the pool has several.
    sl_rule : SlRule
        What ``service_level`` divides by what.
    grains : sequence of Grain
        The periods, in the starts' own zone.

    Returns
    -------
    DataFrame
        The table CAUSES, and each row's KPI as ``planned`` and as ``realised``:
        planned + all effects = realised. There is no cause "staffing" where the agents
        that were there are not known: it is in the remainder. No rows where a KPI is
        not known, or no call would have come.

    Notes
    -----
    Each world's KPI is a ratio of sums first; then the ratios are split. ``planned``
    is simulated with everything as planned. The remainder is realised less simulated
    with everything as it came: what the model does not know, and chance.
    """
    came = realised.set_index(KEYS)[[*SUMS]].sort_index()
    tables = {"realised": came}
    for world, sums in worlds.items():
        mine = sums.set_index(KEYS)[[*SUMS]].reindex(came.index)
        tables[str(world)] = mine.where(came.notna())
    rows = pd.concat(tables, names=["world"]).reset_index()
    if len(rows["queue"].unique()) > 1:
        rows = pd.concat([rows, rows.assign(queue=pool)], ignore_index=True)
    kpis = [kpi for kpi in definitions(sl_rule) if kpi.name in KPIS]
    parts = []
    for grain in grains:
        period = PERIODS[grain](rows["interval_start"]).rename("period")
        ratios = ratios_by(rows, ["queue", period, "world"], kpis)
        long = ratios.melt(ignore_index=False, var_name="kpi")
        values = long.set_index("kpi", append=True)["value"]
        parts.append(
            pd.DataFrame({name: values.xs(name, level="world") for name in tables})
        )
    known = pd.concat(parts).dropna()
    simulated = {world: known[str(world)].to_numpy() for world in worlds}
    effects = shapley(simulated)
    effects["remainder"] = known["realised"].to_numpy() - simulated[last_of(worlds)]
    ends = {"planned": simulated[PLANNED], "realised": known["realised"]}
    table = pd.DataFrame(ends | effects, index=known.index).reset_index()
    keys = ["queue", "period", "kpi"]
    table = table.melt([*keys, *ends], var_name="cause", value_name="effect")
    table = table.sort_values(keys, kind="stable", ignore_index=True)
    return table[[*keys, "cause", "effect", *ends]]
