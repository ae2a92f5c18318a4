"""Read a team's files: people, absences, wishes and the roster before."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.errors import Finding, TableError
from forecast.intervals import OpeningHours
from forecast.schema import (
    ABSENCES,
    AGENTS,
    REQUESTS,
    duplicate_findings,
    row_findings,
)
from forecast.tables import Form
from staffing.config.roster import RosterPart
from staffing.roster.contracts import read_contracts
from staffing.roster.table import read_roster
from staffing.roster.team import (
    Absence,
    Agent,
    Band,
    Contract,
    Past,
    Request,
    Team,
)
from staffing.roster.team_file import KEEP_ONE, TeamFile
from staffing.roster.times import read_breaks

EVERYONE = "*"
"""Stands for all agents in the absences: a holiday on which nobody works."""


def read_team(
    folder: Path,
    part: RosterPart,
    form: Form,
    *,
    groups: Collection[str] | None,
    first: dt.date,
    timezone: str,
) -> Team:
    """
    The people of a roster, their absences and wishes, and their shifts before it.

    Parameters
    ----------
    folder : Path
        Where the files of ``part`` are.
    part : RosterPart
        Their names.
    form : Form
        How they write numbers and dates, as the history does; its columns and rows are
        the history's own. The roster before is as staffcast writes it.
    groups : collection of str or None
        Queues and groups of the requirement; None: any.
    first : date
        First day of the roster.
    timezone : str
        Whose local time the roster before is in.

    Raises
    ------
    ConfigError
        contracts.toml is wrong.
    TableError
        Other files are; every fault of all of them with its rows.
    """
    form = Form(form.separator, form.encoding, form.decimal, form.thousands, form.time)
    contracts = read_contracts(folder / part.contracts)
    findings: list[Finding] = []
    agents = _read_agents(folder / part.agents, form, contracts, groups, findings)
    team: dict[str, Any] = {"agents": tuple(agents.values())}
    if part.absences is not None:
        team["absences"] = _read_absences(
            folder / part.absences, form, agents, findings
        )
    if part.requests is not None:
        team["requests"] = _read_requests(
            folder / part.requests, form, agents, findings
        )
    if findings:
        raise TableError(findings)
    if part.past is not None:
        team["past"] = _read_past(folder / part.past, agents, first, timezone)
    return Team(**team)


def _read_agents(
    path: Path,
    form: Form,
    contracts: Mapping[str, Contract],
    groups: Collection[str] | None,
    findings: list[Finding],
) -> dict[str, Agent]:
    """Agents by id; those with a fault are among them, as far as they are known."""
    file = TeamFile.read(path, form, AGENTS)
    if file.cells.empty:
        rule = "it must have an agent, but has no rows"
        raise TableError([Finding(path.name, rule, (), 0)])
    ids = file.cells[["agent_id"]].mask(file.cells[["agent_id"]] == "")
    file.findings += duplicate_findings(ids, AGENTS, file.where, KEEP_ONE)
    rule = f"agent_id must be a name, not {EVERYONE}, which stands for everybody"
    file.refuse(file.cells["agent_id"] == EVERYONE, "agent_id", rule)

    def groups_of(text: str) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(part.strip() for part in text.split("|")))
        if groups is not None and not set(found) <= set(groups):
            raise ValueError
        return found

    known = f"one of contracts.toml: {', '.join(contracts)}"
    known_groups = f"of {', '.join(sorted(groups or ()))}, with | between them"
    columns = {
        "contract": file.values("contract", _in(contracts), known),
        "groups": file.values("groups", groups_of, known_groups),
        "bands": file.values(
            "bands",
            _bands_of,
            'hours of weekdays, such as "mon-fri 08:00-14:00; sat 08:00-12:00"',
        ),
        "first": file.dates("from"),
        "last": file.dates("to"),
        "cost": file.numbers("cost_per_hour"),
    }
    ends_early = [
        None not in (first, last) and last < first
        for first, last in zip(columns["first"], columns["last"], strict=True)
    ]
    rule = "to must not be before from, but is"
    file.refuse(pd.Series(ends_early, index=file.cells.index), "to", rule)
    findings += file.findings
    return {
        name: Agent(
            name,
            contract,
            of_groups or (),
            bands,
            start,
            end,
            None if math.isnan(cost) else cost,
        )
        for name, contract, of_groups, bands, start, end, cost in file.rows(**columns)
    }


def _in(known: Mapping[str, Contract]) -> Callable[[str], Contract]:
    def parse(text: str) -> Contract:
        if text not in known:
            raise ValueError
        return known[text]

    return parse


def _bands_of(text: str) -> tuple[Band, ...]:
    """Bands of "mon-fri 08:00-14:00; sat 08:00-12:00"; a day may have several."""
    spans: dict[str, list[str]] = {}
    for part in text.split(";"):
        days, *hours = re.split(r"\s+(?=\d)", part.strip(), maxsplit=1)
        spans.setdefault(days, []).extend(hours or ["00:00-24:00"])
    hours_of = OpeningHours.parse(spans).spans
    return tuple(
        Band(weekday, start, end)
        for weekday, of_day in enumerate(hours_of)
        for start, end in of_day
    )


def _read_absences(
    path: Path, form: Form, agents: Mapping[str, Agent], findings: list[Finding]
) -> tuple[Absence, ...]:
    """
    Absences by agent and date.

    A row of EVERYONE holds for all who are employed and have none of their own that
    day. Where no paid minutes are stated, they are a usual day's, but no more of them
    in a week than it has usual days: leave may be written with its days off.
    """
    file = TeamFile.read(path, form, ABSENCES)
    dates, paid = file.days(agents, EVERYONE), file.numbers("paid_min")
    findings += file.findings
    if findings:
        return ()
    rows = list(file.rows(date=dates, kind=file.cells["kind"], paid=paid))
    own = {(name, date): (kind, paid) for name, date, kind, paid in rows}
    for name, date, kind, paid_min in rows:
        for agent in agents.values() if name == EVERYONE else ():
            if agent.employed(date):
                own.setdefault((agent.agent_id, date), (kind, paid_min))
    usual: Counter[tuple[str, dt.date]] = Counter()
    absences = []
    for (name, date), (kind, stated) in sorted(own.items(), key=lambda item: item[0]):
        if name == EVERYONE:
            continue
        contract, credit = agents[name].contract, stated
        if math.isnan(stated):
            week = (name, date - dt.timedelta(date.weekday()))
            usual[week] += 1
            is_paid = usual[week] <= contract.usual_days
            credit = contract.usual_day_min if is_paid else 0
        absences.append(Absence(name, date, kind, int(credit)))
    return tuple(absences)


def _read_requests(
    path: Path, form: Form, agents: Mapping[str, Agent], findings: list[Finding]
) -> tuple[Request, ...]:
    """Wishes by agent and date; those without a weight have 1."""
    file = TeamFile.read(path, form, REQUESTS)
    dates = file.days(agents)
    wishes = file.values("wish", _wish_of, '"off", "08:00-14:00" or "not 14:00-20:00"')
    weights = file.numbers("weight").fillna(1.0)
    findings += file.findings
    if findings:
        return ()
    rows = file.rows(date=dates, wish=wishes, weight=weights)
    return tuple(
        sorted(
            Request(name, date, band, refused, weight)
            for name, date, (band, refused), weight in rows
        )
    )


def _wish_of(text: str) -> tuple[tuple[int, int] | None, bool]:
    """The band of a wish, and whether it is refused."""
    if text == "off":
        return None, True
    refused = text.startswith("not ")
    span = text.removeprefix("not ").strip()
    return OpeningHours.parse({"mon": span}).spans[0][0], refused


def _read_past(
    path: Path, agents: Mapping[str, Agent], first: dt.date, timezone: str
) -> tuple[Past, ...]:
    """Shifts of the roster before; those of people who have left do not matter."""
    table = read_roster(path, timezone)
    findings = row_findings(
        path.name,
        f"shifts of the roster before must start before {first}, but do not",
        table["start"].dt.date >= first,
        table["start"],
    )
    past, faults = [], []
    names = ["agent_id", "date", "start", "end", "paid_min", "group"]
    for row in table[table["agent_id"].isin(agents.keys())].index:
        shift = Past(*table.loc[row, names])
        try:
            breaks = read_breaks(str(table["breaks"][row]), shift.start, shift.end)
        except ValueError as error:
            faults.append(f"row {row} ({error})")
        else:
            past.append(shift._replace(breaks=breaks))
    if faults:
        rule = "breaks of the roster before must lie within their shift, but do not"
        findings.append(Finding.of(path.name, rule, faults))
    if findings:
        raise TableError(findings)
    return tuple(past)
