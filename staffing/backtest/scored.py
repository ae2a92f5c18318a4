"""Forecasts of the past, of one queue after the other: what workers do and return."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from forecast.backtest import backtest
from forecast.blocks import MONTH
from forecast.engine import Engine
from forecast.history import History
from forecast.intervals import month_span
from forecast.models import Model
from forecast.models.effects import shared_effects
from forecast.models.shared import OtherQueues, SharedEffects
from forecast.scores import KEY, by_cuts, sums_by
from staffing.backtest.recorded import Recorded, history_of
from staffing.config import Config
from staffing.config.values import DAY_S
from staffing.inputs import Grid
from staffing.parts import OnDisk, Part, QueuesOnDisk, queue_rows, without_rows
from staffing.progress import Progress


class Scores(NamedTuple):
    """A queue's sums by ``forecast.scores.KEY`` and by ``CUTS``."""

    sums: pd.DataFrame
    cuts: pd.DataFrame


def backtest_queue(
    history: History,
    models: Sequence[Model],
    first: dt.date,
    horizons: int,
    others: Mapping[str, OtherQueues],
    seed: int,
) -> Scores:
    """How a queue is forecast from the beginnings of months; for an engine."""
    points = backtest(
        history,
        models,
        first=first,
        step=MONTH,
        block=MONTH,
        blocks=horizons,
        others=others,
        seed=seed,
    )
    if history.calendar.interval_s == DAY_S:  # an interval is a day: score it once
        points = points[points["grain"] != "interval"].reset_index(drop=True)
    return Scores(sums_by(points, KEY), by_cuts(points))


class PastPart(NamedTuple):
    """A file's history until a month, without rows; what others learn; its rows."""

    history: History
    shared: SharedEffects
    rows: Mapping[str, bytes]


def known_until(
    past: Recorded, month: str, engine: Engine, progress: Progress | None
) -> tuple[QueuesOnDisk, SharedEffects]:
    """What is known when a month has ended."""
    arguments = past.config, past.grid, month
    rows, parts = OnDisk(past.where), []
    for part in past.parts.each(engine, past_part, *arguments, progress=progress):
        rows.update(part.rows)
        parts.append(part)
    shared = SharedEffects.joined([part.shared for part in parts])
    return QueuesOnDisk(parts[0].history, rows), shared


def past_part(part: Part, config: Config, grid: Grid, month: str) -> PastPart:
    """What is known of a file's queues when a month has ended; for an engine."""
    history = history_of(part, config, grid)  # borrowed calls never came
    day_after = month_span(month)[1] + dt.timedelta(days=1)
    after = pd.Timestamp(day_after, tz=config.timezone)
    frame = history.frame[history.frame["interval_start"] < after]
    end = min(history.end, after).as_unit("s")
    known = replace(history, frame=frame, end=end)
    return PastPart(without_rows(known), shared_effects(known), queue_rows(known))
