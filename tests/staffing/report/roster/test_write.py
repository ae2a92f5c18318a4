import csv
import io
import json

from reference.rostered import with_service

from staffing.report.folder import MANIFEST, write_files
from staffing.report.roster import write_roster


def test_a_roster_has_these_files(made, no_pictures):
    files = write_roster(with_service(made))
    assert list(files) == [
        *("roster.csv", "cover.csv", "payroll.csv", "fairness.csv", "clients.csv"),
        *("service.csv", "roster.xlsx", "roster.html"),
        *("ics/1-1.ics", "ics/B.ics", "ics/b-2.ics"),
    ]
    rows = list(csv.DictReader(io.StringIO(files["roster.csv"].decode())))
    assert len(rows) == len(made.solution.duties)
    assert "service.csv" not in write_roster(made)


def test_the_same_roster_gives_the_same_bytes(made):
    assert write_roster(made) == write_roster(made)


def test_the_calendar_of_who_left_does_not_stay(made, tmp_path, no_pictures):
    """What others put beside it does."""
    files = write_roster(made)
    manifest = json.dumps({"outputs": dict.fromkeys(files, "")}).encode()
    write_files(tmp_path, {**files, MANIFEST: manifest})
    (tmp_path / "ics" / "mine.ics").touch()
    fewer = {name: data for name, data in files.items() if name != "ics/B.ics"}
    write_files(tmp_path, {**fewer, MANIFEST: b"{}"})
    left = {path.name for path in (tmp_path / "ics").iterdir()}
    assert left == {"1-1.ics", "b-2.ics", "mine.ics"}
