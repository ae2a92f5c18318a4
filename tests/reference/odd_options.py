"""Any value for any option of any command, as the commands themselves declare them."""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import NamedTuple, get_args, get_type_hints

import typer

from staffing.cli import app

SANE = {
    "plan": ("plan.toml", "--out", "plan"),
    "whatif": ("plan.toml",),
    "roster": ("plan.toml", "--staffing", "done/staffing.csv", "--out", "team"),
    "track": ("plan.toml", "--actual", "today.csv", "--out", "day"),
    "backtest": ("plan.toml", "--from", "2026-02", "--to", "2026-02", "--out", "past"),
    "audit": ("plan.toml", "--replications", "2", "--out", "audit"),
    "check": ("history.csv",),
    "erlang": ("--aht-s", "200", "--calls", "30"),
    "app": ("plan.toml", "--no-browser"),
    "import": ("history.csv", "--config", "plan.toml", "--dry-run"),
    "export": ("done", "--to", "xlsx", "--out", "forecast.xlsx"),
    "plans keep": ("done", "--store", "plans.db"),
    "plans list": ("--store", "plans.db"),
    "plans show": ("1", "--store", "plans.db"),
    "plans compare": ("1", "1", "--store", "plans.db"),
    "plans publish": ("1", "--store", "plans.db"),
    "plans export": ("1", "--store", "plans.db", "--out", "again"),
}
"""What each command takes in the folder of the test."""
NUMBERS = ("0", "-1", "1", "2", "7", "1.5", "1e9", "1e300", "9" * 40, "-0", "1e-300")
NUMBERS += ("nan", "inf", "-inf", "1800", "900", "86400", "0x10", "１", "1_000")
PATHS = ("", ".", "..", "nowhere", "nowhere/x", "plan.toml", "history.csv", "done")
PATHS += ("history.csv/x", "pipe", "a" * 300, "a/" * 3000, "x\udcff", "x\ny", "link")
PATHS += ("x\x1b[2J", "x\u202ey", "~nobody/x", "-", "--", "/proc/nowhere/x", "C:\\x")
TEXTS = ("", " ", "x", "2026-02", "2026-03", "2026-13", "9999-12", "0000-01", "x\udcff")
TEXTS += ("2026-03-04", "12:00", "25:61", "volume=+10%", "volume=0..9/0", "aht_s=", "=")
TEXTS += ("Europe/Rome", "../../etc/passwd", "Europe/Rome\n", "é" * 5000, "'; DROP--")
TEXTS += ("generic", "calls", "queue-log", "sma4", "tcp://localhost:1", "\x1b]0;x\x07")
TEXTS += ("sqlite:///plans.db", "sqlite://", "://", "postgresql://u:p@localhost:1/x")
TEXTS += ("postgresql://" + "x" * 300, "localhost", "::", "::1", "none", "nan")


class Option(NamedTuple):
    """An option: how it is written, and what it takes; None: nothing."""

    name: str
    kind: type | None


def commands() -> Iterator[tuple[str, list[Option]]]:
    """Each command with all its options."""
    tree = [("", typer.main.get_command(app))]
    while tree:
        name, command = tree.pop()
        below = getattr(command, "commands", {})
        tree += [(f"{name} {key}".strip(), part) for key, part in below.items()]
        if not below:
            hints = get_type_hints(command.callback)
            yield (
                name,
                [
                    Option(text, None if part.is_flag else _plain(hints[part.name]))
                    for part in command.params
                    if part.name in hints and part.opts[0].startswith("--")
                    for text in (*part.opts, *part.secondary_opts)
                ],
            )


def _plain(hint: object) -> type:
    """The type itself of one that is optional, or a list."""
    inner = [each for each in get_args(hint) if each is not NoneType]
    return _plain(inner[0]) if inner else hint


COMMANDS = dict(sorted(commands()))


def arguments(chance):
    """A command that would do, with some options or arguments of any value."""
    name = chance.choice([*COMMANDS])
    given = list(SANE[name])
    if chance.random() < 0.2:
        place = chance.randrange(len(given))
        given[place] = chance.choice(PATHS + NUMBERS + TEXTS)
    options = COMMANDS[name]
    for option in chance.choices(options, k=chance.choice([1, 1, 2, 3])):
        given += [option.name]
        given += [] if option.kind is None else [value_for(option, chance)]
    return [*name.split(), *given]


def value_for(option, chance):
    """Mostly what might be taken."""
    kind = option.kind
    if option.name == "--replications":  # many take their time
        return chance.choice(NUMBERS[:5])
    if chance.random() < 0.1:
        return chance.choice(PATHS + NUMBERS + TEXTS)
    if issubclass(kind, Enum):
        return chance.choice([str(each.value) for each in kind])
    if kind in (int, float):
        return chance.choice(NUMBERS)
    return chance.choice(PATHS if kind is Path else TEXTS + PATHS)
