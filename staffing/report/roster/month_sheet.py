"""The first sheet of roster.xlsx: the month, one row a person."""

from __future__ import annotations

import datetime as dt

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from staffing.report.roster.grid import CODES, code_grid
from staffing.report.roster.made import Made

HEAD = {"bold": True, "bottom": 2, "text_wrap": True, "valign": "bottom"}
CENTRE = {"align": "center", "border": 1, "border_color": "#c8c8c8"}
WEEKEND = {"bg_color": "#e4e4e4"}
TOTALS = ("shifts", "paid h", "absent h", "contract h", "difference h")
TOP = 2
"""The first row of a person, below the title and the heads."""
LEFT = 3
"""The first column of a day, beside agent, contract and groups."""


def write_month(book: Workbook, sheet: Worksheet, made: Made) -> None:
    """When each shift starts, rest and absence, and totals against the contract."""
    people, days = len(made.problem.agents), made.problem.horizon.days
    right = LEFT + days
    _write_heads(book, sheet, made)
    _write_days(book, sheet, made)
    _write_totals(book, sheet, made)
    _write_legend(book, sheet, TOP + people + 2)
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, LEFT - 1, 11)
    sheet.set_column(LEFT, right - 1, 7)
    sheet.set_column(right, right + len(TOTALS) - 1, 12)
    sheet.set_landscape()
    sheet.freeze_panes(TOP, LEFT)
    sheet.repeat_rows(TOP - 1)


def _write_heads(book: Workbook, sheet: Worksheet, made: Made) -> None:
    horizon = made.problem.horizon
    dates = [horizon.date(day) for day in range(horizon.days)]
    title = f"Roster {dates[0]} to {dates[-1]}"
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "size": 14}))
    left, right = (
        book.add_format({**HEAD, "align": align}) for align in ("left", "right")
    )
    for column, name in enumerate(("agent", "contract", "groups")):
        sheet.write_string(TOP - 1, column, name, left)
    for column, date in enumerate(dates, LEFT):
        look = {**HEAD, "num_format": "ddd d", "align": "center"}
        look |= WEEKEND if date.weekday() > 4 else {}
        midnight = dt.datetime.combine(date, dt.time())
        sheet.write_datetime(TOP - 1, column, midnight, book.add_format(look))
    for column, name in enumerate(TOTALS, LEFT + len(dates)):
        sheet.write_string(TOP - 1, column, name, right)


def _write_days(book: Workbook, sheet: Worksheet, made: Made) -> None:
    """Who each person is and what each day brings; below, people at work."""
    problem = made.problem
    horizon = problem.horizon
    looks = _looks(book)
    codes = code_grid(problem, made.solution.duties).to_numpy()
    for row, agent in enumerate(problem.agents, TOP):
        sheet.write_string(row, 0, agent.agent_id)
        sheet.write_string(row, 1, agent.contract.name)
        sheet.write_string(row, 2, ", ".join(agent.groups))
        for day, code in enumerate(codes[row - TOP]):
            sheet.write_string(row, LEFT + day, code, looks[code])
    at_work = [0] * horizon.days
    for duty in made.solution.duties:
        start = horizon.time(duty.shift.start)
        look = looks[codes[duty.agent, duty.day]]
        sheet.write_datetime(TOP + duty.agent, LEFT + duty.day, start.time(), look)
        at_work[duty.day] += 1
    foot = TOP + len(problem.agents)
    bold = {"bold": True, "top": 2}
    sheet.write_string(foot, 0, "people at work", book.add_format(bold))
    centred = book.add_format({**bold, "align": "center"})
    for column, people in enumerate(at_work, LEFT):
        sheet.write_number(foot, column, people, centred)


def _looks(book: Workbook) -> dict[str, Format]:
    """The format of each code; that of a shift shows its letter before its start."""
    return {
        code.name: book.add_format(
            {
                **CENTRE,
                "bg_color": code.fill,
                "font_color": code.ink,
                "num_format": f'"{code.name}" hh:mm',
                "shrink": True,
            }
        )
        for code in CODES.values()
    }


def _write_totals(book: Workbook, sheet: Worksheet, made: Made) -> None:
    """Shifts, paid hours of shifts and absences, those due, and the difference."""
    first = LEFT + made.problem.horizon.days
    hours = book.add_format({"num_format": "#,##0.0"})
    signed = book.add_format({"num_format": "+#,##0.0;-#,##0.0;0.0", "bold": True})
    for row, shifts in enumerate(made.fairness["shifts"].tolist(), TOP):
        sheet.write_number(row, first, shifts)
    minutes = made.payroll[["paid_min", "absence_min", "contract_min"]]
    for row, (paid, absent, due) in enumerate(minutes.to_numpy().tolist(), TOP):
        for column, value in enumerate((paid, absent, due), first + 1):
            sheet.write_number(row, column, value / 60, hours)
        sheet.write_number(row, first + 4, (paid + absent - due) / 60, signed)


def _write_legend(book: Workbook, sheet: Worksheet, row: int) -> None:
    """What the codes say."""
    for place, code in enumerate(CODES.values(), row):
        look = {**CENTRE, "bg_color": code.fill, "font_color": code.ink}
        sheet.write_string(place, 0, code.name, book.add_format(look))
        sheet.write_string(place, 1, code.meaning)
