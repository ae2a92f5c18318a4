"""
A history in the files of a folder, read by many workers and held by none.

Each file is read once, by a worker; its rows lie on disk until they are asked for.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from forecast.acd.generic import Reading
from forecast.engine import Engine, Task
from forecast.errors import SHOWN, ConfigError, Finding, TableError, unreadable
from forecast.extent import Survey
from forecast.files import regular, temporary
from forecast.history import History, hole_findings
from staffing.config import Config
from staffing.files import check_queues, check_whole_queues, history_files
from staffing.inputs import Grid, before, grid_of, nothing_before, read_file, read_rows
from staffing.known import Known, KnownWhole, joined_parts, known_part
from staffing.packing import packed_rows, unpacked_rows
from staffing.progress import Progress

Result = TypeVar("Result")


class Part(NamedTuple):
    """A file: its name, what it has, its rows as bytes, and what is odd in it."""

    name: str
    survey: Survey
    rows: bytes
    warnings: tuple[Finding, ...]

    def reading(self, zone: str) -> Reading:
        """As they were read."""
        return Reading(unpacked_rows(self.rows, zone), self.warnings)


class OnDisk:
    """Bytes by name, in a file that has none: they are gone with it."""

    def __init__(self, where: str) -> None:
        self._where = where
        with temporary(where):
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - as said
        self._places: dict[str, tuple[int, int]] = {}
        weakref.finalize(self, self._file.close)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def add(self, name: str, data: bytes) -> None:
        """Put bytes on the disk."""
        with temporary(self._where):
            self._places[name] = self._file.seek(0, os.SEEK_END), len(data)
            while data:  # a disk that is almost full takes a part
                data = data[self._file.write(data) :]

    def update(self, data: Mapping[str, bytes]) -> None:
        """Put each on the disk."""
        for name, of_name in data.items():
            self.add(name, of_name)

    def get(self, name: str) -> bytes:
        """Take them from there."""
        begin, length = self._places[name]
        self._file.seek(begin)
        return self._file.read(length)


@dataclass(frozen=True)
class QueuesOnDisk:
    """The history of many queues: ``none`` is it without any, ``rows`` are theirs."""

    none: History
    rows: OnDisk

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is odd in it."""
        return self.none.warnings

    def only(self, queue: str) -> History:
        """What a forecast of one queue needs."""
        frame = self.none.frame
        if queue in self.rows:
            zone = str(self.none.calendar.zone)
            frame = unpacked_rows(self.rows.get(queue), zone)
        return replace(self.none, frame=frame).only(queue)


@dataclass(frozen=True)
class Parts:
    """
    A history as it was read, each file's rows by themselves, on the disk.

    ``where`` is what all of it is called, ``surveys`` what each file has, by its name,
    and ``warnings`` what is odd in it.
    """

    where: str
    surveys: Mapping[str, Survey]
    warnings: Mapping[str, tuple[Finding, ...]]
    rows: OnDisk

    @property
    def survey(self) -> Survey:
        """What all of them have together."""
        return Survey.joined([*self.surveys.values()])

    def names_before(self, first: dt.date) -> list[str]:
        """Of the files that have rows before a date."""
        surveys = self.surveys.items()
        return [name for name, survey in surveys if survey.before(first).queues]

    def each(
        self,
        engine: Engine,
        function: Callable[..., Result],
        *arguments: Any,
        names: Iterable[str] | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Result]:
        """
        What a function makes of each file's Part and the arguments, by an engine.

        ``names`` are those of the files; all, by default.

        Raises
        ------
        TableError
            After the last, with the faults of every file.
        """
        chosen = [*(self.surveys if names is None else names)]
        tasks = (Task(name, (self._part(name), *arguments)) for name in chosen)
        return _each(engine.map(function, tasks), "prepare", chosen, progress)

    def _part(self, name: str) -> Part:
        return Part(
            name, self.surveys[name], self.rows.get(name), self.warnings.get(name, ())
        )


def read_parts(
    config: Config, path: Path, engine: Engine, progress: Progress | None
) -> Parts:
    """
    Read the files of a folder, or the one that there is, and check all of them.

    Raises
    ------
    ConfigError
        The configuration names queues that no file has, or puts queues together that
        are in two.
    TableError
        Files are wrong, or two have the same queue; every fault of each.
    OutputError
        There is no room for the rows on the disk.
    """
    rows = OnDisk(path.name)
    found: Iterator[Part]
    if os.path.isdir(path):
        files = history_files(path)
        tasks = (Task(file.name, (config, file.name, _bytes(file))) for file in files)
        names = [file.name for file in files]
        found = _each(engine.map(read_part, tasks), "read", names, progress)
    else:
        found = iter([_part_of(path.name, read_rows(config, path))])
    surveys, warnings = {}, {}
    for part in found:
        rows.add(part.name, part.rows)
        surveys[part.name], warnings[part.name] = part.survey, part.warnings
    named = {name: survey.queues for name, survey in surveys.items()}
    check_whole_queues(named, path.name)
    check_queues(config, {queue for of in named.values() for queue in of}, path.name)
    check_together(config, named)
    return Parts(path.name, surveys, warnings, rows)


def read_part(config: Config, name: str, data: bytes) -> Part:
    """A file's rows, where it is not; for an engine."""
    with temporary(name):
        place = tempfile.TemporaryDirectory(prefix="staffcast-")
    with place as folder:
        path = Path(folder) / name
        with temporary(name):
            path.write_bytes(data)
        return _part_of(name, read_file(config, path, config.form()))


def _part_of(name: str, reading: Reading) -> Part:
    frame = reading.frame
    return Part(name, Survey.of(frame), packed_rows(frame), shown(reading.warnings))


def shown(warnings: Iterable[Finding]) -> tuple[Finding, ...]:
    """With as many cases as words show: a worker's answer is to be small."""
    return tuple(replace(warning, cases=warning.cases[:SHOWN]) for warning in warnings)


def known_of_parts(
    config: Config,
    parts: Parts,
    month: str,
    engine: Engine,
    progress: Progress | None = None,
) -> Known:
    """
    What is known before a month, as :func:`staffing.known.known_before` has it.

    Raises
    ------
    TableError
        No file has rows before the month.
    OutputError
        There is no room for the rows on the disk.
    """
    span = config.span(month)
    survey = parts.survey.before(span[0])
    if not survey.queues:
        raise nothing_before(span[0], parts.where)
    grid = grid_of(config, survey, span[1])
    names = parts.names_before(span[0])
    rows, found = OnDisk(parts.where), []
    for part in parts.each(
        engine, known_part_of, config, span, grid, names=names, progress=progress
    ):
        rows.update(part.rows)
        found.append(part.known)
    told = [*(finding for part in found for finding in part.history.warnings)]
    told += hole_findings(grid.extent.holes, parts.where)
    none = replace(found[0].history, warnings=tuple(told))
    return joined_parts(config, found, QueuesOnDisk(none, rows), parts.where)


class KnownPart(NamedTuple):
    """What is known of a file's queues, without their rows, and these as bytes."""

    known: KnownWhole
    rows: Mapping[str, bytes]


def known_part_of(
    part: Part, config: Config, span: tuple[dt.date, dt.date], grid: Grid
) -> KnownPart:
    """What is known of the queues of a file; for an engine."""
    reading = before(part.reading(config.timezone), span[0], part.name)
    known = known_part(config, reading, span, part.name, grid)
    history = known.history
    return KnownPart(replace(known, history=without_rows(history)), queue_rows(history))


def queue_rows(history: History) -> dict[str, bytes]:
    """Each queue's rows as bytes: what its forecast needs."""
    return {queue: packed_rows(history.only(queue).frame) for queue in history.queues}


def without_rows(history: History) -> History:
    """The same without any queue; its warnings as they are shown."""
    frame = history.frame.head(0)
    return replace(history, frame=frame, warnings=shown(history.warnings))


def check_together(config: Config, queues: Mapping[str, Iterable[str]]) -> None:
    """
    Refuse queues in two files that need each other; ``queues`` are those of each file.

    Raises
    ------
    ConfigError
        A group, or a queue and the one that it is like.
    """
    file_of = {queue: name for name, of_file in queues.items() for queue in of_file}
    wanted = {f"[groups] {name}": of for name, of in config.groups.items()}
    for queue, (other, _) in config.like().items():
        wanted[f"[queues] {queue} like"] = [queue, other]
    for key, together in wanted.items():
        at = {queue: file_of[queue] for queue in together if queue in file_of}
        if len({*at.values()}) > 1:
            shown = ", ".join(f"{queue} in {name}" for queue, name in at.items())
            raise ConfigError(
                f"{key}: its queues must be in one file of the history, but are not "
                f"({shown}). Put them together."
            )


def _each(
    found: Iterator[Result | TableError],
    verb: str,
    names: Sequence[str],
    progress: Progress | None,
) -> Iterator[Result]:
    """What came of each file; after the last one, all faults at once."""
    faults: list[Finding] = []
    for number, name in enumerate(names):
        if progress:
            progress(f"{verb} {name}", number, len(names))
        result = next(found)
        if isinstance(result, TableError):
            faults += result.findings
        else:
            yield result
    if faults:
        raise TableError(faults)


def _bytes(file: Path) -> bytes:
    try:
        return regular(file).read_bytes()
    except OSError as error:
        raise unreadable(file, error) from error
