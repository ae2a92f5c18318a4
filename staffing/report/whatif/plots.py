"""The pictures of what-if. All read in grey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from staffing.report.plots import DARK, LIGHT, MID, plain, title_and_legend
from staffing.report.whatif.words import amount_shown, lever_shown
from staffing.scenario.changes import parse_change
from staffing.scenario.ranges import Range
from staffing.texts import Texts

PAUSE = 2
"""Empty intervals between two days of a week."""
GREY = "0.45"
SOURCES: dict[str, dict[str, Any]] = {
    "forecast": {"facecolor": DARK},
    "history": {"facecolor": MID},
    "assumed": {"facecolor": "white", "hatch": "///"},
}
"""How a bar tells where its range is known from."""


def plot_week(ax: Axes, week: pd.DataFrame, texts: Texts) -> Axes:
    """
    Agents by interval of a typical week: plan, scenario and the forecast's band.

    ``week`` is as :func:`staffing.scenario.week.typical_week` returns it.
    """
    days = [rows for _, rows in week.groupby("weekday")]
    pause = pd.DataFrame(np.nan, index=range(PAUSE), columns=week.columns)
    line = pd.concat([part for day in days for part in (day, pause)], ignore_index=True)
    edges = np.arange(len(line) + 1) - 0.5
    band = texts.text("plot.band")
    ax.stairs(
        line["high"], edges, baseline=line["low"], fill=True, color=LIGHT, label=band
    )
    for name, color, style in (("base", GREY, "--"), ("scenario", DARK, "-")):
        label = texts.text(f"plot.{name}")
        ax.stairs(
            line[name], edges, baseline=None, color=color, ls=style, lw=1.8, label=label
        )
    hours = line["minute"] / 60.0
    shown = np.flatnonzero(hours % 4 == 0)
    ax.set_xticks(shown - 0.5, [f"{hours[at]:.0f}" for at in shown], fontsize="small")
    middle = line.reset_index().groupby("weekday")["index"].mean()
    for weekday, at in zip(middle.index.astype(int), middle, strict=True):
        ax.annotate(
            texts.weekday(weekday),
            (at, 1),
            (0, -4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            va="top",
        )
    ax.set_xlim(-PAUSE, len(line))
    top = line[["base", "scenario", "high"]].max().max()
    ax.set_ylim(0, max(1.2 * top, 1.0))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(texts.text("plot.local_time"))
    ax.set_ylabel(texts.text("plot.agents"))
    title_and_legend(ax, texts.text("report.week_title"))
    return ax


def plot_tornado(ax: Axes, tornado: pd.DataFrame, texts: Texts) -> Axes:
    """
    People at the low and the high end of each lever, those that move them most on top.

    ``tornado`` is as :func:`staffing.scenario.tornado.tornado` returns it.
    """
    middle = float(tornado["fte"].iloc[0])
    for place, row in enumerate(tornado.to_dict("records")):
        ends = [(row[f"fte_{end}"], row[end]) for end in ("low", "high")]
        (left, at_left), (right, at_right) = sorted(ends)
        ax.barh(
            place, right - left, left=left, edgecolor="black", **SOURCES[row["source"]]
        )
        for x, change, side, align in (
            (left, at_left, -5, "right"),
            (right, at_right, 5, "left"),
        ):
            ax.annotate(
                amount_shown(parse_change(change).value, texts),
                (x, place),
                (side, 0),
                textcoords="offset points",
                ha=align,
                va="center",
                fontsize="small",
            )
    ax.axvline(middle, color="black", lw=1)
    for source in dict.fromkeys(tornado["source"]):
        label = texts.text(f"plot.{'from_' * (source != 'assumed')}{source}")
        ax.barh(0, 0, left=middle, edgecolor="black", label=label, **SOURCES[source])
    names = [lever_shown(name, texts) for name in tornado["lever"]]
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.use_sticky_edges = False
    ax.margins(x=0.15)
    ax.xaxis.set_major_formatter(_numbers(texts))
    ax.set_xlabel(texts.text("plot.fte"))
    title_and_legend(ax, texts.text("report.tornado_title"))
    return ax


def plot_trade_off(ax: Axes, trade_off: pd.DataFrame, texts: Texts) -> Axes:
    """
    Hours against the service level that they give, and where plan and scenario are.

    ``trade_off`` is as :func:`staffing.scenario.tradeoff.trade_off` returns it.
    """
    curve = trade_off[trade_off["point"] == "curve"]
    ax.plot(curve["service_level"], curve["agent_hours"], ".-", color=DARK, lw=1.5)
    for point, marker, color in (("base", "D", "white"), ("scenario", "o", MID)):
        rows = trade_off[trade_off["point"] == point]
        ax.scatter(
            rows["service_level"],
            rows["agent_hours"],
            s=90,
            marker=marker,
            facecolor=color,
            edgecolor="black",
            zorder=3,
            label=texts.text(f"plot.{point}"),
        )
    ax.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: texts.percent(x, _decimals(100.0 * x)))
    )
    ax.yaxis.set_major_formatter(_numbers(texts))
    ax.set_xlabel(texts.text("plot.service_level"))
    ax.set_ylabel(texts.text("plot.agent_hours"))
    title_and_legend(ax, texts.text("report.trade_off_title"))
    return ax


def plot_sweep(
    ax: Axes, points: pd.DataFrame, ranges: Sequence[Range], fte: float, texts: Texts
) -> Axes:
    """
    People along one lever, or over two as a map, with those of the plan as a line.

    ``points`` are as :func:`staffing.scenario.sweep.sweep` returns them for these
    ranges; ``fte`` is the plan's.
    """
    across = ranges[0]
    ax.xaxis.set_major_formatter(_values(across, texts))
    ax.set_xlabel(_lever(across, texts))
    title = texts.text("report.sweep_title", fte=texts.number(fte, 1))
    if len(ranges) == 1:
        ax.plot(points[across.column], points["fte"], ".-", color=DARK, lw=1.5)
        ax.axhline(fte, color=GREY, ls="--", label=texts.text("plot.base"))
        ax.yaxis.set_major_formatter(_numbers(texts))
        ax.set_ylabel(texts.text("plot.fte"))
        title_and_legend(ax, title)
        return ax
    up = ranges[1]
    table = points.pivot_table(index=up.column, columns=across.column, values="fte")
    x, y, z = table.columns.to_numpy(), table.index.to_numpy(), table.to_numpy()
    image = ax.pcolormesh(x, y, z, cmap="viridis_r", shading="nearest")
    if z.min() < fte < z.max():
        line = ax.contour(x, y, z, levels=[fte], colors="black", linewidths=2)
        ax.clabel(line, fmt=lambda value: texts.number(value, 1), fontsize="small")
    ax.yaxis.set_major_formatter(_values(up, texts))
    ax.set_ylabel(_lever(up, texts))
    ax.set_title(plain(title), loc="left")
    ax.figure.colorbar(
        image, ax=ax, label=texts.text("plot.fte"), format=_numbers(texts)
    )
    return ax


def _lever(pulled: Range, texts: Texts) -> str:
    """What people call a lever, and where it is pulled."""
    lever, _, where = pulled.name.partition("@")
    return plain(" @ ".join(filter(None, [lever_shown(lever, texts), where])))


def _numbers(texts: Texts) -> FuncFormatter:
    return FuncFormatter(lambda x, _: texts.number(x, _decimals(x)))


def _decimals(tick: float) -> int:
    """None where the tick is whole, but for rounding."""
    return int(abs(tick - round(tick)) > 1e-6)


def _values(pulled: Range, texts: Texts) -> FuncFormatter:
    """Values of a lever as they are written."""
    amount = pulled.amounts[0]
    return FuncFormatter(
        lambda x, _: amount_shown(replace(amount, number=Decimal(f"{x:g}")), texts)
    )
