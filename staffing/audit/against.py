"""The mathematics held against the past: what calls, AHT and agents explain of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import Finding, TableError
from forecast.history import History
from staffing.audit.errors import REALISED, errors_by, kpis_of_rows
from staffing.audit.models import PastPool, Setup
from staffing.kpi import sums_of
from staffing.patience import MONTHS, Patience, estimate_patience, patience_by
from staffing.progress import Progress

REPLICATIONS = 10
"""Of the simulation, unless told."""
EARLIER = 2 / 3
"""Of the weeks: patience and calibration are from these, the later ones are fresh."""
LOADS = (0.0, 5.0, 10.0, 20.0, 50.0, 100.0, np.inf)
"""Edges of the classes of load. [erlang]"""
LOAD_CLASSES = ("under 5", "5 to 10", "10 to 20", "20 to 50", "50 to 100", "over 100")


@dataclass(frozen=True)
class Against:
    """
    Models beside what was.

    ``rows``: a row for each pool and interval with calls, AHT, agents, and the KPIs
    realised and by each model. ``errors``: as :func:`errors_by` has them, by queue and
    over "all" intervals, or those where Erlang C has an answer ("stable").
    ``calibration``: each pool's patience and effective agents / agents, from the weeks
    before ``later``. ``patience``: by queue and month. ``missing``: what pools lack.
    """

    rows: pd.DataFrame
    errors: pd.DataFrame
    calibration: pd.DataFrame
    patience: pd.DataFrame
    missing: tuple[Finding, ...]
    setup: Setup

    @property
    def exit_code(self) -> int:
        """0, or 1 where something is missing."""
        return int(bool(self.missing))


def against_history(
    history: History,
    pools: Mapping[str, Iterable[str]],
    setup: Setup,
    *,
    where: str,
    progress: Progress | None = None,
) -> Against:
    """
    Hold Erlang C, Erlang A and the simulation against the last MONTHS of a history.

    Parameters
    ----------
    history : History
        With agents, waits and abandonments where all is to be compared.
    pools : mapping
        The queues that the same people answer, who are taken as one queue.
    setup : Setup
        How the past is reckoned with.
    where : str
        What the history is called in messages.
    progress : callable, optional
        Told of each pool as it is begun.

    Raises
    ------
    TableError
        Nothing can be compared of any pool.

    Notes
    -----
    Models get the calls that came, their mean handle time and the agents who were
    there. The formulas take an interval's count for its rate, so that chance is in it
    twice: in small pools that looks like a little more waiting. Two more stand beside
    them: "identity" is abandoned = time waited / patience, which needs no agents, and
    "chance" the simulation against one of its own days: what a perfect model would
    miss single intervals by.
    """
    frame = history.frame
    begin = history.end - pd.DateOffset(months=MONTHS)
    frame = frame[frame["interval_start"] >= begin]
    sums = sums_of(frame, history.calendar.interval_s)
    found: list[_Compared] = []
    missing: list[Finding] = []
    for number, (pool, queues) in enumerate(pools.items()):
        if progress:
            progress(f"past of {pool}", number, len(pools))
        mine = frame["queue"].isin(list(queues))
        rows = sums[mine].groupby(frame.loc[mine, "interval_start"]).sum(skipna=False)
        compared = _compared(pool, rows, history, setup, where, missing)
        found += [] if compared is None else [compared]
    if not found:
        raise TableError(missing)
    months = frame["interval_start"].dt.strftime("%Y-%m").rename("month")
    return Against(
        pd.concat([one.rows for one in found], ignore_index=True),
        pd.concat([one.errors for one in found], ignore_index=True),
        pd.DataFrame([one.calibration for one in found]),
        patience_by(sums, [frame["queue"], months]).reset_index(),
        tuple(missing),
        setup,
    )


class _Compared(NamedTuple):
    """One pool's part of :class:`Against`."""

    rows: pd.DataFrame
    errors: pd.DataFrame
    calibration: dict[str, object]


def _compared(
    pool: str,
    sums: pd.DataFrame,
    history: History,
    setup: Setup,
    where: str,
    missing: list[Finding],
) -> _Compared | None:
    """A pool's comparison, None where nothing can be; what it lacks is ``missing``."""
    aht_s = (sums["handle_s"] / sums["handled"].where(sums["handled"] > 0)).ffill()
    aht_s = aht_s.bfill()
    whole = sums[["offered", "agent_s"]].notna().all(axis=1) & aht_s.notna()
    known = whole if whole.any() else sums["offered"].notna()
    if not known.any():
        missing.append(_lacks(pool, sums, aht_s, where, is_left=False))
        return None
    past = PastPool(
        sums[known], aht_s[known].to_numpy(), history.calendar.interval_s, setup
    )
    weeks = past.starts.tz_localize(None).to_period("W")
    each = weeks.unique()
    later = each[int(EARLIER * len(each))]
    is_early = np.asarray(weeks < later)
    patience = Patience(*[np.nan] * 5)
    unknown: tuple[Finding, ...] = ()
    try:
        patience = estimate_patience(past.sums[is_early], f"{where}, {pool}")
    except TableError as error:
        unknown = error.findings if setup.patience_s is None else ()
    patience_s = setup.patience_s if np.isnan(patience[0]) else patience.patience_s
    load, factor = np.full(len(past.sums), np.nan), np.nan
    models: dict[str, pd.DataFrame] = {}
    days: list[pd.DataFrame] = []
    if patience_s is not None and past.waits_s.notna().any():
        models["identity"] = past.identity(patience_s)
    if not whole.any():
        missing.append(_lacks(pool, sums, aht_s, where, is_left=bool(models)))
    missing += unknown
    if whole.any():
        load = past.loads()
        models["erlang_c"] = past.by_formula(load, None)
    if patience_s is not None and whole.any():
        factor = past.agents_factor(load, patience_s, is_early)
        models["erlang_a"] = past.by_formula(load, patience_s)
        models["calibrated"] = past.by_formula(load, patience_s, factor)
        days = past.simulated(patience_s)
        models["simulated"] = sum(days[1:], days[0]) / len(days)
    if not models:
        return None
    rows = pd.DataFrame(
        {
            "queue": pool,
            "interval_start": past.starts,
            "part": np.where(is_early, "earlier", "later"),
            "offered": past.offered,
            "aht_s": past.aht_s,
            "agents": past.agents,
            "load_erlang": load,
        },
        index=past.sums.index,
    )
    for model, table in {REALISED: past.sums, **models}.items():
        rows = rows.join(kpis_of_rows(table, setup.sl_rule).add_prefix(f"{model}_"))
    calibration = {
        "queue": pool,
        "later": f"{later.start_time:%Y-%m-%d}",
        "agents_factor": factor,
        **patience._asdict(),
    }
    return _Compared(rows, _errors(rows, past, models, days), calibration)


def _lacks(
    pool: str, sums: pd.DataFrame, aht_s: pd.Series, where: str, *, is_left: bool
) -> Finding:
    """What a pool has in no interval; ``is_left``: its patience is known at least."""
    columns = {
        "offered": sums["offered"],
        "handled and aht_s": aht_s,
        "agents": sums["agent_s"],
    }
    lacking = [name for name, values in columns.items() if values.isna().all()]
    shown = ", nor with ".join(lacking)
    shown = shown or "offered, handled, aht_s and agents together"
    left = "Only abandoned = time waited / patience can" if is_left else "Nothing can"
    remedy = f"{left} be compared without them."
    return Finding(where, f"{pool} has no interval with {shown}", (), 1, remedy)


def _errors(
    rows: pd.DataFrame,
    past: PastPool,
    models: dict[str, pd.DataFrame],
    days: list[pd.DataFrame],
) -> pd.DataFrame:
    """Errors of a pool, over all its intervals and over those that Erlang C knows."""
    classes = pd.cut(rows["load_erlang"], LOADS, right=False, labels=LOAD_CLASSES)
    groups = {
        "all": pd.Series("all", rows.index),
        "part": rows["part"],
        "month": rows["interval_start"].dt.strftime("%Y-%m"),
        "day": rows["interval_start"].dt.strftime("%Y-%m-%d"),
        "hour": rows["interval_start"].dt.strftime("%H"),
        "load": classes.astype(object).fillna("not known"),
    }
    stable = rows["agents"] > rows["load_erlang"]
    sl_rule = past.setup.sl_rule
    tables = []
    for over, kept in (("all", stable | True), ("stable", stable)):
        labels = {name: of[kept] for name, of in groups.items()}
        chosen = {name: sums[kept] for name, sums in models.items()}
        if over == "all":
            chosen.pop("erlang_c", None)
        if kept.any():
            real = errors_by(past.sums[kept], chosen, labels, sl_rule=sl_rule)
            tables.append(real.assign(over=over))
        if kept.any() and days:  # one replication against the mean of the others
            others = sum(days[2:], days[1])[kept] / (len(days) - 1)
            drawn = errors_by(
                days[0][kept],
                {"chance": others},
                {"all": labels["all"]},
                sl_rule=sl_rule,
            )
            tables.append(drawn[drawn["model"] == "chance"].assign(over=over))
    table = pd.concat(tables, ignore_index=True)
    for name, values in (("over", table.pop("over")), ("queue", rows["queue"].iloc[0])):
        table.insert(0, name, values)
    return table
