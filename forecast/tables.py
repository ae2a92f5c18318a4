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
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import Finding, TableError

ISO_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?",
    re.ASCII,
)


class Measure(NamedTuple):
    """
    A column of a history file beside the history's own: a mean over a count.

    ``name`` is ours and ``column`` the file's. ``weight`` is the count: a column of
    the history, or another of the file.
    """

    name: str
    column: str
    weight: str


@dataclass(frozen=True)
class Form:
    """
    How a CSV file writes its values, and which of its columns and rows count.

    ``separator`` None means: semicolon or comma, whichever the header holds.
    ``time`` None means ISO 8601; otherwise a strptime format such as
    ``"%d/%m/%Y %H:%M"``. ``columns`` maps our names to the file's; ``ignore``
    lists the file's columns that are not wanted ("*": all the others).
    ``include`` and ``exclude`` keep or drop rows by a column of the file.
    ``measures`` are further columns to read.
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
    measures: tuple[Measure, ...] = ()


def read_text_table(path: Path, form: Form) -> tuple[pd.DataFrame, list[Finding]]:
    """
    The file's cells as text, stripped, and what is wrong with the file's shape.

    Cells are indexed by the row of the file on which they begin. The header is
    the first row that is not blank. Blank rows are passed over, and so are the
    rows that ``form.include`` and ``form.exclude`` drop. Rows with more or fewer
    cells than the header, and columns that repeat a name, are findings and left
    out of the cells.

    Raises
    ------
    TableError
        The file cannot be read, is not text in the declared encoding, is
        empty, leaves a quote open, or lacks a column named under [rows].
    """
    text = _decode(path, form)
    first = re.search(r"[^\r\n]*\S[^\r\n]*", text)
    separator = form.separator or _separator_of(first[0] if first else ",", path)
    rows = _split_rows(text, separator, path)
    if not rows:
        raise TableError(
            [Finding(path.name, "the file is empty", (), 0, "Export it again.")]
        )
    header = rows.pop(min(rows))
    ragged = [
        f"row {row} ({len(cells)} cells)"
        for row, cells in rows.items()
        if len(cells) != len(header)
    ]
    findings = []
    if ragged:
        rule = f"every row must have the header's {len(header)} cells, but these do not"
        remedy = f"The separator used is {separator!r}; quote the cells that hold it."
        findings.append(Finding.of(path.name, rule, ragged, remedy))
    named = set(header) - {""}
    twice = [name for name in sorted(named) if header.count(name) > 1]
    if wanted := [name for name in twice if name not in form.ignore]:
        rule = "columns must differ in name, but these repeat"
        remedy = "Rename them, or name them under [columns] ignore."
        findings.append(Finding.of(path.name, rule, wanted, remedy))
    whole = {row: cells for row, cells in rows.items() if len(cells) == len(header)}
    frame = pd.DataFrame(
        list(whole.values()),
        columns=header,
        index=pd.Index(list(whole), name="row", dtype="int64"),
        dtype="str",
    )
    frame = frame.loc[:, ~frame.columns.duplicated()]
    return _pick_rows(frame, form, path, findings), findings


def _split_rows(text: str, separator: str, path: Path) -> dict[int, list[str]]:
    """The rows that are not blank, stripped, by the row on which they begin."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: dict[int, list[str]] = {}
    row = 1
    try:
        for line in reader:
            cells = [cell.strip() for cell in line]
            if any(cells):
                rows[row] = cells
            row = reader.line_num + 1
    except csv.Error as error:
        rule = f"row {row} is not readable as CSV ({error})"
        remedy = "Close every quote that is opened."
        raise TableError([Finding(path.name, rule, (), 1, remedy)]) from error
    return rows


def _decode(path: Path, form: Form) -> str:
    def refuse(rule: str, remedy: str) -> TableError:
        return TableError([Finding(path.name, rule, (), 1, remedy)])

    try:
        data = path.read_bytes()
    except OSError as error:
        rule = f"the file cannot be read ({error.strerror})"
        raise refuse(rule, f"Looked for it at {path}.") from error
    kinds = {
        b"PK\3\4": "an XLSX workbook or another archive",
        b"\xff\xfe": "UTF-16",
        b"\xfe\xff": "UTF-16",
    }
    kind = next((kinds[start] for start in kinds if data.startswith(start)), "binary")
    if b"\0" in data or kind != "binary":
        rule = f"the file must be text in {form.encoding}, but is {kind}"
        raise refuse(rule, "Save it as CSV (UTF-8).")
    encoding = "utf-8-sig" if form.encoding == "utf-8" else form.encoding
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        row = len((data[: error.start] + b"?").splitlines())
        other = ', or declare [format] encoding = "cp1252" if it comes from Windows'
        raise refuse(
            f"the file must be {form.encoding}, but row {row} holds the byte "
            f"0x{data[error.start]:02x}, which {form.encoding} does not have there",
            f"Save it as UTF-8{other if form.encoding == 'utf-8' else ''}.",
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


def _pick_rows(
    frame: pd.DataFrame, form: Form, path: Path, findings: list[Finding]
) -> pd.DataFrame:
    unknown = sorted((set(form.include) | set(form.exclude)) - set(frame.columns))
    if unknown:
        has = ", ".join(frame.columns)
        rule = f"[rows] must name columns of the file ({has}), but names"
        raise TableError([*findings, Finding.of(path.name, rule, unknown)])
    kept = np.ones(len(frame), dtype=bool)
    for name, values in form.include.items():
        kept &= frame[name].isin(list(values)).to_numpy()
    for name, values in form.exclude.items():
        kept &= ~frame[name].isin(list(values)).to_numpy()
    return frame[kept]


class Numbers(NamedTuple):
    """
    Numbers read from text, all with the index of the texts.

    ``number`` is NaN where a cell is empty, ``bad`` (not a finite number in this
    form) or ``ambiguous``: a count such as "1.000" where no thousands sign is
    declared is one call or a thousand, nobody can tell.
    """

    number: pd.Series
    bad: pd.Series
    ambiguous: pd.Series


def parse_numbers(texts: pd.Series, form: Form, *, counts: bool) -> Numbers:
    """Numbers as the form writes them."""
    group = f"(?:{re.escape(form.thousands)}[0-9]{{3}})*" if form.thousands else ""
    sign = re.escape(form.decimal)
    number = re.compile(
        rf"[+-]?(?:[0-9]{{1,3}}{group}|[0-9]+)(?:{sign}[0-9]*)?(?:[eE][+-]?[0-9]+)?"
    )
    either = re.compile(rf"[+-]?[1-9][0-9]{{0,2}}{sign}000")

    def parse(text: str) -> float:
        if not number.fullmatch(text):
            return np.inf
        plain = text.replace(form.thousands, "") if form.thousands else text
        return float(plain.replace(form.decimal, "."))

    distinct = texts.unique()
    known = {text: parse(text) if text else np.nan for text in distinct}
    unclear = [t for t in distinct if either.fullmatch(t)]
    values = texts.map(known).astype("float64")
    bad = pd.Series(np.isinf(values), index=texts.index)
    ambiguous = texts.isin(unclear if counts and not form.thousands else [])
    return Numbers(values.mask(bad | ambiguous), bad, ambiguous)


def parse_times(
    texts: pd.Series, form: Form
) -> tuple[dict[str, dt.datetime], list[str]]:
    """
    Each distinct text as a datetime (aware with an offset), and the unreadable.

    A fraction of a second is unreadable: no interval starts there.
    """
    parsed: dict[str, dt.datetime] = {}
    bad: list[str] = []
    for text in texts.unique():
        if form.time is None and not ISO_TIME.fullmatch(text):
            bad.append(text)
            continue
        try:
            if form.time is None:
                time = dt.datetime.fromisoformat(text)
            else:
                time = dt.datetime.strptime(text, form.time)
        except ValueError:
            bad.append(text)
            continue
        if time.microsecond:
            bad.append(text)
        else:
            parsed[text] = time
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
