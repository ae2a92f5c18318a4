"""The words of the page and of its printed report, one file a language; numbers too."""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, Self, get_args

Lang = Literal["en", "it"]
LANGS: tuple[Lang, ...] = get_args(Lang)

UNKNOWN = "–"
"""What stands for a number that nobody knows."""


class Note(NamedTuple):
    """Something to be said in whatever language: its key, and what fills its words."""

    key: str
    values: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, key: str, **values: object) -> Self:
        """A note with values: as :meth:`Texts.note` writes them."""
        return cls(key, tuple(values.items()))


@dataclass(frozen=True)
class Texts:
    """The words of one language, by "section.key", and its way to write numbers."""

    lang: Lang
    words: Mapping[str, str]

    def text(self, key: str, **values: object) -> str:
        """The words of a key; values fill its {placeholders} as they are."""
        return self.words[key].format(**values)

    def note(self, note: Note) -> str:
        """
        The words of a note.

        A number in it is written whole, a Decimal with its decimals, a date as the
        language does; a tuple is a list, a note its words, all else is as it is.
        """
        values = {name: self._written(value) for name, value in note.values}
        return self.text(f"note.{note.key}", **values)

    def number(self, value: float, decimals: int = 0, *, signed: bool = False) -> str:
        """1,234.5 in English is 1.234,5 in Italian; a difference shows its sign."""
        if math.isnan(value):
            return UNKNOWN
        if math.isinf(value):
            return "∞" if value > 0 else "−∞"
        rounded = round(value, decimals) + 0.0  # no "−0"
        sign = "+" if signed and rounded else ""
        marks = {",": self.text("number.thousands"), ".": self.text("number.decimal")}
        plain = format(rounded, f"{sign},.{decimals}f").replace("-", "−")
        return "".join(marks.get(mark, mark) for mark in plain)

    def percent(self, share: float, decimals: int = 1, *, signed: bool = False) -> str:
        """A share of 0.25 is 25.0 %."""
        return self._with_unit(self.number(100.0 * share, decimals, signed=signed), "%")

    def points(self, share: float, decimals: int = 1) -> str:
        """A difference of shares, in percentage points."""
        points = self.number(100.0 * share, decimals, signed=True)
        return self._with_unit(points, self.text("number.points"))

    def seconds(
        self, value_s: float, decimals: int = 0, *, signed: bool = False
    ) -> str:
        """A time. [s]"""
        return self._with_unit(self.number(value_s, decimals, signed=signed), "s")

    def hours(self, value_h: float, decimals: int = 0, *, signed: bool = False) -> str:
        """A time. [h]"""
        return self._with_unit(self.number(value_h, decimals, signed=signed), "h")

    def month(self, month: str) -> str:
        """2026-12 is December 2026."""
        first = dt.date.fromisoformat(f"{month}-01")
        name = self.text("months.names").split()[first.month - 1]
        return f"{name} {first.year}"

    def day(self, date: dt.date) -> str:
        """A weekday and a date without its year: Mon 07/12."""
        return f"{self.weekday(date.weekday())} {date:%d/%m}"

    def weekday(self, number: int) -> str:
        """The short name of a weekday; 0 is Monday."""
        return self.text("weekdays.names").split()[number]

    def _written(self, value: object) -> str:
        match value:
            case Note():
                return self.note(value)
            case tuple():
                return self.text("number.list").join(map(self._written, value))
            case dt.date():
                return value.strftime(self.text("number.date"))
            case Decimal():
                return self.number(float(value), decimals_of(value))
            case int() | float():
                return self.number(value)
        return str(value)

    def _with_unit(self, number: str, unit: str) -> str:
        return number if number == UNKNOWN else f"{number}\N{NO-BREAK SPACE}{unit}"


def decimals_of(number: Decimal) -> int:
    """How many decimals write it exactly: one for 1.50."""
    return max(0, -int(number.normalize().as_tuple().exponent))


@cache
def of(lang: Lang) -> Texts:
    """The words of a language, from its file."""
    path = Path(__file__).parent / f"{lang}.toml"
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    return Texts(
        lang,
        {
            f"{section}.{key}": words
            for section, keys in sections.items()
            for key, words in keys.items()
        },
    )
