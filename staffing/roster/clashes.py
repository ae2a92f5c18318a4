"""Personal rules that cannot all be kept, as small sets in plain words."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from staffing.roster.agent_lines import PersonRules
from staffing.roster.lines import Lines, Option, Span
from staffing.roster.problem import Problem
from staffing.roster.rules import Rules, with_unit
from staffing.roster.search import Found, solve
from staffing.roster.shifts import shifts_for
from staffing.roster.team import Absence, Agent, Band, Contract

PERSONAL = (
    "daily-rest",
    "free-day",
    "weekly-rest",
    "max-days",
    "free-weekends",
    "sundays",
    "minor-night",
    "minor-free-days",
)
LIMIT = 5.0  # deterministic seconds of one person's line


@dataclass(frozen=True)
class Clash:
    """
    What an agent cannot keep all of; without any one of them the others can be.

    ``text`` says so, and how many of the contract's hours the others leave room for.
    """

    agent_id: str
    what: tuple[str, ...]
    text: str


def clashes(problem: Problem, agents: Iterable[int] | None = None) -> tuple[Clash, ...]:
    """
    The sets of personal rules that clash, whatever the others work.

    For each agent it is tried whether the hours of every week can be worked; where
    they cannot, contract hours, absences, bands, shifts of the past and rules are left
    out one by one, and what makes no difference is no part of the clash (deletion
    filter).

    Parameters
    ----------
    problem : Problem
    agents : iterable of int, optional
        Places of the agents to be looked at, those who fall short say; by default all.
    """
    offers = _Offers(problem)
    places = range(len(problem.agents)) if agents is None else agents
    return tuple(clash for place in places for clash in _Own(offers, place).clashes())


class _Offers:
    """Shifts by day, of contracts within bands, without their breaks."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._known: dict[object, list[tuple[Option, ...]]] = {}

    def options(
        self, contract: Contract, bands: tuple[Band, ...] | None
    ) -> list[tuple[Option, ...]]:
        """What can be worked on each day of the horizon."""
        key = (contract, bands)
        if key not in self._known:
            self._known[key] = [
                tuple(
                    dict.fromkeys(
                        Option(
                            shift.kind,
                            contract.kinds[shift.kind].paid_min,
                            start=shift.start,
                            end=shift.end,
                        )
                        for shift in shifts_for(self.problem, contract, bands, day)
                    )
                )
                for day in range(self.problem.horizon.days)
            ]
        return self._known[key]


@dataclass(frozen=True)
class _Part:
    """One thing to be kept: hours of a week, absences, or the place of a rule."""

    text: str
    week: int | None = None
    absences: tuple[Absence, ...] = ()
    rule: str | None = None
    bands: bool = False
    past: bool = False


class _Own:
    """An agent's own problem, of which parts can be left out."""

    def __init__(self, offers: _Offers, place: int) -> None:
        whole = offers.problem
        self.offers = offers
        self.agent: Agent = whole.agents[place]
        name = self.agent.agent_id
        known = min((p.date for p in whole.past), default=None)  # from when on
        self.problem = replace(
            whole,
            agents=(self.agent,),
            absences=tuple(a for a in whole.absences if a.agent_id == name),
            past=tuple(p for p in whole.past if p.agent_id == name or p.date == known),
            requests=(),
        )
        self.has_past = any(past.agent_id == name for past in self.problem.past)

    def clashes(self) -> Iterator[Clash]:
        """Minimal sets that clash, until what is left can be kept."""
        parts = list(self._parts())
        while not self._can_keep(parts):
            needed = list(parts)
            for part in parts:
                fewer = [other for other in needed if other is not part]
                if not self._can_keep(fewer):
                    needed = fewer
            yield self._clash(needed)
            parts = [p for p in parts if p.week is None or p not in needed]

    def _clash(self, needed: list[_Part]) -> Clash:
        what = tuple(part.text for part in needed)
        text = f"Agent {self.agent.agent_id}: {what[0]} cannot be worked"
        if what[1:]:
            text = f"Agent {self.agent.agent_id}: {_and(what)} cannot all be kept"
        hours = ", ".join(
            f"{self._reached(part.week, needed) / 60:g} h at most in the week of "
            f"{self._monday(part.week)}"
            for part in needed
            if part.week is not None
        )
        return Clash(self.agent.agent_id, what, f"{text}; {hours}")

    def _parts(self) -> Iterator[_Part]:
        weeks = PersonRules(self.problem).weeks
        by_week: dict[tuple[dt.date, str], list[Absence]] = defaultdict(list)
        for absence in self.problem.absences:
            monday = absence.date - dt.timedelta(absence.date.weekday())
            by_week[monday, absence.kind].append(absence)
        for rule in PERSONAL:
            if (value := self.problem.rules.limit(rule)) is not None:
                yield _Part(f"rule {rule} ({with_unit(rule, value)})", rule=rule)
        if self.agent.bands is not None:
            yield _Part("the fixed bands", bands=True)
        if self.has_past:
            yield _Part(f"the shifts before {self.problem.horizon.first}", past=True)
        for (monday, kind), days in by_week.items():
            count = f"{len(days)} day{'s' * (len(days) > 1)} of {kind}"
            yield _Part(f"{count} in the week of {monday}", absences=tuple(days))
        for number, week in enumerate(weeks):
            if (owed := int(week.owed[0])) > 0:
                text = f"{owed / 60:g} contract hours in the week of "
                yield _Part(text + str(self._monday(number)), week=number)

    def _monday(self, week: int) -> dt.date:
        return self.problem.horizon.monday(self.problem.horizon.weeks[week][0])

    def _can_keep(self, parts: list[_Part]) -> bool:
        return self._line(parts) is not None

    def _reached(self, week: int, parts: list[_Part]) -> int:
        """Most paid minutes of a week that the other parts leave room for. [min]"""
        owed = int(PersonRules(self._own(parts)).weeks[week].owed[0])
        found = self._line(parts, asked=week)
        return 0 if found is None else owed - round(found.cost)

    def _line(self, parts: list[_Part], asked: int | None = None) -> Found | None:
        """A line that keeps the parts; of the week asked about, as much as can be."""
        own = self._own(parts)
        agent, rules = own.agents[0], PersonRules(own)
        offered = self.offers.options(agent.contract, agent.bands)
        options = [
            shifts if own.can_work(0, day) else () for day, shifts in enumerate(offered)
        ]
        person = rules.person(0, options, [0] * len(options))
        weeks = {part.week for part in parts}
        spans = tuple(
            Span(
                span.days,
                int(week.owed[0]) if number in weeks else 0,
                int(max(week.high[0], week.owed[0])),
                1 if number == asked else None,
            )
            for number, (span, week) in enumerate(
                zip(person.spans, rules.weeks, strict=True)
            )
        )
        return solve(Lines((replace(person, spans=spans),), ()), limit=LIMIT)

    def _own(self, parts: list[_Part]) -> Problem:
        """The agent's problem with some of its parts only."""
        rules = self.problem.rules
        kept = {part.rule for part in parts}
        with_past = any(part.past for part in parts)
        return replace(
            self.problem,
            agents=(
                self.agent
                if any(part.bands for part in parts)
                else replace(self.agent, bands=None),
            ),
            absences=tuple(absence for part in parts for absence in part.absences),
            past=() if self.has_past and not with_past else self.problem.past,
            rules=Rules(
                rules.name,
                {
                    name: rule
                    for name, rule in rules.rules.items()
                    if name not in PERSONAL or name in kept
                },
            ),
        )


def _and(texts: tuple[str, ...]) -> str:
    return f"{', '.join(texts[:-1])} and {texts[-1]}"
