"""
The sample centre's team: a seeded generator of people who do not exist.

``python data/make_team.py [--out DIR]`` writes agents.csv, absences.csv, requests.csv
and roster_november.csv. README.md beside this file says in words what is made here.
"""

import argparse
import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SEED = 2026
FIRST, LAST = dt.date(2026, 12, 1), dt.date(2026, 12, 31)
PAST_FROM = dt.date(2026, 11, 16)  # a Monday: two weeks and a day before the month
HOLIDAYS = (dt.date(2026, 12, 7), dt.date(2026, 12, 8), dt.date(2026, 12, 25))
CLOSED = (*HOLIDAYS, dt.date(2026, 12, 26))  # a Saturday: nobody is owed it
DAY = dt.timedelta(days=1)

PRESENT_MIN = {"FT8": 510, "PT6": 360, "PT4": 240}
PAID_MIN = {"FT8": 480, "PT6": 360, "PT4": 240}
BREAKS_MIN = {  # after the start, and how long
    "FT8": ((120, 15), (240, 30), (390, 15)),
    "PT6": ((120, 15), (240, 15)),
    "PT4": ((120, 15),),
}
STARTS_H = {"FT8": (8, 8.5, 10, 11.5), "PT6": (8, 9, 11, 14), "PT4": (8, 9, 13, 16)}
BANDS = {  # of every second part-timer
    "PT6": (
        "mon-sat 08:00-14:00",
        "mon-fri 14:00-20:00; sat 08:00-14:00",
        "mon-fri 09:00-17:00; sat 08:00-14:00",
    ),
    "PT4": (
        "mon-sat 08:00-13:00",
        "mon-fri 13:00-20:00; sat 08:00-12:00",
        "mon-sat 09:00-14:00",
        "mon-fri 16:00-20:00; sat 10:00-14:00",
    ),
}
PEOPLE = (  # groups, and how many of each contract
    ("Energia", {"FT8": 14, "PT6": 20, "PT4": 19}),
    ("Acqua", {"FT8": 5, "PT6": 5, "PT4": 5}),
    ("Ambiente", {"FT8": 1, "PT6": 1, "PT4": 2}),
    ("Acqua|Energia", {"FT8": 3, "PT6": 4, "PT4": 4}),
    ("Acqua|Ambiente", {"FT8": 1, "PT6": 2, "PT4": 2}),
)
COST = {"FT8": 19.5, "PT6": 18.5, "PT4": 18.0}  # of a paid hour [EUR]
JOINS = {"A086": dt.date(2026, 12, 14)}
LEAVES = {"A041": dt.date(2026, 12, 18)}

LEAVE_EVERY = 8  # one person in so many takes a block of leave
TRAINING_EVERY = 5  # and one in so many has a day of training
WISHES = 60


@dataclass(frozen=True)
class Person:
    """One agent, with the number from which everything of theirs follows."""

    number: int
    contract: str
    groups: str
    bands: str

    @property
    def agent_id(self) -> str:
        """Its number, and no name."""
        return f"A{self.number:03d}"

    def employed(self, day: dt.date) -> bool:
        """Whether the person is there on a day."""
        joins = JOINS.get(self.agent_id, dt.date.min)
        return joins <= day <= LEAVES.get(self.agent_id, dt.date.max)


def make_people() -> list[Person]:
    """Everybody, by queue and contract; every second part-timer has bands."""
    people: list[Person] = []
    part_timers = 0
    for groups, counts in PEOPLE:
        for contract, count in counts.items():
            for _ in range(count):
                bands = ""
                if contract in BANDS:
                    part_timers += 1
                    choice = BANDS[contract]
                    if part_timers % 2 == 0:
                        bands = choice[part_timers // 2 % len(choice)]
                people.append(Person(len(people) + 1, contract, groups, bands))
    return people


def days_from(first: dt.date, last: dt.date) -> list[dt.date]:
    """The days on which the centre opens, from first to last, both included."""
    days = (first + n * DAY for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 6 and day not in CLOSED]


def agents_rows(people: list[Person]) -> list[dict[str, object]]:
    """agents.csv: who they are."""
    return [
        {
            "agent_id": person.agent_id,
            "contract": person.contract,
            "groups": person.groups,
            "bands": person.bands,
            "from": JOINS.get(person.agent_id, ""),
            "to": LEAVES.get(person.agent_id, ""),
            "cost_per_hour": COST[person.contract],
        }
        for person in people
    ]


def absences_rows(people: list[Person], seed: int) -> list[dict[str, object]]:
    """absences.csv: holidays of all, blocks of leave, days of training."""
    rng = np.random.default_rng([seed, 1])
    away = {("*", day): "holiday" for day in HOLIDAYS}
    for person in people:
        weekdays = [d for d in days_from(FIRST, LAST) if d.weekday() < 5]
        weekdays = [day for day in weekdays if person.employed(day)]
        if rng.integers(LEAVE_EVERY) == 0:
            start = int(rng.integers(len(weekdays) - 5))
            length = int(rng.integers(2, 6))
            for day in weekdays[start : start + length]:
                away[person.agent_id, day] = "leave"
        if rng.integers(TRAINING_EVERY) == 0:
            day = weekdays[int(rng.integers(len(weekdays)))]
            away.setdefault((person.agent_id, day), "training")
    return [
        {"agent_id": agent, "date": day, "kind": kind, "paid_min": ""}
        for (agent, day), kind in sorted(away.items())
    ]


def requests_rows(people: list[Person], seed: int) -> list[dict[str, object]]:
    """requests.csv: days off, mostly Saturdays and the ends of the year, and hours."""
    rng = np.random.default_rng([seed, 2])
    days = days_from(FIRST, LAST)
    liked = [d for d in days if d.weekday() == 5 or d.day in (24, 31)]
    wishes: dict[tuple[str, dt.date], tuple[str, float]] = {}
    while len(wishes) < WISHES:
        person = people[int(rng.integers(len(people)))]
        kind = rng.choice(["liked", "any", "early", "not late"], p=[0.5, 0.2, 0.2, 0.1])
        choice = liked if kind == "liked" else days
        day = choice[int(rng.integers(len(choice)))]
        wish = {"early": "08:00-16:30", "not late": "not 17:00-20:00"}.get(kind, "off")
        if person.employed(day) and day.weekday() not in _never(person):
            weight = 2.0 if kind == "liked" else 1.0
            wishes.setdefault((person.agent_id, day), (wish, weight))
    return [
        {"agent_id": agent, "date": day, "wish": wish, "weight": weight}
        for (agent, day), (wish, weight) in sorted(wishes.items())
    ]


def roster_rows(people: list[Person]) -> list[dict[str, object]]:
    """roster_november.csv: each at the same hours every day, one weekday off."""
    rows = []
    for person in people:
        for day in days_from(PAST_FROM, FIRST - DAY):
            if not person.employed(day) or day.weekday() == _day_off(person):
                continue
            start = _start(person, day)
            present = dt.timedelta(minutes=PRESENT_MIN[person.contract])
            groups = person.groups.split("|")
            week = (day - PAST_FROM).days // 7
            breaks = [
                "-".join(f"{start + minutes(m):%H:%M}" for m in (after, after + length))
                for after, length in BREAKS_MIN[person.contract]
            ]
            rows.append(
                {
                    "agent_id": person.agent_id,
                    "start": f"{start.isoformat()}+01:00",
                    "date": day,
                    "end": f"{(start + present).isoformat()}+01:00",
                    "breaks": ";".join(breaks),
                    "paid_min": PAID_MIN[person.contract],
                    "contract": person.contract,
                    "group": groups[week % len(groups)],
                    "activity": "contacts",
                }
            )
    return rows


def minutes(count: int) -> dt.timedelta:
    """So many minutes."""
    return dt.timedelta(minutes=count)


def _never(person: Person) -> tuple[int, ...]:
    """Weekdays that a person cannot work: 8.5 hours do not fit a Saturday."""
    return (5, 6) if person.contract == "FT8" else (6,)


def _day_off(person: Person) -> int:
    """The weekday off beside Sunday."""
    return 5 if 5 in _never(person) else person.number % 6


def _start(person: Person, day: dt.date) -> dt.datetime:
    """When the shift of a day starts: with the band, or at the person's own time."""
    starts = STARTS_H[person.contract]
    hour = starts[person.number % len(starts)] if day.weekday() < 5 else 8.0
    if person.bands:
        spans = [part.split(" ")[1] for part in person.bands.split("; ")]
        span = spans[-1] if day.weekday() == 5 else spans[0]
        hour = float(span[:2])
    return dt.datetime.combine(day, dt.time()) + minutes(int(60 * hour))


def make_team(seed: int = SEED) -> dict[str, list[dict[str, object]]]:
    """The rows of each file by its name."""
    people = make_people()
    return {
        "agents.csv": agents_rows(people),
        "absences.csv": absences_rows(people, seed),
        "requests.csv": requests_rows(people, seed),
        "roster_november.csv": roster_rows(people),
    }


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description="Write the sample centre's team.")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent, metavar="DIR"
    )
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in make_team().items():
        with (out / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
