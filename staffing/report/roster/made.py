"""A roster, and all that its files tell of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from staffing.report.roster.fairness import fairness_table
from staffing.report.roster.payroll import client_hours, payroll_table
from staffing.requirement.pools import Pools
from staffing.roster.problem import Problem
from staffing.roster.rules import UNITS
from staffing.roster.solution import Solution
from staffing.roster.table import cover_table, hours_table, roster_table

if TYPE_CHECKING:
    from staffing.roster.month import Rostered
    from staffing.roster.repair import Change


def made_of(rostered: Rostered) -> Made:
    """What the files of a roster tell."""
    return Made(
        rostered.problem,
        rostered.solution,
        rostered.forecast,
        rostered.service,
        rostered.pools,
        rostered.clients,
        rostered.holidays,
        tuple(
            f"{found.agent_id}, {found.date}: {found.text} ({found.rule})"
            for found in rostered.violations
        ),
        (*rostered.missed, *rostered.faults, *rostered.clashes),
        rostered.prices,
        rostered.changes,
        rostered.repair_from,
    )


@dataclass(frozen=True)
class Made:
    """
    A roster, and what was found about it.

    ``forecast`` is the table that the requirement is for, ``service`` that of
    :func:`staffing.roster.service.service_of`, None where it was not simulated.
    ``holidays`` are the public ones. ``violations`` are what the checker says of the
    roster, ``faults`` what cannot work, and ``prices`` what would help most: a
    sentence each. ``changes`` are those of a repair from the day ``repair_from`` on.
    """

    problem: Problem
    solution: Solution
    forecast: pd.DataFrame
    service: pd.DataFrame | None = None
    pools: Pools = field(default_factory=dict)
    clients: Mapping[str, Collection[str]] = field(default_factory=dict)
    holidays: Collection[dt.date] = ()
    violations: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    prices: tuple[str, ...] = ()
    changes: tuple[Change, ...] | None = None
    repair_from: dt.date | None = None

    @cached_property
    def roster(self) -> pd.DataFrame:
        """The table roster."""
        return roster_table(self.problem, self.solution.duties)

    @cached_property
    def cover(self) -> pd.DataFrame:
        """The table cover."""
        return cover_table(self.problem, self.solution.duties)

    @cached_property
    def payroll(self) -> pd.DataFrame:
        """Paid minutes by agent."""
        return payroll_table(self.problem, self.solution.duties, self.holidays)

    @cached_property
    def fairness(self) -> pd.DataFrame:
        """Free weekends, Sundays, late ends and wishes by agent."""
        return fairness_table(self.problem, self.solution.duties)

    @cached_property
    def hours_of_clients(self) -> pd.DataFrame:
        """Hours by client and queue."""
        return client_hours(
            self.problem, self.solution.duties, self.forecast, self.clients, self.pools
        )

    @cached_property
    def hours(self) -> pd.DataFrame:
        """Hours by group and in all: required, missing and spare."""
        return hours_table(self.problem, self.solution.duties)

    @cached_property
    def stages(self) -> pd.DataFrame:
        """How far each step came: stage, value, bound, gap; NaN: none is known."""
        return pd.DataFrame(
            [stage.facts() for stage in self.solution.stages],
            columns=["stage", "value", "bound", "gap"],
        )

    @cached_property
    def rules(self) -> pd.DataFrame:
        """The rules: rule, value, unit, says, holds, source and status."""
        return pd.DataFrame(
            [
                {
                    "rule": rule.id,
                    "value": float(rule.value),
                    "unit": UNITS[rule.id],
                    "says": rule.text,
                    "holds": "always" if rule.hard else f"weight {rule.weight:g}",
                    "source": rule.source,
                    "status": "verified" if rule.verified else "not verified",
                }
                for rule in self.problem.rules.rules.values()
            ],
            columns=["rule", "value", "unit", "says", "holds", "source", "status"],
        )
