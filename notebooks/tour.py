"""
From past calls to a roster in ten steps, and what would change it.

Read it in the browser with `marimo run notebooks/tour.py`, change it with `marimo
edit notebooks/tour.py`, or print it with `python notebooks/tour.py`.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="staffcast: a tour")

with app.setup:
    from datetime import date, timedelta
    from functools import partial
    from inspect import cleandoc
    from pathlib import Path

    import marimo as mo
    import pandas as pd

    from staffing.cli.output import Format, show_table
    from staffing.cli.output import show as print_text
    from staffing.report.formats import format_cells
    from staffing.report.page import html_picture


@app.function
def show(words, *things):
    """
    Words in Markdown, then tables, each with its formats, and pictures.

    They are a page in the browser; on a terminal, words and tables are printed.
    """
    words = cleandoc(words)
    title = words.splitlines()[0].lstrip("# ")
    on_terminal = mo.app_meta().mode == "script"
    if on_terminal:
        print_text(f"{words}\n\n")
    page = [mo.md(words)]
    for thing in things:
        if callable(thing):
            page.append(mo.Html(html_picture(thing, title)))
            continue
        table, formats = thing
        names = [name.replace("_", " ") for name, _ in formats]
        lines = [names, [":--", *["--:"] * (len(names) - 1)]]
        lines += format_cells(table, formats)
        page.append(mo.md("\n".join(" | ".join(line) for line in lines)))
        if on_terminal:
            show_table(table, Format.table, formats)
            print_text("\n")
    return mo.vstack(page)


@app.cell
def _():
    CONFIG = Path(__file__).parents[1] / "data" / "roster.toml"
    return (CONFIG,)


@app.cell
def _(CONFIG):
    from staffing.backtest.recorded import realised_sums
    from staffing.inputs import read_past
    from staffing.kpi import kpi_table, kpis_by
    from staffing.report.kpi_plots import plot_calls_days, plot_level_week

    past = read_past(CONFIG)
    came = realised_sums(past.history, past.config)
    sl_rule = past.config.to_targets().sl_rule
    start = came["interval_start"].dt
    by_month = kpis_by(came, start.strftime("%Y-%m").rename("month"), sl_rule=sl_rule)
    recent = came[came["interval_start"] > past.history.end - pd.DateOffset(weeks=8)]
    by_day = kpi_table(None, recent, sl_rule=sl_rule, grains=("day",))
    calls = by_day.query("queue == 'all' and kpi == 'offered'")
    start = recent["interval_start"].dt
    by_hour = kpis_by(
        recent,
        [start.day_of_week.rename("weekday"), start.hour.rename("hour")],
        sl_rule=sl_rule,
    )
    show(
        f"""
# From past calls to a roster

A contact centre must have enough people on the phone in every half-hour: too few, and
callers wait; too many, and money is spent on waiting for calls. This tour goes the way
of a plan, from the calls of the past to named people with shifts, in ten steps. As it
stands, the centre is the sample in `data`, and made up.

## 1 · What came

Everything starts from what the phone system has recorded: for each queue and half-hour
how many calls came, how long they took, and how they were served. Here that is
{past.where}: {", ".join(past.history.queues)}. The table has its last months, the
pictures its last eight weeks.
""",
        (
            by_month.tail(13).reset_index(),
            (
                ("month", ""),
                ("offered", ",.0f"),
                ("aht_s", ".0f"),
                ("agent_hours", ",.0f"),
                ("service_level", ".1%"),
                ("asa_s", ".1f"),
                ("abandon_rate", ".1%"),
            ),
        ),
        partial(
            plot_calls_days,
            days=calls.assign(date=calls["period"].map(date.fromisoformat)),
        ),
        partial(
            plot_level_week,
            levels=by_hour.pivot_table("service_level", "weekday", "hour"),
        ),
    )
    return


@app.cell
def _(CONFIG):
    from staffing.report.formats import EFFECTS_FORMATS
    from staffing.report.page import accuracy_sentence, effects_table
    from staffing.report.plots import plot_days
    from staffing.scenario.base import read_base

    base = read_base(CONFIG)
    largest = max(base.forecasts, key=lambda one: one.intervals["offered"].sum())
    show(
        f"""
## 2 · What will come

{largest.queue} in {base.month}, day by day. A forecast is never one number: on eight
days of ten the calls will lie within the band. What it has learnt of special days is in
the table: a factor of 1.25 means a quarter more calls than on a day like any other.

{accuracy_sentence(largest)}
""",
        partial(plot_days, days=largest.days),
        (effects_table(largest.effects), EFFECTS_FORMATS),
    )
    return base, largest


@app.cell
def _(base):
    from staffing.erlang.c import metrics
    from staffing.erlang.solve import agents_for

    need = base.need
    targets = need.rules.targets
    busiest = need.requirement.loc[need.requirement["agents"].idxmax()]
    calls_of = {"aht_s": busiest["aht_s"]}
    fewest = int(agents_for(busiest["load_erlang"], **calls_of, **targets.limits(None)))
    agents = pd.Series(range(fewest - 3, fewest + 3), name="agents")
    answers = metrics(
        busiest["load_erlang"],
        agents,
        **calls_of,
        threshold_s=targets.threshold_s,
    )
    show(
        f"""
## 3 · How many people that takes

The plan's targets: {targets}. The hardest half-hour is {busiest["queue"]} on
{busiest["interval_start"]:%d/%m at %H:%M}: {busiest["offered"]:.0f} calls of
{busiest["aht_s"]:.0f} s, which keep {busiest["load_erlang"]:.1f} people busy on average
(so many *erlangs*). As calls come by chance, so many people are not enough: the formula
of A. K. Erlang says what callers meet with more of them.

**{fewest} agents** are the fewest that meet every target.
""",
        (
            pd.DataFrame({"agents": agents, **answers._asdict()}),
            (
                ("agents", "d"),
                ("service_level", ".1%"),
                ("asa_s", ".1f"),
                ("occupancy", ".1%"),
            ),
        ),
    )
    return busiest, need


@app.cell
def _(busiest, need):
    from staffing.report.plots import plot_agents_day, plot_agents_week

    rows = need.requirement[need.requirement["queue"] == busiest["queue"]]
    show(
        f"""
## 4 · The agents of every half-hour

The same for each half-hour of the month: what must be on the phone, of
{busiest["queue"]}. This is what staffing.csv holds.
""",
        partial(plot_agents_day, requirement=rows),
        partial(plot_agents_week, requirement=rows),
    )
    return (rows,)


@app.cell
def _(base):
    from staffing.report.formats import MONTHLY_FORMATS

    months = base.monthly.dropna(axis="columns", how="all")
    show(
        """
## 5 · The month in hours and people

Agents on the phone are not all who are paid: some are ill, on leave, in training or on
a break. Paid hours and full-time people (FTE) have that in them.
""",
        (months, [column for column in MONTHLY_FORMATS if column[0] in months]),
    )
    return


@app.cell
def _(base, busiest, need, rows):
    from staffing.audit import audit_requirement
    from staffing.report.audit import plot_audit_day

    same_day = rows["interval_start"].dt.date == busiest["interval_start"].date()
    audit = audit_requirement(
        rows[same_day],
        need.forecast,
        need.rules.pools,
        targets=need.rules.targets,
        patience_s=need.rules.patience_of_pools_s,
        known_patience_s=base.config.patience_s(base.patience),
        seed=need.rules.seed,
    )
    show(
        f"""
## 6 · Is the formula right?

A second opinion, by another way: the hardest day is simulated caller by caller, each
half-hour by itself (as the formula sees it) and the day as a whole, with queues that
linger and callers who hang up.

{audit.verdict}
""",
        partial(plot_audit_day, rows=audit.table, kpi=audit.measure),
    )
    return


@app.cell
def _(base, busiest, need):
    from staffing.report.roster import HOURS_FORMATS, headlines, made_of
    from staffing.report.roster.plots import plot_cover
    from staffing.roster.month import Days, roster_days

    first, _ = base.span
    week = Days(first, first + timedelta(days=6))
    in_week = need.requirement["interval_start"].dt.date <= week.last
    made = made_of(
        roster_days(
            base.config,
            base.folder,
            need.requirement[in_week],
            need.forecast,
            need.rules,
            week,
            patience_s=base.config.patience_s(base.patience),
        )
    )
    said = "\n".join(f"- {line}" for line in headlines(made))
    show(
        f"""
## 7 · Who works when

The team's {len(made.problem.agents)} people have contracts, absences and wishes. They
are given shifts and breaks as close to the curve as their hours allow: here for the
first seven days only, as a month takes a minute. These are {len(made.roster)} shifts.

{said}
""",
        (made.hours, HOURS_FORMATS),
        partial(plot_cover, cover=made.cover[made.cover["queue"] == busiest["queue"]]),
    )
    return


@app.cell
def _(base):
    from staffing.scenario.changes import Scenario
    from staffing.scenario.outcome import outcome_of

    scenarios = {
        "as planned": [],
        "more and longer calls": ["volume=+10%", "aht_s=+30s"],
        "the same, the plan's agents": ["volume=+10%", "aht_s=+30s", "agents=base"],
    }
    asked = {
        name: outcome_of(base, Scenario.of(changes)).kpis.assign(scenario=name)
        for name, changes in scenarios.items()
    }
    show(
        """
## 8 · What if?

What if a tenth more calls came, and each took half a minute longer? The inputs change,
the steps are the same: how many people that takes, and what callers would meet if there
were only as many as planned. Service level and waits are of months as they may come,
more calls or fewer than forecast, and so a little worse than a forecast that is right.
""",
        (
            pd.concat(asked).query("queue == 'all'"),
            (
                ("scenario", ""),
                ("offered", ",.0f"),
                ("aht_s", ".0f"),
                ("peak_agents", ".0f"),
                ("agent_hours", ",.1f"),
                ("fte", ".1f"),
                ("service_level", ".1%"),
                ("asa_s", ",.1f"),
            ),
        ),
    )
    return


@app.cell
def _():
    show(
        """
## 9 · Would it have held?

All this can be tried on months that are over: `notebooks/backtest.py` plans last
month again, and says whether the plan would have held, and why not.

## 10 · Your own centre

- `staffcast check history.csv`: is your export usable? Every fault with its row.
- `staffcast plan plan.toml --out out`: steps 1 to 6, for your month; `data/plan.toml`
  is a sample to start from.
- `staffcast roster`, `staffcast backtest`, `staffcast whatif`: as above.
- `staffcast app plan.toml`: step 8 in the browser, with levers to move.

Each command's `--help` ends in an example.
"""
    )
    return


if __name__ == "__main__":
    app.run()
