"""roster.xlsx: the month grid, the cover, and what is fair and lawful."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from staffing.report.roster.made import Made
from staffing.report.roster.month_sheet import HEAD, write_month
from staffing.report.workbook import OPTIONS

MISSING = {"bg_color": "#123c5a", "font_color": "#ffffff", "bold": True}
SPARE = {"bg_color": "#f6dfc4"}
SHARES = ("gap", "missing_share")
A4 = 9


def workbook_bytes(made: Made) -> bytes:
    """
    The workbook; the same roster gives the same bytes.

    Nothing in it is a formula: what begins with "=" is a text. Dates and times are
    the workbook's own, on the local clock.
    """
    buffer = io.BytesIO()
    with Workbook(buffer, OPTIONS) as book:
        created = dt.datetime.combine(made.problem.horizon.first, dt.time())
        book.set_properties({"created": created})
        pages = {"Month": write_month, "Cover": _cover, "Fairness and rules": _fairness}
        for name, write in pages.items():
            sheet = book.add_worksheet(name)
            sheet.set_paper(A4)
            sheet.fit_to_pages(1, 0)
            sheet.set_margins(0.4, 0.4, 0.5, 0.6)
            sheet.set_footer("&L&A&RPage &P of &N")
            write(book, sheet, made)
    return buffer.getvalue()


def _cover(book: Workbook, sheet: Worksheet, made: Made) -> None:
    """Rostered against scheduled, interval by interval."""
    table = made.cover
    offset = table["interval_start"].dt.strftime("%z")
    shown = pd.DataFrame(
        {
            "group": table["queue"],
            "date": table["interval_start"].dt.tz_localize(None).dt.normalize(),
            "start": table["interval_start"].dt.time,
            "UTC": offset.str[:3] + ":" + offset.str[3:],
            "scheduled": table["scheduled"],
            "rostered": table["rostered"],
            "net": table["net"],
        }
    )
    _table(book, sheet, 0, shown)
    rows = max(len(shown), 1)
    net = shown.columns.get_loc("net")
    for criteria, limit, look in (("<=", -0.05, MISSING), (">=", 0.05, SPARE)):
        rule = {"type": "cell", "criteria": criteria, "value": limit}
        rule["format"] = book.add_format(look)
        sheet.conditional_format(1, net, rows, net, rule)
    sheet.autofilter(0, 0, rows, len(shown.columns) - 1)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, len(shown.columns) - 1, 13)


def _fairness(book: Workbook, sheet: Worksheet, made: Made) -> None:
    """How good the roster is, the rules, and what each person got."""
    title = book.add_format({"bold": True, "size": 12})
    says = made.rules["says"] + " (" + made.rules["source"] + ")"
    rules = made.rules.drop(columns=["says", "source"]).assign(says=says)
    row = 0
    for name, table in (
        ("How far from the best: no roster has a value below the bound", made.stages),
        ("Hours, missing and spare", made.hours),
        ("Rules: check those not verified with your agreement", rules),
        ("What each person got", made.fairness),
    ):
        sheet.write_string(row, 0, name, title)
        row = _table(book, sheet, row + 1, table) + 1
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 8, 14)
    sheet.set_column(2, 2, 20)  # the units of rules


def _table(book: Workbook, sheet: Worksheet, row: int, table: pd.DataFrame) -> int:
    """Write a table under its head; the first row after it."""
    for column, name in enumerate(table):
        is_text = pd.api.types.is_string_dtype(table[name])
        head = book.add_format({**HEAD, "align": "left" if is_text else "right"})
        sheet.write_string(row, column, str(name).replace("_", " "), head)
        write = _writer(book, sheet, table[name])
        for place, value in enumerate(table[name].tolist(), row + 1):
            if not pd.isna(value):
                write(place, column, value)
    return row + 1 + len(table)


def _writer(
    book: Workbook, sheet: Worksheet, values: pd.Series
) -> Callable[[int, int, Any], object]:
    """What writes the cells of a column, by its kind."""
    if pd.api.types.is_numeric_dtype(values):
        whole = pd.api.types.is_integer_dtype(values)
        shown = "#,##0" if whole else "#,##0.00"
        shown = "0.00%" if values.name in SHARES else shown
        look = book.add_format({"num_format": shown})
        return lambda row, column, value: sheet.write_number(row, column, value, look)
    first = next(iter(values.tolist()), "")
    if isinstance(first, dt.time | dt.datetime):
        shown = "hh:mm" if isinstance(first, dt.time) else "ddd yyyy-mm-dd"
        look = book.add_format({"num_format": shown, "align": "right"})
        return lambda row, column, value: sheet.write_datetime(row, column, value, look)
    return lambda row, column, value: sheet.write_string(row, column, value)
