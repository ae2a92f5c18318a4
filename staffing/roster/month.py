"""A roster of some days: its files → problem → solution, checked and simulated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.intervals import month_span
from staffing.config import Config
from staffing.kpi import ALL
from staffing.patience import OfPools
from staffing.progress import Progress
from staffing.requirement import Rules
from staffing.requirement.pools import Pools
from staffing.roster.clashes import clashes
from staffing.roster.contracts import refuse_long_weeks
from staffing.roster.explain import supply_faults
from staffing.roster.need import problem_of
from staffing.roster.prices import prices
from staffing.roster.problem import Problem
from staffing.roster.read import read_team
from staffing.roster.repair import Change, repair
from staffing.roster.rules import Rules as WorkRules
from staffing.roster.rules_file import read_rules
from staffing.roster.service import service_of
from staffing.roster.solution import Solution
from staffing.roster.solve import solve_roster
from staffing.roster.table import (
    cover_table,
    duties_of,
    hours_table,
    read_roster,
    roster_table,
)
from staffing.roster.team import Team
from staffing.roster.verify import Violation, verify_roster
from staffing.targets import Targets

CLOSED_DAYS = dt.timedelta(days=3)
"""A month's first and last days may be closed: so many are not missing."""


@dataclass(frozen=True)
class Days:
    """The days of a roster, first and last included."""

    first: dt.date
    last: dt.date

    @classmethod
    def of(cls, times: pd.Series) -> Days:
        """
        The first to the last local date of times.

        Where it is at most CLOSED_DAYS to the beginning or end of the month, to there.
        """
        dates = times.dt.date
        first, last = dates.min(), dates.max()
        begins = month_span(f"{first:%Y-%m}")[0]
        ends = month_span(f"{last:%Y-%m}")[1]
        return cls(
            begins if first - begins <= CLOSED_DAYS else first,
            ends if ends - last <= CLOSED_DAYS else last,
        )

    @property
    def number(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Rostered:
    """
    A roster, and what was found about it.

    ``forecast`` is the table that the requirement is for, ``pools`` the queues of its
    groups, ``clients`` whose queues they are, ``holidays`` the public ones. ``service``
    is what :func:`staffing.roster.service.service_of` gives, None where the calls or
    their patience are not known. ``faults`` say what of the whole cannot work,
    ``clashes`` what of single people, and ``prices`` what would help most, a sentence
    each; ``missed`` are the targets that these agents are expected to miss over a
    month, and the groups that nobody answers. ``changes`` are those of a repair, and
    ``repair_from`` its first day.
    """

    problem: Problem
    solution: Solution
    forecast: pd.DataFrame
    pools: Pools
    clients: Mapping[str, Collection[str]]
    holidays: Collection[dt.date]
    service: pd.DataFrame | None
    violations: tuple[Violation, ...]
    faults: tuple[str, ...]
    clashes: tuple[str, ...]
    prices: tuple[str, ...]
    missed: tuple[str, ...] = ()
    changes: tuple[Change, ...] | None = None
    repair_from: dt.date | None = None

    @property
    def exit_code(self) -> int:
        """1 where a rule is broken, something was not kept or a target is missed."""
        return int(bool(self.violations or self.solution.unkept or self.missed))

    def facts(self) -> dict[str, Any]:
        """How good the roster is; nothing of single people."""
        problem, solution = self.problem, self.solution
        hours = hours_table(problem, solution.duties).set_index("group").loc["all"]
        return {
            "agents": len(problem.agents),
            "shifts": len(solution.duties),
            **{
                f"{name}_hours": hours[name]
                for name in ("required", "missing", "spare")
            },
            "stages": [stage.facts() for stage in solution.stages],
            "rules": problem.rules.name,
            "violations": len(self.violations),
            "not_kept": len(solution.unkept),
        }


def read_work(
    config: Config, folder: Path, groups: Collection[str] | None, days: Days
) -> tuple[Team, WorkRules]:
    """
    The people and the rules of work that a configuration names.

    ``groups`` are those of the requirement; None where it is not known.

    Raises
    ------
    ConfigError
        There is no [roster], or contracts.toml or the rules are wrong.
    TableError
        A table of the team is wrong; every fault with its rows.
    """
    part = config.roster_part()
    team = read_team(
        folder,
        part,
        config.form(),
        groups=groups,
        first=days.first,
        timezone=config.timezone,
    )
    work = read_rules(part.rules, folder)
    refuse_long_weeks(dict.fromkeys(agent.contract for agent in team.agents), work)
    return team, work


def roster_days(
    config: Config,
    folder: Path,
    requirement: pd.DataFrame,
    forecast: pd.DataFrame,
    rules: Rules,
    days: Days,
    *,
    patience_s: OfPools,
    simulated: bool = True,
    progress: Progress | None = None,
    published: Path | None = None,
    repair_from: dt.date | None = None,
) -> Rostered:
    """
    Roster the team of a configuration for a requirement table.

    Parameters
    ----------
    config, folder : Config, Path
        The configuration, and where the files that it names are.
    requirement : DataFrame
        A requirement table.
    forecast : DataFrame
        The forecast table behind it.
    rules : Rules
        What the requirement was solved by.
    days : Days
        To be rostered.
    patience_s : float, mapping or None
        Callers' patience. [s]
    simulated : bool
        Whether the service to expect is.
    published, repair_from : Path, date, optional
        A roster that is changed as little as possible, from a date on.

    Raises
    ------
    ConfigError, TableError
        As :func:`read_work` and :func:`staffing.roster.read.problem_of`.
    """
    part = config.roster_part()
    groups = sorted(set(requirement["queue"]))
    team, work = read_work(config, folder, groups, days)
    problem = problem_of(
        team,
        requirement,
        work,
        first=days.first,
        days=days.number,
        timezone=config.timezone,
        objective=part.objective,
        targets=rules.targets,
        patience_s=patience_s,
    )
    changes: tuple[Change, ...] | None = None
    if published is None or repair_from is None:
        solution = solve_roster(
            problem, seed=config.seed, effort=part.effort, progress=progress
        )
    else:
        duties = duties_of(problem, read_roster(published, config.timezone))
        solution, changes = repair(
            problem,
            duties,
            from_day=problem.horizon.day(repair_from),
            seed=config.seed,
            effort=part.effort,
        )
    violations = verify_roster(
        roster_table(problem, solution.duties),
        team,
        work,
        first=days.first,
        days=days.number,
        timezone=config.timezone,
        closed=[
            problem.horizon.date(day)
            for day in range(days.number)
            if day not in problem.open_days
        ],
    )
    service = None
    if simulated:
        service = service_of(
            requirement,
            forecast,
            cover_table(problem, solution.duties),
            rules,
            patience_s=patience_s,
            seed=config.seed,
        )
    return Rostered(
        problem,
        solution,
        forecast,
        rules.pools,
        config.clients,
        tuple(config.calendar(range(days.first.year, days.last.year + 1)).holidays),
        service,
        violations,
        supply_faults(problem),
        tuple(clash.text for clash in clashes(problem)),
        tuple(price.text for price in prices(problem, solution.duties)),
        (*_unanswered(problem), *_missed(service, rules.targets)),
        changes,
        repair_from,
    )


def _unanswered(problem: Problem) -> Iterator[str]:
    """Groups that no agent of the team answers."""
    answered = {group for agent in problem.agents for group in agent.groups}
    for group in problem.need.groups:
        if group not in answered:
            yield f"{group}: no agent answers it"


def _missed(service: pd.DataFrame | None, targets: Targets) -> Iterator[str]:
    """Months of a queue whose expected KPIs miss their targets."""
    if service is None:
        return
    is_month = service["period"].str.len() == len("2026-12")
    for row in service[is_month & (service["queue"] != ALL)].to_dict("records"):
        level, asa_s = row["rostered_service_level"], row["rostered_asa_s"]
        least, most_s = targets.service_level, targets.asa_s
        if least is not None and level < least:
            yield (
                f"{row['queue']} {row['period']}: service level {level:.1%}, at least "
                f"{least:.1%} is wanted"
            )
        if most_s is not None and asa_s > most_s:
            yield (
                f"{row['queue']} {row['period']}: average speed of answer {asa_s:,.1f} "
                f"s, at most {most_s:g} s is wanted"
            )
