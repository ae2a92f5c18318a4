"""A file of the team: its cells by our columns, and every fault with its rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.errors import Finding, TableError
from forecast.schema import (
    Table,
    duplicate_findings,
    missing_findings,
    odd_findings,
    row_findings,
    value_findings,
)
from forecast.tables import Form, parse_numbers, read_text_table
from staffing.roster.team import Agent

KEEP_ONE = "Keep one of them."


@dataclass
class TeamFile:
    """A file's cells by our columns, and what is found wrong with them."""

    where: str
    form: Form
    table: Table
    cells: pd.DataFrame
    findings: list[Finding] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path, form: Form, table: Table) -> TeamFile:
        """
        The file's cells, all columns of the table among them.

        Raises
        ------
        TableError
            Its shape is wrong: columns are missing, or none of the table's.
        """
        cells, findings = read_text_table(path, form)
        names = [column.name for column in table.columns]
        findings += missing_findings(cells, table, path.name)
        if unknown := [str(name) for name in cells if name not in names]:
            rule = f"columns must be of {', '.join(names)}, but these are not"
            findings.append(Finding.of(path.name, rule, unknown, "Leave them out."))
        if findings:
            raise TableError(findings)
        file = cls(path.name, form, table, cells.reindex(columns=names, fill_value=""))
        for column in table.columns:
            if column.kind == "text":
                texts = file.cells[column.name]
                file.findings += odd_findings(file.where, column.name, texts)
        for column in (*table.key, *table.required):
            file.refuse(
                file.cells[column.name] == "",
                column.name,
                f"{column.name} must not be empty, but is",
            )
        return file

    def refuse(self, bad: pd.Series, name: str, rule: str, remedy: str = "") -> None:
        """A finding for the rows where ``bad`` holds, with their cells of a column."""
        self.findings += row_findings(self.where, rule, bad, self.cells[name], remedy)

    def values(self, name: str, parse: Callable[[str], Any], must: str) -> pd.Series:
        """What the cells of a column say; None if empty or (a finding) unreadable."""
        known: dict[str, Any] = {"": None}
        unread = set()
        for text in self.cells[name].unique():
            try:
                known[text] = parse(text) if text else None
            except ValueError:
                unread.add(text)
        rule = f"{name} must be {must}, but is not"
        self.refuse(self.cells[name].isin(list(unread)), name, rule)
        found = [known.get(text) for text in self.cells[name]]
        return pd.Series(found, index=self.cells.index, dtype=object)

    def dates(self, name: str) -> pd.Series:
        """Dates as the form writes them, without their time of day."""
        whole = self.form.time or "%Y-%m-%d"
        found = re.search(r"%[dmyY].*%[dmyY]", whole)
        written = found[0] if found else whole

        def parse(text: str) -> dt.date:
            return dt.datetime.strptime(text, written).date()

        example = dt.date(2026, 12, 3).strftime(written)
        return self.values(name, parse, f"a date, written as {example}")

    def numbers(self, name: str) -> pd.Series:
        """Numbers as the form has them; NaN if empty or (a finding) unreadable."""
        read = parse_numbers(self.cells[name], self.form, counts=False)
        rule = (
            f"{name} must be a number (decimal sign {self.form.decimal!r}), but is not"
        )
        self.refuse(read.bad, name, rule)
        frame = pd.DataFrame({name: read.number})
        self.findings += value_findings(frame, self.table, self.where)
        return read.number

    def days(self, agents: Mapping[str, Agent], also: str = "") -> pd.Series:
        """Dates of rows that are by agent and date, each once and within employment."""
        ids, dates = self.cells["agent_id"], self.dates("date")
        rule = "agent_id must be in the file of agents, but is not"
        remedy = "Add the agents to it, or drop the rows."
        self.refuse(~ids.isin([*agents, also]), "agent_id", rule, remedy)
        key = pd.DataFrame({"agent_id": ids.mask(ids == ""), "date": dates})
        self.findings += duplicate_findings(key, self.table, self.where, KEEP_ONE)
        outside = [
            date is not None and name in agents and not agents[name].employed(date)
            for name, date in zip(ids, dates, strict=True)
        ]
        rule = "date must be a day on which the agent is employed, but is not"
        self.refuse(pd.Series(outside, index=ids.index), "date", rule)
        return dates

    def rows(self, **columns: pd.Series) -> Iterator[tuple[Any, ...]]:
        """The agent and these columns of each row."""
        return zip(self.cells["agent_id"], *columns.values(), strict=True)
