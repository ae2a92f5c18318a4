"""Cells of a declared column as numbers, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from forecast.columns.column import Column
from forecast.errors import Finding
from forecast.schema import row_findings
from forecast.tables import Form, parse_numbers

DURATION = re.compile(r"([0-9]+):([0-5][0-9]):([0-5][0-9])(\D[0-9]+)?", re.ASCII)
"""Hours may be more than 24, seconds a fraction."""
CLOCK = re.compile("[0-9]+:[0-5][0-9]", re.ASCII)


def read_numbers(
    sources: Sequence[pd.Series],
    column: Column,
    form: Form,
    where: str,
    *,
    counts: bool,
) -> tuple[pd.Series, list[Finding]]:
    """
    The sum of the cells that give a column; unknown where one of them is empty.

    Seconds may be written h:mm:ss.
    """
    findings = []
    numbers = []
    is_time = column.unit == "s"
    for texts in sources:
        read = parse_numbers(
            texts.map(lambda text: _plain_seconds(text, form)) if is_time else texts,
            form,
            counts=counts,
        )
        sign = repr(form.thousands) if form.thousands else "none"
        clocks = [text for text in texts[read.bad] if is_time and CLOCK.fullmatch(text)]
        remedy = "Declare other signs under [format]"
        if clocks:
            remedy = f"Write h:mm:ss: {clocks[0]} may be minutes or hours"
        findings += row_findings(
            where,
            f"{column.name} must be a number (decimal sign {form.decimal!r}, "
            f"thousands sign {sign}){' or h:mm:ss' * is_time}, but is not",
            read.bad,
            texts,
            f"{remedy}; leave a cell empty where nothing is known.",
        )
        other = "," if form.decimal == "." else "."
        findings += row_findings(
            where,
            f"{column.name} must be clear, but {form.decimal}000 may be decimals or "
            "thousands",
            read.ambiguous,
            texts,
            "Declare which sign separates thousands: [format] thousands = "
            f'"{form.decimal}", decimal = "{other}", or the other way round.',
        )
        numbers.append(read.number)
    return sum(numbers[1:], start=numbers[0]), findings


def _plain_seconds(text: str, form: Form) -> str:
    """A duration as a number of seconds; any other text as it is."""
    found = DURATION.fullmatch(text)
    if not found or not (found[4] or form.decimal).startswith(form.decimal):
        return text
    hours, minutes, seconds = map(int, found.groups()[:3])
    return f"{hours * 3600 + minutes * 60 + seconds}{found[4] or ''}"
