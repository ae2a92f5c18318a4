"""The running day against its plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from staffing.cli.engines import (
    EngineName,
    EngineOption,
    SchedulerOption,
    WorkersOption,
    engine_for,
)
from staffing.cli.output import (
    ConfigArgument,
    Format,
    FormatOption,
    say,
    say_table,
    say_written,
    show_all,
    show_table,
    show_warnings,
    shown_progress,
)
from staffing.cli.runs import StoreOption, keep_run, store_at


def track(
    config: ConfigArgument,
    actual: Annotated[
        Path,
        typer.Option(
            help="The day's intervals so far, in the form of the history; rows to come "
            "may have agents alone."
        ),
    ],
    at: Annotated[
        str | None,
        typer.Option(help="HH:MM: what ended later is not looked at. Default: all is."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the files; default: track-YYYY-MM-DD here."),
    ] = None,
    engine: EngineOption = EngineName.serial,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    store: StoreOption = None,
    form: FormatOption = Format.table,
) -> None:
    """
    Hold the running day against its plan, and forecast and staff its rest again.

    The plan is that of the day's month, from before it began. Writes track.csv,
    track.html and run.json.

    Example: staffcast track data/plan.toml --actual today.csv --at 12:00 --out today
    """
    from staffing.report.claim import claimed
    from staffing.report.track import (
        KPI_FORMATS,
        TRACK_FORMATS,
        write_track,
    )
    from staffing.report.track_words import headlines
    from staffing.track import track_day

    kept_in = store_at(store)  # before the work, which would be lost
    with engine_for(engine, workers, scheduler) as run, shown_progress() as progress:
        tracked = track_day(config, actual, at, progress, run)
    folder = out or Path(f"track-{tracked.today.date}")
    with claimed(folder):
        files = write_track(tracked, folder)
        keep_run(kept_in, folder)
    show_warnings(tracked.warnings)
    for queue, reason in tracked.failed.items():
        say(f"failed: {queue} is not planned. {reason}")
    lines = headlines(tracked)
    if form is Format.json:
        show_all(
            {
                "intervals": tracked.table,
                "kpis": tracked.kpis,
                "outlook": tracked.outlook,
            },
            headlines=lines,
            failed=dict(tracked.failed),
            warnings=[str(warning) for warning in tracked.warnings],
        )
    else:
        show_table(tracked.table, form, TRACK_FORMATS)
    say_table(tracked.kpis, KPI_FORMATS)
    for line in lines:
        say(line)
    say_written(folder, files)
    raise typer.Exit(tracked.exit_code)
