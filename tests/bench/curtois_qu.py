"""The shift-scheduling instances of Curtois and Qu: reader and checker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

from staffing.roster.lines import OFF, Limit, Lines, Option, Person, Row, Span
from staffing.roster.problem import Ints


@dataclass(frozen=True)
class Staff:
    """The limits of one employee, as the file gives them."""

    most: Mapping[str, int]
    high: int
    low: int
    most_run: int
    least_run: int
    least_off: int
    weekends: int


@dataclass(frozen=True)
class Instance:
    """A file of the benchmark, by its sections."""

    days: int
    minutes: Mapping[str, int]
    never_then: Mapping[str, frozenset[str]]
    staff: Mapping[str, Staff]
    days_off: Mapping[str, frozenset[int]]
    on: Mapping[tuple[str, int, str], int]
    off: Mapping[tuple[str, int, str], int]
    cover: Mapping[tuple[int, str], tuple[int, int, int]]


def read(path: Path) -> Instance:
    """An instance, from its text."""
    sections: dict[str, list[list[str]]] = {}
    for line in path.read_text().splitlines():
        if line.startswith("SECTION_"):
            rows = sections.setdefault(line.strip(), [])
        elif line.strip() and not line.startswith("#"):
            rows.append(line.strip().split(","))
    shifts = sections["SECTION_SHIFTS"]
    return Instance(
        days=int(sections["SECTION_HORIZON"][0][0]),
        minutes={shift: int(minutes) for shift, minutes, _ in shifts},
        never_then={
            shift: frozenset(filter(None, t.split("|"))) for shift, _, t in shifts
        },
        staff={
            name: Staff(
                {s: int(n) for s, n in (pair.split("=") for pair in most.split("|"))},
                *map(int, limits),
            )
            for name, most, *limits in sections["SECTION_STAFF"]
        },
        days_off={
            name: frozenset(map(int, days))
            for name, *days in sections["SECTION_DAYS_OFF"]
        },
        on=_requests(sections["SECTION_SHIFT_ON_REQUESTS"]),
        off=_requests(sections["SECTION_SHIFT_OFF_REQUESTS"]),
        cover={
            (int(day), shift): (int(need), int(under), int(over))
            for day, shift, need, under, over in sections["SECTION_COVER"]
        },
    )


def _requests(rows: list[list[str]]) -> dict[tuple[str, int, str], int]:
    return {(name, int(day), shift): int(weight) for name, day, shift, weight in rows}


def lines_of(instance: Instance) -> Lines:
    """The instance as lines of work; options are the shifts in the file's order."""
    shifts = list(instance.minutes)
    rows = {cell: place for place, cell in enumerate(instance.cover)}
    weekends = tuple((d - 1, d) for d in range(6, instance.days, 7))
    persons = []
    for name, staff in instance.staff.items():
        options, off_cost = [], []
        for day in range(instance.days):
            on = {s: instance.on.get((name, day, s), 0) for s in shifts}
            off_cost.append(sum(on.values()))
            given = (
                ()
                if day in instance.days_off[name]
                else tuple(
                    Option(
                        kind=kind,
                        paid=instance.minutes[shift],
                        cost=sum(on.values())
                        - on[shift]
                        + instance.off.get((name, day, shift), 0),
                        covers=((rows[day, shift], 1),),
                    )
                    for kind, shift in enumerate(shifts)
                )
            )
            options.append(given)
        runs = tuple(
            Limit(
                tuple((d,) for d in range(first, first + staff.most_run + 1)),
                staff.most_run,
            )
            for first in range(instance.days - staff.most_run)
        )
        persons.append(
            Person(
                tuple(options),
                tuple(off_cost),
                most={shifts.index(shift): most for shift, most in staff.most.items()},
                spans=(Span(range(instance.days), staff.low, staff.high),),
                limits=(*runs, Limit(weekends, staff.weekends)),
                least_run=staff.least_run,
                least_off=staff.least_off,
            )
        )
    return Lines(
        tuple(persons),
        tuple(
            Row(need, ((need, under),), over)
            for need, under, over in instance.cover.values()
        ),
        never_then={
            shifts.index(first): frozenset(map(shifts.index, then))
            for first, then in instance.never_then.items()
        },
    )


def faults(instance: Instance, roster: Mapping[str, list[str | None]]) -> list[str]:
    """What a roster breaks: each employee's shifts by day, None for a day off."""
    found = []
    for name, staff in instance.staff.items():
        line = roster[name]
        shifts = [s for s in line if s is not None]
        minutes = sum(instance.minutes[s] for s in shifts)
        if len(line) != instance.days:
            found.append(f"{name}: {len(line)} days")
        if any(shifts.count(s) > most for s, most in staff.most.items()):
            found.append(f"{name}: too many of a shift")
        if not staff.low <= minutes <= staff.high:
            found.append(f"{name}: {minutes} minutes")
        if any(line[day] is not None for day in instance.days_off[name]):
            found.append(f"{name}: works on a day off")
        for before, after in pairwise(line):
            if before and after in instance.never_then[before]:
                found.append(f"{name}: {after} after {before}")
        at = 0
        for works, run in groupby(line, key=lambda s: s is not None):
            length = len(list(run))
            inside = at > 0 and at + length < instance.days
            least = staff.least_run if works else staff.least_off
            if works and length > staff.most_run:
                found.append(f"{name}: {length} shifts in a row from day {at}")
            if inside and length < least:
                found.append(f"{name}: a run of {length} from day {at}")
            at += length
        weekends = sum(
            line[d] is not None or line[d + 1] is not None
            for d in range(5, instance.days, 7)
        )
        if weekends > staff.weekends:
            found.append(f"{name}: {weekends} weekends")
    return found


def cost(instance: Instance, roster: Mapping[str, list[str | None]]) -> int:
    """The penalties of a roster: requests, and cover under and over."""
    total = sum(w for (n, day, s), w in instance.on.items() if roster[n][day] != s)
    total += sum(w for (n, day, s), w in instance.off.items() if roster[n][day] == s)
    for (day, shift), (need, under, over) in instance.cover.items():
        there = sum(line[day] == shift for line in roster.values())
        total += under * max(need - there, 0) + over * max(there - need, 0)
    return total


def roster_of(instance: Instance, choice: Ints) -> dict[str, list[str | None]]:
    """Each employee's shifts by day, from the places of options."""
    shifts = list(instance.minutes)
    return {
        name: [None if place == OFF else shifts[place] for place in line]
        for name, line in zip(instance.staff, choice, strict=True)
    }
