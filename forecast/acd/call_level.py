"""A file with one row for each call: when it came, was answered and ended."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from forecast.acd.calls import ABANDONED, ANSWERED, OUTCOMES, intervals_of
from forecast.acd.clock import read_instants
from forecast.acd.columns import column_findings, joined, named_columns, no_rows
from forecast.acd.generic import Reading
from forecast.acd.numbers import read_numbers
from forecast.columns.calls import QUEUE
from forecast.columns.column import DAY_S, Column
from forecast.errors import Finding, TableError
from forecast.schema import Table, row_findings, value_findings
from forecast.tables import Form, read_text_table

ARRIVAL = Column("arrival", "time", "time", "entered the queue")
ANSWER = Column("answer", "time", "time", "an agent answered; blank if none did")
END = Column("end", "time", "time", "hung up or left; blank while it lasts")
OUTCOME = Column("outcome", "text", "–", f"{', '.join(OUTCOMES)}, or blank")
AFTER_CALL_S = Column("after_call_s", "float64", "s", "work after the call", 0, DAY_S)
CALLS = Table("calls", (QUEUE, ARRIVAL), (), (ANSWER, END, OUTCOME, AFTER_CALL_S))
TIMES = ("arrival", "answer", "end")


def read_calls(
    path: Path,
    form: Form,
    *,
    zone: ZoneInfo | None,
    interval_s: int,
    queue: str | None = None,
    threshold_s: float | None = None,
) -> Reading:
    """
    Count the calls of a file into intervals.

    A call without an outcome is answered if it has an answer, abandoned if it has an
    end alone, and unfinished with neither. A transferred call has a row for each
    queue that it entered. The handle time lasts from answer to end, and the work
    after the call, where the file has it.

    Raises
    ------
    TableError
        With a finding for each rule that is broken, its rows and their count.
    """
    where = path.name
    raw, findings = read_text_table(path, form)
    texts = named_columns(raw, form, CALLS, queue)
    findings += column_findings(raw, texts, form, CALLS, where, queue)
    if raw.empty:
        findings.append(no_rows(form, where))
    if raw.empty or not {"queue", "arrival"} <= set(texts):
        raise TableError(findings)
    blank = pd.Series("", index=raw.index)
    cells = {
        name: joined(texts[name]) if name in texts else blank
        for name in ("queue", "outcome", *TIMES)
    }
    calls = pd.DataFrame({"queue": cells["queue"]})
    known = pd.DataFrame({name: cells[name] for name in ("queue", "arrival")})
    for name in TIMES:
        there = cells[name][cells[name] != ""]
        clock = read_instants(there, form, zone, where, name, fractions=True)
        findings += clock.faults
        calls[name] = _utc(there.map(clock.early).reindex(raw.index))
        calls[f"{name}_late"] = _utc(there.map(clock.late).reindex(raw.index))
    calls["unsure"] = False
    for name in TIMES:
        calls["unsure"] |= calls[f"{name}_late"] > calls[name]
    after_s = pd.Series(0.0, index=raw.index)
    if "after_call_s" in texts:
        after_s, faults = read_numbers(
            texts["after_call_s"], AFTER_CALL_S, form, where, counts=False
        )
        findings += faults
        known["after_call_s"] = after_s
    findings += value_findings(known.mask(known == ""), CALLS, where)
    calls["outcome"] = _outcomes(cells)
    findings += _order_findings(calls, cells, where)
    findings += _outcome_findings(cells, calls["outcome"], where)
    if findings:
        raise TableError(findings)
    left = calls["end"].where(calls["outcome"] != ANSWERED, calls["answer"])
    calls["wait_s"] = (left - calls["arrival"]).dt.total_seconds()
    calls["handle_s"] = (calls["end"] - calls["answer"]).dt.total_seconds() + after_s
    frame = intervals_of(
        calls, zone=zone, interval_s=interval_s, threshold_s=threshold_s
    )
    return Reading(frame, tuple(_warnings(calls, cells, where)))


def _utc(times: pd.Series) -> pd.Series:
    return pd.to_datetime(times, utc=True).astype("datetime64[us, UTC]")


def _outcomes(cells: dict[str, pd.Series]) -> pd.Series:
    """What became of each call: as told, else by its times."""
    told = cells["outcome"].str.casefold()
    ended = (cells["end"] != "").map({True: ABANDONED, False: ""})
    seen = ended.where(cells["answer"] == "", ANSWERED)
    return told.where(told != "", seen)


def _order_findings(
    calls: pd.DataFrame, cells: dict[str, pd.Series], where: str
) -> list[Finding]:
    """Times that run backwards, whatever an unsure one means."""
    findings = []
    for early, late in (("arrival", "answer"), ("arrival", "end"), ("answer", "end")):
        findings += row_findings(
            where,
            f"{late} must not be before {early}, but is",
            calls[f"{late}_late"] < calls[early],
            cells[late],
            "Correct the rows, or map the columns otherwise under [columns].",
        )
    return findings


def _outcome_findings(
    cells: dict[str, pd.Series], outcomes: pd.Series, where: str
) -> list[Finding]:
    """Outcomes that are unknown, or that the times contradict."""
    answered = cells["answer"] != ""
    unknown = ~outcomes.isin([*OUTCOMES, ""])
    rules = {
        f"outcome must be {', '.join(OUTCOMES)} or blank, but is not": unknown,
        "an answered call must have an answer, but has none": (outcomes == ANSWERED)
        & ~answered,
        "a call with an answer must be answered, but is not": (outcomes != ANSWERED)
        & answered
        & ~unknown,
    }
    remedy = 'Correct the rows; or [columns] ignore = ["outcome"]: then times tell it.'
    findings: list[Finding] = []
    for rule, bad in rules.items():
        findings += row_findings(where, rule, bad, cells["outcome"], remedy)
    return findings


def _warnings(
    calls: pd.DataFrame, cells: dict[str, pd.Series], where: str
) -> list[Finding]:
    return [
        *row_findings(
            where,
            "calls have no end: they count as offered, and as handled if answered",
            calls["end"].isna(),
            cells["arrival"],
        ),
        *row_findings(
            where,
            "the clock shows these times twice, so nothing is known of the intervals "
            "in which the calls may have come",
            calls["unsure"],
            cells["arrival"],
            "Export absolute times, with an offset.",
        ),
    ]
