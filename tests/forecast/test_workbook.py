"""Workbooks read as the text that they show; bombs refused unopened."""

import datetime as dt
import io
import os
import subprocess
import sys
import zipfile

import pytest
from openpyxl import Workbook

from forecast.errors import TableError
from forecast.workbook import workbook_rows

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("books") / "book.xlsx"


@pytest.fixture(scope="module")
def rows(path):
    def rows(data, sheet=None, *, decimal=".", time=None, **split):
        path.write_bytes(data)
        return workbook_rows(path, sheet, decimal=decimal, time=time, **split)

    return rows


@pytest.fixture(scope="module")
def refusal(rows):
    def refusal(data, sheet=None):
        with pytest.raises(TableError) as caught:
            rows(data, sheet)
        return str(caught.value)

    return refusal


def book(*lines, name="Sheet", others=()):
    made = Workbook()
    made.active.title = name
    for line in lines:
        made.active.append(line)
    for other in others:
        made.create_sheet(other)
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def with_part(data, name, change):
    """The workbook with a part's bytes changed."""
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content) if part == name else content)
    return changed.getvalue()


def test_every_kind_of_cell_is_written_exactly(rows):
    night = dt.timedelta(hours=26, minutes=3, seconds=9)
    data = book(
        ["text", 7100, 7100.0, 12.125, 1e-7, True, None, None],
        [" a ", dt.datetime(2026, 3, 2, 9, 30), dt.time(9, 30), night],
    )
    assert rows(data) == {
        1: ["text", "7100", "7100", "12.125", "1e-07", "True"],
        2: ["a", "2026-03-02T09:30:00", "09:30:00", "26:03:09", "", ""],
    }
    assert rows(data, decimal=",")[1][3] == "12,125"
    seconds = [
        dt.time(0, 3, 40, 667_000),
        dt.timedelta(hours=30, milliseconds=59_999.6),
    ]
    assert rows(book(seconds), decimal=",") == {1: ["00:03:40,667000", "30:01:00"]}


@pytest.mark.parametrize(
    ("number", "text"),
    [(1.0, "24:00:00"), (26 / 24, "26:00:00"), (59.5, "1428:00:00")],
)
def test_a_clock_that_has_gone_round_is_a_duration(number, text, rows):
    """A number of days shown as a clock's time, as a column of sums often is."""
    made = Workbook()
    made.active.append([number])
    made.active["A1"].number_format = "hh:mm:ss"
    data = io.BytesIO()
    made.save(data)
    assert rows(data.getvalue()) == {1: [text]}


def test_of_a_time_in_two_cells_each_has_its_part(rows):
    day, clock = dt.date(2026, 3, 2), dt.time(9, 30)
    data = book(["Data", "Ora"], [day, clock], [dt.datetime(2026, 3, 2, 9), "9.30"])
    assert rows(data, split={"Data", "Ora"}, time="%d/%m/%Y %H.%M") == {
        1: ["Data", "Ora"],
        2: ["02/03/2026", "09.30"],
        3: ["02/03/2026 09.00", "9.30"],
    }
    assert rows(data, split={"Data", "Ora"})[2] == ["2026-03-02", "09:30:00"]
    assert rows(data, split={"Data"}, time="%Y%m%d")[2] == ["20260302", "09:30:00"]


def test_times_are_written_as_declared_unless_that_loses_some(rows):
    data = book([dt.datetime(2026, 3, 2, 9, 30)], [dt.datetime(2026, 3, 2, 9, 30, 1)])
    assert rows(data, time="%d/%m/%Y %H:%M") == {
        1: ["02/03/2026 09:30"],
        2: ["2026-03-02T09:30:01"],
    }
    assert rows(data, time="%d/%m/%Y %H:%M %z")[1] == ["2026-03-02T09:30:00"]


def test_every_clock_time_is_exact_though_a_cell_has_a_part_of_a_day(rows):
    made = Workbook()
    made.active.append(["Ora"])
    for quarter in range(96):
        made.active.append([round(quarter / 96, 9)])
        made.active.cell(quarter + 2, 1).number_format = "hh:mm"
    data = io.BytesIO()
    made.save(data)
    shown = rows(data.getvalue(), split={"Ora"}, time="%d/%m/%Y %H:%M")
    clock = [f"{quarter // 4:02d}:{quarter % 4 * 15:02d}" for quarter in range(96)]
    assert [cell for (cell,) in shown.values()] == ["Ora", *clock]


def test_blank_rows_and_cells_beside_the_table_leave_no_trace(rows):
    data = book([None, None], ["a", "b", None], [], ["c"], ["", " "])
    assert rows(data) == {2: ["a", "b"], 4: ["c", ""]}


def test_a_sheet_of_many_must_be_declared(rows, refusal):
    data = book(["a"], name="Calls", others=["Notes"])
    assert rows(data, "Calls") == {1: ["a"]}
    assert refusal(data) == (
        "book.xlsx: the sheet must be declared, and one of the workbook's (Calls, "
        'Notes), but is not declared. Declare it: [format] sheet = "Calls".'
    )
    assert "but is Calk. Declare" in refusal(data, "Calk")


def test_formulas_that_were_never_calculated_are_refused_each_with_its_cell(refusal):
    """As openpyxl writes them: nobody knows their value."""
    lines = [["queue", "offered"], ["a", "=26+0"], ["b", 7], ["c", "=B3*2", "=1"]]
    assert refusal(book(*lines)) == (
        "book.xlsx: cells must hold values, but these hold formulas that were never "
        "calculated: B2; B4; C4. Open the workbook in Excel or LibreOffice and save "
        "it, or paste values in their place."
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_cells_that_do_not_say_where_they_are_are_counted(encoding, refusal):
    """A cell's place may be left out, and a tag may have a prefix."""
    cells = "<x:c><x:v>7</x:v></x:c><x:c><x:f>A1*2</x:f></x:c>"
    sheet = (
        f'<?xml version="1.0" encoding="{encoding}"?><x:worksheet xmlns:x="http://'
        'schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        f"<x:row/><x:row>{cells}</x:row></x:sheetData></x:worksheet>"
    ).encode(encoding)
    assert "calculated: B2. Open" in refusal(
        with_part(book([7]), SHEET, lambda content: sheet)
    )


@pytest.mark.parametrize("before", [1, 2])
def test_a_formula_is_found_though_it_lies_on_the_edge_of_two_megabytes(
    before, refusal
):
    def change(sheet):
        length = 1_000_000 - before - len("<!---->") - sheet.index(b"<f>")
        note = os.urandom(length).hex()[:length]
        return sheet.replace(b"<sheetData>", f"<!--{note}--><sheetData>".encode())

    assert "calculated: A1. Open" in refusal(with_part(book(["=1+1"]), SHEET, change))


def test_a_formula_with_a_value_is_read_as_its_value(rows):
    """As Excel writes them; a value that is an empty text is an empty cell."""
    cells = (
        b'<c r="A1" t="str"><f>"a"</f><v>a</v></c><c r="B1"><f>2*8</f><v>16</v></c>'
        b'<c r="C1" t="str"><f>""</f><v></v></c><c r="D1"><f>1-1</f><v>0</v></c>'
    )
    data = with_part(
        book([7]),
        SHEET,
        lambda content: content.replace(b'<c r="A1" t="n"><v>7</v></c>', cells),
    )
    assert rows(data) == {1: ["a", "16", "", "0"]}


def test_what_is_no_workbook_is_refused(refusal, path):
    assert refusal(b"queue,offered\n") == (
        "book.xlsx: the file is not readable as a workbook (BadZipFile). Save it "
        "again as XLSX, or as CSV."
    )
    broken = with_part(book(["a"]), SHEET, lambda content: content[:-30])
    assert "not readable as a workbook (ParseError)" in refusal(broken)
    path.unlink()
    with pytest.raises(TableError, match=r"cannot be read \(No such file or dir"):
        workbook_rows(path, None, decimal=".", time=None)


def test_expanding_entities_are_refused(refusal):
    laughs = b"".join(
        b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10)
    )
    bomb = b'<!DOCTYPE x [<!ENTITY l0 "7">%s]><worksheet' % laughs

    def change(sheet):
        return sheet.replace(b"<worksheet", bomb).replace(b"<v>7</v>", b"<v>&l9;</v>")

    assert "not readable as a workbook" in refusal(with_part(book([7]), SHEET, change))


@pytest.mark.parametrize("kind", ["unpacked", "ratio", "directory", "file"])
def test_a_bomb_is_refused_unopened_within_50_mb(kind, path):
    """In a process of its own, whose memory and time are its own too."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        if kind == "unpacked":
            with archive.open(SHEET, "w", force_zip64=True) as part:
                for _ in range(210):
                    part.write(os.urandom(30_000) + bytes(970_000))
        elif kind == "ratio":
            archive.writestr(SHEET, bytes(50_000_000))
        elif kind == "directory":
            for number in range(400):
                archive.writestr(f"xl/media/{number:03000d}", b"")
    if kind == "file":
        with path.open("wb") as file:
            file.truncate(3_000_000_000)
    code = (
        "import resource, sys, time\n"
        "from pathlib import Path\n"
        "from forecast.errors import TableError\n"
        "from forecast.workbook import workbook_rows\n"
        "before = resource.getrusage(resource.RUSAGE_SELF)\n"
        "try:\n"
        "    workbook_rows(Path(sys.argv[1]), None, decimal='.', time=None)\n"
        "except TableError as error:\n"
        "    print(error)\n"
        "after = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(after.ru_maxrss - before.ru_maxrss)\n"
        "print('openpyxl' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    said, rise_kb, opened = done.stdout.splitlines()
    limit = {
        "unpacked": "200,000,000 bytes unpacked",
        "ratio": "200 times its size unpacked",
        "directory": "a directory of 1,000,000 bytes",
        "file": "200,000,000 bytes",
    }[kind]
    assert said == (
        f"book.xlsx: a workbook must not be larger than {limit}, but this one is. It "
        "was not opened. Export the table as CSV."
    )
    assert int(rise_kb) < 50_000
    assert opened == "False"


def test_rows_and_columns_far_away_are_refused_before_they_fill_memory(refusal):
    far = b'<row r="999999999"><c r="A999999999"><v>7</v></c></row></sheetData>'
    data = with_part(
        book([7]), SHEET, lambda content: content.replace(b"</sheetData>", far)
    )
    assert refusal(data) == (
        "book.xlsx: a sheet must not have more than 1,048,576 rows and 10,000,000 "
        "cells, but this has. Export the table as CSV."
    )
