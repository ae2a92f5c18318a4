"""Databases by URL; a password is taken from the environment and shown nowhere."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, NullPool, create_engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from forecast.errors import ConfigError

DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
FORMS = "sqlite:///FILE or postgresql+psycopg://USER:${VARIABLE}@HOST/DATABASE"
VARIABLE = re.compile(r"\$\{(\w+)\}", re.ASCII)
WAIT_S = 60.0
"""How long SQLite waits for another writer. [s]"""


def read_url(text: str) -> URL:
    """
    A database's URL, with the name of a variable in place of its password.

    Raises
    ------
    ValueError
        It is none, or has a password in it; the text is not repeated.
    """
    try:
        text.encode()
        url = make_url(text)
        for host in (url.host, url.query.get("host")):
            if isinstance(host, str) and not host.startswith("/"):
                host.encode("idna")  # which the driver would not survive
    except (ArgumentError, ValueError):
        raise ValueError(f"must be {FORMS}") from None  # the cause may quote it
    if url.drivername not in DRIVERS:
        raise ValueError(f"must be {FORMS}")
    is_file = url.drivername == "sqlite"
    if is_file and (not url.database or url.host or url.query):
        raise ValueError("must name a file: sqlite:///FILE, with three slashes")
    in_clear = url.password is not None and not VARIABLE.fullmatch(str(url.password))
    if in_clear or any(_is_secret(key) for key in url.query):
        raise ValueError(
            "must not have a password in it: write ${VARIABLE} in its place, and set "
            "that variable in the environment"
        )
    return url.set(drivername=DRIVERS[url.drivername])


def _is_secret(key: str) -> bool:
    """Whether a parameter of libpq is a secret, not the name of a file with one."""
    return key.lower() != "passfile" and any(
        word in key.lower() for word in ("pass", "pwd", "secret", "token")
    )


def database(url: URL, folder: Path = Path()) -> Engine:
    """
    The database at a URL; nothing is connected yet.

    Parameters
    ----------
    url : URL
        As :func:`read_url` gives it.
    folder : Path
        Where a relative file of SQLite is.

    Raises
    ------
    ConfigError
        The environment lacks the password, or it is not UTF-8; or the driver is not
        installed.
    """
    more: dict[str, Any] = {}
    if url.drivername == "sqlite":
        url = url.set(database=str(folder / str(url.database)))
        more["connect_args"] = {"timeout": WAIT_S}
    if url.password is not None:
        name = str(url.password)[2:-1]
        if name not in os.environ:
            raise ConfigError(
                f"the URL of the database takes its password from {name}, which is "
                "not set. Set it in the environment."
            )
        try:
            os.environ[name].encode()
        except UnicodeEncodeError:
            text = f"the password in {name} must be text in UTF-8, but is not."
            raise ConfigError(text) from None  # the cause holds it
        url = url.set(password=os.environ[name])
    try:
        return create_engine(url, poolclass=NullPool, hide_parameters=True, **more)
    except ModuleNotFoundError as error:
        raise ConfigError(
            "postgresql+psycopg needs psycopg, which is not installed: "
            "pip install 'staffcast[postgres]'."
        ) from error


def reason(error: SQLAlchemyError) -> str:
    """What the database itself says, on one line."""
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split())
