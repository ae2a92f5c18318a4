"""Names that are SQL: of queues, tables, schemas and files, on both databases."""

import hashlib
import uuid
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, Text, inspect
from sqlalchemy.schema import CreateSchema

from forecast.acd.generic import read_history_csv
from forecast.errors import ODD_SIGNS, TableError
from forecast.tables import Form
from staffing.config import read_config
from staffing.database import database, read_url
from staffing.history_table import fetched
from staffing.inputs import history_file
from staffing.store import open_store

PAYLOADS = [
    "x'); DROP TABLE staffcast_plans;--",
    'x"; DROP TABLE kept;--',
    "'-x",  # as we write "-x"
    "x]; DROP TABLE kept;--",
    "x`; DROP TABLE kept;--",
    "kept; DELETE FROM kept",
    "kept WHERE 1=0; --",
    "kept UNION SELECT 1, 2, 3",
    "(SELECT 1)",
    "1 OR 1=1",
    "' OR ''='",
    "\\'; DROP TABLE kept;--",
    "/*",
    "--",
    ":x",
    "%(x)s",
    "%s%%",
    "?",
    "$1",
    "$$; DROP TABLE kept; $$",
    "E'\\x27'",
    "select",
    "SELECT",
    "pg_catalog",
    "main",
    "''",
    '""',
    "rowid",
    "*",
    "＇; DROP TABLE kept;--",
    "ǅ",
]
IDENTIFIERS = st.text(
    st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), min_size=1
) | st.text(st.sampled_from("'\"`;-$%:\\()[]*?x. "), min_size=1)
NAMES = (st.sampled_from(PAYLOADS) | IDENTIFIERS).filter(
    lambda name: name.strip() == name and not ODD_SIGNS.search(name)
)
LISTS = st.lists(NAMES, min_size=20, max_size=20, unique=True)
FEW = settings(
    max_examples=1, suppress_health_check=[*HealthCheck], phases=[Phase.generate]
)
MANY = settings(FEW, max_examples=50)
START = "2026-03-02T09:00:00+01:00"


def snapshot(url):
    """Every table of a database, with a hash of its rows."""
    engine = database(read_url(url))
    found = {}
    with engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            table = Table(name, MetaData(), autoload_with=connection)
            rows = sorted(map(repr, connection.execute(table.select())))
            found[name] = (
                len(rows),
                hashlib.sha256("\n".join(rows).encode()).hexdigest(),
            )
    return found


def calls_in(url, name, queues, schema=None):
    """Make a history's table with a row a queue."""
    columns = Column("queue", Text), Column("interval_start", Text)
    table = Table(name, MetaData(), *columns, Column("offered", Integer), schema=schema)
    with database(read_url(url)).begin() as connection:
        table.create(connection)
        rows = [(queue, START, n) for n, queue in enumerate(queues)]
        connection.execute(table.insert().values(rows))
    return table


def read_queues(path):
    """Each queue of a file with its calls, where nothing is refused."""
    read = read_history_csv(path, Form(), zone=ZoneInfo("Europe/Rome"), interval_s=1800)
    return dict(zip(read.frame["queue"], read.frame["offered"], strict=True))


def check_queues(url, queues):
    name = f"calls{uuid.uuid4().hex}"
    table = calls_in(url, name, queues)
    before = snapshot(url)
    assert before[name][0] == len(queues)
    found = read_queues(fetched(url, name, Path()))
    assert found == {queue: n for n, queue in enumerate(queues)}
    assert snapshot(url) == before
    table.drop(database(read_url(url)))


@FEW
@given(LISTS)
def test_queues_in_a_table_are_as_they_are(url, queues):
    check_queues(url, queues)


@pytest.mark.soak
@MANY
@given(LISTS)
def test_1000_queues_in_tables_are_as_they_are(url, queues):
    check_queues(url, queues)


def planned(url, name, folder):
    """The history that a plan.toml names: of a schema too, where a point is in it."""
    text = "".join(f"\\U{ord(sign):08x}" for sign in name)
    (folder / "plan.toml").write_text(
        f'url = "{url}"\ntable = "{text}"\ntimezone = "Europe/Rome"\n'
        'hours.mon-fri = "09:00-11:00"\n'
    )
    return history_file(read_config(folder / "plan.toml"), folder)


def check_tables(url, names, folder):
    """Those that are there are read, the others are said not to be."""
    is_sqlite = url.startswith("sqlite")
    if "kept" not in snapshot(url):
        calls_in(url, "kept", ["Sales"])
    before = snapshot(url)
    for name in names:
        with pytest.raises(TableError, match="the table cannot be read"):
            planned(url, f"absent {name}", folder)
        with pytest.raises(TableError, match="the table cannot be read"):
            planned(url, f"{name}.absent", folder)
        longest = 10**3 if is_sqlite else 63  # PostgreSQL cuts what is longer
        if "." in name or len(name.encode()) > longest or _is_taken(name, before):
            continue
        table = calls_in(url, name, [name])
        assert read_queues(planned(url, name, folder)) == {name: 0}
        if not is_sqlite and not name.lower().startswith("pg_"):
            schema = f"{name[:8]}{uuid.uuid4().hex[:9]}"
            with database(read_url(url)).begin() as connection:
                connection.execute(CreateSchema(schema))
            calls_in(url, name, ["Sales"], schema)
            assert read_queues(planned(url, f"{schema}.{name}", folder)) == {"Sales": 0}
        table.drop(database(read_url(url)))
    assert snapshot(url) == before


def _is_taken(name, tables):
    """Names of SQLite differ in more than the case of letters."""
    others = {other.casefold() for other in tables}
    return name.casefold() in others or name.lower().startswith("sqlite_")


@FEW
@given(LISTS.map(lambda names: names[:2]))
def test_a_table_is_what_its_name_says_and_no_other(url, tmp_path, names):
    check_tables(url, names, tmp_path)


@pytest.mark.soak
@MANY
@given(LISTS)
def test_1000_tables_are_what_their_names_say(url, tmp_path, names):
    check_tables(url, names, tmp_path)


def check_runs(url, names, made_run):
    """They reach SQL in a period, in names of files, and in what files hold."""
    plain = [name.replace("/", "").replace("\\", "") for name in names]
    files = {f"{number} {name}": b"" for number, name in enumerate(plain)}
    run = made_run(
        {"forecast.csv": "\n".join(names).encode(), **files},
        queues=dict.fromkeys(names, "done"),
        parameters={"groups": dict.fromkeys(names, names)},
        month=names[0],
    )
    store = open_store(url, create=True)
    first = store.publish(store.save(made_run()).id)
    before = store.load(first.id), store.files(first.id), set(snapshot(url))
    kept = store.save(run)
    assert store.load(kept.id) == run
    assert store.kept(kept.id).period == names[0]
    assert (store.load(first.id), store.files(first.id), set(snapshot(url))) == before
    assert store.kept(first.id) == first


@FEW
@given(LISTS)
def test_names_in_a_kept_run_are_data(url, made_run, names):
    check_runs(url, names, made_run)


@pytest.mark.soak
@MANY
@given(LISTS)
def test_1000_names_in_kept_runs_are_data(url, made_run, names):
    check_runs(url, names, made_run)
