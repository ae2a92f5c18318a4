"""
A history in the files of a folder, read by many workers and held by none.

Each file goes to a worker twice: to see how far all of them reach, then for what is
known of its queues. Their rows lie on disk until each queue is forecast.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

from forecast.acd.generic import Reading
from forecast.engine import Engine, Task
from forecast.errors import SHOWN, ConfigError, Finding, TableError, unreadable
from forecast.extent import Survey
from forecast.files import regular, temporary
from forecast.history import History, hole_findings
from staffing.config import Config
from staffing.files import check_queues, check_whole_queues, history_files
from staffing.inputs import Grid, before, grid_of, nothing_before, read_file
from staffing.known import Known, KnownWhole, joined_parts, known_part
from staffing.packing import packed_rows, unpacked_rows
from staffing.progress import Progress

Result = TypeVar("Result")


class KnownPart(NamedTuple):
    """What is known of a file's queues, without their rows, and these as bytes."""

    known: KnownWhole
    rows: Mapping[str, bytes]


class OnDisk:
    """The history of many queues, in a file without a name: it is gone with it."""

    none: History
    """Without a queue: the calendar, the end and what is odd."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - goes with it
        self._places: dict[str, tuple[int, int]] = {}
        weakref.finalize(self, self._file.close)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is odd in it."""
        return self.none.warnings

    def add(self, queue: str, rows: bytes) -> None:
        """Put a queue's packed rows on the disk."""
        self._places[queue] = self._file.seek(0, os.SEEK_END), len(rows)
        while rows:  # a disk that is almost full takes a part
            rows = rows[self._file.write(rows) :]

    def only(self, queue: str) -> History:
        """What a forecast of one queue needs."""
        frame = self.none.frame
        if queue in self._places:
            zone = str(self.none.calendar.zone)
            begin, length = self._places[queue]
            self._file.seek(begin)
            frame = unpacked_rows(self._file.read(length), queue, zone)
        return replace(self.none, frame=frame).only(queue)


def read_surveys(
    config: Config, folder: Path, engine: Engine, progress: Progress | None
) -> dict[Path, Survey]:
    """
    What each file of a history has, all of them checked.

    Raises
    ------
    ConfigError
        The configuration names queues that no file has, or puts queues together that
        are in two.
    TableError
        Files are wrong, or two have the same queue; every fault of each.
    """
    files = history_files(folder)
    tasks = (Task(file.name, (config, file.name, _bytes(file))) for file in files)
    found = _each(engine.map(survey_file, tasks), "look through", files, progress)
    surveys = dict(zip(files, found, strict=True))
    named = {file.name: of.queues for file, of in surveys.items()}
    check_whole_queues(named, folder.name)
    check_queues(config, {queue for of in named.values() for queue in of}, folder.name)
    check_together(config, named)
    return surveys


def survey_file(config: Config, name: str, data: bytes) -> Survey:
    """What a file has; for an engine."""
    return Survey.of(_read(config, name, data).frame)


def known_of_files(
    config: Config,
    surveys: Mapping[Path, Survey],
    month: str,
    engine: Engine,
    progress: Progress | None,
) -> Known:
    """
    What is known before a month, as :func:`staffing.known.known_before` has it.

    ``surveys`` are as :func:`read_surveys` returns them.

    Raises
    ------
    TableError
        No file has rows before the month.
    OutputError
        There is no room for the rows on the disk.
    """
    span = config.span(month)
    where = next(iter(surveys)).parent.name
    survey = Survey.joined([*surveys.values()]).before(span[0])
    if not survey.queues:
        raise nothing_before(span[0], where)
    grid = grid_of(config, survey, span[1])
    files = [file for file, of in surveys.items() if of.before(span[0]).queues]
    tasks = (
        Task(file.name, (config, file.name, _bytes(file), span, grid)) for file in files
    )
    parts = []
    with temporary(where):
        kept = OnDisk()
    for part in _each(engine.map(known_file, tasks), "read", files, progress):
        with temporary(where):
            for queue, rows in part.rows.items():
                kept.add(queue, rows)
        parts.append(part.known)
    told = [*(finding for part in parts for finding in part.history.warnings)]
    told += hole_findings(grid.extent.holes, where)
    kept.none = replace(parts[0].history, warnings=tuple(told))
    return joined_parts(config, parts, kept, where)


def known_file(
    config: Config,
    name: str,
    data: bytes,
    span: tuple[dt.date, dt.date],
    grid: Grid,
) -> KnownPart:
    """What is known of the queues of a file; for an engine."""
    reading = before(_read(config, name, data), span[0], name)
    known = known_part(config, reading, span, name, grid)
    history = known.history
    none = replace(
        history,
        frame=history.frame.head(0),
        warnings=tuple(replace(w, cases=w.cases[:SHOWN]) for w in history.warnings),
    )
    rows = {queue: packed_rows(history.only(queue).frame) for queue in history.queues}
    return KnownPart(replace(known, history=none), rows)


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
    files: Sequence[Path],
    progress: Progress | None,
) -> Iterator[Result]:
    """What came of each file; after the last one, all faults at once."""
    faults: list[Finding] = []
    for number, file in enumerate(files):
        if progress:
            progress(f"{verb} {file.name}", number, len(files))
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


def _read(config: Config, name: str, data: bytes) -> Reading:
    """A file's rows, where it is not."""
    with temporary(name):
        place = tempfile.TemporaryDirectory(prefix="staffcast-")
    with place as folder:
        path = Path(folder) / name
        with temporary(name):
            path.write_bytes(data)
        return read_file(config, path, config.form())
