"""An agent's shifts together: rest, days in a row, weekends, hours of the week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations_with_replacement, pairwise

import pandas as pd

from staffing.roster.rules import Rules
from staffing.roster.team import Absence, Agent, Past
from staffing.roster.times import minutes
from staffing.roster.verify.found import HOUR_MIN, Violation, Worked, hours

DAY = dt.timedelta(days=1)
WEEKS = 4
"""In which free weekends and Sundays are counted. [weeks]"""
REST_DAYS, RESTS = 14, 2
"""The weekly rest is an average: so many free days in so many days."""


@dataclass(frozen=True)
class Month:
    """
    An agent's shifts of the days ``first`` to ``last``, and what is known around them.

    ``shifts`` are in their order of time. ``known`` is the first day of which the
    roster before tells; ``first`` where there is none.
    """

    agent: Agent
    shifts: Sequence[Worked]
    past: Sequence[Past]
    absences: Sequence[Absence]
    first: dt.date
    last: dt.date
    known: dt.date

    @cached_property
    def spans(self) -> list[tuple[dt.date, pd.Timestamp, pd.Timestamp]]:
        """Date, start and end of all shifts, those of the past too."""
        every = [(p.date, p.start, p.end) for p in self.past]
        every += [(s.date, s.start, s.end) for s in self.shifts]
        return sorted(every, key=lambda span: span[1])

    @cached_property
    def worked(self) -> set[dt.date]:
        """Dates on which a shift starts."""
        return {date for date, _, _ in self.spans}

    @cached_property
    def weeks(self) -> list[list[dt.date]]:
        """Days from ``known`` to ``last`` by week, Monday first."""
        monday = max(self.known, self.first - self.first.weekday() * DAY)
        days = [monday + n * DAY for n in range((self.last - monday).days + 1)]
        starts = [n for n, day in enumerate(days) if n == 0 or day.weekday() == 0]
        ends = [*starts[1:], len(days)]
        return [days[a:b] for a, b in zip(starts, ends, strict=True)]

    def fault(self, rule: str, date: dt.date, text: str) -> Violation:
        """A violation on or from a date on."""
        return Violation(rule, self.agent.agent_id, date, text)


def month_faults(month: Month, rules: Rules) -> Iterator[Violation]:
    """What an agent's shifts break together."""
    yield from _rest_faults(month, rules)
    yield from _run_faults(month, rules)
    yield from _weekly_rest_faults(month, rules)
    yield from _free_faults(month, rules)
    yield from _hours_faults(month)
    yield from _average_faults(month, rules)


def _rest_faults(month: Month, rules: Rules) -> Iterator[Violation]:
    for (before, _, end), (date, start, _) in pairwise(month.spans):
        if date < month.first:
            continue
        if date == before:
            yield month.fault("one-shift", date, "two shifts start on this day")
        rest = minutes(end, start)
        if rest < 0:
            text = f"starts {start:%H:%M}, before the shift of {before} has ended"
            yield month.fault("overlap", date, text)
            continue
        owed = {"daily-rest": rules.limit("daily-rest")}
        if (date - before).days > 1:
            owed["free-day"] = rules.limit("free-day")
        if month.agent.contract.minor:
            owed["minor-night"] = rules.limit("minor-night")
        for rule, least_h in owed.items():
            if least_h is not None and rest < HOUR_MIN * least_h:
                text = (
                    f"{hours(rest)} of rest after the shift of {before}, which ends "
                    f"{end:%H:%M}; {least_h:g} h are owed"
                )
                yield month.fault(rule, date, text)


def _run_faults(month: Month, rules: Rules) -> Iterator[Violation]:
    most = rules.limit("max-days")
    if most is None:
        return
    run = 0
    for date in sorted(month.worked):
        run = run + 1 if date - DAY in month.worked else 1
        if run > most and date >= month.first:
            text = f"day {run} with a shift in a row; at most {most:g} are allowed"
            yield month.fault("max-days", date, text)


def _weekly_rest_faults(month: Month, rules: Rules) -> Iterator[Violation]:
    least_h = rules.limit("weekly-rest")
    if least_h is None:
        return
    short: set[dt.date] = set()  # free days within too short a rest
    for (before, _, end), (date, start, _) in pairwise(month.spans):
        if minutes(end, start) < HOUR_MIN * least_h:
            short |= {before + n * DAY for n in range(1, (date - before).days)}
    first, was_short = month.known, False
    while first + (REST_DAYS - 1) * DAY <= month.last:
        window = {first + n * DAY for n in range(REST_DAYS)}
        rests = len(window - month.worked - short)
        is_short = rests < RESTS and max(window) >= month.first
        if is_short and not was_short:  # the first of the windows that share a lack
            text = (
                f"{rests} free days with {least_h:g} h of rest from here to "
                f"{max(window)}; {RESTS} are owed in {REST_DAYS} days"
            )
            yield month.fault("weekly-rest", first, text)
        first, was_short = first + DAY, is_short


def _free_faults(month: Month, rules: Rules) -> Iterator[Violation]:
    """Weekends, Sundays and minors' free days, in whole weeks."""
    whole = [week for week in month.weeks if len(week) == 7]
    minor_free = rules.limit("minor-free-days") if month.agent.contract.minor else None
    for week in whole:
        free = len(set(week) - month.worked)
        if minor_free is not None and free < minor_free:
            text = f"{free} days without a shift in this week; {minor_free:g} are owed"
            yield month.fault("minor-free-days", week[0], text)
    inside = [week for week in whole if week[0] >= month.first]
    for rule, days in (("free-weekends", slice(5, 7)), ("sundays", slice(6, 7))):
        least = rules.limit(rule)
        for start in range(len(inside) - WEEKS + 1 if least is not None else 0):
            weeks = inside[start : start + WEEKS]
            free = sum(not month.worked & set(week[days]) for week in weeks)
            if least is not None and free < least:
                text = f"{free} free in {WEEKS} weeks; {least:g} are owed"
                yield month.fault(rule, weeks[0][0], text)


def _hours_faults(month: Month) -> Iterator[Violation]:
    """
    Paid minutes of each week against the contract's.

    A whole week of employment has them exactly; where the shifts cannot make them on
    the days on which the agent is there, the nearest below. A week that is cut off
    has its share of them by days, within less than the shortest shift; one that goes
    on after the month may have all of them in it.
    """
    contract = month.agent.contract
    kinds = tuple(sorted({kind.paid_min for kind in contract.kinds}))
    for week in month.weeks:
        employed = [day for day in week if month.agent.employed(day)]
        if not employed or week[-1] < month.first:
            continue
        away = sum(a.paid_min for a in month.absences if a.date in week)
        done = sum(p.paid_min for p in month.past if p.date in week)
        paid = done + sum(s.paid_min for s in month.shifts if s.date in week) + away
        absent = {a.date for a in month.absences}
        free = sum(day >= month.first and day not in absent for day in employed)
        wanted = contract.weekly_min * len(employed) / 7
        reached = [done + away + made for made in _sums(kinds, free)]
        if len(employed) == 7:
            nearest = max((p for p in reached if p <= wanted), default=reached[0])
            right = paid == nearest
        else:
            nearest = min(reached, key=lambda p: abs(p - wanted))
            right = abs(paid - wanted) < kinds[0] or paid == nearest
            if week[-1] == month.last and week[-1].weekday() < 6:
                sunday = week[-1] + DAY * (6 - week[-1].weekday())
                days = [sunday - DAY * n for n in range(7)]
                whole = contract.weekly_min * sum(map(month.agent.employed, days)) / 7
                right |= wanted < paid <= whole
        if not right:
            text = (
                f"{hours(paid)} paid in the {len(employed)} days from here, "
                f"{hours(away)} of them away; {contract.name} asks for {hours(wanted)}"
            )
            yield month.fault("week-hours", week[0], text)


@lru_cache(maxsize=1000)
def _sums(kinds: tuple[int, ...], days: int) -> list[int]:
    """Every total of at most so many shifts of these lengths. [min]"""
    return sorted(
        {
            sum(chosen)
            for count in range(days + 1)
            for chosen in combinations_with_replacement(kinds, count)
        }
    )


def _average_faults(month: Month, rules: Rules) -> Iterator[Violation]:
    most_h = rules.limit("week-average")
    days = [month.first + n * DAY for n in range((month.last - month.first).days + 1)]
    employed = {day for day in days if month.agent.employed(day)}
    if most_h is None or not employed:
        return
    paid = sum(shift.paid_min for shift in month.shifts)
    paid += sum(a.paid_min for a in month.absences if a.date in employed)
    average = paid * 7 / max(len(employed), 7)
    if average > HOUR_MIN * most_h:
        text = f"{hours(average)} a week on average; at most {most_h:g} h are allowed"
        yield month.fault("week-average", month.first, text)
