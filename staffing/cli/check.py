"""Is an export usable? Every fault with its row."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from staffing.cli.output import Format, FormatOption, show_table, show_warnings


def check(
    history: Annotated[Path, typer.Argument(help="The exported CSV.")],
    config: Annotated[
        Path | None,
        typer.Option(help="A plan.toml that declares the file's form and hours."),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(help="Zone of local times, where no config declares it."),
    ] = None,
    interval_s: Annotated[
        int, typer.Option(help="Their length, where no config declares it. [s]")
    ] = 1800,
    faults: Annotated[
        bool, typer.Option("--faults", help="List every single case instead.")
    ] = False,
    form: FormatOption = Format.table,
) -> None:
    """
    Say whether an export can be planned from: every fault, with its rows.

    Without a config the file must have our column names and ISO times, and
    gaps are not looked for, as opening hours are not known. Words show the first
    20 cases of each kind; --faults lists them all, one a row.

    Example: staffcast check data/history.csv --config data/plan.toml
    """
    from forecast.errors import TableError
    from staffing.check import cases_of, check_history
    from staffing.report.formats import CASES_FORMATS, CHECKED_FORMATS

    try:
        result = check_history(
            history, config, timezone=timezone, interval_s=interval_s
        )
    except TableError as error:
        if faults:
            show_table(cases_of(error.findings, "error"), form, CASES_FORMATS)
        raise
    show_warnings(result.warnings)
    if faults:
        show_table(cases_of(result.warnings, "warning"), form, CASES_FORMATS)
    else:
        show_table(result.queues, form, CHECKED_FORMATS)
