"""The past as people read it."""

from types import SimpleNamespace

import pandas as pd
from matplotlib.figure import Figure

from staffing.report.against import (
    errors_of,
    kpi_of,
    plot_error_by_hour,
    plot_predicted,
    without_repeats,
)

LEVELS = {"08": (0.8, 0.9), "09": (0.6, 0.5)}


def errors(
    by, groups, models=("simulated", "erlang_a", "realised"), kpi="service_level"
):
    rows = []
    for group, (real, predicted) in groups.items():
        for model in models:
            is_real = model == "realised"
            rows.append(
                {
                    "queue": "Sales",
                    "over": "all",
                    "by": by,
                    "group": group,
                    "model": model,
                    "service_level_bias": None,
                    kpi: real if is_real else predicted,
                    f"{kpi}_bias": None if is_real else predicted - real,
                }
            )
    return pd.DataFrame(rows).astype({f"{kpi}_bias": float})


def test_all_intervals_are_shown_where_not_all_are_stable():
    rows = [("A", "all", 9), ("A", "stable", 9), ("B", "all", 9), ("B", "stable", 8)]
    table = pd.DataFrame(
        [*rows, ("C", "all", 9)], columns=["queue", "over", "intervals"]
    )
    shown = without_repeats(table)
    assert shown[["queue", "over"]].agg(" ".join, axis=1).to_list() == [
        "A stable",
        "B all",
        "B stable",
        "C all",
    ]
    assert without_repeats(table.tail(1)).equals(table.tail(1))


def test_an_hour_alone_stands_at_a_whole_tick():
    ax = plot_error_by_hour(Figure().add_subplot(), errors("hour", {"09": (0.6, 0.5)}))
    assert ax.get_xticks().tolist() == [9]


def test_groups_and_models_stand_in_their_order():
    loads = {"over 100": (0.8, 0.7), "under 5": (0.9, 0.9), "10 to 20": (0.7, 0.6)}
    table = errors_of(SimpleNamespace(errors=errors("load", loads)), "load")
    assert table["group"].drop_duplicates().tolist() == [
        "under 5",
        "10 to 20",
        "over 100",
    ]
    assert table["model"].head(3).tolist() == ["realised", "erlang_a", "simulated"]


def test_days_are_drawn_against_the_ideal_line():
    ax = plot_predicted(Figure().add_subplot(), errors("day", LEVELS))
    ideal, erlang_a, simulated = ax.get_lines()
    assert ideal.get_xdata().tolist() == ideal.get_ydata().tolist() == [0.6, 0.8]
    assert erlang_a.get_xdata().tolist() == [0.8, 0.6]
    assert simulated.get_ydata().tolist() == [0.9, 0.5]
    assert ax.get_xlabel() == "service level, realised [%]"
    assert ax.get_ylabel() == "service level, by the model [%]"


def test_errors_are_drawn_by_hour_of_the_abandonments_where_no_model_has_levels():
    table = errors("hour", LEVELS, ("realised", "identity"), kpi="abandon_rate")
    assert kpi_of(table) == "abandon_rate"
    ax = plot_error_by_hour(Figure().add_subplot(), table)
    line = ax.get_lines()[0]
    assert line.get_xdata().tolist() == [8, 9]
    assert line.get_ydata().round(6).tolist() == [0.1, -0.1]
    assert ax.get_ylabel() == "error of abandon rate [points]"
