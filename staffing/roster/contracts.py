"""contracts.toml: what each contract owes and is owed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from forecast.errors import ConfigError
from staffing.config.parts import Part
from staffing.config.read import read_toml
from staffing.config.values import FaultAt
from staffing.roster.rules import Rules
from staffing.roster.team import Break, Contract, Kind

STEP_MIN = 5
"""Shifts and breaks are whole steps. [min]"""


def _present(text: str) -> str:
    hours, minutes = _clock(text)
    if minutes > 59 or not 0 < 60 * hours + minutes <= 24 * 60 or minutes % STEP_MIN:
        raise ValueError(
            f'{text!r} is not a length of shift: write hours and minutes, "8:30", in '
            f"steps of {STEP_MIN} minutes"
        )
    return text


def _clock(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d\d?):(\d\d)", text, re.ASCII)
    return (int(match[1]), int(match[2])) if match else (0, 60)


def _break(text: str) -> str:
    match = re.fullmatch(r"(\d{1,3}) (paid|unpaid)", text, re.ASCII)
    if match is None or int(match[1]) == 0 or int(match[1]) % STEP_MIN:
        raise ValueError(
            f"{text!r} is not a break: write its minutes, in steps of {STEP_MIN}, and "
            '"paid" or "unpaid", such as "15 paid"'
        )
    return text


def _length(text: str) -> int:
    """Minutes of a break."""
    return int(text.split()[0])


class ShiftPart(Part):
    """One length of shift, and its breaks in their order."""

    present: Annotated[str, AfterValidator(_present)]
    breaks: list[Annotated[str, AfterValidator(_break)]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _leaves_work(self) -> Self:
        if self.to_kind().work_min <= 0:
            raise FaultAt(["breaks"], f"leave no work in a shift of {self.present}")
        return self

    def to_kind(self) -> Kind:
        """The length of shift as the roster sees it."""
        hours, minutes = _clock(self.present)
        breaks = (Break(_length(b), not b.endswith("unpaid")) for b in self.breaks)
        return Kind(60 * hours + minutes, tuple(breaks))


class ContractPart(Part):
    """One contract."""

    weekly_h: Annotated[float, Field(gt=0, le=60)]
    shifts: Annotated[list[ShiftPart], Field(min_length=1)]
    start_every_min: Literal[5, 10, 15, 20, 30, 60] = 30
    screen_breaks: bool = True
    minor: bool = False

    @model_validator(mode="after")
    def _can_be_worked(self) -> Self:
        alike = [(shift.present, *map(_length, shift.breaks)) for shift in self.shifts]
        if len(set(alike)) < len(alike):
            raise FaultAt(["shifts"], "two are alike in hours present and breaks")
        paid = [shift.to_kind().paid_min for shift in self.shifts]
        if not min(paid) <= round(60 * self.weekly_h) <= 7 * max(paid):
            raise FaultAt(
                ["weekly_h"],
                f"{self.weekly_h:g} hours cannot be worked in one to seven of these "
                f"shifts, of {min(paid) / 60:g} to {max(paid) / 60:g} paid hours each",
            )
        return self

    def to_contract(self, name: str) -> Contract:
        """The contract as the roster sees it."""
        return Contract(
            name,
            round(60 * self.weekly_h),
            tuple(shift.to_kind() for shift in self.shifts),
            self.start_every_min,
            self.screen_breaks,
            self.minor,
        )


class ContractsPart(Part):
    """The whole of contracts.toml."""

    contracts: dict[str, ContractPart]


def refuse_long_weeks(contracts: Iterable[Contract], rules: Rules) -> None:
    """
    Refuse contracts of more hours a week than the rules of work allow.

    Raises
    ------
    ConfigError
        Each contract with its hours and the rule.
    """
    faults = []
    for contract in contracts:
        hours = contract.weekly_min / 60
        for rule in ("week-average", "minor-week")[: 1 + contract.minor]:
            most = rules.limit(rule)
            if most is not None and hours > most:
                faults.append(
                    f"contracts.toml: contracts.{contract.name}.weekly_h must be at "
                    f"most {most:g} by the rule {rule}, but is {hours:g}. Lower it, or "
                    "change the rule in a file of your own: [roster] rules."
                )
    if faults:
        raise ConfigError(*faults)


def read_contracts(path: Path) -> dict[str, Contract]:
    """
    The contracts of a file by their names.

    Raises
    ------
    ConfigError
        Each fault with its line and key.
    """
    parts: dict[str, Any] = read_toml(path, ContractsPart).contracts
    return {name: part.to_contract(name) for name, part in parts.items()}
