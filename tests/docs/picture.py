"""Draws the README's picture from the sample plan: ``python tests/docs/picture.py``."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from staffing.pipeline import plan_month
from staffing.report.plots import plot_agents_day, plot_agents_week, plot_days

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Write .github/energia.svg: the largest queue's month, days and week."""
    plan = plan_month(ROOT / "data" / "plan.toml")
    forecast = next(item for item in plan.forecasts if item.queue == "Energia")
    rows = plan.requirement[plan.requirement["queue"] == "Energia"]
    figure = Figure(figsize=(10, 9.5), layout="constrained")
    top, middle, bottom = figure.subplots(3)
    plot_days(top, forecast.days)
    plot_agents_day(middle, rows)
    plot_agents_week(bottom, rows)
    with mpl.rc_context({"svg.hashsalt": "staffcast"}):
        figure.savefig(ROOT / ".github" / "energia.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
