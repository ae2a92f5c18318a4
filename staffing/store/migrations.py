"""
The numbered steps from an empty database to the store's tables.

A step is a file of SQL for each kind of database, a statement a paragraph; one that
has been released is never edited.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select

from staffing.store.schema import VERSION

NEWEST = 3
LOCK = 7_823_370
"""The number of PostgreSQL's advisory lock for migrations; any of our own."""


def version_of(connection: Connection) -> int:
    """The number of the last step that a database has taken; 0: it has no store."""
    if not inspect(connection).has_table(VERSION.name):
        return 0
    return int(connection.scalars(select(VERSION.c.version)).one())


def migrate(engine: Engine, newest: int = NEWEST) -> None:
    """Take the steps that are missing, all of them or none, one process at a time."""
    kind = engine.dialect.name
    with engine.begin() as connection:  # on SQLite this waits for other writers
        if kind == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        for number in range(version_of(connection) + 1, newest + 1):
            sql = Path(__file__).with_name("sql") / f"{kind}-{number}.sql"
            for statement in sql.read_text("utf-8").split("\n\n"):
                connection.exec_driver_sql(statement)
            connection.execute(VERSION.update().values(version=number))
