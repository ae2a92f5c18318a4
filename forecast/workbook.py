"""
The rows of an XLSX workbook as cells, refused unopened where it is a bomb.

A workbook is a ZIP archive: a few kilobytes may unpack to gigabytes. The sizes that
its directory declares are looked at first; the unpacking stops at them.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from forecast.errors import KEPT, Finding, TableError, unreadable
from forecast.files import regular

MOST_BYTES = 200_000_000
"""Unpacked. [bytes]"""
MOST_RATIO = 200
"""Unpacked to packed; workbooks of figures have about 10."""
MOST_DIRECTORY = 1_000_000
"""The archive's directory; that of a workbook has some kilobytes. [bytes]"""
MOST_ROWS = 1_048_576
"""Of a sheet: a spreadsheet's own limit, not the format's."""
MOST_CELLS = 10_000_000
"""Of a sheet, with the empty ones between others."""
ISO = "%Y-%m-%d %H:%M:%S"
"""Of times in two cells, where nothing is declared."""
DAYS_YEAR = 1900
"""A duration of days that is shown as a clock's is read as a date of this year."""
FORMULA = re.compile(rb"[<:]f[\s/>]")
"""What the XML of a sheet with formulas holds, whatever prefix its tags have."""
END = b"PK\5\6"
END_BYTES = 22 + 65_535
"""The longest record that ends an archive. [bytes]"""


def workbook_rows(
    path: Path,
    sheet: str | None,
    *,
    decimal: str,
    time: str | None,
    split: Collection[str] = (),
) -> dict[int, list[str]]:
    """
    The rows that are not blank, by their number, filled up to the first one's width.

    Parameters
    ----------
    path : Path
        The workbook.
    sheet : str or None
        Which sheet; None where there is one only.
    decimal, time : str
        How numbers and times are to be written, as :class:`forecast.tables.Form` has
        it: exactly, else a time is written in ISO 8601. Durations are h:mm:ss.
    split : collection of str
        Columns of dates or of clock times, which together are times: of ``time``, each
        has its part.

    Raises
    ------
    TableError
        The file cannot be read, is too large, damaged, has not that sheet, or that
        has formulas without a value.
    """

    def refuse(rule: str, remedy: str) -> TableError:
        return TableError([Finding(path.name, rule, (), 1, remedy)])

    try:
        with regular(path).open("rb") as file:
            if limit := _broken_limit(file, path.stat().st_size):
                rule = f"a workbook must not be larger than {limit}, but this one is"
                raise refuse(rule, "It was not opened. Export the table as CSV.")
            return _sheet_rows(file, path, sheet, _Style(decimal, time), split)
    except TableError:
        raise
    except OSError as error:
        raise unreadable(path, error) from error
    except Exception as error:  # a damaged part makes openpyxl raise anything
        rule = f"the file is not readable as a workbook ({type(error).__name__})"
        raise refuse(rule, "Save it again as XLSX, or as CSV.") from error


def _broken_limit(file: BinaryIO, size: int) -> str:
    """What limit the archive breaks, by its directory alone; blank if none."""
    if size > MOST_BYTES:
        return f"{MOST_BYTES:,d} bytes"
    file.seek(max(size - END_BYTES, 0))
    tail = file.read()
    end = tail.rfind(END)
    directory_bytes = int.from_bytes(tail[end + 12 : end + 16], "little")
    if end >= 0 and directory_bytes > MOST_DIRECTORY:
        return f"a directory of {MOST_DIRECTORY:,d} bytes"
    with zipfile.ZipFile(file) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > MOST_BYTES:
        return f"{MOST_BYTES:,d} bytes unpacked"
    return (
        f"{MOST_RATIO} times its size unpacked" if unpacked > MOST_RATIO * size else ""
    )


def _sheet_rows(
    file: BinaryIO,
    path: Path,
    sheet: str | None,
    style: _Style,
    split: Collection[str],
) -> dict[int, list[str]]:
    from openpyxl import load_workbook  # a third of a second

    with (
        warnings.catch_warnings(action="ignore"),  # of styles and drawings
        closing(load_workbook(file, read_only=True, data_only=True)) as book,
    ):
        names = book.sheetnames
        if sheet not in names and (sheet is not None or len(names) != 1):
            rule = (
                "the sheet must be declared, and one of the workbook's "
                f"({', '.join(names)}), but is {sheet or 'not declared'}"
            )
            remedy = f'Declare it: [format] sheet = "{names[0]}".'
            raise TableError([Finding(path.name, rule, (), 1, remedy)])
        page = book[sheet or names[0]]
        page.reset_dimensions()  # what the sheet says of its size may be wrong
        rows: dict[int, list[str]] = {}
        parts: set[int] = set()
        width = seen = 0
        for number, line in enumerate(page.iter_rows(values_only=True), 1):
            seen += len(line)
            if number > MOST_ROWS or seen > MOST_CELLS:
                rule = (
                    f"a sheet must not have more than {MOST_ROWS:,d} rows and "
                    f"{MOST_CELLS:,d} cells, but this has"
                )
                remedy = "Export the table as CSV."
                raise TableError([Finding(path.name, rule, (), 1, remedy)])
            cells = [
                style.part(value) if place in parts else style.text(value)
                for place, value in enumerate(line)
            ]
            while cells and not cells[-1]:
                cells.pop()
            if cells and not rows:
                width = len(cells)
                parts = {place for place, cell in enumerate(cells) if cell in split}
            if cells:
                rows[number] = cells + [""] * (width - len(cells))
        never = _never_calculated(page._get_source)  # as openpyxl itself opens it
        if cells := list(islice(never, KEPT)):
            rule = (
                "cells must hold values, but these hold formulas that were never "
                "calculated"
            )
            remedy = (
                "Open the workbook in Excel or LibreOffice and save it, or paste "
                "values in their place."
            )
            count = len(cells) + sum(1 for _ in never)
            raise TableError([Finding.of(path.name, rule, cells, remedy, count=count)])
    return rows


def _never_calculated(opened: Callable[[], BinaryIO]) -> Iterator[str]:
    """
    The cells of a sheet with a formula and no value, such as "C2".

    openpyxl reads them as empty. One whose value is an empty text is of type "str".
    Few sheets have formulas; only these are parsed a second time.
    """
    with opened() as sheet:
        end = b""
        while chunk := sheet.read(1_000_000):
            chunk = (end + chunk).replace(b"\0", b"")  # it may be UTF-16
            if FORMULA.search(chunk):
                break
            end = chunk[-2:]
        else:
            return
    from openpyxl.utils import coordinate_to_tuple, get_column_letter
    from openpyxl.xml.functions import iterparse

    row = 0
    with opened() as sheet:
        for _, line in iterparse(sheet):
            if not line.tag.endswith("}row"):
                continue
            row, column = int(float(line.get("r", row + 1))), 0
            for cell in line:
                place = cell.get("r")
                column = coordinate_to_tuple(place)[1] if place else column + 1
                lacks = cell.find("{*}f") is not None and not cell.findtext("{*}v")
                if lacks and cell.get("t") != "str":
                    yield f"{get_column_letter(column)}{row}"
            line.clear()


@dataclass(frozen=True)
class _Style:
    """How a text file of the form would write a cell."""

    decimal: str
    time: str | None

    def text(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, float):
            whole = value.is_integer() and abs(value) < 1e15
            return str(int(value)) if whole else self._signed(repr(value))
        if isinstance(value, dt.datetime) and value.year == DAYS_YEAR:
            from openpyxl.utils.datetime import to_excel

            value = dt.timedelta(days=to_excel(value))
        if isinstance(value, dt.timedelta):
            minutes, milliseconds = divmod(round(value.total_seconds() * 1000), 60_000)
            seconds = f"{milliseconds / 1000:06.3f}".removesuffix(".000")
            return self._signed(f"{minutes // 60}:{minutes % 60:02d}:{seconds}")
        if isinstance(value, dt.datetime):
            return _exactly(value, self.time) if self.time else value.isoformat()
        if isinstance(value, dt.time):
            return self._signed(value.isoformat())
        return str(value).strip()

    def part(self, value: Any) -> str:
        """A cell of a date, or of a clock time, as its part of ``time``."""
        time = self.time or ISO
        clock = next(re.finditer("%[HI]|$", time)).start()
        if isinstance(value, dt.datetime) and value.time() == dt.time():
            return value.strftime(time[:clock]).strip()
        if isinstance(value, dt.time) and not value.microsecond:
            return value.strftime(time[clock:])
        return self.text(value)

    def _signed(self, number: str) -> str:
        return number.replace(".", self.decimal)


def _exactly(value: dt.datetime, time: str) -> str:
    """The time as declared; in ISO 8601 where that would lose some of it."""
    text = value.strftime(time)
    with suppress(ValueError):
        if dt.datetime.strptime(text, time) == value:
            return text
    return value.isoformat()
