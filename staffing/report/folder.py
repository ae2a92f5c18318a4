"""The files of a plan, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from forecast.errors import BusyError, OutputError
from forecast.tables import csv_bytes
from staffing.plan import Plan
from staffing.report.formats import json_text
from staffing.report.page import report_page
from staffing.report.roster import made_of, write_roster

if TYPE_CHECKING:
    from staffing.rostering import StaffingRoster

MANIFEST = "run.json"
LOCK = ".lock"


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
    manifest = json_text(plan.manifest(outputs))
    return write_files(folder, {**outputs, MANIFEST: manifest.encode()})


def write_staffing_roster(run: StaffingRoster, folder: Path) -> list[Path]:
    """
    Write the files of a roster, and run.json last.

    Raises as :func:`write_files`.
    """
    outputs = write_roster(made_of(run.rostered))
    manifest = json_text(run.manifest(outputs))
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
        the new ones could not be moved over them, the manifest is gone.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / LOCK, timeout=0):
            try:
                _replace_all(folder, files)
            finally:
                with suppress(OSError):  # Windows does it itself
                    (folder / LOCK).unlink()
    except Timeout as error:
        raise BusyError(
            f"another run is writing to {folder}. Wait for it, or choose another "
            "folder with --out."
        ) from error
    except OSError as error:
        at_fault = error.filename2 or error.filename or folder
        raise OutputError(
            f"{at_fault} could not be written ({error.strerror}). Free space or choose "
            "another folder with --out."
        ) from error
    return [folder / name for name in files]


def _replace_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write every file beside its place, then move them there, the manifest last."""
    places = {name: folder / name for name in files}
    beside = {
        name: place.with_name(f".{place.name}.new") for name, place in places.items()
    }
    stale = _written_below(folder) - set(files) if MANIFEST in files else set()
    try:
        for name, data in files.items():
            beside[name].parent.mkdir(exist_ok=True)
            with beside[name].open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        if MANIFEST in files:
            (folder / MANIFEST).unlink(missing_ok=True)
        for name in stale:
            (folder / name).unlink(missing_ok=True)
        for name in files:
            beside[name].replace(places[name])
    finally:
        for path in beside.values():
            with suppress(OSError):
                path.unlink()


def _written_below(folder: Path) -> set[str]:
    """Files in sub-folders by the manifest of an earlier run; none without one."""
    try:
        names = json.loads((folder / MANIFEST).read_bytes())["outputs"]
    except (OSError, ValueError, TypeError, LookupError):
        return set()
    return {
        name
        for name in names
        if len(PurePosixPath(name).parts) == 2 and not {"..", "/"} & {*Path(name).parts}
    }
