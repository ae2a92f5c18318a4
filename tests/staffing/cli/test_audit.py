import csv
import io
import re

import pytest

import staffing.audit.whole
from staffing.audit.steady import compare_steady

CONFIG = """\
history = "history.csv"
month = "2026-03"
timezone = "Europe/Rome"
[hours]
mon-fri = "09:00-11:00"
"""


@pytest.fixture(autouse=True)
def quick(quick_pictures):
    """No picture is rendered here."""


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_data_go_to_stdout_and_the_verdict_to_stderr(centre, staffcast_here, tmp_path):
    out = tmp_path / "out"
    args = ("audit", centre(), "--out", out, "--replications", "20", "--format", "csv")
    run = staffcast_here(*args)
    assert run.code == 0
    pools = rows_of(run.out)
    assert [row["queue"] for row in pools] == ["Sales", "all"]
    verdict, written = run.err.splitlines()
    assert re.fullmatch(
        r"audit: (\d+) intervals simulated one by one: planned and simulated agree "
        r"\(largest deviation \d\.\d standard errors, bound \d\.\d\)\. In days with "
        r"ramps and log-normal handle times: service level \d\d\.\d% ± \d\.\d "
        r"\(planned \d\d\.\d%\); worst interval Sales 2026-03-\d\d \d\d:\d\d: "
        r"\d\d\.\d% ± \d+\.\d \(planned \d\d\.\d%\)\.",
        verdict,
    )
    assert written == f"Written to {out}: audit.csv, audit.html"
    rows = rows_of((out / "audit.csv").read_text())
    assert verdict.startswith(f"audit: {len(rows)} intervals")
    assert staffcast_here(*args, "--seed", "99").out != run.out


def test_known_patience_is_an_option_or_the_configs(centre, staffcast_here, tmp_path):
    args = ("--out", tmp_path, "--replications", "10")
    said = staffcast_here("audit", centre(), *args, "--patience-s", "120").err
    assert "log-normal handle times and 120 s of patience: " in said
    path = centre(CONFIG + '[staffing]\nmodel = "erlang_a"\npatience_s = 90\n')
    said = staffcast_here("audit", path, *args).err
    assert "log-normal handle times and 90 s of patience: " in said


def test_where_they_disagree_the_exit_code_is_1(
    centre, staffcast_here, tmp_path, monkeypatch
):
    def of_a_wrong_plan(table):
        return compare_steady(table.assign(service_level=table["service_level"] - 0.05))

    monkeypatch.setattr(staffing.audit.whole, "compare_steady", of_a_wrong_plan)
    run = staffcast_here("audit", centre(), "--out", tmp_path, "--replications", "10")
    assert run.code == 1
    assert "planned and simulated disagree: " in run.err


@pytest.mark.parametrize(
    ("option", "value", "rule"),
    [
        ("--replications", "1", "greater than or equal to 2"),
        ("--replications", "1001", "less than or equal to 1000"),
        ("--patience-s", "0", "greater than or equal to 1"),
        ("--handle-cv", "-1", "greater than or equal to 0"),
    ],
)
def test_options_out_of_their_range_end_with_2(staffcast_here, option, value, rule):
    run = staffcast_here("audit", "plan.toml", option, value)
    assert (run.code, run.out, run.err) == (
        *(2, ""),
        f"error: Invalid value for '{option}': Input should be {rule}. See staffcast "
        "audit --help.\n",
    )
