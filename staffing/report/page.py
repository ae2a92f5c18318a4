"""The report: one HTML page that opens anywhere, without the network."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from forecast.models import Effect
from forecast.run import QueueForecast
from staffing.patience import MONTHS
from staffing.plan import Plan
from staffing.report.drawn import drawn_names, undrawn_words
from staffing.report.formats import (
    ALTERNATIVES_FORMATS,
    CHANCES_FORMATS,
    EFFECTS_FORMATS,
    MEMBERS_FORMATS,
    MONTHLY_FORMATS,
    PATIENCE_FORMATS,
    SHRINKAGE_FORMATS,
    SUMMARY_FORMATS,
    Formats,
    format_cells,
)
from staffing.report.plots import plot_agents_day, plot_agents_week, plot_days
from staffing.report.tables import summary_table
from staffing.requirement.alternatives import LOADS
from staffing.requirement.monthly import rounding_hours, shrinkage_table
from staffing.targets import RULES

Cell = str | tuple[str, str]
"""A text, and its background."""
STYLE = """
body { font: 16px/1.45 system-ui, sans-serif; color: #1b1b1b; margin: 2rem auto;
       max-width: 70rem; padding: 0 1rem; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 2.5rem; border-bottom: 2px solid #123c5a; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .9rem; }
td, th { padding: .3rem .6rem; white-space: nowrap; text-align: right;
         border-bottom: 1px solid #ccc; }
th { white-space: normal; vertical-align: bottom; }
td:first-child, th:first-child { text-align: left; }
.wide { overflow-x: auto; } img { max-width: 100%; height: auto; }
.warn { background: #fff3e0; border-left: 4px solid #d9822b; padding: .5rem 1rem; }
.words td, .words th { white-space: normal; text-align: left; }
.note { color: #555; font-size: .9rem; }
"""


def report_page(plan: Plan) -> str:
    """The whole report as HTML, pictures inside; the same plan gives the same text."""
    months = sorted(plan.monthly["month"])
    targets = plan.rules.targets
    title = "Staffing plan: " + " to ".join(dict.fromkeys([months[0], months[-1]]))
    parts = [
        f"<h1>{title}</h1>",
        f"<p>Staffed for: <strong>{escape(str(targets))}"
        f"</strong> ({_method(plan)}; {LOADS[plan.rules.load]}; service level = "
        f"{RULES[targets.sl_rule]}).</p>",
        *_troubles(plan),
        f"<p>Audit: {escape(plan.audit)}</p>",
        "<h2>Months</h2>",
        html_table(plan.monthly, MONTHLY_FORMATS),
        '<p class="note">offered is the mean of the forecast; P10 and P90: one month '
        "in ten brings less, one in ten more. last_year: the same month a year before; "
        "growth: offered over it. offered_forecast: what the history alone says; "
        "offered_given: what the client says, which offered follows. "
        "fte: paid hours / full-time paid hours of the month.</p>",
        "<h2>Queues</h2>",
        html_table(summary_table(plan), SUMMARY_FORMATS),
        *_groups(plan),
        *_patience(plan),
        *_chances(plan),
        "<h2>What other rules would need</h2>",
        html_table(plan.alternatives, ALTERNATIVES_FORMATS),
        *_paid_time(plan),
    ]
    drawn = drawn_names(plan)
    parts += undrawn_words(plan, drawn)
    for forecast in plan.forecasts:
        if forecast.queue in drawn:
            rows = plan.requirement[plan.requirement["queue"] == forecast.queue]
            parts += _queue_section(forecast, rows)
    for group in plan.rules.pools:
        if group in drawn:
            rows = plan.requirement[plan.requirement["queue"] == group]
            parts += [f"<h2>{escape(group)}</h2>", *_agent_pictures(group, rows)]
    return html_page(title, parts)


def html_page(
    title: str, parts: Sequence[str], *, lang: str = "en", style: str = ""
) -> str:
    """A page in our style and more of its own, of these pieces of HTML."""
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}{style}</style></head>"
        f"<body>\n{body}\n</body></html>\n"
    )


def _method(plan: Plan) -> str:
    patience_s = plan.rules.patience_of_pools_s
    if patience_s is None:
        return "Erlang C: nobody hangs up"
    if isinstance(patience_s, Mapping):
        return "Erlang A: callers have the patience that the history shows"
    return f"Erlang A: callers have {patience_s:g} s of patience on average"


def _patience(plan: Plan) -> list[str]:
    """What was estimated of callers who hung up."""
    if not plan.patience:
        return []
    rows = [{"queue": pool, **of._asdict()} for pool, of in plan.patience.items()]
    return [
        "<h2>Patience</h2>",
        html_table(pd.DataFrame(rows), PATIENCE_FORMATS),
        '<p class="note">Mean time that a caller would wait, estimated on the '
        f"{MONTHS} months before the plan: time waited by all callers, answered or "
        "not / abandonments; low to high: 95 % interval. It takes patience for "
        "exponential.</p>",
    ]


def _groups(plan: Plan) -> list[str]:
    if plan.members.empty:
        return []
    return [
        '<p class="note">The queues of a group are answered first come, first served, '
        "by people who can answer all of them; by its own calls each queue meets:</p>",
        html_table(plan.members, MEMBERS_FORMATS),
    ]


def _chances(plan: Plan) -> list[str]:
    """What the plan's chance costs, and how often it held."""
    if plan.chances is None:
        return []
    risk = plan.chances.risk
    return [
        "<h2>Chance</h2>",
        f"<p>The plan is for a chance of {risk.chance:g}: in so many of a queue's "
        f"{risk.scope}s the callers who really come, more or fewer than forecast, are "
        "answered as the targets say. Agent hours for the mean forecast and for the "
        "chances of 0.5, 0.8 and 0.9; then the plan's own, the share of new simulated "
        f"{risk.scope}s on which it holds, that for the mean, and the KPIs to expect."
        "</p>",
        html_table(plan.chances.pools, CHANCES_FORMATS),
    ]


def _paid_time(plan: Plan) -> list[str]:
    """Where paid hours go that are not on the queue, and what whole people add."""
    rounding = rounding_hours(plan.requirement)
    added = rounding["rounding_hours"].sum()
    share = added / (rounding["scheduled_hours"].sum() or 1.0)
    parts = [
        "<h2>Paid time</h2>",
        f'<p class="note">scheduled is not rounded; whole people in every interval '
        f"would add {added:,.1f} hours ({share:.1%}).</p>",
    ]
    away = shrinkage_table(plan.requirement, plan.rules.shrinkage)
    return parts if away.empty else [*parts, html_table(away, SHRINKAGE_FORMATS)]


def _troubles(plan: Plan) -> list[str]:
    parts = []
    for queue, reason in plan.failed.items():
        text = f"<strong>{escape(queue)} is not planned.</strong> {escape(reason)}"
        parts.append(f'<p class="warn">{text}</p>')
    if not plan.unmet.empty:
        parts.append(
            f'<p class="warn"><strong>{len(plan.unmet)} intervals miss their targets:'
            "</strong> max_agents does not suffice there (binding = max_agents in "
            "staffing.csv).</p>"
        )
    if plan.warnings:
        items = "".join(f"<li>{escape(str(warning))}</li>" for warning in plan.warnings)
        parts.append(
            f"<details><summary>Remarks on the data: {len(plan.warnings)}</summary>"
            f"<ul>{items}</ul></details>"
        )
    return parts


def _queue_section(forecast: QueueForecast, rows: pd.DataFrame) -> list[str]:
    queue = forecast.queue
    parts = [f"<h2>{escape(queue)}</h2>"]
    if forecast.intervals.empty:
        return [*parts, "<p>Never open in this plan.</p>"]
    parts += [
        html_picture(lambda ax: plot_days(ax, forecast.days), f"calls of {queue}"),
        *_agent_pictures(queue, rows),
        f"<p>{escape(accuracy_sentence(forecast))}</p>",
    ]
    if forecast.effects:
        parts += [
            "<h3>Days unlike the others</h3>",
            html_table(effects_table(forecast.effects), EFFECTS_FORMATS),
        ]
    return parts


def effects_table(effects: Sequence[Effect]) -> pd.DataFrame:
    """What special days do to the calls, the largest first, and how it is known."""
    ordered = sorted(effects, key=lambda effect: -abs(math.log(effect.factor)))
    return pd.DataFrame(
        {
            "kind_of_day": effect.kind,
            "factor": effect.factor,
            "days": effect.days,
            "known_from": effect.source,
        }
        for effect in ordered
    )


def _agent_pictures(pool: str, rows: pd.DataFrame) -> list[str]:
    """Of a pool's requirement; none for a queue of a group, which has no agents."""
    if rows.empty:
        return []
    return [
        html_picture(lambda ax: plot_agents_day(ax, rows), f"agents of {pool}"),
        html_picture(lambda ax: plot_agents_week(ax, rows), f"week of {pool}"),
    ]


def accuracy_sentence(forecast: QueueForecast) -> str:
    """How the same forecast went in the past, for a reader of the report."""
    past = forecast.accuracy
    if not past:
        return "The history is too short to say how past months would have gone."
    if "wape" not in past:
        return "In past months no calls came, or none were expected."
    return (
        "Forecast in the same way for past months "
        f"({past['origins']:.0f} of them), the calls of an interval were off by "
        f"{past['wape']:.1%} of the volume (chance alone leaves "
        f"{past['noise_floor']:.1%}), those of a day by {past['wape_day']:.1%}, "
        f"those of a month by {past['wape_block']:.1%}; "
        f"over all, forecasts were {abs(past['bias']):.1%} too "
        f"{'high' if past['bias'] > 0 else 'low'}."
    )


def html_table(table: pd.DataFrame, formats: Formats) -> str:
    """A table as people read it, in HTML."""
    head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name, _ in formats)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in format_cells(table, formats)
    )
    return f'<div class="wide"><table><tr>{head}</tr>\n{body}</table></div>'


def html_cells(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Cells in HTML, some on a background of their own."""
    title = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{title}</tr>\n{body}</table></div>'


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return f"<td>{escape(cell)}</td>"
    text, color = cell
    return f'<td style="background: {color}">{escape(text)}</td>'


def html_picture(
    draw: Callable[[Axes], Axes],
    alt: str,
    *,
    height_in: float = 3.4,
    left: float = 0.07,
) -> str:
    """What draws on an Axes, as an image within the page; ``left`` of it are labels."""
    figure = Figure(figsize=(10, height_in))
    figure.subplots_adjust(  # margins by hand: a layout engine draws twice
        left=left, right=0.98, bottom=0.51 / height_in, top=1.0 - 0.306 / height_in
    )
    draw(figure.add_subplot())
    return f'<img alt="{escape(alt, quote=True)}" src="{svg_uri(figure)}">'


def svg_uri(figure: Figure) -> str:
    """The figure as a data: URI; the same figure gives the same text."""
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "staffcast"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()
