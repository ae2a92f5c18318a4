"""whatif.html: plan and scenario side by side, a page to mail and to print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape

import pandas as pd
from matplotlib.axes import Axes

from staffing.kpi import ALL
from staffing.report.page import html_cells, html_page, html_picture
from staffing.report.whatif.plots import (
    plot_sweep,
    plot_tornado,
    plot_trade_off,
    plot_week,
)
from staffing.report.whatif.table import side_by_side
from staffing.report.whatif.words import break_even_sentences, kpi_shown
from staffing.scenario.breakeven import break_even
from staffing.scenario.outcome import PATHS, Outcome
from staffing.scenario.ranges import Range
from staffing.scenario.tornado import tornado
from staffing.scenario.tradeoff import trade_off
from staffing.scenario.week import by_week, typical_week
from staffing.texts import Texts, of

PRINT = """
@page { size: A4; margin: 10mm 12mm; }
@media print {
  body { font-size: 8.5pt; line-height: 1.3; margin: 0; max-width: none; padding: 0; }
  h1 { font-size: 14pt; } h2 { font-size: 10.5pt; border-width: 1px; }
  h1, h2, p, ul, table { margin-top: .25rem; margin-bottom: .25rem; }
  table { font-size: 8pt; } td, th { padding: .05rem .4rem; }
  .note { font-size: 7.5pt; margin-top: 0; }
  img { max-height: 33mm; } section { break-inside: avoid; }
}
"""
WEEKS = ("offered", "peak_agents", "agent_hours", "paid_hours")


def whatif_page(
    base: Outcome,
    scenario: Outcome,
    ranges: Sequence[Range] = (),
    points: pd.DataFrame | None = None,
) -> str:
    """
    The whole page as HTML, pictures inside, in the language of the plan.

    ``ranges`` and ``points`` are of a sweep, whose picture is then there too.
    """
    plan, changes = base.base, scenario.scenario
    texts = of(plan.config.lang)
    month = texts.month(plan.month)
    title = escape(texts.text("page.title", month=month))
    week = typical_week(base, scenario)
    spans, curve = tornado(plan, changes), trade_off(plan, changes)
    sections = [
        _changes(scenario, texts),
        _headline(base, scenario, texts),
        notes_part(scenario, texts),
        _picture(partial(plot_week, week=week, texts=texts), "week", texts),
        _picture(
            partial(plot_tornado, tornado=spans, texts=texts),
            "tornado",
            texts,
            left=0.27,
        ),
        _picture(
            partial(plot_trade_off, trade_off=curve, texts=texts), "trade_off", texts
        ),
        _sweep(base, ranges, points, texts),
        _break_even(scenario, texts),
        weeks_part(base, scenario, texts),
        [f'<p class="note">{texts.text("report.print_note", month=month)}</p>'],
    ]
    parts = ["\n".join(["<section>", *part, "</section>"]) for part in sections if part]
    parts = [f"<h1>{title}</h1>", *parts]
    return html_page(title, parts, lang=texts.lang, style=PRINT)


def _changes(scenario: Outcome, texts: Texts) -> list[str]:
    """The levers of the scenario, as they are written."""
    changes = scenario.scenario.texts
    if not changes:
        return [f"<p>{escape(texts.text('report.unchanged'))}</p>"]
    name = escape(scenario.scenario.name or texts.text("report.changes"))
    written = ", ".join(f"<code>{escape(change)}</code>" for change in changes)
    return [f"<p><strong>{name}:</strong> {written}</p>"]


def _headline(base: Outcome, scenario: Outcome, texts: Texts) -> list[str]:
    """All queues' KPIs, plan and scenario."""
    name = scenario.scenario.name or texts.text("plot.scenario")
    table = side_by_side(base, {name: scenario}, texts)
    return [
        f"<h2>{texts.text('report.headline')}</h2>",
        html_cells(["", *table.columns[1:]], table.to_numpy().tolist()),
    ]


def notes_part(scenario: Outcome, texts: Texts) -> list[str]:
    """What the scenario takes for granted."""
    general = texts.text("report.kpis_note", count=PATHS)
    notes = [general, *map(texts.note, scenario.notes)]
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return [f"<h2>{texts.text('report.notes')}</h2>", f"<ul>{items}</ul>"]


def _picture(
    draw: Callable[[Axes], Axes], name: str, texts: Texts, *, left: float = 0.09
) -> list[str]:
    """A picture and what it shows."""
    title = texts.text(f"report.{name}_title")
    return [
        html_picture(draw, title, height_in=2.9, left=left),
        f'<p class="note">{escape(texts.text(f"report.{name}_note"))}</p>',
    ]


def _sweep(
    base: Outcome, ranges: Sequence[Range], points: pd.DataFrame | None, texts: Texts
) -> list[str]:
    """The people along the ranges."""
    if points is None:
        return []
    fte = float(base.kpis.set_index("queue")["fte"][ALL])
    draw = partial(plot_sweep, points=points, ranges=ranges, fte=fte, texts=texts)
    return [html_picture(draw, texts.text("plot.fte"), height_in=3.4, left=0.12)]


def _break_even(scenario: Outcome, texts: Texts) -> list[str]:
    """How much more the agents on duty carry, and what frees people."""
    found = break_even(scenario.base, scenario.scenario)
    items = "".join(
        f"<li>{escape(sentence)}</li>"
        for sentence in break_even_sentences(found, texts)
    )
    return [f"<h2>{texts.text('report.break_even')}</h2>", f"<ul>{items}</ul>"]


def weeks_part(base: Outcome, scenario: Outcome, texts: Texts) -> list[str]:
    """Calls, agents and hours of each week, plan → scenario."""
    table = by_week(base, scenario)
    head = [texts.text("report.week"), *(texts.text(f"kpi.{kpi}") for kpi in WEEKS)]
    rows = [
        [
            texts.day(row["week"]),
            *(
                " → ".join(
                    kpi_shown(kpi, row[f"{kpi}_{side}"], texts)
                    for side in ("base", "scenario")
                )
                for kpi in WEEKS
            ),
        ]
        for row in table.to_dict("records")
    ]
    return [f"<h2>{texts.text('report.weeks')}</h2>", html_cells(head, rows)]
