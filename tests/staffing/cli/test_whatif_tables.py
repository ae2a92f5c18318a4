import base64
import csv
import io
import json
import re

import pytest

CHANGES = ("--set", "volume=+10%")


@pytest.fixture(autouse=True)
def few_paths(monkeypatch):
    monkeypatch.setattr("staffing.scenario.breakeven.PATHS", 2)


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def people(staffcast_here, config, *changes):
    options = [part for change in changes for part in ("--set", change)]
    found = json.loads(
        staffcast_here("whatif", config, *options, "--format", "json").out
    )
    return {
        row["kpi"]: row["scenario"] for row in found["kpis"] if row["queue"] == "all"
    }


def test_a_sweep_is_a_row_a_value_for_people_as_it_is_written(centre, staffcast_here):
    asked = ("whatif", centre(), *CHANGES, "--sweep", "aht_s=-10%..+10%/10%")
    head, *lines = staffcast_here(*asked).out.splitlines()
    assert head.split()[:2] == ["set_aht_s", "offered"]
    assert [line.split()[0] for line in lines] == ["-10%", "+0%", "+10%"]


def test_a_grid_has_the_numbers_of_its_points_scenarios(centre, staffcast_here):
    config = centre()
    sweeps = ("--sweep", "volume=0%..+20%/20%", "--sweep", "aht_s=0..+30/30")
    points = rows(staffcast_here("whatif", config, *sweeps, "--format", "csv").out)
    assert [(row["set_volume"], row["set_aht_s"]) for row in points] == [
        ("0.0", "0.0"),
        ("0.0", "30.0"),
        ("0.2", "0.0"),
        ("0.2", "30.0"),
    ]
    expected = people(staffcast_here, config, "volume=+20%", "aht_s=+30s")
    for kpi in ("peak_agents", "agent_hours", "fte"):
        assert float(points[-1][kpi]) == pytest.approx(expected[kpi])


@pytest.mark.parametrize(
    ("option", "head"),
    [
        (
            "--tornado",
            "lever,low,high,fte,fte_low,fte_high,hours_low,hours_high,source",
        ),
        ("--trade-off", "point,target,service_level,agent_hours"),
        ("--break-even", "queue,change,missed"),
    ],
)
def test_other_tables_are_exact_as_csv_and_rounded_for_people(
    centre, staffcast_here, option, head
):
    config = centre()
    run = staffcast_here("whatif", config, option, "--format", "csv")
    assert run.code == 0
    assert run.out.splitlines()[0] == head
    shown = staffcast_here("whatif", config, option)
    assert shown.out.splitlines()[0].split() == head.split(",")
    assert len(shown.out.splitlines()) == len(run.out.splitlines())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--tornado", "--trade-off"),
            "error: --tornado and --trade-off each print a table: ask for one at a "
            "time.\n",
        ),
        (
            ("--sweep", "volume=1%"),
            "error: --sweep 'volume=1%': must be LEVER=FROM..TO/STEP, all three "
            "numbers. Write for example --sweep volume=-20%..+20%/5%.\n",
        ),
        (
            ("--sweep", "volume=0%..+2%/1%") * 2,
            "error: --sweep: volume is given twice. Sweep another lever, or the same "
            "at another place.\n",
        ),
        (
            ("--sweep", "volume=0%..+2%/1%") * 3,
            "error: --sweep may be given once or twice, but is given 3 times. Set the "
            "other levers with --set.\n",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(centre, staffcast_here, options, said):
    run = staffcast_here("whatif", centre(), *options)
    assert (run.code, run.out, run.err) == (2, "", said)


def test_a_table_or_a_page_is_of_one_scenario(centre, staffcast_here, tmp_path):
    file = tmp_path / "scenarios.toml"
    file.write_text('[a]\nset = ["volume=+1%"]\n[b]\nset = []\n', encoding="utf-8")
    for option in (("--tornado",), ("--report", tmp_path / "out.html")):
        run = staffcast_here("whatif", centre(), "--scenarios", file, *option)
        assert run.code == 2
        assert run.err == (
            f"error: {option[0]} takes one scenario, but 2 are asked for. Choose one "
            "with --name.\n"
        )


@pytest.mark.parametrize("lang", ["en", "it"])
def test_the_report_is_one_page_that_loads_nothing(
    centre, staffcast_here, tmp_path, lang
):
    config = centre()
    config.write_text(f'lang = "{lang}"\n{config.read_text()}', encoding="utf-8")
    out = tmp_path / "mail" / "out.html"
    sweep = ("--sweep", "volume=0%..+10%/10%", "--sweep", "aht_s=0..+30/30")
    asked = ("whatif", config, *CHANGES, *sweep, "--report", out)
    run = staffcast_here(*asked)
    assert run.code == 0
    assert f"Written to {out.parent}: out.html" in run.err
    page = out.read_text(encoding="utf-8")
    assert f'<html lang="{lang}">' in page
    assert "<code>volume=+10%</code>" in page
    assert "<script" not in page
    pictures = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert len(pictures) == len(re.findall("<img ", page)) == 4
    for picture in pictures:
        base64.b64decode(picture, validate=True)
    loaded = re.findall(r'(?:src|href|url)\s*[=(]\s*"?(?!data:)([^">)]+)', page)
    assert loaded == []
    assert {"en": "How far it carries", "it": "Fin dove si regge"}[lang] in page
