"""Past months of one queue, planned in one way and come in another."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from staffing.erlang.solve import agents_for
from staffing.kpi import result_sums
from staffing.simulate import Calls, Replay, Result, simulate

HALVES, AHT_S, PATIENCE_S = 24, 300.0, 240.0
LIMITS = {"interval_s": 1800.0, "threshold_s": 50.0}
CAUSES = ("none", "volume", "aht", "staffing", "shape")


class Month(NamedTuple):
    """A month to be explained, and the sums of what came."""

    replay: Replay
    agents: np.ndarray  # planned
    agents_there: np.ndarray
    starts: pd.DatetimeIndex
    realised: pd.DataFrame


def past_month(cause, seed, *, calls_a_day=1700.0, days=26, replications=10):
    """
    One cause alone: volume +12 %, AHT +30 s, 4 agents missing, or an hour later.

    Calls come Poisson, drawn by simulate(), which the Replay does not use.
    """
    hour = (np.arange(HALVES) + 0.5) / HALVES
    hump = 1.0 - 0.6 * np.cos(2 * np.pi * hour) + 0.3 * np.sin(4 * np.pi * hour)
    mean = hump / hump.sum() * calls_a_day
    agents = agents_for(
        mean * AHT_S / 1800.0, aht_s=AHT_S, service_level=0.95, threshold_s=50.0
    )
    there = np.maximum(agents - 4, 1) if cause == "staffing" else agents
    offered = mean * (1.12 if cause == "volume" else 1.0)
    if cause == "shape":
        offered = np.roll(offered, 2)
    came = simulate(
        there,
        offered=offered,
        aht_s=AHT_S + 30.0 * (cause == "aht"),
        patience_s=PATIENCE_S,
        handle_cv=1.0,
        seed=seed,
        replications=days,
        **LIMITS,
    )
    tables = [field.reshape(1, days * HALVES, 1) for field in came[:8]]
    tables = Result(*tables, came.busy_s.reshape(1, -1), np.tile(came.agent_s, days))
    dates = pd.bdate_range("2026-10-01", periods=days, tz="Europe/Rome")
    starts = (dates + pd.Timedelta(hours=8)).repeat(HALVES) + pd.to_timedelta(
        np.tile(np.arange(HALVES), days) * 1800, unit="s"
    )
    with np.errstate(invalid="ignore"):
        real_s = (tables.handle_s / tables.handled)[0]
    plan = np.tile(mean, days)[:, None]
    label = np.repeat(np.arange(days), HALVES)
    replay = Replay(
        planned=Calls(plan, np.full(plan.shape, AHT_S)),
        realised=Calls(tables.offered[0], real_s),
        days=label,
        runs=label,
        patience_s=PATIENCE_S,
        seed=seed + 1000,
        replications=replications,
        **LIMITS,
    )
    return Month(
        replay,
        np.tile(agents, days).astype(np.int64),
        np.tile(there, days).astype(np.int64),
        starts,
        result_sums(tables, ["Sales"], starts),
    )
