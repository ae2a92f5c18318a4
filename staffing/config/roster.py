"""[roster] of plan.toml: who can work, by which rules, and what a roster is for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from staffing.config.parts import Part
from staffing.config.values import FaultAt
from staffing.targets import Targets

File = Annotated[str, Field(min_length=1)]
Objective = Literal["hours", "convex", "service_level"]
"""What missing people cost: by the hour, more the more are missing, or by calls."""


class RosterPart(Part):
    """
    The files of a roster, relative to plan.toml, and what it is to reach.

    ``past`` is the roster before, as staffcast writes it. ``effort`` multiplies what
    each solver may spend.
    """

    agents: File
    contracts: File
    absences: File | None = None
    requests: File | None = None
    past: File | None = None
    rules: File = "italy"
    objective: Objective = "convex"
    effort: Annotated[float, Field(gt=0, le=100)] = 1.0

    def files(self) -> list[str]:
        """The files that are named."""
        names = [self.agents, self.contracts, self.absences, self.requests, self.past]
        names += [self.rules] if self.rules.endswith(".toml") else []
        return [name for name in names if name is not None]


def check_objective(part: RosterPart | None, targets: Targets) -> None:
    """Refuse to count calls in time where no target says what that is."""
    by_service = part is not None and part.objective == "service_level"
    if by_service and targets.service_level is None:
        fault = '"service_level" needs service_level under [targets]'
        raise FaultAt(["roster", "objective"], fault)
