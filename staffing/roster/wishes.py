"""Whether a day is as its agent wished."""

from __future__ import annotations

from staffing.roster.problem import Problem, Shift
from staffing.roster.team import Request


def is_granted(problem: Problem, wish: Request, shift: Shift | None) -> bool:
    """
    Whether the shift of its day, or none, is as a request wishes.

    A day off is as any band wishes; only a wish to work the day is refused by it.
    """
    if shift is None:
        return wish.refused or wish.band is not None
    if wish.band is None:
        return not wish.refused
    day = problem.horizon.day(wish.date)
    start, end = (problem.horizon.slot(day, minute) for minute in wish.band)
    if wish.refused:
        return shift.end <= start or shift.start >= end
    return start <= shift.start and shift.end <= end
