"""
The interval grid, time zones, opening hours, holidays and events.

Intervals are half-open, named by their start and steps of absolute time: a
day of Europe/Rome has 46, 48 or 50 half-hours. Opening hours are clock times;
a span that ends after 24:00 belongs to the day on which it starts.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from zoneinfo import ZoneInfo

import holidays as holiday_library
import numpy as np
import pandas as pd
from numpy.typing import NDArray

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN = 24 * 60

type_span = tuple[int, int]
"""Start and end in minutes after local midnight; the end may exceed a day."""


@dataclass(frozen=True)
class Event:
    """
    Days that the planner knows to be different, alike each time.

    ``days`` > 1: the event goes on for that many working days (Monday to
    Friday, no holidays) from each date, each with an effect of its own.
    ``queues`` empty: all queues. ``effect``: what each of the days multiplies the
    contacts by, as declared; empty: it is learnt.
    """

    name: str
    dates: tuple[dt.date, ...]
    days: int = 1
    queues: tuple[str, ...] = ()
    effect: tuple[float, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """What each of its days is called."""
        if self.days == 1:
            return (self.name,)
        return tuple(f"{self.name}, day {n}" for n in range(1, self.days + 1))

    def concerns(self, queue: str) -> bool:
        """Whether it is an event of this queue."""
        return not self.queues or queue in self.queues


@dataclass(frozen=True)
class OpeningHours:
    """Spans of minutes after midnight for each weekday, Monday first."""

    spans: tuple[tuple[type_span, ...], ...]

    @classmethod
    def parse(cls, table: Mapping[str, str | list[str]]) -> OpeningHours:
        """
        Read ``{"mon-fri": "08:00-20:00", "sat": ["08:00-12:00", "14:00-18:00"]}``.

        Days that are not named are closed. ``"00:00-24:00"`` is the whole day;
        ``"22:00-06:00"`` ends on the next day.

        Raises
        ------
        ValueError
            A day or a time that cannot be read, a day named twice, or spans of
            one day that overlap; the message says which.
        """
        spans: list[tuple[type_span, ...] | None] = [None] * 7
        for days, texts in table.items():
            for day in _parse_days(days):
                if spans[day] is not None:
                    raise ValueError(f"{WEEKDAYS[day]} is given twice")
                listed = texts if isinstance(texts, list) else [texts]
                spans[day] = _parse_spans(listed)
        hours = cls(tuple(day or () for day in spans))
        hours._check_overlaps()
        return hours

    def _check_overlaps(self) -> None:
        week = sorted(
            (start + day * DAY_MIN, end + day * DAY_MIN)
            for day, spans in enumerate(self.spans)
            for start, end in spans
        )
        if not week:
            raise ValueError("no day is open")
        wrapped = [*week, (week[0][0] + 7 * DAY_MIN, 0)]
        for (_, end), (start, _) in zip(week, wrapped[1:], strict=True):
            if start < end:
                day, minute = divmod(start % (7 * DAY_MIN), DAY_MIN)
                raise ValueError(
                    f"the span of {WEEKDAYS[day]} {minute // 60:02d}:{minute % 60:02d} "
                    "begins before the one before it has ended"
                )

    def full_days(self) -> tuple[bool, ...]:
        """Whether each weekday is open for more than half of the longest one."""
        minutes = [sum(end - start for start, end in day) for day in self.spans]
        return tuple(open_min > max(minutes) / 2 for open_min in minutes)

    def minutes(self) -> set[int]:
        """Every minute of the day at which some span starts or ends."""
        return {m % DAY_MIN for spans in self.spans for span in spans for m in span}


def _parse_days(text: str) -> list[int]:
    days: list[int] = []
    for part in text.lower().split(","):
        first, _, last = part.strip().partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            raise ValueError(
                f'{text!r} is not a day: write "mon", "mon-fri" or "mon,wed" '
                f"({', '.join(WEEKDAYS)})"
            )
        i, j = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        days += [k % 7 for k in range(i, j + 1 if j >= i else j + 8)]
    return days


def _parse_spans(texts: Sequence[str]) -> tuple[type_span, ...]:
    spans = []
    for text in texts:
        match = re.fullmatch(
            r"\s*(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)\s*", str(text), re.ASCII
        )
        if match is None:
            raise ValueError(f'{text!r} is not a span of hours: write "08:00-20:00"')
        h1, m1, h2, m2 = (int(group) for group in match.groups())
        start, end = h1 * 60 + m1, h2 * 60 + m2
        if m1 > 59 or m2 > 59 or start >= DAY_MIN or end > DAY_MIN or start == end:
            raise ValueError(f"{text!r}: times run from 00:00 to 24:00 and must differ")
        spans.append((start, end if end > start else end + DAY_MIN))
    return tuple(spans)


def holidays_for(
    country: str, site: str | None, years: Iterable[int]
) -> dict[dt.date, str]:
    """
    Public holidays by date, with the site's own (a province's patron saint).

    Raises
    ------
    ValueError
        Unknown country, or a site that the country does not have.
    """
    unknown = f"{country!r} is not a known country: write its ISO code, such as IT"
    if not re.fullmatch("[A-Z]{2,3}", country):  # the library has other names too
        raise ValueError(unknown)
    try:
        found = holiday_library.country_holidays(
            country, subdiv=site, years=list(years)
        )
    except (NotImplementedError, TypeError) as error:
        # A TypeError: by the name MAR the library has its number of March.
        known = holiday_library.list_supported_countries()
        if country in known and site is not None:
            raise ValueError(
                f"{country} has no site {site!r}; it has {', '.join(known[country])}"
            ) from error
        raise ValueError(unknown) from error
    return dict(found.items())


@dataclass(frozen=True)
class Calendar:
    """When each queue is open, and which days are not like the others."""

    zone: ZoneInfo
    interval_s: int
    hours: OpeningHours
    queue_hours: Mapping[str, OpeningHours] = field(default_factory=dict)
    holidays: Mapping[dt.date, str] = field(default_factory=dict)
    open_on_holidays: bool = False
    events: tuple[Event, ...] = ()
    closures: tuple[dt.date, ...] = ()
    """Dates on which no queue opens."""

    @cached_property
    def learnt(self) -> Calendar:
        """The calendar without the events whose effect is declared."""
        return replace(self, events=tuple(e for e in self.events if not e.effect))

    @cached_property
    def _event_days(self) -> dict[dt.date, list[tuple[Event, str, float]]]:
        """Events by date, with the kind and the declared factor of their day."""
        days: dict[dt.date, list[tuple[Event, str, float]]] = {}
        for event in self.events:
            effect = event.effect or (1.0,) * event.days
            for date in event.dates:
                for kind, factor in zip(event.kinds, effect, strict=True):
                    days.setdefault(date, []).append((event, kind, factor))
                    date = self._next_working_day(date)
        return days

    def _next_working_day(self, date: dt.date) -> dt.date:
        date += dt.timedelta(days=1)
        while date.weekday() > 4 or date in {*self.holidays, *self.closures}:
            date += dt.timedelta(days=1)
        return date

    def day_kinds(self, queue: str, date: dt.date) -> tuple[str, ...]:
        """What makes this date unlike a regular day; empty for a regular one."""
        kinds = ["holiday"] if date in self.holidays else []
        for event, kind, _ in self._event_days.get(date, ()):
            if event.concerns(queue):
                kinds.append(kind)
        return tuple(dict.fromkeys(kinds))

    def kinds(self, queue: str) -> set[str]:
        """Whatever may make a date of this queue special."""
        of_events = [event.kinds for event in self.events if event.concerns(queue)]
        return {"holiday"}.union(*of_events)

    def declared_factors(
        self, queue: str, starts: pd.DatetimeIndex
    ) -> NDArray[np.float64]:
        """What declared effects multiply each interval's contacts by. [1]"""
        if len(self.learnt.events) == len(self.events):
            return np.ones(len(starts))
        codes, dates = pd.factorize(local_dates(starts))
        of_day = [self._declared_factor(queue, day) for day in dates]
        return np.array(of_day, dtype=np.float64)[codes]

    def _declared_factor(self, queue: str, date: dt.date) -> float:
        """Of all declared effects of a date, each kind once."""
        return math.prod(
            {
                kind: factor
                for event, kind, factor in self._event_days.get(date, ())
                if event.effect and event.concerns(queue)
            }.values()
        )

    def open_mask(self, queue: str, starts: pd.DatetimeIndex) -> NDArray[np.bool_]:
        """Whether the queue is open at each interval start, in local clock time."""
        open_minutes = np.zeros((7, 2 * DAY_MIN), dtype=bool)
        for weekday, spans in enumerate(self.queue_hours.get(queue, self.hours).spans):
            for start, end in spans:
                open_minutes[weekday, start:end] = True
        minute = np.asarray(starts.hour * 60 + starts.minute)
        date = starts.tz_localize(None).to_numpy().astype("datetime64[D]")
        days = [*self.closures, *(() if self.open_on_holidays else self.holidays)]
        closed = np.array(days, dtype="datetime64[D]")
        mask = np.zeros(len(starts), dtype=bool)
        for back in (0, 1):  # today's spans, and yesterday's past midnight
            day = date - back
            weekdays = (day.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
            is_open = open_minutes[weekdays, minute + back * DAY_MIN]
            mask |= is_open & ~np.isin(day, closed)
        return mask

    def open_intervals(
        self, queue: str, first: dt.date, last: dt.date
    ) -> pd.DatetimeIndex:
        """Starts of the queue's open intervals on the dates first to last."""
        grid = day_grid(first, last, self.zone, self.interval_s)
        return grid[self.open_mask(queue, grid)]


def day_grid(
    first: dt.date, last: dt.date, zone: ZoneInfo, interval_s: int
) -> pd.DatetimeIndex:
    """
    All interval starts from midnight of ``first`` to midnight after ``last``.

    Steps are of absolute time, so a day on which clocks change is an hour
    shorter or longer; but a step of a day is to the next midnight. Where clocks
    change at midnight, a day starts with its first moment. Zone-aware.
    """
    dates = pd.date_range(first, last + dt.timedelta(days=1), unit="s")
    midnights = dates.tz_localize(
        zone, ambiguous=np.ones(len(dates), dtype=bool), nonexistent="shift_forward"
    )
    if interval_s == DAY_MIN * 60:
        return midnights[:-1]
    start, end = midnights[[0, -1]].tz_convert("UTC")
    step = pd.Timedelta(seconds=interval_s)
    return pd.date_range(start, end, freq=step, inclusive="left", unit="s").tz_convert(
        zone
    )


def local_dates(starts: pd.DatetimeIndex) -> NDArray[np.object_]:
    """The local calendar date of each start, as datetime.date."""
    return np.asarray(starts.date)


def month_span(month: str, months: int = 1) -> tuple[dt.date, dt.date]:
    """First and last date of ``months`` calendar months from ``month`` (YYYY-MM)."""
    first = pd.Period(month, freq="M")
    last = first + (months - 1)
    return first.start_time.date(), last.end_time.date()
