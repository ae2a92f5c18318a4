import datetime as dt
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.history import complete_history

WEEKDAYS = {"mon-fri": "08:00-10:00"}


@pytest.fixture(scope="module")
def complete(calendar):
    def complete(rows, absent_rows="missing", hours=None, **parts):
        return complete_history(
            rows,
            calendar(hours or WEEKDAYS, **parts),
            absent_rows=absent_rows,
            where="history.csv",
        )

    return complete


def texts(history):
    return [str(finding) for finding in history.warnings]


def whole_days(queue, days, offered=5.0):
    return [
        (queue, f"{day}T{clock}", offered)
        for day in days
        for clock in ("08:00", "08:30", "09:00", "09:30")
    ]


def weekdays(first, days):
    start = dt.date.fromisoformat(first)
    dates = (start + dt.timedelta(days=n) for n in range(days))
    return [str(date) for date in dates if date.weekday() < 5]


def test_a_whole_history_stays_as_it_is_sorted_and_without_warnings(complete, rows):
    cases = whole_days("B", ["2026-10-01", "2026-10-02"]) + whole_days(
        "A", ["2026-10-02"]
    )
    history = complete(rows(cases, handled=4.0))
    assert history.warnings == ()
    assert history.queues == ["A", "B"]
    assert list(history.frame) == ["queue", "interval_start", "offered", "handled"]
    assert history.frame["queue"].tolist() == ["A"] * 4 + ["B"] * 8
    assert history.frame["offered"].tolist() == [5.0] * 12
    for _, part in history.frame.groupby("queue"):
        assert part["interval_start"].is_monotonic_increasing
    assert history.end == pd.Timestamp("2026-10-02 10:00", tz="Europe/Rome")


@pytest.mark.parametrize(
    ("absent_rows", "value", "taken"),
    [("missing", np.nan, "missing (not as zero calls)"), ("zero", 0.0, "no calls")],
)
def test_absent_rows_are_what_the_config_declares(
    complete, rows, absent_rows, value, taken
):
    cases = whole_days("A", ["2026-10-01", "2026-10-02"])
    history = complete(rows([*cases[:2], *cases[4:]]), absent_rows)
    np.testing.assert_array_equal(
        history.frame["offered"], [5.0, 5.0, value, value, 5.0, 5.0, 5.0, 5.0]
    )
    assert texts(history) == [
        "history.csv: open intervals without a row (2 in all) are taken as "
        f'{taken}, as absent_rows = "{absent_rows}" says: A: 2, first at 2026-10-01 '
        "09:00 CEST."
    ]


def test_nothing_is_known_of_handled_where_a_row_is_absent(complete, rows):
    cases = whole_days("A", ["2026-10-01"])
    history = complete(rows([cases[0], cases[3]], handled=4.0), "zero")
    np.testing.assert_array_equal(history.frame["handled"], [4.0, np.nan, np.nan, 4.0])


def test_a_queue_begins_on_its_own_first_date(complete, rows):
    cases = whole_days("Old", ["2026-10-01", "2026-10-02"])
    history = complete(rows([*cases, ("New", "2026-10-02T09:00", 3.0)]), "zero")
    new = history.frame[history.frame["queue"] == "New"]
    assert new["offered"].tolist() == [0.0, 0.0, 3.0, 0.0]


@pytest.mark.parametrize("absent_rows", ["zero", "missing"])
def test_a_file_that_begins_and_ends_in_mid_day_says_nothing_beyond(
    complete, rows, absent_rows
):
    cases = whole_days("A", ["2026-10-01", "2026-10-02"])[1:-2]
    history = complete(rows(cases), absent_rows)
    assert history.frame["offered"].tolist() == [5.0] * 5
    assert history.warnings == ()
    assert history.end == pd.Timestamp("2026-10-02 09:00", tz="Europe/Rome")


def test_rows_outside_the_hours_are_left_out_and_reported(complete, rows):
    cases = [
        *whole_days("A", ["2026-10-01"]),
        ("A", "2026-10-01T10:00", 2.0),
        ("A", "2026-10-03T08:00", 1.5e6),
        ("A", "2026-10-03T09:00", np.nan),
    ]
    history = complete(rows(cases))
    assert history.frame["offered"].sum() == 20.0
    assert texts(history)[1] == (
        "history.csv: rows outside the declared opening hours (3 in all, with 1500002 "
        "calls) are left out: row 6 (A at 2026-10-01 10:00 CEST, 2 calls); row 7 (A at "
        "2026-10-03 08:00 CEST, 1500000 calls); row 8 (A at 2026-10-03 09:00 CEST, "
        "calls unknown). If the lines were open then, correct [hours] or [holidays]."
    )


def test_holidays_are_closed_and_neither_zero_nor_missing(complete, rows):
    days = ["2026-11-30", "2026-12-01", "2026-12-07", "2026-12-09"]
    cases = whole_days("A", [*days, "2026-12-08"])
    history = complete(rows(cases), country="IT")
    assert dt.date(2026, 12, 8) not in set(history.frame["interval_start"].dt.date)
    assert "(4 in all, with 20 calls)" in texts(history)[0]


def test_each_queue_has_its_own_hours(complete, rows):
    cases = [
        ("Day", "2026-10-01T08:00", 1.0),
        ("Night", "2026-10-01T22:00", 2.0),
        ("Night", "2026-10-02T01:30", 3.0),
    ]
    history = complete(
        rows(cases),
        "zero",
        {"thu": "08:00-09:00"},
        queue_hours={"Night": {"thu": "22:00-02:00"}},
    )
    by_queue = history.frame.groupby("queue")["offered"].apply(list).to_dict()
    assert by_queue == {"Day": [1.0, 0.0], "Night": [2.0, *[0.0] * 6, 3.0]}


def test_a_day_without_any_row_is_a_hole_and_not_a_quiet_day(complete, rows):
    days = weekdays("2026-09-07", 26)
    there = [day for day in days if day != "2026-09-23"]
    history = complete(rows(whole_days("A", there)), "zero")
    missing = history.frame[history.frame["offered"].isna()]["interval_start"]
    assert [str(date) for date in missing.dt.date] == ["2026-09-23"] * 4
    assert texts(history) == [
        "history.csv: open days without a row of any queue (1 in all), though their "
        "weekday usually has calls, are taken as missing: 2026-09-23."
    ]


def test_a_hole_is_not_counted_among_the_rows_taken_as_zero(complete, rows):
    there = [day for day in weekdays("2026-09-07", 26) if day != "2026-09-23"]
    cases = whole_days("A", there)
    del cases[9]
    found = texts(complete(rows(cases), "zero"))
    assert found[0].startswith("history.csv: open intervals without a row (1 in all)")
    assert found[1].startswith("history.csv: open days without a row of any queue (1")


def test_a_day_without_rows_of_a_small_centre_may_be_quiet(complete, rows):
    there = [day for day in weekdays("2026-09-07", 26) if day != "2026-09-23"]
    history = complete(rows(whole_days("A", there, offered=4.0)), "zero")
    assert history.frame["offered"].notna().all()


def test_a_day_on_which_another_queue_has_rows_is_no_hole(complete, rows):
    days = weekdays("2026-09-07", 26)
    there = [day for day in days if day != "2026-09-23"]
    cases = whole_days("A", there) + whole_days("B", days)
    assert complete(rows(cases), "zero").frame["offered"].notna().all()


def test_holes_are_missing_anyway_where_absent_rows_are(complete, rows):
    there = [day for day in weekdays("2026-09-07", 26) if day != "2026-09-23"]
    found = texts(complete(rows(whole_days("A", there))))
    assert len(found) == 1
    assert "(4 in all) are taken as missing (not as zero calls)" in found[0]


@pytest.mark.parametrize("absent_rows", ["zero", "missing"])
def test_a_queue_without_a_row_inside_its_hours_is_unknown_and_not_zero(
    complete, rows, absent_rows
):
    cases = [*whole_days("A", ["2026-10-01"]), ("Night", "2026-10-01T03:00", 9.0)]
    history = complete(rows(cases), absent_rows)
    night = history.frame[history.frame["queue"] == "Night"]
    assert len(night) == 4
    assert night["offered"].isna().all()
    assert texts(history)[1:] == [
        "history.csv: nothing is known of queues without a row inside the opening "
        "hours: Night. Correct [hours], or drop the queue with [rows] exclude."
    ]


@pytest.mark.parametrize("absent_rows", ["zero", "missing"])
def test_a_queue_that_is_never_open_does_not_stop_the_others(
    complete, rows, absent_rows
):
    cases = [*whole_days("A", ["2026-10-01"]), ("Sunday", "2026-10-01T03:00", 9.0)]
    hours = {"queue_hours": {"Sunday": {"sun": "08:00-10:00"}}}
    history = complete(rows(cases), absent_rows, **hours)
    assert history.queues == ["A"]
    assert "nothing is known of queues" in texts(history)[1]
    nobody = complete(rows(cases[-1:]), absent_rows, **hours)
    assert nobody.frame.empty
    assert nobody.queues == []


def test_a_date_far_from_all_others_is_named_with_its_row(complete, rows):
    cases = whole_days("A", ["2026-03-03", "2026-03-04"])
    cases[2] = ("A", cases[2][1].replace("2026-03-03", "2026-05-05"), 7.0)
    assert texts(complete(rows(cases)))[-1] == (
        "history.csv: no row of any queue for 28 days or more lies between: row 9 "
        "(2026-03-04) and row 4 (2026-05-05). If a date is wrong, such as day and "
        "month swapped, correct it."
    )


def test_rows_that_do_not_add_up_are_used_and_reported(complete, rows):
    cases = whole_days("A", ["2026-10-01"])
    cases[3] = ("A", "2026-10-01T09:30", np.nan)
    history = complete(
        rows(
            cases,
            handled=[5.0, 5.0, np.nan, 5.0],
            abandoned=[0.0, 1.0, 9.0, 0.0],
            answered_within=[6.0, 5.0, 5.0, 5.0],
        )
    )
    assert history.frame["offered"].iloc[:3].tolist() == [5.0] * 3
    assert texts(history) == [
        "history.csv: offered is empty, so these intervals are taken as missing: row "
        "5.",
        "history.csv: handled + abandoned is more than offered (in brackets): row 3 "
        "(5).",
        "history.csv: answered_within is more than handled (offered in brackets): row "
        "2 (5).",
    ]


def test_a_spike_is_reported_and_kept(complete, rows):
    days = weekdays("2026-09-07", 26)
    cases = whole_days("A", days)
    spike = 4 * days.index("2026-09-23") + 2
    cases[spike] = ("A", "2026-09-23T09:00", 60.0)
    history = complete(rows(cases))
    assert texts(history) == [
        "history.csv: far more or fewer calls than usual (1 in all) count for less: "
        "A at 2026-09-23 09:00 CEST (60 calls, usually 5). If they belong to an event, "
        "name it under [[events]], or correct its effect."
    ]
    assert history.frame["offered"].max() == 60.0


@pytest.mark.parametrize("offered", [16.0, 18.0])
def test_chance_is_no_spike(complete, rows, offered):
    cases = whole_days("A", weekdays("2026-09-07", 26))
    cases[30] = (*cases[30][:2], offered)
    assert complete(rows(cases)).warnings == ()


def test_long_runs_without_a_call_are_reported(complete, rows):
    before, after = weekdays("2026-05-04", 14), weekdays("2026-06-22", 7)
    cases = [
        *whole_days("A", before + after),
        *whole_days("A", weekdays("2026-05-18", 35), 0.0),
        *whole_days("B", before + weekdays("2026-06-15", 7) + after),
        *whole_days("B", weekdays("2026-05-18", 28), 0.0),  # Monday to Friday: 26 days
        *whole_days("C", before + weekdays("2026-05-18", 35) + after, 0.0),
    ]
    assert texts(complete(rows(cases))) == [
        "history.csv: no calls at all for 28 days or more: A from 2026-05-18 to "
        "2026-06-19; C from 2026-05-04 to 2026-06-26. If the queue was closed or moved "
        "then, cut those rows off."
    ]


def test_days_without_a_row_make_a_queue_quiet_where_they_are_zero(complete, rows):
    cases = whole_days("A", weekdays("2026-05-04", 7) + weekdays("2026-06-22", 7))
    cases += whole_days("B", weekdays("2026-05-04", 56))
    assert "no calls at all" in texts(complete(rows(cases), "zero"))[-1]
    assert "no calls at all" not in texts(complete(rows(cases)))[-1]


@pytest.mark.parametrize("name", ["007", "NA", "null", "1e3"])
def test_queues_keep_odd_names(complete, rows, name):
    assert complete(rows(whole_days(name, ["2026-10-01"]))).queues == [name]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["A", "B", "C"]),
            st.integers(0, 40 * 48 - 1),
            st.integers(0, 300),
        ),
        min_size=1,
        max_size=80,
        unique_by=lambda case: case[:2],
    ),
    st.sampled_from(["zero", "missing"]),
    st.randoms(use_true_random=False),
)
@settings(max_examples=25)
def test_the_order_of_the_rows_never_matters(
    complete, rows, cases, absent_rows, shuffler: random.Random
):
    """And what is there is kept, closed hours have no row, nothing is invented."""
    start = dt.datetime(2026, 10, 10)
    table = rows(
        [(q, start + n * dt.timedelta(minutes=30), y) for q, n, y in cases],
        zone="UTC",
    )
    table["interval_start"] = table["interval_start"].dt.tz_convert("Europe/Rome")
    order = list(table.index)
    shuffler.shuffle(order)
    hours = {"mon-fri": "08:00-20:00", "sat": "22:00-04:00"}
    history = complete(table, absent_rows, hours)
    shuffled = complete(table.loc[order], absent_rows, hours)
    pd.testing.assert_frame_equal(shuffled.frame, history.frame)
    assert shuffled.end == history.end
    frame = history.frame
    assert not frame.duplicated(["queue", "interval_start"]).any()
    there = table.merge(frame, on=["queue", "interval_start"])
    assert (there["offered_x"] == there["offered_y"]).all()
    for queue in history.queues:
        starts = pd.DatetimeIndex(frame[frame["queue"] == queue]["interval_start"])
        assert history.calendar.open_mask(queue, starts).all()
    assert frame["offered"].sum() == there["offered_x"].sum()
    assert frame["interval_start"].max() < history.end or frame.empty


def test_the_sample_is_whole_and_has_two_spikes_at_most(sample, sample_calendar):
    history = complete_history(
        sample.frame, sample_calendar, absent_rows="missing", where="history.csv"
    )
    assert len(history.frame) == len(sample.frame)
    assert history.frame["offered"].notna().all()
    for finding in history.warnings:
        assert "far more or fewer calls" in finding.rule
        assert finding.count <= 2
