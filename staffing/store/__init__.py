"""Plans and other runs, kept in SQLite or PostgreSQL."""

from staffing.store.kept import Kept, Store, open_store
from staffing.store.run import Run, read_run

__all__ = [
    "Kept",
    "Run",
    "Store",
    "open_store",
    "read_run",
]
