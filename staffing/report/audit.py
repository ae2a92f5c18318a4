"""The audit for people: a table of pools, a picture of a day, a page."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from forecast.tables import csv_bytes
from staffing.audit import Audit
from staffing.audit.whole import MANY_CALLS
from staffing.report.folder import write_files
from staffing.report.formats import Formats
from staffing.report.page import html_page, html_picture, html_table
from staffing.report.plots import DARK, DAYS, MID, title_and_legend
from staffing.targets import RULES

POOL_FORMATS: Formats = (
    ("queue", ""),
    ("intervals", ",d"),
    ("agent_hours", ",.1f"),
    ("erlang_c_hours", ",.1f"),
    ("erlang_a_hours", ",.1f"),
    ("pyworkforce_hours", ",.1f"),
    ("service_level", ".2%"),
    ("day_service_level", ".2%"),
    ("day_se_service_level", ".2%"),
    ("asa_s", ".1f"),
    ("day_asa_s", ".1f"),
    ("day_se_asa_s", ".1f"),
    ("worst_at", ""),
    ("worst_service_level", ".1%"),
    ("worst_asa_s", ".1f"),
)
ROW_FORMATS: Formats = (
    ("at", ""),
    ("offered", ".1f"),
    ("agents", ".0f"),
    ("agents_erlang_c", ".0f"),
    ("agents_erlang_a", ".0f"),
    ("agents_pyworkforce", ".0f"),
    ("service_level", ".1%"),
    ("day_service_level", ".1%"),
    ("day_se_service_level", ".1%"),
)
WORDS = {
    "at": "interval",
    "erlang_c_hours": "hours by Erlang C",
    "erlang_a_hours": "hours by Erlang A",
    "pyworkforce_hours": "hours by pyworkforce",
    "agents_erlang_c": "agents by Erlang C",
    "agents_erlang_a": "agents by Erlang A",
    "agents_pyworkforce": "agents by pyworkforce",
    "service_level": "planned service level",
    "day_service_level": "simulated service level",
    "day_se_service_level": "standard error of the service level",
    "asa_s": "planned ASA [s]",
    "day_asa_s": "simulated ASA [s]",
    "day_se_asa_s": "standard error of the ASA [s]",
    "worst_at": "worst interval",
    "worst_asa_s": "worst ASA [s]",
}
"""What columns are called in audit.html, where their names are no plain words."""
SHOWN = 10
OTHERS = ("erlang_c", "erlang_a", "pyworkforce")


def pool_table(audit: Audit) -> pd.DataFrame:
    """
    One row a pool, and "all": hours of agents, planned and simulated KPIs.

    Planned KPIs are means over the offered calls; ``day_se_`` are standard errors.
    """
    rows = []
    for name in audit.days.index:
        pool = None if name == "all" else name
        mine = audit.table if pool is None else audit.table[audit.table.queue == pool]
        hours = mine["interval_s"] / 3600.0
        row = {
            "queue": name,
            "intervals": len(mine),
            "agent_hours": (mine["agents"] * hours).sum(),
        }
        for other in OTHERS:
            agents = mine[f"agents_{other}"]
            row[f"{other}_hours"] = (agents * hours).sum(min_count=1)
        for kpi in ("service_level", "asa_s"):
            row[kpi] = audit.planned(kpi, pool)
            for column in (f"day_{kpi}", f"day_se_{kpi}"):
                row[column] = audit.days.loc[name, column]
        worst = audit.worst(pool)
        if worst is not None:
            row["worst_at"] = f"{worst['interval_start']:%Y-%m-%d %H:%M}"
            row["worst_service_level"] = worst["day_service_level"]
            row["worst_asa_s"] = worst["day_asa_s"]
        rows.append(row)
    return pd.DataFrame(rows, columns=[name for name, _ in POOL_FORMATS])


def plot_audit_day(ax: Axes, rows: pd.DataFrame, kpi: str = "service_level") -> Axes:
    """
    A KPI through a day: planned, each interval by itself, and in the whole day.

    ``rows`` are an audit's rows of one pool and day; bars are ± 1.96 standard errors.
    """
    start = rows["interval_start"].iloc[0]
    hours = (rows["interval_start"] - start).dt.total_seconds().to_numpy() / 3600.0
    hours = hours + start.hour + start.minute / 60.0
    width = rows["interval_s"].to_numpy() / 3600.0
    ax.hlines(
        rows[kpi], hours, hours + width, color="black", linewidth=2, label="planned"
    )
    for experiment, place, color, marker, label in (
        ("steady", 0.35, DARK, "o", "simulated: the interval by itself"),
        ("day", 0.65, MID, "s", "simulated: in its day"),
    ):
        ax.errorbar(
            hours + place * width,
            rows[f"{experiment}_{kpi}"],
            yerr=1.96 * rows[f"{experiment}_se_{kpi}"],
            fmt=marker,
            color=color,
            markerfacecolor="white" if experiment == "day" else color,
            markersize=4,
            elinewidth=1,
            label=label,
        )
    if kpi == "service_level":
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=None))
        ax.set_ylabel("service level [%]")
    else:
        ax.set_ylabel("ASA [s]")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("local time [h]")
    name = rows["queue"].iloc[0]
    day = f"{DAYS[start.weekday()]} {start:%d/%m}"
    title_and_legend(ax, f"{name}, {day}, ± 1.96 standard errors")
    return ax


def audit_page(audit: Audit, month: str) -> str:
    """The audit as HTML, pictures inside; the same audit gives the same text."""
    title = f"Audit of the plan {month}"
    warn = "" if audit.agreement.agrees else ' class="warn"'
    world, pools = audit.world, pool_table(audit)
    parts = [
        f"<h1>{title}</h1>",
        f"<p{warn}><strong>{escape(audit.verdict)}</strong></p>",
        f"<p>Targets: {escape(str(audit.targets))}; service level = "
        f"{RULES[audit.targets.sl_rule]}.</p>",
        "<h2>Pools of agents</h2>",
        _in_words(pools, POOL_FORMATS[:6]),
        _in_words(pools, (POOL_FORMATS[0], *POOL_FORMATS[6:])),
        '<p class="note">Hours: of the plan, and of what others would take for each '
        "interval by itself, offered · aht_s / interval_s, without fewest and most "
        "seats. pyworkforce knows of no ASA target and no interval without calls. A "
        "dash: the model cannot state the targets, or (Erlang A) patience is not "
        "known.</p>",
        f'<p class="note">By itself: each interval with its load and agents for ever, '
        "handle times exponential, as the formula has it. Planned and simulated "
        "disagree where any difference, or their mean, is larger than chance would "
        "make the largest in one plan of 100. In its day: "
        f"{escape(str(world))} (sd / mean {world.handle_cv:g}), each day "
        f"{world.replications} times from empty. ± is the 95 % interval. The worst of "
        "many intervals is also the unluckiest: on its own it would look a little "
        f"better. Intervals with fewer than {MANY_CALLS} simulated calls are no "
        "candidates.</p>",
    ]
    for pool in audit.days.index.drop("all"):
        parts.append(f"<h2>{escape(pool)}</h2>")
        worst = audit.worst(pool)
        if worst is None:
            parts.append("<p>No calls are expected.</p>")
            continue
        mine = audit.table[audit.table["queue"] == pool]
        date = worst["interval_start"].date()
        day = mine[mine["interval_start"].dt.date == date]

        def draw(ax: Axes, day: pd.DataFrame = day) -> Axes:
            return plot_audit_day(ax, day, audit.measure)

        parts.append(html_picture(draw, f"worst day of {pool}"))
        furthest = mine.sort_values(
            "day_minus_planned", ascending=audit.measure != "asa_s", kind="stable"
        ).head(SHOWN)
        at = furthest["interval_start"].dt.strftime("%Y-%m-%d %H:%M")
        furthest = furthest.assign(at=at)
        parts += [
            f"<p>The {len(furthest)} intervals that stay furthest behind the plan:</p>",
            _in_words(furthest, ROW_FORMATS),
        ]
    return html_page(title, parts)


def _in_words(table: pd.DataFrame, formats: Formats) -> str:
    """A table whose columns are called by WORDS."""
    names = [name for name, _ in formats]
    formats = [(WORDS.get(name, name), spec) for name, spec in formats]
    return html_table(table[names].rename(columns=WORDS), formats)


def write_audit(audit: Audit, month: str, folder: Path) -> list[Path]:
    """Write audit.csv and audit.html; raises as :func:`write_files`."""
    files = {
        "audit.csv": csv_bytes(audit.table),
        "audit.html": audit_page(audit, month).encode(),
    }
    return write_files(folder, files)
