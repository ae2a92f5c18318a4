"""A roster of four people for three days, one of which has a clock change."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd

from staffing.report.roster import Made
from staffing.roster.problem import Duty, Horizon, Need, Problem, Shift, Step
from staffing.roster.rules import Rule, Rules
from staffing.roster.solution import Solution, Stage
from staffing.roster.team import Absence, Agent, Break, Contract, Kind

FULL = Contract(
    "FT8", 2400, (Kind(510, (Break(15, True), Break(30, False), Break(15, True))),)
)
PART = Contract("PT4", 1200, (Kind(240, (Break(15, True),)),))
NIGHT = Contract("NIGHT", 2400, (Kind(480),))
RULES = Rules(
    "test",
    {
        "daily-rest": Rule("daily-rest", 11.0, "11 hours of rest", "a law", True),
        "fair-late": Rule(
            "fair-late", 2.0, "late ends are shared", "usual", False, False, 1.5
        ),
    },
)


def shift_at(horizon, day, minute, agent):
    """A shift of the contract's only kind, its breaks spread evenly over it."""
    (kind,) = agent.contract.kinds
    start, slots = horizon.slot(day, minute), kind.present_min // 15
    at = [
        start + slots * n // (len(kind.breaks) + 1)
        for n in range(1, len(kind.breaks) + 1)
    ]
    breaks = tuple(
        (first, first + pause.minutes // 15, pause.paid)
        for first, pause in zip(at, kind.breaks, strict=True)
    )
    return Shift(0, start, start + slots, breaks)


def made_of(first, *, requests=()):
    """
    Saturday to Monday of a weekend.

    "=1+1" works each day from 09:00, the full-timer "../B" on Sunday and Monday from
    13:30, "../b" is on leave on Saturday and in the night to Sunday at work, and "D"
    is employed from Monday on, and off.
    """
    monday = first + dt.timedelta(days=2)
    agents = (
        Agent("=1+1", PART, ("Care", "Sales")),
        Agent("../B", FULL, ("Sales",)),
        Agent("../b", NIGHT, ("Care",)),
        Agent("D", PART, ("Sales",), first=monday),
    )
    horizon = Horizon("Europe/Rome", first, 3)
    starts = [horizon.slot(day, m) for day in range(3) for m in range(480, 1320, 30)]
    units = np.full((2, len(starts)), 2)
    need = Need(("Care", "Sales"), np.array(starts), 2, units, (Step(units, units),))
    absences = (Absence("../B", first, "leave", 480),)
    problem = Problem(agents, horizon, need, RULES, absences, tuple(requests))
    shifts = [
        (0, 0, 0, 540),
        (0, 1, 1, 540),
        (0, 2, 0, 540),
        (1, 1, 1, 810),
        (1, 2, 1, 810),
        (2, 0, 0, 1320),
    ]
    duties = tuple(
        Duty(a, day, group, shift_at(horizon, day, minute, agents[a]))
        for a, day, group, minute in shifts
    )
    cost = need.cost(problem.presence(duties))
    stages = (
        Stage("days off", 0.0, float("nan"), 1.5),
        Stage("roster", cost, 0.75 * cost, 2.5),
    )
    starts = pd.DatetimeIndex([horizon.time(slot) for slot in need.starts])
    rows = pd.DataFrame({"interval_start": starts, "interval_s": 1800, "aht_s": 200.0})
    forecast = pd.concat(
        rows.assign(queue=queue, offered=offered)
        for queue, offered in (("Energy", 9.0), ("Water", 3.0), ("Sales", 5.0))
    )
    return Made(
        problem,
        Solution(duties, stages, ("a wish is not granted",)),
        forecast,
        pools={"Care": ("Energy", "Water")},
        clients={"One": ["Energy", "Sales"], "Two": ["Water"]},
        holidays=(monday,),
    )


def with_service(made, level=0.9):
    """The same with a service to expect, of the month and one day."""
    names = ("service_level", "asa_s", "abandon_rate", "occupancy", "agent_hours")
    values = dict(zip(names, (level, 21.5, 0.03, 0.8, 40.0), strict=True))
    cells = {
        f"{side}_{k}": v for side in ("planned", "rostered") for k, v in values.items()
    }
    rows = [
        {"queue": queue, "period": period, "offered": 900.0, **cells}
        for queue in ("Care", "all")
        for period in ("2026-10-24", "2026-10")
    ]
    return replace(made, service=pd.DataFrame(rows))
