import csv
import io
import json
from datetime import date, timedelta

import pytest
from reference.past import CONFIG as PAST
from reference.past import write_past

CONFIG = """\
history = "history.csv"
timezone = "Europe/Rome"

[hours]
mon-fri = "09:00-13:00"

[staffing.shrinkage]
sickness = 0.2

[roster]
agents = "agents.csv"
contracts = "contracts.toml"
effort = 0.05
"""
CONTRACTS = """\
[contracts.PT4]
weekly_h = 20
shifts = [{ present = "4:00", breaks = ["15 paid"] }]
"""
AGENTS = "agent_id,contract,groups\nA1,PT4,Sales\nA2,PT4,Sales\nA3,PT4,Sales\n"
FILES = (
    "roster.csv, cover.csv, payroll.csv, fairness.csv, clients.csv, roster.xlsx, "
    "roster.html, ics/, run.json"
)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No picture is drawn here."""
    monkeypatch.setattr("staffing.report.roster.page.html_picture", lambda *_, **__: "")


@pytest.fixture
def centre(tmp_path, monkeypatch):
    """February 2027: 1.6 agents are needed at once, and three work each day."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.toml").write_text(CONFIG)
    (tmp_path / "contracts.toml").write_text(CONTRACTS)
    (tmp_path / "agents.csv").write_text(AGENTS)
    days = [date(2027, 2, 1) + timedelta(n) for n in range(28)]
    rows = [
        f"Sales,{day}T{hour:02d}:{minute},1.6"
        for day in days
        if day.weekday() < 5
        for hour in range(9, 13)
        for minute in ("00", "30")
    ]
    text = "queue,interval_start,agents\n" + "\n".join(rows) + "\n"
    (tmp_path / "staffing.csv").write_text(text)
    return tmp_path


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text())))


MADE = "roster", "plan.toml", "--staffing", "staffing.csv", "--out", "out"


def test_a_roster_is_made_checked_and_repaired(centre, staffcast_here):
    run = staffcast_here(*MADE, "--format", "csv")
    assert run.code == 0, run.err
    (sales, whole) = csv.DictReader(io.StringIO(run.out))
    assert (sales["group"], whole["group"]) == ("Sales", "all")
    assert float(whole["required"]) == 20 * 4 * 2.0  # 1.6 / (1 - 0.2)
    assert "The independent check finds no rule broken." in run.err
    assert f"Written to out: {FILES}\n" in run.err
    shifts = rows_of(centre / "out" / "roster.csv")
    assert len(shifts) == 3 * 20
    manifest = json.loads((centre / "out" / "run.json").read_text())
    assert manifest["roster"]["shifts"] == 60
    for name in ("required", "missing", "spare"):
        assert manifest["roster"][f"{name}_hours"] == float(whole[name])
    assert {"agents.csv", "staffing.csv"} <= set(manifest["sources"])
    assert sorted(p.name for p in (centre / "out" / "ics").iterdir()) == [
        *("A1.ics", "A2.ics", "A3.ics"),
    ]

    checked = staffcast_here("roster", "plan.toml", "--verify", "out/roster.csv")
    assert (checked.code, checked.out) == (0, "")
    assert checked.err == (
        "roster.csv, 2027-02-01 to 2027-02-28: every rule is kept.\n"
    )

    absent = "agent_id,date,kind\nA2,2027-02-10,sickness\n"
    (centre / "absences.csv").write_text(absent)
    with (centre / "plan.toml").open("a") as config:
        config.write('absences = "absences.csv"\n')
    args = "--repair", "out/roster.csv", "--from", "2027-02-10", "--out", "mended"
    mended = staffcast_here(*MADE[:-2], *args)
    assert mended.code == 0, mended.err
    changes = rows_of(centre / "mended" / "changes.csv")
    assert [(c["agent_id"], c["date"]) for c in changes] == [("A2", "2027-02-10")]
    assert changes[0]["after"] == ""
    calendar = (centre / "mended" / "ics" / "A2.ics").read_text()
    assert calendar.count("DTSTAMP:20270210T000000Z") == 20
    assert calendar.count("STATUS:CANCELLED") == 1


def test_the_same_files_give_the_same_bytes(centre, staffcast_here):
    for out in ("one", "two"):
        assert staffcast_here(*MADE[:-1], out).code == 0
    names = {path.name for path in (centre / "one").iterdir() if path.is_file()}
    for name in names - {"run.json"}:  # tells times
        one, two = ((centre / out / name).read_bytes() for out in ("one", "two"))
        assert one == two, name


def test_a_roster_edited_by_hand_is_told_where_it_breaks_a_rule(centre, staffcast_here):
    assert staffcast_here(*MADE).code == 0
    path = centre / "out" / "roster.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n")
    run = staffcast_here("roster", "plan.toml", "--verify", path, "--format", "csv")
    assert run.code == 1
    (fault,) = csv.DictReader(io.StringIO(run.out))
    assert (fault["rule"], fault["agent_id"]) == ("week-hours", "A3")
    assert run.err == "roster.csv, 2027-02-01 to 2027-02-28: 1 rule broken.\n"


def test_a_roster_without_shifts_is_told(centre, staffcast_here):
    (centre / "empty.csv").write_text(
        "agent_id,start,date,end,breaks,paid_min,contract,group,activity\n"
    )
    run = staffcast_here("roster", "plan.toml", "--verify", "empty.csv")
    said = "error: empty.csv: it must have rows, but has none.\n"
    assert (run.code, run.err) == (3, said)


def test_callers_whose_patience_is_to_be_estimated_are_not_simulated(
    centre, staffcast_here
):
    """By the agents alone nobody would hang up. Half a month is half a month."""
    config = CONFIG.replace(
        "[staffing.shrinkage]",
        '[staffing]\nmodel = "erlang_a"\npatience_s = "estimate"\n\n'
        "[staffing.shrinkage]",
    )
    (centre / "plan.toml").write_text(config)
    header, *rows = (centre / "staffing.csv").read_text().splitlines()
    rows = [f"{row},6,180" for row in rows[: 8 * 10]]
    text = "\n".join([f"{header},offered,aht_s", *rows])
    (centre / "staffing.csv").write_text(f"{text}\n")
    run = staffcast_here(*MADE)
    assert run.code == 0, run.err
    assert (
        "The service to expect is not simulated: staffing.csv must have offered and "
        'aht_s, and patience_s must not be "estimate".\n'
    ) in run.err
    assert not (centre / "out" / "service.csv").exists()
    dates = {row["date"] for row in rows_of(centre / "out" / "roster.csv")}
    assert max(dates) == "2027-02-12"


def test_a_queue_that_nobody_answers_is_told_by_the_exit_code(centre, staffcast_here):
    with (centre / "staffing.csv").open("a") as staffing:
        staffing.write("Care,2027-02-01T09:00,1\n")
    run = staffcast_here(*MADE)
    assert run.code == 1
    assert "missed: Care: no agent answers it\n" in run.err
    assert "Care: no agent answers it" in (centre / "out" / "roster.html").read_text()


def test_service_below_the_target_is_told_by_the_exit_code(centre, staffcast_here):
    """Twelve calls of 300 s a half-hour are two erlangs: three people do not do."""
    path = centre / "staffing.csv"
    header, *rows = path.read_text().splitlines()
    lines = [f"{header},offered,aht_s", *(f"{row},12,300" for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    run = staffcast_here(*MADE)
    assert run.code == 1
    assert "missed: Sales 2027-02: service level " in run.err
    assert "%, at least 95.0% is wanted\n" in run.err


def test_nobody_is_named_in_the_log(centre, staffcast_here):
    (centre / "agents.csv").write_text(AGENTS.replace("A3", "Rossi"))
    run = staffcast_here(*MADE)
    assert run.code == 0
    assert "Rossi" not in run.out + run.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (
            ("plan.toml",),
            "a roster is for the agents of each interval: name them with --staffing "
            "FILE, the staffing.csv that staffcast plan writes.",
        ),
        (
            ("plan.toml", "--staffing", "staffing.csv", "--repair", "out/roster.csv"),
            "--repair ROSTER and --from YYYY-MM-DD go together.",
        ),
        (
            (*MADE[1:-2], "--repair", "roster.csv", "--from", "10 February"),
            "--from must be a day, such as 2026-12-10, but is '10 February'.",
        ),
        (
            (*MADE[1:-2], "--repair", "roster.csv", "--from", "2027-03-01"),
            "--from must be a day of the roster, 2027-02-01 to 2027-02-28, but is "
            "2027-03-01.",
        ),
        (
            ("plan.toml", "--verify", "roster.csv", "--out", "out"),
            "--verify checks a roster: leave the other options out.",
        ),
    ],
)
def test_wrong_usage_is_told(centre, staffcast_here, args, said):
    run = staffcast_here("roster", *args)
    assert (run.code, run.err) == (2, f"error: {said}\n")
    assert not (centre / "out").exists()


def test_a_configuration_without_a_team_is_told(centre, staffcast_here):
    text = CONFIG.split("[roster]")[0]
    (centre / "plan.toml").write_text(text)
    run = staffcast_here(*MADE)
    assert run.code == 2
    assert run.err.startswith("error: there is no [roster] in the configuration.")


def test_every_fault_of_the_team_is_told(centre, staffcast_here):
    (centre / "agents.csv").write_text(AGENTS.replace("A2,PT4", "A2,PT5"))
    run = staffcast_here(*MADE)
    assert run.code == 3
    assert run.err.startswith("error: agents.csv: contract must be ")
    assert "row 3" in run.err


def test_files_that_are_not_there_are_told(centre, staffcast_here):
    run = staffcast_here(*MADE[:3], "none.csv")
    assert run.code == 3
    assert "none.csv" in run.err
    (centre / "agents.csv").unlink()
    run = staffcast_here(*MADE)
    assert run.code == 3
    assert "agents.csv" in run.err


def test_a_plan_with_a_team_is_rostered_too(tmp_path, monkeypatch, staffcast_here):
    """Its files are the plan's and the roster's; the report names nobody."""
    monkeypatch.chdir(tmp_path)
    team = '\n[roster]\nagents = "agents.csv"\ncontracts = "contracts.toml"\n'
    write_past(tmp_path, calls={"Sales": 25}, config=PAST.split("[groups]")[0] + team)
    (tmp_path / "agents.csv").write_text(
        "agent_id,contract,groups\n" + "".join(f"A{n},PT1,Sales\n" for n in range(9))
    )
    (tmp_path / "contracts.toml").write_text(
        '[contracts.PT1]\nweekly_h = 5\nshifts = [{ present = "1:00" }]\n'
    )
    monkeypatch.setattr("staffing.report.page.svg_uri", lambda figure: "")
    run = staffcast_here("plan", "plan.toml", "--out", "out")
    assert run.code in (0, 1), run.err
    assert "staffing.csv" in run.err
    assert "roster.csv, cover.csv" in run.err
    shifts = rows_of(tmp_path / "out" / "roster.csv")
    assert 9 * 21 <= len(shifts) <= 9 * 22  # the last week goes on in April
    manifest = json.loads((tmp_path / "out" / "run.json").read_text())
    assert manifest["roster"]["agents"] == 9
    assert "A3" not in (tmp_path / "out" / "report.html").read_text()
    assert "A3" not in run.err + run.out
