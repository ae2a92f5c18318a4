"""The pictures: each takes an Axes, draws on it and returns it. All read in grey."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

DARK, MID, LIGHT = "#123c5a", "#d9822b", "#bcd4e6"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def plot_days(ax: Axes, days: pd.DataFrame) -> Axes:
    """
    Calls of each day with their band, and what came 52 weeks before.

    ``days`` has date, offered, offered_p10, offered_p90 and year_before.
    """
    x = np.array([day.toordinal() for day in days["date"]])
    height = days["offered_p90"] - days["offered_p10"]
    label = "P10 to P90: 8 days of 10 lie within"
    ax.bar(x, height, bottom=days["offered_p10"], width=0.7, color=LIGHT, label=label)
    ax.plot(x, days["offered"], "o", color=DARK, markersize=4, label="forecast (mean)")
    if days["year_before"].notna().any():
        ax.plot(
            x,
            days["year_before"],
            "x",
            color=MID,
            markersize=5,
            label="52 weeks before",
        )
    ax.set_ylim(bottom=0)
    ax.set_ylabel("offered [contacts a day]")
    date_axis(ax, x[0], x[-1])
    title_and_legend(ax, "Calls of each open day")
    return ax


def typical_and_hardest(requirement: pd.DataFrame) -> tuple[dt.date, dt.date]:
    """
    The day of median agent hours among whole days, and the day of most agents.

    A whole day has the most common number of intervals: not a short Saturday, nor
    a day on which clocks change.
    """
    dates = requirement["interval_start"].dt.date
    days = requirement.groupby(dates)["agents"].agg(["sum", "max"])
    days["count"] = requirement["open"].groupby(dates).sum()
    whole = days.loc[days["count"] == days["count"].mode().max(), "sum"]
    typical = (whole == whole.sort_values().iloc[(len(whole) - 1) // 2]).idxmax()
    hardest = days.sort_values(["max", "sum"], kind="stable").index[-1]
    return typical, hardest


def plot_agents_day(ax: Axes, requirement: pd.DataFrame) -> Axes:
    """Agents by interval on a typical and on the hardest day of one queue."""
    dates = requirement["interval_start"].dt.date
    typical, hardest = typical_and_hardest(requirement)
    for day, name, color, line in (
        (typical, "typical", DARK, "-"),
        (hardest, "hardest", MID, "--"),
    ):
        rows = requirement[dates == day]
        agent_hours = (rows["agents"] * rows["interval_s"]).sum() / 3600.0
        label = (
            f"{name}: {DAYS[day.weekday()]} {day:%d/%m}, {agent_hours:.0f} agent hours"
        )
        edges, agents = _through_day(rows)
        ax.stairs(
            agents, edges, baseline=None, label=label, color=color, ls=line, linewidth=2
        )
    ax.set_ylim(bottom=0)
    ax.set_xlabel("local time [h]")
    ax.set_ylabel("agents on the queue")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    title_and_legend(ax, "Agents needed through the day")
    return ax


def plot_agents_week(ax: Axes, requirement: pd.DataFrame) -> Axes:
    """Heat map of one queue: mean agents by weekday and time; closed is blank."""
    weekday = requirement["interval_start"].dt.day_of_week
    edges, _ = _through_day(requirement)
    open_days = sorted(weekday.unique())
    grid = []
    for day in open_days:
        known, agents = _through_day(requirement[weekday == day])
        before = int(np.searchsorted(edges, known[0]))
        after = len(edges) - 1 - before - len(agents)
        grid.append(np.pad(agents, (before, after), constant_values=np.nan))
    image = ax.imshow(
        np.array(grid),
        aspect="auto",
        cmap="viridis_r",
        extent=(edges[0], edges[-1], len(open_days) - 0.5, -0.5),
    )
    ax.set_yticks(range(len(open_days)), [DAYS[day] for day in open_days])
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("local time [h]")
    ax.set_ylabel("weekday")
    ax.set_title("Mean agents by weekday and time", loc="left")
    ticks = MaxNLocator(integer=True)
    ax.figure.colorbar(image, ax=ax, label="agents", ticks=ticks)
    return ax


def date_axis(ax: Axes, first: int, last: int) -> None:
    """Names the Mondays from one day to another, given as ordinals; 14 at most."""
    mondays = [
        n for n in range(first, last + 1) if dt.date.fromordinal(n).weekday() == 0
    ]
    mondays = mondays[:: len(mondays) // 14 + 1]
    ax.set_xlabel("date")
    ax.set_xticks(mondays, [f"Mon {dt.date.fromordinal(n):%d/%m}" for n in mondays])


def plain(name: str) -> str:
    """A name as it is: matplotlib takes what stands between dollars for a formula."""
    return name.replace("$", r"\$")


def title_and_legend(ax: Axes, title: str, *, columns: int = 3) -> None:
    """The title at the left and the legend at the right, both above the picture."""
    ax.set_title(plain(title), loc="left")
    ax.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        fontsize="small",
        ncols=columns,
        frameon=False,
    )


def _through_day(
    requirement: pd.DataFrame,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Edges of the clock slots [h], and the mean agents in each; NaN where closed."""
    start = requirement["interval_start"].dt
    step_s = int(requirement["interval_s"].iloc[0])
    slot = (start.hour * 3600 + start.minute * 60) // step_s
    means = requirement["agents"].groupby(slot.to_numpy()).mean()
    slots = np.arange(means.index.min(), means.index.max() + 2)
    agents = means.reindex(slots[:-1]).to_numpy(dtype=np.float64)
    return slots * (step_s / 3600.0), agents
