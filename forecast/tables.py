"""
Read and write checked tables.

A form is declared, never guessed: encodings, decimal signs and date orders
that are guessed give wrong numbers without a word.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.errors import Finding, OutputError, TableError

ISO_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?"
)


@dataclass(frozen=True)
class Form:
    """
    How a CSV file writes its values, and which of its columns and rows count.

    ``separator`` None means: semicolon or comma, whichever the header holds.
    ``time`` None means ISO 8601; otherwise a strptime format such as
    ``"%d/%m/%Y %H:%M"``. ``columns`` maps our names to the file's; ``ignore``
    lists the file's columns that are not wanted ("*": all the others).
    ``include`` and ``exclude`` keep or drop rows by a column of the file.
    """

    separator: str | None = None
    encoding: str = "utf-8"
    decimal: str = "."
    thousands: str = ""
    time: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    include: Mapping[str, Sequence[str]] = field(default_factory=dict)
    exclude: Mapping[str, Sequence[str]] = field(default_factory=dict)


def read_text_table(path: Path, form: Form) -> pd.DataFrame:
    """
    The file's cells as text, stripped, indexed by their row in the file.

    The header is row 1. Blank rows are passed over, and so are the rows that
    ``form.include`` and ``form.exclude`` drop.

    Raises
    ------
    TableError
        The file cannot be read, is not text in the declared encoding, is
        empty, or has rows with more or fewer cells than the header.
    """
    text = _decode(path, form)
    lines = text.split("\n", 1)
    if not lines[0].strip():
        raise TableError(
            [Finding(path.name, "the file is empty", (), 0, "Export it again.")]
        )
    separator = form.separator or _separator_of(lines[0], path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    cells: list[list[str]] = []
    rows: list[int] = []
    ragged: list[str] = []
    try:
        header = [name.strip() for name in next(reader)]
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                ragged.append(f"row {reader.line_num} ({len(row)} cells)")
                continue
            cells.append(row)
            rows.append(reader.line_num)
    except csv.Error as error:
        rule = f"row {reader.line_num} is not readable as CSV ({error})"
        remedy = "Close every quote that is opened."
        raise TableError([Finding(path.name, rule, (), 1, remedy)]) from error
    findings = []
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        findings.append(Finding.of(path.name, "columns must differ, but repeat", twice))
    if ragged:
        rule = f"every row must have {len(header)} cells as the header has, but"
        findings.append(
            Finding.of(path.name, rule, ragged, f"The separator used is {separator!r}.")
        )
    if findings:
        raise TableError(findings)
    frame = pd.DataFrame(
        cells, columns=header, index=pd.Index(rows, name="row"), dtype="str"
    )
    for name in frame:
        frame[name] = frame[name].str.strip()
    return _pick_rows(frame, form, path)


def _decode(path: Path, form: Form) -> str:
    def refuse(rule: str, remedy: str) -> TableError:
        return TableError([Finding(path.name, rule, (), 1, remedy)])

    try:
        data = path.read_bytes()
    except OSError as error:
        rule = f"the file cannot be read ({error.strerror})"
        raise refuse(rule, f"Looked for it at {path}.") from error
    if b"\0" in data:
        kind = "an XLSX workbook or another archive" if data[:2] == b"PK" else "binary"
        raise refuse(f"the file must be text, but is {kind}", "Save it as CSV (UTF-8).")
    encoding = "utf-8-sig" if form.encoding == "utf-8" else form.encoding
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise refuse(
            f"the file must be {form.encoding}, but row {row} holds the byte "
            f"0x{data[error.start]:02x}, which {form.encoding} does not have there",
            "If it was saved on Windows, declare [format] encoding = "
            '"cp1252"; or save it as UTF-8.',
        ) from error
    return text


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


def _pick_rows(frame: pd.DataFrame, form: Form, path: Path) -> pd.DataFrame:
    unknown = sorted((set(form.include) | set(form.exclude)) - set(frame.columns))
    if unknown:
        has = ", ".join(frame.columns)
        rule = f"[rows] must name columns of the file ({has}), but names"
        raise TableError([Finding.of(path.name, rule, unknown)])
    kept = np.ones(len(frame), dtype=bool)
    for name, values in form.include.items():
        kept &= frame[name].isin(list(values)).to_numpy()
    for name, values in form.exclude.items():
        kept &= ~frame[name].isin(list(values)).to_numpy()
    return frame[kept]


def parse_numbers(
    texts: pd.Series, form: Form, *, counts: bool
) -> tuple[pd.Series, pd.Series]:
    """
    Numbers as the form writes them; empty cells become NaN.

    Returns
    -------
    values : Series of float64
        NaN where empty or not a number.
    bad : Series of bool
        Where a cell holds something that is not a finite number in this form.
        Among counts that includes "1.000" where no thousands sign is declared:
        one call or a thousand, nobody can tell.
    """
    group = f"(?:{re.escape(form.thousands)}[0-9]{{3}})*" if form.thousands else ""
    sign = re.escape(form.decimal)
    number = re.compile(
        rf"[+-]?(?:[0-9]{{1,3}}{group}|[0-9]+)(?:{sign}[0-9]*)?(?:[eE][+-]?[0-9]+)?"
    )
    ambiguous = re.compile(rf"[+-]?[1-9][0-9]{{0,2}}{sign}000" if counts else r"(?!)")

    def parse(text: str) -> float:
        if not number.fullmatch(text) or ambiguous.fullmatch(text):
            return np.inf
        plain = text.replace(form.thousands, "") if form.thousands else text
        return float(plain.replace(form.decimal, "."))

    known = {text: parse(text) if text else np.nan for text in texts.unique()}
    values = texts.map(known).astype("float64")
    bad = pd.Series(np.isinf(values), index=texts.index)
    return values.mask(bad), bad


def parse_times(
    texts: pd.Series, form: Form
) -> tuple[dict[str, dt.datetime], list[str]]:
    """Each distinct text as a datetime (aware with an offset), and the unreadable."""
    parsed: dict[str, dt.datetime] = {}
    bad: list[str] = []
    for text in texts.unique():
        try:
            if form.time is not None:
                parsed[text] = dt.datetime.strptime(text, form.time)
            elif ISO_TIME.fullmatch(text):
                parsed[text] = dt.datetime.fromisoformat(text)
            else:
                bad.append(text)
        except ValueError:
            bad.append(text)
    return parsed, bad


def format_times(times: pd.Series) -> pd.Series:
    """ISO 8601 to the second, with the offset as +01:00."""
    texts: pd.Series = times.dt.strftime("%Y-%m-%dT%H:%M:%S%z")
    colon: pd.Series = texts.str[:-2] + ":" + texts.str[-2:]
    return colon


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """
    The table as CSV: UTF-8, comma, point, ISO times, floats read back exactly.

    The same table gives the same bytes on every machine and in every locale.
    """
    shown = frame.copy()
    for name in shown:
        if isinstance(shown[name].dtype, pd.DatetimeTZDtype):
            shown[name] = format_times(shown[name])
        elif shown[name].dtype == bool:
            shown[name] = shown[name].map({True: "true", False: "false"})
    return shown.to_csv(index=False, lineterminator="\n").encode()


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole, or raise OutputError."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(
            f"{path} could not be written ({error.strerror}). Free space or choose "
            "another folder with --out."
        ) from error
