"""From the KPI as planned to the KPI as realised, cause by cause."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from staffing.kpi import definitions
from staffing.report.plots import DARK, LIGHT, title_and_legend
from staffing.report.words import label, month_name, unit_title


class _Scale(NamedTuple):
    axis: str
    factor: float  # of the axis
    step: str  # unit of a difference
    most: float  # that it can be
    least: float  # height of the picture, so that small gaps look small
    worse: int  # sign of what is worse


SCALES = {
    "service_level": _Scale("[%]", 100.0, " points", 100.0, 5.0, -1),
    "asa_s": _Scale("[s]", 1.0, " s", np.inf, 10.0, 1),
    "abandon_rate": _Scale("[% of offered]", 100.0, " points", 100.0, 5.0, 1),
}
NAMES = {kpi.name: label(kpi) for kpi in definitions("offered")}
CAUSES = {"aht": "handle time"}
WORSE: dict[str, Any] = {"facecolor": DARK, "edgecolor": "black"}
BETTER: dict[str, Any] = {"facecolor": LIGHT, "edgecolor": "black"}
REMAINDER: dict[str, Any] = {
    "facecolor": "white",
    "edgecolor": "black",
    "hatch": "///",
}
LEGEND = {"worse": WORSE, "better": BETTER, "not explained": REMAINDER}


def cause_name(cause: str) -> str:
    """What people call a cause."""
    return CAUSES.get(cause, cause)


def plot_waterfall(ax: Axes, causes: pd.DataFrame) -> Axes:
    """
    From planned through the causes and the remainder to realised.

    ``causes`` are the rows of one queue, month and KPI of
    :func:`staffing.why.causes_of`.
    """
    unit, period, kpi = (
        str(causes[name].iloc[0]) for name in ("queue", "period", "kpi")
    )
    scale = SCALES[kpi]
    effects = causes["effect"].to_numpy() * scale.factor
    planned = causes["planned"].iloc[0] * scale.factor
    levels = planned + np.concatenate([[0.0], np.cumsum(effects)])
    for said, style in LEGEND.items():
        ax.bar(0, 0, bottom=planned, width=0, label=said, **style)
    for x, (cause, effect) in enumerate(zip(causes["cause"], effects, strict=True), 1):
        style = WORSE if effect * scale.worse > 0 else BETTER
        style = REMAINDER if cause == "remainder" else style
        ax.bar(x, effect, bottom=levels[x - 1], width=0.6, **style)
        text = f"{round(effect, 1) + 0.0:+.1f}{scale.step}".replace("-", "−")
        _write(ax, x, max(levels[x - 1 : x + 1]), text)
    last = len(levels)
    for x, level in ((0, levels[0]), (last, levels[-1])):
        ax.hlines(level, x - 0.3, x + 0.3, color="black", linewidth=4)
        _write(ax, x, level, f"{level:.1f}")
    starts = np.arange(last)
    ax.hlines(levels, starts, starts + 1, color="0.5", linewidth=0.8)
    names = ["planned", *map(cause_name, causes["cause"]), "realised"]
    ax.set_xticks(range(last + 1), names)
    height = 1.2 * max(np.ptp(levels), scale.least)
    most = scale.most + 0.1 * height - height  # room for what is written above
    bottom = max(min((levels.min() + levels.max() - height) / 2, most), 0.0)
    ax.set_ylim(bottom, bottom + height)
    ax.set_ylabel(f"{NAMES[kpi]} {scale.axis}")
    title_and_legend(ax, f"{unit_title(unit)}, {month_name(period)}")
    return ax


def _write(ax: Axes, x: float, y: float, text: str) -> None:
    ax.annotate(text, (x, y), (0, 4), textcoords="offset points", ha="center")
