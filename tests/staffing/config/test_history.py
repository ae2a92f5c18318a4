import pytest

from forecast.errors import ConfigError
from staffing.config import read_config

REST = 'timezone = "Europe/Rome"\nhours = { mon-fri = "09:00-11:00" }\n'
URL = 'url = "postgresql+psycopg://planner:${ACD_PASSWORD}@db/acd"\n'


@pytest.fixture
def config(tmp_path):
    def read(text):
        path = tmp_path / "plan.toml"
        path.write_text(text + REST)
        return read_config(path)

    return read


def test_the_history_is_a_file_or_a_table(config):
    found = config('history = "history.csv"\n')
    assert (found.history, found.url, found.table) == ("history.csv", None, None)
    found = config(f'{URL}table = "acd.calls"\n')
    assert (found.history, found.table) == (None, "acd.calls")
    assert found.url == "postgresql+psycopg://planner:${ACD_PASSWORD}@db/acd"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "plan.toml: history: must be given, or url and table of a database."),
        (
            URL,
            "plan.toml: table: must be given with url, the database that it is in.",
        ),
        (
            'history = "h.csv"\ntable = "calls"\n',
            "plan.toml, line 2: table: must be given with url, the database that it is "
            "in.",
        ),
        (
            f'{URL}table = "calls"\nhistory = "h.csv"\n',
            "plan.toml, line 3: history: must be left out where url is given.",
        ),
        (
            f'{URL}table = "calls"\nprofile = "generic"\n',
            "plan.toml, line 3: profile: is about files, not tables: leave it out.",
        ),
        (
            f'{URL}table = "calls"\nformat = {{ decimal = "," }}\n',
            "plan.toml, line 3: format: is about files, not tables: leave it out.",
        ),
        (
            'history = "postgresql://planner:c4nary@db/acd"\n',
            "plan.toml, line 1: history: is a file; a database is url, and its table "
            "is table.",
        ),
        (
            'table = "calls"\nurl = "postgresql://planner:c4nary@db/acd"\n',
            "plan.toml, line 2: url: must not have a password in it: write ${VARIABLE} "
            "in its place, and set that variable in the environment.",
        ),
        (
            'table = "calls"\nurl = ["postgresql://planner:c4nary@db/acd"]\n',
            "plan.toml, line 2: url: must be text.",
        ),
    ],
)
def test_a_wrong_place_of_the_history_is_named_and_no_password_shown(
    config, text, fault
):
    with pytest.raises(ConfigError) as caught:
        config(text)
    assert str(caught.value) == fault
