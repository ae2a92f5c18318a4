"""The files of a plan, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from forecast.errors import BusyError, OutputError
from forecast.tables import csv_bytes
from staffing.plan import Plan
from staffing.report.formats import json_text
from staffing.report.page import report_page

MANIFEST = "run.json"
LOCK = ".lock"


def write_plan(plan: Plan, folder: Path) -> list[Path]:
    """
    Write forecast.csv, staffing.csv, monthly.csv, report.html, and run.json last.

    A plan for a chance has chances.csv as well.

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
    manifest = json_text(plan.manifest(outputs))
    return write_files(folder, {**outputs, MANIFEST: manifest.encode()})


def write_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """
    Write files into a folder, all or none of them; a manifest last.

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
    beside = {name: folder / f".{name}.new" for name in files}
    try:
        for name, data in files.items():
            with beside[name].open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        if MANIFEST in files:
            (folder / MANIFEST).unlink(missing_ok=True)
        for name in files:
            beside[name].replace(folder / name)
    finally:
        for path in beside.values():
            with suppress(OSError):
                path.unlink()
