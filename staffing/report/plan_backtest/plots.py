"""Pictures of plans against what happened. All read in grey."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.ticker import PercentFormatter

from staffing.backtest.promises import GRAINS, promise_table
from staffing.kpi import Goal, Kpi
from staffing.report.plan_backtest.summary import hours_ratio
from staffing.report.plots import DARK, LIGHT, MID, plain, title_and_legend
from staffing.report.words import label, unit_title, value_shown

BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1.0)
"""Edges of what was promised: finer where plans aim."""
MARKERS = "osD^vP*h"
HATCHES = ("", "///", "...")
SIDES = {
    "planned": ("planned_", "--", "D", "0.45"),
    "replayed (planned agents)": ("replayed_", "-", "o", DARK),
    "realised": ("", ":", "X", MID),
}
PLANS = {
    "plan": "the plan",
    "seasonal_naive": "last week's calls again",
    "sma4": "average of four weeks",
}
COLORS = (DARK, LIGHT, MID)
BARS = 0.75
"""Width of a group of bars; groups are 1 apart."""


def reliability_table(days: pd.DataFrame) -> pd.DataFrame:
    """queue, units, promised and held of its days, by bins of what was promised."""
    bins = np.digitize(days["promised"], BINS[1:-1], right=True)
    return promise_table(days.assign(bin=bins), ["queue", "bin"])


def plot_reliability(ax: Axes, days: pd.DataFrame) -> Axes:
    """
    How often days held, by the probability that their plan promised.

    ``days`` are rows of the promises; beside each mark stands how many there are.
    """
    table = reliability_table(days)
    for number, (queue, rows) in enumerate(table.groupby("queue", sort=True)):
        ax.scatter(
            rows["promised"],
            rows["held"],
            s=50,
            marker=MARKERS[number % len(MARKERS)],
            facecolor=COLORS[number % len(COLORS)],
            edgecolor="black",
            label=plain(str(queue)),
            clip_on=False,
            zorder=3,
        )
        for row in rows.to_dict("records"):
            ax.annotate(
                f"{row['units']:,d}",
                (row["promised"], row["held"]),
                (8, 0),
                textcoords="offset points",
                va="center",
                fontsize="small",
            )
    ax.plot([0, 1], [0, 1], color="0.4", ls="--", lw=1, label="held = promised")
    low = max(0.0, table[["promised", "held"]].to_numpy().min() - 0.05)
    for set_limits in (ax.set_xlim, ax.set_ylim):
        set_limits(low, 1.01)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, symbol=None))
    edges = ", ".join(f"{100 * edge:g}" for edge in BINS[1:-1])
    ax.set_xlabel(f"promised: chance of meeting all targets, binned at {edges} [%]")
    ax.set_ylabel("days that held [%]")
    title_and_legend(ax, "Promised against held, and number of days", columns=5)
    return ax


def plot_promises(ax: Axes, promises: pd.DataFrame) -> Axes:
    """Shares of intervals, days and months that meet all targets."""
    table = promise_table(promises, ["grain"]).set_index("grain")
    table = table.reindex([grain for grain in GRAINS if grain in table.index])
    shares = table[["promised", "held", "realised"]].dropna(axis=1, how="all")
    named = {
        "promised": "promised",
        "held": "held with the calls that came",
        "realised": "realised with the agents there",
    }
    _bars(ax, shares.rename(columns=named))
    names = [f"{grain}s: {table['units'][grain]:,d}" for grain in table.index]
    ax.set_xticks(range(len(names)), names)
    ax.set_xlabel("what must meet all targets, of all queues together")
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=None))
    ax.set_ylabel("share that does [%]")
    ax.set_ylim(0, 1.05)
    title_and_legend(ax, "Promised against held")
    return ax


def plot_kpi_months(ax: Axes, months: pd.DataFrame, goal: Goal, kpi: Kpi) -> Axes:
    """
    A KPI by month as planned, replayed and realised, with the line of its target.

    ``months`` are a unit's rows of the outcomes of months.
    """
    for name, (prefix, line, marker, color) in SIDES.items():
        values = months[f"{prefix}{kpi.name}"].to_numpy(dtype=np.float64)
        if not np.isnan(values).all():
            ax.plot(
                range(len(values)), values, marker, ls=line, color=color, label=name
            )
    bound = "at least" if goal.better == "higher" else "at most"
    target = f"target: {bound} {value_shown(goal.target, kpi)}"
    ax.axhline(goal.target, color="black", lw=1, label=target)
    ax.set_xticks(range(len(months)), list(months["period"]))
    ax.set_xlim(-0.5, len(months) - 0.5)
    ax.set_xlabel("month")
    share = kpi.unit == "1"
    if share:
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=None))
    if goal.better == "lower":
        ax.set_ylim(bottom=0)
    name = label(kpi)
    ax.set_ylabel(f"{name} [{'%' if share else kpi.unit}]")
    title_and_legend(ax, f"{name[0].upper()}{name[1:]}", columns=4)
    return ax


def plot_hours(ax: Axes, costs: pd.DataFrame) -> Axes:
    """Agent hours of the plans at equal service, over those of the clairvoyant plan."""
    ratios = {
        name: hours_ratio(costs, "clairvoyant", plan) - 1.0
        for plan, name in PLANS.items()
    }
    table = pd.DataFrame(ratios).dropna(axis=1, how="all")
    table = table.loc[sorted(table.index, key=lambda unit: (unit == "all", unit))]
    for bars in _bars(ax, table):
        ax.bar_label(bars, fmt=lambda share: f"{100 * share:+.1f}", padding=2)
    ax.set_xticks(range(len(table)), [plain(unit_title(unit)) for unit in table.index])
    ax.axhline(0.0, color="black", lw=1)
    ax.margins(y=0.15)
    ax.set_xlabel("queue or group")
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=None))
    ax.set_ylabel("over the clairvoyant plan [%]")
    title_and_legend(ax, "Agent hours at equal service")
    return ax


def _bars(ax: Axes, heights: pd.DataFrame) -> list[BarContainer]:
    """Groups of bars: a group for each row, a bar in it for each column."""
    width = BARS / heights.shape[1]
    return [
        ax.bar(
            np.arange(len(heights)) - BARS / 2 + width * (number + 0.5),
            heights[name],
            width=width,
            color=COLORS[number],
            edgecolor="black",
            hatch=HATCHES[number],
            label=name,
        )
        for number, name in enumerate(heights)
    ]
