import io
import json
import re
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from forecast.models import MODELS as MODEL_NAMES
from forecast.scores import KEY, accuracy_table, by_cuts, summary_table, sums_by
from staffing.backtest import ForecastBacktest
from staffing.report.backtest import (
    backtest_page,
    plot_coverage_by_volume,
    plot_error_by_horizon,
    plot_error_by_hour,
    plot_error_by_weekday,
    write_backtest,
)

HOSTILE = "<script>alert('1')</script>"
BIAS = {"sma8": 1.1, "seasonal_naive": 1.5, "sma4": 0.8}


def points_of(queue="Sales", *, horizons=1):
    """Hours of two weeks: offered 10 to 17, each model off by a factor of its own."""
    start = pd.date_range("2026-03-02", "2026-03-15 23:00", freq="h", tz="Europe/Rome")
    start = start[(start.hour >= 9) & (start.hour < 17) & (start.day_of_week < 6)]
    offered = start.hour.to_numpy() + 1.0
    parts = []
    for model, factor in BIAS.items():
        for horizon in range(1, horizons + 1):
            forecast = offered * (factor + 0.1 * (horizon - 1))
            table = pd.DataFrame(
                {
                    "queue": queue,
                    "cutoff": start[0].normalize(),
                    "model": model,
                    "grain": "interval",
                    "horizon": horizon,
                    "start": start,
                    "offered": offered,
                    "forecast": forecast,
                    "q025": 0.7 * forecast,
                    "q10": 0.95 * forecast,
                    "q50": forecast,
                    "q90": 1.05 * forecast,
                    "q975": 1.3 * forecast,
                    "scale": 2.0,
                    "day_known": 1.02 * offered,
                }
            )
            day = table.groupby(start.normalize()).sum(numeric_only=True)
            day = day.assign(grain="day", start=day.index, scale=9.0, day_known=np.nan)
            day[["queue", "cutoff", "model", "horizon"]] = table.loc[
                0, ["queue", "cutoff", "model", "horizon"]
            ].to_list()
            parts += [table, day[table.columns]]
    return pd.concat(parts, ignore_index=True)


def result_of(points, **parts):
    return ForecastBacktest(
        **{
            "months": ("2026-02", "2026-03"),
            "horizons": 1,
            "models": ("sma8",),
            "accuracy": accuracy_table(sums_by(points, KEY)),
            "summary": summary_table(
                sums_by(points, KEY), ["seasonal_naive", "sma4"], seed=1
            ),
            "cuts": by_cuts(points),
            "failed": {},
            "warnings": (),
            "sources": (),
            "parameters": {"seed": 1},
            "fingerprint": "f",
            "timings_s": {"forecast": 1.0},
        }
        | parts
    )


def drawn(plot, points, **options):
    """The axes after a whole drawing, in which any warning is an error."""
    figure = Figure(figsize=(10, 3.4))
    ax = figure.add_subplot()
    assert plot(ax, by_cuts(points), **options) is ax
    figure.savefig(io.BytesIO(), format="svg")
    return ax


def labels(ax):
    return [text.get_text() for text in ax.get_legend().texts]


MODELS = ("sma8", "seasonal_naive", "sma4")


@pytest.mark.parametrize(
    ("plot", "x", "y"),
    [
        (plot_error_by_horizon, "model", "WAPE of intervals [%]"),
        (
            partial(plot_error_by_hour, models=MODELS),
            "local time [h]",
            "WAPE of intervals [%]",
        ),
        (partial(plot_error_by_weekday, models=MODELS), "weekday", "WAPE of days [%]"),
        (
            partial(plot_coverage_by_volume, model="sma8"),
            "quarter of the forecasts by volume [contacts per interval]",
            "share inside the band [%]",
        ),
    ],
)
def test_axes_are_labelled_with_their_units(plot, x, y):
    ax = drawn(plot, points_of())
    assert (ax.get_xlabel(), ax.get_ylabel()) == (x, y)
    assert ax.get_title(loc="left")


def test_bars_by_horizon_are_the_errors_the_best_model_first():
    ax = drawn(plot_error_by_horizon, points_of(horizons=3))
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert names == ["sma8", "sma4", "seasonal_naive"]
    heights = [[bar.get_height() for bar in bars] for bars in ax.containers]
    expected = [[0.1, 0.2, 0.5], [0.2, 0.1, 0.6], [0.3, 0.0, 0.7]]
    assert np.allclose(heights, expected)
    assert labels(ax) == [
        "were day totals known",
        "noise floor",
        *(f"month {n} ahead" for n in (1, 2, 3)),
    ]
    left, middle, right = ([bar.get_x() for bar in bars] for bars in ax.containers)
    assert left < middle < right
    days = points_of().query("grain == 'day'")
    assert "were day totals known" not in labels(drawn(plot_error_by_horizon, days))


def test_names_of_all_models_stand_beside_each_other():
    points = points_of()
    points = points[points["model"] == "sma8"]
    names = sorted(MODEL_NAMES, key=len)
    named = [  # the longest beside each other
        points.assign(model=name, forecast=(1.1 + 0.1 * number) * points["offered"])
        for number, name in enumerate(names)
    ]
    ax = drawn(plot_error_by_horizon, pd.concat(named, ignore_index=True))
    ax.figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
    assert [label.get_text() for label in ax.get_xticklabels()] == names
    for left, right in pairwise(boxes):
        assert left.x1 < right.x0


def test_hours_and_weekdays_show_each_models_own_error():
    points = points_of()
    noon = (points["start"].dt.hour == 12) & (points["model"] == "sma8")
    points.loc[noon, "forecast"] = points["offered"]
    ax = drawn(plot_error_by_hour, points, models=MODELS)
    sma8, naive, *_ = ax.lines
    assert sma8.get_xdata().tolist() == list(range(9, 17))
    assert sma8.get_ydata()[3] == 0.0
    assert np.allclose(naive.get_ydata(), 0.5)
    assert labels(ax) == [*MODELS, "noise floor"]
    assert len({line.get_linestyle() for line in ax.lines}) == 4  # reads in grey
    ax = drawn(plot_error_by_weekday, points_of(), models=MODELS[:2])
    days = [label.get_text() for label in ax.get_xticklabels()]
    assert days == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    assert np.allclose([bar.get_height() for bar in ax.containers[1]], 0.5)


def test_coverage_is_shown_by_quarters_of_the_forecast_beside_its_aims():
    points = points_of()
    big = (points["forecast"] > 16.0) & (points["grain"] == "interval")
    points.loc[big, "q90"] = points["forecast"]
    points.loc[big, "q10"] = 0.0
    ax = drawn(plot_coverage_by_volume, points, model="sma8")
    inner, outer = ax.lines
    assert inner.get_xdata().tolist() == [1, 2, 3, 4]
    assert inner.get_ydata()[0] == 0.0  # 10 % too high, and the band is ± 5 %
    assert inner.get_ydata()[3] == 1.0
    assert (outer.get_ydata() == 1.0).all()
    aims = sorted((a.get_y(), a.get_y() + a.get_height()) for a in ax.patches)
    assert aims == [(0.70, pytest.approx(0.90)), (0.93, pytest.approx(0.97))]
    assert ax.get_ylim()[0] < 0.0


def test_few_points_of_any_size_are_drawn_without_a_warning():
    few = points_of().query("grain == 'day'").groupby("model").head(2)
    drawn(plot_coverage_by_volume, few, model="sma8")
    none = few.assign(offered=0.0, forecast=0.0)
    for plot in (
        plot_error_by_horizon,
        partial(plot_error_by_weekday, models=MODELS),
        partial(plot_coverage_by_volume, model="sma8"),
    ):
        drawn(plot, none)


def test_of_many_queues_those_with_the_most_calls_are_drawn(
    quick_pictures, monkeypatch
):
    monkeypatch.setattr("staffing.report.backtest.DRAWN", 2)
    large = points_of("B").assign(offered=lambda points: 2.0 * points["offered"])
    points = pd.concat([points_of("A"), large, points_of("C")], ignore_index=True)
    points.loc[points["queue"] == "C", "offered"] *= 3.0
    page = backtest_page(result_of(points))
    assert re.findall(r"<h2>(\w)</h2>", page) == ["B", "C"]
    assert (
        "Pictures follow of 2 of the 3 queues: those with the most calls. All are in "
        "accuracy.csv."
    ) in page


def test_the_page_shows_tables_and_pictures_and_names_stay_text(quick_pictures):
    result = result_of(
        pd.concat([points_of(), points_of(HOSTILE)]), failed={"<b>": "No history."}
    )
    page = backtest_page(result)
    assert "<h1>Backtest of forecasts: 2026-02 to 2026-03</h1>" in page
    assert "2 months, each forecast from its beginning; nothing later" in page
    assert page.count("<img") == 2 * 4
    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;b&gt; is not forecast.</strong> No history." in page
    assert not re.search(r"(?:href|src)=\"(?!data:)", page)
    assert page == backtest_page(result)
    days = points_of().query("grain == 'day'")
    assert backtest_page(result_of(days)).count("<img") == 3


@pytest.mark.parametrize(
    ("horizons", "said"),
    [
        (2, "beginning, and from 1 month before it;"),
        (3, "beginning, and from 1 to 2 months before it;"),
    ],
)
def test_the_page_says_from_when_months_were_forecast(horizons, said, quick_pictures):
    assert said in backtest_page(result_of(points_of(), horizons=horizons))


def test_the_files_are_written_the_manifest_last(quick_pictures, tmp_path):
    result = result_of(points_of(), failed={"New": "Too young."})
    files = write_backtest(result, tmp_path / "out")
    names = [path.name for path in files]
    assert names == ["accuracy.csv", "summary.csv", "report.html", "run.json"]
    manifest = json.loads(files[-1].read_text())
    assert manifest["queues"] == {
        "Sales": {"status": "done"},
        "New": {"status": "failed", "reason": "Too young."},
    }
    assert manifest["exit_code"] == 1
    assert manifest["timings_s"] == {"forecast": 1.0}
    assert sorted(manifest["outputs"]) == sorted(names[:-1])
    table = pd.read_csv(files[0])
    assert table["wape"].tolist() == pytest.approx(result.accuracy["wape"].tolist())
