"""A roster from any staffing.csv, and a roster checked: steps beside the plan's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from forecast.errors import ConfigError, Finding, TableError
from staffing.config import read_staffed_config
from staffing.plan import Source, hashes, versions
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
    sources: tuple[Source, ...]
    parameters: Mapping[str, Any]

    def manifest(self, outputs: Mapping[str, bytes]) -> dict[str, Any]:
        """All that is needed to know what was run, on what, with what result."""
        return {
            "versions": versions(),
            "sources": {source.name: source.sha256 for source in self.sources},
            "month": self.month,
            "parameters": dict(self.parameters),
            "roster": self.rostered.facts(),
            "exit_code": self.rostered.exit_code,
            "outputs": hashes(outputs),
        }


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
    config = read_staffed_config(config_path)
    config.roster_part()
    rules = config.rules({}, {})
    requirement = read_staffing(
        staffing,
        timezone=config.timezone,
        interval_s=config.interval_s,
        shrinkage=rules.shrinkage,
    )
    days = Days.of(requirement["interval_start"])
    if repair_from is not None and not days.first <= repair_from <= days.last:
        raise ConfigError(
            f"--from must be a day of the roster, {days.first} to {days.last}, but is "
            f"{repair_from}."
        )
    given = config.staffing.patience_s
    has_calls = {"offered", "aht_s"} <= set(requirement)
    calls = requirement if has_calls else requirement.assign(offered=1.0, aht_s=1.0)
    rostered = roster_days(
        config,
        config_path.parent,
        requirement,
        calls,
        replace(rules, pools={}),
        days,
        patience_s=None if given == "estimate" else given,
        simulated=has_calls and given != "estimate",
        progress=progress,
        published=published,
        repair_from=repair_from,
    )
    part = config.roster_part()
    files = [config_path, *(config_path.parent / name for name in part.files())]
    files += [path for path in (staffing, published) if path is not None]
    return StaffingRoster(
        f"{days.first:%Y-%m}",
        rostered,
        tuple(Source.of(path.name, path.read_bytes()) for path in files),
        config.model_dump(mode="json", by_alias=True),
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
