import csv
import io
import json

import pytest

from staffing.scenario.levers import LEVERS

SCENARIOS = """\
["more calls"]
set = ["volume=+10%"]
["slower"]
set = ["aht_s=+30s"]
"""


def test_a_table_for_people_has_base_scenario_and_difference(centre, staffcast_here):
    run = staffcast_here("whatif", centre(), "--set", "volume=+10%")
    assert run.code == 0
    head, *lines = run.out.splitlines()
    assert head.split() == ["kpi", "plan", "scenario", "difference"]
    rows = {line[: line.index("  ")]: line.split("  ")[1:] for line in lines}
    assert {"Calls", "People (FTE)", "Service level"} <= set(rows)
    assert "Cost (EUR)" not in rows
    assert any(" of 22" in cell for cell in rows["Queue-days missed"])
    assert run.err.splitlines()[-1].startswith(
        "note: Service level, waits and days met are over 20 possible months"
    )


def test_csv_and_json_have_the_same_exact_numbers_by_pool(centre, staffcast_here):
    path = centre(calls={"Sales": 30.0, "Help": 9.0})
    asked = ("whatif", path, "--set", "volume=+10%@Help", "--format")
    table = list(csv.DictReader(io.StringIO(staffcast_here(*asked, "csv").out)))
    found = json.loads(staffcast_here(*asked, "json").out)
    assert found["set"] == {"scenario": ["volume=+10%@Help"]}
    assert found["notes"] == {"scenario": []}
    numbers = ("base", "scenario", "difference")
    for cells, values in zip(table, found["kpis"], strict=True):
        read = {name: float(cells[name]) if cells[name] else None for name in numbers}
        assert {**cells, **read} == values
    by_key = {(row["queue"], row["kpi"]): row for row in found["kpis"]}
    assert by_key["Sales", "offered"]["difference"] == 0
    ratio = by_key["Help", "offered"]
    assert ratio["scenario"] == pytest.approx(1.1 * ratio["base"])


def test_scenarios_of_a_file_stand_side_by_side_with_more_changes(
    centre, staffcast_here, tmp_path
):
    file = tmp_path / "scenarios.toml"
    file.write_text(SCENARIOS, encoding="utf-8")
    asked = ("whatif", centre(), "--scenarios", file, "--set", "agents=base")
    run = staffcast_here(*asked)
    assert run.out.split("\n")[0].split() == ["kpi", "plan", "more", "calls", "slower"]
    assert "note: more calls: By Erlang C nobody hangs up" in run.err
    one = staffcast_here(*asked, "--name", "slower", "--format", "json")
    assert json.loads(one.out)["set"] == {"slower": ["aht_s=+30s", "agents=base"]}


def test_the_files_are_the_scenarios_as_a_plan_writes_its_own(
    centre, staffcast_here, tmp_path, quick_pictures
):
    path = centre()
    staffcast_here("plan", path, "--out", tmp_path / "plan")
    same = staffcast_here("whatif", path, "--out", tmp_path / "same")
    assert same.code == 0
    for name in ("forecast.csv", "staffing.csv", "monthly.csv"):
        plan, again = (tmp_path / folder / name for folder in ("plan", "same"))
        assert plan.read_bytes() == again.read_bytes()
    more = tmp_path / "more"
    run = staffcast_here("whatif", path, "--set", "volume=+10%", "--out", more)
    assert run.err.splitlines()[-1] == (
        f"Written to {more}: forecast.csv, staffing.csv, monthly.csv, duty.csv, "
        "whatif.csv, run.json"
    )
    facts = json.loads((more / "run.json").read_text())
    assert facts["scenario"] == {"name": "", "set": ["volume=+10%"]}
    assert facts["exit_code"] == 0
    assert set(facts["outputs"]) == {p.name for p in more.glob("*.csv")}


def test_an_italian_plan_is_answered_in_italian(centre, staffcast_here, tmp_path):
    path = centre()
    path.write_text('lang = "it"\n' + path.read_text("utf-8"), "utf-8")
    changes = ("deflect=5%", "scope=month", "agents=base")
    asked = [part for change in changes for part in ("--set", change)]
    run = staffcast_here("whatif", path, *asked, "--out", tmp_path / "out")
    head, *lines = run.out.splitlines()
    assert head.split() == ["kpi", "piano", "scenario", "differenza"]
    assert lines[0].startswith("Chiamate ")
    notes = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["notes"]
    assert notes == [
        "Le chiamate che passano al self-service si suppongono simili alle altre; se "
        "sono quelle semplici, quelle che restano durano di più (aht_s).",
        "Rispettati e mancati si contano qui per mese, nel piano per giorno: non vanno "
        "confrontati.",
    ]
    said = [line for line in run.err.splitlines() if line.startswith("note: ")]
    assert said[:-1] == [f"note: scenario: {note}" for note in notes]
    assert said[-1].startswith("note: Livello di servizio, attese e giorni rispettati")


def test_seats_that_do_not_suffice_end_in_1(centre, staffcast_here):
    run = staffcast_here("whatif", centre(), "--set", "max_agents=1")
    assert run.code == 1
    assert "unmet: scenario: in 88 intervals max_agents does not suffice" in run.err


def test_levers_are_listed_without_a_plan(staffcast_here):
    run = staffcast_here("whatif", "--levers")
    assert run.code == 0
    lines = [line for line in run.out.splitlines() if line[:1] not in ("", " ")]
    listed = [line.split(":")[0] for line in lines]
    assert [name.removesuffix(".NAME") for name in listed] == list(LEVERS)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (["--set", "volume=lots"], "error: 'volume=lots': volume must be "),
        (
            ["--name", "a"],
            "error: --name chooses from a file: give --scenarios as well.",
        ),
        (
            ["--scenarios", "none.toml"],
            "error: none.toml cannot be read (No such file ",
        ),
        (
            ["--scenarios", "two.toml", "--name", "b"],
            "error: --name: two.toml has no 'b'; it has 'more calls', 'slower'.",
        ),
        (
            ["--scenarios", "two.toml", "--out", "x"],
            "error: --out takes one scenario, but 2 are asked for. Choose one with "
            "--name.",
        ),
        (["--scenarios", "empty.toml"], "error: empty.toml has no scenarios. Write "),
    ],
)
def test_what_cannot_be_asked_ends_in_2(
    more, fault, centre, staffcast_here, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.toml").write_text(SCENARIOS)
    (tmp_path / "empty.toml").write_text("")
    run = staffcast_here("whatif", centre(), *more)
    assert run.code == 2
    assert run.err.startswith(fault)
    assert run.out == ""
