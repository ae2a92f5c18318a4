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

LOCK = ".lock"
MOMENTS, MOMENT_S = 10, 0.05
"""How often, and after what time, it is asked again who holds a folder."""


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """
    Hold a folder, which is made where it is not there; a claim within one is the same.

    What a run that was killed left beside its files is swept. A folder that was made
    and stays empty is removed again. The kernel gives up the claim of who dies.

    Raises
    ------
    BusyError
        Another run holds it; the message says which.
    OutputError
        It cannot be written.
    """
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    lock = FileLock(folder / LOCK, timeout=0, is_singleton=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _acquire(lock, folder)
    except OSError as error:
        raise unwritable(error, folder) from error
    try:
        if lock.lock_counter == 1:
            try:
                (folder / LOCK).write_text(f"{os.getpid()} on {platform.node()}")
                _sweep(folder)
            except OSError as error:
                raise unwritable(error, folder) from error
        yield
    finally:
        if lock.lock_counter == 1:
            with suppress(OSError):  # Windows does it itself
                (folder / LOCK).unlink()
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
    return place.with_name(f".{place.name}.new")


def _sweep(folder: Path) -> None:
    """Files that were not moved into their places."""
    for left in (*folder.glob(".*.new"), *folder.glob("*/.*.new")):
        left.unlink(missing_ok=True)


def _holder(folder: Path) -> str:
    try:
        name = (folder / LOCK).read_text()
    except (OSError, ValueError):
        return ""
    return f" (process {name})" if name else ""
