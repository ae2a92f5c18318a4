"""A table as a workbook of one sheet."""

from __future__ import annotations

import datetime as dt
import io

import pandas as pd
from xlsxwriter import Workbook

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
CREATED = dt.datetime(2000, 1, 1)
"""The same table gives the same bytes."""


def sheet_bytes(name: str, table: pd.DataFrame) -> bytes:
    """
    The table under its header; nothing in it is a formula, and NaN is an empty cell.

    Fractions are shown with two digits, and are in the cells as they are.
    Times have no zone in a workbook: the table's must have none.
    """
    buffer = io.BytesIO()
    with Workbook(buffer, OPTIONS) as book:
        book.set_properties({"created": CREATED})
        sheet = book.add_worksheet(name)
        clock = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        fraction = book.add_format({"num_format": "0.00"})
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(table):
            values = table[title]
            look = fraction if pd.api.types.is_float_dtype(values) else None
            sheet.write_string(0, column, str(title))
            sheet.set_column(column, column, max(len(str(title)) + 2, 16))
            for row, value in enumerate(values.tolist(), 1):
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif isinstance(value, pd.Timestamp):
                    sheet.write_datetime(row, column, value.to_pydatetime(), clock)
                elif not pd.isna(value):
                    sheet.write_number(row, column, value, look)
    return buffer.getvalue()
