import datetime as dt
import io
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure
from reference.rostered import made_of

from staffing.report.roster.grid import CODES, code_grid
from staffing.report.roster.plots import LONGEST_NAMED, plot_cover, plot_grid


def drawn(plot, data):
    """The axes after a whole drawing, in which any warning is an error."""
    figure = Figure(figsize=(10, 3.4))
    ax = figure.add_subplot()
    assert plot(ax, data) is ax
    figure.savefig(io.BytesIO(), format="svg")
    return ax


def cover_of(made, queue="Care"):
    return made.cover[made.cover["queue"] == queue]


def grid_of(made):
    return code_grid(made.problem, made.solution.duties)


@pytest.mark.parametrize(
    ("month", "hours"), [((2026, 10, 24), [0, 24, 49]), ((2026, 3, 28), [0, 24, 47])]
)
def test_days_are_as_long_as_they_are(month, hours):
    ax = drawn(plot_cover, cover_of(made_of(dt.date(*month))))
    assert list(ax.get_xticks()) == hours
    assert ax.get_xlim() == (0, hours[-1] + 24)
    assert [label.get_text()[:3] for label in ax.get_xticklabels()] == [
        "Sat",
        "Sun",
        "Mon",
    ]


def test_the_curves_are_the_tables_and_nights_are_gaps(made):
    rows = cover_of(made)
    ax = drawn(plot_cover, rows)
    for line, name in zip(ax.lines[:2], ("scheduled", "rostered"), strict=True):
        y = line.get_ydata()
        assert np.isnan(y).sum() == 2
        assert y[~np.isnan(y)].tolist() == rows[name].repeat(2).tolist()
        assert line.get_xdata()[0] == 8.0


def test_missing_and_spare_are_filled_between_the_curves(made):
    """One is needed all day, one is there from 09:00 to 13:00, with a break."""
    ax = drawn(plot_cover, cover_of(made))
    names = [text.get_text() for text in ax.legend_.texts]
    assert names == ["missing", "spare", "scheduled", "rostered, at work"]
    missing, _ = ax.collections
    heights = np.concatenate([path.vertices[:, 1] for path in missing.get_paths()])
    assert (heights.min(), heights.max()) == (0, 1)


def test_one_interval_alone_is_drawn(made):
    drawn(plot_cover, cover_of(made).head(1))


def test_axes_say_what_they_show(made):
    cover = drawn(plot_cover, cover_of(made, "Sales"))
    assert cover.get_title(loc="left") == "Sales, week of 19/10/2026"
    assert cover.get_ylabel() == "agents"
    grid = drawn(plot_grid, grid_of(made))
    assert grid.get_ylabel() == "person"
    assert grid.get_xlabel() == "date: initial of the weekday, day of the month"


def test_the_grid_has_a_code_for_each_person_and_day(made):
    grid = grid_of(made)
    assert grid.to_numpy().tolist() == [
        ["M", "M", "M"],
        ["away", "A", "A"],
        ["N", "R", "R"],
        ["–", "–", "R"],
    ]
    ax = drawn(plot_grid, grid)
    assert [text.get_text() for text in ax.texts] == grid.to_numpy().ravel().tolist()
    assert [text.get_text() for text in ax.get_yticklabels()] == list(grid.index)


def test_a_large_team_is_drawn_without_names(made):
    rows = grid_of(made)
    large = rows.iloc[np.arange(LONGEST_NAMED + 1) % len(rows)]
    ax = drawn(plot_grid, large)
    assert not ax.texts
    assert ax.get_ylabel() == "person, by place in the team"


def test_the_parts_of_a_day_differ_in_grey():
    """By the luma of ITU-R BT.601; rest and absence are told by their words too."""
    fills = [CODES[name].fill for name in ("M", "A", "E", "N")]
    greys = [
        sum(
            weight * int(fill[at : at + 2], 16)
            for weight, at in ((0.299, 1), (0.587, 3), (0.114, 5))
        )
        for fill in fills
    ]
    assert all(a - b > 30 for a, b in pairwise(greys))
