"""What a solver found: who works when, and how far that is from the best."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from staffing.roster.problem import Duty


@dataclass(frozen=True)
class Stage:
    """
    How far a step of the solution came.

    ``bound``: no roster can have a lower value; NaN where the step knows none.
    """

    name: str
    value: float
    bound: float
    seconds: float = field(compare=False)

    @property
    def gap(self) -> float:
        """How far the value is above the bound: value / bound − 1. [1]"""
        if self.bound > 0:
            return self.value / self.bound - 1.0
        return 0.0 if self.value == self.bound else math.nan

    def facts(self) -> dict[str, str | float]:
        """Name, value, bound and gap; the time it took is not the same twice."""
        numbers = {"value": self.value, "bound": self.bound, "gap": self.gap}
        return {"stage": self.name, **{k: float(v) for k, v in numbers.items()}}


@dataclass(frozen=True)
class Solution:
    """Duties by agent and day, how far each step came, and what was not kept."""

    duties: tuple[Duty, ...]
    stages: tuple[Stage, ...]
    unkept: tuple[str, ...] = ()
