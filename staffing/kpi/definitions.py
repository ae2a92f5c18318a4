"""What each KPI is: one sum over another, never a mean of means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from staffing.erlang.limits import SlRule
from staffing.simulate import level_of
from staffing.targets import RULES

Better = Literal["higher", "lower"]
Floats = NDArray[np.float64]
Term = Callable[[pd.DataFrame], Floats]


@dataclass(frozen=True)
class Kpi:
    """
    A KPI of any set of intervals: Σ ``above`` / Σ ``below``, terms of the sums' rows.

    Without ``below`` it is the sum itself. ``better`` is None where neither is.
    """

    name: str
    unit: str
    better: Better | None
    meaning: str
    above: Term
    below: Term | None = None


@dataclass(frozen=True)
class Declared:
    """
    A KPI that the history brings: ``column`` of its file, a mean over ``weight``.

    ``weight`` is a count: a column of the history, or another of the file. ``target``
    is in the KPI's unit; None: no target.
    """

    name: str
    column: str
    unit: str
    weight: str
    better: Better
    target: float | None = None

    def kpi(self) -> Kpi:
        """The KPI, from sums of value × weight and of weight."""
        meaning = f"{self.column} of the history, weighed by {self.weight}"
        above, below = sum_of(self.name), sum_of(self.weight)
        return Kpi(self.name, self.unit, self.better, meaning, above, below)


def sum_of(*names: str) -> Term:
    """The columns added up, row by row; NaN where one is."""
    return lambda sums: sums[list(names)].to_numpy(float).sum(axis=1)


def _count(name: str) -> Term:
    """Contacts; where the sums know how many to expect, these in simulated shares."""

    def of(sums: pd.DataFrame) -> Floats:
        counts = np.asarray(sums[name], dtype=np.float64)
        if "expected" not in sums:
            return counts
        expected, came, lost = (
            np.asarray(sums[column], dtype=np.float64)
            for column in ("expected", "offered", "abandoned")
        )
        lost = expected * np.divide(lost, came, out=np.zeros(len(sums)), where=came > 0)
        return {"offered": expected, "abandoned": lost, "handled": expected - lost}[
            name
        ]

    return of


def agent_hours(sums: pd.DataFrame) -> Floats:
    """Time of agents on the queue. [h]"""
    return sums["agent_s"].to_numpy(float) / 3600.0


def service_level(name: str, rule: SlRule) -> Kpi:
    """The service level by a rule."""

    def term(which: int) -> Term:
        def of(sums: pd.DataFrame) -> Floats:
            fields = ["offered", "handled", "answered_within", "short_abandoned"]
            return level_of(rule, *sums[fields].to_numpy(float).T)[which]

        return of

    return Kpi(name, "1", "higher", RULES[rule], term(0), term(1))


ADHERENCE = Kpi(
    "adherence",
    "1",
    None,
    "agent time there / agent time planned; above 1: more than planned; surplus at one "
    "time makes up for want at another",
    sum_of("agent_s"),
    sum_of("planned_agent_s"),
)
"""Only where there is a plan to hold the agents against."""


def definitions(sl_rule: SlRule) -> tuple[Kpi, ...]:
    """Every KPI that calls and agents alone give, ``service_level`` by this rule."""
    handled, offered = sum_of("handled"), sum_of("offered")
    waits = sum_of("handled_wait_s", "abandoned_wait_s")
    lost = sum_of("abandoned")
    return (
        Kpi("offered", "contacts", None, "contacts that arrived", _count("offered")),
        Kpi("handled", "contacts", None, "contacts answered", _count("handled")),
        Kpi(
            "abandoned",
            "contacts",
            None,
            "contacts that hung up waiting",
            _count("abandoned"),
        ),
        service_level("service_level", sl_rule),
        *(
            service_level(f"service_level_{rule}", rule)
            for rule in RULES
            if rule != "answer_rate"
        ),
        service_level("answer_rate", "answer_rate"),
        Kpi(
            "abandon_rate",
            "1",
            "lower",
            "hung up while waiting / offered",
            lost,
            offered,
        ),
        Kpi(
            "asa_s",
            "s",
            "lower",
            "average speed of answer: waits of the answered / answered",
            sum_of("handled_wait_s"),
            handled,
        ),
        Kpi("mean_wait_s", "s", "lower", "waits of all / offered", waits, offered),
        Kpi(
            "aht_s",
            "s",
            None,
            "average handle time: talk + hold + after-call work / answered",
            sum_of("handle_s"),
            handled,
        ),
        Kpi(
            "occupancy",
            "1",
            None,
            "time on calls / agent time on the queue",
            sum_of("busy_s"),
            sum_of("agent_s"),
        ),
        Kpi("agent_hours", "h", None, "agent time on the queue", agent_hours),
        Kpi(
            "calls_per_agent_hour",
            "contacts/h",
            None,
            "answered / agent hours",
            handled,
            agent_hours,
        ),
    )
