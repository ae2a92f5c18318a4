"""The targets that a plan must meet."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import cast

from staffing.erlang.limits import Limits, SlRule

RULES: dict[SlRule, str] = {
    "offered": "answered within the threshold / offered",
    "handled": "answered within the threshold / handled",
    "less_short_abandons": "answered within the threshold / (offered less those who "
    "abandon within it)",
    "answer_rate": "answered / offered",
}
"""What each service level divides by what."""


@dataclass(frozen=True)
class Targets:
    """
    What every interval must reach; None: no such target.

    Waits and ``threshold_s`` in s, the others as shares. In Erlang C nobody hangs
    up, so that every ``sl_rule`` but the answer rate is the same number.
    """

    asa_s: float | None = 50.0
    service_level: float | None = 0.95
    threshold_s: float | None = 50.0
    max_occupancy: float | None = None
    sl_rule: SlRule = "offered"
    mean_wait_s: float | None = None
    max_abandon_rate: float | None = None

    def limits(self, patience_s: float | None) -> Limits:
        """What the solver takes; without patience, by Erlang C. [s]"""
        return cast("Limits", asdict(self) | {"patience_s": patience_s})

    def __str__(self) -> str:
        answered = f"answered within {self.threshold_s} s"
        if self.threshold_s is not None:
            answered = f"answered within {self.threshold_s:g} s"
        if self.sl_rule == "answer_rate":
            answered = "answered"
        parts = {
            "{:g}% " + answered: _percent(self.service_level),
            "ASA at most {:g} s": self.asa_s,
            "mean wait of all at most {:g} s": self.mean_wait_s,
            "occupancy at most {:g}%": _percent(self.max_occupancy),
            "at most {:g}% abandoned": _percent(self.max_abandon_rate),
        }
        return ", ".join(
            text.format(value) for text, value in parts.items() if value is not None
        )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
