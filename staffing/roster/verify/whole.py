"""A whole roster against its team and rules."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import TypeVar

import pandas as pd

from staffing.roster.rules import Rules
from staffing.roster.team import Absence, Past, Team
from staffing.roster.verify.found import Violation, Worked
from staffing.roster.verify.month import Month, month_faults
from staffing.roster.verify.shift import break_faults, shift_faults, shift_of

OfAgent = TypeVar("OfAgent", Absence, Past)


def verify_roster(
    roster: pd.DataFrame,
    team: Team,
    rules: Rules,
    *,
    first: dt.date,
    days: int,
    timezone: str,
    closed: Collection[dt.date] = (),
) -> tuple[Violation, ...]:
    """
    Every rule that a roster breaks; nothing where it keeps them all.

    Parameters
    ----------
    roster : DataFrame
        A roster table, solved or edited by hand.
    team : Team
        The people, their absences and their shifts before.
    rules : Rules
        Of which the hard ones are checked.
    first, days : date, int
        The days that the roster is for; it has each agent's hours of all its weeks.
    timezone : str
        Whose local time counts.
    closed : collection of date
        Days on which nobody is needed: hours that these leave no room for are not owed.

    Returns
    -------
    tuple of Violation
        By date, agent and rule.

    Notes
    -----
    Times are absolute when subtracted: in the night of a clock change, 22:00 to 09:00
    is 10 or 12 hours. Of breaks that cannot be read, only that is found.
    """
    agents = {agent.agent_id: agent for agent in team.agents}
    last = first + dt.timedelta(days - 1)
    local = roster.assign(
        start=roster["start"].dt.tz_convert(timezone),
        end=roster["end"].dt.tz_convert(timezone),
    )
    found: list[Violation] = []
    shifts: dict[str, list[Worked]] = {name: [] for name in agents}
    absences, past = _by_agent(team.absences), _by_agent(team.past)
    for cells in local.sort_values("start", kind="stable").to_dict("records"):
        shift, faults = shift_of(cells, agents)
        found += faults
        if shift is None:
            continue
        name = shift.agent.agent_id
        if not first <= shift.date <= last:
            text = f"is not a day from {first} to {last}, which the roster is for"
            found.append(shift.fault("date", text))
            continue
        absent = {a.date: a.kind for a in absences[name]}
        found += shift_faults(shift, rules, absent)
        if all(fault.rule != "breaks" for fault in faults):
            found += break_faults(shift, rules)
        shifts[name].append(shift)
    known = min((p.date for p in team.past), default=first)
    for name, agent in agents.items():
        month = Month(
            agent, shifts[name], past[name], absences[name], first, last, known, closed
        )
        found += month_faults(month, rules)
    return tuple(sorted(found, key=lambda v: (v.date, v.agent_id, v.rule, v.text)))


def _by_agent(rows: Iterable[OfAgent]) -> defaultdict[str, list[OfAgent]]:
    found: defaultdict[str, list[OfAgent]] = defaultdict(list)
    for row in rows:
        found[row.agent_id].append(row)
    return found
