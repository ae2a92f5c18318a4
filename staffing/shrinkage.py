"""Paid time that is not available for contacts: agents ↔ scheduled ↔ paid hours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Component:
    """One reason for absence: its share of paid time, and whether rosters place it."""

    share: float
    rostered: bool = False


@dataclass(frozen=True)
class Shrinkage:
    """
    Shares of paid time not available for contacts, by component; they add.

    Components that the roster itself places by name (``rostered``: leave,
    training, breaks) are paid for, but not scheduled twice.
    """

    components: Mapping[str, Component] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """Share of paid time not available for contacts. [1]"""
        return math.fsum(component.share for component in self.components.values())

    @property
    def not_rostered(self) -> float:
        """The part of it that people on the roster still are away. [1]"""
        return math.fsum(c.share for c in self.components.values() if not c.rostered)

    @property
    def scheduled_per_agent(self) -> float:
        """Agents to roster for each agent on the queue. [1]"""
        return 1.0 / (1.0 - self.not_rostered)

    @property
    def paid_per_agent(self) -> float:
        """Paid hours for each hour on the queue. [1]"""
        return 1.0 / (1.0 - self.total)
