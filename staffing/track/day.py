"""The running day against its plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecast.engine import Engine
from forecast.errors import Finding, TableError
from forecast.schema import FORECAST, TRACK, check_table
from staffing.config import read_staffed_config
from staffing.inputs import history_file, read_rows, sources_of, with_volumes
from staffing.known import known_before
from staffing.month import callers_patience, staff_month
from staffing.plan import Source, hashes, versions
from staffing.progress import Progress
from staffing.requirement import Rules, requirement_for
from staffing.requirement.chance import with_chance
from staffing.requirement.pools import pooled
from staffing.track.pool import KEYS, track_pool
from staffing.track.rest import QueueDay, queue_day
from staffing.track.today import Today, read_today


@dataclass(frozen=True)
class Tracked:
    """
    A running day, as it is known at a time.

    ``table`` is the table TRACK, of each pool and of the queues of groups, which have
    no agents of their own; ``planned`` is their forecast, and ``outlook`` has a row of
    each, as :func:`staffing.track.calls.outlook_row`. ``kpis`` has those of each pool
    by ``state``: "planned" and "so far"; "expected" of the whole day with the agents
    there, "corrected" with those needed in its rest.
    """

    today: Today
    table: pd.DataFrame
    planned: pd.DataFrame
    outlook: pd.DataFrame
    kpis: pd.DataFrame
    rules: Rules
    failed: Mapping[str, str]
    warnings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    parameters: Mapping[str, Any]

    @property
    def exit_code(self) -> int:
        """0, or 1 where a queue could not be planned."""
        return int(bool(self.failed))

    def manifest(self, outputs: Mapping[str, bytes]) -> dict[str, Any]:
        """All that is needed to know what was run, on what, with what result."""
        return {
            "versions": versions(),
            "sources": {source.name: source.sha256 for source in self.sources},
            "at": self.today.at.isoformat(),
            "parameters": dict(self.parameters),
            "queues": self.outlook.to_dict("records"),
            "kpis": self.kpis.to_dict("records"),
            "failed": dict(self.failed),
            "warnings": [str(warning) for warning in self.warnings],
            "exit_code": self.exit_code,
            "outputs": hashes(outputs),
        }


def track_day(
    config_path: Path,
    actual: Path,
    at: str | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> Tracked:
    """
    Hold a running day against its plan, and forecast and staff the rest of it again.

    Parameters
    ----------
    config_path : Path
        The plan.toml. The plan is that of the day's month, from before it began.
    actual : Path
        The day's intervals so far; rows to come may say who will be there.
    at : str, optional
        HH:MM, local time: what ended later is not looked at. By default all is.
    progress, engine
        As :func:`staffing.pipeline.plan_month` takes them.

    Raises
    ------
    ConfigError
        The configuration or ``at`` is wrong.
    TableError
        The history or the day's file is wrong.
    """
    config = read_staffed_config(config_path).model_copy(update={"months": 1})
    path = history_file(config, config_path.parent)
    reading = read_rows(config, path)
    config = with_volumes(config, config_path.parent, set(reading.frame["queue"]))
    queues = {*reading.frame["queue"], *config.like()}
    today = read_today(config, actual, queues, at)
    known = known_before(config, reading, f"{today.date:%Y-%m}", path.name)
    staffed = staff_month(config, known, progress=progress, engine=engine)
    made = [queue_day(forecast, known.history, today) for forecast in staffed.forecasts]
    days = {day.queue: day for day in made if day is not None}
    if not days:
        rule = f"no queue that is open on {today.date} could be planned"
        raise TableError([Finding(actual.name, rule, (), 0, *staffed.failed.values())])
    open_pools = {
        group: tuple(queue for queue in members if queue in days)
        for group, members in staffed.rules.pools.items()
    }
    rules = replace(staffed.rules, pools={g: m for g, m in open_pools.items() if m})
    needed = _on_date(needed_for(days, rules), today)
    if (risk := config.staffing.to_risk()) is not None:
        needed, _ = with_chance(needed, days, rules, risk, progress)
    planned = _on_date(staffed.requirement, today)
    answered = {
        str(pool): rules.pools.get(str(pool), (str(pool),))
        for pool in sorted(needed["queue"].unique())
    }
    patience_s = callers_patience(known.waits, answered, config)
    pools = [
        track_pool(
            pool,
            [days[queue] for queue in queues],
            planned[planned["queue"] == pool],
            needed[needed["queue"] == pool],
            today,
            rules,
            patience_s[pool],
        )
        for pool, queues in answered.items()
    ]
    forecast = _on_date(staffed.forecast, today)
    of_pools = pooled(forecast, rules.pools)
    table, outlook, kpis = (
        pd.concat(parts, ignore_index=True) for parts in zip(*pools, strict=True)
    )
    return Tracked(
        today=today,
        table=check_table(table, TRACK, "track.csv"),
        planned=pd.concat([forecast, of_pools]).drop_duplicates(KEYS),
        outlook=outlook,
        kpis=kpis,
        rules=rules,
        failed=staffed.failed,
        warnings=tuple(
            dict.fromkeys(
                (
                    *today.warnings,
                    *_unknown_so_far(days, today, actual.absolute().name),
                    *staffed.warnings,
                )
            )
        ),
        sources=(
            *sources_of(config, config_path),
            Source.of("actual", actual.read_bytes()),
        ),
        parameters=config.model_dump(mode="json", by_alias=True),
    )


def needed_for(days: Mapping[str, QueueDay], rules: Rules) -> pd.DataFrame:
    """
    The requirement of days as they are expected now.

    What came is in it too: its handle times reach into the intervals to come. Targets
    of a scope beyond the interval are asked of the day.
    """
    names = [column.name for column in FORECAST.columns]
    tables = [day.intervals[names] for day in days.values()]
    return requirement_for(pd.concat(tables, ignore_index=True), rules)


def _unknown_so_far(
    days: Mapping[str, QueueDay], today: Today, where: str
) -> list[Finding]:
    """The queues of whose day the file does not know the last intervals that ended."""
    findings = []
    for queue, day in days.items():
        ended = int((~day.ahead).sum())
        told = np.flatnonzero(~np.isnan(day.came[:ended]))
        first = int(told[-1]) + 1 if told.size else 0
        if first == ended:
            continue
        begin = day.planned["interval_start"].iloc[first]
        span = f"from {begin:%H:%M} to {today.at:%H:%M}: taken as expected now"
        if not told.size:
            span = f"before {today.at:%H:%M}: taken as planned"
        rule = f"the file has no rows of {queue} {span}"
        remedy = "Export the day again, or give an earlier --at."
        findings.append(Finding(where, rule, (), 1, remedy))
    return findings


def _on_date(table: pd.DataFrame, today: Today) -> pd.DataFrame:
    of_day: pd.DataFrame = table[table["interval_start"].dt.date == today.date]
    return of_day.reset_index(drop=True)
