import datetime as dt
import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from staffing.report.page import svg_uri
from staffing.report.plots import (
    plot_agents_day,
    plot_agents_week,
    plot_days,
    typical_and_hardest,
)


def rows_of(first, last, hours, agents, *, interval_s=1800):
    """Rows on each interval of some dates whose local hour is among ``hours``."""
    starts = pd.date_range(
        first, last, freq=f"{interval_s}s", tz="Europe/Rome", inclusive="left"
    )
    starts = starts[starts.hour.isin(list(hours))]
    frame = pd.DataFrame({"interval_start": starts, "interval_s": interval_s})
    frame["open"] = True
    return frame.assign(agents=[agents(start) for start in starts])


def days_of(first, count, offered=100.0, *, year_before=90.0):
    dates = [dt.date.fromisoformat(first) + dt.timedelta(days=n) for n in range(count)]
    return pd.DataFrame(
        {
            "date": dates,
            "offered": offered,
            "offered_p10": 0.8 * offered,
            "offered_p90": 1.2 * offered,
            "year_before": year_before,
        }
    )


def drawn(plot, data, layout=None):
    """The axes after a whole drawing, in which any warning is an error."""
    figure = Figure(figsize=(10, 3.4), layout=layout)
    ax = figure.add_subplot()
    assert plot(ax, data) is ax
    figure.savefig(io.BytesIO(), format="svg")
    return ax


MARCH = ("2026-03-01", "2026-04-01")


@pytest.mark.parametrize(
    ("plot", "data", "x", "y"),
    [
        (plot_days, days_of("2026-03-01", 31), "date", "offered [contacts a day]"),
        (
            plot_agents_day,
            rows_of(*MARCH, range(8, 20), lambda start: start.hour),
            "local time [h]",
            "agents on the queue",
        ),
        (
            plot_agents_week,
            rows_of(*MARCH, range(8, 20), lambda start: start.hour),
            "local time [h]",
            "weekday",
        ),
    ],
)
def test_axes_are_labelled_with_their_units(plot, data, x, y):
    ax = drawn(plot, data, layout="constrained")  # as on the page
    assert (ax.get_xlabel(), ax.get_ylabel()) == (x, y)
    assert ax.get_title(loc="left")


def test_the_heat_maps_scale_says_agents():
    ax = drawn(plot_agents_week, rows_of(*MARCH, range(8, 20), lambda start: 3))
    assert [a.get_ylabel() for a in ax.figure.axes] == ["weekday", "agents"]


def test_the_year_before_is_shown_only_where_some_of_it_is_known():
    def labels(data):
        return [text.get_text() for text in drawn(plot_days, data).legend_.texts]

    assert "52 weeks before" in labels(days_of("2026-03-01", 31))
    unknown = days_of("2026-03-01", 31, year_before=np.nan)
    assert "52 weeks before" not in labels(unknown)


@pytest.mark.parametrize(("count", "most"), [(1, 0), (28, 5), (92, 14), (400, 14)])
def test_mondays_are_named_as_long_as_they_can_be_read(count, most):
    ax = drawn(plot_days, days_of("2026-03-01", count))
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert len(names) <= most
    assert all(name.startswith("Mon ") for name in names)


def test_the_typical_day_is_the_median_of_whole_days_and_the_hardest_has_the_peak():
    """Saturdays are short, Tuesday the 3rd has the peak, Mondays have most hours."""

    def agents(start):
        if start.day == 3 and start.hour == 9:
            return 50
        return {0: 20, 5: 1}.get(start.day_of_week, 10 + start.day_of_week)

    weekdays = rows_of("2026-03-02", "2026-03-14", range(8, 20), agents)
    short = (weekdays["interval_start"].dt.day_of_week == 5) & (
        weekdays["interval_start"].dt.hour > 12
    )
    closed = weekdays["interval_start"].dt.day_of_week == 6
    rows = weekdays[~short & ~closed]
    typical, hardest = typical_and_hardest(rows)
    assert hardest == dt.date(2026, 3, 3)
    sums = rows.groupby(rows["interval_start"].dt.date)["agents"].sum()
    whole = sorted(sums[[day.weekday() < 5 for day in sums.index]])
    assert sums[typical] == whole[(len(whole) - 1) // 2]


@pytest.mark.parametrize(
    ("month", "changed"),
    [
        (("2026-10-01", "2026-11-01"), dt.date(2026, 10, 25)),
        (MARCH, dt.date(2026, 3, 29)),
    ],
)
def test_the_day_on_which_clocks_change_is_not_typical(month, changed):
    rows = rows_of(*month, range(24), lambda start: 5 + start.day % 3)
    typical, _ = typical_and_hardest(rows)
    assert typical != changed
    drawn(plot_agents_day, rows)
    drawn(plot_agents_week, rows)


NIGHT = [22, 23, 0, 1, 2, 3, 4, 5]
SPLIT = [8, 9, 10, 14, 15]


@pytest.mark.parametrize("plot", [plot_agents_day, plot_agents_week])
@pytest.mark.parametrize(
    "rows",
    [
        rows_of(*MARCH, NIGHT, lambda start: 3 + start.hour % 2),
        rows_of(*MARCH, SPLIT, lambda start: 3 + start.hour % 2),
        rows_of(*MARCH, range(8, 10), lambda start: start.minute, interval_s=900),
        rows_of(*MARCH, range(8, 10), lambda start: 0, interval_s=3600),
        rows_of(*MARCH, range(8, 10), lambda start: 1),
        rows_of("2026-03-02 09:00", "2026-03-02 09:30", [9], lambda start: 4),
    ],
    ids=["night", "lunch break", "quarter hours", "nobody", "constant", "one interval"],
)
def test_agents_of_any_hours_are_drawn_without_a_warning(plot, rows):
    drawn(plot, rows)


@pytest.mark.parametrize("offered", [0.0, 1e-3, 1e6])
def test_calls_of_any_size_are_drawn_without_a_warning(offered):
    ax = drawn(plot_days, days_of("2026-03-02", 1, offered, year_before=np.nan))
    assert ax.get_ylim()[0] == 0


def test_a_lunch_break_is_a_gap_in_the_curve_and_blank_in_the_map():
    rows = rows_of(*MARCH, SPLIT, lambda start: 4)
    agents, edges, _ = drawn(plot_agents_day, rows).patches[0].get_data()
    assert (edges[0], edges[-1]) == (8.0, 16.0)
    assert np.isnan(agents[6:12]).all()
    assert (np.delete(agents, range(6, 12)) == 4).all()
    image = drawn(plot_agents_week, rows).images[0]
    assert image.get_array().mask[:, 6:12].all()
    assert image.get_extent() == [8.0, 16.0, 6.5, -0.5]


def test_the_map_shows_each_weekdays_own_hours():
    rows = rows_of(*MARCH, range(8, 20), lambda start: start.day_of_week)
    saturday = rows["interval_start"].dt.day_of_week == 5
    rows = rows[~saturday | (rows["interval_start"].dt.hour >= 18)]
    ax = drawn(plot_agents_week, rows)
    values = ax.images[0].get_array()
    assert values.shape == (7, 24)
    assert values.mask[5].tolist() == [True] * 20 + [False] * 4
    assert [values[day].mean() for day in range(7)] == list(range(7))
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "Mon",
        "Tue",
        "Wed",
        "Thu",
        "Fri",
        "Sat",
        "Sun",
    ]


def test_the_same_figure_gives_the_same_bytes():
    rows = rows_of(*MARCH, range(8, 20), lambda start: start.hour)
    uris = []
    for _ in range(2):
        figure = Figure()
        plot_agents_week(figure.add_subplot(), rows)
        uris.append(svg_uri(figure))
    assert uris[0] == uris[1]
