import datetime as dt
import io
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from reference.rostered import made_of

from staffing.report.roster.workbook import workbook_bytes
from staffing.roster.rules import UNITS

NINE, LATE, NIGHT = dt.time(9, 0), dt.time(13, 30), dt.time(22, 0)
MONTH = [
    ["Roster 2026-10-24 to 2026-10-26"],
    [
        *("agent", "contract", "groups"),
        *(dt.datetime(2026, 10, day) for day in (24, 25, 26)),
        *("shifts", "paid h", "absent h", "contract h", "difference h"),
    ],
    ["=1+1", "PT4", "Care, Sales", NINE, NINE, NINE, 3, 12, 0, 514 / 60, 206 / 60],
    ["../B", "FT8", "Sales", "away", LATE, LATE, 2, 16, 8, 1029 / 60, 411 / 60],
    ["../b", "NIGHT", "Care", NIGHT, "R", "R", 1, 8, 0, 1029 / 60, -549 / 60],
    ["D", "PT4", "Sales", "–", "–", "R", 0, 0, 0, 171 / 60, -171 / 60],
    ["people at work", None, None, 2, 2, 2],
    [],
    ["M", "starts from 04:00"],
    ["A", "from 11:00"],
    ["E", "from 16:00"],
    ["N", "from 21:00"],
    ["R", "rest"],
    ["away", "leave, training …"],
    ["–", "not employed"],
]


def cells(sheet):
    """All rows; nothing at the end of one is left out of it."""
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    return rows


@pytest.fixture
def book(made):
    return load_workbook(io.BytesIO(workbook_bytes(made)))


def test_every_cell_of_the_month(book):
    found = cells(book["Month"])
    assert len(found) == len(MONTH)
    for row, expected in zip(found, MONTH, strict=True):
        assert row[:7] == expected[:7]
        assert row[7:] == pytest.approx(expected[7:])


def test_a_shift_shows_the_letter_of_its_part_of_the_day(book):
    sheet = book["Month"]
    shown = {at: sheet[at].number_format for at in ("D3", "E4", "D5")}
    assert shown == {"D3": '"M" hh:mm', "E4": '"A" hh:mm', "D5": '"N" hh:mm'}
    assert len({sheet[at].fill.fgColor.rgb for at in ("D3", "E4", "D5", "E5")}) == 4


def test_every_cell_of_the_cover(book, made):
    head, *rows = cells(book["Cover"])
    names = ["group", "date", "start", "UTC", "scheduled", "rostered", "net"]
    assert head == names
    expected = [
        [
            row["queue"],
            row["interval_start"].tz_localize(None).normalize().to_pydatetime(),
            row["interval_start"].time(),
            "+02:00" if row["interval_start"].day == 24 else "+01:00",
            *(row["scheduled"], row["rostered"], row["net"]),
        ]
        for row in made.cover.to_dict("records")
    ]
    assert rows == expected
    assert len(rows) == 2 * 3 * 28


def test_missing_and_spare_agents_have_colours_of_their_own(book):
    rules = book["Cover"].conditional_formatting
    found = {
        (str(part.sqref), rule.operator, rule.formula[0])
        for part in rules
        for rule in part.rules
    }
    assert found == {
        ("G2:G169", "lessThanOrEqual", "-0.05"),
        ("G2:G169", "greaterThanOrEqual", "0.05"),
    }


def test_every_cell_of_fairness_and_rules(book, made):
    value = made.solution.stages[1].value
    hours = made.hours.to_numpy().tolist()
    assert cells(book["Fairness and rules"]) == [
        ["How far from the best: no roster has a value below the bound"],
        ["stage", "value", "bound", "gap"],
        ["days off", 0],
        ["roster", value, pytest.approx(0.75 * value), pytest.approx(1 / 3)],
        [],
        ["Hours, missing and spare"],
        ["group", "required", "missing", "spare", "missing share"],
        *(pytest.approx(row) for row in hours),
        [],
        ["Rules: check those not verified with your agreement"],
        ["rule", "value", "unit", "holds", "status", "says"],
        ["daily-rest", 11, "h", "always", "verified", "11 hours of rest (a law)"],
        [
            *("fair-late", 2, "late ends", "weight 1.5", "not verified"),
            "late ends are shared (usual)",
        ],
        [],
        ["What each person got"],
        [
            *("agent id", "contract", "shifts", "free weekends", "sundays"),
            *("late ends", "granted", "refused"),
        ],
        ["=1+1", "PT4", 3, 0, 1, 0, 0, 0],
        ["../B", "FT8", 2, 0, 1, 2, 0, 0],
        ["../b", "NIGHT", 1, 0, 0, 1, 0, 0],
        ["D", "PT4", 0, 0, 0, 0, 0, 0],
    ]


def test_the_units_of_rules_fit_their_column(book):
    width = book["Fairness and rules"].column_dimensions["C"].width
    assert max(map(len, UNITS.values())) < width


def test_nothing_is_a_formula_or_a_link(book):
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
    assert book["Month"]["A3"].data_type == "s"


def test_the_month_prints_on_one_page_across_and_its_heads_stay(book):
    sheet = book["Month"]
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    setup = sheet.page_setup
    assert (setup.fitToWidth or 1, setup.fitToHeight) == (1, 0)  # 1 is the default
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("D3", "$2:$2")


def test_the_same_roster_gives_the_same_bytes():
    one, again = (workbook_bytes(made_of(dt.date(2026, 3, 28))) for _ in range(2))
    assert one == again
    with ZipFile(io.BytesIO(one)) as parts:
        assert b"2026-03-28T00:00:00Z" in parts.read("docProps/core.xml")
