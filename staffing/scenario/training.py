"""New agents: days of training, then handle times that come down week by week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.errors import ConfigError
from forecast.intervals import Calendar
from staffing.config import Config
from staffing.kpi import ALL
from staffing.scenario.base import Base
from staffing.scenario.changes import Change
from staffing.scenario.values import Training
from staffing.texts import Note

WEEK_DAYS = 5
"""Working days of a full-time week."""


class Trained(NamedTuple):
    """New agents of a pool: who, from when, and their paid hours off the phone."""

    pool: str
    training: Training
    days: tuple[dt.date, ...]  # of training
    phone: dt.date  # first day on it
    hours: float  # of training, of all of them [h]
    share: float  # of the pool's time on the phone [1]
    text: str

    @property
    def note(self) -> Note:
        """What is assumed."""
        return Note.of(
            "training",
            people=self.training.people,
            pool=self.pool,
            days=len(self.days),
            hours=self.hours,
            phone=self.phone,
            curve=self.training.curve,
            percent=100.0 * self.share,
        )

    def slower(self, starts: pd.DatetimeIndex) -> NDArray[np.float64]:
        """
        Factors on the pool's mean handle time in intervals with these starts. [1]

        New agents are a share s of the time and take f times as long, so that of the
        calls they take s / f: the mean is 1 / (1 − s + s / f) times the usual.
        """
        date = starts.tz_localize(None).to_numpy().astype("datetime64[D]")
        week = (date - np.datetime64(self.phone)).astype(np.int64) // 7
        curve = np.array([*map(float, self.training.curve), 1.0])
        of_week = curve[np.clip(week, 0, len(curve) - 1)]
        factor = np.where(week < 0, 1.0, of_week)
        return 1.0 / (1.0 - self.share + self.share / factor)


def trained(base: Base, config: Config, changes: Sequence[Change]) -> list[Trained]:
    """
    The new agents of these changes.

    Raises
    ------
    ConfigError
        No pool is named where there are many, more than one date, or there are more
        new agents than people.
    """
    if not changes:
        return []
    first, last = base.span
    pools = config.pools([item.queue for item in base.forecasts])
    calendar = config.calendar(range(first.year - 1, last.year + 2))
    found = []
    for change in changes:
        training: Training = change.value
        names = change.where.names or tuple(pools)
        dates = {date for span in change.where.dates for date in span}
        if len(names) != 1 or names[0] not in pools or len(dates) > 1:
            raise ConfigError(
                f"{change.text!r}: must name one of {', '.join(pools)}, and the day on "
                "which they begin at most. Write for example training=6@"
                f"{next(iter(pools))},{first}."
            )
        begin = dates.pop() if dates else first
        working = _working_days(calendar, begin)
        days = [next(working) for _ in range(training.days)]
        people, all_people = float(training.people), _fte(base, pools[names[0]])
        if people > all_people:
            raise ConfigError(
                f"{change.text!r}: must be at most the people of {names[0]}, "
                f"{all_people:.1f} FTE. Change less."
            )
        a_day = config.staffing.full_time_h / WEEK_DAYS
        paid = sum(first <= day <= last for day in days) * a_day * people
        item = Trained(
            names[0],
            training,
            tuple(days),
            next(working),
            paid,
            people / all_people,
            change.text,
        )
        found.append(item)
    return found


def with_training(
    people: pd.DataFrame, new: Sequence[Trained], full_time_h: float
) -> pd.DataFrame:
    """Hours and FTE with the hours of training; full-time hours of the plan. [h]"""
    found = people.copy()
    for item in new:
        in_sum = found.index.isin([item.pool, ALL])
        found["paid_hours"] += np.where(in_sum, item.hours, 0.0)
        found["fte"] += np.where(in_sum, item.hours / full_time_h, 0.0)
    return found


def _working_days(calendar: Calendar, date: dt.date) -> Iterator[dt.date]:
    """Monday to Friday from a date on, without holidays and closures."""
    while True:
        if date.weekday() < WEEK_DAYS and date not in {
            *calendar.holidays,
            *calendar.closures,
        }:
            yield date
        date += dt.timedelta(days=1)


def _fte(base: Base, queues: Sequence[str]) -> float:
    """The plan's people of these queues, a group's by the share of its work. [FTE]"""
    table = base.need.forecast
    work = (table["offered"] * table["aht_s"]).groupby(table["queue"]).sum()
    fte = base.monthly.groupby("queue")["fte"].mean()
    found = 0.0
    for pool, members in base.config.pools([*work.index]).items():
        known = [queue for queue in members if queue in work.index]
        mine = [queue for queue in known if queue in queues]
        if mine and work[known].sum() > 0:
            found += float(fte[pool] * work[mine].sum() / work[known].sum())
    return found
