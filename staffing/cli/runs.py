"""The folder that a command's run holds, and the store that keeps its files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.errors import ConfigError, OutputError
from staffing.cli.output import Format, say, show_table

if TYPE_CHECKING:
    from staffing.report.formats import Formats
    from staffing.store import Kept, Store

KEPT_IN = typer.Option(
    "--store",
    envvar="STAFFCAST_STORE",
    help="A file of SQLite, or postgresql+psycopg://USER:${VARIABLE}@HOST/DATABASE; "
    "the password is taken from that variable of the environment.",
)
StoreOption = Annotated[str | None, KEPT_IN]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Run again what the folder holds already.")
]


@contextmanager
def held(folder: Path, store: str | None) -> Iterator[None]:
    """
    Hold a run's folder until it has ended well; then keep its files, if in a store.

    Raises as :func:`staffing.report.claim.claimed` and
    :func:`staffing.store.open_store`.
    """
    from staffing.report.claim import claimed

    kept_in = store_at(store)  # before the work, which would be lost
    with claimed(folder):
        try:
            yield
        except typer.Exit:  # the folder holds this run already
            keep_run(kept_in, folder)
            raise
        keep_run(kept_in, folder)


def end_where_done(
    folder: Path, fingerprint: str, form: Format, formats: Formats
) -> None:
    """
    End the command where its folder holds what it would write; tell it again.

    Raises
    ------
    Exit
        The folder holds it, with the code that the run had.
    """
    import pandas as pd

    from staffing.report.folder import same_run

    done = same_run(folder, fingerprint)
    if done is not None:
        say_done(folder)
        show_table(pd.DataFrame(done["summary"]), form, formats)
        raise typer.Exit(done["exit_code"])


def refuse_input(option: str, out: Path, inputs: Iterable[Path | None]) -> None:
    """Refuse to write over a file that is read."""
    for path in inputs:
        if path and os.path.exists(out) and os.path.exists(path) and out.samefile(path):
            raise ConfigError(
                f"{option} {out} is a file that is read. Choose another name."
            )


def say_done(folder: Path) -> None:
    """Say that nothing is written."""
    say(f"{folder} holds this run already; --force runs it again.")


def refuse_store(context: typer.Context, why: str) -> None:
    """Refuse --store where nothing is kept; that of the environment may wait."""
    source = context.get_parameter_source("store")
    if source is not None and source.name == "COMMANDLINE":
        raise ConfigError(f"--store: {why}")


def store_at(where: str | None) -> Store | None:
    """The store to keep a run in, made where there is none yet; None: in no store."""
    if where is None:
        return None
    from staffing.store import open_store  # loads SQLAlchemy

    return open_store(where, create=True)


def keep_run(store: Store | None, folder: Path) -> None:
    """
    Keep the run in a folder, if in a store, and say under which number.

    Raises
    ------
    OutputError
        The store cannot be written any more; the folder stands.
    """
    if store is None:
        return
    from staffing.store import read_run

    try:
        kept = store.save(read_run(folder))
    except OutputError as error:
        raise OutputError(
            *error.args,
            f"the files are in {folder}; staffcast plans keep {folder} keeps them, "
            "once the store can be used.",
        ) from error
    say(told(kept, store))


def told(kept: Kept, store: Store) -> str:
    """What is kept, where and since when."""
    what = " ".join(filter(None, (kept.kind, kept.period)))
    published = kept.published_at or "not yet"
    return (
        f"{what}: number {kept.id} in {store.name}, kept {kept.kept_at}, published "
        f"{published}."
    )
