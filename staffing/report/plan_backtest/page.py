"""backtest.html: whether the plans of past months held, and if not, why."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

import pandas as pd

from staffing.audit import HANDLE_CV
from staffing.backtest import PlanBacktest
from staffing.backtest.costs import FACTORS
from staffing.backtest.promises import PROMISED_PATHS, promise_table
from staffing.kpi import ALL, AMBER_RULE, Goal, Kpi
from staffing.patience import LEAST_ABANDONMENTS, MONTHS
from staffing.report.drawn import DRAWN
from staffing.report.formats import Formats
from staffing.report.month import LIGHTS, lever_parts
from staffing.report.page import (
    Cell,
    html_cells,
    html_page,
    html_picture,
    html_table,
)
from staffing.report.plan_backtest.plots import (
    plot_hours,
    plot_kpi_months,
    plot_promises,
    plot_reliability,
)
from staffing.report.plan_backtest.summary import (
    HOURS_FORMATS,
    SERVICE_FORMATS,
    failures,
    headlines,
    queues_of,
    shown_goals,
    summary_table,
    units,
)
from staffing.report.waterfall import cause_name, plot_waterfall
from staffing.report.words import gap_shown, label, month_name, unit_title, value_shown
from staffing.targets import RULES

SIDES = {
    "planned": "planned_",
    "replayed": "replayed_",
    "realised": "",
}
PROMISE_FORMATS: Formats = (
    ("queue", ""),
    ("grain", ""),
    ("units", ",d"),
    ("promised", ".1%"),
    ("held", ".1%"),
    ("realised", ".1%"),
)
COST_FORMATS: Formats = (
    ("queue", ""),
    ("month", ""),
    ("plan", ""),
    ("agent_hours", ",.1f"),
    ("service_level", ".1%"),
    ("asa_s", ".1f"),
    ("abandon_rate", ".1%"),
    ("factor", ".3f"),
    ("equal_hours", ",.1f"),
)
DEFINITIONS = {
    "planned": "The month is forecast from the history before its first day and "
    "staffed by the events and rules that plan.toml has now. Its KPIs: the "
    "planned agents, simulated with the calls and handle times that were forecast.",
    "replayed": "The planned agents, simulated with the calls and handle times that "
    "came in each interval: what the plan would have given.",
    "realised": "What the history says, with the agents who were there.",
    "simulated": "Calls are drawn within their intervals, handle times log-normal "
    f"(sd / mean {HANDLE_CV:g}), and callers hang up as they are patient.",
    "patience": f"How long a queue's or group's callers wait on average, from the last "
    f"{MONTHS} months before the month; where fewer than {LEAST_ABANDONMENTS} of them "
    "hung up, that of all callers together; where these are too few as well, the "
    "number in plan.toml; and without one nobody hangs up (inf).",
    "promised": "The share of possible months, drawn from the forecast "
    f"({PROMISED_PATHS} of them), in which an interval, day or month meets all targets "
    "of waits and abandonment.",
    "held": "The share of its replays in which it does.",
    "clairvoyant": "The plan by the same rules for exactly the calls and handle times "
    "that came.",
    "equal service": "The agents of each plan times the factor (between "
    f"{FACTORS[0]:g} and {FACTORS[1]:g}) with which the replayed month just meets its "
    "targets over all its calls. A month without such a factor is left out.",
    "volume, shape, handle time, staffing": "How many calls came, at what time of the "
    "day, how long they took, and who was there: what each added to the KPI, on "
    "average over every order in which they can be exchanged one by one.",
    "remainder": "Realised less simulated with everything as it came: what the "
    "simulation does not explain. Where the agents who were there are not known, "
    "staffing is in it.",
    "over several intervals or queues": "Every KPI is the sum above the line over the "
    "sum below it, of all their calls: never a mean of means.",
}


def plan_backtest_page(result: PlanBacktest) -> str:
    """The page as HTML, pictures inside; the same result gives the same text."""
    ends = dict.fromkeys([result.months[0], result.months[-1]])
    title = f"Backtest of plans: {' to '.join(map(month_name, ends))}"
    summary, shown, goals = summary_table(result), units(result), shown_goals(result)
    parts = [
        f"<h1>{title}</h1>",
        *(f"<p><strong>{escape(text)}</strong></p>" for text in headlines(result)),
        f"<p>Targets: {escape(str(result.targets))}; service level = "
        f"{RULES[result.targets.sl_rule]}. Each month was planned from its beginning; "
        "nothing later was known.</p>",
        *_troubles(result),
        html_table(summary, SERVICE_FORMATS),
        '<p class="note">Days: the shares on which all targets were promised to be '
        "met, held with the calls that came, and were met. Service level and ASA over "
        "all calls of all months; without a prefix: realised. A dash: not known, or "
        "of the group that answers the queue.</p>",
        "<h2>Targets by month</h2>",
        _lights(result),
        f'<p class="note">{escape(AMBER_RULE)}.</p>',
        "<h2>Did the promises hold?</h2>",
        *_promises(result.promises),
        "<h2>Agent hours at equal service</h2>",
        *_costs(result, summary),
    ]
    first, *others = shown[:1] if len(shown) == 2 else [ALL, *shown[:-1]]
    parts += _unit_section(result, first, goals)
    calls = result.outcomes["whole"].set_index("queue")["offered"]
    drawn = calls.loc[others].nlargest(DRAWN).index
    if len(drawn) < len(others):
        parts.append(
            f'<p class="note">Of {len(others)} queues, groups and clients the '
            f"{len(drawn)} with the most calls follow. All are in the tables above and "
            "in causes.csv.</p>"
        )
    for unit in others:
        if unit in drawn:
            parts += _unit_section(result, unit, goals[:1])
    return html_page(title, [*parts, *_definitions(result)])


def _troubles(result: PlanBacktest) -> list[str]:
    parts = [
        f'<p class="warn"><strong>{escape(text)}</strong> {escape(reason)}</p>'
        for reason, text in failures(result).items()
    ]
    if result.warnings:
        items = "".join(f"<li>{escape(text)}</li>" for text in result.warnings)
        parts.append(
            f"<details><summary>Remarks on the data: {len(result.warnings)}</summary>"
            f"<ul>{items}</ul></details>"
        )
    return parts


def _lights(result: PlanBacktest) -> str:
    """Each unit's KPIs by month as planned, replayed and realised, in colours."""
    months = result.outcomes["month"].set_index(["queue", "period"])
    rows: list[list[Cell]] = []
    for unit in units(result):
        of_unit = months.loc[unit].reindex(result.months)
        for goal, kpi in shown_goals(result):
            for side, prefix in SIDES.items():
                values = of_unit[f"{prefix}{kpi.name}"]
                cells = [_light(value, goal, kpi) for value in values]
                rows.append([unit_title(unit), label(kpi), side, *cells])
    return html_cells(["queue", "KPI", "", *result.months], rows)


def _light(value: float, goal: Goal, kpi: Kpi) -> Cell:
    said, color = LIGHTS[goal.light(value)]
    return f"{said[0]} {value_shown(value, kpi)}", color


def _promises(promises: pd.DataFrame) -> list[str]:
    days = promises[promises["grain"] == "day"]
    if days.empty:
        return ["<p>There is no day whose calls are all known.</p>"]
    return [
        html_picture(partial(plot_reliability, days=days), "promised against held"),
        html_picture(partial(plot_promises, promises=promises), "by grain"),
        html_table(promise_table(promises, ["queue", "grain"]), PROMISE_FORMATS),
    ]


def _costs(result: PlanBacktest, summary: pd.DataFrame) -> list[str]:
    hours = html_table(summary, HOURS_FORMATS)
    note = (
        '<p class="note">over and under: shares of the other plan\'s agent hours, each '
        "at equal service (see the definitions). seasonal_naive: last week's calls "
        "taken again; sma4: the average of four weeks; both staffed by the same "
        "rules. Planned agent hours and those there are of the open intervals that "
        "the history knows; the agent hours of each plan, month by month, count the "
        "time after closing too, until the last calls are answered.</p>"
    )
    each = html_table(result.costs, COST_FORMATS)
    details = f"<details><summary>Month by month</summary>{each}</details>"
    equal = result.costs.dropna(subset="equal_hours")
    if (equal["plan"] == "clairvoyant").any() and (equal["plan"] == "plan").any():
        draw = partial(plot_hours, costs=result.costs)
        return [hours, note, html_picture(draw, "agent hours"), details]
    text = "<p>No month can be compared: with no factor would it meet its targets.</p>"
    return [hours, note, text, details]


def _unit_section(
    result: PlanBacktest, unit: str, goals: Sequence[tuple[Goal, Kpi]]
) -> list[str]:
    """A unit's KPIs by month, what moved them, and what would have helped."""
    months = result.outcomes["month"]
    months = months[months["queue"] == unit]
    parts = [f"<h2>{escape(unit_title(unit))}</h2>"]
    for goal, kpi in goals:
        draw = partial(plot_kpi_months, months=months, goal=goal, kpi=kpi)
        name = f"{label(kpi)} of {unit}"
        parts += [html_picture(draw, name), *_causes(result, unit, kpi)]
    return [*parts, *lever_parts(result.months[-1], lever_texts(result, unit))]


def _causes(result: PlanBacktest, unit: str, kpi: Kpi) -> list[str]:
    """Waterfall of the last month, and the causes of every month."""
    causes = result.causes
    causes = causes[causes["period"].isin(result.months)]
    mine = causes[(causes["queue"] == unit) & (causes["kpi"] == kpi.name)]
    if mine.empty:
        return []
    last = mine[mine["period"] == mine["period"].max()]
    names = list(dict.fromkeys(mine["cause"]))
    rows: list[list[Cell]] = []
    for month, effects in mine.groupby("period", sort=True):
        gaps = effects.set_index("cause")["effect"].reindex(names)
        ends = [
            value_shown(effects[end].iloc[0], kpi) for end in ("planned", "realised")
        ]
        shown = [gap_shown(gap, kpi) for gap in gaps]
        rows.append([month_name(str(month)), ends[0], *shown, ends[1]])
    return [
        html_picture(partial(plot_waterfall, causes=last), f"why {label(kpi)} moved"),
        html_cells(["month", "planned", *map(cause_name, names), "realised"], rows),
    ]


def lever_texts(result: PlanBacktest, unit: str) -> list[str]:
    """What would have helped in the last month, where a unit is answered alone."""
    levers = result.levers
    mine = levers["queue"].isin(queues_of(result, unit))
    last = levers[mine & (levers["month"] == result.months[-1])]
    found = last.groupby(["queue", "sentence"], sort=False)["cause"]
    return [
        f"{queue}, {', '.join(map(cause_name, causes))}: {sentence}."
        for (queue, sentence), causes in found
    ]


def _definitions(result: PlanBacktest) -> list[str]:
    terms = "".join(
        f"<dt><strong>{term}</strong></dt><dd>{meaning}</dd>"
        for term, meaning in DEFINITIONS.items()
    )
    unknown, every = result.realised["offered"].isna().sum(), len(result.realised)
    patience = result.patience.pivot_table(
        "patience_s", "queue", "month", dropna=False
    ).reset_index()
    formats = [("queue", ""), *((month, ",.0f") for month in result.months)]
    return [
        "<h2>Definitions used</h2>",
        f"<dl>{terms}</dl>",
        f"<p>Left out: {unknown:,d} of {every:,d} open intervals, whose calls the "
        "history does not know.</p>",
        "<p>Patience of each month's callers [s]:</p>",
        html_table(patience, formats),
    ]
