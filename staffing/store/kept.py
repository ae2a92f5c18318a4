"""Plans and other runs, kept in SQLite or PostgreSQL."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from errno import EIO, ETIMEDOUT
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from forecast.errors import ConfigError, OutputError
from staffing.database import database, read_url, reason
from staffing.store.migrations import NEWEST, migrate, version_of
from staffing.store.run import Run, checked_run, sha256
from staffing.store.schema import FILES, PLANS

MAKING_S = 30.0
"""How long another process may take to make the same file. [s]"""
ANOTHER = (
    " Name another with --store: a file that staffcast makes, or a database's URL."
)


@dataclass(frozen=True)
class Kept:
    """What is kept of a run beside its files; times are ISO 8601 in UTC."""

    id: int
    fingerprint: str
    kind: str
    period: str
    exit_code: int
    kept_at: str
    published_at: str | None


class Store:
    """
    Runs by their number, each kept once; a published one never changes.

    Every method raises OutputError where the database cannot be reached, read or
    written, and ConfigError where there is no run of that number.
    """

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self.name = name
        self._engine = engine
        self._reading = engine.execution_options(reading=True)

    def plans(self) -> list[Kept]:
        """Everything that is kept, in the order in which it was."""
        with self._told():
            return self._rows(sa.true())

    def kept(self, number: int) -> Kept:
        """What is kept of a run beside its files."""
        with self._told():
            rows = self._rows(PLANS.c.id == number)
        if not rows:
            raise ConfigError(
                f"there is no plan {number} in {self.name}. staffcast plans list shows "
                "those that there are."
            )
        return rows[0]

    def files(self, number: int) -> Sequence[tuple[str, int, str]]:
        """Name, size in bytes and SHA-256 of each file of a run."""
        self.kept(number)
        wanted = (
            sa.select(FILES.c.name, FILES.c.bytes, FILES.c.sha256)
            .where(FILES.c.plan_id == number)
            .order_by(FILES.c.name)
        )
        with self._told(), self._reading.begin() as connection:
            return [tuple(row) for row in connection.execute(wanted)]

    def load(self, number: int) -> Run:
        """
        A run, with the bytes of its files.

        Raises
        ------
        TableError
            They are not those that were kept.
        """
        self.kept(number)
        wanted = sa.select(FILES.c.name, FILES.c.content).where(
            FILES.c.plan_id == number
        )
        with self._told(), self._reading.begin() as connection:
            files = {name: bytes(data) for name, data in connection.execute(wanted)}
        return checked_run(files, f"plan {number} of {self.name}")

    def save(self, run: Run) -> Kept:
        """Keep a run; the same one again changes nothing."""
        same = PLANS.c.fingerprint == run.fingerprint
        with self._told():
            try:
                with self._engine.begin() as connection:
                    if connection.scalar(sa.select(PLANS.c.id).where(same)) is None:
                        _insert(connection, run)
            except IntegrityError:  # another process has kept it meanwhile
                if not self._rows(same):
                    raise
            return self._rows(same)[0]

    def publish(self, number: int) -> Kept:
        """Let nobody change a run from now on; the database sees to it."""
        self.kept(number)
        draft = PLANS.c.published_at.is_(None) & (PLANS.c.id == number)
        with self._told(), self._engine.begin() as connection:
            connection.execute(PLANS.update().where(draft).values(published_at=_now()))
        return self.kept(number)

    def _rows(self, condition: sa.ColumnElement[bool]) -> list[Kept]:
        wanted = sa.select(PLANS).where(condition).order_by(PLANS.c.id)
        with self._reading.begin() as connection:
            return [Kept(**row) for row in connection.execute(wanted).mappings()]

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise _unusable(self.name, reason(error)) from error


def open_store(where: str, *, create: bool = False) -> Store:
    """
    Open a store, and bring its tables up to date.

    Parameters
    ----------
    where : str
        A file of SQLite, or a URL as :func:`staffing.database.read_url` reads it.
    create : bool
        Make the store where there is none.

    Raises
    ------
    ConfigError
        There is no such store, a newer staffcast has made it, or the URL is wrong.
    OutputError
        It cannot be reached, read or made.
    """
    is_url = "://" in where
    try:
        url = read_url(where) if is_url else sa.URL.create("sqlite", database=where)
    except ValueError as error:
        raise ConfigError(f"the URL of the store {error}.") from error
    is_file = url.drivername == "sqlite"
    name = str(url.database) if is_file else url.render_as_string(hide_password=True)
    try:
        if is_file and create:
            _make_file(Path(name))
        found = 0
        engine = sqlite_engine(url) if is_file else database(url)
        if not is_file or Path(name).exists():
            with engine.execution_options(reading=True).connect() as connection:
                found = version_of(connection)
        if found > NEWEST:
            raise ConfigError(
                f"{name} is the store of a newer staffcast: its tables have version "
                f"{found}, and this one knows {NEWEST}. Install the newer one."
            )
        if found == 0 and (is_file or not create):
            raise ConfigError(
                f"{name} is not a store of plans. staffcast plan --store makes one "
                "where there is no file or table yet."
            )
        if found < NEWEST:
            migrate(engine)
    except SQLAlchemyError as error:
        raise _unusable(name, reason(error), ANOTHER) from error
    except OSError as error:
        raise _unusable(name, str(error.strerror), ANOTHER) from error
    return Store(engine, name)


def _make_file(path: Path) -> None:
    """Make a store of SQLite where there is no file; it appears with all its tables."""
    if path.exists():
        return
    lock = path.with_name(f".{path.name}.lock")
    new = path.with_name(f".{path.name}.made")
    try:
        with FileLock(lock, timeout=MAKING_S):
            try:
                if not path.exists():
                    _remove(new)
                    _fill(new)
                    new.replace(path)
            except sqlite3.Error as error:
                raise OSError(EIO, str(error)) from error
            finally:
                with suppress(OSError):
                    _remove(new)
                with suppress(OSError):  # Windows does it itself
                    lock.unlink()
    except Timeout as error:  # a folder such as /proc takes no file, and does not say
        raise OSError(ETIMEDOUT, "No file can be made there") from error


def _fill(path: Path) -> None:
    """Make a store in a new file, and in that alone."""
    engine = sqlite_engine(sa.URL.create("sqlite", database=str(path)))
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")  # for good
    finally:
        connection.close()
    migrate(engine)
    log = path.with_name(f"{path.name}-wal")
    if log.exists():  # what could not be written is not told when SQLite closes it
        raise OSError(EIO, os.strerror(EIO), str(log))


def _remove(path: Path) -> None:
    """Remove a database with what SQLite has beside it."""
    for end in ("", "-journal", "-wal", "-shm"):
        path.with_name(f"{path.name}{end}").unlink(missing_ok=True)


def sqlite_engine(url: sa.URL) -> sa.Engine:
    """Connections that keep references, and whose writers wait before they read."""
    engine = database(url)

    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = None  # sqlite3 would begin too late
        connection.execute("PRAGMA foreign_keys = ON")

    def begun(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    sa.event.listen(engine, "connect", connected)
    sa.event.listen(engine, "begin", begun)
    return engine


def _insert(connection: sa.Connection, run: Run) -> None:
    number = connection.scalar(
        PLANS.insert()
        .returning(PLANS.c.id)
        .values(
            fingerprint=run.fingerprint,
            kind=run.kind,
            period=run.period,
            exit_code=int(run.facts.get("exit_code", 0)),
            kept_at=_now(),
        )
    )
    connection.execute(
        FILES.insert(),
        [
            {
                "plan_id": number,
                "name": name,
                "bytes": len(content),
                "sha256": sha256(content),
                "content": content,
            }
            for name, content in run.files.items()
        ],
    )


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _unusable(name: str, why: str, remedy: str = "") -> OutputError:
    return OutputError(f"the store {name} cannot be used ({why}).{remedy}")
