"""What matters most: each lever by itself, by as much as it is uncertain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from forecast.distribution import lognormal
from forecast.run import QueueForecast
from staffing.kpi import ALL
from staffing.need import bands_of
from staffing.requirement.pools import pooled
from staffing.requirement.rules import Rules
from staffing.scenario.base import Base
from staffing.scenario.changes import Scenario, parse_change
from staffing.scenario.outcome import inputs_of, rules_of
from staffing.scenario.sweep import people_of, type_people, with_needed

ENDS = np.array([0.1, 0.9])
"""Percentiles that a lever is moved to. [1]"""
ASSUMED = {"shrinkage": 0.1, "patience_s": 0.2, "repeat": 0.2, "redial": 0.2}
"""How far a lever may be off, as a share of itself, where no history tells. [1]"""


COLUMNS = [
    "lever",
    "low",
    "high",
    "fte",
    "fte_low",
    "fte_high",
    "hours_low",
    "hours_high",
    "source",
]


class Span(NamedTuple):
    """From where to where a lever may be, as shares more or less, and who says so."""

    lever: str
    low: float
    high: float
    source: Literal["forecast", "history", "assumed"]


def tornado(base: Base, scenario: Scenario) -> pd.DataFrame:
    """
    People at the low and the high end of each uncertain lever, the others as they are.

    Returns
    -------
    DataFrame
        A row a lever, that moves the people most first: lever; low and high, the
        changes; fte_low, fte_high, hours_low and hours_high (agent hours), needed
        at either; fte, needed without them; source of the ends, "forecast",
        "history" or "assumed" (ASSUMED). Where agents are given, it is about the
        needed ones.

    Notes
    -----
    Calls go from P10 to P90 of the month totals, handle times to the same percentiles
    of a month's level and the mean of its days, log-normal; the queues' errors are
    taken as independent. Decisions, as targets and hours, are not uncertain.
    """
    needed = with_needed(scenario)
    found = inputs_of(base, needed)
    rules = rules_of(base, found.config)
    spans = [*_of_forecast(base.forecasts), *_of_history(base, rules), *_assumed(rules)]
    (now,) = people_of(base, [needed])
    rows: list[dict[str, Any]] = []
    for span in spans:
        (low, at_low), (high, at_high) = (
            _moved(base, needed, span, share) for share in (span.low, span.high)
        )
        rows.append(
            {
                "lever": span.lever,
                "low": low,
                "high": high,
                "fte": now["fte"],
                "fte_low": at_low["fte"],
                "fte_high": at_high["fte"],
                "hours_low": at_low["agent_hours"],
                "hours_high": at_high["agent_hours"],
                "source": span.source,
            }
        )
    rows.sort(key=lambda row: -abs(row["fte_high"] - row["fte_low"]))
    return pd.DataFrame(rows, columns=COLUMNS)


def _moved(
    base: Base, scenario: Scenario, span: Span, share: float
) -> tuple[str, type_people]:
    """The change that moves a lever by a share, and the people with it."""
    text = f"{span.lever}={100.0 * share:+.1f}%"
    change = parse_change(text)
    if span.source == "history":  # an estimate is no number that a change could move
        factor = change.value.factor
        scaled = {
            pool: item._replace(patience_s=item.patience_s * factor)
            for pool, item in base.patience.items()
        }
        base = replace(base, patience=scaled)
    else:
        scenario = scenario.then(Scenario(changes=(change,)))
    (people,) = people_of(base, [scenario])
    return change.text, people


def _of_forecast(forecasts: tuple[QueueForecast, ...]) -> Iterator[Span]:
    """How far calls and handle times may stray from the forecast."""
    queues = tuple(item.queue for item in forecasts)
    total = pooled(bands_of(forecasts), {ALL: queues}).sum(numeric_only=True)
    if total["offered"] > 0.0:
        low, high = total[["offered_p10", "offered_p90"]] / total["offered"] - 1.0
        yield Span("volume", low, high, "forecast")
        low, high = lognormal(ENDS, _handle_time_variance(forecasts)) - 1.0
        yield Span("aht_s", low, high, "forecast")


def _handle_time_variance(forecasts: tuple[QueueForecast, ...]) -> float:
    """Relative variance of the month's mean handle time, all queues together. [1]"""
    work, variance = [], []
    for item in forecasts:
        rows = item.intervals
        work.append((rows["offered"] * rows["aht_s"]).sum())
        days = max(1, rows["interval_start"].dt.date.nunique())
        variance.append(item.shocks.aht_month + item.shocks.aht / days)
    weight = np.array(work) / sum(work)
    return float(weight**2 @ np.array(variance))


def _of_history(base: Base, rules: Rules) -> Iterator[Span]:
    """How far an estimated patience may be off; N abandonments leave 1/√N of it."""
    if rules.own_patience_s:
        lost = sum(item.abandonments for item in base.patience.values())
        low, high = np.exp(ndtri(ENDS) / np.sqrt(lost)) - 1.0
        yield Span("patience_s", low, high, "history")


def _assumed(rules: Rules) -> Iterator[Span]:
    """What the scenario reckons with, and nobody has measured."""
    used = {
        "shrinkage": rules.shrinkage.week.max() > 0.0,
        "patience_s": rules.patience_s is not None,
        "repeat": rules.returning.repeat > 0.0,
        "redial": rules.returning.redial > 0.0,
    }
    for lever, share in ASSUMED.items():
        if used[lever]:
            yield Span(lever, -share, share, "assumed")
