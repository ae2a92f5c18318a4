"""Tables for people (table) and for programs (csv, json)."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

    from forecast.errors import Finding
    from staffing.report.page import Formats


class Format(StrEnum):
    """How a result is printed."""

    table = "table"
    csv = "csv"
    json = "json"


FormatOption = Annotated[
    Format, typer.Option("--format", help="How to print the result.")
]


def show_table(table: pd.DataFrame, form: Format, formats: Formats) -> None:
    """Print a table to stdout: rounded and aligned for people, exact for programs."""
    from forecast.tables import csv_bytes
    from staffing.report.page import format_cells

    if form is Format.csv:
        sys.stdout.write(csv_bytes(table).decode())
    elif form is Format.json:
        print(table.to_json(orient="records", indent=2, double_precision=15))
    else:
        rows = [[name for name, _ in formats], *format_cells(table, formats)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = [row[0].ljust(widths[0])]
            cells += [c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)]
            print("  ".join(cells).rstrip())


def show_warnings(warnings: Iterable[Finding]) -> None:
    """Print each warning to stderr."""
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
