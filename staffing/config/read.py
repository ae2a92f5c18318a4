"""Read plan.toml; every fault is named with its line and key, all at once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from forecast.errors import ConfigError
from staffing.config.parts import Config, Part, QueuePart


def read_config(path: Path) -> Config:
    """
    Read and check a plan.toml.

    Raises
    ------
    ConfigError
        One line for each fault: file, line, key, what must hold, what is.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        table = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} must be UTF-8 text. Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name} is not readable as TOML: {error}.") from error
    try:
        return Config.model_validate(table)
    except ValidationError as error:
        faults = [_describe(dict(fault), text, path.name) for fault in error.errors()]
        raise ConfigError("\n".join(dict.fromkeys(faults))) from error


def _describe(fault: dict[str, Any], text: str, name: str) -> str:
    """One fault as: file, line N: key: what must hold, what is."""
    keys = list(fault["loc"])
    line = find_line(text, keys)
    where = f"{name}, line {line}" if line else name
    key = ".".join(str(part) for part in keys)
    if fault["type"] == "extra_forbidden":
        part = _part_at(keys[:-1])
        known = ", ".join(part.model_fields) if part else ""
        return f"{where}: {key}: no such key; known here: {known}."
    if fault["type"] == "missing":
        return f"{where}: {key} must be given."
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "value_error":
        return f"{where}: {key + ': ' if key else ''}{message}."
    message = message.replace("Input should be", "must be")
    hint = ""
    value = fault["input"]
    if fault["type"] == "less_than" and isinstance(value, int | float) and value > 1:
        hint = f" Shares are written 0 to 1: {value / 100:g} for {value:g} %."
    return f"{where}: {key} {message}, but is {value!r}.{hint}"


def _part_at(keys: list[Any]) -> type[BaseModel] | None:
    """The model of the table that the keys lead to."""
    model: type[BaseModel] = Config
    for key in keys:
        if isinstance(key, int) or (
            model is QueuePart and key not in QueuePart.model_fields
        ):
            continue
        if key in model.model_fields:
            for part in (*Part.__subclasses__(),):
                if part.__name__ in str(model.model_fields[key].annotation):
                    model = part
                    break
    return model


def find_line(text: str, keys: list[Any]) -> int | None:
    """
    Line of the file on which a key stands; the table's header if the key does not.

    Knows ``[table]``, ``[[table]]``, ``key =`` and dotted or quoted names; within
    an inline table, the line that it begins on.
    """
    best, best_depth = None, 0
    table: list[Any] = []
    counts: dict[tuple[Any, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]", line)
        entry = re.match(
            r"\s*((?:\"[^\"]*\"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:\"[^\"]*\"|'[^']*'|[\w-]+))*)\s*=",
            line,
        )
        if header:
            table = list(_split_key(header[2]))
            if header[1] == "[[":
                index = counts.get(tuple(table), -1) + 1
                counts[tuple(table)] = index
                table.append(index)
            path = table
        elif entry:
            path = table + list(_split_key(entry[1]))
        else:
            continue
        depth = len(path)
        if path == keys[:depth] and depth > best_depth:
            best, best_depth = number, depth
    return best


def _split_key(text: str) -> list[str]:
    """A dotted TOML key as its parts, quotes removed."""
    parts = re.findall(r"\"([^\"]*)\"|'([^']*)'|([\w-]+)", text)
    return ["".join(groups) for groups in parts]
