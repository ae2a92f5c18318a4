"""The main job: from a plan.toml to the files of a plan."""

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
    show_table,
    show_warnings,
    shown_progress,
)
from staffing.cli.roster import say_roster
from staffing.cli.runs import ForceOption, StoreOption, end_where_done, held


def plan(
    config: ConfigArgument,
    month: Annotated[
        str | None,
        typer.Option(help="First month to plan, YYYY-MM, instead of the config's."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the files; default: plan-YYYY-MM here."),
    ] = None,
    engine: EngineOption = EngineName.serial,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Take the queues that a broken-off run had done."
        ),
    ] = False,
    force: ForceOption = False,
    store: StoreOption = None,
    form: FormatOption = Format.table,
) -> None:
    """
    Forecast a month and solve the agents that each interval needs.

    Writes forecast.csv, staffing.csv, monthly.csv, report.html and run.json; where
    the configuration has [roster], the files of staffcast roster too. A folder that
    holds the same plan already is left as it is.

    Example: staffcast plan data/plan.toml --month 2026-12 --out december
    """
    from staffing.inputs import month_planned
    from staffing.pipeline import plan_month
    from staffing.plan import fingerprint
    from staffing.report.folder import write_plan
    from staffing.report.formats import (
        ALTERNATIVES_FORMATS,
        CHANCES_FORMATS,
        SUMMARY_FORMATS,
    )
    from staffing.report.tables import summary_table

    month, sources = month_planned(config, month)
    folder = out or Path(f"plan-{month}")
    with held(folder, store):
        if not force:
            same = fingerprint(month, sources)
            end_where_done(folder, same, form, SUMMARY_FORMATS)
        with engine_for(engine, workers, scheduler) as run, shown_progress() as told:
            result = plan_month(config, month, told, run, resume=resume)
        files = write_plan(result, folder)
    show_warnings(result.warnings)
    for queue, reason in result.failed.items():
        say(f"failed: {queue} is not planned. {reason}")
    if not result.unmet.empty:
        say(
            f"unmet: in {len(result.unmet)} intervals max_agents does not suffice for "
            "the targets (binding = max_agents in staffing.csv)."
        )
    show_table(summary_table(result), form, SUMMARY_FORMATS)
    if result.chances is not None:
        say_table(result.chances.pools, CHANCES_FORMATS)
    say_table(result.alternatives, ALTERNATIVES_FORMATS)
    say(f"audit: {result.audit}")
    if result.rostered is not None:
        say_roster(result.rostered)
    say_written(folder, files)
    raise typer.Exit(result.exit_code)
