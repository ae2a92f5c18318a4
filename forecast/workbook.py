"""
The rows of an XLSX workbook as cells, refused unopened where it is a bomb.

A workbook is a ZIP archive: a few kilobytes may unpack to gigabytes. The sizes that
its directory declares are looked at first; the unpacking stops at them.
"""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, BinaryIO

from forecast.errors import Finding, TableError, unreadable

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
END = b"PK\5\6"
END_BYTES = 22 + 65_535
"""The longest record that ends an archive. [bytes]"""


def workbook_rows(
    path: Path, sheet: str | None, *, decimal: str, time: str | None
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

    Raises
    ------
    TableError
        The file cannot be read, is too large, damaged, or has not that sheet.
    """

    def refuse(rule: str, remedy: str) -> TableError:
        return TableError([Finding(path.name, rule, (), 1, remedy)])

    try:
        with path.open("rb") as file:
            if limit := _broken_limit(file, path.stat().st_size):
                rule = f"a workbook must not be larger than {limit}, but this one is"
                raise refuse(rule, "It was not opened. Export the table as CSV.")
            return _sheet_rows(file, path, sheet, decimal=decimal, time=time)
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
    file: BinaryIO, path: Path, sheet: str | None, *, decimal: str, time: str | None
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
            cells = [_text(value, decimal, time) for value in line]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                width = width or len(cells)
                rows[number] = cells + [""] * (width - len(cells))
    return rows


def _text(value: Any, decimal: str, time: str | None) -> str:
    """A cell as a text file of this form would have it."""
    if value is None:
        return ""
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else repr(value).replace(".", decimal)
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(value, dt.datetime):
        return _time_text(value, time) if time else value.isoformat()
    return str(value).strip()


def _time_text(value: dt.datetime, time: str) -> str:
    """The time as declared; in ISO 8601 where that would lose some of it."""
    text = value.strftime(time)
    with suppress(ValueError):
        if dt.datetime.strptime(text, time) == value:
            return text
    return value.isoformat()
