"""Read plan.toml; every fault is named with its line and key, all at once."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from forecast.errors import ConfigError
from forecast.files import regular
from staffing.config.checks import odd_texts
from staffing.config.parts import Part
from staffing.config.values import DAY_S
from staffing.config.whole import Config

AnyPart = TypeVar("AnyPart", bound=Part)


def read_config(path: Path) -> Config:
    """
    Read and check a plan.toml.

    Raises
    ------
    ConfigError
        One line for each fault: file, line, key, what must hold, what is.
    """
    return read_toml(path, Config)


def read_toml(path: Path, whole: type[AnyPart]) -> AnyPart:
    """
    Read and check a file of TOML whose keys are those of a part.

    Raises
    ------
    ConfigError
        As :func:`read_config`.
    """
    table, text = toml_table(path)
    try:
        return whole.model_validate(table)
    except ValidationError as error:
        faults = [described(fault, text, path.name, whole) for fault in error.errors()]
        raise ConfigError(*dict.fromkeys(faults)) from error


def toml_table(path: Path) -> tuple[dict[str, Any], str]:
    """
    A file of TOML, read, and its text.

    Raises
    ------
    ConfigError
        It cannot be read, or has signs that are not seen or turn the text around.
    """
    try:
        text = regular(path).read_bytes().decode("utf-8-sig")
        table = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} must be UTF-8 text. Save it as UTF-8.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path.name} is not readable as TOML: {error}.") from error
    faults = [
        f"{_place(path.name, text, keys)}: {value!r} has control characters or "
        "direction marks. Take them out."
        for keys, value in odd_texts(table)
    ]
    if faults:
        raise ConfigError(*faults)
    return table, text


def read_staffed_config(path: Path) -> Config:
    """
    Read a plan.toml whose forecast is to be turned into agents.

    Raises
    ------
    ConfigError
        As :func:`read_config`; or its intervals are days, whose calls may come all
        at once or never.
    """
    config = read_config(path)
    if config.interval_s == DAY_S:
        line = find_line(path.read_text("utf-8-sig"), ["interval_s"])
        raise ConfigError(
            f"{path.name}, line {line}: interval_s: 86400 is a daily series, which can "
            "be forecast (staffcast backtest --forecast-only) but not staffed: agents "
            "need interval_s = 900, 1800 or 3600, and a history by such intervals."
        )
    return config


def keys_of(fault: ErrorDetails) -> list[Any]:
    """The keys that lead to a fault, from the whole down."""
    cause = fault.get("ctx", {}).get("error")
    return [*fault["loc"], *getattr(cause, "keys", ())]


def described(fault: ErrorDetails, text: str, name: str, whole: type[Part]) -> str:
    """One fault as: file, line N: key: what must hold, what is."""
    cause = fault.get("ctx", {}).get("error")
    keys = keys_of(fault)
    place = _place(name, text, keys)
    value, kind = fault["input"], fault["type"]
    shown = str(value) if isinstance(value, dt.date | dt.time) else repr(value)
    if kind == "extra_forbidden":
        fields = _part_at(keys[:-1], whole).model_fields.items()
        known = ", ".join(field.alias or name for name, field in fields)
        return f"{place}: no such key; known here: {known}."
    if kind == "missing":
        return f"{place} must be given."
    if kind == "value_error":
        return f"{place}: {cause}."
    if kind in ("model_type", "dict_type"):
        return f"{place} must be a table, but is {shown}."
    must = re.sub(r"^\w+ should", "must", fault["msg"])
    limits = fault.get("ctx", {}).values()
    hint = ""
    if kind == "list_type" and isinstance(value, dict):
        hint = f" Its header has two brackets: [[{_dotted(keys)}]]."
    if kind in ("less_than", "less_than_equal") and 1 in limits and value > 1:
        hint = f" Shares are written 0 to 1: {value / 100:g} for {value:g} %."
    return f"{place} {must}, but is {shown}.{hint}"


def _place(name: str, text: str, keys: Sequence[Any]) -> str:
    line = find_line(text, keys)
    at = f", line {line}" if line else ""
    return f"{name}{at}: {_dotted(keys)}"


def _dotted(keys: Sequence[Any]) -> str:
    return ".".join(str(key) for key in keys)


def _part_at(keys: list[Any], whole: type[Part]) -> type[Part]:
    """The table that the keys lead to: a field's own, or one of many in a field."""
    kind: Any = whole
    for key in keys:
        is_part = isinstance(kind, type) and issubclass(kind, Part)
        kind = kind.model_fields[key].annotation if is_part else get_args(kind)[-1]
        if NoneType in get_args(kind):
            kind = get_args(kind)[0]
    part: type[Part] = kind
    return part


def find_line(text: str, keys: Sequence[Any]) -> int | None:
    """
    Line on which a key's statement begins; its table's line if the key is not there.

    The first lines of a file, up to any line, are TOML as well, unless they end
    within a value. So the line is found by reading ever fewer of them, by halves.
    """
    lines = text.replace("\r\n", "\n").split("\n")

    def read_first(count: int) -> tuple[int, dict[str, Any]]:
        while True:
            try:
                return count, tomllib.loads("\n".join(lines[:count]))
            except tomllib.TOMLDecodeError:
                count -= 1

    def depth_in_first(count: int) -> int:
        return _depth(read_first(count)[1], keys)

    counts = range(len(lines) + 1)
    depth = depth_in_first(counts[-1])
    if depth == 0:
        return None
    last = bisect_left(counts, depth, key=depth_in_first)
    return read_first(last - 1)[0] + 1


def _depth(table: Any, keys: Sequence[Any]) -> int:
    """How many of the keys, one below the other, are there."""
    for depth, key in enumerate(keys):
        try:
            table = table[key]
        except (LookupError, TypeError):
            return depth
    return len(keys)
