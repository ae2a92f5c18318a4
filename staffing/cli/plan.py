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
from staffing.cli.plans import KEPT_IN, keep_run, store_at
from staffing.cli.roster import say_roster


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
    force: Annotated[
        bool, typer.Option("--force", help="Plan again what the folder holds already.")
    ] = False,
    store: Annotated[str | None, KEPT_IN] = None,
    form: FormatOption = Format.table,
) -> None:
    """
    Forecast a month and solve the agents that each interval needs.

    Writes forecast.csv, staffing.csv, monthly.csv, report.html and run.json; where
    the configuration has [roster], the files of staffcast roster too. A folder that
    holds the same plan already is left as it is.

    Example: staffcast plan data/plan.toml --month 2026-12 --out december
    """
    import pandas as pd

    from staffing.inputs import month_planned
    from staffing.pipeline import plan_month
    from staffing.plan import fingerprint
    from staffing.report.claim import claimed
    from staffing.report.folder import same_run, write_plan
    from staffing.report.formats import (
        ALTERNATIVES_FORMATS,
        CHANCES_FORMATS,
        SUMMARY_FORMATS,
    )
    from staffing.report.tables import summary_table

    kept_in = store_at(store)  # before the work, which would be lost
    month, sources = month_planned(config, month)
    folder = out or Path(f"plan-{month}")
    with claimed(folder):
        done = None if force else same_run(folder, fingerprint(month, sources))
        if done is not None:
            say(f"{folder} holds this plan already; --force plans it again.")
            show_table(pd.DataFrame(done["summary"]), form, SUMMARY_FORMATS)
            keep_run(kept_in, folder)
            raise typer.Exit(done["exit_code"])
        with engine_for(engine, workers, scheduler) as run, shown_progress() as told:
            result = plan_month(config, month, told, run, resume=resume)
        files = write_plan(result, folder)
        keep_run(kept_in, folder)
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
