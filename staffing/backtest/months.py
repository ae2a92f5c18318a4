"""Which past months can be planned again, and the history as it was when they ended."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd

from forecast.errors import ConfigError, Finding, TableError
from forecast.history import History
from forecast.intervals import month_span
from staffing.config import read_config
from staffing.config.values import check_month
from staffing.inputs import history_file, on_grid, read_rows

MOST_MONTHS = 12
"""Past months that are taken where none are named: a year."""


def past_months(
    history: History,
    where: str,
    least: int,
    first: str | None,
    last: str | None,
) -> list[str]:
    """
    The months to backtest, YYYY-MM, of those that have ``least`` days before them.

    Raises
    ------
    ConfigError
        The months asked for cannot be.
    TableError
        No month can be.
    """
    possible = possible_months(history, where, least)
    for option, month in (("--from", first), ("--to", last)):
        _check(option, month or possible[0])
        if (month or possible[0]) not in possible:
            raise ConfigError(
                f"{option}: {month} cannot be forecast and scored: {where} has the "
                f"whole months {possible[0]} to {possible[-1]} with {least} days of "
                "history before them."
            )
    months = [month for month in possible if month <= (last or month)]
    months = [month for month in months if month >= (first or months[-MOST_MONTHS:][0])]
    if not months:
        raise ConfigError(f"--from: {first} is after --to, which is {last}.")
    return months


def last_month(config_path: Path, asked: str | None = None) -> str:
    """
    The month in which a backtest ends, YYYY-MM: as asked, or the last whole one.

    Raises
    ------
    ConfigError
        The configuration or the month is wrong.
    TableError
        The history is wrong, or has no whole month.
    """
    if asked is not None:
        _check("--to", asked)
        return asked
    config = read_config(config_path)
    path = history_file(config, config_path.parent)
    rows = read_rows(config, path)
    end = rows.frame["interval_start"].max().date()
    return possible_months(on_grid(config, rows, end, path.name), path.name, 0)[-1]


def _check(option: str, month: str) -> None:
    try:
        check_month(month)
    except ValueError as error:
        raise ConfigError(f"{option}: {error}.") from error


def possible_months(history: History, where: str, least: int) -> list[str]:
    """Calendar months that the history has whole, with so many days before each."""
    known = history.frame.loc[history.frame["offered"].notna(), "interval_start"]
    if known.empty:
        rule = "no queue has a known interval inside its opening hours"
        raise TableError([Finding(where, rule, (), 1, "Correct [hours].")])
    start = known.min().tz_localize(None).normalize() + pd.Timedelta(days=least)
    months = [
        str(month)
        for month in pd.period_range(start, history.end.tz_localize(None), freq="M")
        if month.start_time >= start and _is_whole(history, str(month))
    ]
    if not months:
        days = f"{least} days of history and then " if least else ""
        rule = (
            f"a backtest needs {days}a whole calendar month, but there are "
            f"{known.min().date()} to {known.max().date()}"
        )
        raise TableError([Finding(where, rule, (), 1, "Add earlier rows.")])
    return months


def _is_whole(history: History, month: str) -> bool:
    """Whether no queue is open in the month after the history has ended."""
    return not any(
        (
            history.calendar.open_intervals(queue, *month_span(month)) >= history.end
        ).any()
        for queue in history.queues
    )


def until(history: History, month: str) -> History:
    """The history as it was when a month had ended."""
    day_after = month_span(month)[1] + dt.timedelta(days=1)
    after = pd.Timestamp(day_after, tz=history.calendar.zone)
    frame = history.frame[history.frame["interval_start"] < after]
    return replace(history, frame=frame, end=min(history.end, after).as_unit("s"))
