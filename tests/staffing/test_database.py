import traceback

import pytest

from forecast.errors import ConfigError
from staffing.database import database, read_url

FORM = "must be sqlite:///FILE or postgresql+psycopg://USER:${VARIABLE}@HOST/DATABASE"
IN_CLEAR = (
    "must not have a password in it: write ${VARIABLE} in its place, and set that "
    "variable in the environment"
)
FILE = "must name a file: sqlite:///FILE, with three slashes"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("plans", FORM),
        ("", FORM),
        ("mysql://planner:c4nary@db/plans", FORM),
        ("mssql+pyodbc:///?odbc_connect=PWD%3Dc4nary", FORM),
        ("postgresql+asyncpg://db/plans", FORM),
        ("postgresql://planner:c4nary@db:port/plans", FORM),
        ("postgresql://planner:c4nary@db/plans", IN_CLEAR),
        ("postgresql://planner:c4n@ry@db/plans", IN_CLEAR),
        ("postgresql://planner:@db/plans", IN_CLEAR),
        ("postgresql://planner:${A}c4nary@db/plans", IN_CLEAR),
        ("postgresql://planner@db/plans?password=c4nary", IN_CLEAR),
        ("postgresql://planner@db/plans?sslPassword=c4nary", IN_CLEAR),
        ("postgresql://planner@db/plans?oauth_client_secret=c4nary", IN_CLEAR),
        ("sqlite://planner:c4nary@/plans.db", IN_CLEAR),
        ("sqlite://plans.db", FILE),
        ("sqlite://", FILE),
        ("sqlite:///plans.db?mode=c4nary", FILE),
    ],
)
def test_a_wrong_url_or_a_password_in_it_is_refused_and_not_repeated(text, fault):
    with pytest.raises(ValueError, match="must") as caught:
        read_url(text)
    assert str(caught.value) == fault
    assert "c4n" not in "".join(traceback.format_exception_only(caught.value))
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_the_password_is_the_variable_s_whatever_its_signs(monkeypatch):
    monkeypatch.setenv("ACD_PASSWORD", "c4nary/@:%${X}")
    url = read_url("postgresql://planner:${ACD_PASSWORD}@db/acd?passfile=/etc/pgpass")
    engine = database(url)
    assert engine.url.drivername == "postgresql+psycopg"
    assert engine.url.password == "c4nary/@:%${X}"  # noqa: S105 - a made-up one
    assert "c4nary" not in f"{engine!r} {engine.url} {url}"


def test_a_variable_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv("ACD_PASSWORD", raising=False)
    with pytest.raises(ConfigError) as caught:
        database(read_url("postgresql://planner:${ACD_PASSWORD}@db/acd"))
    assert str(caught.value) == (
        "the URL of the database takes its password from ACD_PASSWORD, which is not "
        "set. Set it in the environment."
    )


def test_a_password_that_is_no_text_is_refused_and_not_repeated(monkeypatch):
    monkeypatch.setenv("ACD_PASSWORD", "c4nary\udcff")  # a byte that is not UTF-8
    with pytest.raises(ConfigError) as caught:
        database(read_url("postgresql://planner:${ACD_PASSWORD}@db/acd"))
    assert str(caught.value) == (
        "the password in ACD_PASSWORD must be text in UTF-8, but is not."
    )
    assert "c4nary" not in "".join(traceback.format_exception(caught.value))


def test_a_driver_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(ConfigError) as caught:
        database(read_url("postgresql://db/acd"))
    assert str(caught.value) == (
        "postgresql+psycopg needs psycopg, which is not installed: pip install "
        "'staffcast[postgres]'."
    )
