"""A run: the files of its folder, held against the run.json among them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from forecast.errors import ODD_SIGNS, Finding, TableError
from forecast.files import regular

MANIFEST = "run.json"
TIMES = ("timings_s", "peak_memory_mb")
"""What the same run again may change in its run.json."""
KINDS = {
    "whatif.csv": "scenario",
    "forecast.csv": "plan",
    "roster.csv": "roster",
    "plan_backtest.csv": "backtest",
    "accuracy.csv": "forecast backtest",
    "track.csv": "track",
    "against.html": "audit",
}
"""The file that tells what kind of run it was."""


@dataclass(frozen=True)
class Run:
    """The bytes of each file of a finished run by its name, run.json among them."""

    files: Mapping[str, bytes]

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What run.json says."""
        facts: Mapping[str, Any] = json.loads(self.files[MANIFEST])
        return facts

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what went in, what made it and what came out, however fast."""
        of = {key: fact for key, fact in self.facts.items() if key not in TIMES}
        return sha256(json.dumps(of, sort_keys=True).encode())

    @property
    def kind(self) -> str:
        """What kind of run it was."""
        return next((kind for name, kind in KINDS.items() if name in self.files), "run")

    @property
    def period(self) -> str:
        """The month that it is for, its first and last, or its day."""
        return _period(self.facts)


def sha256(data: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def read_run(folder: Path) -> Run:
    """
    The run whose files are in a folder.

    Raises
    ------
    TableError
        It has not ended, or its files are not those that it has written.
    """
    where = str(folder)
    try:
        manifest = regular(folder / MANIFEST).read_bytes()
        names = _outputs(manifest, where)
        files = {name: regular(folder / name).read_bytes() for name in names}
    except OSError as error:
        rule = f"{Path(error.filename).name} cannot be read ({error.strerror})"
        raise _unfit(where, rule) from error
    return checked_run({**files, MANIFEST: manifest}, where)


def checked_run(files: Mapping[str, bytes], where: str) -> Run:
    """
    A run of these files.

    Raises
    ------
    TableError
        They are not those of their run.json.
    """
    outputs = _outputs(files.get(MANIFEST, b""), where)
    found = {name: sha256(files[name]) for name in files if name != MANIFEST}
    changed = sorted(name for name, _ in outputs.items() ^ found.items())
    if changed:
        rule = "files must be as run.json has them, but these are not"
        raise _unfit(where, rule, *dict.fromkeys(changed))
    return Run(files)


def _outputs(manifest: bytes, where: str) -> dict[str, str]:
    """The hash of each file by a run.json, none of them outside its folder."""
    try:
        facts = json.loads(manifest)
        outputs = facts["outputs"]
        _period(facts).encode()
        safe = 0 <= facts.get("exit_code", 0) <= 255 and all(
            isinstance(digest, str) and _is_inside(name)
            for name, digest in outputs.items()
        )
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        safe = False
    if not safe:
        raise _unfit(where, f"{MANIFEST} is not that of a run")
    found: dict[str, str] = outputs
    return found


def _period(facts: Mapping[str, Any]) -> str:
    months = facts.get("months") or [facts.get("month", "")]
    ends = dict.fromkeys([months[0], months[-1]])
    return " to ".join(ends) or str(facts.get("at", ""))[:10]


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    plain = name == "/".join(parts) and not {"/", ".."} & {*parts} and "\\" not in name
    shown = not ODD_SIGNS.search(name)
    return plain and shown and 1 <= len(parts) <= 2 and name != MANIFEST


def _unfit(where: str, rule: str, *cases: str) -> TableError:
    remedy = "Run it again; only whole runs are kept."
    return TableError([Finding.of(where, rule, cases, remedy)])
