"""The rows of a text file as cells: encoding and separator are declared."""

from __future__ import annotations

import csv
import io
import json
import re
from contextlib import suppress
from pathlib import Path

from forecast.errors import Finding, TableError, unreadable
from forecast.files import regular

TOLD = re.compile(r"sep=([^\r\n])(?=[\r\n])")
"""What systems write above the header so that a spreadsheet knows the separator."""


def text_rows(
    path: Path, encoding: str, separator: str | None
) -> tuple[dict[int, list[str]], str]:
    """
    The rows that are not blank, by the row on which they begin, and the separator.

    Cells are stripped. ``separator`` None: what ``sep=`` in the first row says, else
    semicolon or comma, whichever the first row holds.

    Raises
    ------
    TableError
        The file cannot be read, is not text in the encoding, has both separators in
        its first row or neither, names another there, or leaves a quote open.
    """
    text = decoded(path, encoding)
    told = TOLD.match(text)
    if told is not None:
        if separator not in {None, told[1]}:
            rule = f"the separator must be {separator!r}, but row 1 says {told[0]!r}"
            remedy = f"Declare it: [format] separator = {json.dumps(told[1])}."
            raise TableError([Finding(path.name, rule, (), 1, remedy)])
        separator, text = told[1], text[told.end() :]
    if separator is None:
        first = re.search(r"[^\r\n]*\S[^\r\n]*", text)
        separator = _separator_of(first[0] if first else ",", path)
    return _split_rows(text, separator, path), separator


def decoded(path: Path, encoding: str) -> str:
    """
    The text of a file.

    Raises
    ------
    TableError
        It cannot be read, or is not text in the encoding.
    """

    def refuse(rule: str, remedy: str) -> TableError:
        return TableError([Finding(path.name, rule, (), 1, remedy)])

    try:
        data = regular(path).read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    kinds = {
        b"PK\3\4": "an XLSX workbook or another archive",
        b"\xff\xfe": "UTF-16",
        b"\xfe\xff": "UTF-16",
    }
    kind = next((kinds[start] for start in kinds if data.startswith(start)), "binary")
    if b"\0" in data or kind != "binary":
        rule = f"the file must be text in {encoding}, but is {kind}"
        raise refuse(rule, "Save it as CSV (UTF-8).")
    if encoding != "utf-8" and not data.isascii():
        with suppress(UnicodeDecodeError):
            data.decode("utf-8")
            rule = f"the file must be {encoding}, but is UTF-8"
            raise refuse(rule, 'Declare it: [format] encoding = "utf-8".')
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        row = len((data[: error.start] + b"?").splitlines())
        other = ', or declare [format] encoding = "cp1252" if it comes from Windows'
        raise refuse(
            f"the file must be {encoding}, but row {row} holds the byte "
            f"0x{data[error.start]:02x}, which {encoding} does not have there",
            f"Save it as UTF-8{other if encoding == 'utf-8' else ''}.",
        ) from error
    return text


def _split_rows(text: str, separator: str, path: Path) -> dict[int, list[str]]:
    """The rows that are not blank, stripped, by the row on which they begin."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: dict[int, list[str]] = {}
    row = 1
    try:
        for line in reader:
            cells = list(map(str.strip, line))
            if any(cells):
                rows[row] = cells
            row = reader.line_num + 1
    except csv.Error as error:
        rule = f"row {row} is not readable as CSV ({error})"
        remedy = "Close every quote that is opened."
        raise TableError([Finding(path.name, rule, (), 1, remedy)]) from error
    return rows


def _separator_of(header: str, path: Path) -> str:
    found = [mark for mark in ";," if mark in header]
    if len(found) == 1:
        return found[0]
    what = "both" if found else "neither comma nor semicolon"
    raise TableError(
        [
            Finding(
                path.name,
                "columns must be separated by comma or semicolon, but the header has "
                f"{what}",
                (),
                1,
                'Declare it: [format] separator = ";" (or "\\t" for tabs).',
            )
        ]
    )
