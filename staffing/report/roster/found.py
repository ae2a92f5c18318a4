"""What a check found in a roster, and what a repair changed, as tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from staffing.report.formats import Formats
from staffing.roster.problem import Problem, Shift
from staffing.roster.verify import Violation

if TYPE_CHECKING:
    from staffing.roster.repair import Change

VIOLATIONS_FORMATS: Formats = (
    ("date", ""),
    ("agent_id", ""),
    ("rule", ""),
    ("text", ""),
)


def violations_table(found: Iterable[Violation]) -> pd.DataFrame:
    """A row for each rule that is broken: date, agent_id, rule and text."""
    names = [name for name, _ in VIOLATIONS_FORMATS]
    return pd.DataFrame(list(found), columns=Violation._fields)[names]


def changes_table(problem: Problem, changes: Iterable[Change]) -> pd.DataFrame:
    """
    A row for each day of a person that is not as published.

    agent_id, date, ``before`` and ``after``: "08:00-14:00 Energia", empty for a day
    without a shift.
    """

    def told(work: tuple[int, Shift] | None) -> str:
        if work is None:
            return ""
        group, shift = work
        start, end = (problem.horizon.time(slot) for slot in (shift.start, shift.end))
        return f"{start:%H:%M}-{end:%H:%M} {problem.need.groups[group]}"

    rows = [
        {
            "agent_id": problem.agents[change.agent].agent_id,
            "date": problem.horizon.date(change.day),
            "before": told(change.before),
            "after": told(change.after),
        }
        for change in changes
    ]
    return pd.DataFrame(rows, columns=["agent_id", "date", "before", "after"])
