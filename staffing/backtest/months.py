"""Which past months can be planned again."""

from __future__ import annotations

import pandas as pd

from forecast.errors import ConfigError, Finding, TableError
from forecast.intervals import month_span
from staffing.backtest.recorded import Recorded
from staffing.config.values import check_month

MOST_MONTHS = 12
"""Past months that are taken where none are named: a year."""


def past_months(
    past: Recorded, least: int, first: str | None, last: str | None
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
    possible = possible_months(past, least)
    for option, month in (("--from", first), ("--to", last)):
        if checked_month(option, month or possible[0]) not in possible:
            raise ConfigError(
                f"{option}: {month} cannot be forecast and scored: {past.where} has "
                f"the whole months {possible[0]} to {possible[-1]} with {least} days "
                "of history before them."
            )
    months = [month for month in possible if month <= (last or month)]
    months = [month for month in months if month >= (first or months[-MOST_MONTHS:][0])]
    if not months:
        raise ConfigError(f"--from: {first} is after --to, which is {last}.")
    return months


def last_month(past: Recorded) -> str:
    """
    The last whole month, YYYY-MM, in which a backtest ends if not told otherwise.

    Raises
    ------
    TableError
        There is none.
    """
    return possible_months(past, 0)[-1]


def checked_month(option: str, month: str) -> str:
    """A month, YYYY-MM, as an option has it; ConfigError where it is none."""
    try:
        return check_month(month)
    except ValueError as error:
        raise ConfigError(f"{option}: {error}.") from error


def possible_months(past: Recorded, least: int) -> list[str]:
    """Calendar months that the history has whole, with so many days before each."""
    if past.begin is None or past.until is None:
        rule = "no queue has a known interval inside its opening hours"
        raise TableError([Finding(past.where, rule, (), 1, "Correct [hours].")])
    start = past.begin.tz_localize(None).normalize() + pd.Timedelta(days=least)
    months = [
        str(month)
        for month in pd.period_range(start, past.end.tz_localize(None), freq="M")
        if month.start_time >= start and _is_whole(past, str(month))
    ]
    if not months:
        days = f"{least} days of history and then " if least else ""
        rule = (
            f"a backtest needs {days}a whole calendar month, but there are "
            f"{past.begin.date()} to {past.until.date()}"
        )
        raise TableError([Finding(past.where, rule, (), 1, "Add earlier rows.")])
    return months


def _is_whole(past: Recorded, month: str) -> bool:
    """Whether no queue is open in the month after the history has ended."""
    return not any(
        (past.calendar.open_intervals(queue, *month_span(month)) >= past.end).any()
        for queue in past.queues
    )
