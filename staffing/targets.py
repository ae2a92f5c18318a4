"""The targets that a plan must meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from staffing.erlang.limits import Limits, SlRule

Scope = Literal["interval", "day", "month"]
"""Over what the targets hold: each interval by itself, or a day's or month's calls."""

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
    What every interval, day or month (``scope``) must reach; None: no such target.

    Waits and ``threshold_s`` in s, the others as shares. In Erlang C nobody hangs
    up, so that every ``sl_rule`` but the answer rate is the same number. Over a day
    or month, no interval may fall below ``floor_service_level``. ``months_met`` is in
    how many of twelve months they must be reached, where a contract says so: a plan
    aims at every one. ``notes`` is what a plan must say of its targets beside them.
    """

    asa_s: float | None = 50.0
    service_level: float | None = 0.95
    threshold_s: float | None = 50.0
    max_occupancy: float | None = None
    sl_rule: SlRule = "offered"
    mean_wait_s: float | None = None
    max_abandon_rate: float | None = None
    scope: Scope = "interval"
    floor_service_level: float | None = None
    months_met: int | None = None
    notes: tuple[str, ...] = ()

    def limits(self, patience_s: float | None) -> Limits:
        """What the solver takes; without patience, by Erlang C. [s]"""
        return Limits(
            service_level=self.service_level,
            threshold_s=self.threshold_s,
            asa_s=self.asa_s,
            mean_wait_s=self.mean_wait_s,
            max_occupancy=self.max_occupancy,
            max_abandon_rate=self.max_abandon_rate,
            patience_s=patience_s,
            sl_rule=self.sl_rule,
        )

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
            "over each {}": None if self.scope == "interval" else self.scope,
            "at least {:g}% " + answered + " in every interval": _percent(
                self.floor_service_level
            ),
        }
        return ", ".join(
            text.format(value) for text, value in parts.items() if value is not None
        )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
