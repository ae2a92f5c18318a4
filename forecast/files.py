"""Files that can be read to their end, and room for temporary ones."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forecast.errors import OutputError


def regular(path: Path) -> Path:
    """
    The path, where no pipe or device is: it may never end, or never begin.

    Raises
    ------
    OSError
        There is one; or nothing; or its name is not UTF-8, as all is that we write.
    """
    path.stat()
    try:
        path.name.encode()
    except UnicodeEncodeError as error:
        raise OSError(errno.EILSEQ, "Its name is not UTF-8", str(path)) from error
    if path.is_file() or path.is_dir():  # which says itself that it is one
        return path
    raise OSError(errno.EINVAL, "It is no file but a pipe or a device", str(path))


@contextmanager
def temporary(where: str) -> Iterator[None]:
    """
    While rows are written to a temporary file; ``where`` is what they are called.

    Raises
    ------
    OutputError
        There is no room for them.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"the rows of {where} could not be written to a temporary file "
            f"({error.strerror}). Free space, or set TMPDIR to another folder."
        ) from error
