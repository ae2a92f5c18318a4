"""
Prophet on day totals, spread by a profile.

Taylor and Letham (2018), The American Statistician 72:37-45, with its own settings but
for multiplicative seasons and one of the month. On days, not on half-hours: it has one
daily shape for all weekdays, and no opening hours.
"""

from __future__ import annotations

import datetime as dt
import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.intervals import Calendar, local_dates
from forecast.kinds import all_kinds
from forecast.models.base import Effect, Series
from forecast.profile import Profile, awake_days

if TYPE_CHECKING:
    from prophet import Prophet

MONTH_DAYS, MONTH_WAVES = 30.4375, 5
KNOWN_SHARE = 0.5
"""Days known by less than this share of what is usually known are left out. [1]"""
SILENT = logging.NullHandler()


@dataclass(frozen=True)
class ProphetModel:
    """Day totals by Prophet, with the site's special days, times a profile."""

    min_days: int = 61  # two months, to learn the season of the month from
    name: str = "prophet"

    def fit(self, series: Series) -> FittedProphet:
        """Fit trend, week, month, special days and, from two years on, the year."""
        calendar, queue = series.calendar, series.queue
        days, kinds, profile = series.days, series.kinds, series.profile
        total, known = profile.totals(days)
        used = awake_days(total)
        if used.any():
            used &= known >= KNOWN_SHARE * np.median(known[used])
        dates = [days.dates[i] for i in np.flatnonzero(used)]
        if len(dates) < 2 or not total[used].any():
            level = float(total[used].mean()) if dates else 0.0
            return FittedProphet(profile, calendar, (), level)
        learnt = tuple(sorted({kind for day in dates for kind in kinds[day]}))
        totals = Totals.fit(calendar, queue, learnt, dates, total[used])
        return FittedProphet(profile, calendar, totals.effects(dates), totals)


@dataclass(frozen=True)
class FittedProphet:
    """Profile and day totals: the same every day where Prophet has nothing to fit."""

    profile: Profile
    calendar: Calendar
    effects: tuple[Effect, ...]
    totals: Totals | float

    def predict(self, starts: pd.DatetimeIndex) -> NDArray[np.float64]:
        """Mean contacts offered in each interval, ≥ 0. [contacts]"""
        share = self.profile.at(starts, self.calendar.interval_s)
        if isinstance(self.totals, float):
            return share * self.totals
        if not len(starts):
            return share
        codes, dates = pd.factorize(local_dates(starts), sort=True)
        return np.asarray(self.totals.of(list(dates))[codes] * share)


@dataclass(frozen=True)
class Totals:
    """A fitted Prophet, whose regressors are the kinds of special days."""

    prophet: Prophet
    calendar: Calendar
    queue: str
    kinds: tuple[str, ...]

    @classmethod
    def fit(
        cls,
        calendar: Calendar,
        queue: str,
        kinds: tuple[str, ...],
        dates: Sequence[dt.date],
        total: NDArray[np.float64],
    ) -> Totals:
        """Fit the contacts of two dates or more."""
        for name in ("prophet", "cmdstanpy"):  # they talk; what goes wrong is raised
            logging.getLogger(name).addHandler(SILENT)
            logging.getLogger(name).propagate = False
        from prophet import Prophet  # takes seconds

        prophet = Prophet(
            seasonality_mode="multiplicative",
            daily_seasonality=False,
            uncertainty_samples=0,
        )
        prophet.add_seasonality("month", MONTH_DAYS, MONTH_WAVES)
        # Its holidays would do the same, but want to know all dates beforehand.
        for column in range(len(kinds)):
            prophet.add_regressor(f"kind {column}", standardize=False)
        totals = cls(prophet, calendar, queue, kinds)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The inplace keyword in")  # pandas 3.1
            with TemporaryDirectory() as folder:  # else its files stay until the exit
                rows = totals._rows(dates).assign(y=total)
                prophet.fit(rows, seed=1, output_dir=folder)
        return totals

    def of(self, dates: Sequence[dt.date]) -> NDArray[np.float64]:
        """Expected contacts of each date, in their order, ≥ 0. [contacts]"""
        trend, parts = self._parts(dates)
        return np.asarray(np.maximum(trend * (1.0 + parts.sum(axis=1)), 0.0))

    def effects(self, dates: Sequence[dt.date]) -> tuple[Effect, ...]:
        """
        What each kind multiplied its days among these dates by, taken together.

        Prophet adds up the parts of a day before it multiplies the trend by them.
        """
        trend, parts = self._parts(dates)
        total = trend * (1.0 + parts.sum(axis=1))
        kinds = all_kinds(self.calendar, self.queue, dates)
        effects = []
        for column, kind in enumerate(self.kinds, parts.shape[1] - len(self.kinds)):
            rows = [kind in kinds[day] for day in dates]
            with_it = float(total[rows].sum())
            without = with_it - float((trend * parts[:, column])[rows].sum())
            if without > 0.0:
                factor = max(with_it, 0.0) / without
                effects.append(Effect(kind, factor, sum(rows)))
        return tuple(effects)

    def _parts(
        self, dates: Sequence[dt.date]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The trend of each date [contacts], and what each column adds to it [1]."""
        rows = self.prophet.setup_dataframe(self._rows(dates))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The inplace keyword in")
            columns, *_ = self.prophet.make_all_seasonality_features(rows)
        trend = np.asarray(self.prophet.predict_trend(rows))
        return trend, np.ascontiguousarray(
            columns.to_numpy() * self.prophet.params["beta"]
        )

    def _rows(self, dates: Sequence[dt.date]) -> pd.DataFrame:
        """The dates, and which kinds each is of, as Prophet reads them."""
        kinds = all_kinds(self.calendar, self.queue, dates)
        columns = {
            f"kind {column}": [float(kind in kinds[day]) for day in dates]
            for column, kind in enumerate(self.kinds)
        }
        return pd.DataFrame({"ds": pd.to_datetime(list(dates)), **columns})
