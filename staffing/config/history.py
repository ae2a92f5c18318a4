"""Where plan.toml says that the history is: in files, or in a database."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from staffing.config.parts import Part


def _url(value: Any) -> Any:
    """A URL, never repeated by what is said of it: a password may be in it."""
    from staffing.database import read_url  # a third of a second

    if not isinstance(value, str):
        raise ValueError("must be text")
    read_url(value)
    return value


def _table(value: str | None, others: ValidationInfo) -> str | None:
    if (value is None) != (others.data.get("url", value) is None):
        raise ValueError("must be given with url, the database that it is in")
    return value


def _history(value: str | None, others: ValidationInfo) -> str | None:
    has_url = "url" not in others.data or others.data["url"] is not None
    if value is None and not has_url:
        raise ValueError("must be given, or url and table of a database")
    if value is not None and has_url:
        raise ValueError("must be left out where url is given")
    if value is not None and "://" in value:
        raise ValueError("is a file; a database is url, and its table is table")
    return value


Given = Field(min_length=1, validate_default=True)


class HistoryPart(Part):
    """The history's file, the folder of its files, or the table that it is in."""

    url: Annotated[str | None, BeforeValidator(_url)] = None
    table: Annotated[str | None, Given, AfterValidator(_table)] = None
    history: Annotated[str | None, Given, AfterValidator(_history)] = None
