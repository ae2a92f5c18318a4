"""Draws the README's pictures: ``PYTHONPATH=tests python tests/docs/picture.py``."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from reference.hump import HALF_HOUR_S, TARGETS, calls_by_minute, service_levels

from staffing.backtest import backtest_plans
from staffing.erlang.solve import agents_for
from staffing.load import loads_for
from staffing.pipeline import plan_month
from staffing.report.plots import (
    DARK,
    MID,
    plot_agents_day,
    plot_agents_week,
    plot_days,
)
from staffing.report.roster import made_of
from staffing.report.roster.plots import plot_cover
from staffing.report.waterfall import plot_waterfall

ROOT = Path(__file__).parents[2]


PLANS = {
    "sipp": ("each half-hour by itself", MID, "--"),
    "mol": ("handle times carried over", DARK, "-"),
}


def main() -> None:
    """Write the pictures into .github/."""
    save(sample_plan(), "energia.svg")
    save(november(), "november.svg")
    save(moving_load(), "moving-load.svg")
    save(sample_roster(), "roster.svg")


def sample_plan() -> Figure:
    """The largest queue's month, days and week."""
    plan = plan_month(ROOT / "data" / "plan.toml")
    forecast = next(item for item in plan.forecasts if item.queue == "Energia")
    rows = plan.requirement[plan.requirement["queue"] == "Energia"]
    figure = Figure(figsize=(10, 9.5), layout="constrained")
    top, middle, bottom = figure.subplots(3)
    plot_days(top, forecast.days)
    plot_agents_day(middle, rows)
    plot_agents_week(bottom, rows)
    return figure


def november() -> Figure:
    """Why the sample's November was not as planned."""
    causes = backtest_plans(ROOT / "data" / "plan.toml", first="2026-11").causes
    month = causes[(causes["queue"] == "all") & (causes["period"] == "2026-11")]
    figure = Figure(figsize=(10, 6.5), layout="constrained")
    for ax, kpi in zip(figure.subplots(2), ("service_level", "asa_s"), strict=True):
        plot_waterfall(ax, month[month["kpi"] == kpi])
    return figure


def sample_roster() -> Figure:
    """A week of the largest queue, as the sample's team is rostered."""
    rostered = plan_month(ROOT / "data" / "roster.toml").rostered
    cover = made_of(rostered).cover
    week = cover["interval_start"].dt.strftime("%G-W%V") == "2026-W51"
    figure = Figure(figsize=(10, 3.2), layout="constrained")
    plot_cover(figure.subplots(), cover[week & (cover["queue"] == "Energia")])
    return figure


def moving_load() -> Figure:
    """What two plans of the same hours give through a day of 6 to 60 erlangs."""
    figure = Figure(figsize=(10, 5.5), layout="constrained")
    panels = figure.subplots(2, 3, sharex=True, sharey=True)
    for row, (name, targets) in zip(panels, TARGETS.items(), strict=True):
        for ax, aht_s in zip(row, (300.0, 900.0, 1800.0), strict=True):
            plot_plans(ax, aht_s, targets)
            ax.set_title(f"{name}, handle time {aht_s / 60:.0f} min", loc="left")
        row[0].set_ylabel("service level, simulated")
    for ax in panels[-1]:
        ax.set_xlabel("hours after opening")
    handles = panels[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside upper center", ncols=3, frameon=False)
    return figure


def plot_plans(ax: Axes, aht_s: float, targets: dict[str, float]) -> Axes:
    """Service level of each half-hour by both plans, over 2,000 simulated days."""
    by_minute = calls_by_minute(60.0, aht_s)
    offered = by_minute.reshape(-1, 30).sum(axis=1)
    hours = np.arange(len(offered) + 1) / 2
    for rule, (label, color, line) in PLANS.items():
        load = loads_for(
            offered, aht_s=aht_s, interval_s=HALF_HOUR_S, rule=rule, was_open=True
        )
        agents = agents_for(load, aht_s=aht_s, **targets)
        warm_up = int(8 * aht_s / 60)
        levels = service_levels(
            agents, by_minute, aht_s, targets, warm_up=warm_up, days=2000
        )
        text = f"{agents.sum()} agent half-hours"
        print(f"{aht_s:.0f} s, {targets}, {rule}: {text}, worst {levels.min():.3f}")
        ax.stairs(levels, hours, baseline=None, color=color, ls=line, label=label, lw=2)
    target = targets["service_level"]
    ax.axhline(target, color="black", ls=":", label="target")
    ax.set_ylim(0, 1)
    return ax


def save(figure: Figure, name: str) -> None:
    """Write a figure; the same figure gives the same bytes."""
    with mpl.rc_context({"svg.hashsalt": "staffcast"}):
        figure.savefig(ROOT / ".github" / name, metadata={"Date": None})


if __name__ == "__main__":
    main()
