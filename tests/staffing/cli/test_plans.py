import inspect
import json
import shutil

import pytest

from staffing.cli import app
from staffing.cli.plans import plans


@pytest.fixture(autouse=True)
def quick(quick_pictures):
    """No picture is rendered here."""


@pytest.fixture
def kept(centre, staffcast_here, tmp_path):
    """The folder of a plan of a small centre, kept in plans.db with another one."""
    store = tmp_path / "plans.db"
    first, second = tmp_path / "first", tmp_path / "second"
    run = staffcast_here("plan", centre(), "--out", first, "--store", store)
    assert run.code == 0
    assert "plan 2026-03: number 1 in " in run.err
    shutil.copytree(first, second)
    text = (second / "run.json").read_text()
    (second / "run.json").write_text(text.replace('"seed": 0', '"seed": 9'))
    assert staffcast_here("plans", "keep", second, "--store", store).code == 0
    return first


def test_a_plan_is_kept_shown_published_and_written_again(
    kept, staffcast_here, tmp_path, monkeypatch
):
    monkeypatch.setenv("STAFFCAST_STORE", str(tmp_path / "plans.db"))
    again = staffcast_here("plans", "keep", kept)
    assert (again.code, again.out) == (0, "")
    assert again.err.startswith(f"plan 2026-03: number 1 in {tmp_path / 'plans.db'}, ")
    listed = json.loads(staffcast_here("plans", "list", "--format", "json").out)
    assert [(row["id"], row["kind"], row["period"]) for row in listed] == [
        (1, "plan", "2026-03"),
        (2, "plan", "2026-03"),
    ]
    shown = json.loads(staffcast_here("plans", "show", 1, "--format", "json").out)
    assert shown["run"] == json.loads((kept / "run.json").read_text())
    assert {file["name"]: file["bytes"] for file in shown["files"]} == {
        path.name: path.stat().st_size for path in kept.iterdir()
    }
    assert "report.html" in staffcast_here("plans", "show", 1).out
    assert "published not yet." in staffcast_here("plans", "show", 1).err
    assert "published 20" in staffcast_here("plans", "publish", 1).err
    monkeypatch.chdir(tmp_path)
    assert staffcast_here("plans", "export", 1).code == 0
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == {
        path.name: path.read_bytes() for path in (tmp_path / "plan-1").iterdir()
    }
    compared = staffcast_here("plans", "compare", 1, 2, "--format", "csv")
    assert compared.out.startswith("queue,figure,first,second,difference,change\n")
    assert compared.err == "parameters.seed: 0 → 9\n"
    missing = staffcast_here("plans", "show", 3)
    assert (missing.code, missing.out) == (2, "")
    assert missing.err.startswith("error: there is no plan 3 in ")


def test_a_folder_that_is_not_whole_is_not_kept(staffcast_here, tmp_path):
    store = tmp_path / "plans.db"
    run = staffcast_here("plans", "keep", tmp_path, "--store", store)
    assert (run.code, run.out) == (3, "")
    assert staffcast_here("plans", "list", "--store", store).out.count("\n") == 1


def test_a_store_that_cannot_be_used_ends_with_its_code(
    centre, staffcast_here, tmp_path
):
    (tmp_path / "notes.db").write_text(
        "no database, but long enough to look like one" * 9
    )
    config, out = centre(), tmp_path / "out"
    for store, code, said in [
        (
            tmp_path / "notes.db",
            5,
            "cannot be used (file is not a database). Name another with --store: a "
            "file that staffcast makes, or a database's URL.\n",
        ),
        (tmp_path / "notes.db" / "plans.db", 5, "cannot be used (File exists)."),
        ("mysql://db/plans", 2, "the URL of the store must be sqlite:///FILE or "),
    ]:
        run = staffcast_here("plan", config, "--out", out, "--store", store)
        assert (run.code, run.out) == (code, "")
        assert said in run.err
    run = staffcast_here("plans", "list", "--store", tmp_path / "plans.db")
    assert (run.code, run.out) == (2, "")
    assert run.err == (
        f"error: {tmp_path / 'plans.db'} is not a store of plans. staffcast plan "
        "--store makes one where there is no file or table yet.\n"
    )
    assert not out.exists()


@pytest.mark.parametrize(
    "command", plans.registered_commands, ids=lambda c: c.name or c.callback.__name__
)
def test_every_command_of_plans_has_help_with_an_example(command, staffcast_here):
    name = command.name or command.callback.__name__
    example = f"Example: staffcast plans {name} "
    assert example in command.callback.__doc__
    assert example in " ".join(staffcast_here("plans", name, "--help").out.split())


# Passwords

CANARY = "c4nary"
NOWHERE = "postgresql+psycopg://planner:${DB_PASSWORD}@127.0.0.1:1/acd"
IN_CLEAR = f"postgresql+psycopg://planner:{CANARY}@127.0.0.1:1/acd"
CONFIGS = {
    "out of reach": f'url = "{NOWHERE}"\ntable = "calls"',
    "in clear": f'url = "{IN_CLEAR}"\ntable = "calls"',
    "as a parameter": f'url = "postgresql://db/acd?password={CANARY}"\ntable = "calls"',
    "as the history": f'history = "{IN_CLEAR}"',
    "as a list": f'url = ["{IN_CLEAR}"]\ntable = "calls"',
    "under another key": f'db = "{IN_CLEAR}"',
    "as the table": f'url = "{NOWHERE}"\ntable = "{IN_CLEAR}"',
    "as a language": f'history = "history.csv"\nlang = "{IN_CLEAR}"',
    "not closed": f'url = "{IN_CLEAR}',
}
SERVING = ("app", "page")  # they do not end; they have tests of their own
MORE = {
    "track": ("--actual", "history.csv"),
    "roster": ("--staffing", "history.csv"),
    "check": ("--config", "plan.toml"),
}


def arguments(command, config):
    """The arguments of a command that reads a plan.toml; None: it does not."""
    name = command.name or command.callback.__name__
    needed = inspect.signature(command.callback).parameters
    if "config" not in needed or name in SERVING:
        return None
    first = "history.csv" if name == "check" else config
    return (name, first, *MORE.get(name, ()))


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_no_command_shows_or_writes_a_password_of_the_config(
    config, centre, staffcast_here, tmp_path, monkeypatch
):
    monkeypatch.setenv("DB_PASSWORD", CANARY)
    monkeypatch.chdir(tmp_path)
    path = centre()
    path.write_text(path.read_text().replace('history = "history.csv"', config))
    tried = 0
    for command in app.registered_commands:
        args = arguments(command, "plan.toml")
        if args is None:
            continue
        run = staffcast_here(*args)
        assert run.code in (2, 3) or args[0] == "check", run
        assert CANARY not in run.out + run.err
        tried += 1
    assert tried >= 6
    path.unlink()
    assert CANARY not in everything_below(tmp_path)


@pytest.mark.parametrize("store", [NOWHERE, IN_CLEAR, f"{NOWHERE}?password={CANARY}"])
def test_no_command_shows_or_writes_a_password_of_the_store(
    store, centre, staffcast_here, tmp_path, monkeypatch
):
    monkeypatch.setenv("DB_PASSWORD", CANARY)
    monkeypatch.chdir(tmp_path)
    path = centre()
    numbers = {"show": (1,), "publish": (1,), "export": (1,), "compare": (1, 2)}
    numbers["keep"] = (tmp_path,)
    out = ("--out", tmp_path / "out")
    commands = [
        *(("plan", path, *out), ("whatif", path, *out), ("backtest", path, *out)),
        ("backtest", path, "--forecast-only", *out),
    ]
    for command in plans.registered_commands:
        name = command.name or command.callback.__name__
        commands.append(("plans", name, *numbers.get(name, ())))
    for command in commands:
        run = staffcast_here(*command, "--store", store)
        assert run.code in (2, 5), run
        assert CANARY not in run.out + run.err
    assert CANARY not in everything_below(tmp_path)


def everything_below(folder):
    return "".join(
        path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()
    )
