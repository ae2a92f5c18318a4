"""From a history to the forecast of each queue: intervals, days and months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from forecast.aht import AhtChange, aht_for, level_variance
from forecast.blocks import months_ahead, regular_starts
from forecast.calibration import Calibration
from forecast.columns.column import quantile
from forecast.distribution import Shocks, even_paths, sample_paths
from forecast.errors import Finding, TableError
from forecast.history import History
from forecast.models import Effect, Model, Series
from forecast.models.prepared import Prepared
from forecast.models.shared import NOTHING_SEEN, OtherQueues
from forecast.remarks import assumption_findings, latest_findings
from forecast.rolling import calibrate
from forecast.schema import check_table, forecast_table
from forecast.totals import BAND, last_year_of, sums_by, totals_by
from forecast.variance import aht_variance
from forecast.volumes import Volumes, at_volumes, volume_findings


@dataclass(frozen=True)
class QueueForecast:
    """
    What is expected of one queue.

    ``intervals`` is a forecast table; ``days`` (date; year_before: the calls 52
    weeks earlier) and ``months`` (month, last_year, offered_forecast: our own,
    offered_given: the client's or NaN) hold offered, offered_p10 and offered_p90.
    ``accuracy`` says how past months went: wape, bias and noise_floor per interval,
    wape_day, wape_block, origins (how many past cutoffs); empty without any, origins
    alone where no calls came or were expected. ``shocks`` and ``seed`` draw
    possible months.
    """

    queue: str
    intervals: pd.DataFrame
    days: pd.DataFrame
    months: pd.DataFrame
    effects: tuple[Effect, ...]
    shocks: Shocks
    seed: int
    regular: np.ndarray
    accuracy: Mapping[str, float]
    warnings: tuple[Finding, ...]

    @cached_property
    def drawn(self) -> np.ndarray:
        """Possible months behind the bands: contacts, shape (paths, intervals)."""
        return sample_paths(
            self.intervals["offered"].to_numpy(),
            pd.DatetimeIndex(self.intervals["interval_start"]),
            self.shocks,
            seed=self.seed,
            queue=self.queue,
            regular=self.regular,
        )

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
            regular=self.regular,
        )


@dataclass(frozen=True)
class Wanted:
    """
    What to forecast of a queue, from ``first`` to ``last``, and what is known.

    Where it is not ``calibrated``, past months are not asked: the model is taken at
    its word, and the band is that of no history.
    """

    model: Model
    first: dt.date
    last: dt.date
    seed: int
    default_aht_s: float | None = None
    aht_changes: tuple[AhtChange, ...] = ()
    volumes: Volumes = field(default_factory=dict)
    quantiles: tuple[float, ...] = ()
    calibrated: bool = True


def forecast_queue(
    history: History,
    queue: str,
    wanted: Wanted,
    shared: OtherQueues = NOTHING_SEEN,
) -> QueueForecast:
    """
    Forecast one queue; ``shared`` is what others saw of special days.

    Raises
    ------
    TableError
        The history is too short, or has no handle times and no default, or expects
        nothing of a month that is given a volume.
    """
    calendar, model, seed = history.calendar, wanted.model, wanted.seed
    if short := length_findings(history, queue, model):
        raise TableError(short)
    rows = history.rows(queue)
    series = replace(Series.of(history, queue), shared=shared)
    starts = calendar.open_intervals(queue, wanted.first, wanted.last)
    aht_s = aht_for(rows, starts, wanted.default_aht_s, wanted.aht_changes)
    if aht_s is None:
        rule = f"{queue} has no handle times (aht_s) in its history"
        raise TableError([Finding("history", rule, (), 1, "Set [aht] default_s.")])
    ahead = months_ahead(series, starts)
    first, last = int(ahead.min(initial=1)), int(ahead.max(initial=1))
    calibration = calibrate(model, series, last) if wanted.calibrated else Calibration()
    fitted = Prepared.of(model).fit(series)
    mean = calibration.mean_of(fitted.means(starts), ahead)
    effects = fitted.without(calibration.at(first).dropped).effects
    variances = calibration.shocks.of_months(first, last - first + 1).tolist()
    shocks = replace(
        calibration.shocks,
        month=variances[0],
        later=tuple(variances[1:]),
        aht=aht_variance(rows, wanted.aht_changes),
        aht_month=level_variance(rows, starts, wanted.aht_changes),
    )
    regular = regular_starts(series, starts)

    def drawn(mean: np.ndarray) -> np.ndarray:
        return sample_paths(
            mean, starts, shocks, seed=seed, queue=queue, regular=regular
        )

    paths = drawn(mean)
    month_of = starts.strftime("%Y-%m")
    own = totals_by(month_of, mean, paths, "month")
    recorded = rows.get("recorded", rows["offered"])  # before any adjustment
    past = replace(series, offered=recorded.to_numpy(dtype=np.float64))
    own["last_year"] = [last_year_of(past, month) for month in own["month"]]
    warnings = assumption_findings(series, starts, effects, calibration)
    warnings += latest_findings(series)
    if wanted.volumes:
        possible = sums_by(month_of, paths)[1]
        warnings += volume_findings(own, possible, wanted.volumes, queue)
        mean = at_volumes(mean, starts, shocks, wanted.volumes, regular=regular)
        paths = drawn(mean)
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
    shares = {
        quantile(share).name: np.quantile(paths, share, axis=0)
        for share in wanted.quantiles
    }
    months = totals_by(month_of, mean, paths, "month").assign(
        last_year=own["last_year"],
        offered_forecast=own["offered"],
        offered_given=own["month"].map(dict(wanted.volumes)).astype("float64"),
    )
    days = totals_by(pd.Index(starts.date), mean, paths, "date")
    totals = recorded.groupby(rows["interval_start"].dt.date).sum(min_count=1)
    days["year_before"] = [
        float(totals.get(day - dt.timedelta(weeks=52), np.nan)) for day in days["date"]
    ]
    return QueueForecast(
        queue,
        check_table(
            intervals.assign(**shares),
            forecast_table(wanted.quantiles),
            f"forecast of {queue}",
        ),
        days,
        months,
        effects,
        shocks,
        seed,
        regular,
        calibration.accuracy,
        tuple(warnings),
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
