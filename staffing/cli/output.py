"""Tables for people (table) and for programs (csv, json)."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from forecast.errors import ODD_SIGNS, OutputError

if TYPE_CHECKING:
    import pandas as pd

    from forecast.errors import Finding
    from staffing.progress import Progress
    from staffing.report.formats import Formats


LEVELS = {"error": "error", "warning": "warning", "failed": "error", "unmet": "warning"}
"""What a line of words begins with, and its level in a log."""
PASSWORD = re.compile(r"(://[^\s/:@]*):(?!\$\{\w+\}@)\S+@")
"""In a URL, unless a variable's name stands in its place."""
WORTH_A_WORD_S = 3.0
"""Spent on steps of one kind before the time left is told. [s]"""


class Format(StrEnum):
    """How a result is printed."""

    table = "table"
    csv = "csv"
    json = "json"


class LogFormat(StrEnum):
    """How words on stderr are written."""

    text = "text"
    json = "json"


class Log:
    """How this run's words are written."""

    form = LogFormat.text


ConfigArgument = Annotated[Path, typer.Argument(help="The plan.toml.")]
FormatOption = Annotated[
    Format, typer.Option("--format", help="How to print the result.")
]


def show_table(table: pd.DataFrame, form: Format, formats: Formats) -> None:
    """Print a table to stdout: rounded and aligned for people, exact for programs."""
    from forecast.tables import csv_bytes
    from staffing.report.formats import json_text

    if form is Format.csv:
        text = csv_bytes(table).decode()
    elif form is Format.json:
        text = json_text(table)
    else:
        text = _aligned_text(table, formats)
    _write(sys.stdout, text)


def show_all(tables: Mapping[str, pd.DataFrame], **words: object) -> None:
    """Print many tables and what is said of them to stdout, as one JSON object."""
    from staffing.report.formats import json_text

    show(json_text({**tables, **words}))


def show(text: str) -> None:
    """Print a text to stdout."""
    _write(sys.stdout, text)


def say_table(table: pd.DataFrame, formats: Formats) -> None:
    """Print a table that goes beside the result to stderr."""
    if Log.form is LogFormat.json:
        from staffing.report.formats import json_text

        _log("info", "table", rows=json.loads(json_text(table)))
    else:
        _write(sys.stderr, _aligned_text(table, formats))


def say(words: str) -> None:
    """
    Print words to stderr: a line, or a JSON object with their level and time.

    They may quote what was read: passwords of URLs are left out, and signs that drive
    a terminal are written as escapes.
    """
    words = _plain(PASSWORD.sub(r"\1:***@", words))
    level, _, rest = words.partition(": ")
    if Log.form is LogFormat.text:
        _write(sys.stderr, words + "\n")
    elif level in LEVELS:
        _log(LEVELS[level], rest)
    else:
        _log("info", words)


def _plain(text: str) -> str:
    """A text whose odd signs are written as escapes."""
    return ODD_SIGNS.sub(lambda sign: ascii(sign[0])[1:-1], text)


def _log(level: str, message: str, **more: object) -> None:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
    line = {"time": now, "level": level, "message": message, **more}
    _write(sys.stderr, json.dumps(line, ensure_ascii=False) + "\n")


@contextmanager
def shown_progress() -> Iterator[Progress | None]:
    """What tells of long work on a terminal, wiped at the end; None in a log."""
    wipe = "\r\x1b[K"
    begun = 0.0

    def told(name: str, number: int, total: int) -> None:
        nonlocal begun
        now = time.monotonic()
        if number == 0:
            begun = now
        left = _time_left(now - begun, number, total)
        _write(sys.stderr, f"{wipe}{name} ({number + 1}/{total}){left}")

    on_terminal = sys.stderr.isatty() and Log.form is LogFormat.text
    try:
        yield told if on_terminal else None
    finally:
        if on_terminal:
            _write(sys.stderr, wipe)


def _time_left(spent_s: float, done: int, total: int) -> str:
    """What remains if it goes on as before; nothing where it is not worth a word."""
    if not done or spent_s < WORTH_A_WORD_S:
        return ""
    left_s = spent_s / done * (total - done)
    if left_s < 90:
        return f", about {left_s:.0f} s left"
    minutes = round(left_s / 60)
    if minutes < 90:
        return f", about {minutes} min left"
    return f", about {minutes // 60} h {minutes % 60:02d} min left"


def say_written(folder: Path, files: Iterable[Path]) -> None:
    """Tell which files are in the folder; those of a sub-folder by its name."""
    inside = [path.relative_to(folder) for path in files]
    names = [
        path.name if len(path.parts) == 1 else f"{path.parts[0]}/" for path in inside
    ]
    say(f"Written to {folder}: {', '.join(dict.fromkeys(names))}")


def show_warnings(warnings: Iterable[Finding]) -> None:
    """Print each warning to stderr."""
    for warning in warnings:
        say(f"warning: {warning}")


def _aligned_text(table: pd.DataFrame, formats: Formats) -> str:
    from staffing.report.formats import format_cells

    rows = [[name for name, _ in formats], *format_cells(table, formats)]
    rows = [[_plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(_aligned(row, widths) + "\n" for row in rows)


def _aligned(row: list[str], widths: list[int]) -> str:
    cells = [row[0].ljust(widths[0])]
    cells += [c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)]
    return "  ".join(cells).rstrip()


def _write(stream: TextIO, text: str) -> None:
    """
    Write a text; that its reader has gone does not change how the command ends.

    Raises
    ------
    OutputError
        It is a result, and stdout cannot be written. Words are lost without a word.
    """
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if stream is sys.stdout and not isinstance(error, BrokenPipeError):
            raise OutputError(
                f"stdout could not be written ({error.strerror}). Free space, or send "
                "it elsewhere."
            ) from error
