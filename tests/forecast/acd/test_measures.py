"""Columns of a history beside its own: declared with a weight, read as numbers."""

import numpy as np
import pytest

from forecast.history import complete_history
from forecast.tables import Measure

FCR = Measure("fcr", "fcr_share", "handled")
CSAT = Measure("csat", "csat", "surveys")
HEAD = "queue,interval_start,offered,handled,fcr_share,csat,surveys\n"
ROW = "Sales,2026-10-01T08:00,12,11,"


def test_measures_are_read_with_the_counts_that_weigh_them(read):
    content = HEAD + ROW + "0.75,4.2,5\nSales,2026-10-01T08:30,3,2,,,\n"
    frame = read(content, measures=(FCR, CSAT)).frame
    assert list(frame)[2:] == ["offered", "handled", "surveys", "fcr", "csat"]
    np.testing.assert_array_equal(frame["fcr"], [0.75, np.nan])
    np.testing.assert_array_equal(frame["csat"], [4.2, np.nan])
    np.testing.assert_array_equal(frame["surveys"], [5.0, np.nan])


def test_no_forecast_sees_a_measure(read, calendar):
    frame = read(HEAD + ROW + "0.75,4.2,5\n", measures=(FCR, CSAT)).frame
    history = complete_history(frame, calendar(), absent_rows="missing", where="h")
    assert {"fcr", "csat", "surveys"} < set(history.frame)
    ours = ["queue", "interval_start", "offered", "handled"]
    assert list(history.only("Sales").frame) == ours


def test_both_passes_of_an_unsure_hour_know_no_measure(read):
    content = "queue,interval_start,offered,nps\nSales,2026-10-25T02:00,5,-20\n"
    frame = read(content, measures=(Measure("nps", "nps", "offered"),)).frame
    assert len(frame) == 2
    assert frame["nps"].isna().all()


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (
            "75%,4.2,5",
            "fcr must be a number (decimal sign '.', thousands sign none), but is not: "
            "row 2 ('75%'). Declare other signs under [format]; leave a cell empty "
            "where nothing is known.",
        ),
        (
            "0.75,4.2,-5",
            "surveys must be between 0 and 1,000,000,000, but is not: row 2 (-5). "
            "Correct it, or leave the cell empty where nothing is known.",
        ),
        (
            "0.75,4.2,",
            "csat is weighed by surveys, which must be there beside it, but is empty: "
            "row 2 (4.2). Fill surveys in, or leave csat empty.",
        ),
    ],
)
def test_a_fault_names_its_row(faults, cells, fault):
    assert faults(HEAD + ROW + cells, measures=(FCR, CSAT)) == [fault]


def test_columns_and_weights_must_be_there(faults):
    content = "queue,interval_start,offered,csat\nSales,2026-10-01T08:00,5,4.2\n"
    assert faults(content, measures=(FCR, CSAT)) == [
        "[kpis] must name columns that are not ignored (queue, interval_start, "
        "offered, csat), but names: fcr_share; handled; surveys."
    ]


def test_a_column_that_no_measure_names_is_unknown_as_ever(faults):
    assert faults(HEAD + ROW + "0.75,4.2,5", measures=(CSAT,)) == [
        "every column must be one of ours, named under [columns] or ignored; unknown "
        'here: fcr_share. If they are not needed: [columns] ignore = ["fcr_share"]'
    ]
