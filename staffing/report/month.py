"""month.html: a month for the client, planned against realised, on one page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from staffing.kpi import (
    ADHERENCE,
    ALL,
    AMBER_RULE,
    Declared,
    Kpi,
    definitions,
    goals,
    kpis_by,
    months_met,
    traffic_lights,
    year_of,
)
from staffing.report.kpi_plots import plot_calls_days, plot_kpi_days, plot_level_week
from staffing.report.page import Cell, html_cells, html_page, html_picture
from staffing.report.waterfall import cause_name
from staffing.report.words import (
    gap_shown,
    label,
    month_name,
    unit_shown,
    unit_title,
    value_shown,
)
from staffing.targets import Targets

LIGHTS = {
    "green": ("✓ met", "#d3ebd3"),
    "amber": ("≈ nearly met", "#ffe7bd"),
    "red": ("✗ missed", "#f4c7c3"),
    "unknown": ("? unknown", "#eeeeee"),
}
"""What each light says, and its background."""
VERDICTS = {
    "reached": "✓ enough months met",
    "missed": "✗ too many months missed",
    "open": "… still open",
}
SIGNS = {1.0: ("✓", "#d3ebd3"), 0.0: ("✗", "#f4c7c3")}


def month_page(
    month: str,
    kpis: pd.DataFrame,
    realised: pd.DataFrame,
    targets: Targets,
    *,
    past: pd.DataFrame | None = None,
    unit: str = ALL,
    declared: Sequence[Declared] = (),
    causes: pd.DataFrame | None = None,
    pictures: Mapping[str, Callable[[Axes], Axes]] | None = None,
    levers: Sequence[str] = (),
) -> str:
    """
    The page as HTML, pictures inside; the same month gives the same text.

    Parameters
    ----------
    month : str
        The month, YYYY-MM.
    kpis : DataFrame
        The table KPI with the month and its days, of the queues to be shown.
    realised : DataFrame
        queue, interval_start and sums of the month, of the queues of ``unit``.
    targets : Targets
        What had to be reached.
    past : DataFrame, optional
        The table KPI of the months before, to compare with.
    unit : str
        The queue, group or client of the headline and of the pictures.
    declared : sequence of Declared, optional
        Further KPIs.
    causes : DataFrame, optional
        The table CAUSES; its rows of the month are shown.
    pictures : mapping of str to what draws on an Axes, optional
        Further pictures of the causes, by what they show.
    levers : sequence of str, optional
        What would have closed the gap, a sentence each.
    """
    known = [*definitions(targets.sl_rule), ADHERENCE, *(k.kpi() for k in declared)]
    of = {kpi.name: kpi for kpi in known}
    this = kpis[kpis["period"] == month]
    before = this.head(0) if past is None else past[past["period"] < month]
    before = before[before["queue"].isin(this["queue"])]
    lights = traffic_lights(pd.concat([this, before]), targets, declared)
    last = str(pd.Period(month, freq="M") - 1)
    values = lights[lights["month"] == last].set_index(["queue", "kpi"])["value"]
    now = lights[lights["month"] == month]
    now = now.join(values.rename("before"), on=["queue", "kpi"])
    of_unit = now[now["queue"] == unit]
    agreed = str(replace(targets, max_occupancy=None))  # that is the planner's
    title = f"{unit_title(unit)}, {month_name(month)}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p><strong>{escape(headline(of_unit, last, of))}</strong></p>",
        f'<p class="note">Agreed: {escape(agreed) or "nothing"}.</p>',
        "<h2>Targets</h2>",
        _lights_table(now, month, last, of),
        f'<p class="note">{escape(AMBER_RULE)}.</p>',
        "<h2>Months met</h2>",
        _year_table(lights, targets),
        '<p class="note">A month is met where every agreed target of waits and '
        "abandonment is met; a dash: the history does not tell.</p>",
        "<h2>Day by day</h2>",
        *_pictures(month, kpis, realised, targets, unit),
        *_causes(this, causes, pictures or {}, of),
        *lever_parts(month, levers),
        "<h2>Planned and realised</h2>",
        _kpis(this[this["queue"] == unit], of),
        *(
            f"<details><summary>{escape(unit_title(str(queue)))}</summary>"
            f"{_kpis(rows, of)}</details>"
            for queue, rows in this[this["queue"] != unit].groupby("queue", sort=False)
        ),
        "<h2>Definitions used</h2>",
        html_cells(
            ["KPI", "unit", "what it is"],
            [[label(kpi), unit_shown(kpi), kpi.meaning] for kpi in known],
        ),
        '<p class="note">Each KPI of a day, a month or several queues is the sum above '
        "the line over the sum below it, of all their calls: never a mean of means."
        "</p>",
    ]
    return html_page(escape(title), parts)


def headline(lights: pd.DataFrame, last: str, of: Mapping[str, Kpi]) -> str:
    """
    Whether a month met its targets, by how much, and against the month before.

    ``lights`` are a unit's of one month, with the value of the month ``last``.
    Occupancy is a limit of the plan, and passed over.
    """
    known = lights[(lights["met"] != "unknown") & (lights["kpi"] != "occupancy")]
    if known.empty:
        return "Nothing is known of the KPIs that have a target."
    details: dict[bool, list[str]] = {False: [], True: []}
    for row in known.to_dict("records"):
        kpi = of[row["kpi"]]
        detail = (
            f"{label(kpi)} {value_shown(row['value'], kpi)}, target {_target(row, kpi)}"
        )
        if not np.isnan(change := row["value"] - row["before"]):
            detail += f" ({gap_shown(change, kpi)} on {month_name(last)})"
        details[row["met"] == "green"].append(detail)
    missed, met = ("; ".join(details[which]) for which in (False, True))
    if not missed:
        return f"Every target was met: {met}."
    if len(known) == 1:
        return f"The target was missed: {missed}."
    count = len(details[False])
    were = "was" if count == 1 else "were"
    text = f"{count} of {len(known)} targets {were} missed: {missed}."
    return f"{text} Met: {met}." if met else text


def _target(row: Mapping[Hashable, Any], kpi: Kpi) -> str:
    bound = "at least" if kpi.better == "higher" else "at most"
    return f"{bound} {value_shown(row['target'], kpi)}"


def _lights_table(
    lights: pd.DataFrame, month: str, last: str, of: Mapping[str, Kpi]
) -> str:
    """Each target of the month, what came of it, and the month before."""
    rows: list[list[Cell]] = []
    for row in lights.to_dict("records"):
        kpi = of[row["kpi"]]
        rows.append(
            [
                unit_title(row["queue"]),
                label(kpi),
                _target(row, kpi),
                value_shown(row["value"], kpi),
                LIGHTS[row["met"]],
                value_shown(row["before"], kpi),
                gap_shown(row["value"] - row["before"], kpi),
            ]
        )
    months = month_name(month), "", month_name(last)
    return html_cells(["queue", "KPI", "target", *months, "change"], rows)


def _year_table(lights: pd.DataFrame, targets: Targets) -> str:
    """Which of the last twelve months were met, against how many are needed."""
    year = year_of(lights, targets)
    rows: list[list[Cell]] = [
        [
            unit_title(row["queue"]),
            *(SIGNS.get(met, "–") for met in year.loc[row["queue"]]),
            f"{row['met']} of {row['months']}",
            f"{row['needed']} of 12",
            VERDICTS[row["verdict"]],
        ]
        for row in months_met(lights, targets).to_dict("records")
    ]
    months = [f"{pd.Period(str(month)):%b %y}" for month in year]
    return html_cells(["queue", *months, "met, of known", "needed", ""], rows)


def _pictures(
    month: str,
    kpis: pd.DataFrame,
    realised: pd.DataFrame,
    targets: Targets,
    unit: str,
) -> list[str]:
    """The unit's targets and calls by day, its service level by weekday and hour."""
    days = kpis[(kpis["queue"] == unit) & kpis["period"].str.startswith(f"{month}-")]
    dates = [dt.date.fromisoformat(period) for period in days["period"]]
    of_kpi = dict(iter(days.assign(date=dates).groupby("kpi")))
    named = {kpi.name: label(kpi) for kpi in definitions(targets.sl_rule)}
    plots: dict[str, Callable[[Axes], Axes]] = {
        f"{named[goal.kpi]} by day": partial(
            plot_kpi_days, days=of_kpi[goal.kpi], goal=goal, name=named[goal.kpi]
        )
        for goal in goals(targets)
        if goal.kpi in of_kpi and of_kpi[goal.kpi]["realised"].notna().any()
    }
    plots["calls by day"] = partial(plot_calls_days, days=of_kpi["offered"])
    start = realised["interval_start"].dt
    week = [start.day_of_week.rename("weekday"), start.hour.rename("hour")]
    level = kpis_by(realised, week, sl_rule=targets.sl_rule)["service_level"]
    if level.notna().any():
        plots["service level by weekday and hour"] = partial(
            plot_level_week,
            levels=level.reset_index().pivot_table("service_level", "weekday", "hour"),
        )
    return [html_picture(plot, f"{name} of {unit}") for name, plot in plots.items()]


def _kpis(rows: pd.DataFrame, of: Mapping[str, Kpi]) -> str:
    """Every KPI of a unit's month."""
    cells: list[list[Cell]] = [
        [
            label(of[row["kpi"]]),
            value_shown(row["planned"], of[row["kpi"]]),
            value_shown(row["realised"], of[row["kpi"]]),
            gap_shown(row["gap"], of[row["kpi"]]),
        ]
        for row in rows.to_dict("records")
    ]
    return html_cells(["KPI", "planned", "realised", "gap"], cells)


def _causes(
    this: pd.DataFrame,
    causes: pd.DataFrame | None,
    pictures: Mapping[str, Callable[[Axes], Axes]],
    of: Mapping[str, Kpi],
) -> list[str]:
    """What moved the month's KPIs away from the plan."""
    if causes is None:
        return []
    shown = causes[causes["period"].isin(this["period"])]
    shown = shown[shown["queue"].isin(this["queue"])]
    if shown.empty:
        return []
    names = list(dict.fromkeys(shown["cause"]))
    rows: list[list[Cell]] = []
    for (queue, name), effects in shown.groupby(["queue", "kpi"], sort=False):
        kpi = of[str(name)]
        by_cause = effects.set_index("cause")["effect"].reindex(names)
        gaps = [gap_shown(effect, kpi) for effect in (*by_cause, by_cause.sum())]
        rows.append([unit_title(str(queue)), label(kpi), *gaps])
    return [
        "<h2>Why the month was not as planned</h2>",
        html_cells(["queue", "KPI", *map(cause_name, names), "in all"], rows),
        '<p class="note">What each cause added to the KPI, found by simulating the '
        "month with one after the other as it came. volume: how many calls; shape: at "
        "what time; handle time: how long they took; staffing: who was there; "
        "remainder: what the simulation does not explain.</p>",
        *(html_picture(draw, name) for name, draw in pictures.items()),
    ]


def lever_parts(month: str, levers: Sequence[str]) -> list[str]:
    """What would have helped in a month, a sentence each; nothing without any."""
    if not levers:
        return []
    return [
        f"<p>Where each cause took most in {month_name(month)}, and what alone would "
        "have met the targets there:</p>",
        *(f"<p>{escape(lever)}</p>" for lever in levers),
    ]
