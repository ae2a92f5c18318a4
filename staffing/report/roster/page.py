"""roster.html: how good a roster is, and what it gives, on one page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

import pandas as pd

from staffing.kpi import ALL
from staffing.report.formats import Formats
from staffing.report.page import (
    Cell,
    html_cells,
    html_page,
    html_picture,
    html_table,
)
from staffing.report.roster.fairness import spread_table
from staffing.report.roster.grid import code_grid
from staffing.report.roster.made import Made
from staffing.report.roster.plots import LONGEST_NAMED, plot_cover, plot_grid
from staffing.roster.rules import with_unit

HOURS_FORMATS: Formats = (
    ("group", ""),
    ("required", ",.1f"),
    ("missing", ",.1f"),
    ("missing_share", ".2%"),
    ("spare", ",.1f"),
)
SERVICE_FORMATS: Formats = (
    ("queue", ""),
    ("period", ""),
    ("offered", ",.0f"),
    ("planned_service_level", ".1%"),
    ("rostered_service_level", ".1%"),
    ("planned_asa_s", ",.1f"),
    ("rostered_asa_s", ",.1f"),
    ("planned_abandon_rate", ".1%"),
    ("rostered_abandon_rate", ".1%"),
    ("planned_occupancy", ".1%"),
    ("rostered_occupancy", ".1%"),
)
STAGES_FORMATS: Formats = (
    ("stage", ""),
    ("value", ",.0f"),
    ("bound", ",.0f"),
    ("gap", ".2%"),
)
SPREAD_FORMATS: Formats = (
    ("contract", ""),
    ("agents", "d"),
    ("free_weekends", ""),
    ("sundays", ""),
    ("late_ends", ""),
    ("granted", ""),
    ("refused", ""),
)
CLIENTS_FORMATS: Formats = (
    ("client", ""),
    ("queue", ""),
    ("group", ""),
    ("work_hours", ",.1f"),
    ("paid_hours", ",.1f"),
)
UNSURE = "#ffe7bd"


def roster_page(made: Made) -> str:
    """The page as HTML, pictures inside; the same roster gives the same text."""
    horizon = made.problem.horizon
    title = f"Roster {horizon.first} to {horizon.date(horizon.days - 1)}"
    parts = [
        f"<h1>{title}</h1>",
        *(f"<p><strong>{escape(said)}</strong></p>" for said in headlines(made)),
        *_listed("Rules that this roster breaks", made.violations),
        *_listed("What cannot work", made.faults),
        *_listed("What was not kept", made.solution.unkept),
        "<h2>Hours</h2>",
        html_table(made.hours, HOURS_FORMATS),
        '<p class="note">Hours of people at work, breaks not counted. required: of the '
        "rostered, so that after the shrinkage that the roster does not place the "
        "agents are there; missing and spare: below and above it, interval by "
        "interval. Where parts of agents are required, some of both remains.</p>",
        *_service(made),
        *_prices(made.prices),
        "<h2>How far from the best</h2>",
        html_table(made.stages, STAGES_FORMATS),
        '<p class="note">value: what the step reached of its own goal (all at once: '
        "refused wishes, unequal weekends and hours not kept cost too); bound: no "
        "roster that gives everybody their hours can go below it, – where this one "
        "does not or none is known; gap: what the value is above it, at most.</p>",
        "<h2>Cover week by week</h2>",
        *_cover(made),
        "<h2>Who works when</h2>",
        _grid(made),
        "<h2>Fairness</h2>",
        html_table(spread_table(made.fairness), SPREAD_FORMATS),
        '<p class="note">Fewest–most of a person. A weekend with an absence is not '
        "counted as given; late: ends in the last two hours in which somebody is "
        "needed, or later. Each person's are in fairness.csv.</p>",
        *_clients(made),
        "<h2>Rules</h2>",
        _rules(made.rules),
        '<p class="note">A rule that is not verified is a usual one: check it with '
        "your agreement, and set it in a file of your own.</p>",
    ]
    return html_page(title, parts)


def headlines(made: Made) -> list[str]:
    """Hours missing and spare, how far from the best, and the service to expect."""
    hours = made.hours.set_index("group").loc["all"]
    said = [
        f"{hours['missing']:,.1f} of {hours['required']:,.1f} hours are missing "
        f"({hours['missing_share']:.2%}), {hours['spare']:,.1f} are spare."
    ]
    last = made.solution.stages[-1]
    least = "how much less is possible is not known"
    if pd.notna(last.bound):
        least = f"no roster can have less than {last.bound:,.0f} (gap {last.gap:.2%})"
    said.append(
        f"What is missing and spare makes {last.value:,.0f} points (1: one person "
        f"spare for {made.problem.horizon.slot_min} min; missing ones count more); "
        f"{least}."
    )
    if made.service is not None:
        whole = made.service[made.service["queue"] == ALL].iloc[-1]
        said.append(
            f"Expected with the rostered agents: service level "
            f"{whole['rostered_service_level']:.1%}, average speed of answer "
            f"{whole['rostered_asa_s']:,.1f} s (with the required ones "
            f"{whole['planned_service_level']:.1%} and "
            f"{whole['planned_asa_s']:,.1f} s)."
        )
    else:
        said.append(
            "The service to expect is not simulated: staffing.csv must have offered "
            'and aht_s, and patience_s must not be "estimate".'
        )
    if not made.violations:
        said.append("The independent check finds no rule broken.")
    return said


def _listed(title: str, sentences: Sequence[str]) -> list[str]:
    if not sentences:
        return []
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return [f'<div class="warn"><strong>{title}</strong><ul>{items}</ul></div>']


def _service(made: Made) -> list[str]:
    """KPIs to expect by queue and month, and the days of all queues."""
    if made.service is None:
        return []
    is_month = made.service["period"].str.len() == len("2026-12")
    days = made.service[(made.service["queue"] == ALL) & ~is_month]
    return [
        "<h2>Service to expect</h2>",
        html_table(made.service[is_month], SERVICE_FORMATS),
        '<p class="note">Simulated with the calls that are forecast; planned: with the '
        "required agents, rostered: with those of this roster, less the shrinkage that "
        "it does not place.</p>",
        f"<details><summary>Day by day</summary>{html_table(days, SERVICE_FORMATS)}"
        "</details>",
    ]


def _prices(prices: Sequence[str]) -> list[str]:
    if not prices:
        return []
    items = "".join(f"<li>{escape(price)}</li>" for price in prices)
    return ["<h2>What would help most</h2>", f"<ul>{items}</ul>"]


def _cover(made: Made) -> list[str]:
    """A picture for each week and group."""
    week = made.cover["interval_start"].dt.strftime("%G-W%V")
    return [
        html_picture(partial(plot_cover, cover=rows), f"cover of {name[0]}, {name[1]}")
        for name, rows in made.cover.groupby([made.cover["queue"], week])
    ]


def _grid(made: Made) -> str:
    """People of a contract together."""
    grid = code_grid(made.problem, made.solution.duties)
    contracts = [agent.contract.name for agent in made.problem.agents]
    order = pd.Series(contracts).sort_values(kind="stable").index
    each_in = 0.16 if len(grid) <= LONGEST_NAMED else 0.03
    return html_picture(
        partial(plot_grid, grid=grid.iloc[order]),
        "the month of each person",
        height_in=max(3.4, 1.0 + each_in * len(grid)),
    )


def _clients(made: Made) -> list[str]:
    """Hours of clients, and their sum, where there are any."""
    if not made.clients:
        return []
    table = made.hours_of_clients
    sums = table[["work_hours", "paid_hours"]].sum()
    total = {"client": "all", "queue": "", "group": "", **sums}
    whole = pd.concat([table, pd.DataFrame([total])], ignore_index=True)
    return [
        "<h2>Hours of clients</h2>",
        html_table(whole, CLIENTS_FORMATS),
        '<p class="note">Hours of a group are its queues\' in proportion to their load '
        "in each interval.</p>",
    ]


def _rules(rules: pd.DataFrame) -> str:
    """What holds, from where, and whether it was read there."""
    rows: list[list[Cell]] = [
        [
            row["says"],
            with_unit(row["rule"], row["value"]),
            row["holds"],
            row["status"] if row["status"] == "verified" else (row["status"], UNSURE),
            row["source"],
        ]
        for row in rules.to_dict("records")
    ]
    cells = html_cells(["rule", "value", "holds", "status", "source"], rows)
    return f'<div class="words">{cells}</div>'
