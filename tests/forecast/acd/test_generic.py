import datetime as dt
import json
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.acd.generic import Reading
from forecast.errors import TableError

VALID = """queue,interval_start,offered,handled,aht_s
Sales,2026-10-01T08:00,12,11,180.5
Sales,2026-10-01T08:30,0,0,
Care,2026-10-01T08:00,7,7,240
"""
UTC = ZoneInfo("UTC")
HEAD = "queue,interval_start,offered\n"
ITALIAN_TIME = "%d/%m/%Y %H:%M"


def values(reading: Reading) -> list[tuple]:
    frame = reading.frame
    assert reading.warnings == ()
    return list(
        zip(
            frame["queue"],
            [f"{start:%Y-%m-%dT%H:%M%z}" for start in frame["interval_start"]],
            frame["offered"],
            strict=True,
        )
    )


def test_a_plain_file_is_read_as_it_stands(read):
    reading = read(VALID)
    assert reading.warnings == ()
    frame = reading.frame
    assert list(frame) == ["queue", "interval_start", "offered", "handled", "aht_s"]
    assert frame.index.tolist() == [2, 3, 4]
    assert frame["queue"].tolist() == ["Sales", "Sales", "Care"]
    assert str(frame["interval_start"].dt.tz) == "Europe/Rome"
    assert frame["interval_start"].iloc[0] == pd.Timestamp("2026-10-01T06:00Z")
    assert frame["offered"].tolist() == [12.0, 0.0, 7.0]
    np.testing.assert_array_equal(frame["aht_s"], [180.5, np.nan, 240.0])


def test_columns_may_stand_in_any_order(read):
    content = "offered,interval_start,queue\n12,2026-10-01T08:00,Sales\n"
    assert values(read(content)) == [("Sales", "2026-10-01T08:00+0200", 12.0)]


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("Sales;2026-10-01T08:00;1234", {"separator": ";"}),
        ("Sales\t2026-10-01 08:00:00\t1234", {"separator": "\t"}),
        ("Sales,2026-10-01T08:00+02:00,1234.0", {}),
        ("Sales,2026-10-01T06:00Z,1.234e3", {"zone": UTC}),
        ("Sales;2026-10-01T08:00;1.234", {"decimal": ",", "thousands": "."}),
        ('Sales,2026-10-01T08:00,"1,234"', {"thousands": ","}),
        ("Sales,01/10/2026 08:00,1234", {"time": ITALIAN_TIME}),
        ("Sales,10/01/2026 08:00 AM,1234", {"time": "%m/%d/%Y %I:%M %p"}),
        ("Sales,01/10/2026 08:00 +0200,1234", {"time": f"{ITALIAN_TIME} %z"}),
    ],
)
def test_every_declared_form_gives_the_same_rows(read, content, options):
    mark = options.get("separator") or (";" if ";" in content else ",")
    header = HEAD.replace(",", mark)
    frame = read(header + content, **options).frame
    assert frame["interval_start"].iloc[0] == pd.Timestamp("2026-10-01T06:00Z")
    assert frame["offered"].tolist() == [1234.0]


def test_without_a_zone_absolute_times_stay_in_utc(read):
    frame = read(HEAD + "Sales,2026-10-01T08:00+02:00,1", zone=None).frame
    assert str(frame["interval_start"].dt.tz) == "UTC"
    assert f"{frame['interval_start'].iloc[0]:%H:%M}" == "06:00"


def test_the_first_of_october_is_never_read_as_the_tenth_of_january(faults):
    assert faults(HEAD + "Sales,01/10/2026 08:00,1") == [
        "interval_start must be a time written as YYYY-MM-DDTHH:MM, ISO 8601, but is "
        "not: row 2 ('01/10/2026 08:00'). Declare how it is written, such as [format] "
        'time = "%d/%m/%Y %H:%M" (with seconds %H:%M:%S, with AM and PM %I:%M %p).'
    ]


def test_a_file_of_one_queue_needs_no_queue_column(read):
    content = "interval_start,offered\n2026-10-01T08:00,3\n"
    assert values(read(content, queue="One")) == [("One", "2026-10-01T08:00+0200", 3.0)]


def test_a_file_with_queues_has_no_name_for_its_one_queue(faults, read):
    assert faults(VALID, queue="Sales") == [
        'queue = "Sales" names the one queue of a file without, but this has: queue. '
        "Leave it out; of many queues, one is read by [rows] include = "
        '{ "queue" = ["Sales"] }.'
    ]
    content = "queue,interval_start,offered\n7,2026-10-01T08:00,3\n"
    one = read(content, queue="One", ignore=("queue",))
    assert values(one) == [("One", "2026-10-01T08:00+0200", 3.0)]


def test_a_row_of_totals_is_told_with_the_way_to_leave_it_out(faults):
    content = "Coda;Data;Ora;calls\nCittà;01/10/2026;08:00;3\nTotale Città;;;3\n;;;3\n"
    names = {"queue": "Coda", "interval_start": ("Data", "Ora"), "offered": "calls"}
    assert faults(content, columns=names, time="%d/%m/%Y %H:%M")[0] == (
        "interval_start must not be empty, but is: row 3 ('Totale Città'); row 4. Fill "
        "it in; rows of totals are left out by names of the file: [rows] exclude = { "
        '"Coda" = ["TOTALE"] }.'
    )


def test_foreign_columns_are_mapped_ignored_and_used_to_pick_rows(read):
    content = (
        "call_type;date;calls;note;day\nA;2026-10-01 08:00;3;x;Thu\n"
        "TOTAL;2026-10-01 08:00;3;y;Thu\nB;2026-10-01 08:00;4;z;Thu\n"
    )
    names = {"queue": "call_type", "interval_start": "date", "offered": "calls"}
    pick = {"exclude": {"call_type": ["TOTAL"]}}
    listed = read(content, columns=names, ignore=("note", "day"), **pick)
    assert values(listed) == [
        ("A", "2026-10-01T08:00+0200", 3.0),
        ("B", "2026-10-01T08:00+0200", 4.0),
    ]
    assert listed.frame.index.tolist() == [2, 4]
    others = read(content, columns=names, ignore=("*",), **pick)
    pd.testing.assert_frame_equal(others.frame, listed.frame)
    by_note = {"include": {"note": ["x", "z"]}, "ignore": ("day",)}
    picked = read(content, columns=names, **by_note)
    pd.testing.assert_frame_equal(picked.frame, listed.frame)


def test_an_ignored_column_is_not_read_even_if_its_name_is_ours(read):
    content = "queue,interval_start,offered,aht_s\nSales,2026-10-01T08:00,3,5 min\n"
    assert "aht_s" not in read(content, ignore=("aht_s",)).frame


@pytest.mark.parametrize(
    "queue", ["007", "1e3", "NA", "null", "None", "nan", "Café ☕"]
)
def test_a_queue_keeps_its_name_whatever_it_looks_like(read, queue):
    assert read(f"{HEAD}{queue},2026-10-01T08:00,1").frame["queue"].tolist() == [queue]


def test_empty_counts_are_unknown_and_no_fault(read):
    frame = read(HEAD + "Sales,2026-10-01T08:00,\nSales,2026-10-01T08:30,4\n").frame
    np.testing.assert_array_equal(frame["offered"], [np.nan, 4.0])


@pytest.mark.parametrize("content", [HEAD, HEAD + "\n\n", HEAD + ",,\n"])
def test_a_file_without_rows_is_refused(faults, content):
    assert faults(content) == ["the file has no rows to use. Export it again."]


def test_rows_that_are_all_dropped_are_none(faults):
    assert faults(VALID, include={"queue": ["Typo"]}) == [
        "the file has no rows to use. Export it again, or look at [rows]."
    ]


@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
def test_another_separator_than_the_declared_is_told(faults, mark):
    content = VALID.replace(",", mark)
    other = "|" if mark == ";" else ";"
    assert faults(content, separator=other)[0].endswith(
        f" If {mark!r} separates its columns: [format] separator = {json.dumps(mark)}."
    )


def test_missing_and_unknown_columns_are_told_with_the_remedy(faults):
    assert faults("call_type,start,calls,\nA,2026-10-01T08:00,1,\n") == [
        "the history table must have the columns queue, interval_start, offered, but "
        "lacks: queue; interval_start; offered. The file has call_type, start, calls, "
        '. Name them under [columns], such as offered = "…"; for a file of one queue: '
        'queue = "NAME", at the top. Delete any rows above the header.',
        "every column must be one of ours, named under [columns] or ignored; unknown "
        "here: call_type; start; calls; (no name). If they are not needed: [columns] "
        'ignore = ["call_type", "start", "calls", ""]',
    ]


def test_a_column_that_is_needed_and_ignored_is_told(faults):
    names = {"queue": "q", "interval_start": "t", "offered": "n", "aht_s": "a"}
    content = "q,t,n,a\nA,2026-10-01T08:00,1,200\n"
    form = {"columns": names, "ignore": ("n", "a"), "totals": ("aht_s",)}
    assert [fault.split(". ")[0] for fault in faults(content, **form)] == [
        "the history table must have the columns queue, interval_start, offered, but "
        "lacks: offered",
        "totals must be in the file (q, t, n, a), with their counts, but are not: "
        "aht_s (over handled)",
    ]


def test_a_mapping_to_a_column_that_is_not_there_is_told(faults):
    assert faults(VALID, columns={"abandoned": "lost", "asa_s": "wait"}) == [
        "[columns] must name columns of the file (queue, interval_start, offered, "
        "handled, aht_s), but names: lost; wait."
    ]


def test_a_column_that_is_replaced_by_a_mapping_is_unknown(faults):
    content = "queue,call_type,interval_start,offered\nx,A,2026-10-01T08:00,1\n"
    assert faults(content, columns={"queue": "call_type"}) == [
        "every column must be one of ours, named under [columns] or ignored; unknown "
        'here: queue. If they are not needed: [columns] ignore = ["queue"]'
    ]


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (
            "-3",
            "offered must be between 0 and 1,000,000,000, but is not: row 2 (-3). "
            "Correct it, or leave the cell empty where nothing is known.",
        ),
        (
            "2000000000",
            "offered must be between 0 and 1,000,000,000, but is not: row 2 "
            "(2000000000). Correct it, or leave the cell empty where nothing is known.",
        ),
        (
            "1.234",
            "offered counts contacts: it must be whole, but is not: row 2 (1.234). If "
            'the point separates thousands, say so: [format] thousands = ".", '
            'decimal = ","',
        ),
        (
            "1234567.5",
            "offered counts contacts: it must be whole, but is not: row 2 (1234567.5). "
            'If the point separates thousands, say so: [format] thousands = ".", '
            'decimal = ","',
        ),
        (
            "1.000",
            "offered must be clear, but .000 may be decimals or thousands: row 2 "
            "('1.000'). Declare which sign separates thousands: [format] thousands = "
            '".", decimal = ",", or the other way round.',
        ),
        (
            "1e999",
            "offered must be a number (decimal sign '.', thousands sign none), but is "
            "not: row 2 ('1e999'). Declare other signs under [format]; leave a cell "
            "empty where nothing is known.",
        ),
    ],
)
def test_a_count_that_cannot_be_is_told_with_its_row(faults, cell, fault):
    assert faults(f"{HEAD}Sales,2026-10-01T08:00,{cell}\n") == [fault]


def test_declared_signs_stand_in_the_fault(faults):
    content = "queue;interval_start;offered\nA;2026-10-01T08:00;x\n"
    assert faults(content, decimal=",", thousands=".") == [
        "offered must be a number (decimal sign ',', thousands sign '.'), but is not: "
        "row 2 ('x'). Declare other signs under [format]; leave a cell empty where "
        "nothing is known."
    ]


def test_a_long_cell_is_cut_short(faults):
    (fault,) = faults(f"{HEAD}A,2026-10-01T08:00,{'9x' * 400}\n")
    assert f"row 2 ('{'9x' * 30}'…)" in fault
    assert len(fault) < 300


def test_a_handle_time_longer_than_a_day_is_in_another_unit(faults):
    content = "queue,interval_start,offered,aht_s\nA,2026-10-01T08:00,1,180000\n"
    assert faults(content) == [
        "aht_s must be between 0 and 86,400, but is not: row 2 (180000). Correct it; "
        "where it is the sum over all calls, say so: [columns] totals = "
        '["aht_s"].',
    ]


def test_an_empty_queue_is_told(faults):
    assert faults(HEAD + ",2026-10-01T08:00,1\n,2026-10-01T08:30,1\n") == [
        "queue must not be empty, but is: row 2; row 3. Fill it in, or drop the rows."
    ]


def test_rows_that_repeat_a_key_are_told_together(faults):
    content = (
        HEAD
        + "A,2026-10-01T08:00,1\nB,2026-10-01T08:00,2\nA,2026-10-01T08:30,3\n"
        "A,2026-10-01T08:00,4\nA,2026-10-01T06:00Z,5\n".replace("T06:00Z", "T08:00")
    )
    assert faults(content) == [
        "each queue, interval_start must appear once, but 3 of 5 rows repeat one: rows "
        "2, 5, 6 (A at 2026-10-01 08:00 CEST). Add the rows up, or drop the copies, "
        "before reading the file again."
    ]


def test_local_times_without_a_zone_are_refused(faults):
    assert faults(HEAD + "A,2026-10-01T08:00,1\nA,2026-10-01T08:30,1\n", zone=None) == [
        "times must have an offset (+01:00) or a declared zone, but have neither: row "
        "2 ('2026-10-01T08:00'); row 3 ('2026-10-01T08:30'). Declare the zone, such as "
        'timezone = "Europe/Rome".'
    ]


def test_local_and_absolute_times_in_one_file_are_refused(faults):
    assert faults(HEAD + "A,2026-10-01T08:00Z,1\nA,2026-10-01T08:30,1\n") == [
        "all times or none must have an offset (+01:00), but these have none: row 3 "
        "('2026-10-01T08:30'). Export all of them with an offset."
    ]


@pytest.mark.parametrize("year", ["1969", "2200", "9999", "0001"])
def test_years_beyond_use_are_refused(faults, year):
    assert faults(f"{HEAD}A,{year}-10-01T08:00,1\n") == [
        f"interval_start must lie from 1970 to 2199, but does not: row 2 "
        f"('{year}-10-01T08:00'). Correct the rows."
    ]


def test_every_kind_of_fault_of_a_file_is_told_at_once(faults):
    day = [
        f"Quarters,2026-10-02T{8 + n // 4:02}:{n % 4 * 15:02},1,1,300" for n in range(9)
    ]
    content = "\n".join(
        [
            "queue,interval_start,offered,handled,aht_s,mood,mood",
            *(
                f"{row},good,bad"
                for row in [
                    "A,2026-10-01T08:00,-1,1,300",  # row 2
                    "A,2026-10-01T08:30,1.5,1,300",
                    "A,2026-10-01T09:00,x,1.000,300",
                    "A,01/10/2026 09:30,1,1,300",
                    "A,9999-10-01T08:00,1,1,300",
                    "A,2026-10-01T10:10,1,1,300",  # row 7
                    "A,2026-03-29T02:30,1,1,300",
                    "A,2026-10-01T11:00Z,1,1,300",
                    "A,2026-10-01T11:30,1,1,99999",
                    "A,2026-10-01T11:30,1,1,300",
                    ",2026-10-01T12:00,1,1,300",  # row 12
                    *day,  # rows 13 to 21
                ]
            ),
            "too,short",
        ]
    )
    found = faults(content, columns={"abandoned": "lost"})
    clock = "interval_start must"
    assert [fault.split(": row")[0].split(": rows")[0] for fault in found] == [
        "every row must have the header's 7 cells, but these do not",
        "columns must differ in name, but these repeat: mood. Rename them, or name "
        "them under [columns] ignore.",
        "[columns] must name columns of the file (queue, interval_start, offered, "
        "handled, aht_s, mood), but names: lost.",
        "every column must be one of ours, named under [columns] or ignored; unknown "
        'here: mood. If they are not needed: [columns] ignore = ["mood"]',
        f"{clock} be a time written as YYYY-MM-DDTHH:MM, ISO 8601, but is not",
        f"{clock} lie from 1970 to 2199, but does not",
        "all times or none must have an offset (+01:00), but these have none",
        f"{clock} exist in Europe/Rome, but clocks were put forward over",
        "intervals must start on the grid of 1800 s from midnight, but do not",
        "all intervals must be 1800 s long (interval_s), but on 1 of 2 days of a queue "
        "they are not: Quarters on 2026-10-02 (900 s apart). Declare interval_s as the "
        "file has it; export mixed lengths apart.",
        "offered must be a number (decimal sign '.', thousands sign none), but is not",
        "handled must be clear, but .000 may be decimals or thousands",
        "queue must not be empty, but is",
        "offered must be between 0 and 1,000,000,000, but is not",
        "aht_s must be between 0 and 86,400, but is not",
        "offered counts contacts: it must be whole, but is not",
        "each queue, interval_start must appear once, but 2 of 20 rows repeat one",
    ]
    rows = {fault.split(": row")[0]: fault for fault in found}
    assert ": row 22 (2 cells). The" in rows[next(iter(rows))]
    assert "row 8 ('2026-03-29T02:30')" in found[7]
    assert "row 7 ('2026-10-01 10:10:00'); row 14 ('2026-10-02 08:15:00')" in found[8]


def test_the_first_twenty_cases_are_shown_and_all_are_counted(faults, read):
    content = HEAD + "".join(f"Q{n},2026-10-01T08:00,-1\n" for n in range(45))
    with pytest.raises(TableError) as caught:
        read(content)
    (finding,) = caught.value.findings
    assert len(finding.cases) == finding.count == 45
    assert "row 21 (-1); and 25 more. Correct" in faults(content)[0]


QUEUES = st.sampled_from(["Sales", "NA", "007", 'say "hi"', "a;b,c d", "Città €"])
FORMS = st.fixed_dictionaries(
    {
        "separator": st.sampled_from([",", ";", "\t", "|"]),
        "encoding": st.sampled_from(["utf-8", "cp1252"]),
        "signs": st.sampled_from([(".", ""), (",", "."), (".", ","), (",", "")]),
        "time": st.sampled_from(
            [None, ITALIAN_TIME, "%m/%d/%Y %H.%M.%S", "%Y%m%d%H%M %z"]
        ),
        "newline": st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
        "mark": st.booleans(),
    }
)
ROWS = st.dictionaries(
    st.tuples(QUEUES, st.integers(0, 17_000)),  # a summer's and a winter's half-hours
    st.tuples(st.integers(0, 10**6), st.integers(0, 86_400_000)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40)
@given(rows=ROWS, form=FORMS)
def test_a_table_is_read_back_from_every_form_it_may_be_written_in(read, rows, form):
    decimal, thousands = form["signs"]
    zone = ZoneInfo("Europe/Rome")
    start = dt.datetime(2026, 1, 1, tzinfo=UTC)

    def written(number: str) -> str:
        return number.translate({ord("."): decimal, ord(","): thousands})

    absolute = form["time"] is not None and "%z" in form["time"]
    keys, lines = [], []
    for (queue, n), (offered, aht_ms) in rows.items():
        local = (start + n * dt.timedelta(minutes=30)).astimezone(zone)
        if not absolute and local.replace(fold=1 - local.fold).astimezone(UTC) != (
            local.astimezone(UTC)
        ):
            continue  # a repeated hour of autumn cannot be written as local time
        shown = local.strftime(form["time"] or "%Y-%m-%d %H:%M")
        cells = [queue, shown, written(f"{offered:,}"), written(f"{aht_ms / 1e3:,.3f}")]
        lines.append(cells)
        keys.append((queue, local, float(offered), aht_ms / 1e3))
    if not keys:
        return
    table = [["queue", "interval_start", "offered", "aht_s"], *lines]
    text = form["newline"].join(
        form["separator"].join('"' + cell.replace('"', '""') + '"' for cell in line)
        for line in table
    )
    encoding = form["encoding"]
    if encoding == "utf-8" and form["mark"]:
        encoding = "utf-8-sig"
    reading = read(
        text.encode(encoding),
        zone=zone,
        separator=form["separator"],
        encoding=form["encoding"],
        decimal=decimal,
        thousands=thousands,
        time=form["time"],
    )
    columns = ["queue", "interval_start", "offered", "aht_s"]
    assert list(reading.frame[columns].itertuples(index=False, name=None)) == keys


BASE = "\n".join(
    [
        "queue,interval_start,offered,handled,aht_s",
        *(
            f"{queue},2026-10-{day}T{8 + n // 2:02}:{n % 2 * 30:02},{n},{n},{180 + n}"
            for queue in ("Sales", "Care")
            for day in (24, 25, 26)
            for n in range(10)
        ),
    ]
)
NASTY = st.sampled_from(
    [
        "", '"', '""', "\0", "\r", "\n", ",", ";", "NaN", "inf", "-0", "1e308", "1e999",
        "-1", "0.5", "1.000", "1,5", "2026-10-25T02:30", "2026-03-29T02:30",
        "2026-10-25T02:30Z", "0000-00-00T00:00", "9999-12-31T23:30",
        "1970-01-01T00:00", "2199-12-31T23:30", "2026-10-01T08:00+23:59", "٣", "\ufeff",
        "x" * 200,
    ]
)  # fmt: skip


def reads_or_refuses(read, data, **options):
    try:
        reading = read(data, **options)
    except TableError:
        return
    frame = reading.frame
    assert not frame.empty
    assert not frame.duplicated(["queue", "interval_start"]).any()
    assert frame[["queue", "interval_start"]].notna().all(axis=None)
    assert not (frame["offered"] < 0).any()
    assert not np.isinf(frame["offered"]).any()


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 4), NASTY | st.text(max_size=6)),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([{}, {"zone": None, "encoding": "cp1252"}]),
)
def test_any_cells_give_a_reading_or_findings_and_nothing_else(read, changes, form):
    table = [line.split(",") for line in BASE.split("\n")]
    for row, column, cell in changes:
        table[row][column] = cell
    data = "\n".join(",".join(row) for row in table).encode("utf-8", "surrogatepass")
    reads_or_refuses(read, data, **form)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, len(BASE)), st.integers(0, 8), st.binary(max_size=4)),
        min_size=1,
        max_size=6,
    )
)
def test_any_bytes_give_a_reading_or_findings_and_nothing_else(read, changes):
    data = BASE.encode()
    for place, length, new in changes:
        data = data[:place] + new + data[place + length :]
    reads_or_refuses(read, data)
    reads_or_refuses(read, data, encoding="cp1252", decimal=",", thousands=".")


@given(st.binary(max_size=200))
def test_any_file_gives_a_reading_or_findings_and_nothing_else(read, data):
    reads_or_refuses(read, data)


def test_the_sample_is_read_whole_and_without_a_warning(sample):
    assert len(sample.frame) == 43_308
    assert sample.warnings == ()
