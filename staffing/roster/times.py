"""Local times and the time that passes between them; breaks as text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import lru_cache
from zoneinfo import ZoneInfo

import pandas as pd
from pandas.api.typing import NaTType

TIME = r"(\d\d):(\d\d)([+-]\d\d:\d\d)?"
BREAK = re.compile(f"{TIME}-{TIME}", re.ASCII)

Span = tuple[pd.Timestamp, pd.Timestamp]
"""From and until."""


@lru_cache(maxsize=10_000)
def at_clock(date: dt.date, minute: int, zone: ZoneInfo) -> pd.Timestamp:
    """
    When the local clock shows so many minutes after a date's midnight.

    A time that clocks skip is the first after it; one that comes twice, the first.
    """
    clock = pd.Timestamp(date) + pd.Timedelta(minutes=minute)
    return clock.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")


def minutes(start: pd.Timestamp, end: pd.Timestamp) -> float:
    """The time that passes, on days of a clock change too. [min]"""
    return (end.timestamp() - start.timestamp()) / 60.0


def write_breaks(spans: Iterable[Span]) -> str:
    """
    Breaks as "10:15-10:30;13:00-13:30", in local time.

    The second time of an hour that comes twice has its offset: "02:15+01:00".
    """
    return ";".join("-".join(map(_clock, span)) for span in spans)


def _clock(time: pd.Timestamp) -> str:
    offset = time.isoformat()[-6:] if time.fold else ""
    return f"{time:%H:%M}{offset}"


def read_breaks(text: str, start: pd.Timestamp, end: pd.Timestamp) -> tuple[Span, ...]:
    """
    The breaks of a shift, from its text and its zone-aware start and end.

    Raises
    ------
    ValueError
        The text cannot be read, or the breaks are not one after the other within the
        shift.
    """
    spans: list[Span] = []
    at = start
    for part in text.split(";") if text else ():
        match = BREAK.fullmatch(part.strip())
        if match is None:
            raise ValueError(f'{part!r} is not a break: write "10:15-10:30"')
        first = _next(at, *match.group(1, 2, 3))
        after = _next(first, *match.group(4, 5, 6))
        if not at <= first < after <= end:
            raise ValueError(
                f"break {part} is not within the shift, after the one before it"
            )
        spans.append((first, after))
        at = after
    return tuple(spans)


def _next(
    since: pd.Timestamp, hour: str, minute: str, offset: str | None
) -> pd.Timestamp:
    """The first time from an instant on at which the clock shows so much."""
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError(f"{hour}:{minute} is not a time")
    for days in (0, 1):
        date = since.date() + dt.timedelta(days)
        time = _at_clock(f"{date} {hour}:{minute}{offset or ''}", str(since.tz))
        if isinstance(time, pd.Timestamp) and time >= since:
            return time
    raise ValueError(f"{hour}:{minute} is not a time of that night")


@lru_cache(maxsize=10_000)
def _at_clock(text: str, timezone: str) -> pd.Timestamp | NaTType:
    """A local time, the first of two; NaT where the clocks skip it."""
    time = pd.Timestamp(text)
    if time.tz is not None:
        return time.tz_convert(timezone)
    return time.tz_localize(timezone, ambiguous=True, nonexistent="NaT")
