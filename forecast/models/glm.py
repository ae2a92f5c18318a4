"""
Calendar model: day totals from a penalised log-linear model, spread by a profile.

A day's total is weekday × level of the week × position in the month × season ×
special day. It is a generalised linear model with a log link, so that days without
contacts need no special care and the forecast is of the mean, not of the median.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.intervals import Calendar, local_dates
from forecast.kinds import all_kinds
from forecast.models.base import Effect, Series
from forecast.models.effects import DAY_NOISE
from forecast.models.waves import month_phase, waves, year_phase
from forecast.profile import Profile, awake_days

LEVEL_CHANGE = 8.0
"""Penalty of a step of the level from week to week, in days of large volume. [days]"""
POSITION_PENALTY, SEASON_PENALTY, KIND_PENALTY = 6.0, 3.0, 0.3
"""Days that pull towards no effect: of the month, the season, special days. [days]"""
SEASON_DAYS = 540
"""History from which on a yearly season is learnt. [days]"""
LOOK_BACK_DAYS = 1461
"""History that it looks at: of what was before, nothing lasts. [days]"""
HUBER = 2.0
"""Standard deviations, not below DAY_NOISE's, from which a day counts for less. [1]"""
ROUNDS = 30


@dataclass(frozen=True)
class CalendarModel:
    """
    Day totals by calendar, times an intraday profile.

    ``reversion``: penalty of the level's distance from its long mean. [days]
    The stronger, the sooner the forecast returns there.
    """

    reversion: float = 0.01
    min_days: int = 28
    name: str = "calendar"

    def fit(self, series: Series) -> FittedCalendar:
        """Learn the effects of the calendar, and the shape of the days."""
        calendar, queue = series.calendar, series.queue
        days, profile = series.days, series.profile
        total, weight = profile.totals(days)
        own = {kind for day in days.dates for kind in series.kinds[day]}
        learnt = sorted(own.union(series.shared.kinds))
        used = awake_days(total) & (days.ordinals > days.ordinals[-1] - LOOK_BACK_DAYS)
        ordinals = days.ordinals[used]
        if not total[used].any():
            return FittedCalendar(profile, queue, calendar, (), None)
        season = bool(ordinals[-1] - ordinals[0] + 1 >= SEASON_DAYS)
        design = Design(calendar, queue, tuple(learnt), season)
        columns = design.columns([days.dates[i] for i in np.flatnonzero(used)])
        week = (days.ordinals[-1] - ordinals) // 7
        levels = np.eye(int(week.max()) + 1)[week]
        x = np.hstack([columns, levels])
        penalty = np.zeros((x.shape[1], x.shape[1]))
        n = columns.shape[1]
        pulls = [series.shared.pull(kind, KIND_PENALTY) for kind in learnt]
        expected = np.zeros(x.shape[1])
        expected[n - len(learnt) : n] = [log for log, _ in pulls]
        penalty[:n, :n] = np.diag(design.penalties([weight for _, weight in pulls]))
        step = np.diff(np.eye(levels.shape[1]), axis=0)
        penalty[n:, n:] = LEVEL_CHANGE * step.T @ step
        penalty[n:, n:] += self.reversion * np.eye(levels.shape[1])
        coefficients = _log_linear(
            x, total[used], weight[used], penalty, expected, robust=series.regular[used]
        )
        seen = columns[:, :7].any(axis=0)
        coefficients[:7][~seen] = coefficients[:7][seen].mean()
        counts = (columns[:, n - len(learnt) : n] > 0).sum(axis=0)
        effects = tuple(
            Effect(kind, float(np.exp(coefficient)), int(count))
            for kind, coefficient, count in zip(
                learnt, coefficients[n - len(learnt) : n], counts, strict=True
            )
            if count or kind in series.shared.kinds
        )
        decay = max(0.0, 1.0 - (self.reversion / LEVEL_CHANGE) ** 0.5)
        totals = Totals(
            design, coefficients[:n], float(coefficients[n]), decay, days.dates[-1]
        )
        return FittedCalendar(profile, queue, calendar, effects, totals)


@dataclass(frozen=True)
class FittedCalendar:
    """Day totals and profile; no totals: the queue is silent."""

    profile: Profile
    queue: str
    calendar: Calendar
    effects: tuple[Effect, ...]
    totals: Totals | None

    def predict(self, starts: pd.DatetimeIndex) -> NDArray[np.float64]:
        """Mean contacts offered in each interval, ≥ 0. [contacts]"""
        if self.totals is None or not len(starts):
            return np.zeros(len(starts))
        codes, dates = pd.factorize(local_dates(starts))
        share = self.profile.at(starts, self.calendar.interval_s)
        return np.asarray(self.totals.of(list(dates))[codes] * share)


@dataclass(frozen=True)
class Totals:
    """A day's expected total, as far as it is known on ``last``."""

    design: Design
    coefficients: NDArray[np.float64]
    level: float
    decay: float
    last: dt.date

    def of(self, dates: Sequence[dt.date]) -> NDArray[np.float64]:
        """Expected contacts of each date, later than ``last``. [contacts]"""
        ahead = np.array([(day - self.last).days + 6 for day in dates]) // 7
        level = self.level * self.decay**ahead
        # A sum by rows: a product of matrices may depend on how many rows there are.
        log = (self.design.columns(dates) * self.coefficients).sum(axis=1)
        return np.asarray(np.exp(log + level))


@dataclass(frozen=True)
class Design:
    """What the calendar says of a date, as columns of numbers."""

    calendar: Calendar
    queue: str
    kinds: tuple[str, ...]
    season: bool

    def columns(self, dates: Sequence[dt.date]) -> NDArray[np.float64]:
        """Weekday (7), month (8), working days (6), season (8 or 0), kinds."""
        kinds = all_kinds(self.calendar, self.queue, dates)
        weekday = np.array([day.weekday() for day in dates])
        times = pd.to_datetime(list(dates))
        known = [[kind in kinds[day] for kind in self.kinds] for day in dates]
        return np.hstack(
            [
                np.eye(7)[weekday],
                waves(month_phase(times), 4),
                self._positions(dates),
                waves(year_phase(times), 4 if self.season else 0),
                np.array(known, dtype=float).reshape(len(dates), len(self.kinds)),
            ]
        )

    def penalties(self, of_kinds: Sequence[float]) -> NDArray[np.float64]:
        """Of each column, in days of large volume that pull to what is expected."""
        pulls = [1e-9, POSITION_PENALTY, SEASON_PENALTY, *of_kinds]
        times = [7, 14, 8 * self.season, *np.ones(len(self.kinds), dtype=int)]
        return np.repeat(pulls, times)

    def _positions(self, dates: Sequence[dt.date]) -> NDArray[np.float64]:
        """Whether a date is the first to fourth, last but one or last working day."""
        hours = self.calendar.queue_hours.get(self.queue, self.calendar.hours)
        working = hours.full_days()
        flags = np.zeros((len(dates), 6))
        of_month: dict[dt.date, list[dt.date]] = {}
        for i, day in enumerate(dates):
            first = day.replace(day=1)
            if first not in of_month:
                month = [
                    first + dt.timedelta(days=n)
                    for n in range(monthrange(day.year, day.month)[1])
                ]
                of_month[first] = [
                    date
                    for date in month
                    if working[date.weekday()] and date not in self.calendar.holidays
                ]
            listed = of_month[first]
            for column, place in enumerate((0, 1, 2, 3, -2, -1)):
                flags[i, column] = listed[place : place + 1 or None] == [day]
        return flags


def _log_linear(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: NDArray[np.float64],
    penalty: NDArray[np.float64],
    expected: NDArray[np.float64],
    *,
    robust: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """
    Coefficients of log E[y], by iteratively reweighted penalised least squares.

    The penalty pulls them to those expected.

    Notes
    -----
    The variance of y is μ + DAY_NOISE·μ², so that a day weighs
    μ/(μ + 1/DAY_NOISE): almost 1 where volumes are large. Days of ``robust`` far
    from their mean weigh less (Huber).
    """
    usual = x[:, :7] @ (x[:, :7].T @ y / np.maximum(x[:, :7].sum(axis=0), 1.0))
    mu = (y + usual) / 2 + 1e-9 * y.mean()
    log, huber = np.log(mu), np.ones(len(y))
    coefficients = np.zeros(x.shape[1])
    for _ in range(ROUNDS):
        w = weight * mu / (mu + 1.0 / DAY_NOISE)
        wx = x * np.maximum(w * huber, 1e-9)[:, None]
        before = coefficients
        coefficients = np.linalg.solve(
            x.T @ wx + penalty,
            wx.T @ (log + (y - mu) / mu) + penalty @ expected,
        )
        if np.abs(coefficients - before).max() < 1e-8:
            break
        log = np.maximum(x @ coefficients, -20.0)
        mu = np.exp(log)
        off = np.abs(y - mu) / mu * np.sqrt(w)
        spread = 1.4826 * float(np.median(off[robust]))
        limit = HUBER * max(spread, DAY_NOISE**0.5)
        huber = np.where(robust & (off > limit), limit / np.maximum(off, 1e-300), 1.0)
    return coefficients
