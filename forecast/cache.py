"""
What took long to compute, kept between runs: the same input has the same answer.

The folder is $STAFFCAST_CACHE (empty: nothing is kept), else staffcast in
$XDG_CACHE_HOME or ~/.cache. It may be deleted at any time; where it cannot be
written, nothing is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from forecast.files import regular

KEPT_DAYS = 90
"""Answers that were not asked for so long are deleted. [days]"""
OURS = re.compile(r"[0-9a-f]{64}(\..*\.part|\.json)")
PACKAGES = ("numpy", "pandas", "scipy", "numba", "holidays", "statsmodels", "prophet")


def kept(
    inputs: bytes,
    answer: Callable[[], dict[str, Any]],
    *,
    code: Path | None = None,
    fresh: bool = False,
) -> dict[str, Any]:
    """
    The answer to these inputs: as JSON holds it, whether it was kept or not.

    It is computed again where the forecasting code, that in the folder ``code``, or a
    package they use has changed, and in any case where it is to be ``fresh``.
    """
    folder = _folder()
    if folder is None:
        return _plain(answer())
    digest = hashlib.sha256(code_of(Path(__file__).parent))
    digest.update(code_of(code) if code else b"")
    digest.update(inputs)
    path = folder / f"{digest.hexdigest()}.json"
    with contextlib.suppress(OSError, ValueError):
        if fresh:
            raise FileNotFoundError
        found = json.loads(regular(path).read_text(encoding="utf-8"))
        if found and isinstance(found, dict):
            with contextlib.suppress(OSError):
                os.utime(path)  # asked for today
            return found
    result = _plain(answer())
    with contextlib.suppress(OSError):
        _write(path, json.dumps(result))
    return result


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(json.dumps(answer)))


def _folder() -> Path | None:
    said = os.environ.get("STAFFCAST_CACHE")
    if said is not None:
        return Path(said) if said else None
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "staffcast"
    except RuntimeError:  # no home
        return None


@cache
def code_of(folder: Path) -> bytes:
    """Hash of a folder's code and of the packages that it reckons with."""
    digest = hashlib.sha256()
    for name in PACKAGES:
        digest.update(f"{name} {version(name)};".encode())
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


def _write(path: Path, text: str) -> None:
    """Whole or not at all: others read the folder meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _tidy(path.parent)
    with tempfile.NamedTemporaryFile(
        "w",
        encoding="utf-8",
        dir=path.parent,
        prefix=f"{path.stem}.",
        suffix=".part",
        delete=False,
    ) as part:
        place = Path(part.name)
        try:
            part.write(text)
            part.close()
            place.replace(path)
        except BaseException:
            place.unlink()
            raise


@cache
def _tidy(folder: Path) -> None:
    """Delete our files that were not asked for lately; once in a process."""
    oldest = time.time() - KEPT_DAYS * 86_400
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if OURS.fullmatch(path.name) and path.stat().st_mtime < oldest:
                path.unlink()
