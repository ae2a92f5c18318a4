"""The targets that a plan must meet, and which of them a row meets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Targets:
    """
    What every interval must reach; None: no such target.

    ``asa_s`` and ``threshold_s`` in s, ``service_level`` and ``max_occupancy``
    as shares. In Erlang C nobody hangs up, so that every ``sl_rule`` but the
    answer rate is the same number.
    """

    asa_s: float | None = 50.0
    service_level: float | None = 0.95
    threshold_s: float | None = 50.0
    max_occupancy: float | None = None
    sl_rule: str = "offered"

    def __str__(self) -> str:
        parts = []
        if self.service_level is not None:
            parts.append(
                f"{100 * self.service_level:g}% answered within {self.threshold_s:g} s"
            )
        if self.asa_s is not None:
            parts.append(f"ASA at most {self.asa_s:g} s")
        if self.max_occupancy is not None:
            parts.append(f"occupancy at most {100 * self.max_occupancy:g}%")
        return ", ".join(parts)
