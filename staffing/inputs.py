"""What is read: the history's rows, on their grid or until a month, and volumes."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from forecast.acd.generic import Reading
from forecast.acd.profiles import read_export
from forecast.errors import ConfigError, Finding, TableError
from forecast.extent import Extent, Survey
from forecast.history import History, complete_history
from forecast.intervals import Calendar
from forecast.tables import Form
from forecast.volumes import read_volumes
from staffing.config import Config, read_staffed_config
from staffing.config.values import check_month
from staffing.files import check_queues, check_whole_queues, history_files
from staffing.plan import Source


@dataclass(frozen=True)
class Past:
    """
    A configuration and the whole of its history.

    ``reading`` is the file's rows, ``history`` the same on their grid; ``sources`` are
    the files that were read, ``folder`` that of the configuration.
    """

    config: Config
    folder: Path
    reading: Reading
    history: History
    sources: tuple[Source, ...]

    @property
    def where(self) -> str:
        """What the history is called in messages."""
        return history_file(self.config, self.folder).name


def read_past(config_path: Path) -> Past:
    """
    Read a plan.toml and its history, to hold them against each other.

    Raises
    ------
    ConfigError
        The configuration is wrong, or its intervals are days.
    TableError
        The history is wrong.
    """
    config = read_staffed_config(config_path)
    path = history_file(config, config_path.parent)
    with unchanged(config, config_path) as sources:
        reading = read_rows(config, path)
        queues = set(reading.frame["queue"])
        config = with_volumes(config, config_path.parent, queues)
    end = reading.frame["interval_start"].max().date()
    return Past(
        config,
        config_path.parent,
        reading,
        on_grid(config, reading, end, path.name),
        sources,
    )


def history_file(config: Config, folder: Path) -> Path:
    """
    The history's file, or the folder of its files; ``folder`` is the configuration's.

    Raises as :func:`staffing.history_table.fetched`, where it is a table.
    """
    if config.url is not None and config.table is not None:
        from staffing.history_table import fetched  # loads SQLAlchemy

        return fetched(config.url, config.table, folder)
    return folder / str(config.history)


def sources_of(config: Config, config_path: Path) -> tuple[Source, ...]:
    """The configuration and the files that it names, as they are now."""
    names = [config.volumes.file]
    names += config.roster.files() if config.roster else []
    folder = config_path.parent
    paths = [folder / name for name in names if name is not None]
    history = history_files(history_file(config, folder))
    return tuple(Source.read(path) for path in (config_path, *history, *paths))


@contextmanager
def unchanged(config: Config, config_path: Path) -> Iterator[tuple[Source, ...]]:
    """
    The files of :func:`sources_of`, while they are read.

    Raises
    ------
    TableError
        One has changed meanwhile: nobody knows which of its rows were read.
    """
    before = sources_of(config, config_path)
    yield before
    check_unchanged(before, sources_of(config, config_path), config_path.name)


def check_unchanged(
    before: Iterable[Source], now: Iterable[Source], where: str
) -> None:
    """Refuse files that have changed; ``where`` is the configuration's name."""
    if changed := {*before} ^ {*now}:
        names = sorted({source.name for source in changed})
        rule = "files must stay as they are while they are read, but these did not"
        remedy = "Run again when nothing writes to them."
        raise TableError([Finding.of(where, rule, names, remedy)])


def read_file(config: Config, path: Path, form: Form) -> Reading:
    """
    A file in the config's zone, intervals and thresholds.

    Raises
    ------
    TableError
        The file is wrong; every fault with its rows.
    """
    return read_export(
        path,
        form,
        zone=ZoneInfo(config.timezone),
        interval_s=config.interval_s,
        queue=config.queue,
        threshold_s=config.to_targets().threshold_s,
    )


def read_rows(config: Config, path: Path) -> Reading:
    """
    The rows of a history, in the form that the config declares.

    Those of a folder are of all its files, and named "5 of b.csv".

    Raises
    ------
    ConfigError
        The configuration names queues that the history lacks.
    TableError
        A file is wrong; every fault of every file with its rows.
    """
    if os.path.isdir(path):
        reading = _read_files(config, path)
    else:
        reading = read_file(config, path, config.form())
    check_queues(config, set(reading.frame["queue"]), path.name)
    return reading


def _read_files(config: Config, folder: Path) -> Reading:
    """The rows of all files of a folder."""
    frames: dict[str, pd.DataFrame] = {}
    warnings: list[Finding] = []
    for name, reading in _each_file(config, folder):
        labels = [f"{row} of {name}" for row in reading.frame.index]
        frames[name] = reading.frame.set_axis(labels)
        warnings += reading.warnings
    found = {name: set(frame["queue"]) for name, frame in frames.items()}
    check_whole_queues(found, folder.name)
    return Reading(pd.concat(frames.values()), tuple(warnings))


def _each_file(config: Config, path: Path) -> Iterator[tuple[str, Reading]]:
    """The rows of one file of a history after the other; then all faults at once."""
    faults: list[Finding] = []
    for file in history_files(path):
        try:
            yield file.name, read_file(config, file, config.form())
        except TableError as error:
            faults += error.findings
    if faults:
        raise TableError(faults)


def with_volumes(config: Config, folder: Path, queues: set[str]) -> Config:
    """
    The configuration with the volumes of the file that it names, if any.

    ``queues`` are the history's.

    Raises
    ------
    TableError
        The file is wrong, or has queues that the history lacks.
    """
    if config.volumes.file is None:
        return config
    file = folder / config.volumes.file
    given = read_volumes(file, config.volumes_form(), queues | {*config.like()})
    return config.model_copy(update={"volumes": config.volumes.with_file(given)})


def month_planned(
    config_path: Path, month: str | None = None
) -> tuple[str, tuple[Source, ...]]:
    """
    The first month of a plan, YYYY-MM, and the files that it is made from.

    ``month`` goes before the configuration's; by default it is the one after the
    history.

    Raises
    ------
    ConfigError
        The configuration or the month is wrong.
    TableError
        The history is wrong or cannot be read.
    """
    config = read_staffed_config(config_path)
    check_asked(month)
    month = month or config.month
    if month is None:
        path = history_file(config, config_path.parent)
        ends = (
            reading.frame["interval_start"].max()
            for _, reading in _each_file(config, path)
        )
        month = month_after(max(ends))
    return month, sources_of(config, config_path)


def check_asked(month: str | None) -> None:
    """Refuse a month that is none."""
    if month is not None:
        try:
            check_month(month)
        except ValueError as error:
            raise ConfigError(f"--month: {error}.") from error


class Grid(NamedTuple):
    """What rows are put on: the calendar, and how far the whole history reaches."""

    calendar: Calendar
    extent: Extent


def grid_of(config: Config, survey: Survey, last: dt.date) -> Grid:
    """The grid of all rows surveyed, with a calendar that reaches to ``last``."""
    days = survey.days.index
    calendar = _calendar(config, days.min().year, days.max().year, last)
    return Grid(calendar, survey.extent(calendar, config.rows.absent_rows))


def on_grid(
    config: Config,
    reading: Reading,
    last: dt.date,
    where: str,
    grid: Grid | None = None,
) -> History:
    """
    Rows on the grid of a calendar that reaches to ``last`` at least.

    ``grid`` is that of the whole history, where they are a part of it.
    """
    start = reading.frame["interval_start"]
    years = start.min().year, start.max().year
    history = complete_history(
        reading.frame,
        grid.calendar if grid else _calendar(config, *years, last),
        absent_rows=config.rows.absent_rows,
        where=where,
        extent=grid.extent if grid else None,
    )
    return replace(history, warnings=(*reading.warnings, *history.warnings))


def _calendar(config: Config, first: int, end: int, last: dt.date) -> Calendar:
    """From the year before the first one, to that after the end's and the last's."""
    return config.calendar(range(first - 1, max(end, last.year) + 2))


def month_after(last: pd.Timestamp) -> str:
    """The month after the one in which the last row begins, YYYY-MM."""
    return str(pd.Period(f"{last:%Y-%m}", freq="M") + 1)


def before(reading: Reading, first: dt.date, where: str) -> Reading:
    """What was known when the first date of the plan began."""
    local = reading.frame["interval_start"].dt.tz_localize(None)
    rows = reading.frame[local < pd.Timestamp(first)]
    if rows.empty:
        raise nothing_before(first, where)
    return replace(reading, frame=rows)


def nothing_before(first: dt.date, where: str) -> TableError:
    """What is said where nothing is known when the plan begins."""
    rule = f"there are no rows before {first}, when the plan begins"
    return TableError([Finding(where, rule, (), 0, "Plan a later month.")])
