"""
Read and write checked tables.

A form is declared, never guessed: encodings, decimal signs and date orders
that are guessed give wrong numbers without a word.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import Finding, TableError
from forecast.text_rows import text_rows
from forecast.workbook import workbook_rows

ISO_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?",
    re.ASCII,
)
LIVE = re.compile(r"'*\s*[=+\-@＝＋－＠]")
"""How a text begins that a spreadsheet may take for a formula, apostrophes or not."""


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
    How an export writes its values, and which of its columns and rows count.

    ``separator`` None means: semicolon or comma, whichever the first row holds.
    ``time`` None means ISO 8601; otherwise a strptime format such as
    ``"%d/%m/%Y %H:%M"``; ``absolute`` times must have an offset. ``header`` names the
    columns of a file without a header; ``aliases`` are other names of columns.
    ``sheet`` is that of a workbook with many.

    ``columns`` maps our names to the file's: of many, texts are joined by a blank and
    numbers added; ``totals`` are our means of which the file has the sum. ``ignore``
    lists the file's columns that are not wanted ("*": all the others). ``include`` and
    ``exclude`` keep or drop rows by a column of the file, ``only`` by a column and the
    one value that counts, in any case of letters. Rows of one interval that differ in
    a column of ``parts`` are added up. ``length`` is the column that tells an
    interval's length, and how it writes each [s]. ``measures`` are further columns to
    read. ``profile`` is the name of this form, where it has one.
    """

    separator: str | None = None
    encoding: str = "utf-8"
    decimal: str = "."
    thousands: str = ""
    time: str | None = None
    absolute: bool = False
    header: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    columns: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    totals: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    include: Mapping[str, Sequence[str]] = field(default_factory=dict)
    exclude: Mapping[str, Sequence[str]] = field(default_factory=dict)
    only: tuple[str, str] | None = None
    parts: tuple[str, ...] = ()
    length: tuple[str, Mapping[str, int]] | None = None
    measures: tuple[Measure, ...] = ()
    profile: str = ""

    def sources(self, ours: str) -> tuple[str, ...]:
        """The file's columns that give one of ours."""
        named = self.columns.get(ours, ours)
        return (named,) if isinstance(named, str) else tuple(named)

    def split(self) -> set[str]:
        """The file's columns that are a part of a time."""
        times = map(self.sources, ("interval_start", "arrival", "answer", "end"))
        return {name for names in times if len(names) > 1 for name in names}


def read_text_table(path: Path, form: Form) -> tuple[pd.DataFrame, list[Finding]]:
    """
    The file's cells as text, stripped, and what is wrong with the file's shape.

    A file named .xlsx is a workbook, any other is text. Cells are indexed by the row
    of the file on which they begin. The header is ``form.header``, or the first row
    that is not blank. Blank rows are passed over, and so are the
    rows that ``form.include`` and ``form.exclude`` drop. Rows with more or fewer
    cells than the header, and columns that repeat a name, are findings and left
    out of the cells.

    Raises
    ------
    TableError
        The file cannot be read, is not text in the declared encoding (a workbook: is
        too large, damaged, or has many sheets and none is declared), is empty, leaves
        a quote open, or lacks a column named under [rows].
    """
    if path.suffix.lower() == ".xlsx":
        rows = workbook_rows(
            path,
            form.sheet,
            decimal=form.decimal,
            time=form.time,
            split=form.split(),
        )
        remedy = "Clear the cells beside the table."
    else:
        rows, separator = text_rows(path, form.encoding, form.separator)
        remedy = f"The separator used is {separator!r}; quote the cells that hold it."
    if not rows:
        raise TableError(
            [Finding(path.name, "the file is empty", (), 0, "Export it again.")]
        )
    header = list(form.header) or rows.pop(min(rows))
    header = [form.aliases.get(name, name) for name in header]
    ragged = [
        f"row {row} ({len(cells)} cells)"
        for row, cells in rows.items()
        if len(cells) != len(header)
    ]
    findings = []
    if ragged:
        if len(header) == 1:
            remedy += " Delete any rows above the header."
        rule = f"every row must have the header's {len(header)} cells, but these do not"
        findings.append(Finding.of(path.name, rule, ragged, remedy))
    times = Counter(name for name in header if name)
    twice = [name for name in sorted(times) if times[name] > 1]
    if wanted := [name for name in twice if name not in form.ignore]:
        rule = "columns must differ in name, but these repeat"
        remedy = "Rename them, or name them under [columns] ignore."
        findings.append(Finding.of(path.name, rule, wanted, remedy))
    whole = {
        row: [meant(cell) for cell in cells] if "'" in "".join(cells) else cells
        for row, cells in rows.items()
        if len(cells) == len(header)
    }
    frame = pd.DataFrame(
        list(whole.values()),
        columns=header,
        index=pd.Index(list(whole), name="row", dtype="int64"),
        dtype="str",
    )
    frame = frame.loc[:, ~frame.columns.duplicated()]
    return _pick_rows(frame, form, path, findings), findings


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
    texts: pd.Series, form: Form, *, fractions: bool = False
) -> tuple[dict[str, dt.datetime], list[str]]:
    """
    Each distinct text as a datetime (aware with an offset), and the unreadable.

    Unless ``fractions`` are allowed, one of a second is unreadable: no interval starts
    there.
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
        if time.microsecond and not fractions:
            bad.append(text)
        else:
            parsed[text] = time
    return parsed, bad


def format_times(times: pd.Series) -> pd.Series:
    """ISO 8601 to the second, with the offset as +01:00."""
    texts: pd.Series = times.dt.strftime("%Y-%m-%dT%H:%M:%S%z")
    colon: pd.Series = texts.str[:-2] + ":" + texts.str[-2:]
    return colon


def inert(cell: object) -> object:
    """
    A cell that no spreadsheet runs: what reads as a formula, after an apostrophe.

    :func:`read_text_table` takes it away again (the rule is OWASP's, CSV Injection).
    """
    return f"'{cell}" if isinstance(cell, str) and LIVE.match(cell) else cell


def meant(cell: str) -> str:
    """A cell without the apostrophe that keeps a formula from being run."""
    return cell[1:] if cell[:1] == "'" and LIVE.match(cell) else cell


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """
    The table as CSV: UTF-8, comma, point, ISO times, floats read back exactly.

    The same table gives the same bytes on every machine and in every locale. Texts
    are :func:`inert`.
    """
    shown = frame.copy()
    for name in shown:
        if isinstance(shown[name].dtype, pd.StringDtype) or shown[name].dtype == object:
            shown[name] = shown[name].map(inert, na_action="ignore")
        elif isinstance(shown[name].dtype, pd.DatetimeTZDtype):
            shown[name] = format_times(shown[name])
        elif shown[name].dtype == bool:
            shown[name] = shown[name].map({True: "true", False: "false"})
    return shown.to_csv(index=False, lineterminator="\n").encode()
