"""Pictures of a roster: its cover week by week, and the month at a glance."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from staffing.report.plots import DARK, DAYS, LIGHT, plain, title_and_legend
from staffing.report.roster.grid import CODES

HOUR = pd.Timedelta(hours=1)
LONGEST_NAMED = 60
"""People up to whose number each is named beside the month."""


def plot_cover(ax: Axes, cover: pd.DataFrame) -> Axes:
    """
    Rostered against scheduled agents through the days of one group.

    ``cover`` are the rows of a group and some consecutive days of the table cover.
    Hours are those that pass: the day of a clock change is longer or shorter.
    """
    rows = cover.sort_values("interval_start")
    starts = pd.DatetimeIndex(rows["interval_start"])
    step = starts.to_series().diff().min() if len(starts) > 1 else HOUR
    first = starts[0].normalize()
    days = pd.date_range(first, starts[-1].normalize() + pd.DateOffset(days=1))
    x = (starts - first) / HOUR
    gaps = np.flatnonzero(np.diff(x) > step / HOUR + 1e-9) + 1  # closed
    ends = x + step / HOUR
    edges = np.insert(np.column_stack([x, ends]).ravel(), 2 * gaps, np.nan)
    scheduled, rostered = (
        np.insert(np.repeat(rows[name].to_numpy(float), 2), 2 * gaps, np.nan)
        for name in ("scheduled", "rostered")
    )
    low, high = np.fmin(scheduled, rostered), np.fmax(scheduled, rostered)
    missing, spare = rostered < scheduled, rostered > scheduled
    ax.fill_between(edges, low, high, where=missing, lw=0, color=DARK, label="missing")
    ax.fill_between(
        edges,
        low,
        high,
        where=spare,
        lw=0,
        facecolor=LIGHT,
        edgecolor="0.55",
        hatch="////",
        label="spare",
    )
    ax.plot(edges, scheduled, color="black", lw=1.2, label="scheduled")
    ax.plot(edges, rostered, color="0.45", lw=0.9, ls=":", label="rostered, at work")
    midnights = (days - first) / HOUR
    ax.set_xticks(
        midnights[:-1],
        [f"{DAYS[day.day_of_week]} {day:%d/%m}" for day in days[:-1]],
        ha="left",
    )
    ax.set_xlim(midnights[0], midnights[-1])
    ax.grid(axis="x", color="0.85")
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("local time, a mark at each midnight [days]")
    ax.set_ylabel("agents")
    monday = first - pd.DateOffset(days=first.day_of_week)
    title = f"{cover['queue'].iloc[0]}, week of {monday:%d/%m/%Y}"
    title_and_legend(ax, title, columns=4)
    return ax


def plot_grid(ax: Axes, grid: pd.DataFrame) -> Axes:
    """
    The month of each person, a code for each day.

    ``grid`` is that of :func:`staffing.report.roster.grid.code_grid`. Up to
    LONGEST_NAMED people are named, and their codes written.
    """
    names = list(CODES)
    codes = grid.map(names.index).to_numpy(dtype=np.int64)
    colors = ListedColormap([code.fill for code in CODES.values()])
    ax.imshow(
        codes,
        aspect="auto",
        cmap=colors,
        vmin=-0.5,
        vmax=len(names) - 0.5,
        interpolation="nearest",
    )
    people, days = codes.shape
    ax.set_xticks(np.arange(days + 1) - 0.5, minor=True)
    ax.grid(which="minor", axis="x", color="0.6", lw=0.4)
    ax.tick_params(which="minor", length=0)
    if people <= LONGEST_NAMED:
        for (row, column), code in np.ndenumerate(codes):
            look = CODES[names[code]]
            ax.text(
                column,
                row,
                look.name,
                color=look.ink,
                fontsize="xx-small",
                ha="center",
                va="center",
            )
        ax.set_yticks(range(people), [plain(str(name)) for name in grid.index])
        ax.tick_params(axis="y", labelsize="x-small")
        ax.set_ylabel("person")
    else:
        ax.yaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_ylabel("person, by place in the team")
    ax.set_xticks(range(days), [_day_label(date) for date in grid.columns.to_numpy()])
    ax.tick_params(axis="x", labelsize="x-small")
    ax.set_xlabel("date: initial of the weekday, day of the month")
    ax.set_title("The month", loc="left")
    shown = [code for code in CODES.values() if (grid == code.name).to_numpy().any()]
    patches = [
        Patch(
            facecolor=code.fill, edgecolor="0.4", label=f"{code.name}: {code.meaning}"
        )
        for code in shown
    ]
    ax.legend(
        handles=patches,
        loc="lower right",
        bbox_to_anchor=(1, 1),
        fontsize="x-small",
        ncols=len(patches),
        columnspacing=1.2,
        handlelength=1.2,
        frameon=False,
    )
    return ax


def _day_label(date: dt.date) -> str:
    return f"{DAYS[date.weekday()][0]}\n{date.day}"
