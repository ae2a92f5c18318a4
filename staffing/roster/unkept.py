"""What a roster could not keep, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from staffing.roster.problem import Duty, Problem
from staffing.roster.weekly import week_hours


def unkept_hours(problem: Problem, duties: Sequence[Duty]) -> tuple[str, ...]:
    """Contract hours that a roster does not reach, by agent and week."""
    paid: dict[tuple[int, int], int] = defaultdict(int)
    for duty in duties:
        kind = problem.agents[duty.agent].contract.kinds[duty.shift.kind]
        paid[duty.agent, duty.day] += kind.paid_min
    weeks, found = week_hours(problem), []
    for number, agent in enumerate(problem.agents):
        for week in weeks:
            owed = int(week.owed[number])
            worked = sum(paid[number, day] for day in week.days)
            if worked < owed:
                monday = problem.horizon.monday(week.days[0])
                away = sum(not problem.can_work(number, day) for day in week.days)
                found.append(
                    f"{agent.agent_id}, week of {monday}: {owed / 60:g} contract hours "
                    f"cannot be worked; {away} days away, bands and rules leave room "
                    f"for {worked / 60:g}"
                )
    return tuple(found)
