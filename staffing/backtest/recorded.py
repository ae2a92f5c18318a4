"""What was recorded, each file's rows by themselves: what plans are held against."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from forecast.engine import Engine, Serial
from forecast.errors import Finding
from forecast.history import History, hole_findings
from forecast.intervals import Calendar
from staffing.config import Config
from staffing.inputs import (
    Grid,
    before,
    grid_of,
    history_file,
    on_grid,
    unchanged,
    with_volumes,
)
from staffing.kpi import added_up, sums_of
from staffing.kpi.compare import PERIODS
from staffing.parts import Part, Parts, read_parts, shown
from staffing.plan import Source
from staffing.progress import Progress


@dataclass(frozen=True)
class Recorded:
    """
    A configuration and all of its history, in parts.

    ``grid`` is that of the whole, on which all ``queues`` have an interval, and
    ``end`` the end of its last; those with known calls start from ``begin`` to
    ``until`` (None: there are none). ``digests`` tell the rows until the end of each
    month, YYYY-MM, from others; ``sources`` are the files that were read.
    """

    config: Config
    parts: Parts
    grid: Grid
    queues: tuple[str, ...]
    begin: pd.Timestamp | None
    until: pd.Timestamp | None
    end: pd.Timestamp
    digests: Mapping[str, str]
    warnings: tuple[Finding, ...]
    sources: tuple[Source, ...]

    @property
    def where(self) -> str:
        """What the history is called in messages."""
        return self.parts.where

    @property
    def calendar(self) -> Calendar:
        """Opening hours, holidays and events."""
        return self.grid.calendar


class RecordedPart(NamedTuple):
    """The same of one file."""

    queues: list[str]
    known: list[pd.Timestamp]  # where calls are: the first start and the last
    digests: list[str]
    warnings: tuple[Finding, ...]


def read_recorded(
    config: Config,
    config_path: Path,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Recorded:
    """
    Read the history of a configuration, and the volumes that it names.

    Raises
    ------
    ConfigError
        The configuration names queues that the history lacks.
    TableError
        The history is wrong, or changes while it is read.
    """
    engine = engine or Serial()
    path = history_file(config, config_path.parent)
    with unchanged(config, config_path) as sources:
        parts = read_parts(config, path, engine, progress)
        survey = parts.survey
        config = with_volumes(config, config_path.parent, {*survey.queues})
    grid = grid_of(config, survey, survey.last.date())
    end = survey.last + pd.Timedelta(seconds=config.interval_s)
    ends = survey.days.index.min(), end.tz_localize(None)
    months = [*map(str, pd.period_range(*ends, freq="M"))]
    found = [
        *parts.each(engine, recorded_part, config, grid, months, progress=progress)
    ]
    digests = zip(*(part.digests for part in found), strict=True)
    known = [start for part in found for start in part.known]
    warnings = [warning for part in found for warning in part.warnings]
    return Recorded(
        config,
        parts,
        grid,
        queues=tuple(sorted(queue for part in found for queue in part.queues)),
        begin=min(known, default=None),
        until=max(known, default=None),
        end=end,
        digests=dict(zip(months, map(" ".join, digests), strict=True)),
        warnings=(*warnings, *hole_findings(grid.extent.holes, path.name)),
        sources=sources,
    )


def recorded_part(
    part: Part, config: Config, grid: Grid, months: Sequence[str]
) -> RecordedPart:
    """What a file has recorded; for an engine."""
    history = history_of(part, config, grid)
    known = history.frame.loc[history.frame["offered"].notna(), "interval_start"]
    return RecordedPart(
        history.queues,
        [] if known.empty else [known.min(), known.max()],
        [*_digests(part.reading(config.timezone).frame, months)],
        shown(history.warnings),
    )


def _digests(rows: pd.DataFrame, months: Sequence[str]) -> Iterator[str]:
    """What rows are known by: those until the end of each month."""
    local = rows["interval_start"].dt.tz_localize(None)
    digests = pd.util.hash_pandas_object(rows).to_numpy()
    for month in months:
        seen = digests[(local <= pd.Period(month, "M").end_time).to_numpy()]
        yield hashlib.sha256(f"{list(rows)}".encode() + seen.tobytes()).hexdigest()


def history_of(
    part: Part, config: Config, grid: Grid, last: dt.date | None = None
) -> History:
    """A file's rows on the grid; with ``last``, those until this date."""
    reading = part.reading(config.timezone)
    if last is not None:
        reading = before(reading, last + dt.timedelta(days=1), part.name)
    return on_grid(config, reading, grid.extent.last.date(), part.name, grid)


def month_of(past: Recorded, span: tuple[dt.date, dt.date], engine: Engine) -> History:
    """What came from a first to a last date, by the rows until then."""
    after = span[1] + dt.timedelta(days=1)
    survey = past.parts.survey.before(after)
    grid = grid_of(past.config, survey, span[1])
    names = past.parts.names_before(after)
    found = past.parts.each(engine, month_part, past.config, grid, span, names=names)
    return History(
        pd.concat(found, ignore_index=True), past.end, grid.calendar, warnings=()
    )


def month_part(
    part: Part, config: Config, grid: Grid, span: tuple[dt.date, dt.date]
) -> pd.DataFrame:
    """The same of one file; for an engine."""
    rows = history_of(part, config, grid, span[1]).frame
    local = rows["interval_start"].dt.tz_localize(None)
    found: pd.DataFrame = rows[local >= pd.Timestamp(span[0])]
    return found


class Realised(NamedTuple):
    """
    queue, interval_start and the sums of what came, declared KPIs' too.

    ``rows`` are of the months that are looked at; ``months`` has those of every month
    until the last of them, added up (:func:`staffing.kpi.added_up`).
    """

    rows: pd.DataFrame
    months: pd.DataFrame


def realised_in(past: Recorded, months: Sequence[str], engine: Engine) -> Realised:
    """What came in these months, and in those before them."""
    found = past.parts.each(engine, realised_part, past.config, past.grid, months)
    return Realised(
        *(
            pd.concat(tables).sort_values("queue", kind="stable", ignore_index=True)
            for tables in zip(*found, strict=True)
        )
    )


def realised_part(
    part: Part, config: Config, grid: Grid, months: Sequence[str]
) -> Realised:
    """The same of one file; for an engine."""
    sums = realised_sums(history_of(part, config, grid), config)
    month = PERIODS["month"](sums["interval_start"])
    known = sums[sums["offered"].notna() & (month <= max(months))]
    return Realised(
        sums[month.isin(months)],
        added_up(known, [known["queue"], month[known.index]]),
    )


def realised_sums(history: History, config: Config) -> pd.DataFrame:
    """queue, interval_start and the sums of a history's rows, declared KPIs' too."""
    frame = history.frame
    sums = sums_of(frame, config.interval_s, config.declared())
    return pd.concat([frame[["queue", "interval_start"]], sums], axis="columns")
