"""An ACD's export, read into the history table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from forecast.errors import ConfigError
from staffing.cli.output import (
    Format,
    FormatOption,
    say,
    say_written,
    show_table,
    show_warnings,
)
from staffing.cli.runs import refuse_input

FIRST = 10
"""Rows that a dry run shows."""


def import_(
    file: Annotated[Path, typer.Argument(help="The export: CSV, XLSX or a log.")],
    profile: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="What wrote it: generic, italian, genesys-cloud, amazon-connect, "
            "calabrio, queue-log or calls.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="Instead of --from: a plan.toml that declares the form."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The CSV file to write the history to.")
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show the first rows as understood, no more."),
    ] = False,
    timezone: Annotated[
        str | None, typer.Option(help="Zone of local times, and of the history.")
    ] = None,
    interval_s: Annotated[
        int | None,
        typer.Option(help="Length of the intervals; 1800 by default. [s]"),
    ] = None,
    threshold_s: Annotated[
        float | None,
        typer.Option(help="Of single calls: count who was answered within it. [s]"),
    ] = None,
    queue: Annotated[
        str | None, typer.Option(help="The one queue of a file without queues.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook with many.")] = None,
    form: FormatOption = Format.table,
) -> None:
    """
    Read an ACD's export as it is, and write it as a history to plan from.

    What the profile does not declare (dates, encoding, separator) is refused, never
    guessed. A plan.toml reads the export itself where it says profile = "…".

    Example: staffcast import queue_log --from queue-log --out history.csv
    """
    if (out is None) != dry_run:
        raise ConfigError("give either --out FILE or --dry-run.")
    if out is not None:
        refuse_input("--out", out, [file, config])
    from forecast.tables import csv_bytes
    from staffing.importing import Declared, import_export
    from staffing.report.folder import write_file
    from staffing.report.formats import CHECKED_FORMATS

    declared = Declared(profile, timezone, interval_s, threshold_s, queue, sheet)
    result = import_export(file, declared, config)
    show_warnings(result.warnings)
    if out is not None:
        files = write_file(out, csv_bytes(result.history))
        show_table(result.queues, form, CHECKED_FORMATS)
        say_written(out.parent, files)
        return
    texts = {"queue": "", "interval_start": "%Y-%m-%d %H:%M %Z"}
    names = [str(name) for name in result.history]
    formats = [(name, texts.get(name, ",.10g")) for name in names]
    show_table(result.history.head(FIRST), form, formats)
    say(
        f"dry run: {len(result.history):,d} rows of {len(result.queues):,d} queues are "
        "understood; nothing is written."
    )
