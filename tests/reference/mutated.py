"""
Valid months of history, and faults put into them at known rows.

What a reader must say of the file is told by whoever puts the fault in, or counted
again here, by steps of UTC: nothing of the code under test is used.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")
HALF, HOUR = timedelta(minutes=30), timedelta(hours=1)
MONTHS = ("2026-03", "2026-10", "2025-03", "2025-10", "2026-02", "2026-05")
SPANS = {  # opening hours, weekdays and minutes of the day
    'mon-sat = "09:00-13:00"': (range(6), 540, 780),
    'mon-sun = "00:00-05:00"': (range(7), 0, 300),  # where clocks change
    'mon-fri = "08:00-18:00"': (range(5), 480, 1080),
}
COUNTS = ("offered", "handled", "abandoned", "short_abandoned", "answered_within")
MEANS = ("aht_s", "asa_s", "abandon_wait_s")
NUMBERS = (*COUNTS, *MEANS, "agents")
CONFIG = """\
history = "history.csv"
timezone = "Europe/Rome"
{profile}
[rows]
absent_rows = "{absent}"
[hours]
{hours}
[forecast]
model = "sma4"
"""


@dataclass(eq=False)
class Row:
    """One row: its cells as text, and the instant that it means (None: none)."""

    cells: dict[str, str]
    start: datetime | None
    number: int = 0  # of the written file
    more: str = ""  # cells beyond the header's
    unsure: bool = False  # a repeated clock hour that nothing tells apart

    def day(self):
        """The queue and the local date."""
        return self.cells["queue"], self.start.astimezone(ROME).date()


@dataclass
class Month:
    """
    A month of rows, and what is to be said of the file.

    ``form`` is how it is written: "offset" and "local" by the generic profile,
    "italian". ``told`` has, for each kind of finding, its rows.
    """

    chance: random.Random
    name: str  # YYYY-MM
    hours: str
    form: str
    absent: str
    rows: list[Row]
    told: dict[str, list] = field(default_factory=lambda: defaultdict(list))
    lost: list[str] = field(default_factory=list)  # columns
    touched: set = field(default_factory=set)
    zeros: set[str] = field(default_factory=set)  # days with rows taken as no calls

    @property
    def config(self):
        """The plan.toml that reads it."""
        profile = 'profile = "italian"' if self.form == "italian" else ""
        return CONFIG.format(profile=profile, absent=self.absent, hours=self.hours)

    def bytes(self):
        """The file; the rows are numbered as it has them."""
        separator = ";" if self.form == "italian" else ","
        names = [name for name in self.rows[0].cells if name not in self.lost]
        lines = [separator.join(names)]
        for number, row in enumerate(self.rows, start=2):
            row.number = number
            lines.append(separator.join(row.cells[name] for name in names) + row.more)
        encoding = "cp1252" if self.form == "italian" else "utf-8"
        return "\n".join([*lines, ""]).encode(encoding)

    def is_open(self, start):
        """Whether the hours have this instant."""
        days, begin, end = SPANS[self.hours]
        local = start.astimezone(ROME)
        return local.weekday() in days and begin <= 60 * local.hour + local.minute < end

    def time(self, start):
        """An instant as the file writes it."""
        local = start.astimezone(ROME)
        if self.form == "offset":
            return local.isoformat()
        return local.strftime(
            "%d/%m/%Y %H:%M" if self.form == "italian" else "%Y-%m-%dT%H:%M"
        )

    def move(self, row, start):
        """Let a row begin at another time."""
        row.start, row.cells["interval_start"] = start, self.time(start)

    def changing(self, row):
        """Whether it is of a day on which clocks change."""
        day = row.start.astimezone(ROME).date()
        noons = (
            datetime(d.year, d.month, d.day, 12, tzinfo=ROME)
            for d in (day, day - timedelta(days=1))
        )
        return len({noon.utcoffset() for noon in noons}) == 2

    def expected(self):
        """Each kind of finding with its cases: errors, or else warnings."""
        found = {
            kind: {str(getattr(row, "number", row)) for row in rows}
            for kind, rows in self.told.items()
        }
        errors = {kind: rows for kind, rows in found.items() if kind not in WARNED}
        if self.lost:
            errors["columns"] = set(self.lost)
        if twice := self._twice():
            errors["repeat"] = twice
        if errors := {kind: rows for kind, rows in errors.items() if rows}:
            return errors
        if outside := {
            str(row.number) for row in self.rows if not self.is_open(row.start)
        }:
            found["outside"] = outside
        found |= self._absent()
        return {kind: rows for kind, rows in found.items() if rows}

    def _twice(self):
        """Rows of one queue and instant, as "3, 17"."""
        rows = defaultdict(list)
        for row in self.rows:
            if row.start and row.cells["queue"] and not row.more:
                rows[row.cells["queue"], row.start].append(row.number)
        return {", ".join(map(str, group)) for group in rows.values() if group[1:]}

    def _absent(self):
        """Open intervals without a row, of each queue from its first day on."""
        times = {row.start for row in self.rows}
        there = {(row.cells["queue"], row.start) for row in self.rows}
        there |= {
            (row.cells["queue"], row.start + k * HOUR)
            for row in self.rows
            if row.unsure
            for k in (-1, 1)
        }
        first, last = min(times), max(times)
        grid = [
            first + n * HALF
            for n in range((last - first) // HALF + 1)
            if self.is_open(first + n * HALF)
        ]
        dates = {time.astimezone(ROME).date() for time in times}
        holes = {start.astimezone(ROME).date() for start in grid} - dates
        holes = holes if self.absent == "zero" else set()
        cases, zeros = set(), set()
        for queue in {row.cells["queue"] for row in self.rows}:
            own = min(start for name, start in there if name == queue)
            missing = [
                start
                for start in grid
                if start.astimezone(ROME).date() >= own.astimezone(ROME).date()
                and (queue, start) not in there
                and start.astimezone(ROME).date() not in holes
            ]
            if missing:
                when = missing[0].astimezone(ROME).strftime("%Y-%m-%d %H:%M %Z")
                cases.add(f"{queue}: {len(missing)}, first at {when}")
                zeros |= {f"{queue} at {m.astimezone(ROME).date()}" for m in missing}
        ordered = sorted((row.start, row.number) for row in self.rows)
        gaps = {
            f"{early[1]}, {late[1]}"
            for early, late in pairwise(ordered)
            if late[0] - early[0] >= timedelta(days=28)
        }
        self.zeros = zeros if self.absent == "zero" else set()
        return {"absent": cases, "gap": gaps, "holes": set(map(str, holes))}


WARNED = {"blank", "more", "within", "unsure"}
"""Kinds of told findings that leave the file usable; any other is an error."""


def month_for(fault, seed):
    """A valid month with every optional column, which can have the fault."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    while True:
        hours = chance.choice([*SPANS])
        form = chance.choice(["offset", "offset", "local", "italian"])
        absent = chance.choice(["missing", "missing", "zero"])
        month = Month(chance, chance.choice(MONTHS), hours, form, absent, [])
        if fault.fits(month):
            break
    year, number = map(int, month.name.split("-"))
    start = datetime(year, number, 1, tzinfo=ROME).astimezone(UTC)
    queues = chance.sample(["Energia", "Acqua", "Città", "Gas 2"], 2)
    while (local := start.astimezone(ROME)).month == number:
        month.rows += [
            Row({"queue": queue, "interval_start": month.time(local)}, start)
            for queue in queues
            if month.is_open(start)
        ]
        start += HALF
    for row in month.rows:
        offered = chance.randint(27, 33)
        abandoned = chance.randint(0, 3)
        counts = (offered, offered - abandoned, abandoned, abandoned // 2, 20)
        means = (chance.randint(1700, 2300) / 10, chance.randint(0, 40), 12, 6)
        for name, value in zip(NUMBERS, (*counts, *means), strict=True):
            mark = "," if form == "italian" else "."
            row.cells[name] = str(value).replace(".", mark)
    return month


def put_faults(month, first, count):
    """Put a fault in and so many others, each on a day of its own; their names."""
    others = [fault for fault in FAULTS if fault.fits(month) and not fault.alone]
    more = 0 if first.alone else count
    names = []
    for fault in (first, *month.chance.choices(others, k=more)):
        free = [
            row
            for row in month.rows
            if row.start
            and row.day() not in month.touched
            and month.changing(row) == fault.on_change
        ]
        if free:
            row = month.chance.choice(free)
            month.touched.add(row.day())
            fault.put(month, row)
            names.append(fault.name)
    return names


@dataclass(frozen=True)
class Fault:
    """One way to spoil a file: ``alone`` with no other, ``on_change`` of clocks."""

    name: str
    put: object
    forms: tuple = ("offset", "local", "italian")
    alone: bool = False
    on_change: bool = False
    months: tuple = MONTHS

    def fits(self, month):
        """Whether the month can have it."""
        opened = not self.on_change or "00:00" in month.hours
        once = self.name != "swapped" or month.absent == "missing"
        kind = month.form in self.forms and month.name in self.months
        return kind and opened and once


def cell(name, texts, kind, columns=NUMBERS):
    """A fault of one cell of these columns."""

    def put(month, row):
        column = month.chance.choice(columns)
        row.cells[column] = month.chance.choice(texts)
        month.told[f"{kind} {column}"].append(row)

    return Fault(name, put)


def blank(name, columns, kind):
    """A cell left empty."""

    def put(month, row):
        column = month.chance.choice(columns)
        row.cells[column] = ""
        if kind in ("queue", "time"):
            row.start = None
        if kind:
            month.told[kind].append(row)

    return Fault(name, put)


def of_day(month, row):
    """The rows of its queue and date, in order of time."""
    day = row.day()
    rows = [other for other in month.rows if other.start and other.day() == day]
    return sorted(rows, key=lambda other: other.start)


def drop(month, row):
    month.rows.remove(row)


def drop_day(month, row):
    for other in of_day(month, row):
        month.rows.remove(other)


def drop_date(month, row):
    date = row.day()[1]
    names = {other.cells["queue"] for other in month.rows} - {row.cells["queue"]}
    if not names.isdisjoint(queue for queue, day in month.touched if day == date):
        return drop_day(month, row)
    month.touched |= {(name, date) for name in names}
    month.rows = [r for r in month.rows if r.start is None or r.day()[1] != date]
    return None


def lose(month, row):
    month.lost.append(month.chance.choice(["queue", "interval_start", "offered"]))


def repeat(month, row, offered=None):
    cells = row.cells if offered is None else {**row.cells, "offered": offered}
    copy = Row(dict(cells), row.start)
    month.rows.insert(month.chance.randrange(len(month.rows)), copy)


def repeat_otherwise(month, row):
    repeat(month, row, "9")


def off_grid(month, row):
    month.move(row, row.start + timedelta(minutes=month.chance.choice([10, 15, 29])))
    month.told["grid"].append(row)


def quarters(month, row):
    """All of a day by quarters of an hour."""
    for other in of_day(month, row):
        late = Row(dict(other.cells), None)
        month.move(late, other.start + HALF / 2)
        month.rows.insert(month.rows.index(other) + 1, late)
        month.told["grid"].append(late)
    queue, date = row.day()
    month.told["length"].append(f"{queue} on {date} (900 s apart)")


def hours(month, row):
    """All of a day by hours: told where they are many enough to be sure."""
    rows = of_day(month, row)
    for other in rows[1::2]:
        month.rows.remove(other)
    if len(rows[::2]) >= 8:
        queue, date = row.day()
        month.told["length"].append(f"{queue} on {date} (3600 s apart)")


def shift_day(month, row):
    for other in of_day(month, row):
        month.move(other, other.start + HOUR)


def shift_part(month, row):
    rows = of_day(month, row)
    for other in rows[len(rows) // 2 :]:
        month.move(other, other.start - HOUR)


def shift_over_the_gap(month, row):
    """An hour on, into the clock hour that does not exist in March."""
    begin = of_day(month, row)[0].start.astimezone(ROME)
    for other in of_day(month, row):
        local = other.start.astimezone(ROME)
        if local.hour == 1:
            gone = datetime(begin.year, begin.month, begin.day, 2, local.minute)
            written = {"italian": "%d/%m/%Y %H:%M"}.get(month.form, "%Y-%m-%dT%H:%M")
            other.cells["interval_start"] = gone.strftime(written)
            other.start = None
            month.told["clock"].append(other)


def one_pass(month, row):
    """A clock time that October has twice, once; the order may tell no more then."""
    twice = [r for r in of_day(month, row) if r.start.astimezone(ROME).hour == 2]
    gone = month.chance.choice(twice)
    month.rows.remove(gone)
    for other in twice:
        same = other.cells["interval_start"] == gone.cells["interval_start"]
        if (same or gone in twice[:2]) and other is not gone:
            other.unsure = True
            month.told["unsure"].append(other)


def other_offset(month, row):
    """The offset of the other half of the year."""
    text = row.cells["interval_start"]
    ours, other = ("+01:00", "+02:00") if "+01" in text else ("+02:00", "+01:00")
    row.cells["interval_start"] = text.replace(ours, other)
    row.start += HOUR if other == "+01:00" else -HOUR


def no_offset(month, row):
    row.cells["interval_start"] = row.cells["interval_start"][:19]
    row.start = None if month.changing(row) else row.start
    month.told["offset"].append(row)


def no_time(month, row):
    text = month.chance.choice(["", "soon", "2026-13-01T09:00", "45/45/2026 09:00"])
    row.cells["interval_start"], row.start = text, None
    month.told["time"].append(row)


def swapped(month, row):
    """Day and month changed over: another date, where there is such a one."""
    local = row.start.astimezone(ROME)
    if local.day > 12 or local.day == local.month:
        return drop(month, row)
    naive = local.replace(tzinfo=None, month=local.day, day=local.month)
    if month.form == "offset":
        row.start = (naive - local.utcoffset()).replace(tzinfo=UTC)
        row.cells["interval_start"] = naive.isoformat() + local.isoformat()[-6:]
    else:
        month.move(row, naive.replace(tzinfo=ROME).astimezone(UTC))
    return None


def ragged(month, row):
    row.more = month.chance.choice([";9", ";;"] if month.form == "italian" else [",9"])
    month.told["cells"].append(row)


def more_than_offered(month, row):
    row.cells["handled"] = "40"
    month.told["more"].append(row)


def more_in_time(month, row):
    row.cells["answered_within"] = "35"
    month.told["within"].append(row)


MARCH = ("2026-03", "2025-03")
OCTOBER = ("2026-10", "2025-10")
LOCAL = ("local", "italian")
FAULTS = [
    Fault("dropped interval", drop),
    Fault("dropped day of a queue", drop_day),
    Fault("dropped day", drop_date),
    Fault("dropped column", lose, alone=True),
    blank("empty offered", ["offered"], "blank"),
    blank("empty queue", ["queue"], "queue"),
    blank("empty optional cell", [n for n in NUMBERS if n != "offered"], ""),
    Fault("no time", no_time),
    Fault("cell too many", ragged),
    Fault("repeated", repeat),
    Fault("repeated with other calls", repeat_otherwise),
    Fault("off the grid", off_grid),
    Fault("by quarters", quarters),
    Fault("by hours", hours),
    Fault("day an hour late", shift_day),
    Fault("part of a day an hour early", shift_part),
    Fault("into the gap", shift_over_the_gap, LOCAL, on_change=True, months=MARCH),
    Fault("one pass", one_pass, LOCAL, on_change=True, months=OCTOBER),
    Fault("other offset", other_offset, ("offset",)),
    Fault("no offset", no_offset, ("offset",)),
    Fault("swapped", swapped),
    cell("negative", ["-1", "-30"], "bounds"),
    cell(
        "text", ["n/a", "x", "12 calls", "1.2.3", "--", "nan", "NaN", "inf"], "number"
    ),
    cell("huge", ["1e300", "1e12"], "bounds"),
    cell("too huge", ["1e400"], "number"),
    cell("not whole", ["3e-1"], "whole", COUNTS),
    Fault("more than offered", more_than_offered),
    Fault("more in time than handled", more_in_time),
]
