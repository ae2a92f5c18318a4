"""
Roster cases: the reference case from its folder, and generators of the same kind.

``reference_case`` reads what the measured figures are about; ``generated_case`` makes
a case of the same kind from a seed; ``hard_case`` adds fixed bands, two groups, wishes
and a previous month. All costs are linear: 2 a missing unit, 1 a spare one.
"""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd

from staffing.roster.problem import Horizon, Need, Problem, Step
from staffing.roster.rules import UNITS, Rule, Rules
from staffing.roster.team import (
    Absence,
    Agent,
    Band,
    Break,
    Contract,
    Kind,
    Past,
    Request,
)

QUARTER, LUNCH = Break(15, True), Break(30, False)
CONTRACTS = {
    "FT8": Contract("FT8", 2400, (Kind(510, (QUARTER, LUNCH, QUARTER)),)),
    "PT6": Contract("PT6", 1800, (Kind(360, (QUARTER, QUARTER)),)),
    "PT4": Contract("PT4", 1200, (Kind(240, (QUARTER,)),)),
}
LIMITS = {
    "daily-rest": 11,
    "free-day": 35,
    "pause": 10,
    "screen-break": 120,
    "shortest-work": 60,
    "max-days": 6,
    "free-weekends": 1,
}
SOFT = {
    "stable-start": (0, 1.0),
    "fair-weekends": (1, 20.0),
    "fair-late": (1, 1.0),
    "wishes": (0, 10.0),
}
MENU = ((8, 14), (10, 16), (12, 18), (16, 22))  # fixed bands of part-timers, in hours
FIRST, TIMEZONE = dt.date(2027, 2, 1), "Europe/Rome"
WEEKDAYS = np.array([1.18, 1.06, 1.0, 0.98, 0.97, 0.55, 0.40])


def case_rules():
    hard = {
        name: Rule(name, value, f"{name}: {value} {UNITS[name]}", "the case", True)
        for name, value in LIMITS.items()
    }
    soft = {
        name: Rule(name, value, name, "the case", True, hard=False, weight=weight)
        for name, (value, weight) in SOFT.items()
    }
    return Rules("case", hard | soft)


def need_of(groups, agents, horizon, *, first_min=480):
    """A need of half-hours from 08:00 on; agents: (G, D, intervals of a day)."""
    agents = np.asarray(agents, dtype=np.int64)
    minutes = first_min + 30 * np.arange(agents.shape[2])
    starts = np.array(
        [horizon.slot(day, int(m)) for day in range(agents.shape[1]) for m in minutes],
        dtype=np.int64,
    )
    units = 2 * agents.reshape(len(groups), -1)
    step = Step(np.ones_like(units), np.full_like(units, 2))
    return Need(tuple(groups), starts, 2, units, (step,), over=1)


def reference_case(folder, people):
    """The reference case of 120 or 1,000 people, from the folder that holds it."""
    team = pd.read_csv(folder / f"agents_{people}.csv")
    leave = pd.read_csv(folder / f"leave_{people}.csv", parse_dates=["date"])
    need = pd.read_csv(
        folder / f"requirement_{people}.csv", parse_dates=["interval_start"]
    )
    days = need["interval_start"].dt.date.nunique()
    horizon = Horizon(TIMEZONE, FIRST, days)
    contract = dict(zip(team["agent_id"], team["contract"], strict=True))
    return Problem(
        agents=tuple(Agent(a, CONTRACTS[c], ("all",)) for a, c in contract.items()),
        horizon=horizon,
        need=need_of(["all"], need["agents"].to_numpy().reshape(1, days, -1), horizon),
        rules=case_rules(),
        absences=tuple(
            Absence(a, d.date(), "leave", CONTRACTS[contract[a]].weekly_min // 5)
            for a, d in zip(leave["agent_id"], leave["date"], strict=True)
        ),
    )


def generated_case(people=120, days=30, seed=1):
    """
    A case like the reference: its curve, its mix of contracts and its leave.

    A quarter of the people 8 h, a third 6 h, the others 4 h; about a third have 2 to 5
    weekdays of leave in a row; the curve is scaled to 98.5 % of the hours that the
    contracts can work on the phone.
    """
    rng = np.random.default_rng(seed)
    horizon = Horizon(TIMEZONE, FIRST, days)
    names = ["FT8"] * round(people / 4) + ["PT6"] * round(people / 3)
    names += ["PT4"] * (people - len(names))
    agents = tuple(
        Agent(f"A{i:04d}", CONTRACTS[name], ("all",)) for i, name in enumerate(names, 1)
    )
    absences = []
    for agent in agents:
        if rng.random() >= 0.35:
            continue
        week = rng.integers(max(days // 7, 1)) * 7
        first, length = rng.integers(4), rng.integers(2, 6)
        absences += [
            Absence(
                agent.agent_id,
                horizon.date(int(week + day)),
                "leave",
                agent.contract.weekly_min // 5,
            )
            for day in range(first, min(first + length, 5))
            if week + day < days
        ]
    work_min = sum(a.contract.kinds[0].work_min * 5 * days / 7 for a in agents)
    away_min = sum(
        agents[int(a.agent_id[1:]) - 1].contract.kinds[0].work_min for a in absences
    )
    hours = 8.25 + 0.5 * np.arange(28)
    curve = (
        0.30
        + 0.85 * np.exp(-(((hours - 10.8) / 1.9) ** 2))
        + 0.75 * np.exp(-(((hours - 16.5) / 2.3) ** 2))
        - 0.17 * np.clip((hours - 19.5) / 2.5, 0, 1)
    )
    shape = np.outer(WEEKDAYS[np.arange(days) % 7], curve)
    shape *= 1 + 0.05 * rng.standard_normal(shape.shape)
    scale = 0.985 * (work_min - away_min) / 30 / shape.sum()
    needed = np.maximum(np.rint(scale * shape), 1)
    return Problem(
        agents=agents,
        horizon=horizon,
        need=need_of(["all"], needed[None], horizon),
        rules=case_rules(),
        absences=tuple(absences),
    )


def hard_case(problem, seed=1, *, wishes=200, both=20):
    """
    The same people, and half of the part-timers on fixed bands of the menu (any hours
    at weekends), two groups with some people in both, wishes, and a previous week.
    """
    rng = np.random.default_rng(seed)
    part_timers = [
        i for i, a in enumerate(problem.agents) if a.contract.weekly_min < 2400
    ]
    fixed = set(rng.permutation(part_timers)[: len(part_timers) // 2].tolist())
    order = rng.permutation(len(problem.agents))
    share = 0.6
    first = set(order[both:][: round(share * (len(order) - both))].tolist())
    agents = []
    for i, agent in enumerate(problem.agents):
        start, end = MENU[int(rng.integers(len(MENU)))]
        bands = tuple(
            Band(day, *((60 * start, 60 * end) if day < 5 else (480, 1320)))
            for day in range(7)
        )
        groups = ("care", "sales") if i in order[:both] else ("sales",)
        groups = ("care",) if i in first else groups
        agents.append(
            replace(agent, groups=groups, bands=bands if i in fixed else None)
        )
    total = problem.need.units[0]
    care = 2 * np.rint(share * total / 2).astype(np.int64)
    units = np.stack([care, total - care])
    need = replace(
        problem.need,
        groups=("care", "sales"),
        units=units,
        steps=(Step(np.ones_like(units), np.full_like(units, 2)),),
    )
    return replace(
        problem,
        agents=tuple(agents),
        need=need,
        requests=_wishes(agents, problem.horizon, wishes, rng),
        past=_past(agents, problem.horizon, rng),
    )


def _wishes(agents, horizon, count, rng):
    """Half of them days off, the others bands wished for or refused."""
    pairs = rng.choice(len(agents) * horizon.days, size=count, replace=False)
    requests = []
    for number, pair in enumerate(pairs.tolist()):
        agent, day = divmod(pair, horizon.days)
        band = None if number % 2 else ((480, 960), (840, 1320))[number // 2 % 2]
        refused = band is None or number % 4 == 0
        requests.append(
            Request(agents[agent].agent_id, horizon.date(day), band, refused, 1.0)
        )
    return tuple(requests)


def _past(agents, horizon, rng):
    """A lawful week before the horizon: five days in a row, one start for each."""
    past = []
    for agent in agents:
        kind = agent.contract.kinds[0]
        start = 480 + 30 * int(rng.integers((840 - kind.present_min) // 30 + 1))
        if agent.bands is not None:
            start = agent.bands[0].start_min
        first = int(rng.integers(-7, -4))
        for day in range(first, first + 5):
            begin = horizon.slot(day, start)
            past.append(
                Past(
                    agent.agent_id,
                    horizon.date(day),
                    horizon.time(begin),
                    horizon.time(begin + kind.present_min // horizon.slot_min),
                    kind.paid_min,
                )
            )
    return tuple(past)
