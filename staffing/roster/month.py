"""A roster of some days: its files → problem → solution, checked and simulated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from forecast.intervals import month_span
from staffing.config import Config
from staffing.patience import OfPools
from staffing.progress import Progress
from staffing.requirement import Rules
from staffing.requirement.pools import Pools
from staffing.roster.clashes import clashes
from staffing.roster.explain import supply_faults
from staffing.roster.prices import prices
from staffing.roster.problem import Problem, Solution
from staffing.roster.read import problem_of, read_team
from staffing.roster.repair import Change, repair
from staffing.roster.rules import Rules as WorkRules
from staffing.roster.rules_file import read_rules
from staffing.roster.service import service_of
from staffing.roster.solve import solve_roster
from staffing.roster.table import cover_table, duties_of, read_roster, roster_table
from staffing.roster.team import Team
from staffing.roster.verify import Violation, verify_roster


@dataclass(frozen=True)
class Days:
    """The days of a roster, first and last included."""

    first: dt.date
    last: dt.date

    @classmethod
    def of(cls, times: pd.Series) -> Days:
        """The whole months that times lie in, by their local dates."""
        months = times.dt.strftime("%Y-%m")
        return cls(month_span(months.min())[0], month_span(months.max())[1])

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
    is what :func:`staffing.roster.service.service_of` gives, None where the calls are
    not known. ``faults`` say what of the whole cannot work, ``clashes`` what of single
    people, and ``prices`` what would help most, a sentence each; ``changes`` are
    those of a repair.
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
    changes: tuple[Change, ...] | None = None

    @property
    def exit_code(self) -> int:
        """1 where a rule is broken, or something was not kept."""
        return int(bool(self.violations or self.solution.unkept))


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
    return team, read_rules(part.rules, folder)


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
        changes,
    )
