"""The password of a database, which no command shows or writes, come what may."""

import csv
import signal
import subprocess
import sys
import traceback
import zipfile
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from staffing.database import database, read_url
from staffing.history_table import fetched

SCRIPT = Path(sys.executable).with_name("staffcast")
CANARY = "c4nary"  # what the password begins with, URL-encoded or not
PASSWORD = f"{CANARY}/1 @:%"
CONFIG = """\
url = "{url}"
table = "{table}"
month = "2026-03"
timezone = "Europe/Rome"

[hours]
mon-fri = "09:00-11:00"

[forecast]
model = "sma8"

[roster]
agents = "agents.csv"
contracts = "contracts.toml"
effort = 0.05
"""
CONTRACTS = '[contracts.PT]\nweekly_h = 10\nshifts = [{ present = "2:00" }]\n'
AGENTS = "agent_id,contract,groups\n" + "".join(f"A{n},PT,Sales\n" for n in range(6))
HEADER = "queue,interval_start,offered,aht_s\n"
TODAY = HEADER + "Sales,2026-03-04T09:00,30,200\n"
STORE = "--store", "{url}"
COMMANDS = [
    ("plan", "plan.toml", "--out", "out", *STORE),
    ("--log-format", "json", "plan", "plan.toml", "--out", "out", *STORE),
    ("whatif", "plan.toml", "--set", "volume=+10%", "--format", "json"),
    ("whatif", "plan.toml", "--set", "volume=+10%", "--out", "w", "--report", "w.html"),
    ("roster", "plan.toml", "--staffing", "out/staffing.csv", "--out", "r"),
    ("roster", "plan.toml", "--verify", "r/roster.csv"),
    ("track", "plan.toml", "--actual", "today.csv", "--format", "json"),
    ("backtest", "plan.toml", "--from", "2026-02", "--to", "2026-02", "--out", "b"),
    ("backtest", "plan.toml", "--forecast-only", "--from", "2026-02", "--out", "f"),
    ("audit", "plan.toml", "--replications", "2"),
    ("audit", "plan.toml", "--against-history", "--out", "h"),
    ("check", "today.csv", "--config", "plan.toml"),
    ("import", "today.csv", "--config", "plan.toml", "--out", "i.csv"),
    ("export", "out", "--to", "genesys-cloud", "--out", "e.csv"),
    ("erlang", "--aht-s", "200", "--calls", "30", "--agents", "5"),
    ("plans", "keep", "w", *STORE),
    ("plans", "list", "--format", "json", *STORE),
    ("plans", "show", "1", "--format", "json", *STORE),
    ("plans", "compare", "1", "2", *STORE),
    ("plans", "publish", "1", *STORE),
    ("plans", "export", "1", *STORE),
]


@pytest.fixture
def folder(centre, guarded, tmp_path, monkeypatch):
    """The files of a centre whose history is in the guarded database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANS_PASSWORD", PASSWORD)
    rows = [*csv.reader(centre().with_name("history.csv").read_text().splitlines())]
    with database(read_url(guarded)).begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS rows CASCADE")
        connection.exec_driver_sql(
            "CREATE TABLE rows (queue text, interval_start text, offered int, "
            "aht_s int)"
        )
        connection.exec_driver_sql(
            "INSERT INTO rows VALUES (%s, %s, %s, %s)",
            [(*row[:3], 200) for row in rows[1:]],
        )
        connection.exec_driver_sql(
            "CREATE VIEW calls AS SELECT *, offered - 1 AS handled, 1 AS abandoned, "
            "20 AS asa_s, 60 AS abandon_wait_s, 6 AS agents FROM rows"
        )
    (tmp_path / "plan.toml").write_text(CONFIG.format(url=guarded, table="calls"))
    (tmp_path / "contracts.toml").write_text(CONTRACTS)
    (tmp_path / "agents.csv").write_text(AGENTS)
    (tmp_path / "today.csv").write_text(TODAY)
    return tmp_path


def all_bytes(folder):
    """Each file with its bytes; of a workbook those of its parts, too."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()
            if path.suffix == ".xlsx":
                with zipfile.ZipFile(path) as book:
                    yield from ((path, book.read(name)) for name in book.namelist())


def names_it(folder):
    """Files that have the password, those within a workbook too."""
    return [path for path, data in all_bytes(folder) if CANARY.encode() in data]


def run_all(commands, codes, url, staffcast_here):
    """Each ends with one of the codes, and no word of it."""
    for command in commands:
        run = staffcast_here(*(part.format(url=url) for part in command))
        assert run.code in codes, (command, run)
        assert CANARY not in run.out + run.err


def test_a_plan_from_the_database_into_it_does_not_tell_the_password(
    folder, guarded, staffcast_here, quick_pictures
):
    run_all([COMMANDS[1], COMMANDS[17]], {0, 1}, guarded, staffcast_here)
    assert names_it(folder) == []


@pytest.mark.soak
def test_no_command_that_reads_the_database_tells_its_password(
    folder, guarded, staffcast_here, quick_pictures
):
    run_all(COMMANDS, {0, 1}, guarded, staffcast_here)
    assert len(list(folder.rglob("run.json"))) >= 7
    assert names_it(folder) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "password",
        pytest.param("host", marks=pytest.mark.soak),
        pytest.param("table", marks=pytest.mark.soak),
        pytest.param("variable", marks=pytest.mark.soak),
    ],
)
def test_no_command_that_cannot_read_the_database_tells_its_password(
    wrong, folder, guarded, staffcast_here, monkeypatch
):
    config = folder / "plan.toml"
    if wrong == "password":
        monkeypatch.setenv("PLANS_PASSWORD", PASSWORD + "2")
    elif wrong == "host":
        guarded = guarded.replace("?host=", "?host=/nowhere")
    elif wrong == "table":
        config.write_text(config.read_text().replace("calls", "other"))
    else:
        monkeypatch.setenv("PLANS_PASSWORD", PASSWORD + "\udcff")  # a byte, not UTF-8
    fetched.cache_clear()
    run_all(COMMANDS, {0, 2, 3, 5}, guarded, staffcast_here)
    assert names_it(folder) == []


def test_a_bug_does_not_tell_the_password(folder, staffcast_here, monkeypatch):
    def fail(engine):
        raise RuntimeError(f"a bug with {engine} at {engine.url}")

    fetched.cache_clear()
    monkeypatch.setattr("sqlalchemy.Engine.connect", fail)
    run = staffcast_here("plan", "plan.toml")
    assert (run.code, "planner:***@" in run.err) == (70, True)
    assert CANARY not in run.err
    monkeypatch.setenv("STAFFCAST_DEBUG", "1")
    with pytest.raises(RuntimeError) as caught:
        staffcast_here("plan", "plan.toml")
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.soak
def test_the_page_does_not_tell_passwords(folder, monkeypatch):
    monkeypatch.setenv("STAFFCAST_PASSWORD", f"{CANARY} of the page")
    with subprocess.Popen(
        [SCRIPT, "app", "plan.toml", "--no-browser", "--host", "0.0.0.0"],  # noqa: S104
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        link = running.stdout.readline().strip()
        here = link.replace(urlsplit(link).hostname, "127.0.0.1")
        visitor = build_opener(HTTPCookieProcessor())
        shown = [str(visitor.open(here.partition("?")[0]).read())]
        shown += [str(visitor.open(here).read())]
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=60)
    assert ["<form" in page for page in shown] == [True, False]
    assert ["marimo" in page for page in shown] == [False, True]
    assert running.returncode == 0
    assert CANARY not in "".join([link, *shown, *said])
    assert names_it(folder) == []
