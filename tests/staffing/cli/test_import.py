"""An ACD's export becomes a history, and a plan.toml reads it as it is."""

import csv
import io
import json

import pytest
from openpyxl import Workbook

from forecast.errors import OutputError

LOG = (
    "1772438400|a|Sales|NONE|ENTERQUEUE||1|1\n"
    "1772438410|a|Sales|SIP/9|CONNECT|10|b|2\n"
    "1772438590|a|Sales|SIP/9|COMPLETEAGENT|10|180|1\n"
    "1772440200|c|Care|NONE|ENTERQUEUE||1|1\n"
    "1772440230|c|Care|NONE|ABANDON|1|1|30\n"
)
TALK = (
    "warning: queue_log: aht_s is talk alone: the log knows of no work after the call. "
    "Where agents work on after calls, tell how much longer it makes them: "
    "[[aht.changes]] effect.\n"
)
CLOCK = ("--timezone", "Europe/Rome")


@pytest.fixture
def queue_log(tmp_path):
    path = tmp_path / "queue_log"
    path.write_text(LOG)
    return path


def test_an_export_is_written_as_a_history_that_checks(
    queue_log, staffcast_here, tmp_path
):
    out = tmp_path / "new" / "history.csv"
    options = ("--from", "queue-log", *CLOCK, "--threshold-s", "20", "--out", out)
    run = staffcast_here("import", queue_log, *options)
    assert run.code == 0
    assert run.err == f"{TALK}Written to {out.parent}: history.csv\n"
    assert [line.split() for line in run.out.splitlines()[1:]] == [
        ["Care", "1", "0", "2026-03-02", "09:30", "2026-03-02", "09:30", "1", "–"],
        ["Sales", "1", "0", "2026-03-02", "09:00", "2026-03-02", "09:00", "1", "180"],
    ]
    assert out.read_text() == (
        "queue,interval_start,offered,handled,abandoned,short_abandoned,"
        "answered_within,aht_s,asa_s,abandon_wait_s\n"
        "Care,2026-03-02T09:30:00+01:00,1,0,1,0,0,,,30.0\n"
        "Sales,2026-03-02T09:00:00+01:00,1,1,0,0,1,180.0,10.0,\n"
    )
    assert [path.name for path in out.parent.iterdir()] == ["history.csv"]
    again = staffcast_here("check", out, *CLOCK)
    assert (again.code, again.out, again.err) == (0, run.out, "")


def test_a_history_is_written_before_its_table_is_shown(
    queue_log, staffcast_here, tmp_path, monkeypatch
):
    def refused(*_):
        raise OutputError("stdout could not be written.")

    monkeypatch.setattr("staffing.cli.importing.show_table", refused)
    out = tmp_path / "history.csv"
    options = ("--from", "queue-log", *CLOCK, "--out", out)
    assert staffcast_here("import", queue_log, *options).code == 5
    assert out.exists()


def test_a_dry_run_shows_the_first_rows_as_understood(
    queue_log, staffcast_here, tmp_path
):
    options = ("--from", "queue-log", *CLOCK, "--dry-run", "--format", "csv")
    run = staffcast_here("import", queue_log, *options)
    assert run.code == 0
    rows = list(csv.DictReader(io.StringIO(run.out)))
    assert [row["interval_start"] for row in rows] == [
        "2026-03-02T09:30:00+01:00",
        "2026-03-02T09:00:00+01:00",
    ]
    assert run.err == (
        f"{TALK}dry run: 2 rows of 2 queues are understood; nothing is written.\n"
    )
    assert list(tmp_path.iterdir()) == [queue_log]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "give either --out FILE or --dry-run."),
        (("--dry-run", "--out", "x.csv"), "give either --out FILE or --dry-run."),
        (
            ("--dry-run",),
            "--from must name a profile (generic, italian, genesys-cloud, "
            "amazon-connect, calabrio, queue-log, calls), or --config a plan.toml that "
            "declares the form.",
        ),
        (
            ("--dry-run", "--from", "nice"),
            "--from: 'nice' is not a profile: generic, italian, genesys-cloud, "
            "amazon-connect, calabrio, queue-log, calls.",
        ),
        (
            ("--dry-run", "--from", "calabrio", "--threshold-s", "20"),
            "--threshold-s counts single calls (calls, queue-log): calabrio has "
            "counted them.",
        ),
        (
            ("--dry-run", "--from", "queue-log", "--queue", "Sales"),
            "--queue must be left out: queue-log names its queues.",
        ),
        (
            ("--dry-run", "--from", "calls", "--interval-s", "60"),
            "--interval-s: must be 900, 1800, 3600 or 86400, not 60.",
        ),
        (
            ("--dry-run", "--from", "calls", "--config", "plan.toml"),
            "--config declares how to read the file: leave --from, --timezone, "
            "--interval-s, --threshold-s, --queue and --sheet out.",
        ),
    ],
)
def test_wrong_usage_ends_with_2(options, said, queue_log, staffcast_here):
    run = staffcast_here("import", queue_log, *options)
    assert (run.code, run.out, run.err) == (2, "", f"error: {said}\n")


def test_a_wrong_file_ends_with_3_and_writes_nothing(staffcast_here, tmp_path):
    path, out = tmp_path / "calls.csv", tmp_path / "out.csv"
    path.write_text("queue,arrival,end\nQ,2026-03-02T09:00,2026-03-02T08:00\n")
    run = staffcast_here("import", path, "--from", "calls", *CLOCK, "--out", out)
    assert (run.code, run.out) == (3, "")
    assert run.err == (
        "error: calls.csv: end must not be before arrival, but is: row 2 "
        "('2026-03-02T08:00'). Correct the rows, or map the columns otherwise under "
        "[columns].\n"
        "error: calls.csv: [columns], [format] and [rows] are tables of a plan.toml. "
        'Write one with profile = "calls" at its top, and give --config plan.toml '
        "instead of --from.\n"
    )
    assert not out.exists()


def test_options_are_told_where_keys_of_a_plan_are_asked_for(staffcast_here, tmp_path):
    path = tmp_path / "h.csv"
    path.write_text("queue,interval_start,offered\nQ,2026-03-02T09:15,3\n")
    options = ("--from", "generic", "--dry-run")
    run = staffcast_here("import", path, *options)
    assert (run.code, run.out) == (3, "")
    assert run.err.splitlines() == [
        "error: h.csv: times must have an offset (+01:00) or a declared zone, but have "
        "neither: row 2 ('2026-03-02T09:15'). Declare the zone, such as timezone = "
        '"Europe/Rome".',
        "error: h.csv: intervals must start on the grid of 1800 s from midnight, but "
        "do not: row 2 ('2026-03-02 09:15:00'). Declare interval_s as the file has it, "
        "or correct the rows.",
        "error: h.csv: the option for interval_s is --interval-s.",
        "error: h.csv: the option for timezone is --timezone.",
    ]
    book = Workbook()
    book.create_sheet("Note")
    book.save(tmp_path / "h.xlsx")
    run = staffcast_here("import", tmp_path / "h.xlsx", *options)
    assert run.err.splitlines() == [
        "error: h.xlsx: the sheet must be declared, and one of the workbook's (Sheet, "
        'Note), but is not declared. Declare it: [format] sheet = "Sheet".',
        "error: h.xlsx: the option for sheet is --sheet.",
    ]


def test_a_plan_reads_an_italian_export_as_it_is(centre, staffcast_here, tmp_path):
    """Separate columns of date and clock, totals, and signs: the same plan."""
    plain = centre(folder="plain")
    config = plain.read_text().replace(
        "[hours]",
        'profile = "italian"\n'
        '[columns]\nqueue = "Coda"\ninterval_start = ["Data", "Ora"]\n'
        'offered = "Entrate"\nhandled = "Gestite"\n'
        'aht_s = ["Conversazione", "Post"]\ntotals = ["aht_s"]\n[hours]',
    )
    other = centre(config, folder="italian")
    with (plain.parent / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    lines = ["Coda;Data;Ora;Entrate;Gestite;Conversazione;Post"]
    for row in rows:
        date, clock = row["interval_start"].split("T")
        year, month, day = date.split("-")
        calls = int(row["offered"])
        talk_s = calls * 180
        talk = f"{talk_s // 3600}:{talk_s // 60 % 60:02d}:{talk_s % 60:02d}"
        lines.append(
            f"{row['queue']};{day}/{month}/{year};{clock[:5]};{calls};{calls};{talk};"
            f"{calls * 20},0"
        )
    text = "\r\n".join(lines).replace("Sales", "Qualità")
    (other.parent / "history.csv").write_bytes(text.encode("cp1252"))
    told = []
    for path in (plain, other):
        options = ("--config", path, "--format", "json")
        run = staffcast_here("check", path.parent / "history.csv", *options)
        assert run.code == 0, run.err
        (found,) = json.loads(run.out)
        told.append(found)
    assert told[0] == {**told[1], "queue": "Sales"}
    history = tmp_path / "history.csv"
    options = ("--config", other, "--out", history)
    assert staffcast_here("import", other.parent / "history.csv", *options).code == 0
    assert len(history.read_text().splitlines()) == len(rows) + 1


def test_a_plan_reads_a_queue_log_as_it_is(centre, staffcast_here, queue_log):
    path = centre()
    config = 'profile = "queue-log"\n' + path.read_text()
    path.write_text(config.replace("history.csv", "queue_log"))
    run = staffcast_here("check", queue_log, "--config", path, "--format", "json")
    assert run.code == 0
    assert [row["offered"] for row in json.loads(run.out)] == [1.0, 1.0]
