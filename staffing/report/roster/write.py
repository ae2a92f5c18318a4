"""The files of a roster."""

from __future__ import annotations

from forecast.tables import csv_bytes
from staffing.report.roster.found import changes_table
from staffing.report.roster.ics import calendars
from staffing.report.roster.made import Made
from staffing.report.roster.page import roster_page
from staffing.report.roster.workbook import workbook_bytes


def write_roster(made: Made) -> dict[str, bytes]:
    """
    The files by their names: tables as CSV, roster.xlsx, roster.html, ics/AGENT.ics.

    The same roster gives the same bytes. They name people: no other command writes
    or shows what is in them.
    """
    tables = {
        "roster": made.roster,
        "cover": made.cover,
        "payroll": made.payroll,
        "fairness": made.fairness,
        "clients": made.hours_of_clients,
        "service": made.service,
        "changes": (
            None if made.changes is None else changes_table(made.problem, made.changes)
        ),
    }
    days = calendars(
        made.problem, made.solution.duties, made.changes or (), made.repair_from
    )
    return {
        **{
            f"{name}.csv": csv_bytes(table)
            for name, table in tables.items()
            if table is not None
        },
        "roster.xlsx": workbook_bytes(made),
        "roster.html": roster_page(made).encode(),
        **{f"ics/{name}": data for name, data in days.items()},
    }
