"""What a check looks at, and what it finds."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import pandas as pd

from staffing.roster.team import Agent
from staffing.roster.times import Span, minutes

HOUR_MIN = 60


class Violation(NamedTuple):
    """
    A rule that a roster breaks, whose shift or week it is in, and how.

    ``rule`` is an id of the rules of work, or what always holds: agent, shift, date,
    employment, absence, group, contract, breaks, bands, paid-min, one-shift, overlap,
    week-hours.
    """

    rule: str
    agent_id: str
    date: dt.date
    text: str


class Worked(NamedTuple):
    """A shift of an agent; ``paid_min`` by the time that passes. [min]"""

    agent: Agent
    date: dt.date
    start: pd.Timestamp
    end: pd.Timestamp
    breaks: tuple[Span, ...]
    paid_min: float

    def fault(self, rule: str, text: str) -> Violation:
        """A violation by this shift."""
        return Violation(rule, self.agent.agent_id, self.date, text)


def shared_min(shift: Worked, start: pd.Timestamp, end: pd.Timestamp) -> float:
    """Time of a shift within a span. [min]"""
    return max(minutes(max(shift.start, start), min(shift.end, end)), 0.0)


def hours(of_min: float) -> str:
    """Minutes in words: "10 h 30 min"."""
    whole, rest = divmod(round(of_min), HOUR_MIN)
    parts = [f"{whole} h"] if whole or not rest else []
    return " ".join([*parts, *([f"{rest} min"] if rest else [])])
