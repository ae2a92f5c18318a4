"""Past days cut off at a time of day, and how well the rest of each was told."""

from dataclasses import replace

import numpy as np
import pandas as pd

from forecast.intervals import month_span
from forecast.run import Wanted, forecast_queue
from staffing.track.rest import queue_day
from staffing.track.today import Today


def scored_rests(history, queue, month, model, hours):
    """
    A row for each open day of the month and hour at which it is cut off.

    ``offered`` is the rest of the day as it came; plan, naive (the plan, scaled by what
    came so far over what was planned) and update are told for it, with low and high,
    the percentiles. ``error_`` are sums of absolute errors over its intervals.
    """
    first, last = month_span(month)
    begin = pd.Timestamp(first, tz=history.calendar.zone)
    past = history.frame[history.frame["interval_start"] < begin]
    known = replace(history, frame=past, end=begin)
    forecast = forecast_queue(known, queue, Wanted(model, first, last, seed=1))
    rows = history.rows(queue)
    start = rows["interval_start"]
    scores = []
    for date in sorted(set(forecast.intervals["interval_start"].dt.date)):
        day = rows[(start.dt.date == date) & rows["offered"].notna()]
        for hour in hours:
            at = pd.Timestamp(date, tz=history.calendar.zone) + pd.Timedelta(hours=hour)
            so_far = day[day["interval_start"] < at]
            if len(so_far) in (0, len(day)):
                continue
            today = Today(date, at, so_far, so_far, ())
            update = queue_day(forecast, known, today)
            ahead = np.isnan(update.came)
            planned = update.planned["offered"].to_numpy()
            ratio = update.came[~ahead].sum() / planned[~ahead].sum()
            offered = day["offered"].to_numpy()[ahead]
            told = {
                "plan": planned[ahead],
                "naive": ratio * planned[ahead],
                "update": update.intervals["offered"].to_numpy()[ahead],
            }
            low, high = np.quantile(update.counts[:, ahead].sum(axis=1), (0.1, 0.9))
            scores.append(
                {"queue": queue, "date": date, "hour": hour, "offered": offered.sum()}
                | {name: rest.sum() for name, rest in told.items()}
                | {f"error_{n}": np.abs(offered - r).sum() for n, r in told.items()}
                | {"low": low, "high": high}
            )
    return pd.DataFrame(scores)


def summary(scores, by):
    """WAPE of intervals and of rests, and the share of rests inside their band."""
    scores = scores.assign(
        inside=(scores["offered"] >= scores["low"])
        & (scores["offered"] <= scores["high"])
    )
    names = ("plan", "naive", "update")
    for name in names:
        scores[f"rest_{name}"] = (scores["offered"] - scores[name]).abs()
    groups = scores.groupby(by)
    sums = groups.sum(numeric_only=True)
    table = pd.DataFrame({"days": groups.size()})
    for kind in ("error", "rest"):
        for name in names:
            table[f"{kind}_{name}"] = sums[f"{kind}_{name}"] / sums["offered"]
    return table.assign(coverage=groups["inside"].mean())
