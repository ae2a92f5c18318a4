"""Pictures of a month's KPIs, planned and realised. All read in grey."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from staffing.kpi import Goal
from staffing.report.plots import DARK, DAYS, LIGHT, MID, date_axis, title_and_legend


def plot_kpi_days(ax: Axes, days: pd.DataFrame, goal: Goal, name: str) -> Axes:
    """
    A KPI by day as planned and as realised, with the line of its target.

    ``days`` has date, planned and realised; ``name`` is what people call the KPI.
    """
    x = np.array([day.toordinal() for day in days["date"]])
    lights = [goal.light(value) for value in days["realised"]]
    missed = np.isin(lights, ["amber", "red"])
    planned, realised = days["planned"].to_numpy(), days["realised"].to_numpy()
    if not np.isnan(planned).all():
        ax.plot(x, planned, "_", color=DARK, ms=9, mew=1.5, label="planned")
    for which, mark, color, label in (
        (~missed, "o", DARK, "realised, target met"),
        (missed, "X", MID, "realised, target missed"),
    ):
        if (which & ~np.isnan(realised)).any():
            ax.plot(x[which], realised[which], mark, color=color, ms=6, label=label)
    bound = "at least" if goal.better == "higher" else "at most"
    share = goal.unit == "1"
    target = f"{goal.target:.0%}" if share else f"{goal.target:g} {goal.unit}"
    label = f"target: {bound} {target}"
    ax.axhline(goal.target, color="black", ls="--", lw=1, label=label)
    if share:
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=None))
        low = np.nanmin([*planned, *realised, goal.target])
        ax.set_ylim(max(0.0, low - 0.05), 1.02)
    else:
        ax.set_ylim(0, 1.1 * np.nanmax([*planned, *realised, goal.target]))
    ax.set_ylabel(f"{name} [{'%' if share else goal.unit}]")
    date_axis(ax, x[0], x[-1])
    title_and_legend(ax, f"{name[0].upper()}{name[1:]} by day", columns=4)
    return ax


def plot_calls_days(ax: Axes, days: pd.DataFrame) -> Axes:
    """
    Calls by day as planned and as they came.

    ``days`` has date, planned and realised, in contacts.
    """
    x = np.array([day.toordinal() for day in days["date"]])
    if days["planned"].notna().any():
        ax.bar(x, days["planned"], width=0.7, color=LIGHT, label="planned")
    ax.plot(x, days["realised"], "o", color=DARK, ms=4, label="came")
    ax.set_ylim(bottom=0)
    ax.set_ylabel("offered [contacts a day]")
    date_axis(ax, x[0], x[-1])
    title_and_legend(ax, "Calls by day")
    return ax


def plot_level_week(ax: Axes, levels: pd.DataFrame) -> Axes:
    """
    Heat map of the service level by weekday and clock hour; closed is blank.

    ``levels`` has a row for each weekday (0 is Monday), a column for each hour, and
    shares in its cells.
    """
    first, last = int(levels.columns.min()), int(levels.columns.max())
    hours = list(range(first, last + 1))
    grid = levels.reindex(columns=hours).to_numpy(dtype=np.float64)
    low = min(0.5, np.nanmin(grid))
    edges = (first, last + 1, len(levels) - 0.5, -0.5)
    image = ax.imshow(
        grid, aspect="auto", cmap="cividis", vmin=low, vmax=1.0, extent=edges
    )
    for (row, column), level in np.ndenumerate(grid):
        if not np.isnan(level):
            ax.text(
                first + column + 0.5,
                row,
                f"{100 * level:.0f}",
                ha="center",
                va="center",
                fontsize="x-small",
                color="white" if level < (low + 1.0) / 2 else "black",
            )
    ax.set_yticks(range(len(levels)), [DAYS[day] for day in levels.index])
    ax.set_xticks(hours)
    ax.set_xlabel("local time [h]")
    ax.set_ylabel("weekday")
    ax.set_title("Service level by weekday and hour [%]", loc="left")
    bar = ax.figure.colorbar(image, ax=ax, label="service level [%]")
    bar.ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=None))
    return ax
