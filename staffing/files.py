"""The files of a history, and the queues that they must have between them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from forecast.errors import ConfigError, Finding, TableError, unreadable
from staffing.config import Config


def history_files(path: Path) -> list[Path]:
    """
    The history's file, or its folder's files, by name.

    Hidden files and sub-folders are passed over.

    Raises
    ------
    TableError
        The folder cannot be read, or has no files.
    """
    if not os.path.isdir(path):  # of a name too long, is_dir fails
        return [path]
    try:
        files = sorted(
            file
            for file in path.iterdir()
            if not (file.is_dir() or file.name.startswith("."))
        )
    except OSError as error:
        raise unreadable(path, error) from error
    if not files:
        rule = "the folder must have the history's files, but has none"
        raise TableError([Finding(path.name, rule, (), 0, f"Looked into {path}.")])
    return files


def check_whole_queues(queues: Mapping[str, Iterable[str]], where: str) -> None:
    """
    Refuse a queue in two files; ``queues`` are those of each file.

    Raises
    ------
    TableError
        With each such queue and its files.
    """
    files: dict[str, list[str]] = {}
    for name, of_file in queues.items():
        for queue in of_file:
            files.setdefault(queue, []).append(name)
    cases = [
        f"{queue} ({', '.join(names)})"
        for queue, names in sorted(files.items())
        if len(names) > 1
    ]
    if cases:
        rule = "all rows of a queue must be in one file of the folder, but these are in"
        rule += " several"
        remedy = "Put them together."
        raise TableError([Finding.of(where, rule, cases, remedy)])


def check_queues(config: Config, queues: set[str], where: str) -> None:
    """
    Refuse names of queues that the history, called ``where``, does not have.

    Raises
    ------
    ConfigError
        With them, or with groups and clients named as queues are.
    """
    like = config.like()
    named = (set(config.queues) - set(config.groups)).union(
        *(event.queues for event in config.events),
        *config.groups.values(),
        *config.clients.values(),
        config.volumes.given,
    )
    named = named - set(like) | {other for other, _ in like.values()}
    for key, names in (("groups", config.groups), ("clients", config.clients)):
        if both := queues & set(names):
            raise ConfigError(
                f"[{key}]: {', '.join(sorted(both))} is a queue of {where} as "
                "well. Give it another name."
            )
    if unknown := sorted(named - queues):
        known = {queue.casefold(): queue for queue in sorted(queues)}
        for place, name in enumerate(unknown):
            if close := get_close_matches(name.casefold(), known, n=1):
                unknown[place] = f"{name} (did you mean {known[close[0]]}?)"
        raise ConfigError(
            f"the config names queues that {where} does not have: "
            f"{', '.join(unknown)}; it has {', '.join(sorted(queues))}. "
            'Correct the names; a queue without history needs like = "…".'
        )
