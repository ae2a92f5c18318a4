"""Who got what: free weekends, Sundays, late ends and wishes of each person."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from staffing.roster.assign import late_slots
from staffing.roster.problem import Duty, Problem, Shift
from staffing.roster.team import Request
from staffing.roster.wishes import is_granted

SATURDAY, SUNDAY = 5, 6
COUNTS = ("free_weekends", "sundays", "late_ends", "granted", "refused")


def fairness_table(problem: Problem, duties: Sequence[Duty]) -> pd.DataFrame:
    """
    What each agent works and gets.

    Returns
    -------
    DataFrame
        agent_id, contract, ``shifts``, ``free_weekends`` (Saturday and Sunday without
        a shift; one with an absence is not given), ``sundays`` worked, ``late_ends``
        (in the last two hours in which somebody is needed, or later), ``granted`` and
        ``refused`` of the wishes.
    """
    horizon = problem.horizon
    shifts: dict[int, dict[int, Shift]] = {}
    for duty in duties:
        shifts.setdefault(duty.agent, {})[duty.day] = duty.shift
    late = late_slots(problem)
    weekdays = [horizon.date(day).weekday() for day in range(horizon.days)]
    weekends = [
        (day, day + 1) for day in range(horizon.days - 1) if weekdays[day] == SATURDAY
    ]
    requests: dict[int, list[Request]] = {}
    for request in problem.requests:
        day = horizon.day(request.date)
        if request.agent_id in problem.index and 0 <= day < horizon.days:
            requests.setdefault(problem.index[request.agent_id], []).append(request)
    rows = []
    for place, agent in enumerate(problem.agents):
        mine = shifts.get(place, {})
        free = [
            all(problem.can_work(place, day) and day not in mine for day in weekend)
            for weekend in weekends
        ]
        granted = [
            is_granted(problem, wish, mine.get(horizon.day(wish.date)))
            for wish in requests.get(place, [])
        ]
        rows.append(
            {
                "agent_id": agent.agent_id,
                "contract": agent.contract.name,
                "shifts": len(mine),
                "free_weekends": sum(free),
                "sundays": sum(weekdays[day] == SUNDAY for day in mine),
                "late_ends": sum(
                    bool(shift.end >= late[day]) for day, shift in mine.items()
                ),
                "granted": sum(granted),
                "refused": len(granted) - sum(granted),
            }
        )
    return pd.DataFrame(rows)


def spread_table(fairness: pd.DataFrame) -> pd.DataFrame:
    """Fewest and most of each count, by contract: contract, agents, COUNT as "1–2"."""
    rows = []
    for contract, people in fairness.groupby("contract", sort=True):
        ends = {name: (people[name].min(), people[name].max()) for name in COUNTS}
        shown = {
            name: f"{low}" if low == high else f"{low}–{high}"
            for name, (low, high) in ends.items()
        }
        rows.append({"contract": contract, "agents": len(people), **shown})
    return pd.DataFrame(rows)
