"""The values of levers, as they are written and read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

SIZE = r"[0-9]{1,12}(\.[0-9]{1,12})?"
"""More digits than a Decimal keeps when it is multiplied mean nothing."""
NUMBER = re.compile(rf"(?P<sign>[+-]?)(?P<size>{SIZE})(?P<unit>%|s|)")
CLOCK = re.compile(r"(?P<sign>[+-]?)(?P<minutes>[0-9]{1,12}):(?P<seconds>[0-5][0-9])")

Unit = Literal["", "s", "share"]
"""Of a lever's number: seconds may be written 30, 30s or 0:30, shares 0.3 or 30%."""


@dataclass(frozen=True)
class Amount:
    """
    A number to set, to add, or to change by a share of what is there.

    ``number`` of "by" is the share: 0.1 for +10%. ``unit`` is the lever's.
    """

    how: Literal["set", "add", "by"]
    number: Decimal
    unit: Unit = ""

    def of(self, value: float) -> float:
        """What becomes of a value."""
        if self.how == "set":
            return float(self.number)
        if self.how == "add":
            return float(Decimal(repr(float(value))) + self.number)
        return value * self.factor

    @property
    def factor(self) -> float:
        """What "by" multiplies by."""
        return float(1 + self.number)

    @property
    def neutral(self) -> bool:
        """Whether it changes nothing, whatever is there."""
        return self.how != "set" and not self.number

    def __str__(self) -> str:
        sign = "" if self.how == "set" else "+"
        if self.how == "by":
            return f"{_plain(self.number * 100):{sign}f}%"
        return f"{_plain(self.number):{sign}f}{self.unit if self.unit == 's' else ''}"


def _plain(number: Decimal) -> Decimal:
    """Without zeros at the end: 10.00 is 10."""
    return number.quantize(Decimal(1)) if number % 1 == 0 else number.normalize()


def read_amount(text: str, unit: Unit) -> Amount:
    """
    An amount: ``+10%`` of what is there, ``+30`` more, or ``300``.

    Raises
    ------
    ValueError
        It is not a number of this unit; the message says why, where that can be seen.
    """
    found, clock = NUMBER.fullmatch(text), CLOCK.fullmatch(text)
    if clock and unit == "s":
        size = Decimal(clock["minutes"]) * 60 + Decimal(clock["seconds"])
        return _signed(clock["sign"], size, unit)
    wrong_unit = found and found["unit"] == "s" and unit != "s"
    bare_percent = found and found["unit"] == "%" and not found["sign"]
    if found is None or wrong_unit or (bare_percent and unit != "share"):
        raise ValueError(_seen(text))
    size = Decimal(found["size"])
    if found["unit"] != "%":
        return _signed(found["sign"], size, unit)
    if not found["sign"]:
        return Amount("set", size / 100, unit)
    share = size if found["sign"] == "+" else -size
    return Amount("by", share / 100, unit)


MISTAKES = {
    r"\d,\d": "a decimal point, not a comma, and no thousands",
    "[−–]": "a plain minus, -",
    r"[+\-−–\d]\s": "no spaces",
    r"[0-9]{13}": "at most 12 digits, and 12 after the point",
}
"""What is often wrong with a number, and what is to be written."""


def _seen(text: str) -> str:
    """What to do about a number that cannot be read."""
    found = [right for wrong, right in MISTAKES.items() if re.search(wrong, text)]
    return "write " + ", and ".join(found) if found else ""


def _signed(sign: str, size: Decimal, unit: Unit) -> Amount:
    if not sign:
        return Amount("set", size, unit)
    return Amount("add", -size if sign == "-" else size, unit)


@dataclass(frozen=True)
class Training:
    """
    New agents: how many, and how slow they are.

    ``curve`` has the factors of their handle times by week on the phone, which
    begins after ``days`` working days of training.
    """

    people: Decimal
    days: int = 10
    curve: tuple[Decimal, ...] = tuple(map(Decimal, ("1.5", "1.3", "1.15", "1.05")))

    def __str__(self) -> str:
        curve = "/".join(f"{_plain(factor):f}" for factor in self.curve)
        return f"{_plain(self.people):f}:{self.days}d:{curve}"


def read_training(text: str) -> Training:
    """
    New agents: ``6``, or ``6:10d:1.5/1.3/1.15/1.05``.

    Raises
    ------
    ValueError
        It cannot be read so, or a factor is below 1.
    """
    found = re.fullmatch(
        rf"(?P<people>{SIZE})(:(?P<days>\d{{1,3}})d)?(:(?P<curve>[\d./]+))?", text
    )
    if found is None:
        raise ValueError
    given = Training(Decimal(found["people"]))
    days = given.days if found["days"] is None else int(found["days"])
    factors = found["curve"].split("/") if found["curve"] else []
    if not all(
        re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,12})?", factor) for factor in factors
    ):
        raise ValueError
    curve = tuple(map(Decimal, factors)) or given.curve
    if not given.people or min(curve) < 1:
        raise ValueError
    return Training(given.people, days, curve)
