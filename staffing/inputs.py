"""What is read: the history's rows, on their grid or until a month, and volumes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from forecast.acd.generic import Reading
from forecast.acd.profiles import read_export
from forecast.errors import ConfigError, Finding, TableError, unreadable
from forecast.history import History, complete_history
from forecast.tables import Form
from forecast.volumes import read_volumes
from staffing.config import Config, read_staffed_config
from staffing.config.values import check_month
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
    reading = read_rows(config, path)
    config = with_volumes(config, config_path.parent, reading)
    end = reading.frame["interval_start"].max().date()
    return Past(
        config,
        config_path.parent,
        reading,
        on_grid(config, reading, end, path.name),
        sources_of(config, config_path),
    )


def history_file(config: Config, folder: Path) -> Path:
    """
    The history, as a file; ``folder`` is that of the configuration.

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
    return tuple(
        Source.of(path.name, _bytes(path))
        for path in (config_path, history_file(config, folder), *paths)
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


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
    The rows of a history file, in the form that the config declares.

    Raises
    ------
    ConfigError
        The configuration names queues that the file lacks.
    TableError
        The file is wrong; every fault with its rows.
    """
    reading = read_file(config, path, config.form())
    queues = set(reading.frame["queue"])
    like = config.like()
    named = (set(config.queues) - set(config.groups)).union(
        *(event.queues for event in config.events),
        *config.groups.values(),
        *config.clients.values(),
        config.volumes.given,
    )
    named = named - set(like) | {other for other, _ in like.values()}
    for key, names in (("groups", config.groups), ("clients", config.clients)):
        if both := queues & set(names):
            raise ConfigError(
                f"[{key}]: {', '.join(sorted(both))} is a queue of {path.name} as "
                "well. Give it another name."
            )
    if named - queues:
        raise ConfigError(
            f"the config names queues that {path.name} does not have: "
            f"{', '.join(sorted(named - queues))}; it has {', '.join(sorted(queues))}. "
            'Correct the names; a queue without history needs like = "…".'
        )
    return reading


def with_volumes(config: Config, folder: Path, reading: Reading) -> Config:
    """
    The configuration with the volumes of the file that it names, if any.

    Raises
    ------
    TableError
        The file is wrong, or has queues that the history lacks.
    """
    if config.volumes.file is None:
        return config
    queues = {*reading.frame["queue"], *config.like()}
    given = read_volumes(folder / config.volumes.file, config.volumes_form(), queues)
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
        month = month_after(read_rows(config, path).frame)
    return month, sources_of(config, config_path)


def check_asked(month: str | None) -> None:
    """Refuse a month that is none."""
    if month is not None:
        try:
            check_month(month)
        except ValueError as error:
            raise ConfigError(f"--month: {error}.") from error


def on_grid(config: Config, reading: Reading, last: dt.date, where: str) -> History:
    """Rows on the grid of a calendar that reaches to ``last`` at least."""
    start = reading.frame["interval_start"]
    years = range(start.min().year - 1, max(start.max().year, last.year) + 2)
    history = complete_history(
        reading.frame,
        config.calendar(years),
        absent_rows=config.rows.absent_rows,
        where=where,
    )
    return replace(history, warnings=(*reading.warnings, *history.warnings))


def month_after(rows: pd.DataFrame) -> str:
    """The month after the one in which the rows end, YYYY-MM."""
    return str(pd.Period(f"{rows['interval_start'].max():%Y-%m}", freq="M") + 1)


def before(reading: Reading, first: dt.date, where: str) -> Reading:
    """What was known when the first date of the plan began."""
    local = reading.frame["interval_start"].dt.tz_localize(None)
    rows = reading.frame[local < pd.Timestamp(first)]
    if rows.empty:
        rule = f"there are no rows before {first}, when the plan begins"
        raise TableError([Finding(where, rule, (), 0, "Plan a later month.")])
    return replace(reading, frame=rows)
