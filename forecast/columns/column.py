"""What a column is: name, kind, unit, bounds and meaning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["text", "time", "date", "month", "float64", "int64", "bool"]


MOST_CONTACTS = 1e9
"""Above it a number is not a count of contacts. [contacts]"""
DAY_S = 86400.0


@dataclass(frozen=True)
class Column:
    """One column, declared once; ``low`` and ``high`` are inclusive bounds."""

    name: str
    kind: Kind
    unit: str
    meaning: str
    low: float | None = None
    high: float | None = None


def quantile(share: float) -> Column:
    """The column of a percentile of the offered: offered_p05, offered_p97_5."""
    percent = f"{round(100 * share, 6):g}"
    name = percent.zfill(2) if percent.isdigit() else percent.replace(".", "_")
    meaning = f"{percent}th percentile of the offered"
    return Column(f"offered_p{name}", "float64", "contacts", meaning, 0)


def planned(column: Column) -> Column:
    """What the plan expected of a column."""
    return _seen(column, "planned", "as planned")


def replayed(column: Column) -> Column:
    """What the planned agents would have made of the calls that came."""
    return _seen(column, "replayed", "of the planned agents and the calls that came")


def expected(column: Column) -> Column:
    """What is expected of a column in the course of its day."""
    return _seen(column, "expected", "as the day so far lets expect")


def _seen(column: Column, by: str, how: str) -> Column:
    meaning = f"{column.name} {how}"
    return replace(column, name=f"{by}_{column.name}", meaning=meaning)
