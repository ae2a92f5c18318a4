"""Which queues and groups the report draws, where there are too many for a page."""

from __future__ import annotations

from staffing.plan import Plan

DRAWN = 24
"""Each has three pictures of 40 kB and a third of a second: a page of these opens."""


def drawn_names(plan: Plan) -> set[str]:
    """
    The queues and groups that are drawn, DRAWN of either at most.

    Those with the most agent hours; of one group's queues those with the most calls.
    """
    hours = plan.monthly.groupby("queue")["agent_hours"].sum().to_dict()
    calls = plan.forecast.groupby("queue")["offered"].sum().to_dict()
    pools = plan.rules.pools
    group_of = {queue: group for group, queues in pools.items() for queue in queues}

    def size(queue: str) -> tuple[float, float]:
        return hours.get(group_of.get(queue, queue), 0.0), calls.get(queue, 0.0)

    queues = [forecast.queue for forecast in plan.forecasts]
    return {
        *sorted(queues, key=size, reverse=True)[:DRAWN],
        *sorted(pools, key=lambda group: hours.get(group, 0.0), reverse=True)[:DRAWN],
    }


def undrawn_words(plan: Plan, drawn: set[str]) -> list[str]:
    """What is said of those that are not drawn, where there are any."""
    every = {forecast.queue for forecast in plan.forecasts} | {*plan.rules.pools}
    if drawn >= every:
        return []
    return [
        f'<p class="note">Pictures follow of {len(drawn)} of the {len(every)} queues '
        "and groups: those with the most agent hours, and of a group's queues those "
        "with the most calls. All are in the tables above, in forecast.csv and in "
        "staffing.csv; past accuracy and days unlike the others are in run.json.</p>"
    ]
