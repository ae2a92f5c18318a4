"""Paid minutes by person, and hours by client."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from staffing.requirement.pools import Pools
from staffing.roster.problem import Duty, Horizon, Ints, Problem

Floats = NDArray[np.float64]

NIGHT_MIN = (22 * 60, 6 * 60)
"""Night work: from and to, by the local clock. [min after midnight]"""
KINDS = ("ordinary", "sunday", "holiday")
SUNDAY = 6


def payroll_table(
    problem: Problem, duties: Sequence[Duty], holidays: Collection[dt.date] = ()
) -> pd.DataFrame:
    """
    Minutes of each agent, by what they are paid as.

    Parameters
    ----------
    problem, duties : Problem, sequence of Duty
        The roster.
    holidays : collection of date
        Public holidays; one that is a Sunday is a holiday.

    Returns
    -------
    DataFrame
        agent_id, contract, ``ordinary_min``, ``ordinary_night_min`` and the same of
        Sundays and holidays, which add up to ``paid_min``; of these ``paid_break_min``;
        beside them ``unpaid_break_min``, ``absence_min`` (paid) and ``contract_min``:
        weekly minutes by days of employment. [min] And ``cost``: cost_per_hour for
        the paid minutes and absences, no supplement for nights, Sundays or holidays;
        NaN where it is not known. [money]

    Notes
    -----
    Minutes that pass, counted on the date and clock time at which they do: a shift
    over midnight is of two days, and the night of a clock change is an hour longer or
    shorter. A shift is of the month in which it starts.
    """
    slots, size = problem.horizon.slot_min, _slots(problem.horizon)
    paid = np.zeros((len(problem.agents), size), dtype=np.int64)
    breaks = {True: paid[:, 0] * 0, False: paid[:, 0] * 0}
    for duty in duties:
        paid[duty.agent, duty.shift.start : duty.shift.end] += 1
        for start, end, is_paid in duty.shift.breaks:
            breaks[is_paid][duty.agent] += end - start
            if not is_paid:
                paid[duty.agent, start:end] -= 1
    minutes = slots * (paid @ _kinds_of(problem.horizon, holidays))
    table = pd.DataFrame(
        {
            "agent_id": [agent.agent_id for agent in problem.agents],
            "contract": [agent.contract.name for agent in problem.agents],
        }
    )
    for place, kind in enumerate(KINDS):
        table[f"{kind}_min"] = minutes[:, 2 * place]
        table[f"{kind}_night_min"] = minutes[:, 2 * place + 1]
    table["paid_min"] = minutes.sum(axis=1)
    table["paid_break_min"] = slots * breaks[True]
    table["unpaid_break_min"] = slots * breaks[False]
    absent = np.zeros(len(problem.agents), dtype=np.int64)
    for (agent, _), away_min in problem.away.items():
        absent[agent] += away_min
    table["absence_min"] = absent
    table["contract_min"] = _contract_min(problem)
    per_hour = [agent.cost_per_hour for agent in problem.agents]
    paid_h = (table["paid_min"] + table["absence_min"]) / 60
    table["cost"] = paid_h * np.array(per_hour, dtype=np.float64)
    return table


def _slots(horizon: Horizon) -> int:
    """Slots until two days after the last: no shift ends later."""
    return horizon.slot(horizon.days + 2)


def _kinds_of(horizon: Horizon, holidays: Collection[dt.date]) -> Ints:
    """1 for what each slot is, by day or night of each kind; (slots, 2 · kinds)."""
    size = _slots(horizon)
    starts = pd.date_range(
        horizon.origin.tz_convert("UTC"), periods=size, freq=f"{horizon.slot_min}min"
    ).tz_convert(horizon.timezone)
    kind = np.where(starts.day_of_week == SUNDAY, 1, 0)
    kind[[date in holidays for date in starts.date]] = 2
    minute = starts.hour * 60 + starts.minute
    first, last = NIGHT_MIN
    is_night = np.asarray((minute >= first) | (minute < last), dtype=np.int64)
    return np.asarray(np.eye(2 * len(KINDS), dtype=np.int64)[2 * kind + is_night])


def _contract_min(problem: Problem) -> list[int]:
    """Weekly minutes × days of employment / 7, rounded. [min]"""
    dates = [problem.horizon.date(day) for day in range(problem.horizon.days)]
    return [
        round(agent.contract.weekly_min * sum(map(agent.employed, dates)) / 7)
        for agent in problem.agents
    ]


def client_hours(
    problem: Problem,
    duties: Sequence[Duty],
    forecast: pd.DataFrame,
    clients: Mapping[str, Collection[str]],
    pools: Pools,
) -> pd.DataFrame:
    """
    Rostered hours of each client's queues.

    Parameters
    ----------
    problem, duties : Problem, sequence of Duty
        The roster.
    forecast : DataFrame
        The forecast table that it is for.
    clients : mapping of str to queues
        Whose each queue is.
    pools : mapping of str to queues
        The queues of each group of the requirement; one that is not named is its own.

    Returns
    -------
    DataFrame
        client ("" where a queue has none), queue, group, ``work_hours`` (less all
        breaks) and ``paid_hours`` (less unpaid breaks). [h]

    Notes
    -----
    The hours of a group are its queues' in proportion to their load, offered · aht_s,
    in the same interval; where nobody calls, in proportion to that of all intervals.
    """
    horizon, groups = problem.horizon, problem.need.groups
    work = np.zeros((len(groups), _slots(horizon)))
    resting = np.zeros_like(work)
    for duty in duties:
        work[duty.group, duty.shift.start : duty.shift.end] += 1
        for start, end, is_paid in duty.shift.breaks:
            work[duty.group, start:end] -= 1
            resting[duty.group, start:end] += is_paid
    client_of = {queue: name for name, queues in clients.items() for queue in queues}
    rows = []
    for place, group in enumerate(groups):
        queues = pools.get(group, (group,))
        shares = _shares(horizon, forecast, queues)
        hours = shares @ np.stack([work[place], work[place] + resting[place]], axis=1)
        for queue, (at_work, paid) in zip(
            queues, hours * horizon.slot_min / 60, strict=True
        ):
            rows.append((client_of.get(queue, ""), queue, group, at_work, paid))
    names = ["client", "queue", "group", "work_hours", "paid_hours"]
    table = pd.DataFrame(rows, columns=names)
    return table.sort_values(names[:3], ignore_index=True)


def _shares(horizon: Horizon, forecast: pd.DataFrame, queues: Sequence[str]) -> Floats:
    """Each queue's share of a group's load in each slot; (queues, slots). [1]"""
    load = np.zeros((len(queues), _slots(horizon)))
    for place, queue in enumerate(queues):
        rows = forecast[forecast["queue"] == queue]
        slots = int(rows["interval_s"].iloc[0]) // (60 * horizon.slot_min)
        first = (rows["interval_start"] - horizon.origin) // pd.Timedelta(
            minutes=horizon.slot_min
        )
        places = first.to_numpy()[:, None] + np.arange(slots)
        handle_s = (rows["offered"] * rows["aht_s"]).fillna(0.0).to_numpy()
        inside = ((places >= 0) & (places < load.shape[1])).all(axis=1)
        load[place, places[inside]] = handle_s[inside, None]
    in_all = load.sum(axis=1, keepdims=True)
    if not in_all.any():
        in_all[:] = 1.0
    load = np.where(load.any(axis=0), load, in_all)
    shares: Floats = load / load.sum(axis=0)
    return shares
