"""Names of the data in names of files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", re.IGNORECASE)
"""Devices of Windows, with any suffix."""
LONGEST = 60
"""Of a name of the data in that of a file."""


def file_names(names: Iterable[str], form: str, otherwise: str) -> dict[str, str]:
    """
    Each name by that of its file: letters, digits and hyphens, once each.

    ``form`` has {} for the name; ``otherwise`` stands for one that nothing is left of.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        plain = re.sub(r"[^A-Za-z0-9]+", "-", plain)[:LONGEST].strip("-") or otherwise
        plain = f"{otherwise}-{plain}" if RESERVED.fullmatch(plain) else plain
        number, free = 1, form.format(plain)
        while free.lower() in taken:
            number += 1
            free = form.format(f"{plain}-{number}")
        taken.add(free.lower())
        found[free] = name
    return found
