"""The files of a plan, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from forecast.tables import csv_bytes
from staffing.plan import Plan, hashes
from staffing.report.claim import beside, claimed, unwritable
from staffing.report.formats import json_text
from staffing.report.page import report_page
from staffing.report.roster import made_of, write_roster
from staffing.report.tables import summary_table

if TYPE_CHECKING:
    from staffing.rostering import StaffingRoster

MANIFEST = "run.json"


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
        manifest = json.loads((folder / MANIFEST).read_bytes())
        outputs = manifest["outputs"]
        files = {name: (folder / name).read_bytes() for name in outputs}
        same = manifest["fingerprint"] == fingerprint and hashes(files) == outputs
    except (OSError, ValueError, TypeError, LookupError):
        return None
    return manifest if same else None


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
    with claimed(folder):
        try:
            _replace_all(folder, files)
        except OSError as error:
            raise unwritable(error, folder) from error
    return [folder / name for name in files]


def _replace_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write every file beside its place, then move them there, the manifest last."""
    places = {name: folder / name for name in files}
    new = {name: beside(place) for name, place in places.items()}
    stale = _written_below(folder) - set(files) if MANIFEST in files else set()
    try:
        for name, data in files.items():
            new[name].parent.mkdir(exist_ok=True)
            with new[name].open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        if MANIFEST in files:
            (folder / MANIFEST).unlink(missing_ok=True)
        for name in stale:
            (folder / name).unlink(missing_ok=True)
        for name in files:
            new[name].replace(places[name])
        _sync(folder)
    finally:
        for path in new.values():
            with suppress(OSError):
                path.unlink()


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
        names = json.loads((folder / MANIFEST).read_bytes())["outputs"]
    except (OSError, ValueError, TypeError, LookupError):
        return set()
    return {
        name
        for name in names
        if len(PurePosixPath(name).parts) == 2 and not {"..", "/"} & {*Path(name).parts}
    }
