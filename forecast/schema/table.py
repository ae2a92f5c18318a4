"""What a table is: its key and its columns."""

from __future__ import annotations

from dataclasses import dataclass

from forecast.columns.column import Column


@dataclass(frozen=True)
class Table:
    """A table: its key, the columns that must be there and those that may."""

    name: str
    key: tuple[Column, ...]
    required: tuple[Column, ...]
    optional: tuple[Column, ...] = ()
    counts: tuple[Column, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns in their order."""
        return self.key + self.required + self.optional
