"""Past months, planned or only forecast as they would have been."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.errors import ConfigError
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
    show,
    show_table,
    show_warnings,
    shown_progress,
)
from staffing.cli.runs import (
    ForceOption,
    StoreOption,
    end_where_done,
    held,
    say_done,
)

if TYPE_CHECKING:
    from forecast.engine import Engine
    from staffing.backtest import ForecastBacktest, Recorded
    from staffing.progress import Progress
    from staffing.report.plan_backtest import Told


def backtest(
    config: ConfigArgument,
    forecast_only: Annotated[
        bool, typer.Option("--forecast-only", help="Score forecasts, not plans.")
    ] = False,
    first: Annotated[
        str | None,
        typer.Option("--from", help="First month, YYYY-MM; default: of the last 12."),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--to", help="Last month; default: the last whole one."),
    ] = None,
    months: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=3,
            help="With --forecast-only: months ahead, also from earlier cutoffs.",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="With --forecast-only: a model to score; may be repeated. Default: "
            "all."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the files; default: backtest-YYYY-MM here."),
    ] = None,
    engine: EngineOption = EngineName.serial,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    force: ForceOption = False,
    store: StoreOption = None,
    form: FormatOption = Format.table,
) -> None:
    """
    Plan past months from before them, and hold the plans against what came.

    Writes backtest.html, month.html (the last month; for each client, month-CLIENT.html
    with its own queues alone), every table as CSV and run.json. With --forecast-only,
    every model's forecasts of the months are scored beside last week's calls and the
    4-week average: accuracy.csv, summary.csv, report.html and run.json. A folder that
    holds the same backtest already is left as it is.

    Example: staffcast backtest data/plan.toml --from 2026-09 --to 2026-10 --out past
    """
    if not forecast_only and (model or months is not None):
        raise ConfigError(
            "--model and --months are about forecasts, and a plan has the model of "
            "plan.toml: leave them out, or add --forecast-only."
        )
    if forecast_only:
        from staffing.backtest import backtest_forecasts, forecasts_fingerprint
        from staffing.report.backtest import MEASURES_FORMATS, write_backtest

        chosen, ahead = model or (), months or 1
        with engine_for(engine, workers, scheduler) as run, shown_progress() as shown:
            folder, past = _folder(config, out, last, forecast_only, run, shown)
            with held(folder, store):
                if not force:
                    same = forecasts_fingerprint(
                        config, first=first, last=last, horizons=ahead, models=chosen
                    )
                    end_where_done(folder, same, form, MEASURES_FORMATS)
                scored = backtest_forecasts(
                    config,
                    first=first,
                    last=last,
                    horizons=ahead,
                    models=chosen,
                    progress=shown,
                    engine=run,
                    past=past,
                )
                files = write_backtest(scored, folder)
        _tell_forecasts(scored, form)
        say_written(folder, files)
        raise typer.Exit(scored.exit_code)
    from staffing.report.folder import same_run
    from staffing.report.plan_backtest import told_plans, write_told

    with engine_for(engine, workers, scheduler) as run, shown_progress() as shown:
        folder, past = _folder(config, out, last, forecast_only, run, shown)
        with held(folder, store):
            told = told_plans(  # the same one again is kept
                config, first=first, last=last, progress=shown, engine=run, past=past
            )
            done = not force and same_run(folder, told.facts["fingerprint"])
            files = [] if done else write_told(told, folder)
    _tell_plans(told, form)
    if done:
        say_done(folder)
    else:
        say_written(folder, files)
    raise typer.Exit(told.exit_code)


def _folder(
    config: Path,
    out: Path | None,
    last: str | None,
    forecast_only: bool,
    engine: Engine,
    progress: Progress | None,
) -> tuple[Path, Recorded | None]:
    """Where files go, and the history, where it must be read to know that."""
    from staffing.backtest import (
        checked_month,
        last_month,
        recorded_for_forecasts,
        recorded_for_plans,
    )

    if out is not None:
        return out, None
    if last is not None:
        return Path(f"backtest-{checked_month('--to', last)}"), None
    read = recorded_for_forecasts if forecast_only else recorded_for_plans
    past = read(config, engine, progress)
    return Path(f"backtest-{last_month(past)}"), past


def _tell_plans(told: Told, form: Format) -> None:
    """Print the summary, and say whether the plans held."""
    from staffing.report.plan_backtest import HOURS_FORMATS, SERVICE_FORMATS

    for warning in told.warnings:
        say(f"warning: {warning}")
    for failure in told.failures:
        say(f"failed: {failure}")
    if form is Format.json:
        show(told.everything)
    else:
        show_table(told.summary, form, SERVICE_FORMATS)
    say_table(told.summary, HOURS_FORMATS)
    for line in told.headlines:
        say(line)


def _tell_forecasts(result: ForecastBacktest, form: Format) -> None:
    """Print the measures, and say what is gained over averages."""
    from staffing.report.backtest import GAINS_FORMATS, MEASURES_FORMATS

    show_warnings(result.warnings)
    for queue, reason in result.failed.items():
        say(f"failed: {queue} is not forecast. {reason}")
    show_table(result.summary, form, MEASURES_FORMATS)
    say_table(result.summary, GAINS_FORMATS)
