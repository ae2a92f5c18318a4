"""Rules of work as data: each with its source, hard or with a weight."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

UNITS = {
    "daily-rest": "h",
    "free-day": "h",
    "weekly-rest": "h",
    "week-average": "h",
    "pause": "min",
    "screen-break": "min",
    "screen-break-length": "min",
    "shortest-work": "min",
    "max-days": "days",
    "free-weekends": "weekends in 4 weeks",
    "sundays": "Sundays in 4 weeks",
    "night": "h",
    "minor-day": "h",
    "minor-week": "h",
    "minor-pause": "min",
    "minor-night": "h",
    "minor-free-days": "days a week",
    "stable-start": "h",
    "fair-weekends": "weekends",
    "fair-sundays": "Sundays",
    "fair-late": "late ends",
    "wishes": "wishes",
}
"""Every rule that is known, and the unit of its value."""


def with_unit(rule: str, value: float) -> str:
    """
    The value of a rule as people say it.

    Examples
    --------
    >>> with_unit("sundays", 1.0), with_unit("fair-late", 2.0)
    ('1 Sunday in 4 weeks', '2 late ends')
    """
    unit = UNITS[rule]
    one = re.sub("(day|end|wish)e?s", r"\1", unit)
    return f"{value:g} {one if value == 1 else unit}"


@dataclass(frozen=True)
class Rule:
    """
    One rule.

    ``value`` is in the unit of :data:`UNITS`. A hard rule is never broken; another
    costs ``weight`` for each unit by which it is. ``source`` is where it stands, and
    ``verified`` whether it was read there.
    """

    id: str
    value: float
    text: str
    source: str
    verified: bool
    hard: bool = True
    weight: float = 0.0


@dataclass(frozen=True)
class Rules:
    """A set of rules by id; one that is not there does not hold."""

    name: str
    rules: Mapping[str, Rule]

    def limit(self, rule: str) -> float | None:
        """The value of a hard rule; None where it does not hold."""
        found = self.rules.get(rule)
        return found.value if found is not None and found.hard else None

    def weight(self, rule: str) -> float:
        """What a broken soft rule costs a unit; 0 where it does not hold or is hard."""
        found = self.rules.get(rule)
        return found.weight if found is not None and not found.hard else 0.0
