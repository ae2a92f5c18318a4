"""The files of a plan, written whole or not at all."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from forecast.files import regular
from forecast.tables import csv_bytes
from staffing.plan import Plan, hashes
from staffing.report.claim import (
    MANIFEST as MANIFEST,  # others import it from here
)
from staffing.report.claim import (
    aside,
    beside,
    claimed,
    put_back,
    unwritable,
)
from staffing.report.formats import json_text
from staffing.report.page import report_page
from staffing.report.roster import made_of, write_roster
from staffing.report.tables import summary_table

if TYPE_CHECKING:
    from staffing.rostering import StaffingRoster


def write_plan(plan: Plan, folder: Path) -> list[Path]:
    """
    Write forecast.csv, staffing.csv, monthly.csv, report.html, and run.json last.

    A plan for a chance has chances.csv as well, one with a team its roster's files.

    Raises as :func:`write_files`.
    """
    outputs = {
        "forecast.csv": csv_bytes(plan.forecast),
        "staffing.csv": csv_bytes(plan.requirement),
        "monthly.csv": csv_bytes(plan.monthly),
        "report.html": report_page(plan).encode(),
    }
    if plan.chances is not None:
        outputs["chances.csv"] = csv_bytes(plan.chances.intervals)
    if plan.rostered is not None:
        outputs |= write_roster(made_of(plan.rostered))
    manifest = json_text({**plan.manifest(outputs), "summary": summary_table(plan)})
    return write_files(folder, {**outputs, MANIFEST: manifest.encode()})


def same_run(folder: Path, fingerprint: str) -> dict[str, Any] | None:
    """The manifest of a folder that holds what this run would write; else None."""
    try:
        manifest = json.loads(regular(folder / MANIFEST).read_bytes())
        outputs = manifest["outputs"]
        files = {name: regular(folder / name).read_bytes() for name in outputs}
        same = manifest["fingerprint"] == fingerprint and hashes(files) == outputs
    except (OSError, ValueError, TypeError, LookupError):
        return None
    return manifest if same else None


def write_staffing_roster(run: StaffingRoster, folder: Path) -> list[Path]:
    """
    Write the files of a roster, and run.json last.

    Raises as :func:`write_files`.
    """
    made = made_of(run.rostered)
    outputs = write_roster(made)
    manifest = json_text({**run.manifest(outputs), "summary": made.hours})
    return write_files(folder, {**outputs, MANIFEST: manifest.encode()})


def write_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """
    Write files into a folder, all or none of them; a manifest last.

    A name may have a sub-folder, "ics/A017.ics". What the manifest of an earlier run
    has in sub-folders, and this run has not, is removed.

    Raises
    ------
    BusyError
        Another run is writing to the folder.
    OutputError
        Something could not be written. The files that were there are intact; where
        not even they could be put back, the manifest is gone until the next run has.
    """
    with claimed(folder):
        try:
            _replace_all(folder, files)
        except OSError as error:
            raise unwritable(error, folder) from error
    return [folder / name for name in files]


def write_file(place: Path, content: bytes) -> list[Path]:
    """
    Write one file, whole or not at all, where no folder, pipe or device is.

    Raises as :func:`write_files`.
    """
    try:
        if place.exists() and not place.is_file():
            why = "There is a folder, a pipe or a device"
            raise OSError(errno.EEXIST, why, str(place))
    except OSError as error:
        raise unwritable(error, place.parent) from error
    return write_files(place.parent, {place.name: content})


def _replace_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write every file beside its place, then move them there, the manifest last."""
    new = {name: beside(folder / name) for name in sorted(files, key=MANIFEST.__eq__)}
    added = [name for name in new if not (folder / name).exists()]
    try:
        for name, path in new.items():
            with _named(folder / name):
                _make_below(folder, path.parent)
                with path.open("wb") as file:
                    file.write(files[name])
                    file.flush()
                    os.fsync(file.fileno())
        _change_all(folder, new)
    except BaseException:
        with suppress(OSError):  # the next run does what is left
            if any(path.exists() for path in new.values()):
                for name in added:
                    (folder / name).unlink(missing_ok=True)
            put_back(folder)
            for path in new.values():
                path.unlink(missing_ok=True)
        raise
    finally:
        for place in {path.parent for path in new.values()} - {folder}:
            with suppress(OSError):  # not empty
                place.rmdir()
    _sync(folder)


def _make_below(folder: Path, place: Path) -> None:
    """Make the folder or a sub-folder; no link may lead out of it."""
    place.mkdir(exist_ok=True)
    if place != folder and place.is_symlink():
        raise OSError(errno.ELOOP, "its folder is a link to another")


@contextmanager
def _named(place: Path) -> Iterator[None]:
    """An error about a file names it as the user knows it."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(place), None
        raise


def _change_all(folder: Path, new: Mapping[str, Path]) -> None:
    """Move an earlier run's files aside, and new ones to their places, one the last."""
    *first, last = new
    gone = []
    if last == MANIFEST:
        gone = [MANIFEST, *(_written_below(folder) - set(new))]
    for name in gone:
        _move_aside(folder / name)
    for name in first:
        _move_aside(folder / name)
        with _named(folder / name):
            new[name].replace(folder / name)
    with _named(folder / last):
        new[last].replace(folder / last)
    for name in {*first, *gone}:
        with suppress(OSError):  # the next run does
            aside(folder / name).unlink()
    for place in {(folder / name).parent for name in gone} - {folder}:
        with suppress(OSError):  # not empty
            place.rmdir()


def _move_aside(place: Path) -> None:
    if place.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(place))
    with _named(place), suppress(FileNotFoundError):
        place.replace(aside(place))


def _sync(folder: Path) -> None:
    """Have the moves survive a power cut; where folders cannot be synced, nothing."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _written_below(folder: Path) -> set[str]:
    """Files in sub-folders by the manifest of an earlier run; none without one."""
    try:
        names = json.loads(regular(folder / MANIFEST).read_bytes())["outputs"]
    except (OSError, ValueError, TypeError, LookupError):
        return set()
    return {
        name
        for name in names
        if len(PurePosixPath(name).parts) == 2
        and not {"..", "/"} & {*Path(name).parts}
        and not (folder / name).parent.is_symlink()
    }
