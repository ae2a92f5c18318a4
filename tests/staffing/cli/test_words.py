"""What commands say on stderr: each thing on a line of its own, in the form asked."""

import json

import pytest
import typer

from staffing.cli import app

FORGED = "x\nerror: it is\r\x85\u2028\u202e"
SHOWN = r"x\nerror: it is\r\x85\u2028\u202e"
MISUSED = {
    (): "Missing command. See staffcast --help.",
    ("plans",): "Missing command. See staffcast plans --help.",
    ("--wrong",): "No such option: --wrong (Possible options: --version). See "
    "staffcast --help.",
    ("--version", "--wrong"): "No such option: --wrong (Possible options: --version). "
    "See staffcast --help.",
    ("pln",): "No such command 'pln'. Did you mean 'plan', 'plans'? See staffcast "
    "--help.",
    (FORGED,): f"No such command '{SHOWN}'. See staffcast --help.",
    ("plan",): "Missing argument 'config'. See staffcast plan --help.",
    ("plan", "--month"): "Option '--month' requires an argument. See staffcast --help.",
    ("plans", "show", "x", "--store", "s"): "Invalid value for 'plan': Input should be "
    "a valid integer, unable to parse string as an integer. See staffcast plans show "
    "--help.",
}
CHECKED = {"--seed", "--interval-s", "--agents"}
"""Any seed does; the others are refused by what they are for."""


def messages(run):
    """The errors of a log in JSON, whose every line is read."""
    lines = [json.loads(line) for line in run.err.splitlines()]
    return [line["message"] for line in lines if line["level"] == "error"]


def faulty(folder):
    """Commands, and how many faults there are in what they read, or are given."""
    (folder / FORGED).write_text("queue,interval_start,offered\nA,x,y\n")
    (folder / f"{FORGED}.toml").write_text("[x]\nset = ['a']\n[y]\nset = ['b']\n")
    yield ("check", folder / FORGED), 2
    yield ("check", folder / f"{FORGED}.csv"), 1
    yield ("plan", folder / f"{FORGED}.toml"), 5
    yield ("whatif", "plan.toml", "--scenarios", folder / f"{FORGED}.toml"), 2
    yield ("export", folder / FORGED, "--to", "xlsx", "--out", "x"), 1


def test_no_name_is_told_on_two_lines(staffcast_here, tmp_path):
    for command, faults in faulty(tmp_path):
        text = staffcast_here(*command).err.splitlines()
        assert len(text) == faults, command
        assert all(line.startswith("error: ") and SHOWN in line for line in text)
        logged = staffcast_here("--log-format", "json", *command)
        assert [f"error: {message}" for message in messages(logged)] == text


def test_a_table_for_people_has_a_row_a_line(staffcast_here, tmp_path):
    path = tmp_path / FORGED
    path.write_text(f'queue,interval_start,offered\n"{FORGED}",x,1\n')
    table = staffcast_here("check", path, "--faults").out.splitlines()
    assert [line.split()[0] for line in table] == ["level", "error", "error"]
    assert SHOWN in table[2]


@pytest.mark.parametrize("args", MISUSED)
def test_a_wrong_command_line_is_told_in_the_form_that_it_asks_for(
    args, staffcast_here, monkeypatch
):
    text = staffcast_here(*args)
    monkeypatch.setenv("STAFFCAST_LOG_FORMAT", "json")
    logged = staffcast_here(*args)
    assert (logged.code, logged.out, messages(logged)) == (2, "", [MISUSED[args]])
    assert (text.code, text.out) == (2, "")
    assert text.err.splitlines()[-1] == f"error: {MISUSED[args]}"
    assert text.err.startswith("Usage: ") == (args in {(), ("plans",)})


def test_the_form_is_found_behind_a_wrong_option(staffcast_here):
    run = staffcast_here("--wrong", "--log-format=json", "plan")
    assert messages(run) == [MISUSED["--wrong",]]


def counts():
    """Each option or argument that is a whole number, and the most that it may be."""
    tree = [typer.main.get_command(app)]
    while tree:
        command = tree.pop()
        tree += getattr(command, "commands", {}).values()
        for part in command.params:
            if part.type_descriptor.annotation is int:
                yield part.opts[0], part.max


def test_each_count_has_an_upper_end():
    found = set(counts())
    assert {("--replications", 1_000), ("--workers", 1_024), ("--port", 65_535)} < found
    assert {name for name, most in found if most is None} == CHECKED
