"""What all rows of a history say together, in however many files they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import pandas as pd

from forecast.intervals import Calendar, local_dates

AbsentRows = Literal["zero", "missing"]

SURE_CALLS = 20.0
"""Calls of a usual day above which a day without any row is a hole, not a quiet day."""


class Extent(NamedTuple):
    """The first and the last start of a history, and the days that all of it lacks."""

    begin: pd.Timestamp
    last: pd.Timestamp
    holes: tuple[dt.date, ...]


@dataclass(frozen=True)
class Survey:
    """
    Rows, summed up: ``queues`` has each queue's first date.

    ``days`` has a row for each local date (index, a naive midnight) that has rows:
    ``offered``, its sum, and ``first`` and ``last``, of its starts.
    """

    queues: Mapping[str, dt.date]
    days: pd.DataFrame

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Survey:
        """Of a history table."""
        starts = rows["interval_start"]
        first = starts.groupby(rows["queue"]).min()
        day = starts.dt.tz_localize(None).dt.floor("D").rename("day")
        table = pd.DataFrame(
            {"offered": rows["offered"], "first": starts, "last": starts}
        )
        days = table.groupby(day).agg({"offered": "sum", "first": "min", "last": "max"})
        return cls({str(queue): at.date() for queue, at in first.items()}, days)

    @classmethod
    def joined(cls, parts: Sequence[Survey]) -> Survey:
        """Of all parts; none has a queue of another."""
        days = pd.concat([part.days for part in parts]).groupby(level=0)
        return cls(
            {queue: date for part in parts for queue, date in part.queues.items()},
            days.agg({"offered": "sum", "first": "min", "last": "max"}),
        )

    @property
    def last(self) -> pd.Timestamp:
        """The last start."""
        return pd.Timestamp(self.days["last"].max())

    def before(self, first: dt.date) -> Survey:
        """Of the rows before a date."""
        queues = {queue: date for queue, date in self.queues.items() if date < first}
        return Survey(queues, self.days[self.days.index < pd.Timestamp(first)])

    def extent(self, calendar: Calendar, absent_rows: AbsentRows) -> Extent:
        """
        From where to where the rows reach, and what is missing on all queues.

        Under "zero" these are the days without a row of any queue, where its weekday
        usually has calls.
        """
        holes = self._holes(calendar) if absent_rows == "zero" else ()
        return Extent(self.days["first"].min(), self.last, holes)

    def _holes(self, calendar: Calendar) -> tuple[dt.date, ...]:
        totals = self.days["offered"].set_axis(pd.DatetimeIndex(self.days.index).date)
        alike = {calendar.queue_hours.get(queue): queue for queue in self.queues}
        days = {
            day
            for queue in alike.values()
            for day in local_dates(
                calendar.open_intervals(queue, totals.index.min(), totals.index.max())
            )
        }
        usual = totals.groupby([day.weekday() for day in totals.index]).median()
        return tuple(
            sorted(
                day
                for day in days - set(totals.index)
                if usual.get(day.weekday(), 0.0) >= SURE_CALLS
            )
        )
