"""What a store keeps to, on SQLite and on PostgreSQL."""

import csv
import datetime as dt
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    DateTime,
    Double,
    MetaData,
    Numeric,
    Table,
    Text,
    inspect,
)
from sqlalchemy.exc import DBAPIError

from forecast.acd.generic import read_history_csv
from forecast.errors import ConfigError, OutputError, TableError
from forecast.tables import Form
from staffing.database import database, read_url
from staffing.history_table import fetched
from staffing.store import open_store
from staffing.store.kept import sqlite_engine
from staffing.store.migrations import NEWEST, migrate
from staffing.store.schema import METADATA

HOSTILE = "x'); DROP TABLE staffcast_plans;--"


def at(url):
    """The store at a URL."""
    return open_store(url, create=True)


def tables(url):
    """Every table and view by name."""
    return sorted(inspect(database(read_url(url))).get_table_names())


def test_a_plan_survives_the_store(url, made_run):
    run = made_run(
        {"forecast.csv": bytes(range(256)), "ics/A.ics": b"", "ö €": b"\r\n"}
    )
    store = at(url)
    kept = store.save(run)
    assert store.load(kept.id) == run
    assert list(run.files) == ["forecast.csv", "ics/A.ics", "ö €", "run.json"]
    assert (kept.kind, kept.period, kept.exit_code) == ("plan", "2026-12", 0)
    assert kept.published_at is None
    assert store.plans() == [kept]
    sizes = {name: size for name, size, _ in store.files(kept.id)}
    assert sizes == {name: len(content) for name, content in run.files.items()}


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text(max_size=20) | st.just(HOSTILE),
    content=st.binary(max_size=50),
)
def test_names_are_data(name, content, url, made_run):
    """Queue names reach SQL in the manifest, in a period, and in files' contents."""
    run = made_run(
        {"forecast.csv": content, "monthly.csv": name.encode()},
        queues={name: {"status": "done"}},
        parameters={"groups": {name: [name]}},
        month=name.replace("\0", ""),  # PostgreSQL has no NUL in texts
    )
    store = at(url)
    kept = store.save(run)
    assert store.load(kept.id) == run
    assert store.kept(kept.id).period == name.replace("\0", "")
    assert tables(url) == sorted(METADATA.tables)


def test_the_same_run_twice_is_one_row(url, made_run):
    store = at(url)
    first = store.save(made_run())
    assert store.save(made_run(timings_s={"forecast": 9.0}, peak_memory_mb=7)) == first
    for other in (
        made_run({"monthly.csv": b"queue\nA\n", "forecast.csv": b""}),
        made_run(sources={"plan.toml": "2"}),
        made_run(parameters={"seed": 1}),
        made_run(fingerprint="of changed code"),
    ):
        assert store.save(other) != first
    assert [kept.id for kept in store.plans()] == [1, 2, 3, 4, 5]
    assert store.load(1).facts["timings_s"] == {"forecast": 1.0}
    assert store.load(5).facts["fingerprint"] == "of changed code"


CHANGES = [
    "UPDATE staffcast_plans SET period = '2027-01' WHERE id = 1",
    "UPDATE staffcast_plans SET published_at = NULL WHERE id = 1",
    "UPDATE staffcast_files SET sha256 = name WHERE plan_id = 1",
    "UPDATE staffcast_files SET plan_id = 2 WHERE plan_id = 1 AND name = 'more'",
    "UPDATE staffcast_files SET plan_id = 1 WHERE plan_id = 2 AND name = 'more'",
    "DELETE FROM staffcast_files WHERE plan_id = 1",
    "DELETE FROM staffcast_files",
    "INSERT INTO staffcast_files SELECT 1, 'new', bytes, sha256, content "
    "FROM staffcast_files WHERE plan_id = 2 AND name = 'more'",
]
ONLY_SQLITE = [
    "DELETE FROM staffcast_plans WHERE id = 1",
    "INSERT OR REPLACE INTO staffcast_plans SELECT 1, 'x', kind, period, exit_code, "
    "kept_at, NULL FROM staffcast_plans WHERE id = 2",
    "REPLACE INTO staffcast_plans SELECT 9, fingerprint, kind, period, exit_code, "
    "kept_at, NULL FROM staffcast_plans WHERE id = 1",
    "UPDATE OR REPLACE staffcast_plans SET id = 1 WHERE id = 2",
    "REPLACE INTO staffcast_files SELECT 1, name, bytes, sha256, content "
    "FROM staffcast_files WHERE plan_id = 2",
    "UPDATE OR REPLACE staffcast_files SET plan_id = 1 WHERE plan_id = 2",
]
ONLY_POSTGRESQL = [
    "TRUNCATE staffcast_plans CASCADE",
    "TRUNCATE staffcast_files",
    "WITH gone AS (DELETE FROM staffcast_files WHERE plan_id = 1) "
    "DELETE FROM staffcast_plans WHERE id = 1",
]


def test_the_database_refuses_to_change_a_published_plan(url, made_run, sql):
    store = at(url)
    for month in ("2026-12", "2027-01"):
        store.save(made_run({"forecast.csv": month.encode(), "more": b"m"}))
    published = store.publish(1)
    before = store.load(1)
    own = ONLY_SQLITE if url.startswith("sqlite") else ONLY_POSTGRESQL
    for change in [*CHANGES, *own]:
        with pytest.raises(DBAPIError, match="a published plan cannot be changed"):
            sql(url, change)
        assert (store.kept(1), store.load(1)) == (published, before), change
    sql(url, "UPDATE staffcast_plans SET period = 'later' WHERE id = 2")
    sql(url, "DELETE FROM staffcast_files WHERE plan_id = 2")
    sql(url, "DELETE FROM staffcast_plans WHERE id = 2")
    assert store.plans() == [published]


def test_the_database_keeps_the_number_of_its_version(url, sql):
    store = at(url)
    changes = [
        "DELETE FROM staffcast_version",
        "UPDATE staffcast_version SET version = 2",
        "INSERT INTO staffcast_version VALUES (9)",
    ]
    if not url.startswith("sqlite"):
        changes.append("TRUNCATE staffcast_version")
    for change in changes:
        with pytest.raises(DBAPIError, match="the version of a store only rises"):
            sql(url, change)
    assert sql(url, "SELECT version FROM staffcast_version") == [(NEWEST,)]
    assert open_store(url).plans() == store.plans() == []


def test_a_plan_is_published_once_and_kept_again_without_a_change(url, made_run):
    store = at(url)
    number = store.save(made_run()).id
    published = store.publish(number)
    assert published.published_at is not None
    assert store.publish(number) == published
    assert store.save(made_run()) == published


def test_tables_are_those_that_the_code_knows(url):
    at(url)
    found = inspect(database(read_url(url)))
    for table in METADATA.sorted_tables:
        columns = found.get_columns(table.name)
        assert {(c["name"], c["nullable"] and c["name"] != "id") for c in columns} == {
            (column.name, column.nullable) for column in table.columns
        }


def test_an_older_store_is_brought_up_to_date(url, made_run, sql):
    engine = database(read_url(url))
    migrate(engine, newest=1)
    sql(
        url,
        "INSERT INTO staffcast_plans (fingerprint, kind, period, exit_code, kept_at) "
        "VALUES ('old', 'plan', '2026-11', 0, '2026-10-01T00:00:00+00:00')",
    )
    assert sql(url, "SELECT version FROM staffcast_version") == [(1,)]
    store = open_store(url)
    assert [kept.fingerprint for kept in store.plans()] == ["old"]
    assert sql(url, "SELECT version FROM staffcast_version") == [(NEWEST,)]
    store.publish(1)
    with pytest.raises(DBAPIError, match="a published plan cannot be changed"):
        sql(url, "DELETE FROM staffcast_plans")


def test_a_migration_is_whole_or_not_there(url):
    found = read_url(url)
    is_file = found.drivername == "sqlite"
    engine = sqlite_engine(found) if is_file else database(found)
    with pytest.raises(FileNotFoundError):
        migrate(engine, newest=NEWEST + 1)
    assert tables(url) == []


def test_the_store_of_a_newer_staffcast_is_refused(url, sql):
    name = at(url).name
    sql(url, "UPDATE staffcast_version SET version = 99")
    for create in (True, False):
        with pytest.raises(ConfigError) as caught:
            open_store(url, create=create)
        assert str(caught.value) == (
            f"{name} is the store of a newer staffcast: its tables have version 99, "
            f"and this one knows {NEWEST}. Install the newer one."
        )
    assert sql(url, "SELECT version FROM staffcast_version") == [(99,)]


def test_what_is_no_store_is_not_made_one_by_looking(url, sql, tmp_path):
    with pytest.raises(ConfigError) as caught:
        open_store(url)
    assert str(caught.value).endswith(
        " is not a store of plans. staffcast plan --store makes one where there is no "
        "file or table yet."
    )
    assert list(tmp_path.iterdir()) == []


def test_a_number_that_is_not_there_is_named(url):
    store = at(url)
    for ask in (store.kept, store.load, store.files, store.publish):
        with pytest.raises(ConfigError) as caught:
            ask(7)
        assert str(caught.value) == (
            f"there is no plan 7 in {store.name}. staffcast plans list shows those "
            "that there are."
        )


def test_a_file_that_was_damaged_in_the_store_is_not_given_out(url, made_run, sql):
    store = at(url)
    store.save(made_run({"forecast.csv": b"good"}))
    sql(url, "DELETE FROM staffcast_files WHERE name = 'forecast.csv'")
    with pytest.raises(TableError) as caught:
        store.load(1)
    assert str(caught.value) == (
        f"plan 1 of {store.name}: files must be as run.json has them, but these are "
        "not: forecast.csv. Run it again; only whole runs are kept."
    )


# Many writers

WRITER = """
import hashlib, json, sys
from staffing.store import open_store
from staffing.store.run import checked_run

def run_of(text):
    digest = hashlib.sha256(text.encode()).hexdigest()
    facts = {"month": text, "outputs": {"forecast.csv": digest}}
    return checked_run(
        {"forecast.csv": text.encode(), "run.json": json.dumps(facts).encode()}, "here"
    )

url, number, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
store = open_store(url, create=True)
for turn in range(rounds):
    store.save(run_of(f"{number}.{turn}"))
    store.save(run_of(f"common.{turn}"))
"""


def write_at_once(url, writers, rounds):
    """Let processes loose on a store that is not there yet; all must end well."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, str(number), str(rounds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(writers)
    ]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate()[1] for process in running] == [""] * writers


@pytest.mark.parametrize(
    ("writers", "rounds"), [(6, 3), pytest.param(20, 25, marks=pytest.mark.soak)]
)
def test_writers_at_once_lose_no_plan(url, writers, rounds, sql, tmp_path):
    write_at_once(url, writers, rounds)
    store = open_store(url)
    kept = store.plans()
    assert sorted(plan.period for plan in kept) == sorted(
        f"{number}.{turn}"
        for number in (*range(writers), "common")
        for turn in range(rounds)
    )
    for plan in kept:
        assert store.load(plan.id).files["forecast.csv"] == plan.period.encode()
    if url.startswith("sqlite"):
        assert sql(url, "PRAGMA integrity_check") == [("ok",)]
        assert sql(url, "PRAGMA journal_mode") == [("wal",)]
        assert [path.name for path in tmp_path.iterdir()] == ["plans.db"]


def test_a_reader_works_while_a_writer_writes(url, made_run):
    store = at(url)
    kept = store.save(made_run())
    with database(read_url(url)).begin() as connection:
        connection.exec_driver_sql("UPDATE staffcast_plans SET period = 'x'")
        assert open_store(url).plans() == [kept]


# A history in a database

ROWS = [
    (HOSTILE, "2026-03-02T09:00:00+01:00", 12, 200.5),
    ("Sales", "2026-03-02T09:30:00+01:00", 1000, None),
    ("Sales", "2026-03-02T10:00:00+01:00", 0, 180.0),
]


def test_a_table_reads_as_the_same_rows_of_a_file(url, sql, tmp_path):
    """Values of the database's own types, and a table whose name would be SQL."""
    name = 'calls"; DROP TABLE other;--'
    is_sqlite = url.startswith("sqlite")
    calls = Table(
        name,
        MetaData(),
        Column("queue", Text),
        Column("interval_start", Text if is_sqlite else DateTime(timezone=True)),
        Column("offered", Numeric(9, 3)),
        Column("aht_s", Double),
    )
    sql(url, "CREATE TABLE other (y INTEGER)")
    with database(read_url(url)).begin() as connection:
        calls.create(connection)
        for queue, start, offered, aht_s in reversed(ROWS):
            when = start if is_sqlite else dt.datetime.fromisoformat(start)
            connection.execute(calls.insert().values((queue, when, offered, aht_s)))
    as_file = tmp_path / "history.csv"
    with as_file.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([calls.columns.keys(), *ROWS])

    def read(path):
        zone = ZoneInfo("Europe/Rome")
        found = read_history_csv(path, Form(), zone=zone, interval_s=1800)
        assert found.warnings == ()
        by = ["queue", "interval_start"]
        return found.frame.sort_values(by, ignore_index=True)

    table = fetched(url, name, tmp_path)
    assert table.name == f"table {name}"
    pd.testing.assert_frame_equal(read(table), read(as_file))
    assert tables(url) == sorted([name, "other"])


def test_a_table_that_is_not_there_is_said_to_be_so(url, sql):
    sql(url, "CREATE TABLE other (y INTEGER)")
    with pytest.raises(TableError, match=r"^table calls: the table cannot be read \("):
        fetched(url, "calls", Path())


def test_a_store_that_cannot_be_made_is_not_waited_for_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr("staffing.store.kept.MAKING_S", 0.1)
    path = tmp_path / "plans.db"
    with FileLock(tmp_path / ".plans.db.lock"), pytest.raises(OutputError) as caught:
        open_store(str(path), create=True)
    assert str(caught.value).startswith(
        f"the store {path} cannot be used (No file can be made there). Name another"
    )


def test_a_database_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(TableError) as caught:
        fetched("sqlite:///acd.db", "calls", tmp_path)
    assert str(caught.value) == (
        "table calls: the table cannot be read (there is no file acd.db). Look at url "
        "and table."
    )
    assert list(tmp_path.iterdir()) == []


# Passwords


def test_the_password_comes_from_the_environment(guarded, made_run, monkeypatch):
    monkeypatch.setenv("PLANS_PASSWORD", "c4nary/1 @:%")
    store = open_store(guarded, create=True)
    assert store.load(store.save(made_run()).id) == made_run()
    assert "c4nary" not in store.name
    monkeypatch.setenv("PLANS_PASSWORD", "c4nary wrong")
    with pytest.raises(OutputError, match="password authentication failed") as caught:
        open_store(guarded)
    assert "c4nary" not in str(caught.value)
    monkeypatch.delenv("PLANS_PASSWORD")
    with pytest.raises(ConfigError) as caught:
        open_store(guarded)
    assert str(caught.value) == (
        "the URL of the database takes its password from PLANS_PASSWORD, which is not "
        "set. Set it in the environment."
    )
