"""A history in the files of a folder: the same plan as from one file."""

import csv
import os
import signal
import tempfile

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.tasks import Dying

from forecast.engine import Dask, Engine, Processes
from forecast.errors import ConfigError, OutputError, TableError
from forecast.tables import csv_bytes
from staffing.inputs import read_past, sources_of
from staffing.month import read_known, staff_month
from staffing.parts import OnDisk
from staffing.pipeline import plan_month

CONFIG = """\
history = "history.csv"
month = "2026-03"
timezone = "Europe/Rome"

[rows]
absent_rows = "zero"

[hours]
mon-fri = "09:00-11:00"

[[events]]
name = "bills"
dates = ["2026-01-13", "2026-02-10", "2026-03-10"]

[groups]
Team = ["A", "B"]

[queues."Shut".hours]
sat = "09:00-11:00"

[queues."New"]
like = "C"
scale = 0.5

[staffing]
redial = 0.3
patience_s = "estimate"

[forecast]
model = "seasonal_naive"
"""
QUEUES = ("A", "B", "C", "D", "E", "Late")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A plan.toml, and its history in one file, with all that may join queues."""
    folder = tmp_path_factory.mktemp("whole")
    rows = []
    for start in pd.date_range("2025-12-29 09:00", "2026-02-27", freq="30min"):
        if start.hour not in {9, 10} or start.day_of_week > 4 or start.day == 20:
            continue
        for number, queue in enumerate(QUEUES):
            calls = 12 * number + 10 + start.hour + start.day % 7
            if queue == "Late" and start < pd.Timestamp("2026-03-01"):
                continue
            calls += 20 if start.strftime("%m-%d") in {"01-13", "02-10"} else 0
            lost = 1 + (start.day + number) % 4
            row = [queue, start.isoformat(), calls, calls - lost, lost, 240 + number]
            rows.append([*row, 9 + number, 60 + start.day])
    rows.append(["Shut", "2026-02-26T18:00:00", 5, 5, 0, 240, 9, ""])
    rows.append(["Late", "2026-03-02T09:00:00", 5, 5, 0, 240, 9, ""])
    head = ["queue", "interval_start", "offered", "handled", "abandoned", "aht_s"]
    _write(folder / "history.csv", [[*head, "asa_s", "abandon_wait_s"], *rows])
    (folder / "plan.toml").write_text(CONFIG)
    return folder / "plan.toml"


@pytest.fixture(scope="module")
def split(whole, tmp_path_factory):
    """Write the same with each queue in the file of its name; the plan.toml."""

    def write(file_of, more="", folder="calls"):
        place = tmp_path_factory.mktemp("split")
        (place / folder).mkdir()
        with (whole.parent / "history.csv").open() as file:
            header, *rows = csv.reader(file)
        for name in {*file_of.values()}:
            mine = [row for row in rows if file_of.get(row[0]) == name]
            _write(place / folder / name, [header, *mine])
        text = CONFIG.replace('"history.csv"', f'"{folder}"') + more
        (place / "plan.toml").write_text(text)
        return place / "plan.toml"

    return write


def _write(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def outcome(config_path, engine=None):
    """The tables of a plan as bytes, and why queues have failed."""
    config, known = read_known(config_path, engine=engine)
    made = staff_month(config, known, engine=engine)
    tables = made.forecast, made.requirement, made.monthly(40.0)
    return [csv_bytes(table) for table in tables], made.failed


def facts(config_path):
    """All that a plan takes from what is known, its tables as bytes."""
    _, known = read_known(config_path)
    histories = [known.history.only(queue) for queue in known.queues]
    return (
        known.queues,
        [csv_bytes(history.frame) for history in histories],
        [(history.end, history.calendar) for history in histories],
        [known.shared.without(queue) for queue in known.queues],
        [*known.patience.items()],
        known.usual,
        known.unknown,
    )


PARTS = st.tuples(*[st.sampled_from(["a.csv", "b.csv", "c.csv"])] * 4)


def _files(parts):
    team, c, d, e = parts
    files = {"A": team, "B": team, "C": c, "D": d, "E": e}
    return files | {"Late": "late.csv", "Shut": c}


@settings(max_examples=2, deadline=None)
@given(parts=PARTS)
def test_the_same_is_known_in_whatever_files_the_rows_are(whole, split, parts):
    assert facts(split(_files(parts))) == facts(whole)


@pytest.mark.soak
@settings(max_examples=200, deadline=None)
@given(parts=PARTS)
def test_the_same_is_known_in_any_files(whole, split, parts):
    assert facts(split(_files(parts))) == facts(whole)


@pytest.fixture(scope="module")
def from_one_file(whole):
    return outcome(whole)


def test_a_plan_of_many_files_is_the_same_bytes(from_one_file, split):
    parts = _files(["a.csv", "b.csv", "b.csv", "a.csv"])
    assert outcome(split(parts)) == from_one_file


@pytest.fixture
def outcome_with_deaths(split, tmp_path):
    """Of many files, with an engine whose workers die at some functions."""

    def of(engine, functions):
        path = split(_files(["a.csv", "b.csv", "b.csv", "a.csv"]))
        with engine:
            found = outcome(path, Dying(engine, tmp_path, functions))
        assert {flag.name for flag in tmp_path.iterdir()} == functions
        return found

    return of


def test_a_worker_killed_in_the_middle_changes_nothing(
    outcome_with_deaths, from_one_file
):
    assert outcome_with_deaths(Processes(1), {"forecast_queue"}) == from_one_file


@pytest.mark.soak
@pytest.mark.parametrize("make", [Processes, Dask])
def test_workers_killed_at_every_step_change_nothing(
    make, outcome_with_deaths, from_one_file
):
    functions = {"read_part", "known_part_of", "forecast_queue"}
    assert outcome_with_deaths(make(2), functions) == from_one_file


class AllKilled(Engine):
    """A cluster of this machine whose workers are all killed after a first forecast."""

    def __init__(self, cluster):
        self.cluster, self.killed = cluster, []

    def map(self, function, tasks):
        """The same as the cluster's."""
        for result in self.cluster.map(function, tasks):
            yield result
            if function.__name__ == "forecast_queue" and not self.killed:
                nannies = self.cluster._client.cluster.workers.values()
                self.killed = [nanny.pid for nanny in nannies]
                for pid in self.killed:
                    os.kill(pid, signal.SIGKILL)

    def _finished(self, function, tasks):
        return self.cluster._finished(function, tasks)

    def close(self):
        """Stop the cluster."""
        self.cluster.close()


@pytest.mark.soak
def test_all_workers_of_a_cluster_killed_at_once_change_nothing(split, from_one_file):
    path = split(_files(["a.csv", "b.csv", "b.csv", "a.csv"]))
    with AllKilled(Dask(2)) as engine:
        assert outcome(path, engine) == from_one_file
    assert len(engine.killed) == 2


def test_nothing_on_the_disk_has_a_name_that_a_killed_run_would_leave(
    split, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    _, known = read_known(split(_files(["a.csv", "b.csv", "c.csv", "a.csv"])))
    assert not known.history.only("C").frame.empty
    assert [*tmp_path.iterdir()] == []


def test_what_there_is_no_room_for_is_told(split, tmp_path, monkeypatch):
    path = split(_files(["a.csv", "b.csv", "b.csv", "a.csv"]))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(OutputError) as caught:
        read_known(path)
    assert str(caught.value) == (
        "the rows of calls could not be written to a temporary file (No such file or "
        "directory). Free space, or set TMPDIR to another folder."
    )


def test_rows_are_kept_whole_on_a_disk_that_takes_a_part_at_a_time():
    kept, taken = OnDisk("calls"), []

    class Slow:
        def seek(self, *where):
            return 0

        def write(self, data):
            taken.append(data[:3])
            return len(data[:3])

    kept._file = Slow()
    kept.add("A", b"12345678")
    assert b"".join(taken) == b"12345678"


def test_what_cannot_be_read_is_told_and_not_passed_over(split):
    path = split(_files(["a.csv", "b.csv", "b.csv", "a.csv"]))
    link = path.parent / "calls" / "z.csv"
    link.symlink_to("none.csv")
    for read in (read_known, read_past):
        with pytest.raises(TableError) as caught:
            read(path)
        assert str(caught.value) == (
            "z.csv: the file cannot be read (No such file or directory). Looked for "
            f"it at {link}."
        )
    link.unlink()
    os.mkfifo(link)
    with pytest.raises(TableError, match="no file but a pipe or a device"):
        read_known(path)


@pytest.mark.parametrize("change", ["write", "add"])
def test_a_file_that_changes_while_it_is_read_is_refused(change, split):
    path = split(_files(["a.csv", "b.csv", "b.csv", "a.csv"]))
    file = path.parent / "calls" / "b.csv"
    rows = file.read_text().splitlines()

    def progress(step, *_):
        if step == "read b.csv":
            changed = file if change == "write" else file.with_name("d.csv")
            changed.write_text("\n".join(rows[:5] + rows[6:]))

    with pytest.raises(TableError) as caught:
        plan_month(path, progress=progress)
    name = "b.csv" if change == "write" else "d.csv"
    assert str(caught.value) == (
        "plan.toml: files must stay as they are while they are read, but these did "
        f"not: {name}. Run again when nothing writes to them."
    )


def test_a_queue_in_two_files_is_refused(split):
    path = split(_files(["a.csv", "b.csv", "c.csv", "a.csv"]))
    calls = path.parent / "calls"
    calls.joinpath("d.csv").write_bytes(calls.joinpath("a.csv").read_bytes())
    said = (
        "calls: all rows of a queue must be in one file of the folder, but these are "
        "in several: A (a.csv, d.csv); B (a.csv, d.csv); E (a.csv, d.csv). Put them "
        "together."
    )
    for read in (read_known, read_past):
        with pytest.raises(TableError) as caught:
            read(path)
        assert str(caught.value) == said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            '[groups]\nTeam = ["A", "B", "C"]',
            "[groups] Team: its queues must be in one file of the history, but are not "
            "(A in a.csv, B in a.csv, C in b.csv). Put them together.",
        ),
        (
            '[groups]\nTeam = ["A", "B"]\n[queues.D]\nlike = "C"',
            "[queues] D like: its queues must be in one file of the history, but are "
            "not (D in c.csv, C in b.csv). Put them together.",
        ),
    ],
)
def test_queues_that_need_each_other_are_in_one_file(split, more, said):
    path = split(_files(["a.csv", "b.csv", "c.csv", "a.csv"]))
    text = path.read_text().replace('[groups]\nTeam = ["A", "B"]', more)
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_known(path)
    assert str(caught.value) == said


def test_faults_of_every_file_are_told(split):
    path = split(_files(["a.csv", "b.csv", "c.csv", "a.csv"]))
    for name in ("a.csv", "c.csv"):
        file = path.parent / "calls" / name
        rows = file.read_text().split("\n")
        rows[2] = rows[2].replace("2025-12-29", "2025-13-29")
        file.write_text("\n".join(rows))
    for read in (read_known, read_past):
        with pytest.raises(TableError) as caught:
            read(path)
        assert [finding.where for finding in caught.value.findings] == [
            *("a.csv", "c.csv")
        ]


def test_a_folder_without_files_is_refused(split):
    path = split({})
    with pytest.raises(TableError) as caught:
        read_known(path)
    assert str(caught.value) == (
        "calls: the folder must have the history's files, but has none. Looked into "
        f"{path.parent / 'calls'}."
    )


def test_no_rows_before_the_month_are_told_of_the_folder(split):
    with pytest.raises(TableError) as caught:
        read_known(split(_files(["a.csv"] * 4)), "2025-12")
    assert str(caught.value) == (
        "calls: there are no rows before 2025-12-01, when the plan begins. Plan a "
        "later month."
    )


def test_hidden_files_are_passed_over_and_each_other_is_a_source(split):
    path = split(_files(["a.csv", "b.csv", "b.csv", "a.csv"]))
    config, _ = read_known(path)
    before = sources_of(config, path)
    assert [source.name for source in before] == [
        *("plan.toml", "a.csv", "b.csv", "late.csv")
    ]
    calls = path.parent / "calls"
    calls.joinpath(".b.csv.swp").write_text("no rows")
    assert sources_of(config, path) == before
    header = calls.joinpath("a.csv").read_text().split("\n")[0]
    calls.joinpath("new.csv").write_text(f"{header}\nN,2026-01-07T09:00,1,1,0,9,,\n")
    assert len(sources_of(config, path)) == len(before) + 1


def test_rows_are_named_with_their_file_where_all_are_read_at_once(split):
    path = split(_files(["a.csv", "b.csv", "b.csv", "a.csv"]))
    file = path.parent / "calls" / "b.csv"
    file.write_text(file.read_text().replace("2026-02-10T09:30", "2026-02-10T19:30"))
    _, known = read_known(path)
    in_parts, at_once = (
        [str(finding) for finding in warnings if "outside" in finding.rule]
        for warnings in (known.history.warnings, read_past(path).history.warnings)
    )
    assert len(in_parts) == len(at_once) == 1
    assert in_parts[0].startswith("b.csv: rows outside the declared opening hours (3 ")
    assert at_once[0].startswith("calls: rows outside the declared opening hours (3 ")
    first = in_parts[0].split("left out: ")[1].split(" (")[0]
    assert at_once[0].split("left out: ")[1].split(" (")[0] == f"{first} of b.csv"
