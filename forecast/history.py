"""
The history made whole: each open interval once, missing told from zero.

Closed hours are structural zeros and have no row. An open interval without a
row in the file has zero calls or is missing, as the config declares; what is
missing is never averaged as zero.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from forecast.errors import KEPT, Finding
from forecast.extent import AbsentRows, Extent, Survey
from forecast.intervals import Calendar, local_dates
from forecast.outliers import outliers_of
from forecast.schema import describe_key, row_findings

QUIET_DAYS = 28
"""Days in a row without a call, or without a row, that are worth a word."""
CAME = ("queue", "interval_start", "offered", "recorded", "handled", "aht_s")
"""What a forecast needs; how contacts were served it does not."""


@dataclass(frozen=True)
class History:
    """
    A checked history on its grid.

    ``frame`` has a row for each queue and open interval from the queue's first
    date to the end of the file, none before the file's first row, sorted;
    ``offered`` is NaN where missing. ``end`` is the end of the file's last interval.
    """

    frame: pd.DataFrame
    end: pd.Timestamp
    calendar: Calendar
    warnings: tuple[Finding, ...]

    @property
    def queues(self) -> list[str]:
        """Names of the queues, sorted."""
        return sorted(self.frame["queue"].unique())

    def rows(self, queue: str) -> pd.DataFrame:
        """One queue's rows."""
        return self.frame.iloc[self._spans.get(queue, slice(0))]

    def only(self, queue: str) -> History:
        """What a forecast of one queue needs, and nothing of the others."""
        calendar = replace(
            self.calendar,
            queue_hours={
                name: hours
                for name, hours in self.calendar.queue_hours.items()
                if name == queue
            },
            events=tuple(
                event
                for event in self.calendar.events
                if not event.queues or queue in event.queues
            ),
        )
        frame = self.rows(queue)
        frame = frame[[name for name in frame if name in CAME]]
        return replace(self, frame=frame, calendar=calendar, warnings=())

    @cached_property
    def _spans(self) -> dict[str, slice]:
        """Each queue's rows lie together: to look for them again takes too long."""
        codes, names = pd.factorize(self.frame["queue"])
        bounds = [*np.flatnonzero(np.diff(codes, prepend=-1)), len(codes)]
        spans = map(slice, bounds, bounds[1:])
        return dict(zip(names, spans, strict=True))


def complete_history(
    rows: pd.DataFrame,
    calendar: Calendar,
    *,
    absent_rows: AbsentRows,
    where: str,
    extent: Extent | None = None,
) -> History:
    """
    Put rows as read on the grid of open intervals, and say what is odd.

    Parameters
    ----------
    rows : DataFrame
        A history table as read; the index numbers the file's rows.
    calendar : Calendar
        Opening hours, holidays and events.
    absent_rows : {"zero", "missing"}
        What an open interval without a row means. Under "zero", a day without
        a row of any queue, where its weekday usually has calls, is missing, and
        so is all of a queue without a row inside its hours.
    where : str
        What the file is called in warnings.
    extent : Extent, optional
        Of the whole history, where these rows are a part of it; its holes are then
        the caller's to tell.
    """
    alone = extent is None
    extent = extent or Survey.of(rows).extent(calendar, absent_rows)
    begin, last, holes = extent
    end = last + pd.Timedelta(seconds=calendar.interval_s)
    parts, outside = [], []
    absent_cases: list[str] = []
    unknown: list[str] = []
    absent_count = 0
    for queue, of_queue in rows.groupby("queue", sort=True):
        first = of_queue["interval_start"].min().date()
        grid = calendar.open_intervals(str(queue), first, last.date())
        grid = grid[(grid >= begin) & (grid < end)]
        outside.append(of_queue[~of_queue["interval_start"].isin(grid)])
        part = of_queue.set_index("interval_start").reindex(grid)
        there = grid.isin(of_queue["interval_start"])
        absent = ~there & ~pd.Series(local_dates(grid)).isin(holes).to_numpy()
        if not there.any():
            unknown.append(str(queue))
        elif absent.any():
            absent_count += int(absent.sum())
            case = f"{queue}: {absent.sum()}, first at {describe_key(grid[absent][0])}"
            absent_cases.append(case)
        if absent_rows == "zero" and there.any():
            part.loc[absent, "offered"] = 0.0
        part["queue"] = str(queue)
        parts.append(part.rename_axis("interval_start").reset_index())
    frame = pd.concat(parts, ignore_index=True)[list(rows.columns)]
    warnings = _ratio_warnings(rows, where) + _outside_warnings(
        pd.concat(outside), where
    )
    if absent_cases:
        taken = "no calls" if absent_rows == "zero" else "missing (not as zero calls)"
        rule = (
            f"open intervals without a row ({absent_count} in all) are taken as "
            f'{taken}, as absent_rows = "{absent_rows}" says'
        )
        warnings.append(Finding.of(where, rule, absent_cases))
        warnings += _gap_warnings(rows, where)
    if alone:
        warnings += hole_findings(holes, where)
    if unknown:
        rule = "nothing is known of queues without a row inside the opening hours"
        remedy = "Correct [hours], or drop the queue with [rows] exclude."
        warnings.append(Finding.of(where, rule, unknown, remedy))
    warnings += _outlier_warnings(frame, calendar, where)
    warnings += _quiet_warnings(frame, where)
    return History(frame, end, calendar, tuple(warnings))


def hole_findings(holes: Sequence[dt.date], where: str) -> list[Finding]:
    """What is said of days that a whole history lacks."""
    rule = (
        f"open days without a row of any queue ({len(holes)} in all), though their "
        "weekday usually has calls, are taken as missing"
    )
    return [Finding.of(where, rule, [str(day) for day in holes])] if holes else []


def _ratio_warnings(rows: pd.DataFrame, where: str) -> list[Finding]:
    """Counts of one row that do not go together (real exports have them)."""
    warnings = []

    def warn(rule: str, odd: pd.Series, remedy: str = "") -> None:
        warnings.extend(row_findings(where, rule, odd, rows["offered"], remedy))

    both_passes = rows.index.duplicated(keep=False)  # which the reader has told
    warn(
        "offered is empty, so these intervals are taken as missing",
        rows["offered"].isna() & ~both_passes,
    )
    if {"handled", "abandoned"} <= set(rows):
        more = rows["handled"] + rows["abandoned"] > rows["offered"]
        warn("handled + abandoned is more than offered (in brackets)", more)
    if {"handled", "answered_within"} <= set(rows):
        more = rows["answered_within"] > rows["handled"]
        warn("answered_within is more than handled (offered in brackets)", more)
    return warnings


def _outside_warnings(outside: pd.DataFrame, where: str) -> list[Finding]:
    if outside.empty:
        return []
    cases = [
        f"row {row} ({describe_key((queue, start))}, {_calls(offered)})"
        for row, queue, start, offered in outside[
            ["queue", "interval_start", "offered"]
        ]
        .head(KEPT)
        .itertuples()
    ]
    rule = (
        f"rows outside the declared opening hours ({len(outside)} in all, with "
        f"{outside['offered'].sum():.0f} calls) are left out"
    )
    remedy = "If the lines were open then, correct [hours] or [holidays]."
    return [Finding.of(where, rule, cases, remedy, count=len(outside))]


def _gap_warnings(rows: pd.DataFrame, where: str) -> list[Finding]:
    """Rows that lie far from all others: their date may be wrong."""
    times = rows["interval_start"].sort_values(kind="stable")
    after = np.flatnonzero(times.diff() >= pd.Timedelta(days=QUIET_DAYS))
    cases = [
        " and ".join(f"row {row} ({time:%Y-%m-%d})" for row, time in pair.items())
        for pair in (times.iloc[n - 1 : n + 1] for n in after)
    ]
    rule = f"no row of any queue for {QUIET_DAYS} days or more lies between"
    remedy = "If a date is wrong, such as day and month swapped, correct it."
    return [Finding.of(where, rule, cases, remedy)] if cases else []


def _calls(offered: float) -> str:
    return "calls unknown" if np.isnan(offered) else f"{offered:.12g} calls"


def _outlier_warnings(
    frame: pd.DataFrame, calendar: Calendar, where: str
) -> list[Finding]:
    """Days and intervals so far from the usual that forecasts trust them little."""
    cases: list[str] = []
    for queue, rows in frame.groupby("queue", sort=True):
        found = outliers_of(
            str(queue),
            pd.DatetimeIndex(rows["interval_start"]),
            rows["offered"].to_numpy(dtype=np.float64),
            calendar,
        )
        cases += [
            f"{queue} at {outlier.when} ({outlier.offered:,.12g} calls, "
            f"usually {outlier.usual:,.0f})"
            for outlier in found
        ]
    rule = f"far more or fewer calls than usual ({len(cases)} in all) count for less"
    remedy = (
        "If they belong to an event, name it under [[events]], or correct its effect."
    )
    return [Finding.of(where, rule, cases, remedy)] if cases else []


def _quiet_warnings(frame: pd.DataFrame, where: str) -> list[Finding]:
    """Long runs of open days without a single call."""
    cases = []
    day = frame["interval_start"].dt.date
    totals = frame.groupby([frame["queue"], day])["offered"].sum(min_count=1).dropna()
    for queue, of_queue in totals.groupby(level=0):
        days = of_queue.index.get_level_values(1)
        run = (of_queue != 0).cumsum().to_numpy()
        for _, silent in pd.Series(days)[(of_queue == 0).to_numpy()].groupby(
            run[(of_queue == 0).to_numpy()]
        ):
            length = (silent.iloc[-1] - silent.iloc[0]).days + 1
            if length >= QUIET_DAYS:
                cases.append(f"{queue} from {silent.iloc[0]} to {silent.iloc[-1]}")
    rule = f"no calls at all for {QUIET_DAYS} days or more"
    remedy = "If the queue was closed or moved then, cut those rows off."
    return [Finding.of(where, rule, cases, remedy)] if cases else []
