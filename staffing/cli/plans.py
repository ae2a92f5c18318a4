"""Plans and other runs that are kept: listed, compared, published, written again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from staffing.cli.output import (
    Format,
    FormatOption,
    say,
    say_written,
    show_all,
    show_table,
)
from staffing.cli.runs import KEPT_IN, keep_run, store_at, told

if TYPE_CHECKING:
    from staffing.report.formats import Formats

plans = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Kept plans, rosters, backtests and scenarios: keep, list, show, compare, "
    "publish and export them.",
)

StoreOption = Annotated[str, KEPT_IN]
Number = Annotated[int, typer.Argument(min=1, max=2**31 - 1, help="The plan's id.")]

KEPT_FORMATS: Formats = (
    ("id", ""),
    ("kind", ""),
    ("period", ""),
    ("exit_code", ""),
    ("kept_at", ""),
    ("published_at", ""),
)
FILES_FORMATS: Formats = (("name", ""), ("bytes", ",d"), ("sha256", ""))
FIGURES_FORMATS: Formats = (
    ("queue", ""),
    ("figure", ""),
    ("first", ",.1f"),
    ("second", ",.1f"),
    ("difference", "+,.1f"),
    ("change", "+.1%"),
)


@plans.command()
def keep(
    folder: Annotated[Path, typer.Argument(help="A folder with a run.json.")],
    store: StoreOption,
) -> None:
    """
    Keep the files of a folder: of a plan, roster, backtest, scenario or track.

    The same run again is kept once.

    Example: staffcast plans keep out --store plans.db
    """
    keep_run(store_at(store), folder)


@plans.command("list")
def list_plans(store: StoreOption, form: FormatOption = Format.table) -> None:
    """
    Show everything that is kept.

    Example: staffcast plans list --store plans.db
    """
    import pandas as pd

    from staffing.store import Kept, open_store

    rows = [asdict(kept) for kept in open_store(store).plans()]
    names = list(Kept.__dataclass_fields__)
    show_table(pd.DataFrame(rows, columns=names), form, KEPT_FORMATS)


@plans.command()
def show(plan: Number, store: StoreOption, form: FormatOption = Format.table) -> None:
    """
    Show the files of a plan; as JSON, its run.json as well.

    Example: staffcast plans show 1 --store plans.db
    """
    import pandas as pd

    from staffing.store import open_store

    opened = open_store(store)
    kept = opened.kept(plan)
    names = [name for name, _ in FILES_FORMATS]
    files = pd.DataFrame(opened.files(plan), columns=names)
    say(told(kept, opened))
    if form is Format.json:
        show_all({"files": files}, **asdict(kept), run=opened.load(plan).facts)
    else:
        show_table(files, form, FILES_FORMATS)


@plans.command()
def compare(
    first: Number, second: Number, store: StoreOption, form: FormatOption = Format.table
) -> None:
    """
    Show how a second plan differs from a first: calls, hours and FTE of each queue.

    Either may be a scenario of whatif. Says which inputs and settings differ.

    Example: staffcast plans compare 1 2 --store plans.db
    """
    from staffing.store import open_store
    from staffing.store.compare import compare_plans, differences

    opened = open_store(store)
    before, after = opened.load(first), opened.load(second)
    show_table(compare_plans(before, after), form, FIGURES_FORMATS)
    for line in differences(before, after):
        say(line)


@plans.command()
def publish(plan: Number, store: StoreOption) -> None:
    """
    Let nobody change a plan from now on.

    Example: staffcast plans publish 1 --store plans.db
    """
    from staffing.store import open_store

    opened = open_store(store)
    say(told(opened.publish(plan), opened))


@plans.command()
def export(
    plan: Number,
    store: StoreOption,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the files; default: KIND-ID here.")
    ] = None,
) -> None:
    """
    Write the files of a plan again, byte by byte.

    Example: staffcast plans export 1 --store plans.db --out again
    """
    from staffing.report.folder import write_files
    from staffing.store import open_store

    run = open_store(store).load(plan)
    folder = out or Path(f"{run.kind.replace(' ', '-')}-{plan}")
    say_written(folder, write_files(folder, run.files))
