"""The backtest as people read it: tables, pictures, one page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from forecast.backtest import BASELINES
from forecast.scores import accuracy_by
from forecast.tables import csv_bytes
from staffing.backtest import ForecastBacktest
from staffing.report.drawn import DRAWN
from staffing.report.folder import MANIFEST, write_files
from staffing.report.formats import Formats, json_text
from staffing.report.page import html_page, html_picture, html_table
from staffing.report.plots import DARK, DAYS, LIGHT, MID, title_and_legend

COLORS = (DARK, MID, LIGHT)
LINES = ((DARK, "o-"), (MID, "s--"), ("#5c7f99", "x:"))
QUARTERS = ("least", "second", "third", "most")
KEY_FORMATS: Formats = (("grain", ""), ("horizon", "d"), ("model", ""))
MEASURES_FORMATS: Formats = (
    *KEY_FORMATS,
    ("points", ",d"),
    ("wape", ".1%"),
    ("bias", "+.1%"),
    ("mase", ".2f"),
    ("pinball", ",.1f"),
    ("interval_coverage", ".1%"),
    ("interval_coverage_95", ".1%"),
    ("noise_floor", ".1%"),
    ("wape_day_known", ".1%"),
)
GROUP_WIDTH = 0.75
"""Of the bars of a group; groups are 1 apart."""
NOTE = (
    "wape: sum of absolute errors / sum of offered; noise_floor: what chance alone "
    "would leave of it; wape_day_known: were the day totals known. mase: error / that "
    "of last week's calls taken again, before the cutoff. interval_coverage: share "
    "inside P10 to P90, and inside P2.5 to P97.5 (95). Pictures by hour, weekday and "
    "volume are over all months ahead."
)
GAINS_NOTE = (
    "How much lower the sum of absolute errors is than that of a simple average, over "
    "the cutoffs that both forecast. low to high: 95 % interval from cutoffs drawn "
    "again (block bootstrap); a dash where there are too few."
)
GAINS_FORMATS: Formats = (
    *KEY_FORMATS,
    ("cutoffs", "d"),
    *(
        (f"gain_over_{model.name}{limit}", ".1%")
        for model in BASELINES
        for limit in ("", "_low", "_high")
    ),
)


def finest(cuts: pd.DataFrame) -> pd.DataFrame:
    """Those of the finest grain: intervals, or days where these are days."""
    interval = cuts["grain"] == "interval"
    return cuts[interval if interval.any() else cuts["grain"] == "day"]


def plot_error_by_horizon(ax: Axes, cuts: pd.DataFrame) -> Axes:
    """WAPE of every model for each month ahead, the best first, above the floor."""
    shown = finest(cuts)
    table = accuracy_by(shown, ["model", "horizon"])
    wape = _grid(table, "model", "horizon", "wape")
    wape = wape.sort_values(wape.columns[0], kind="stable")
    _bars(ax, wape, [f"month {horizon} ahead" for horizon in wape])
    if table["wape_day_known"].notna().any():
        known = _grid(table, "model", "horizon", "wape_day_known").loc[wape.index]
        for number, x in enumerate(_places(known)):
            label = None if number else "were day totals known"
            marks = known.iloc[:, number]
            ax.plot(x, marks, "D", mfc="white", mec="black", ms=5, label=label)
    _floor(ax, shown)
    ax.set_xlabel("model")
    _percent(ax, f"WAPE of {shown['grain'].iloc[0]}s [%]")
    title_and_legend(ax, "Error by horizon", columns=5)
    return ax


def plot_error_by_hour(ax: Axes, cuts: pd.DataFrame, *, models: Sequence[str]) -> Axes:
    """WAPE of intervals by the clock hour in which they start."""
    shown = cuts[(cuts["grain"] == "interval") & cuts["model"].isin(models)]
    table = accuracy_by(shown, ["model", "hour"]).set_index("hour")
    for model, (color, line) in zip(models, LINES, strict=False):
        rows = table[table["model"] == model]
        ax.plot(rows.index, rows["wape"], line, color=color, ms=4, label=model)
    floor = table.loc[table["model"] == models[0], "noise_floor"]
    ax.plot(floor.index, floor, color="black", ls="-.", lw=1, label="noise floor")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("local time [h]")
    _percent(ax, "WAPE of intervals [%]")
    title_and_legend(ax, "Error by hour of the day", columns=4)
    return ax


def plot_error_by_weekday(
    ax: Axes, cuts: pd.DataFrame, *, models: Sequence[str]
) -> Axes:
    """WAPE of day totals by weekday."""
    shown = cuts[(cuts["grain"] == "day") & cuts["model"].isin(models)]
    table = accuracy_by(shown, ["weekday", "model"])
    wape = _grid(table, "weekday", "model", "wape")[list(models)]
    _bars(ax, wape.set_axis([DAYS[day] for day in wape.index]), models)
    _floor(ax, shown[shown["model"] == models[0]])
    ax.set_xlabel("weekday")
    _percent(ax, "WAPE of days [%]")
    title_and_legend(ax, "Error by weekday", columns=4)
    return ax


def plot_coverage_by_volume(ax: Axes, cuts: pd.DataFrame, *, model: str) -> Axes:
    """How much came inside one model's bands, by quarter of its forecasts."""
    shown = finest(cuts[cuts["model"] == model])
    table = accuracy_by(shown, ["quarter"]).set_index("quarter")
    sums = shown.groupby("quarter")[["forecast", "points"]].sum()
    mean = sums["forecast"] / sums["points"]
    for low, high, color, label in (
        (0.70, 0.90, LIGHT, "aim for P10 to P90: 80 ± 10 %"),
        (0.93, 0.97, "#f0cfae", "aim for P2.5 to P97.5: 95 ± 2 %"),
    ):
        ax.axhspan(low, high, color=color, lw=0, label=label)
    for name, color, marker, label in (
        ("interval_coverage", DARK, "o", "P10 to P90"),
        ("interval_coverage_95", MID, "s", "P2.5 to P97.5"),
    ):
        ax.plot(table.index, table[name], marker, color=color, ms=7, label=label)
    ax.set_xlim(0.5, 4.5)
    quarters = [f"{QUARTERS[n - 1]}: mean {mean[n]:,.3g}" for n in table.index]
    ax.set_xticks(table.index, quarters)
    grain = shown["grain"].iloc[0]
    ax.set_xlabel(f"quarter of the forecasts by volume [contacts per {grain}]")
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=None))
    ax.set_ylabel("share inside the band [%]")
    lowest = table[["interval_coverage", "interval_coverage_95"]].to_numpy().min()
    ax.set_ylim(min(0.6, lowest - 0.05), 1.02)
    title_and_legend(ax, f"Bands of {model}", columns=4)
    return ax


def backtest_page(result: ForecastBacktest) -> str:
    """The backtest as HTML, pictures inside; the same result gives the same text."""
    title = "Backtest of forecasts: " + " to ".join(
        dict.fromkeys([result.months[0], result.months[-1]])
    )
    parts = [
        f"<h1>{title}</h1>",
        f"<p>{len(result.months)} months, each forecast from its beginning"
        f"{_earlier(result.horizons)}; nothing later was known.</p>",
        *_troubles(result),
        "<h2>All queues</h2>",
        html_table(result.summary, MEASURES_FORMATS),
        f'<p class="note">{NOTE}</p>',
        "<h2>Gain over simple averages</h2>",
        html_table(result.summary, GAINS_FORMATS),
        f'<p class="note">{GAINS_NOTE}</p>',
    ]
    calls = result.accuracy.groupby("queue")["offered"].max()
    drawn = calls.nlargest(DRAWN).index
    if len(drawn) < len(calls):
        parts.append(
            f'<p class="note">Pictures follow of {len(drawn)} of the {len(calls)} '
            "queues: those with the most calls. All are in accuracy.csv.</p>"
        )
    for queue, cuts in result.cuts.groupby("queue", sort=True):
        if queue in drawn:
            parts += _queue_section(str(queue), cuts, result.models[0])
    return html_page(title, parts)


def _earlier(horizons: int) -> str:
    if horizons == 1:
        return ""
    months = "1 month" if horizons == 2 else f"1 to {horizons - 1} months"
    return f", and from {months} before it"


def _troubles(result: ForecastBacktest) -> list[str]:
    parts = [
        f'<p class="warn"><strong>{escape(queue)} is not forecast.</strong> '
        f"{escape(reason)}</p>"
        for queue, reason in result.failed.items()
    ]
    if result.warnings:
        items = "".join(f"<li>{escape(str(w))}</li>" for w in result.warnings)
        parts.append(
            f"<details><summary>{len(result.warnings)} remarks</summary>"
            f"<ul>{items}</ul></details>"
        )
    return parts


def _queue_section(queue: str, cuts: pd.DataFrame, main: str) -> list[str]:
    """One queue's pictures; the main model beside the baselines."""
    there = cuts["model"].unique()
    names = dict.fromkeys([main, *(model.name for model in BASELINES)])
    shown = [name for name in names if name in there]
    plots: dict[str, Callable[[Axes], Axes]] = {
        "error by horizon": partial(plot_error_by_horizon, cuts=cuts),
        "error by weekday": partial(plot_error_by_weekday, cuts=cuts, models=shown),
        "coverage by volume": partial(
            plot_coverage_by_volume, cuts=cuts, model=shown[0]
        ),
    }
    if (cuts["grain"] == "interval").any():
        plots["error by hour"] = partial(plot_error_by_hour, cuts=cuts, models=shown)
    return [
        f"<h2>{escape(queue)}</h2>",
        *(html_picture(plot, f"{name} of {queue}") for name, plot in plots.items()),
    ]


def write_backtest(result: ForecastBacktest, folder: Path) -> list[Path]:
    """
    Write accuracy.csv, summary.csv, report.html, and run.json last.

    Raises as :func:`write_files`.
    """
    outputs = {
        "accuracy.csv": csv_bytes(result.accuracy),
        "summary.csv": csv_bytes(result.summary),
        "report.html": backtest_page(result).encode(),
    }
    manifest = json_text({**result.manifest(outputs), "summary": result.summary})
    return write_files(folder, {**outputs, MANIFEST: manifest.encode()})


def _grid(table: pd.DataFrame, rows: str, columns: str, values: str) -> pd.DataFrame:
    return table.pivot_table(values, rows, columns, dropna=False)


def _bars(ax: Axes, heights: pd.DataFrame, labels: Sequence[str]) -> None:
    """Groups of bars: a group for each row, a bar in it for each column."""
    width = GROUP_WIDTH / len(labels)
    for number, x in enumerate(_places(heights)):
        bars = heights.iloc[:, number]
        ax.bar(x, bars, width=width, color=COLORS[number], label=labels[number])
    ax.set_xticks(range(len(heights)), list(heights.index), fontsize="small")


def _places(heights: pd.DataFrame) -> list[NDArray[np.float64]]:
    """Where the bars of each column stand on the x axis, around 0, 1, …"""
    n = heights.shape[1]
    shifts = GROUP_WIDTH * ((np.arange(n) + 0.5) / n - 0.5)
    return [np.arange(len(heights)) + shift for shift in shifts]


def _floor(ax: Axes, cuts: pd.DataFrame) -> None:
    share = cuts["noise"].sum() / (cuts["forecast"].sum() or np.nan)
    ax.axhline(share, color="black", ls="-.", lw=1, label="noise floor")


def _percent(ax: Axes, label: str) -> None:
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=None))
    ax.set_ylabel(label)
    ax.set_ylim(bottom=0)
