"""
Would the plans of past months have held, and if not, why?

Read it in the browser with `marimo run notebooks/backtest.py`, change it with `marimo
edit notebooks/backtest.py`, or print it with `python notebooks/backtest.py`.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="staffcast: would the plan have held?")

with app.setup:
    from datetime import date
    from functools import partial
    from pathlib import Path

    from tour import show


@app.cell
def _():
    CONFIG = Path(__file__).parents[1] / "data" / "plan.toml"
    FIRST = LAST = "2026-11"
    return CONFIG, FIRST, LAST


@app.cell
def _(CONFIG, FIRST, LAST):
    from staffing.backtest import backtest_plans
    from staffing.report.plan_backtest import headlines

    result = backtest_plans(CONFIG, first=FIRST, last=LAST)
    said = "\n".join(f"- {sentence}" for sentence in headlines(result))
    show(
        f"""
# Would the plan have held?

A plan promises something about calls that have not come yet. Whether that is worth
anything can be tried on the past: a month is forecast and staffed from what was known
before its first day, and then the calls that really came are sent, one by one, to the
agents who were planned.

Planned again: {", ".join(result.months)}. Targets: {result.targets}.

{said}
"""
    )
    return (result,)


@app.cell
def _(result):
    from staffing.report.kpi_plots import plot_kpi_days
    from staffing.report.plan_backtest import SERVICE_FORMATS, summary_table
    from staffing.report.plan_backtest.summary import shown_goals
    from staffing.report.words import label

    summary = summary_table(result)
    goal, kpi = shown_goals(result)[0]
    days = result.kpis.query(
        "queue == 'all' and kpi == @goal.kpi and period.str.len() == 10"
    )
    show(
        """
## Planned, and what came

**planned** is what the plan expected of itself; **replayed**, its agents with the calls
that came; what has no prefix was **realised**, by the agents who were really there. A
plan is to blame for the step from planned to replayed. What lies between replayed and
realised happened on the day.
""",
        (summary, SERVICE_FORMATS),
        partial(
            plot_kpi_days,
            days=days.assign(date=days["period"].map(date.fromisoformat)),
            goal=goal,
            name=label(kpi),
        ),
    )
    return goal, label, summary


@app.cell
def _(result):
    from staffing.report.plan_backtest.plots import plot_promises, plot_reliability

    promised = result.promises
    show(
        """
## Did the promises hold?

Before the month, each day has a chance of meeting all its targets. Of the days with a
chance of 90 %, nine in ten should hold: a mark on the line. Above it the plan was too
careful, below it too bold. The number beside a mark is how many days it stands for; a
mark of few days is moved by luck alone.
""",
        partial(plot_reliability, days=promised[promised["grain"] == "day"]),
        partial(plot_promises, promises=promised),
    )
    return


@app.cell
def _(goal, label, result):
    from staffing.report.plan_backtest.page import lever_texts
    from staffing.report.waterfall import plot_waterfall

    causes = result.causes.query(
        "queue == 'all' and period == @result.months[-1] and kpi == @goal.kpi"
    )
    helped = "\n".join(f"- {text}" for text in lever_texts(result, "all"))
    show(
        f"""
## Why not?

From the KPI as planned to the KPI as realised, in {result.months[-1]}: how many calls
came (volume) and when (shape), how long they took, and who was there. What is left
over, the simulation does not explain.

What would have helped most:

{helped}
""",
        partial(plot_waterfall, causes=causes),
    )
    return


@app.cell
def _(result, summary):
    from staffing.report.plan_backtest import HOURS_FORMATS
    from staffing.report.plan_backtest.plots import plot_hours

    show(
        """
## What did it cost?

A plan that holds because it is rich is no art. So each plan's agents are scaled until
the month just meets its targets, and their hours are compared: with those of a
**clairvoyant** plan, which knew every call before it came and which no plan can beat
by much, and of plans made from simpler forecasts.
""",
        (summary, HOURS_FORMATS),
        partial(plot_hours, costs=result.costs),
    )
    return


@app.cell
def _():
    show(
        """
## Try it on your own past

`staffcast backtest plan.toml --from 2026-09 --out past` writes these pictures, every
number behind them as CSV, and a page of the last month for the client. A longer past
says more: one month has some twenty days, and promises of 95 % need many. Here, change
`FIRST` and `LAST`; each month takes a quarter of a minute, and is kept.
"""
    )
    return


if __name__ == "__main__":
    app.run()
