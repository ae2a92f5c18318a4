"""A folder that one run holds at a time."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from forecast.errors import BusyError, OutputError

MANIFEST = "run.json"
LOCK = ".staffcast.lock"
NEW, OLD = ".staffcast-new", ".staffcast-old"
"""Ends of the names of files before they are in place, and after."""
MOMENTS, MOMENT_S = 10, 0.05
"""How often, and after what time, it is asked again who holds a folder."""


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """
    Hold a folder, which is made where it is not there; a claim within one is the same.

    What a run that was killed had begun there is undone. A folder that was made
    and stays empty is removed again. The kernel gives up the claim of who dies.

    Raises
    ------
    BusyError
        Another run holds it; the message says which.
    OutputError
        It cannot be written.
    """
    lock = FileLock(folder / LOCK, timeout=0, is_singleton=True)
    made: list[Path] = []
    taken = False
    try:
        try:
            made += [place for place in (folder, *folder.parents) if not place.exists()]
            folder.mkdir(parents=True, exist_ok=True)
            _acquire(lock, folder)
            taken = True
            if lock.lock_counter == 1:
                (folder / LOCK).write_text(f"{os.getpid()} on {platform.node()}")
                _sweep(folder)
        except OSError as error:
            raise unwritable(error, folder) from error
        yield
    finally:
        if lock.lock_counter == 1 and taken:
            with suppress(OSError):  # Windows does it itself
                (folder / LOCK).unlink()
        if taken:
            with suppress(OSError):  # the kernel does it when this process ends
                lock.release()
        for place in made:
            with suppress(OSError):  # not empty
                place.rmdir()


def _acquire(lock: BaseFileLock, folder: Path) -> None:
    """Take the lock, or say who has it: who has just taken it tells in a moment."""
    for left in reversed(range(MOMENTS)):
        try:
            lock.acquire()
            return
        except Timeout as error:
            holder = _holder(folder)
            if holder or not left:
                raise BusyError(
                    f"another run{holder} is writing to {folder}. Wait for it, or "
                    "choose another folder with --out."
                ) from error
        time.sleep(MOMENT_S)


def unwritable(error: OSError, folder: Path) -> OutputError:
    """What could not be written, and what to do."""
    at_fault = error.filename2 or error.filename or folder
    return OutputError(
        f"{at_fault} could not be written ({error.strerror}). Free space or choose "
        "another folder with --out."
    )


def beside(place: Path) -> Path:
    """Where a file is written before it is moved into its place."""
    return place.with_name(f".{place.name}{NEW}")


def aside(place: Path) -> Path:
    """Where a file is moved before another takes its place."""
    return place.with_name(f".{place.name}{OLD}")


def put_back(folder: Path) -> None:
    """
    Move the files of an earlier run back into their places, its manifest last.

    Where no new file waits for its place, all have been moved: the earlier go.
    """
    begun = bool(_ending_in(NEW, folder))
    for old in sorted(_ending_in(OLD, folder), key=aside(folder / MANIFEST).__eq__):
        if begun:
            old.replace(old.with_name(old.name[1 : -len(OLD)]))
        else:
            old.unlink()


def _sweep(folder: Path) -> None:
    """Undo what a run that was killed had begun."""
    put_back(folder)
    for left in _ending_in(NEW, folder):
        left.unlink(missing_ok=True)


def _ending_in(end: str, folder: Path) -> list[Path]:
    """Files of such names in the folder and below it, where no link and no run is."""
    below = [place for place in folder.iterdir() if place.is_dir()]
    places = [folder]
    places += [p for p in below if not (p.is_symlink() or (p / LOCK).exists())]
    return [path for place in places for path in place.glob(f".*{end}")]


def _holder(folder: Path) -> str:
    try:
        name = (folder / LOCK).read_text()
    except (OSError, ValueError):
        return ""
    return f" (process {name})" if name else ""
