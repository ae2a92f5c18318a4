"""The running day as people see it: pictures, one page."""

from __future__ import annotations

from functools import partial
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from forecast.tables import csv_bytes
from staffing.report.folder import MANIFEST, write_files
from staffing.report.formats import Formats, json_text
from staffing.report.page import html_page, html_picture, html_table
from staffing.report.plots import DARK, LIGHT, MID, title_and_legend
from staffing.report.track_words import headlines
from staffing.targets import RULES
from staffing.track import Tracked

TRACK_FORMATS: Formats = (
    ("queue", ""),
    ("interval_start", "%Y-%m-%d %H:%M"),
    ("planned_offered", ",.0f"),
    ("offered", ",.0f"),
    ("expected_offered", ",.0f"),
    ("offered_p10", ",.0f"),
    ("offered_p90", ",.0f"),
    ("planned_agents", ".0f"),
    ("agents", ".0f"),
    ("needed_agents", ".0f"),
    ("net", "+.0f"),
    ("service_level", ".1%"),
    ("expected_service_level", ".1%"),
    ("corrected_service_level", ".1%"),
)
KPI_FORMATS: Formats = (
    ("queue", ""),
    ("state", ""),
    ("offered", ",.0f"),
    ("aht_s", ".0f"),
    ("service_level", ".1%"),
    ("asa_s", ".1f"),
    ("abandon_rate", ".1%"),
    ("agent_hours", ",.1f"),
)


def plot_track_calls(ax: Axes, rows: pd.DataFrame, at: pd.Timestamp) -> Axes:
    """
    Calls of a day: planned with their band, come so far, and expected with theirs.

    ``rows`` has a row for each interval, closed ones too, without a gap: the columns
    of TRACK, and planned_p10 and planned_p90.
    """
    edges = np.arange(len(rows) + 1.0)
    ahead = rows["offered"].isna()
    ax.stairs(
        rows["planned_p90"],
        edges,
        baseline=rows["planned_p10"],
        fill=True,
        color=LIGHT,
        label="planned, P10 to P90",
    )
    ax.stairs(
        rows["planned_offered"], edges, baseline=None, color=DARK, label="planned"
    )
    ax.stairs(
        rows["offered_p90"].where(ahead),
        edges,
        baseline=rows["offered_p10"].where(ahead).to_numpy(),
        fill=True,
        facecolor="none",
        edgecolor=MID,
        hatch="///",
        label="expected now, P10 to P90",
    )
    ax.plot(
        edges[:-1] + 0.5, rows["offered"], "o", color="black", ms=5, label="came so far"
    )
    ax.set_ylim(bottom=0)
    ax.set_ylabel("offered [contacts an interval]")
    _clock(ax, rows, at)
    title_and_legend(ax, "Calls", columns=4)
    return ax


def plot_track_agents(ax: Axes, rows: pd.DataFrame, at: pd.Timestamp) -> Axes:
    """Agents of a day: planned, there, and needed in its rest; ``rows`` as above."""
    edges = np.arange(len(rows) + 1.0)
    for name, color, style, label in (
        ("planned_agents", LIGHT, "-", "planned"),
        ("agents", DARK, "-", "there"),
        ("needed_agents", MID, "--", "needed"),
    ):
        width = 5 if name == "planned_agents" else 2
        ax.stairs(
            rows[name],
            edges,
            baseline=None,
            color=color,
            ls=style,
            lw=width,
            label=label,
        )
    ax.set_ylim(bottom=0)
    ax.set_ylabel("agents on the queue")
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    _clock(ax, rows, at)
    title_and_legend(ax, "Agents")
    return ax


def _clock(ax: Axes, rows: pd.DataFrame, at: pd.Timestamp) -> None:
    """Whole local hours on the x axis, whose unit is the interval; a line at ``at``."""
    starts = rows["interval_start"].reset_index(drop=True)
    whole = starts[starts.dt.minute == 0]
    whole = whole[:: len(whole) // 14 + 1]
    ax.set_xticks(whole.index, whole.dt.strftime("%H:%M").tolist())
    ax.set_xlabel("local time")
    ax.axvline(float((starts < at).sum()), color="black", lw=1, ls=":")


def track_page(tracked: Tracked) -> str:
    """The day as HTML, pictures inside; the same day gives the same text."""
    today, targets = tracked.today, tracked.rules.targets
    title = f"{today.date} at {today.at:%H:%M}"
    parts = [
        f"<h1>{title}</h1>",
        *(f"<p><strong>{escape(line)}</strong></p>" for line in headlines(tracked)),
        f"<p>Targets: {escape(str(targets))}; service level = "
        f"{RULES[targets.sl_rule]}.</p>",
        *(
            f'<p class="warn"><strong>{escape(queue)} is not planned.</strong> '
            f"{escape(reason)}</p>"
            for queue, reason in tracked.failed.items()
        ),
        *(f'<p class="warn">{escape(str(w))}</p>' for w in tracked.warnings),
        "<h2>The day</h2>",
        html_table(tracked.kpis, KPI_FORMATS),
        '<p class="note">planned: the day as the plan knew it, with its agents, by '
        "simulation of days as they may come. so far: what came, where the file knows "
        "it. expected: the whole day, what came as it was and the rest by the same "
        "simulation, with the agents there (planned, where the file does not say). "
        "corrected: the same with the agents needed in the rest. The rest is forecast "
        "again from the plan and from what came: the more has come, the more it counts "
        "against the plan. net: agents there − needed.</p>",
    ]
    for queue in tracked.outlook["queue"]:
        rows = tracked.table[tracked.table["queue"] == queue]
        shown = _on_grid(tracked, queue)
        draw_calls = partial(plot_track_calls, rows=shown, at=today.at)
        draw_agents = partial(plot_track_agents, rows=shown, at=today.at)
        parts += [
            f"<h2>{escape(queue)}</h2>",
            html_picture(draw_calls, f"calls of {queue}"),
        ]
        if rows["agents"].notna().any():
            parts.append(html_picture(draw_agents, f"agents of {queue}"))
        table = html_table(rows, TRACK_FORMATS[1:])
        parts.append(f"<details><summary>Every interval</summary>{table}</details>")
    return html_page(title, parts)


def _on_grid(tracked: Tracked, queue: str) -> pd.DataFrame:
    """A queue's rows with the plan's band, and empty ones where it is closed."""
    keys = ["queue", "interval_start"]
    names = {"offered_p10": "planned_p10", "offered_p90": "planned_p90"}
    bands = tracked.planned[[*keys, *names]].rename(columns=names)
    rows = tracked.table[tracked.table["queue"] == queue]
    rows = rows.merge(bands, on=keys, how="left").set_index("interval_start")
    step = pd.Timedelta(seconds=tracked.parameters["interval_s"])
    grid = pd.date_range(rows.index[0], rows.index[-1], freq=step, unit="s")
    return rows.reindex(grid).rename_axis("interval_start").reset_index()


def write_track(tracked: Tracked, folder: Path) -> list[Path]:
    """
    Write track.csv, track.html, and run.json last.

    Raises as :func:`write_files`.
    """
    outputs = {
        "track.csv": csv_bytes(tracked.table),
        "track.html": track_page(tracked).encode(),
    }
    manifest = json_text(tracked.manifest(outputs))
    return write_files(folder, {**outputs, MANIFEST: manifest.encode()})
