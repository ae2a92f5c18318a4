"""The mathematics against the past, for people: tables, pictures, one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from forecast.tables import csv_bytes
from staffing.audit.against import LOAD_CLASSES, Against
from staffing.audit.errors import REALISED
from staffing.inputs import Past
from staffing.plan import hashes, versions
from staffing.report.folder import MANIFEST, write_files
from staffing.report.formats import PATIENCE_FORMATS, Formats, json_text
from staffing.report.page import html_page, html_picture, html_table
from staffing.report.plots import DARK, MID, title_and_legend
from staffing.targets import RULES

MODELS = {
    REALISED: "what was",
    "erlang_c": "Erlang C",
    "erlang_a": "Erlang A",
    "calibrated": "Erlang A with the effective agents",
    "simulated": "simulation",
    "identity": "abandoned = time waited / patience",
    "chance": "simulation against one of its own days",
}
"""In the order of tables and pictures."""
MARKS = {
    "erlang_c": ("#9aa5ad", "^", ":"),
    "erlang_a": (MID, "s", "--"),
    "simulated": (DARK, "o", "-"),
    "identity": ("black", "x", "-."),
}
"""Color, marker and line of the models that are drawn."""
OVER = {
    "all": "all intervals",
    "stable": "the intervals in which agents exceed the load",
}
KPI_FORMATS: Formats = (
    ("service_level", ".1%"),
    ("service_level_bias", "+.1%"),
    ("service_level_mae", ".1%"),
    ("asa_s", ",.1f"),
    ("asa_s_bias", "+,.1f"),
    ("asa_s_mae", ",.1f"),
    ("abandon_rate", ".2%"),
    ("abandon_rate_bias", "+.2%"),
    ("abandon_rate_mae", ".2%"),
    ("occupancy", ".1%"),
    ("occupancy_bias", "+.1%"),
)
OF_ERRORS: Formats = (
    ("queue", ""),
    ("over", ""),
    ("model", ""),
    ("intervals", ",d"),
)
ERROR_FORMATS: Formats = (*OF_ERRORS, *KPI_FORMATS)
WAITS_FORMATS: Formats = (*OF_ERRORS, *KPI_FORMATS[:6])
LOSSES_FORMATS: Formats = (*OF_ERRORS, *KPI_FORMATS[6:])
GROUP_FORMATS: Formats = (
    ("group", ""),
    ("model", ""),
    ("intervals", ",d"),
    *KPI_FORMATS[:9],
)
CALIBRATION_FORMATS: Formats = (
    ("queue", ""),
    ("later", ""),
    ("agents_factor", ".3f"),
    *PATIENCE_FORMATS[1:],
)
MONTH_FORMATS: Formats = (("queue", ""), ("month", ""), *PATIENCE_FORMATS[1:])


def errors_of(against: Against, by: str, over: str = "all") -> pd.DataFrame:
    """The errors in groups of one kind, in the order of groups and models."""
    errors = against.errors
    table = errors[(errors["by"] == by) & (errors["over"] == over)]
    places = {name: f"{i:03}" for i, name in enumerate((*LOAD_CLASSES, *MODELS))}
    return table.sort_values(
        ["queue", "group", "model"],
        key=lambda names: names.map(lambda name: places.get(name, name)),
        kind="stable",
    )


def summary_table(against: Against) -> pd.DataFrame:
    """Each queue's errors over all its intervals, and those that Erlang C knows."""
    parts = [errors_of(against, "all", over) for over in ("all", "stable")]
    table = pd.concat(parts).sort_values(["queue", "over"], kind="stable")
    return table.drop(columns=["by", "group"]).reset_index(drop=True)


def without_repeats(summary: pd.DataFrame) -> pd.DataFrame:
    """The summary less "all" intervals of queues where "stable" ones are the same."""
    number = summary.pivot_table("intervals", "queue", "over", aggfunc="first")
    number = number.reindex(columns=["all", "stable"])
    same = number.index[number["all"] == number["stable"]]
    return summary[(summary["over"] != "all") | ~summary["queue"].isin(same)]


def kpi_of(errors: pd.DataFrame) -> str:
    """The KPI that pictures show: the service level where it is known."""
    models = errors[errors["model"] != REALISED]
    known = models["service_level_bias"].notna().any()
    return "service_level" if known else "abandon_rate"


def plot_predicted(ax: Axes, days: pd.DataFrame) -> Axes:
    """
    A KPI of each day as models have it, against what it was, with the ideal line.

    ``days`` are one queue's errors by day.
    """
    kpi = kpi_of(days)
    real = days[days["model"] == REALISED].set_index("group")[kpi]
    ends = (real.min(), real.max())
    ax.plot(ends, ends, color="black", linewidth=1, label="ideal")
    for model, (color, mark, _) in MARKS.items():
        values = days[days["model"] == model].set_index("group")[kpi]
        if values.notna().any():
            there = real.reindex(values.index)
            ax.plot(
                there, values, mark, color=color, ms=3, alpha=0.7, label=MODELS[model]
            )
    name = kpi.replace("_", " ")
    for axis, label in ((ax.xaxis, "realised"), (ax.yaxis, "by the model")):
        axis.set_major_formatter(PercentFormatter(1.0, symbol=None))
        axis.set_label_text(f"{name}, {label} [%]")
    title_and_legend(ax, "Days, as they were and by each model", columns=5)
    return ax


def plot_error_by_hour(ax: Axes, hours: pd.DataFrame) -> Axes:
    """How far each model's KPI is from the realised, by clock hour, of one queue."""
    kpi = kpi_of(hours)
    for model, (color, mark, line) in MARKS.items():
        rows = hours[hours["model"] == model]
        if rows[f"{kpi}_bias"].notna().any():
            ax.plot(
                rows["group"].astype(int),
                rows[f"{kpi}_bias"],
                mark + line,
                color=color,
                ms=4,
                label=MODELS[model],
            )
    ax.axhline(0.0, color="black", linewidth=1)
    clock = hours["group"].astype(int)
    ax.set_xticks(range(clock.min(), clock.max() + 1))
    ax.set_xlabel("local time [h]")
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=None))
    ax.set_ylabel(f"error of {kpi.replace('_', ' ')} [points]")
    title_and_legend(ax, "Model − realised, by hour of the day", columns=5)
    return ax


def against_page(against: Against) -> str:
    """The comparison as HTML, pictures inside; the same gives the same text."""
    first, last = (
        f"{end(against.rows['interval_start']):%Y-%m-%d}" for end in (min, max)
    )
    setup, summary = against.setup, without_repeats(summary_table(against))
    scores = errors_of(against, "part")
    scores = scores[scores["model"].isin([REALISED, "erlang_a", "calibrated"])]
    parts = [
        f"<h1>The mathematics against {first} to {last}</h1>",
        "<p>Each model is given the calls that came, their handle times and the agents "
        "who were there, and says what the KPIs should have been. Service level = "
        f"{RULES[setup.sl_rule]}, {setup.threshold_s:g} s.</p>",
        *(f'<p class="warn">{escape(str(finding))}</p>' for finding in against.missing),
        html_table(summary, WAITS_FORMATS),
        html_table(summary, LOSSES_FORMATS),
        '<p class="note">bias: model − realised; mae: mean distance of single '
        "intervals, weighted by calls. stable: only the intervals in which agents "
        "exceed the load; Erlang C has an answer in no others, and all models of that "
        "part are compared on these; all: every interval, where there are others. "
        "chance: what a perfect model would miss single "
        "intervals by. The formulas take the calls that came for the calls to expect, "
        "so that chance counts twice: in small queues they see more waiting than "
        "there was; the simulation, which replays the calls, does not. "
        f"Handle times in it are log-normal, sd / mean {setup.handle_cv:g}; "
        f"{setup.replications} replications. A dash: not known.</p>",
        "<h2>Calibration</h2>",
        html_table(against.calibration, CALIBRATION_FORMATS),
        html_table(scores, (("queue", ""), *GROUP_FORMATS)),
        '<p class="note">Fitted on the weeks before later, scored on both parts: only '
        "the later one counts. patience: time waited / abandonments, with its 95 % "
        "interval. agents_factor: effective agents / agents, with which Erlang A "
        "loses as many calls as were lost.</p>",
        "<h2>Patience by month</h2>",
        html_table(against.patience, MONTH_FORMATS),
    ]
    for queue in against.calibration["queue"]:
        parts += [f"<h2>{escape(queue)}</h2>", *_queue_section(against, queue)]
    return html_page("The mathematics against the past", parts)


def _queue_section(against: Against, queue: str) -> list[str]:
    def mine(by: str, over: str = "all") -> pd.DataFrame:
        table = errors_of(against, by, over)
        return table[table["queue"] == queue]

    shown = "all" if mine("all", "stable").empty else "stable"
    days, hours = mine("day", shown), mine("hour", shown)
    parts = [
        f"<p>Pictures: {OVER[shown]}.</p>",
        html_picture(partial(plot_predicted, days=days), f"days of {queue}"),
        html_picture(partial(plot_error_by_hour, hours=hours), f"hours of {queue}"),
    ]
    for by, title in (("load", "By load [erlang]"), ("month", "By month")):
        parts += [
            f"<h3>{title}, {OVER['all']}</h3>",
            html_table(mine(by), GROUP_FORMATS),
        ]
    return parts


def all_tables(against: Against) -> dict[str, pd.DataFrame]:
    """All tables by name, as they are written."""
    return {
        "against": against.rows,
        "errors": against.errors,
        "calibration": against.calibration,
        "patience": against.patience,
    }


def write_against(against: Against, past: Past, folder: Path) -> list[Path]:
    """
    Write each table as CSV, against.html, and run.json last.

    Raises as :func:`write_files`.
    """
    outputs = {
        f"{name}.csv": csv_bytes(table) for name, table in all_tables(against).items()
    }
    outputs["against.html"] = against_page(against).encode()
    text = json_text(_manifest(against, past, outputs))
    return write_files(folder, {**outputs, MANIFEST: text.encode()})


def _manifest(
    against: Against, past: Past, outputs: Mapping[str, bytes]
) -> dict[str, Any]:
    """All that is needed to know what was run, on what, with what result."""
    return {
        "versions": versions(),
        "sources": {source.name: source.sha256 for source in past.sources},
        "parameters": past.config.model_dump(mode="json", by_alias=True),
        "setup": asdict(against.setup),
        "missing": [str(finding) for finding in against.missing],
        "warnings": list(dict.fromkeys(map(str, past.history.warnings))),
        "exit_code": against.exit_code,
        "outputs": hashes(outputs),
    }
