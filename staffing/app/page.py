"""What the page shows of a scenario beside its plan, in HTML."""

from __future__ import annotations

import io
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from html import escape
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from forecast.tables import csv_bytes
from staffing.kpi import ALL
from staffing.report.page import html_picture
from staffing.report.whatif.page import notes_part, weeks_part
from staffing.report.whatif.plots import plot_tornado, plot_trade_off, plot_week
from staffing.report.whatif.table import kpi_named
from staffing.report.whatif.words import difference_shown, kpi_shown
from staffing.scenario.comparison import compared
from staffing.scenario.outcome import Outcome
from staffing.scenario.tornado import tornado
from staffing.scenario.tradeoff import trade_off
from staffing.scenario.week import typical_week
from staffing.texts import Texts

PEOPLE = ("peak_agents", "fte", "paid_hours", "cost")
"""KPIs that the agents alone decide: quick."""
SERVICE = ("service_level", "asa_s", "abandon_rate", "occupancy", "holds", "penalty")
"""KPIs of the callers whom these agents answer: simulated."""


def tiles(
    plan: Outcome, scenario: Outcome, kpis: Sequence[str], pool: str, texts: Texts
) -> str:
    """KPIs of a pool, each large with the plan's and the difference beneath it."""
    table = compared(plan, scenario)
    own = table[table["queue"] == pool].set_index("kpi").dropna(subset=["scenario"])
    rows = own.to_dict("index")
    items = "".join(
        _tile(kpi_named(kpi, plan.scope, texts), kpi, rows[kpi], texts)
        for kpi in kpis
        if kpi in rows
    )
    return f'<dl class="tiles" aria-live="polite">{items}</dl>'


def _tile(name: str, kpi: str, row: Mapping[Hashable, Any], texts: Texts) -> str:
    before = texts.text("page.plan", value=kpi_shown(kpi, row["base"], texts))
    difference = difference_shown(kpi, row["difference"], texts)
    return (
        f'<div data-kpi="{kpi}"><dt>{escape(name)}</dt>'
        f'<dd class="value">{kpi_shown(kpi, row["scenario"], texts)}</dd>'
        f'<dd>{before} <span class="difference">{difference}</span></dd></div>'
    )


def week_picture(
    plan: Outcome, scenario: Outcome, pool: str, texts: Texts
) -> Callable[[Axes], Axes]:
    """What draws the agents of a typical week, of a pool or of all."""
    week = typical_week(plan, scenario, None if pool == ALL else pool)
    return partial(plot_week, week=week, texts=texts)


def first(plan: Outcome, texts: Texts) -> str:
    """The plan by itself, for a page whose levers are not there yet."""
    title = escape(texts.text("page.title", month=texts.month(plan.base.month)))
    drawn = shown(week_picture(plan, plan, ALL, texts), "week", texts)
    coming = f"<p>{escape(texts.text('page.coming'))}</p>"
    return f"<h1>{title}</h1>{coming}{tiles(plan, plan, PEOPLE, ALL, texts)}{drawn}"


def tornado_picture(scenario: Outcome, texts: Texts) -> Callable[[Axes], Axes]:
    """What draws which lever moves the people most."""
    found = tornado(scenario.base, scenario.scenario)
    return partial(plot_tornado, tornado=found, texts=texts)


def trade_off_picture(scenario: Outcome, texts: Texts) -> Callable[[Axes], Axes]:
    """What draws hours against service levels."""
    found = trade_off(scenario.base, scenario.scenario)
    return partial(plot_trade_off, trade_off=found, texts=texts)


def shown(
    draw: Callable[[Axes], Axes], name: str, texts: Texts, *, left: float = 0.09
) -> str:
    """A picture in its section, which scrolls where the screen is narrow."""
    title = texts.text(f"report.{name}_title")
    image = html_picture(draw, title, height_in=3.0, left=left)
    return (
        f'<section id="{name}"><h2 class="unseen">{escape(title)}</h2>'
        f'<div class="wide" role="region" tabindex="0" '
        f'aria-label="{escape(title, quote=True)}">{image}</div>'
        f'<p class="note">{escape(texts.text(f"report.{name}_note"))}</p></section>'
    )


def png(draw: Callable[[Axes], Axes]) -> bytes:
    """A picture as a file to paste elsewhere."""
    figure = Figure(figsize=(10, 3.4), layout="constrained")
    draw(figure.add_subplot())
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    return buffer.getvalue()


def kpis_csv(plan: Outcome, scenario: Outcome) -> bytes:
    """Both sides' KPIs by pool, exact."""
    return csv_bytes(compared(plan, scenario))


def intervals_csv(scenario: Outcome) -> bytes:
    """Agents needed and on duty in each interval."""
    return csv_bytes(scenario.duty)


def fault(words: str) -> str:
    """What a visitor must mend, one line each."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in words.split("\n"))
    return f'<div class="fault" role="alert">{lines}</div>'


def notes(scenario: Outcome, texts: Texts) -> str:
    """What the scenario takes for granted."""
    return f"<section>{''.join(notes_part(scenario, texts))}</section>"


def weeks(plan: Outcome, scenario: Outcome, texts: Texts) -> str:
    """Calls, agents and hours of each week, plan → scenario."""
    return f"<section>{''.join(weeks_part(plan, scenario, texts))}</section>"
