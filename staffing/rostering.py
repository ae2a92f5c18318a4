"""A roster from any staffing.csv, and a roster checked: steps beside the plan's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.errors import ConfigError, Finding, TableError
from staffing.config import Config, read_staffed_config
from staffing.month import Clock
from staffing.plan import Source, cost, fingerprint, hashes, versions
from staffing.progress import Progress
from staffing.roster.month import Days, Rostered, read_work, roster_days
from staffing.roster.staffing_file import read_staffing
from staffing.roster.table import read_roster
from staffing.roster.verify import Violation, verify_roster


@dataclass(frozen=True)
class StaffingRoster:
    """A roster of its own, without a plan: what it was made from, and its month."""

    month: str
    rostered: Rostered
    repair_from: dt.date | None
    sources: tuple[Source, ...]
    parameters: Mapping[str, Any]
    timings_s: Mapping[str, float]

    def manifest(self, outputs: Mapping[str, bytes]) -> dict[str, Any]:
        """All that is needed to know what was run, on what, with what result."""
        return {
            "fingerprint": _fingerprint(self.sources, self.repair_from),
            "versions": versions(),
            "sources": {source.name: source.sha256 for source in self.sources},
            "month": self.month,
            "parameters": dict(self.parameters),
            "repair_from": self.repair_from and self.repair_from.isoformat(),
            "roster": self.rostered.facts(),
            **cost(self.timings_s),
            "exit_code": self.rostered.exit_code,
            "outputs": hashes(outputs),
        }


def roster_planned(
    config_path: Path,
    staffing: Path,
    *,
    published: Path | None = None,
    repair_from: dt.date | None = None,
) -> tuple[str, str]:
    """
    The month of a roster, YYYY-MM, and its fingerprint: the same one, the same roster.

    Takes and raises what :func:`roster_staffing` does.
    """
    config = read_staffed_config(config_path)
    config.roster_part()
    days = _days(_staffed(config, staffing), repair_from)
    sources = _sources(config, config_path, staffing, published)
    return f"{days.first:%Y-%m}", _fingerprint(sources, repair_from)


def _fingerprint(sources: Iterable[Source], repair_from: dt.date | None) -> str:
    return fingerprint(f"roster from {repair_from}", sources)


def _days(requirement: pd.DataFrame, repair_from: dt.date | None) -> Days:
    days = Days.of(requirement["interval_start"])
    if repair_from is not None and not days.first <= repair_from <= days.last:
        raise ConfigError(
            f"--from must be a day of the roster, {days.first} to {days.last}, but is "
            f"{repair_from}."
        )
    return days


def _sources(
    config: Config, config_path: Path, staffing: Path, published: Path | None
) -> tuple[Source, ...]:
    named = [config_path.parent / name for name in config.roster_part().files()]
    paths = (config_path, *named, staffing, published)
    return tuple(Source.read(path) for path in paths if path is not None)


def _staffed(config: Config, staffing: Path) -> pd.DataFrame:
    return read_staffing(
        staffing,
        timezone=config.timezone,
        interval_s=config.interval_s,
        shrinkage=config.rules({}, {}).shrinkage,
    )


def roster_staffing(
    config_path: Path,
    staffing: Path,
    *,
    published: Path | None = None,
    repair_from: dt.date | None = None,
    progress: Progress | None = None,
) -> StaffingRoster:
    """
    Roster the team of a plan.toml for the days of a staffing.csv.

    A group of the file is rostered, and simulated, as one queue; it is not simulated
    without its calls, nor with patience_s = "estimate", which needs a history.
    ``published`` and ``repair_from`` are as in
    :func:`staffing.roster.month.roster_days`.

    Raises
    ------
    ConfigError
        The configuration is wrong, or has no [roster].
    TableError
        A file is wrong; every fault with its rows.
    """
    clock = Clock()
    config = read_staffed_config(config_path)
    config.roster_part()
    requirement = _staffed(config, staffing)
    days = _days(requirement, repair_from)
    sources = _sources(config, config_path, staffing, published)
    given = config.staffing.patience_s
    has_calls = {"offered", "aht_s"} <= set(requirement)
    calls = requirement if has_calls else requirement.assign(offered=1.0, aht_s=1.0)
    clock.stop("read")
    rostered = roster_days(
        config,
        config_path.parent,
        requirement,
        calls,
        replace(config.rules({}, {}), pools={}),
        days,
        patience_s=None if given == "estimate" else given,
        simulated=has_calls and given != "estimate",
        progress=progress,
        published=published,
        repair_from=repair_from,
    )
    clock.stop("roster")
    return StaffingRoster(
        month=f"{days.first:%Y-%m}",
        rostered=rostered,
        repair_from=repair_from,
        sources=sources,
        parameters=config.model_dump(mode="json", by_alias=True),
        timings_s=clock.seconds,
    )


def verify_file(config_path: Path, path: Path) -> tuple[Days, tuple[Violation, ...]]:
    """
    The days from a roster file's first shift to its last, and every rule broken there.

    Raises
    ------
    ConfigError
        The configuration is wrong, or has no [roster].
    TableError
        The roster cannot be read as one, or a file of the team is wrong.
    """
    config = read_staffed_config(config_path)
    config.roster_part()
    table = read_roster(path, config.timezone)
    if table.empty:
        raise TableError([Finding(path.name, "it must have rows, but has none", (), 0)])
    days = Days.of(table["start"])
    team, work = read_work(config, config_path.parent, None, days)
    found = verify_roster(
        table,
        team,
        work,
        first=days.first,
        days=days.number,
        timezone=config.timezone,
    )
    return days, found
