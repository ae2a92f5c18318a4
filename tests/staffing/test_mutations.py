"""A month of history spoilt at known rows: each fault is told, and nothing else is."""

import csv
import io
import json
import random
import re

import pandas as pd
import pytest
from reference.mutated import FAULTS, month_for, put_faults

from forecast.errors import SHOWN, TableError
from staffing.config import read_config
from staffing.inputs import on_grid, read_rows
from staffing.pipeline import plan_month
from staffing.report.folder import write_plan

KINDS = {  # what a rule is about; its column beside it
    r"each queue, interval_start must appear once": "repeat",
    r"(\w+) must be (?:between|\S+ or more)": "bounds",
    r"(\w+) counts contacts: it must be whole": "whole",
    r"(\w+) must be a number": "number",
    r"intervals must start on the grid": "grid",
    r"all intervals must be 1800 s long": "length",
    r"interval_start must exist in Europe/Rome": "clock",
    r"all times or none must have an offset": "offset",
    r"queue must not be empty": "queue",
    r"interval_start must (?:be a time|not be empty)": "time",
    r"every row must have the header's": "cells",
    r"the history table must have the columns": "columns",
    r"offered is empty": "blank",
    r"handled \+ abandoned is more than offered": "more",
    r"answered_within is more than handled": "within",
    r"open intervals without a row": "absent",
    r"open days without a row": "holes",
    r"rows outside the declared opening hours": "outside",
    r"a repeated clock hour cannot be told apart": "unsure",
    r"no row of any queue for 28 days": "gap",
    r"far more or fewer calls than usual": "unusual",
}


def kind_of(rule):
    """The kind of a rule, or the rule itself where it is of none."""
    for pattern, kind in KINDS.items():
        if found := re.match(pattern, rule):
            return " ".join([kind, *found.groups()])
    return rule


def place_of(case):
    """The rows that a case names, or the case where it names none."""
    rows = re.findall(r"\brow (\d+)", case) or re.findall(r"^rows ([\d, ]+) \(", case)
    day = re.match(r".* at \d{4}-\d\d-\d\d(?=.* usually )", case)
    return ", ".join(rows) or (day[0] if day else case)


def said(findings):
    """Each kind of finding, with the places that it names."""
    for finding in findings:
        assert finding.count == len(finding.cases)
        shown = finding.cases[:SHOWN]
        assert "; ".join(shown) in str(finding)
    return {kind_of(f.rule): set(map(place_of, f.cases)) for f in findings}


def read(month, folder):
    """The history on its grid, and what is said of it."""
    (folder / "plan.toml").write_text(month.config)
    path = folder / "history.csv"
    path.write_bytes(month.bytes())
    config = read_config(folder / "plan.toml")
    try:
        reading = read_rows(config, path)
    except TableError as error:
        return None, said(error.findings)
    last = reading.frame["interval_start"].max().date()
    history = on_grid(config, reading, last, path.name)
    return history.frame, said(history.warnings)


def check_clean(month, folder):
    """Of a month without a fault nothing is said, in whatever order its rows are."""
    frame, clean = read(month, folder)
    assert clean == {}
    assert len(frame) == len(month.rows)
    assert frame["offered"].sum() == sum(int(r.cells["offered"]) for r in month.rows)
    if month.form == "offset":
        month.chance.shuffle(month.rows)
        again, shuffled = read(month, folder)
        assert shuffled == {}
        pd.testing.assert_frame_equal(again, frame)


def check_spoilt(seed, month, folder):
    """Every fault is told with its rows, and nothing else is."""
    fault = FAULTS[seed % len(FAULTS)]
    names = put_faults(month, fault, month.chance.choice([0, 0, 1, 2, 4]))
    _, found = read(month, folder)
    unusual = found.pop("unusual", set())
    assert found == month.expected(), names
    assert unusual <= month.zeros, names  # rows taken as no calls are odd as well


@pytest.mark.parametrize("seed", range(len(FAULTS)), ids=[f.name for f in FAULTS])
def test_every_fault_of_a_month_is_told_with_its_rows_and_nothing_else(seed, tmp_path):
    month = month_for(FAULTS[seed], seed)
    if seed % 9 == 0:
        check_clean(month, tmp_path)
    check_spoilt(seed, month, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("hundred", range(10))
def test_every_fault_of_1000_months_is_told(hundred, tmp_path):
    for seed in range(100 * hundred, 100 * hundred + 100):
        month = month_for(FAULTS[seed % len(FAULTS)], 1000 + seed)
        check_clean(month, tmp_path)
        check_spoilt(seed, month, tmp_path)


def test_check_lists_every_row_of_a_fault_where_words_show_the_first_20(
    tmp_path, staffcast_here
):
    month = month_for(FAULTS[0], 2)
    for row in month.rows[:45]:
        row.cells["offered"] = "-1"
    month.rows[50].cells["aht_s"] = "long"
    read(month, tmp_path)
    asked = ("check", tmp_path / "history.csv", "--config", tmp_path / "plan.toml")
    run = staffcast_here(*asked, "--faults", "--format", "csv")
    assert run.code == 3
    assert "; row 21 (-1); and 25 more." in run.err
    listed = list(csv.DictReader(io.StringIO(run.out)))
    cases = ["row 52 ('long')", *(f"row {n} (-1)" for n in range(2, 47))]
    assert [line["case"] for line in listed] == cases
    assert {line["level"] for line in listed} == {"error"}
    assert listed[0]["rule"].startswith("aht_s must be a number (decimal sign ")
    assert listed[0]["remedy"].startswith("Declare other signs under [format]; leave")


def test_check_lists_what_is_odd_too(tmp_path, staffcast_here):
    month = month_for(FAULTS[0], 2)
    for row in month.rows[:30]:
        row.cells["offered"] = ""
    read(month, tmp_path)
    asked = ("check", tmp_path / "history.csv", "--config", tmp_path / "plan.toml")
    run = staffcast_here(*asked, "--faults", "--format", "json")
    assert run.code == 0
    listed = json.loads(run.out)
    assert [line["case"] for line in listed] == [f"row {n}" for n in range(2, 32)]
    assert {line["level"] for line in listed} == {"warning"}
    run = staffcast_here(*asked, "--faults")
    assert run.out.splitlines()[1].split()[:3] == ["warning", "row", "2"]


def test_the_order_of_rows_does_not_change_a_file_of_the_plan(
    centre, tmp_path, quick_pictures
):
    path = centre(calls={"Sales": 30.0, "Help": 12.0})
    write_plan(plan_month(path), tmp_path / "plan")
    history = path.with_name("history.csv")
    header, *lines = history.read_text().splitlines()
    random.Random(1).shuffle(lines)  # noqa: S311 - a sample, no secret
    history.write_text("\n".join([header, *lines, ""]))
    write_plan(plan_month(path), tmp_path / "shuffled")
    for name in ("forecast.csv", "staffing.csv", "monthly.csv"):
        plain, shuffled = (tmp_path / part / name for part in ("plan", "shuffled"))
        assert plain.read_bytes() == shuffled.read_bytes(), name
