"""
Asterisk's queue_log, as FreePBX writes it too: a line an event of a call.

``epoch|call|queue|agent|EVENT|…``: the events, and that a call's is unique to it, are
from Asterisk's manual, chapter "Queue Logs".
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from forecast.acd.calls import ABANDONED, ANSWERED, LEFT, intervals_of
from forecast.acd.generic import Reading
from forecast.errors import Finding, TableError
from forecast.schema import odd_findings
from forecast.tables import Form
from forecast.text_rows import decoded

EPOCH = re.compile(r"[0-9]{9,10}(\.[0-9]+)?", re.ASCII)
ENDS = dict.fromkeys(
    (
        "COMPLETEAGENT",
        "COMPLETECALLER",
        "TRANSFER",
        "BLINDTRANSFER",
        "ATTENDEDTRANSFER",
    ),
    ANSWERED,
)
ENDS |= {"ABANDON": ABANDONED}
ENDS |= dict.fromkeys(("EXITEMPTY", "EXITWITHKEY", "EXITWITHTIMEOUT"), LEFT)
"""What becomes of a call, by the event that ends it."""
OF_CALLS = {"ENTERQUEUE", "CONNECT", *ENDS}
"""All other events are of agents."""


@dataclass
class _Call:
    """A call in a queue, as far as the log tells. [s; arrival: since 1970]"""

    row: int
    queue: str
    arrival: float
    wait_s: float = math.nan
    handle_s: float = math.nan
    outcome: str = ""
    ended: bool = False

    def leave(self, time: float, outcome: str) -> None:
        """End the talk, or the wait where there was none."""
        if outcome != ANSWERED:
            self.wait_s = _between(self.arrival, time)
        self.handle_s = _between(self.arrival + self.wait_s, time)
        self.outcome, self.ended = outcome, True


def _between(first: float, last: float) -> float:
    """Seconds between, without the dust of binary fractions. [s]"""
    return round(last - first, 6)


@dataclass
class _Log:
    """The calls of a log, and the first event of each that it does not begin."""

    calls: list[_Call] = field(default_factory=list)
    there: dict[tuple[str, str], _Call] = field(default_factory=dict)
    cut: dict[tuple[str, str], int] = field(default_factory=dict)

    def take(self, row: int, time: float, call: str, queue: str, event: str) -> None:
        """Follow the calls by one event."""
        key = (call, queue)
        if event == "ENTERQUEUE":
            self.there[key] = _Call(row, queue, time)
            self.calls.append(self.there[key])
        elif key not in self.there:
            self.cut.setdefault(key, row)
        elif event == "CONNECT":
            found = self.there[key]
            found.outcome, found.wait_s = ANSWERED, _between(found.arrival, time)
        elif not self.there[key].ended:
            self.there[key].leave(time, ENDS[event])


def read_queue_log(
    path: Path,
    form: Form,
    *,
    zone: ZoneInfo | None,
    interval_s: int,
    threshold_s: float | None = None,
) -> Reading:
    """
    Count the calls of a queue_log into intervals.

    A call that is transferred into another queue, or comes back into its own, is
    offered again there: other people, or the same once more, answer it. Lines may be
    in any order, as of logs that are put together. The handle time is the talk: the
    log knows of no work after the call.

    Raises
    ------
    TableError
        Lines are not of a queue_log, or none is of a call.
    """
    where = path.name
    events: list[tuple[float, int, str, str, str]] = []
    bad: list[str] = []
    text = decoded(path, form.encoding)
    lines = text.splitlines()
    torn = [] if text.endswith("\n") or _is_event(lines[-1:]) else [len(lines)]
    for row, line in enumerate(lines[: -1 if torn else None], 1):
        cells = [cell.strip() for cell in line.split("|", 5)[:5]]
        if len(cells) == 5 and EPOCH.fullmatch(cells[0]):
            time, call, queue, _, event = cells
            if event in OF_CALLS:
                events.append((float(time), row, call, queue, event))
        elif line.strip():
            bad.append(f"row {row} ({line[:60]!r})")
    if bad:
        rule = "lines must be epoch|call|queue|agent|EVENT|…, but these are not"
        raise TableError([Finding.of(where, rule, bad, "Export the log as it is.")])
    log = _Log()
    for moment, row, call, queue, event in sorted(events):
        log.take(row, moment, call, queue, event)
    if not log.calls:
        rule = "there must be calls that enter a queue (ENTERQUEUE), but there are none"
        raise TableError([Finding(where, rule, (), 0, "Export a longer time.")])
    calls = pd.DataFrame(log.calls)
    if findings := odd_findings(where, "queue", calls.set_index("row")["queue"]):
        raise TableError(findings)
    calls["arrival"] = pd.to_datetime(calls["arrival"], unit="s", utc=True)
    calls = calls.assign(arrival_late=calls["arrival"], unsure=False)
    frame = intervals_of(
        calls, zone=zone, interval_s=interval_s, threshold_s=threshold_s
    )
    return Reading(frame, tuple(_warnings(log, torn, where)))


def _is_event(lines: list[str]) -> bool:
    cells = [cell.strip() for line in lines for cell in line.split("|")]
    return not lines or (len(cells) >= 5 and bool(EPOCH.fullmatch(cells[0])))


def _warnings(log: _Log, torn: list[int], where: str) -> list[Finding]:
    said = [
        Finding(
            where,
            "aht_s is talk alone: the log knows of no work after the call",
            (),
            len(log.calls),
            "Where agents work on after calls, tell how much longer it makes them: "
            "[[aht.changes]] effect.",
        )
    ]
    cases = {
        "the last line is cut off, as if the log was being written; it is left out": (
            torn
        ),
        "calls had entered before the log begins, and are left out": list(
            log.cut.values()
        ),
        "calls have no end in the log: they count as offered, and as handled if an "
        "agent answered": [call.row for call in log.calls if not call.ended],
    }
    said += [
        Finding.of(where, rule, [f"row {row}" for row in rows])
        for rule, rows in cases.items()
        if rows
    ]
    return said
