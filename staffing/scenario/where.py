"""Where a change holds: queues, dates, weekdays and hours of the clock."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.intervals import DAY_MIN, WEEKDAYS
from staffing.shrinkage import minutes_of_week

type_dates = tuple[dt.date, dt.date]
"""First and last date."""
type_window = tuple[int, int]
"""From and until, in minutes after midnight; over midnight where from is later."""

DATES = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?")
WINDOW = re.compile(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)")
DAYS = re.compile(rf"({'|'.join(WEEKDAYS)})(-({'|'.join(WEEKDAYS)}))?")
PARTS = re.compile(r'(.*?)(?:>([^">]*))?', re.DOTALL)
QUOTED = r'\s*"(?:[^"]|"")*"\s*'
ITEM = re.compile(rf'{QUOTED}|[^,"]+')
ITEMS = re.compile(rf'(?:{QUOTED}|[^,"]*)(?:,(?:{QUOTED}|[^,"]*))*')


@dataclass(frozen=True)
class Where:
    """
    Queues or groups, dates, weekdays, hours: all of a kind where none is named.

    Of two of a kind either will do; each kind that is named must. ``to`` is where
    moved calls go.
    """

    names: tuple[str, ...] = ()
    dates: tuple[type_dates, ...] = ()
    days: tuple[str, ...] = ()
    windows: tuple[type_window, ...] = ()
    to: type_window | None = None

    @property
    def kinds(self) -> set[str]:
        """The kinds of place that are named."""
        named = {
            "queue": self.names,
            "date": self.dates,
            "weekday": self.days,
            "clock": self.windows,
            "clock>clock": self.to,
        }
        return {kind for kind, given in named.items() if given}

    def queues(self, pools: Mapping[str, Collection[str]]) -> list[str]:
        """The queues, those of groups by these pools; all where none is named."""
        members = [pools.get(name, (name,)) for name in self.names or pools]
        return list(dict.fromkeys(queue for part in members for queue in part))

    def mask(self, starts: pd.DatetimeIndex) -> NDArray[np.bool_]:
        """Which of these intervals, whatever the queue."""
        found = np.ones(len(starts), dtype=np.bool_)
        if self.dates:
            date = starts.tz_localize(None).to_numpy().astype("datetime64[D]")
            ranges = np.array(self.dates, dtype="datetime64[D]")
            within = (ranges[:, :1] <= date) & (date <= ranges[:, 1:])
            found &= within.any(axis=0)
        if self.days:
            named = [minutes_of_week(days) // DAY_MIN for days in self.days]
            found &= np.isin(starts.day_of_week, np.concatenate(named))
        if self.windows:
            found &= np.any([in_window(w, starts) for w in self.windows], axis=0)
        return found

    def __str__(self) -> str:
        items = [
            *(_quoted(name) for name in self.names),
            *(_dates(first, last) for first, last in self.dates),
            *self.days,
            *(_window(window) for window in self.windows),
        ]
        to = f">{_window(self.to)}" if self.to else ""
        return f"@{','.join(items)}{to}" if items or to else ""


def in_window(window: type_window, starts: pd.DatetimeIndex) -> NDArray[np.bool_]:
    """Which intervals start within these hours of the local clock."""
    minute = np.asarray(starts.hour * 60 + starts.minute)
    first, end = window
    after, before = first <= minute, minute < end
    return after & before if first < end else after | before


def read_where(text: str) -> Where:
    """
    Read what follows the ``@`` of a change.

    A name that looks like something else, or has a comma or a quote, is written in
    quotes, its own twice: ``"a ""b"", c"``.

    Raises
    ------
    ValueError
        An item cannot be read; the message says which.
    """
    items, to = PARTS.fullmatch(text).groups()  # type: ignore[union-attr]
    if not ITEMS.fullmatch(items):
        raise ValueError(
            f"{items!r} has quotes that do not belong together: write a name with "
            'quotes as "the ""best"" queue"'
        )
    names: list[str] = []
    dates: list[type_dates] = []
    days: list[str] = []
    windows: list[type_window] = []
    for raw in ITEM.findall(items):
        item = raw.strip()
        if item.startswith('"'):
            names.append(item[1:-1].replace('""', '"'))
        elif found := DATES.fullmatch(item):
            dates.append(_read_dates(item, found[1], found[2] or found[1]))
        elif WINDOW.fullmatch(item):
            windows.append(_read_window(item))
        elif DAYS.fullmatch(item.lower()):
            days.append(item.lower())
        elif item:
            names.append(item)
    if not (names or dates or days or windows or to):
        raise ValueError("nothing is named after @")
    return Where(
        tuple(names),
        tuple(dates),
        tuple(days),
        tuple(windows),
        None if to is None else _read_window(to.strip()),
    )


def _read_dates(item: str, first: str, last: str) -> type_dates:
    try:
        dates = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    except ValueError as error:
        raise ValueError(f"{item!r} is not a date: write 2026-12-03") from error
    if dates[0] > dates[1]:
        raise ValueError(f"{item!r} ends before it begins")
    return dates


def _read_window(item: str) -> type_window:
    found = WINDOW.fullmatch(item)
    h1, m1, h2, m2 = map(int, found.groups()) if found else (25, 0, 0, 0)
    start, end = h1 * 60 + m1, h2 * 60 + m2
    if m1 > 59 or m2 > 59 or start >= DAY_MIN or end > DAY_MIN or start == end:
        raise ValueError(f"{item!r} is not a span of hours: write 11:00-12:00")
    return start, end


def _quoted(name: str) -> str:
    """A name as read_where reads it again."""
    special = DATES.fullmatch(name) or WINDOW.fullmatch(name)
    if special or DAYS.fullmatch(name.lower()) or re.search('[,>@"]|^ | $|^$', name):
        return '"' + name.replace('"', '""') + '"'
    return name


def _dates(first: dt.date, last: dt.date) -> str:
    return f"{first}" if first == last else f"{first}..{last}"


def _window(window: type_window) -> str:
    (h1, m1), (h2, m2) = (divmod(minute, 60) for minute in window)
    return f"{h1:02d}:{m1:02d}-{h2:02d}:{m2:02d}"
