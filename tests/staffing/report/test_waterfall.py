import pandas as pd
import pytest
from matplotlib.figure import Figure

from staffing.report.waterfall import plot_waterfall

NAMES = ["volume", "shape", "aht", "staffing", "remainder"]


def picture(kpi, planned, effects, queue="Sales"):
    causes = pd.DataFrame({"cause": NAMES, "effect": effects})
    causes = causes.assign(queue=queue, period="2026-10", kpi=kpi, planned=planned)
    causes["realised"] = planned + sum(effects)
    ax = Figure().subplots()
    assert plot_waterfall(ax, causes) is ax
    return ax


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_a_service_level_falls_from_planned_to_realised_in_points():
    ax = picture("service_level", 0.96, [-0.02, 0.01, -0.05, 0.0, -0.0002])
    ticks = [label.get_text() for label in ax.get_xticklabels()]
    names = ["volume", "shape", "handle time", "staffing", "remainder"]
    assert ticks == ["planned", *names, "realised"]
    assert texts(ax) == [
        "−2.0 points",
        "+1.0 points",
        "−5.0 points",
        "+0.0 points",
        "+0.0 points",
        "96.0",
        "90.0",
    ]
    assert ax.get_ylabel() == "service level [%]"
    assert ax.get_title(loc="left") == "Sales, October 2026"
    low, high = ax.get_ylim()
    assert low < 90 < 96 < high


def test_waits_are_in_seconds_and_a_small_gap_looks_small():
    ax = picture("asa_s", 30.0, [0.2, -0.1, 0.0, 0.0, 0.1])
    assert texts(ax)[:2] == ["+0.2 s", "−0.1 s"]
    assert ax.get_ylabel() == "average speed of answer [s]"
    low, high = ax.get_ylim()
    assert high - low == pytest.approx(12.0)


def test_all_queues_are_called_so():
    assert picture("asa_s", 30.0, [0.0] * 5, "all").get_title(loc="left") == (
        "All queues, October 2026"
    )


@pytest.mark.parametrize(("kpi", "effect"), [("service_level", -0.1), ("asa_s", 9.0)])
def test_worse_better_and_not_explained_differ_in_grey(kpi, effect):
    """Bars of the legend come first: worse, better, not explained."""
    ax = picture(kpi, 0.5, [effect, -effect, 0.0, 0.0, effect])
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["worse", "better", "not explained"]
    worse, better, rest = (ax.patches[i].get_facecolor() for i in (3, 4, 7))
    brightness = [sum(color[:3]) / 3 for color in (worse, better, rest)]
    assert brightness[0] < 0.3 < 0.7 < brightness[1] < brightness[2]
    assert ax.patches[7].get_hatch() == "///"
