"""
The plan's curve, kept from the last time: shown while the page is on its way.

Importing what solves a plan and a browser's part of the page take seconds; a picture
that was drawn from the same inputs by the same code is there at once.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from forecast.cache import kept

CODE = Path(__file__).parents[1]
OURS = (CODE / "texts", CODE / "rules", CODE.parent / "data" / "rules")
"""Folders of words and rules, in the installed package or in the checkout."""
SHOWN = """
<template id="first">{html}</template>
<script>
if (!new URLSearchParams(location.search).has("set")) {{
  new MutationObserver((_, watch) => {{
    const first = document.querySelector("main.first");
    if (document.querySelector("#root #week")) {{
      first?.remove();
      watch.disconnect();
    }} else if (document.body && !first) {{
      const main = document.createElement("main");
      main.className = "first";
      main.append(document.getElementById("first").content);
      document.body.prepend(main);
    }}
  }}).observe(document, {{ childList: true, subtree: true }});
}}
</script>
"""
"""For the page's head: stands before it until its own curve is drawn."""


class _NotKeptError(Exception):
    pass


def found(config_path: Path, month: str | None) -> str:
    """The kept picture for the page's head; nothing where there is none."""

    def none() -> dict[str, Any]:
        raise _NotKeptError

    with suppress(_NotKeptError, OSError, ValueError):
        return SHOWN.format(**kept(_inputs(config_path, month), none, code=CODE))
    return ""


def keep(config_path: Path, month: str | None, draw: Callable[[], str]) -> None:
    """Draw it for the next time, where it is not kept already."""
    with suppress(_NotKeptError):
        kept(_inputs(config_path, month), lambda: {"html": draw()}, code=CODE)


def _inputs(config_path: Path, month: str | None) -> bytes:
    """All files that the picture follows from; a history elsewhere is not one."""
    content = config_path.read_bytes()
    table = tomllib.loads(content.decode("utf-8-sig"))
    if "url" in table:
        raise _NotKeptError
    named = [config_path.parent / text for text in _texts(table)]
    ours = [path for folder in OURS for path in sorted(folder.glob("*.toml"))]
    digests = [
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in [config_path, *named, *ours]
        if path.is_file()
    ]
    return repr(("first", month, digests)).encode()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
