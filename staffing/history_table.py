"""A history that is a table, or a view, of a database."""

from __future__ import annotations

import atexit
import csv
import datetime as dt
import os
import shutil
import tempfile
from decimal import Decimal
from functools import cache
from pathlib import Path

from sqlalchemy import literal_column, select, table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import NullType

from forecast.errors import Finding, TableError
from forecast.files import temporary
from forecast.tables import inert
from staffing.database import database, read_url, reason


@cache
def fetched(url: str, name: str, folder: Path) -> Path:
    """
    A table as a CSV file that is gone when this process ends.

    It is fetched once in a process, so that all that is read or hashed is the same
    rows. They are in the order of their cells as text, first column first: a table
    has none, and the same rows give the same bytes. Numbers and times are written as
    :class:`forecast.tables.Form` reads them by default, texts :func:`inert`, NULL as
    nothing.

    Parameters
    ----------
    url : str
        As :func:`staffing.database.read_url` reads it.
    name : str
        "calls", or with its schema "acd.calls".
    folder : Path
        Where a relative file of SQLite is.

    Raises
    ------
    ConfigError
        As :func:`staffing.database.database`.
    TableError
        The table cannot be read.
    OutputError
        There is no room for its rows.
    """
    where = f"table {name}"
    schema, _, bare = name.rpartition(".")
    found = read_url(url)
    if found.drivername == "sqlite" and not os.path.exists(
        folder / str(found.database)
    ):
        raise _unreadable(where, f"there is no file {found.database}")
    source = table(bare, schema=schema or None)
    wanted = select(literal_column("*", type_=NullType())).select_from(source)
    try:
        with database(found, folder).connect() as connection:
            result = connection.execute(wanted)
            header = list(result.keys())
            rows = sorted([_text(value) for value in row] for row in result)
    except SQLAlchemyError as error:
        raise _unreadable(where, reason(error)) from error
    with temporary(where):
        kept = tempfile.mkdtemp(prefix="staffcast-")
        atexit.register(shutil.rmtree, kept, ignore_errors=True)
        path = Path(kept) / where.replace("/", "_")
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    return path


def _unreadable(where: str, why: str) -> TableError:
    rule = f"the table cannot be read ({why})"
    return TableError([Finding(where, rule, (), 0, "Look at url and table.")])


def _text(value: object) -> str:
    """A value as a CSV file has it."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(inert(float(value) if isinstance(value, Decimal) else value))
