"""Changes and scenarios: what is pulled, by how much and where."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast.errors import ConfigError
from staffing.config.read import toml_table
from staffing.scenario.levers import LEVERS, Lever
from staffing.scenario.where import Where, read_where

EVERYWHERE = Where()


@dataclass(frozen=True)
class Change:
    """
    One lever pulled.

    ``lever`` is its name, with the key of a keyed one ("hours.sat"); ``value`` is as
    the lever reads it.
    """

    lever: str
    value: Any
    where: Where = EVERYWHERE

    @property
    def name(self) -> str:
        """The lever's name in LEVERS."""
        return self.lever.partition(".")[0]

    @property
    def key(self) -> str:
        """What follows its dot; "" where nothing does."""
        return self.lever.partition(".")[2]

    @property
    def names_a_file(self) -> bool:
        """Whether a file is read for it."""
        given = isinstance(self.value, str) and self.value != "base"
        return self.name == "agents" and given

    @property
    def text(self) -> str:
        """The change as it is written, always in the same way."""
        return f"{self.lever}={self.value}{self.where}"


def parse_change(text: str) -> Change:
    """
    Read LEVER=VALUE, or LEVER=VALUE@WHERE: ``aht_s=+30s@Energia,08:00-12:00``.

    Raises
    ------
    ConfigError
        It cannot be read; the message says what the lever takes, or which there are.
    """
    name, equals, rest = (part.strip() for part in text.partition("="))
    value, at, place = (part.strip() for part in rest.partition("@"))
    lever = LEVERS.get(name.partition(".")[0])
    if lever is None or ("." in name and not lever.keyed):
        raise ConfigError(
            f"{text!r}: there is no lever {name!r}; there are {', '.join(LEVERS)}. "
            "See staffcast whatif --levers."
        )
    if not equals:
        raise _fault(text, lever, "a change is LEVER=VALUE")
    _, dot, key = name.partition(".")
    if lever.keyed and not key and (dot or lever.name != "shrinkage"):
        raise _fault(text, lever, f"{name} needs a name of its own after a dot")
    try:
        found = lever.read(value)
    except ValueError as error:
        why = f": {error}" if str(error) else ""
        rule = f"{name} must be {lever.form}, but is {value!r}{why}"
        raise _fault(text, lever, rule) from error
    try:
        where = read_where(place) if at else EVERYWHERE
    except ValueError as error:
        raise _fault(text, lever, str(error)) from error
    if unknown := sorted(where.kinds - {*lever.where}):
        raise _fault(text, lever, f"{name} cannot differ by {' and '.join(unknown)}")
    if missing := sorted({*lever.needs} - where.kinds):
        raise _fault(text, lever, f"{name} needs @ and a {' and a '.join(missing)}")
    return Change(name, found, where)


def _fault(text: str, lever: Lever, rule: str) -> ConfigError:
    return ConfigError(f"{text!r}: {rule}. Write for example {lever.example}.")


@dataclass(frozen=True)
class Scenario:
    """Changes, one after the other, under a name."""

    name: str = ""
    changes: tuple[Change, ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str], name: str = "") -> Scenario:
        """
        Read all changes.

        Raises
        ------
        ConfigError
            As :func:`parse_change`; every fault at once.
        """
        changes, faults = [], []
        for text in texts:
            try:
                changes.append(parse_change(text))
            except ConfigError as error:
                faults.append(str(error))
        if faults:
            raise ConfigError(*faults)
        return cls(name, tuple(changes))

    def then(self, other: Scenario) -> Scenario:
        """Another's changes after these; the other's name, if it has one."""
        return Scenario(other.name or self.name, self.changes + other.changes)

    @property
    def texts(self) -> tuple[str, ...]:
        """The changes as they are written."""
        return tuple(change.text for change in self.changes)


def read_scenarios(path: Path) -> dict[str, Scenario]:
    """
    The named scenarios of a TOML file: ``[more calls]`` and ``set = ["volume=+10%"]``.

    Raises
    ------
    ConfigError
        The file cannot be read; every fault with its scenario.
    """
    table, _ = toml_table(path)
    found, faults = {}, []
    for name, part in table.items():
        try:
            found[name] = Scenario.of(_texts(part), name)
        except ConfigError as error:
            faults += [f"{path.name}, [{name}]: {line}" for line in error.args]
    if faults:
        raise ConfigError(*faults)
    return found


def _texts(part: Any) -> list[str]:
    """The texts of one scenario."""
    given = part.get("set") if isinstance(part, Mapping) else None
    is_list = isinstance(given, list) and all(isinstance(text, str) for text in given)
    if not is_list or set(part) != {"set"}:
        raise ConfigError(
            'a scenario must have one key, a list of changes: set = ["volume=+10%"].'
        )
    return list(given or [])


def scenarios_toml(scenarios: Mapping[str, Scenario]) -> str:
    """The file that :func:`read_scenarios` reads back."""
    parts = []
    for name, scenario in scenarios.items():
        lines = "".join(f"    {_quoted(text)},\n" for text in scenario.texts)
        parts.append(f"[{_quoted(name)}]\nset = [\n{lines}]\n")
    return "\n".join(parts)


def _quoted(text: str) -> str:
    """A basic string of TOML, which JSON's are but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
