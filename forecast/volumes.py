"""
Monthly volumes that the client gives: the level is theirs, the shape ours.

What a client knows of a month is how much; on which days and at which hours it comes,
and how far all of it may stray, stays as forecast.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.distribution import Shocks
from forecast.errors import Finding, TableError
from forecast.schema import (
    VOLUMES,
    duplicate_findings,
    row_findings,
    value_findings,
)
from forecast.tables import Form, parse_numbers, read_text_table

MONTH = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])")
BAND = (0.025, 0.975)
"""A volume outside these quantiles of our own month is worth a word."""
NEWTON_STEPS = 12
"""Of a convex function; the volume is met exactly afterwards."""

Volumes = Mapping[str, float]
"""Contacts of a month, by YYYY-MM. [contacts]"""


def at_volumes(
    mean: NDArray[np.float64],
    starts: pd.DatetimeIndex,
    shocks: Shocks,
    volumes: Volumes,
    *,
    regular: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """
    The forecast with the given months' totals.

    Parameters
    ----------
    mean : array of float, one value an interval
        Our own forecast. [contacts], ≥ 0
    starts : DatetimeIndex
        The intervals, zone-aware.
    shocks : Shocks
        How the days err, each by itself and all of a month together.
    volumes : mapping
        Totals ≥ 0; months that it does not have stay as they are. [contacts]
    regular : array of bool, one value an interval, optional
        False on days with a holiday or event; by default all are regular.

    Returns
    -------
    array of float
        ≥ 0; a given month adds up to its volume, and intervals keep their shares of
        their day.

    Notes
    -----
    Of a difference V − M to our month M, a day takes its share of the month's variance,
    s = Cov(day, month)/Var(month): what forecasts with these errors expect of the day
    once the month is known (the least-squares reconciliation, whose weights are the
    variances). With μ the day, m, d, i the shocks' variances and the sum over its
    intervals,

        Cov(day, month) = m·μ·M + (1 + m)·(d·μ² + (1 + d)·Σi·μᵢ²) + μ.

    The rule of lines, μ + (V − M)·s, fails for a V far from M: it falls below zero.
    So the day is μ·exp(λ·s·M/μ), with λ such that days add up to V: the same for small
    differences, and never negative.

    Raises
    ------
    TableError
        A month is given contacts in which ours has none, and so no shape.
    """
    months = starts.strftime("%Y-%m")
    day, dates = pd.factorize(starts.date)
    is_regular = np.ones(len(dates), dtype=bool)
    if regular is not None:
        is_regular[day] = regular
    result = mean.copy()
    for month, volume in volumes.items():
        of_month = np.asarray(months == month)
        total = float(mean[of_month].sum())
        if total <= 0.0 < volume and of_month.any():
            rule = (
                f"{volume:,.0f} contacts are given for {month}, but our own forecast "
                "has none then, and so no days and hours to spread them over"
            )
            remedy = 'Name a queue that has them: like = "…" under [queues].'
            raise TableError([Finding("volumes", rule, (), 1, remedy)])
        if total <= 0.0 or volume == 0.0:
            result[of_month] = 0.0
            continue
        codes, values = day[of_month], mean[of_month]
        days = np.bincount(codes, values, minlength=len(dates)).astype(np.float64)
        of_intervals = shocks.of_intervals(values) * values**2
        of_day = np.bincount(codes, of_intervals, minlength=len(dates))
        d = shocks.of_days(days, is_regular)
        alone = d * days**2 + (1.0 + d) * of_day
        shared = shocks.month * days * total + (1.0 + shocks.month) * alone + days
        full = days > 0.0
        pull = np.zeros(len(dates))
        pull[full] = shared[full] / shared.sum() * total / days[full]
        factor = np.exp(_tilt(days[full], pull[full], volume) * pull)
        scaled = values * factor[codes]
        result[of_month] = scaled * (volume / scaled.sum())
    return result


def _tilt(days: NDArray[np.float64], pull: NDArray[np.float64], volume: float) -> float:
    """The λ at which Σ days · exp(λ · pull) is the volume, by Newton's method."""
    tilt = 0.0
    for _ in range(NEWTON_STEPS):
        tilted = days * np.exp(tilt * pull)
        slope = float((tilted * pull).sum() / tilted.sum())
        tilt -= float(np.log(tilted.sum() / volume)) / slope
    return tilt


def volume_findings(
    own: pd.DataFrame, totals: NDArray[np.float64], volumes: Volumes, queue: str
) -> list[Finding]:
    """
    Volumes that our own forecast holds for unlikely.

    ``own`` has month, offered and last_year of our own forecast, ``totals`` its
    possible months, shape (paths, months).
    """
    low, high = np.quantile(totals, BAND, axis=0)
    cases = [
        f"{month} ({volumes[month]:,.0f} given, {offered:,.0f} forecast, 95 % band "
        f"{least:,.0f} to {most:,.0f}, last year "
        f"{'unknown' if np.isnan(before) else format(before, ',.0f')})"
        for month, offered, before, least, most in zip(
            own["month"], own["offered"], own["last_year"], low, high, strict=True
        )
        if month in volumes and not least <= volumes[month] <= most
    ]
    rule = "the volume given is planned for, though our own forecast says otherwise"
    remedy = "Ask what is to happen; a month's volume is that of the calendar month."
    return [Finding.of(f"forecast of {queue}", rule, cases, remedy)] if cases else []


def read_volumes(
    path: Path, form: Form, queues: Collection[str]
) -> dict[str, dict[str, float]]:
    """
    Contacts by queue and month, from a CSV in one of two forms.

    Long: the columns queue, month (YYYY-MM) and offered. Wide: queue, and a column for
    each month. Empty cells give nothing. The queues must be among those named.

    Raises
    ------
    TableError
        With a finding for each rule that is broken, its rows and their count.
    """
    where = path.name
    raw, findings = read_text_table(path, form)
    names = [name for name in raw if name != "queue"]
    wide = bool(names) and all(MONTH.fullmatch(str(name)) for name in names)
    if "queue" not in raw or not (wide or set(names) == {"month", "offered"}):
        rule = (
            "the columns must be queue, month and offered, or queue and months such as "
            "2026-12, but are"
        )
        findings.append(Finding.of(where, rule, [str(name) for name in raw]))
        raise TableError(findings)
    table = raw
    if wide:
        table = raw.melt(
            "queue", var_name="month", value_name="offered", ignore_index=False
        )
    findings += row_findings(
        where,
        f"queue must be one of the history's ({', '.join(sorted(queues))}), but is not",
        ~table["queue"].isin([*queues, ""]),
        table["queue"],
    )
    findings += row_findings(
        where,
        'month must be written like "2026-12", but is not',
        ~table["month"].str.fullmatch(MONTH.pattern),
        table["month"],
    )
    numbers = parse_numbers(table["offered"], form, counts=True)
    findings += row_findings(
        where,
        f"volumes must be numbers (decimal sign {form.decimal!r}, thousands sign "
        f"{repr(form.thousands) if form.thousands else 'none'}), but are not",
        numbers.bad,
        table["offered"],
        "Declare other signs under [format]; leave a cell empty where nothing is "
        "given.",
    )
    findings += row_findings(
        where,
        f"volumes must be clear, but {form.decimal}000 may be decimals or thousands",
        numbers.ambiguous,
        table["offered"],
        "Declare the signs: [format] thousands and decimal.",
    )
    queue = table["queue"].mask(table["queue"] == "")
    table = table.assign(queue=queue, offered=numbers.number)
    findings += value_findings(table, VOLUMES, where)
    findings += duplicate_findings(table, VOLUMES, where)
    if findings:
        raise TableError(findings)
    given = table.dropna(subset="offered")
    return {
        str(queue): dict(zip(rows["month"], rows["offered"], strict=True))
        for queue, rows in given.groupby("queue", sort=True)
    }
