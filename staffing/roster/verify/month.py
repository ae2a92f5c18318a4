"""An agent's shifts together: rest, days in a row, weekends, hours of the week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
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
    roster before tells; ``first`` where there is none. On days that are ``closed``
    nobody is needed.
    """

    agent: Agent
    shifts: Sequence[Worked]
    past: Sequence[Past]
    absences: Sequence[Absence]
    first: dt.date
    last: dt.date
    known: dt.date
    closed: Collection[dt.date] = ()

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
    def paid(self) -> list[tuple[dt.date, float]]:
        """Date and paid minutes of all shifts, those of the past too."""
        every = [(p.date, float(p.paid_min)) for p in self.past]
        return every + [(s.date, s.paid_min) for s in self.shifts]

    @cached_property
    def weeks(self) -> list[list[dt.date]]:
        """Days from ``known`` to ``last`` by week, Monday first."""
        monday = max(self.known, self.first - self.first.weekday() * DAY)
        days = [monday + n * DAY for n in range((self.last - monday).days + 1)]
        starts = [n for n, day in enumerate(days) if n == 0 or day.weekday() == 0]
        ends = [*starts[1:], len(days)]
        return [days[a:b] for a, b in zip(starts, ends, strict=True)]

    @cached_property
    def ahead(self) -> list[dt.date]:
        """The days after ``last`` of its week."""
        return [self.last + n * DAY for n in range(1, 7 - self.last.weekday())]

    @cached_property
    def held_min(self) -> int:
        """The most paid minutes that the days ahead can have. [min]"""
        leave = {a.date: a.paid_min for a in self.absences}
        agent, days = self.agent, range((self.last - self.first).days + 1)
        dates = {self.first + n * DAY for n in days}
        closed = {date.weekday() for date in dates.intersection(self.closed)}
        closed -= {date.weekday() for date in dates.difference(self.closed)}
        weekdays = set(range(7)) - closed
        if agent.bands is not None:
            weekdays &= {band.weekday for band in agent.bands}
        longest = max(kind.paid_min for kind in agent.contract.kinds)
        held = 0
        for day in self.ahead:
            if day in leave:
                held += leave[day] or agent.contract.usual_day_min
            elif agent.employed(day) and day.weekday() in weekdays:
                held += longest
        return held

    def fault(self, rule: str, date: dt.date, text: str) -> Violation:
        """A violation on or from a date on."""
        return Violation(rule, self.agent.agent_id, date, text)


def month_faults(month: Month, rules: Rules) -> Iterator[Violation]:
    """What an agent's shifts break together."""
    yield from _rest_faults(month, rules)
    yield from _run_faults(month, rules)
    yield from _weekly_rest_faults(month, rules)
    yield from _free_faults(month, rules)
    yield from _minor_week_faults(month, rules)
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
    """Weekends and Sundays of any four weeks; what is not known counts as free."""
    before = {past.date for past in month.past}
    for rule, length in (("free-weekends", 2), ("sundays", 1)):
        least = rules.limit(rule)
        if least is None:
            continue
        last = month.first + (6 - month.first.weekday()) * DAY
        was_short = False
        while last - (7 * (WEEKS - 1) + length - 1) * DAY <= month.last:
            ends = [
                {last - (7 * week + day) * DAY for day in range(length)}
                for week in range(WEEKS)
            ]
            worked = sum(not month.worked.isdisjoint(end) for end in ends)
            done = sum(not before.isdisjoint(end) for end in ends)
            is_short = worked > max(WEEKS - least, done)
            if is_short and not was_short:  # the first of those that share a lack
                text = (
                    f"{WEEKS - worked} free in the {WEEKS} weeks to {last}; {least:g} "
                    "are owed"
                )
                monday = last - (7 * WEEKS - 1) * DAY
                yield month.fault(rule, max(monday, month.first), text)
            last, was_short = last + 7 * DAY, is_short


def _minor_week_faults(month: Month, rules: Rules) -> Iterator[Violation]:
    """Minors' free days and hours, of each week as far as it is known."""
    if not month.agent.contract.minor:
        return
    least_free, most_h = rules.limit("minor-free-days"), rules.limit("minor-week")
    for week in month.weeks:
        free = len(set(week) - month.worked)
        if least_free is not None and len(week) == 7 and free < least_free:
            text = f"{free} days without a shift in this week; {least_free:g} are owed"
            yield month.fault("minor-free-days", week[0], text)
        paid = sum(worked for date, worked in month.paid if date in week)
        if most_h is not None and paid > HOUR_MIN * most_h:
            text = f"{hours(paid)} in this week; at most {most_h:g} h are allowed"
            yield month.fault("minor-week", week[0], text)


def _hours_faults(month: Month) -> Iterator[Violation]:
    """
    Paid minutes of each week against the contract's.

    A whole week of employment has them exactly; where the shifts cannot make them on
    the days on which the agent is there, the nearest below. A week that is cut off
    has its share of them by days, within less than the shortest shift; one that goes
    on after the month may have all of them in it, and has those that the days after
    the month cannot hold, on weekdays that are not closed. An absence that is not paid
    takes a usual day off them, as far as there are such days beside the paid ones.
    """
    contract = month.agent.contract
    kinds = tuple(sorted({kind.paid_min for kind in contract.kinds}))
    for week in month.weeks:
        employed = [day for day in week if month.agent.employed(day)]
        if not employed or week[-1] < month.first:
            continue
        leave = [a.paid_min for a in month.absences if a.date in week]
        usual_left = max(contract.usual_days - sum(paid > 0 for paid in leave), 0)
        unpaid = min(leave.count(0), usual_left) * contract.usual_day_min
        away = sum(leave)
        done = sum(p.paid_min for p in month.past if p.date in week)
        paid = sum(worked for date, worked in month.paid if date in week) + away
        absent = {a.date for a in month.absences}
        away_or_closed = absent.union(month.closed)
        free = sum(d >= month.first and d not in away_or_closed for d in employed)
        wanted = max(contract.weekly_min * len(employed) / 7 - unpaid, 0.0)
        reached = [done + away + made for made in _sums(kinds, free)]
        if len(employed) == 7:
            nearest = max((p for p in reached if p <= wanted), default=reached[0])
            right = paid == nearest
        else:
            nearest = min(reached, key=lambda p: abs(p - wanted))
            right = abs(paid - wanted) < kinds[0] or paid == nearest
            if month.ahead and week[-1] == month.last:
                days = [month.ahead[-1] - DAY * n for n in range(7)]
                whole = contract.weekly_min * sum(map(month.agent.employed, days)) / 7
                most = whole - unpaid
                right |= wanted < paid <= most
                more = [p for p in reached if paid < p <= most]
                right &= not more or paid >= most - month.held_min
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
    days = [*(day for week in month.weeks for day in week), *month.ahead]
    employed = {day for day in days if month.agent.employed(day)}
    if most_h is None or not employed:
        return
    paid = sum(worked for date, worked in month.paid if date in employed)
    paid += sum(a.paid_min for a in month.absences if a.date in employed)
    average = paid * 7 / max(len(employed), 7)
    if average > HOUR_MIN * most_h:
        text = f"{hours(average)} a week on average; at most {most_h:g} h are allowed"
        yield month.fault("week-average", month.first, text)
