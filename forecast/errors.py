"""
The exceptions that staffcast raises, and the findings that they carry.

::

    StaffcastError           exit code
    ├── ConfigError          2   plan.toml or the command line is wrong
    ├── TableError           3   input data are wrong beyond use
    ├── BusyError            4   another run holds the output folder
    ├── OutputError          5   an output could not be written
    └── WorkerError          70  a process that was computing died

Anything else that escapes is a bug of ours (exit code 70).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ODD_SIGNS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff"
    "\ufeff]"
)
"""
Control characters, marks that hide or turn around what stands beside them, and bytes
that are no text.
"""
SHOWN = 20
"""Cases that a sentence shows of each kind of finding; the rest is counted."""
KEPT = 100_000
"""Cases that can be listed of each kind, so that no file fills the memory."""


@dataclass(frozen=True)
class Finding:
    """
    One kind of fault or oddity in a file, with its cases.

    The sentence says what must hold and what is; the cases say where.
    """

    where: str
    rule: str
    cases: tuple[str, ...]
    count: int
    remedy: str = ""

    @classmethod
    def of(
        cls,
        where: str,
        rule: str,
        cases: Iterable[str],
        remedy: str = "",
        *,
        count: int | None = None,
    ) -> Finding:
        """Keep the first cases, and count them all."""
        every = list(cases)
        return cls(
            where,
            rule,
            tuple(every[:KEPT]),
            len(every) if count is None else count,
            remedy,
        )

    def __str__(self) -> str:
        text = f"{self.where}: {self.rule}"
        if self.cases:
            shown = self.cases[:SHOWN]
            more = self.count - len(shown)
            text += f": {'; '.join(shown)}"
            text += f"; and {more} more" if more > 0 else ""
        return f"{text}. {self.remedy}".rstrip() if self.remedy else f"{text}."


class StaffcastError(Exception):
    """Any error that a user can mend; each argument is a line that says how."""

    exit_code = 70

    def __str__(self) -> str:
        return "\n".join(self.args)


class ConfigError(StaffcastError):
    """plan.toml or the command line asks for something that cannot be."""

    exit_code = 2


class TableError(StaffcastError):
    """An input table is wrong beyond use; carries every finding at once."""

    exit_code = 3

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(*map(str, findings))
        self.findings = tuple(findings)

    def __reduce__(self) -> tuple[type[TableError], tuple[tuple[Finding, ...]]]:
        return type(self), (self.findings,)  # by default it would be made of its text


def unreadable(path: Path, error: OSError) -> TableError:
    """What is said of a file that the system does not give."""
    rule = f"the file cannot be read ({error.strerror})"
    return TableError([Finding(path.name, rule, (), 1, f"Looked for it at {path}.")])


class BusyError(StaffcastError):
    """Another run holds the output folder."""

    exit_code = 4


class OutputError(StaffcastError):
    """An output could not be written; what was there before is intact."""

    exit_code = 5


class WorkerError(StaffcastError):
    """A process that was computing died, of its memory most often."""
