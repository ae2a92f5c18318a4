import io

import pandas as pd
import pytest
from matplotlib.figure import Figure

from staffing.report.whatif.plots import (
    plot_sweep,
    plot_tornado,
    plot_trade_off,
    plot_week,
)
from staffing.scenario.ranges import parse_range
from staffing.texts import of

WEEK = pd.DataFrame(
    {
        "weekday": [0, 0, 1, 1],
        "minute": [480, 510, 480, 510],
        "base": [9.0, 10.0, 8.0, 9.0],
        "scenario": [10.0, 11.0, 9.0, 10.0],
        "low": [8.0, 9.0, 7.0, 8.0],
        "high": [12.0, 13.0, 11.0, 12.0],
    }
)
TORNADO = pd.DataFrame(
    {
        "lever": ["volume", "shrinkage"],
        "low": ["volume=-5.3%", "shrinkage=-10%"],
        "high": ["volume=+5.2%", "shrinkage=+10%"],
        "fte": 60.0,
        "fte_low": [57.0, 58.5],
        "fte_high": [63.5, 61.0],
        "source": ["forecast", "assumed"],
    }
)
TRADE_OFF = pd.DataFrame(
    {
        "point": ["curve", "curve", "base", "scenario"],
        "service_level": [0.8, 0.95, 0.95, 0.9],
        "agent_hours": [7000.0, 8000.0, 8000.0, 8500.0],
    }
)
RANGES = [parse_range("volume=-10%..+10%/10%"), parse_range("aht_s=-30s..+30s/30s")]
GRID = pd.DataFrame(
    [(v, s, 60.0 * (1 + v) * (1 + s / 300)) for v in (-0.1, 0, 0.1) for s in (-30, 30)],
    columns=["set_volume", "set_aht_s", "fte"],
)


def drawn(plot, *data, lang="en"):
    """The axes after a whole drawing, in which any warning is an error."""
    figure = Figure(figsize=(10, 3))
    ax = figure.add_subplot()
    assert plot(ax, *data, of(lang)) is ax
    figure.savefig(io.BytesIO(), format="svg")
    return ax


def texts_of(ax):
    return [text.get_text().replace("\N{NO-BREAK SPACE}", " ") for text in ax.texts]


def ticks_of(axis):
    labels = (label.get_text() for label in axis.get_ticklabels())
    return [label.replace("\N{NO-BREAK SPACE}", " ") for label in labels]


@pytest.mark.parametrize(("lang", "days"), [("en", "Mon Tue"), ("it", "lun mar")])
def test_a_week_has_its_days_and_a_gap_between_them(lang, days):
    ax = drawn(plot_week, WEEK, lang=lang)
    assert texts_of(ax) == days.split()
    assert ticks_of(ax.xaxis) == ["8", "8"]
    scenario, _, _ = ax.patches[2].get_data()
    assert scenario[[0, 1, 4, 5]].tolist() == [10.0, 11.0, 9.0, 10.0]
    assert pd.isna(scenario[[2, 3, 6, 7]]).all()
    assert ax.get_legend().get_texts()[0].get_text() == of(lang).text("plot.band")


def test_a_tornado_names_levers_ends_and_sources():
    ax = drawn(plot_tornado, TORNADO, lang="it")
    assert ticks_of(ax.yaxis) == [
        "Chiamate",
        "Tempo non al telefono (shrinkage)",
    ]
    assert texts_of(ax) == ["−5,3 %", "+5,2 %", "−10 %", "+10 %"]
    bars = [(bar.get_x(), bar.get_width()) for bar in ax.patches[:2]]
    assert bars == [(57.0, 6.5), (58.5, 2.5)]
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["dalla previsione", "ipotesi"]


def test_a_lever_that_lowers_people_at_its_high_end_has_it_at_the_left():
    turned = TORNADO.head(1).rename(
        columns={"fte_low": "fte_high", "fte_high": "fte_low"}
    )
    assert texts_of(drawn(plot_tornado, turned)) == ["+5.2 %", "−5.3 %"]


def test_a_trade_off_has_the_curve_and_both_points():
    ax = drawn(plot_trade_off, TRADE_OFF)
    assert ax.lines[0].get_xydata().tolist() == [[0.8, 7000.0], [0.95, 8000.0]]
    points = [points.get_offsets().tolist() for points in ax.collections]
    assert points == [[[0.95, 8000.0]], [[0.9, 8500.0]]]
    assert ax.get_ylabel() == "hours on the phone in the month"


def test_one_lever_is_a_line_and_two_are_a_map_with_the_plans_people():
    line = GRID[GRID["set_aht_s"] == 30]
    ax = drawn(plot_sweep, line, RANGES[:1], 60.0)
    assert ax.lines[1].get_ydata() == [60.0, 60.0]
    assert "−10 %" in ticks_of(ax.xaxis)
    ax = drawn(plot_sweep, GRID, RANGES, 60.0)
    assert ax.get_xlabel() == "Calls"
    assert ax.get_ylabel() == "Handle time"
    assert "+20 s" in ticks_of(ax.yaxis)
    assert texts_of(ax) == ["60.0"]


def test_a_map_that_never_has_the_plans_people_has_no_line():
    assert texts_of(drawn(plot_sweep, GRID, RANGES, 90.0)) == []
