"""The values of plan.toml: numbers, times and hours, each refused where it is wrong."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from forecast.acd.profiles import PROFILES
from forecast.intervals import DAY_MIN, OpeningHours
from staffing.shrinkage import Component, minutes_of_week

Share = Annotated[float, Field(gt=0, lt=1)]
Fraction = Annotated[float, Field(ge=0, lt=1)]
Factor = Annotated[float, Field(gt=0, le=100)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Agents = Annotated[int, Field(ge=0, le=1_000_000)]
Interval = Literal[900, 1800, 3600, 86400]
DAY_S = 86_400
"""The interval of a daily series. [s]"""
"""A day's can be forecast, but not staffed."""


class FaultAt(ValueError):
    """What is wrong with a key below the table that is being checked."""

    def __init__(self, keys: Sequence[str], message: str) -> None:
        super().__init__(message)
        self.keys = tuple(keys)


def check_zone(name: str) -> str:
    """A time zone's IANA name, or ValueError."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f'{name!r} is not a time zone: write its IANA name, such as "Europe/Rome"'
        ) from error
    return name


def check_profile(name: str) -> str:
    """The name of an export's profile, or ValueError."""
    if name not in PROFILES:
        raise ValueError(f"{name!r} is not a profile: {', '.join(PROFILES)}")
    return name


def check_month(text: str) -> str:
    """A month as YYYY-MM, or ValueError."""
    if not re.fullmatch(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])", text):
        raise ValueError(f'{text!r} is not a month: write "2026-12"')
    return text


def _hours(table: dict[str, Any]) -> dict[str, Any]:
    try:
        OpeningHours.parse(table)
    except ValueError:
        for days in table:
            try:
                minutes_of(table, days)
            except ValueError as error:
                raise FaultAt([days], str(error)) from error
        raise
    return table


def minutes_of(table: dict[str, Any], days: str) -> list[int]:
    """Minutes after midnight at which these days' hours start or end; [] is closed."""
    spans = table[days]
    return sorted(OpeningHours.parse({days: spans}).minutes()) if spans != [] else []


def ends_of(when: str) -> list[int]:
    """Minutes after midnight at which "mon-fri 12:00-14:00" begins and ends."""
    minutes = minutes_of_week(when)
    return [int(minutes[0]) % DAY_MIN, int(minutes[-1] + 1) % DAY_MIN]


def _away_at(table: dict[str, float]) -> dict[str, float]:
    for when in table:
        try:
            minutes_of_week(when)
        except ValueError as error:
            raise FaultAt([when], str(error)) from error
    _ = Component(0.0, at=table).week  # refuses what is given twice
    return table


def _patience(value: Any) -> Any:
    """Seconds, or to be estimated: one message for both."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if value == "estimate" or (is_number and 0 < value <= DAY_S):
        return value
    raise ValueError(
        f'must be a number of seconds above 0 and at most {DAY_S}, or "estimate", but '
        f"is {value!r}"
    )


def _date(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f'{value!r} is not a date: write "2026-12-03"') from error


PatienceS = Annotated[float | Literal["estimate"], BeforeValidator(_patience)]
Zone = Annotated[str, AfterValidator(check_zone)]
Month = Annotated[str, AfterValidator(check_month)]
Profile = Annotated[str, AfterValidator(check_profile)]
Hours = Annotated[dict[str, Any], AfterValidator(_hours)]
AwayAt = Annotated[dict[str, Fraction], AfterValidator(_away_at)]
Date = Annotated[
    dt.date,
    Field(ge=dt.date(1970, 1, 1), le=dt.date(2199, 12, 31)),
    BeforeValidator(_date),
]
