import datetime as dt
import struct

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import TableError
from forecast.tables import (
    Form,
    csv_bytes,
    parse_numbers,
    parse_times,
    read_text_table,
)

ITALIAN = Form(decimal=",", thousands=".")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("tables") / "file.csv"


@pytest.fixture(scope="module")
def cells(path):
    def cells(content, **form):
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        frame, findings = read_text_table(path, Form(**form))
        assert findings == []
        return frame

    return cells


@pytest.fixture(scope="module")
def refusal(path):
    def refusal(content, **form):
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.raises(TableError) as caught:
            read_text_table(path, Form(**form))
        return str(caught.value)

    return refusal


def number(text, form=Form(), *, counts=False):  # noqa: B008 (a Form is frozen)
    read = parse_numbers(pd.Series([text], dtype="str"), form, counts=counts)
    if read.bad.iloc[0]:
        return "bad"
    return "ambiguous" if read.ambiguous.iloc[0] else read.number.iloc[0]


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ("a,b\n1,2\n", {}),
        ("a;b\n1;2\n", {}),
        ("a\tb\n1\t2\n", {"separator": "\t"}),
        ("a|b\n1|2\n", {"separator": "|"}),
        ("a;b,c\n1;2\n", {"separator": ";"}),
        ("a,b\r\n1,2\r\n", {}),
        ("a,b\r1,2\r", {}),
        ("a,b\n1,2", {}),
        ('"a","b"\n"1","2"\n', {}),
        (" a , b \n 1 ,\t2 \n", {}),
        (b"\xef\xbb\xbfa,b\n1,2\n", {}),
        ("\n\na,b\n\n1,2\n", {}),
    ],
)
def test_cells_are_the_same_however_they_are_written(cells, content, form):
    frame = cells(content, **form)
    assert frame.iloc[0].tolist() == ["1", "2"]
    assert frame.columns[0] == "a"


def test_rows_keep_the_numbers_that_they_have_in_the_file(cells):
    frame = cells("a,b\n\n1,2\n ,\n,,\n3,4\n\r\n5,6".replace("\n,,\n", "\n,\n"))
    assert frame.index.tolist() == [3, 6, 8]


def test_a_row_of_several_lines_is_named_by_its_first(cells):
    frame = cells('a,b\n"one\ntwo",2\n3,4\n')
    assert frame.index.tolist() == [2, 4]
    assert frame.loc[2, "a"] == "one\ntwo"


def test_a_quoted_cell_may_hold_separators_and_quotes(cells):
    assert cells('a,b\n"x, ""y""",2\n').loc[2, "a"] == 'x, "y"'


@pytest.mark.parametrize("text", ["NA", "null", "None", "nan", "007", "1e3", "TRUE"])
def test_text_that_looks_like_something_else_stays_text(cells, text):
    assert cells(f"a,b\n{text},2\n").loc[2, "a"] == text


def test_windows_text_is_read_where_it_is_declared(cells):
    content = "a,b\nAttività €,2\n".encode("cp1252")
    assert cells(content, encoding="cp1252").loc[2, "a"] == "Attività €"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_undeclared_windows_text_is_refused_with_its_row(refusal, newline):
    content = newline.join(["a,b", "1,2", "Attività,2"]).encode("cp1252")
    assert refusal(content) == (
        "file.csv: the file must be utf-8, but row 3 holds the byte 0xe0, which utf-8 "
        "does not have there. Save it as UTF-8, or declare [format] encoding = "
        '"cp1252" if it comes from Windows.'
    )


def test_a_byte_that_windows_does_not_have_is_refused(refusal):
    assert refusal(b"a,b\n\x81,2\n", encoding="cp1252") == (
        "file.csv: the file must be cp1252, but row 2 holds the byte 0x81, which "
        "cp1252 does not have there. Save it as UTF-8."
    )


@pytest.mark.parametrize("content", ["", "\n", " \r\n \n", "\ufeff", ";", ",,\n,"])
def test_an_empty_file_is_refused(refusal, content):
    assert refusal(content) == "file.csv: the file is empty. Export it again."


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04\x14\0\x06\0" + bytes(40), "an XLSX workbook or another archive"),
        (b"PK\x03\x04 without a nought", "an XLSX workbook or another archive"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"\xfe\xff\0a\0,\0b", "UTF-16"),
        (b"a,b\n1,\0\n", "binary"),
        (struct.pack("8d", *range(8)), "binary"),
    ],
)
def test_a_file_that_is_not_text_is_refused(refusal, content, kind):
    assert refusal(content) == (
        f"file.csv: the file must be text in utf-8, but is {kind}. Save it as CSV "
        "(UTF-8)."
    )


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(TableError) as caught:
        read_text_table(tmp_path / "no.csv", Form())
    assert str(caught.value) == (
        "no.csv: the file cannot be read (No such file or directory). Looked for it "
        f"at {tmp_path / 'no.csv'}."
    )


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(TableError, match=r"cannot be read \(Is a directory\)"):
        read_text_table(tmp_path, Form())


@pytest.mark.parametrize(
    ("header", "has"), [("a;b,c", "both"), ("a\tb", "neither comma nor semicolon")]
)
def test_a_separator_that_is_not_plain_must_be_declared(refusal, header, has):
    assert refusal(f"{header}\n1\n") == (
        "file.csv: columns must be separated by comma or semicolon, but the header "
        f'has {has}. Declare it: [format] separator = ";" (or "\\t" for tabs).'
    )


@pytest.mark.parametrize(
    ("content", "row", "why"),
    [
        ('a,b\n1,2\n"3,4\n5,6\n7,8\n', 3, "unexpected end of data"),
        ('a,b\n1,2\n"3"x,4\n', 3, "',' expected after '\"'"),
        ('"a,b\n1,2\n', 1, "unexpected end of data"),
    ],
)
def test_an_open_quote_is_named_by_the_row_that_opens_it(refusal, content, row, why):
    assert refusal(content, separator=",") == (
        f"file.csv: row {row} is not readable as CSV ({why}). Close every quote that "
        "is opened."
    )


def test_an_endless_cell_is_refused(refusal):
    assert refusal('a,b\n"' + "x" * 200_000 + '",2\n') == (
        "file.csv: row 2 is not readable as CSV (field larger than field limit "
        "(131072)). Close every quote that is opened."
    )


def test_ragged_rows_and_repeated_columns_are_found_together_and_left_out(path):
    path.write_text("a,b,b\n1,2,3\n4,5\n\n6,7,8,9\n")
    frame, findings = read_text_table(path, Form())
    assert [str(finding) for finding in findings] == [
        "file.csv: every row must have the header's 3 cells, but these do not: row 3 "
        "(2 cells); row 5 (4 cells). The separator used is ','; quote the cells that "
        "hold it.",
        "file.csv: columns must differ in name, but these repeat: b. Rename them, or "
        "name them under [columns] ignore.",
    ]
    assert frame.to_dict("index") == {2: {"a": "1", "b": "2"}}


def test_a_header_of_one_cell_is_taken_for_a_title_above_it(path):
    path.write_text("Calls of October\na,b,c\n1,2,3\nas of today\n")
    _, findings = read_text_table(path, Form(separator=","))
    assert str(findings[0]) == (
        "file.csv: every row must have the header's 1 cells, but these do not: row 2 "
        "(3 cells); row 3 (3 cells). The separator used is ','; quote the cells that "
        "hold it. Delete any rows above the header."
    )


def test_a_repeated_column_that_is_ignored_is_no_fault(cells):
    assert cells("a,x,x\n1,2,3\n", ignore=("x",)).loc[2, "a"] == "1"


def test_rows_are_kept_and_dropped_by_columns_of_the_file(cells):
    content = "type,n\nA,1\nB,2\nTOTAL,3\nC,4\n"
    assert cells(content, include={"type": ["A", "TOTAL"]}).index.tolist() == [2, 4]
    assert cells(content, exclude={"type": ["TOTAL"]}).index.tolist() == [2, 3, 5]
    both = {"include": {"n": ["1", "3"]}, "exclude": {"type": ["TOTAL"]}}
    assert cells(content, **both).index.tolist() == [2]
    assert cells(content, include={"type": ["none"]}).empty


def test_rows_by_a_column_that_is_not_there_are_refused(refusal):
    content = "a,b\n1,2\n3\n"
    assert refusal(content, include={"c": ["1"]}, exclude={"d": [], "a": []}) == (
        "file.csv: every row must have the header's 2 cells, but these do not: row 3 "
        "(1 cells). The separator used is ','; quote the cells that hold it.\n"
        "file.csv: [rows] must name columns of the file (a, b), but names: c; d."
    )


@pytest.mark.parametrize(
    ("text", "form", "value"),
    [
        ("12", Form(), 12.0),
        ("12.5", Form(), 12.5),
        ("12.", Form(), 12.0),
        ("-3", Form(), -3.0),
        ("+3", Form(), 3.0),
        ("1.5e2", Form(), 150.0),
        ("12,5", ITALIAN, 12.5),
        ("1.234", ITALIAN, 1234.0),
        ("1.234.567,89", ITALIAN, 1234567.89),
        ("1234567,89", ITALIAN, 1234567.89),
        ("1,234.5", Form(thousands=","), 1234.5),
        ("1'234", Form(thousands="'"), 1234.0),
        ("1 234", Form(thousands=" "), 1234.0),
        ("12,5", Form(decimal=","), 12.5),
    ],
)
def test_numbers_are_read_as_they_are_declared(text, form, value):
    assert number(text, form) == value


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("12,5", Form()),
        ("1,234", Form()),
        ("1.5", Form(decimal=",")),
        ("1.23", ITALIAN),
        ("12.34.567", ITALIAN),
        ("1234.567", ITALIAN),
        ("1,5,5", ITALIAN),
        ("1.234.567", Form()),
        ("1_000", Form()),
        ("١٢", Form()),
        ("１２", Form()),
        ("²", Form()),
        ("nan", Form()),
        ("inf", Form()),
        ("-Infinity", Form()),
        ("1e999", Form()),
        ("0x10", Form()),
        ("--", Form()),
        ("-", Form()),
        (".", Form()),
        ("n/a", Form()),
        ("3 calls", Form()),
        ("1 234", Form()),
        ("00:05:12", Form()),
    ],
)
def test_what_is_not_a_number_in_the_declared_form_is_bad(text, form):
    assert number(text, form) == "bad"


def test_an_empty_cell_is_unknown_and_no_fault():
    assert np.isnan(number(""))


@pytest.mark.parametrize(
    ("text", "form", "value"),
    [
        ("1.000", Form(), "ambiguous"),
        ("-12.000", Form(), "ambiguous"),
        ("999,000", Form(decimal=","), "ambiguous"),
        ("1.000", ITALIAN, 1000.0),
        ("1,000", ITALIAN, 1.0),
        ("12.000", Form(thousands=","), 12.0),
        ("0.000", Form(), 0.0),
        ("1000.000", Form(), 1000.0),
        ("1.00", Form(), 1.0),
        ("1.234", Form(), 1.234),
    ],
)
def test_a_count_that_may_be_one_or_a_thousand_needs_a_declared_sign(text, form, value):
    assert number(text, form, counts=True) == value


def test_a_duration_may_have_three_decimals():
    assert number("180.000", counts=False) == 180.0


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_read_back_exactly(value):
    assert number(repr(value)) == value
    assert number(repr(value).replace(".", ","), Form(decimal=",")) == value


@given(st.text(max_size=12), st.booleans())
def test_any_text_is_a_finite_number_or_refused(text, counts):
    value = number(text, counts=counts)
    assert value in ("bad", "ambiguous") or np.isfinite(value) or text == ""


def times(texts, form=Form()):  # noqa: B008 (a Form is frozen)
    return parse_times(pd.Series(texts, dtype="str"), form)


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-01T08:30",
        "2026-10-01 08:30",
        "2026-10-01T08:30:00",
        "2026-10-01 08:30:00.000",
    ],
)
def test_iso_times_are_local_without_an_offset(text):
    assert times([text]) == ({text: dt.datetime(2026, 10, 1, 8, 30)}, [])


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-01T08:30Z",
        "2026-10-01 10:30+02:00",
        "2026-10-01T10:30:00+0200",
        "2026-10-01 10:30:00.0+02",
        "2026-10-01T03:00:00-05:30",
    ],
)
def test_iso_times_are_absolute_with_an_offset(text):
    parsed, bad = times([text])
    assert bad == []
    assert parsed[text] == dt.datetime(2026, 10, 1, 8, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01/10/2026 08:30",
        "10-01-2026 08:30",
        "2026-10-01",
        "2026-10-01 8:30",
        "20261001T0830",
        "2026-13-01T08:30",
        "2026-02-29T08:30",
        "2026-10-01T24:00",
        "2026-10-01T08:60",
        "2026-10-01T08:30:00.5",
        "2026-10-01T08:30 CET",
        "26-10-01T08:30",
        "12026-10-01T08:30",
        "٢٠٢٦-١٠-٠١T٠٨:٣٠",
        "2026-W40-4T08:30",
        "46296.354",
        "2026-10-01T08:30+99:00",
    ],
)
def test_other_times_are_unreadable_unless_they_are_declared(text):
    assert times([text]) == ({}, [text])


def test_a_declared_order_of_day_and_month_is_kept():
    text = "01/10/2026 08:30"
    italian, american = Form(time="%d/%m/%Y %H:%M"), Form(time="%m/%d/%Y %H:%M")
    assert times([text], italian)[0][text] == dt.datetime(2026, 10, 1, 8, 30)
    assert times([text], american)[0][text] == dt.datetime(2026, 1, 10, 8, 30)


def test_a_declared_format_reads_nothing_else():
    texts = ["2026-10-01T08:30", "13/10/2026 08:30", "10/13/2026 08:30"]
    parsed, bad = times(texts, Form(time="%d/%m/%Y %H:%M"))
    assert list(parsed) == ["13/10/2026 08:30"]
    assert bad == ["2026-10-01T08:30", "10/13/2026 08:30"]


def test_a_table_is_written_with_offsets_and_read_back_exactly(tmp_path):
    starts = pd.date_range("2026-10-25 01:30", periods=5, freq="30min", tz="UTC")
    table = pd.DataFrame(
        {
            "queue": ["NA", 'a "b", c', "é", "null", "007"],
            "interval_start": starts.tz_convert("Europe/Rome"),
            "offered": [0.1 + 0.2, 1e-300, 1e17 / 3, 5.0, np.nan],
            "open": [True, False, True, False, True],
        }
    )
    before = table.copy()
    data = csv_bytes(table)
    pd.testing.assert_frame_equal(table, before)
    assert data.decode().splitlines()[:2] == [
        "queue,interval_start,offered,open",
        "NA,2026-10-25T02:30:00+01:00,0.30000000000000004,true",
    ]
    (tmp_path / "out.csv").write_bytes(data)
    frame, _ = read_text_table(tmp_path / "out.csv", Form())
    assert frame["queue"].tolist() == table["queue"].tolist()
    read = parse_numbers(frame["offered"], Form(), counts=False).number
    assert read.iloc[:4].tolist() == table["offered"].iloc[:4].tolist()
    assert frame["offered"].iloc[4] == ""
    parsed, _ = parse_times(frame["interval_start"], Form())
    assert [parsed[text] for text in frame["interval_start"]] == list(starts)


def test_an_empty_table_is_written_with_its_header():
    table = pd.DataFrame(
        {"interval_start": pd.DatetimeIndex([], tz="Europe/Rome"), "n": []}
    )
    assert csv_bytes(table) == b"interval_start,n\n"
