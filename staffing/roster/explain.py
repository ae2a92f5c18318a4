"""What cannot work, by arithmetic, and what would help most, with its price."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from staffing.roster.cells import cells_of
from staffing.roster.columns import columns_of
from staffing.roster.problem import Problem
from staffing.roster.weekly import nearest_hours, week_hours

DAYS = (
    "Mondays",
    "Tuesdays",
    "Wednesdays",
    "Thursdays",
    "Fridays",
    "Saturdays",
    "Sundays",
)


def supply_faults(problem: Problem) -> tuple[str, ...]:
    """
    Where the team cannot be enough, whatever its roster, in words.

    Contracts whose shifts do not make their hours; weeks in which the need, of all or
    of one group, is more than the hours at work that contracts leave after absences;
    groups that nobody answers; times of the day at which nobody may work.
    """
    return (*_contracts(problem), *_hours(problem), *_empty(problem))


def _contracts(problem: Problem) -> Iterator[str]:
    for contract in dict.fromkeys(agent.contract for agent in problem.agents):
        made = nearest_hours(contract)
        if made < contract.weekly_min:
            yield (
                f"contract {contract.name}: {contract.weekly_min / 60:g} h a week, its "
                f"shifts make {made / 60:g}"
            )


def _hours(problem: Problem) -> Iterator[str]:
    need, horizon = problem.need, problem.horizon
    unit_h = horizon.slot_min / 60
    work = np.array(
        [
            max(kind.work_min / kind.paid_min for kind in agent.contract.kinds)
            for agent in problem.agents
        ]
    )
    teams = [("", np.ones(len(need.groups), dtype=bool))]
    if len(need.groups) > 1:
        teams += [
            (f" for {name}", np.array(need.groups) == name) for name in need.groups
        ]
    for week in week_hours(problem):
        inside = (need.starts >= horizon.slot(week.days[0])) & (
            need.starts < horizon.slot(week.days[-1] + 1)
        )
        for text, groups in teams:
            names = {need.groups[g] for g in np.flatnonzero(groups)}
            able = np.array([bool(names & set(a.groups)) for a in problem.agents])
            needed = float(need.units[groups][:, inside].sum()) * unit_h
            given = float((week.high * work)[able].sum()) / 60
            if needed > given:
                yield (
                    f"week of {horizon.monday(week.days[0])}: {needed:,.0f} h at work "
                    f"are needed{text}, contracts less absences and breaks give "
                    f"{given:,.0f}"
                )


def _empty(problem: Problem) -> Iterator[str]:
    need, horizon = problem.need, problem.horizon
    cells = cells_of(problem)
    reached = problem.standing > 0
    for day in range(horizon.days):
        there = [
            number
            for number, cell in enumerate(cells)
            if any(problem.can_work(agent, day) for agent in cell.agents)
        ]
        columns = columns_of(problem, cells, day)
        units = columns.units[np.isin(columns.cell, there)]
        reached |= np.asarray(units.sum(axis=0)).reshape(reached.shape) > 0
    for group, name in enumerate(need.groups):
        if not any(name in agent.groups for agent in problem.agents):
            yield f"{name}: no agent answers it"
            continue
        missing = np.flatnonzero((need.units[group] > 0) & ~reached[group])
        for _, run in groupby(missing, key=lambda i: need.starts[i] - need.slots * i):
            first, *rest = list(run)
            start = horizon.time(int(need.starts[first]))
            end = horizon.time(int(need.starts[[first, *rest][-1]]) + need.slots)
            yield f"{name}: nobody may work on {start:%Y-%m-%d %H:%M}-{end:%H:%M}"
