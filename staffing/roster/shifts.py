"""Every legal shift of a day, with its breaks: legal by construction."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from staffing.roster.problem import Horizon, Need, Problem, Shift
from staffing.roster.rules import Rules
from staffing.roster.team import Band, Contract, Kind

PATTERNS = 40  # of breaks in one kind: more would only slow the solver down
NIGHT, NIGHT_WORK_MIN = (22, 5), 180  # hours of the clock; who works so long in them

Pattern = tuple[tuple[int, int, bool], ...]


def shifts_for(
    problem: Problem, contract: Contract, bands: tuple[Band, ...] | None, day: int
) -> tuple[Shift, ...]:
    """
    Every shift that a contract may work from a day on: kind × start × breaks.

    It starts on the contract's grid of the local clock, lies within one of the bands
    and within the hours in which somebody is needed, from the first interval of the
    day to the end of the last one (after midnight where they follow each other
    across it; after the last midnight of the horizon for as long as a week before). Its
    breaks keep to the rules "screen-break", of which only breaks of at least
    "screen-break-length" end a stretch of work, "shortest-work" and "pause"; its hours
    to "night" and, for minors, "minor-day", "minor-pause" and "minor-night".

    Notes
    -----
    Where a kind has more than ``PATTERNS`` ways to place its breaks (no limit of screen
    work), those with the shortest stretches of work are taken.
    """
    horizon = problem.horizon
    span = _span(horizon, problem.need, day)
    if span is None:
        return ()
    weekday = horizon.date(day).weekday()
    allowed = [
        (band.start_min, horizon.slot(day, band.end_min))
        for band in bands or ()
        if band.weekday == weekday
    ]
    shifts: list[Shift] = []
    for place, kind in enumerate(contract.kinds):
        patterns = break_patterns(kind, contract, problem.rules, horizon.slot_min)
        slots = kind.present_min // horizon.slot_min
        for minute, start in _starts(horizon, day, contract.start_every_min):
            end = start + slots
            inside = bands is None or any(
                first <= minute and end <= last for first, last in allowed
            )
            if not (inside and span[0] <= start and end <= span[1]):
                continue
            if not _lawful_hours(problem, contract, kind, start, end):
                continue
            shifts.extend(
                Shift(
                    place,
                    start,
                    end,
                    tuple((start + a, start + b, paid) for a, b, paid in pattern),
                )
                for pattern in patterns
            )
    return tuple(shifts)


@lru_cache(maxsize=1024)
def _starts(horizon: Horizon, day: int, every_min: int) -> tuple[tuple[int, int], ...]:
    """(minute of the clock, slot) of each start; a time that clocks skip only once."""
    starts: dict[int, int] = {}
    for minute in range(0, 1440, every_min):
        starts.setdefault(horizon.slot(day, minute), minute)
    return tuple((minute, slot) for slot, minute in starts.items())


def _span(horizon: Horizon, need: Need, day: int) -> tuple[int, int] | None:
    """First and last slot in which shifts are of use; None where the day is closed."""
    midnight = horizon.slot(day + 1)
    first, after = np.searchsorted(need.starts, [horizon.slot(day), midnight])
    if first == after:
        return None
    end = _open_until(need, int(need.starts[after - 1]))
    if end == horizon.slot(horizon.days):  # what follows is taken to be as a week ago
        ago = horizon.slot(max(horizon.days - 7, 0))
        end += _open_until(need, ago) - ago
    return int(need.starts[first]), end


def _open_until(need: Need, slot: int) -> int:
    """Where the intervals end that follow each other from a slot on."""
    for start in need.starts[np.searchsorted(need.starts, slot) :]:
        if start != slot:
            break
        slot = int(start) + need.slots
    return slot


def _lawful_hours(
    problem: Problem, contract: Contract, kind: Kind, start: int, end: int
) -> bool:
    """Whether the hours of night and the hours of minors are kept."""
    horizon, rules = problem.horizon, problem.rules
    night = rules.limit("night")
    long_night = night is not None and kind.paid_min > 60 * night
    if long_night and _overlap_min(horizon, start, end, *NIGHT) >= NIGHT_WORK_MIN:
        return False
    if contract.minor and rules.limit("minor-night") is not None:
        return _overlap_min(horizon, start, end, 22, 6) == 0
    return True


def _overlap_min(
    horizon: Horizon, start: int, end: int, from_hour: int, to_hour: int
) -> int:
    """Minutes of a shift between two hours of the clock, which may cross midnight."""
    minutes = 0
    for slot in range(start, end):
        hour = horizon.time(slot).hour
        inside = from_hour <= hour < to_hour
        if from_hour > to_hour:
            inside = hour >= from_hour or hour < to_hour
        minutes += horizon.slot_min * inside
    return minutes


def break_patterns(
    kind: Kind, contract: Contract, rules: Rules, slot_min: int
) -> tuple[Pattern, ...]:
    """
    Lawful places of a kind's breaks, in slots after the shift's start.

    Empty where the kind itself is unlawful: no pause long enough, or more work than
    its breaks can interrupt.
    """
    longest = rules.limit("screen-break") if contract.screen else None
    pauses = [
        (6 * 60, rules.limit("pause")),
        (270, rules.limit("minor-pause") if contract.minor else None),
    ]
    for above_min, pause_min in pauses:
        if (
            pause_min is not None
            and kind.paid_min > above_min
            and max((b.minutes for b in kind.breaks), default=0) < pause_min
        ):
            return ()
    day_h = rules.limit("minor-day") if contract.minor else None
    if day_h is not None and kind.paid_min > 60 * day_h:
        return ()
    return _patterns(
        kind,
        -(-int(rules.limit("shortest-work") or 0) // slot_min),
        None if longest is None else int(longest) // slot_min,
        -(-int(rules.limit("screen-break-length") or 0) // slot_min),
        slot_min,
    )


@lru_cache(maxsize=256)
def _patterns(
    kind: Kind, shortest: int, longest: int | None, screen: int, slot_min: int
) -> tuple[Pattern, ...]:
    """In slots; ``screen``: the shortest break that ends a stretch of work."""
    work = kind.work_min // slot_min
    parts = len(kind.breaks) + 1
    limit = -(-work // parts)  # the shortest stretches that there can be
    top = work if longest is None else longest
    found: list[Pattern] = []
    while limit <= top:
        placed = [
            _placed(segments, kind, slot_min)
            for segments in _segments(work, parts, max(shortest, 1), limit)
        ]
        end = kind.present_min // slot_min
        more = [p for p in placed if longest is None or _stretch(p, end, screen) <= top]
        if found and len(more) > PATTERNS:
            break
        found, limit = more, limit + 1
    return tuple(found)


def _stretch(pattern: Pattern, end: int, screen: int) -> int:
    """The longest time between breaks that are long enough, and the shift's ends."""
    long = [(first, after) for first, after, _ in pattern if after - first >= screen]
    begins, ends = [0, *(b for _, b in long)], [*(a for a, _ in long), end]
    return max(b - a for a, b in zip(begins, ends, strict=True))


def _segments(
    work: int, parts: int, shortest: int, longest: int
) -> Iterator[tuple[int, ...]]:
    """Every way to cut so many slots of work into parts of lawful lengths."""
    if parts == 1:
        if shortest <= work <= longest:
            yield (work,)
        return
    for first in range(shortest, min(longest, work) + 1):
        for rest in _segments(work - first, parts - 1, shortest, longest):
            yield (first, *rest)


def _placed(segments: tuple[int, ...], kind: Kind, slot_min: int) -> Pattern:
    """The breaks of a kind after stretches of work of these lengths."""
    breaks, at = [], 0
    for segment, pause in zip(segments, kind.breaks, strict=False):
        at += segment
        end = at + pause.minutes // slot_min
        breaks.append((at, end, pause.paid))
        at = end
    return tuple(breaks)
