"""From a history to the forecast of each queue: intervals, days and months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecast.accuracy import bias, noise_floor, wape
from forecast.aht import aht_for
from forecast.distribution import (
    PRIOR,
    Backtest,
    Shocks,
    aht_variance,
    backtest_series,
    even_paths,
    sample_paths,
    shocks_from,
)
from forecast.errors import Finding, TableError
from forecast.history import History
from forecast.intervals import month_span
from forecast.models import Effect, Model, Series
from forecast.schema import FORECAST, check_table

BAND = (0.1, 0.9)


@dataclass(frozen=True)
class QueueForecast:
    """
    What is expected of one queue.

    ``intervals`` is a forecast table; ``days`` (date; year_before: the calls 52
    weeks earlier) and ``months`` (month, last_year) hold offered, offered_p10
    and offered_p90. ``accuracy`` says how
    past months went: wape, bias and noise_floor per interval, wape_day,
    wape_block, origins (how many past cutoffs); empty without any, and where no
    calls came or were expected. ``shocks`` and ``seed`` draw possible months.
    """

    queue: str
    intervals: pd.DataFrame
    days: pd.DataFrame
    months: pd.DataFrame
    effects: tuple[Effect, ...]
    shocks: Shocks
    seed: int
    accuracy: Mapping[str, float]
    warnings: tuple[Finding, ...]

    def possible(self, paths: int) -> tuple[np.ndarray, np.ndarray]:
        """Possible months: expected contacts and aht_s [s], both (paths, intervals)."""
        return even_paths(
            self.intervals["offered"].to_numpy(),
            self.intervals["aht_s"].to_numpy(),
            pd.DatetimeIndex(self.intervals["interval_start"]),
            self.shocks,
            seed=self.seed,
            queue=self.queue,
            paths=paths,
        )


@dataclass(frozen=True)
class Wanted:
    """What to forecast of a queue, from ``first`` to ``last``, and what is known."""

    model: Model
    first: dt.date
    last: dt.date
    seed: int
    default_aht_s: float | None = None


def forecast_queue(history: History, queue: str, wanted: Wanted) -> QueueForecast:
    """
    Forecast one queue.

    Raises
    ------
    TableError
        The history is too short, or has no handle times and no default.
    """
    calendar, model, seed = history.calendar, wanted.model, wanted.seed
    if short := length_findings(history, queue, model):
        raise TableError(short)
    rows = history.rows(queue)
    series = Series.of(history, queue)
    starts = calendar.open_intervals(queue, wanted.first, wanted.last)
    aht_s = aht_for(rows, starts, wanted.default_aht_s)
    if aht_s is None:
        rule = f"{queue} has no handle times (aht_s) in its history"
        raise TableError([Finding("history", rule, (), 1, "Set [aht] default_s.")])
    fitted = model.fit(series)
    mean = fitted.predict(starts)
    backtest = backtest_series(model, series)
    shocks = shocks_from(backtest) if backtest.origins else PRIOR
    shocks = replace(shocks, aht=aht_variance(rows))
    paths = sample_paths(mean, starts, shocks, seed=seed, queue=queue)
    low, high = np.quantile(paths, BAND, axis=0)
    intervals = pd.DataFrame(
        {
            "queue": pd.Series(queue, index=range(len(starts)), dtype="str"),
            "interval_start": starts,
            "model": model.name,
            "interval_s": calendar.interval_s,
            "offered": mean,
            "offered_p10": low,
            "offered_p90": high,
            "aht_s": aht_s,
        }
    )
    months = _totals(starts.strftime("%Y-%m"), mean, paths, "month")
    recorded = rows.get("recorded", rows["offered"])  # before any adjustment
    past = replace(series, offered=recorded.to_numpy(dtype=np.float64))
    months["last_year"] = [_last_year(past, month) for month in months["month"]]
    days = _totals(pd.Index(starts.date), mean, paths, "date")
    totals = recorded.groupby(rows["interval_start"].dt.date).sum(min_count=1)
    days["year_before"] = [
        float(totals.get(day - dt.timedelta(weeks=52), np.nan)) for day in days["date"]
    ]
    return QueueForecast(
        queue,
        check_table(intervals, FORECAST, f"forecast of {queue}"),
        days,
        months,
        fitted.effects,
        shocks,
        seed,
        _accuracy(backtest),
        tuple(_warnings(series, starts, fitted.effects, backtest)),
    )


def length_findings(history: History, queue: str, model: Model) -> list[Finding]:
    """What a queue's history lacks in length for the model to be fitted."""
    rows = history.rows(queue)
    known = rows.loc[rows["offered"].notna(), "interval_start"].dt.date
    if known.empty:
        rule = f"{queue} has no known interval before the month to plan"
        return [Finding("history", rule, (), 1)]
    first, last = known.iloc[0], known.iloc[-1]
    days = (last - first).days + 1
    if days >= model.min_days:
        return []
    rule = (
        f"{queue} needs at least {model.min_days} days of history before the month to "
        f"plan, but has {days} ({first} to {last})"
    )
    return [Finding("history", rule, (), 1, "Add earlier rows.")]


def _totals(
    codes: pd.Index, mean: np.ndarray, paths: np.ndarray, name: str
) -> pd.DataFrame:
    """Sums by code with their band, from the same paths: percentiles do not add."""
    order, labels = pd.factorize(codes)
    sums = np.zeros((len(paths), len(labels)))
    np.add.at(sums.T, order, paths.T)
    low, high = np.quantile(sums, BAND, axis=0)
    return pd.DataFrame(
        {
            name: labels,
            "offered": np.bincount(order, mean, minlength=len(labels)),
            "offered_p10": low,
            "offered_p90": high,
        }
    )


def _last_year(series: Series, month: str) -> float:
    """Contacts of the same month a year before; NaN unless known whole. [contacts]"""
    before = str(pd.Period(month, freq="M") - 12)
    grid = series.calendar.open_intervals(series.queue, *month_span(before))
    offered = pd.Series(series.offered, index=series.starts).reindex(grid)
    return float(offered.sum(skipna=False)) if len(grid) else np.nan


def _accuracy(backtest: Backtest) -> dict[str, float]:
    if min(backtest.actual.sum(), backtest.mean.sum()) <= 0.0:
        return {}
    days = backtest.sums(backtest.day_codes())
    blocks = backtest.sums(backtest.origin)
    return {
        "origins": float(backtest.origins),
        "wape": wape(backtest.actual, backtest.mean),
        "bias": bias(backtest.actual, backtest.mean),
        "noise_floor": noise_floor(backtest.mean),
        "wape_day": wape(*days),
        "wape_block": wape(*blocks),
    }


def _warnings(
    series: Series,
    starts: pd.DatetimeIndex,
    effects: tuple[Effect, ...],
    backtest: Backtest,
) -> list[Finding]:
    """What the forecast had to assume for want of history."""
    where = f"forecast of {series.queue}"
    warnings = []
    if not backtest.origins:
        rule = (
            "the history is too short to measure past errors, so the band assumes "
            f"{PRIOR.month**0.5:.0%} a month, {PRIOR.day**0.5:.0%} a day and "
            f"{PRIOR.interval**0.5:.0%} an interval beside Poisson noise"
        )
        warnings.append(Finding(where, rule, (), 1))
    learnt = {effect.kind for effect in effects}
    kinds = {
        kind
        for day in sorted(set(starts.date))
        for kind in series.calendar.day_kinds(series.queue, day)
    }
    if kinds - learnt:
        rule = "no past day to learn the effect from, so it is taken as a usual day"
        warnings.append(Finding.of(where, rule, sorted(kinds - learnt)))
    known = series.starts[~np.isnan(series.offered)]
    seen = set(zip(known.day_of_week, known.time, strict=True))
    new = sorted(set(zip(starts.day_of_week, starts.time, strict=True)) - seen)
    if new:
        rule = "hours that the history never had are taken from the nearest known ones"
        names = [
            f"{pd.Timestamp(2024, 1, day + 1):%a} {time:%H:%M}" for day, time in new
        ]
        warnings.append(Finding.of(where, rule, names))
    return warnings
