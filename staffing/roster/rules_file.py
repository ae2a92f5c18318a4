"""Read rules of work from TOML: those that come with staffcast, or a planner's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from forecast.errors import ConfigError
from staffing.config.parts import Part
from staffing.config.profiles import rules_file
from staffing.config.read import read_toml
from staffing.config.values import FaultAt
from staffing.roster.rules import UNITS, Rule, Rules

SHIPPED = ("italy", "none")
GOALS = ("stable-start", "fair-weekends", "fair-sundays", "fair-late", "wishes")
"""Rules that no roster can be held to: they have a weight."""


class RulePart(Part):
    """One rule: its value in the unit of its id, and where it stands."""

    value: Annotated[float, Field(ge=0, lt=math.inf)]
    text: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    status: Literal["verified", "unverified"]
    hard: bool = True
    weight: Annotated[float, Field(ge=0, lt=math.inf)] = 0.0

    @model_validator(mode="after")
    def _hard_or_weighed(self) -> Self:
        if self.hard and self.weight:
            raise FaultAt(["weight"], "belongs to hard = false; leave one of them out")
        return self


class RulesPart(Part):
    """A file of rules."""

    rules: Mapping[str, RulePart] = {}

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name, part in self.rules.items():
            if name not in UNITS:
                fault = f"no such rule; known: {', '.join(UNITS)}"
                raise FaultAt(["rules", name], fault)
            if name in GOALS and part.hard:
                fault = "is a goal: write hard = false and a weight"
                raise FaultAt(["rules", name, "hard"], fault)
        return self


def read_rules(name: str, folder: Path = Path()) -> Rules:
    """
    The rules of a name that comes with staffcast, or of a file in a folder.

    Raises
    ------
    ConfigError
        There is no such file, or it is wrong: each fault with its line and key.
    """
    if name not in SHIPPED and not name.endswith(".toml"):
        raise ConfigError(
            f"[roster] rules: {name!r} is not known; write {', '.join(SHIPPED)} or the "
            "name of a .toml file."
        )
    shipped = name in SHIPPED
    path = rules_file(f"{name}.toml") if shipped else folder / name
    parts = read_toml(path, RulesPart).rules
    return Rules(
        path.stem,
        {
            name: Rule(
                name,
                part.value,
                part.text,
                part.source,
                part.status == "verified",
                part.hard,
                part.weight,
            )
            for name, part in parts.items()
        },
    )
