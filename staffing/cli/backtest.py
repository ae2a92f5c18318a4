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
    Format,
    FormatOption,
    say,
    say_table,
    show_all,
    show_table,
    show_warnings,
    shown_progress,
)

if TYPE_CHECKING:
    from staffing.backtest import ForecastBacktest, PlanBacktest


def backtest(
    config: Annotated[Path, typer.Argument(help="The plan.toml.")],
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
    form: FormatOption = Format.table,
) -> None:
    """
    Plan past months from before them, and hold the plans against what came.

    Writes backtest.html, month.html (the last month; for each client, month-CLIENT.html
    with its own queues alone), every table as CSV and run.json. With --forecast-only,
    every model's forecasts of the months are scored beside last week's calls and the
    4-week average: accuracy.csv, summary.csv, report.html and run.json.

    Example: staffcast backtest data/plan.toml --from 2026-09 --to 2026-10 --out past
    """
    if not forecast_only and (model or months is not None):
        raise ConfigError(
            "--model and --months are about forecasts, and a plan has the model of "
            "plan.toml: leave them out, or add --forecast-only."
        )
    from staffing.backtest import backtest_forecasts, backtest_plans

    if forecast_only:
        with engine_for(engine, workers, scheduler) as run, shown_progress() as shown:
            scored = backtest_forecasts(
                config,
                first=first,
                last=last,
                horizons=months or 1,
                models=model or (),
                progress=shown,
                engine=run,
            )
        _tell_forecasts(scored, out, form)
        raise typer.Exit(scored.exit_code)
    with engine_for(engine, workers, scheduler) as run, shown_progress() as shown:
        result = backtest_plans(
            config, first=first, last=last, progress=shown, engine=run
        )
    _tell_plans(result, out, form)
    raise typer.Exit(result.exit_code)


def _tell_plans(result: PlanBacktest, out: Path | None, form: Format) -> None:
    """Write the files, print the summary, and say whether the plans held."""
    from staffing.report.plan_backtest import (
        HOURS_FORMATS,
        SERVICE_FORMATS,
        all_tables,
        failures,
        headlines,
        summary_table,
        write_plan_backtest,
    )

    folder = out or Path(f"backtest-{result.months[-1]}")
    files = write_plan_backtest(result, folder)
    for warning in result.warnings:
        say(f"warning: {warning}")
    for reason, text in failures(result).items():
        say(f"failed: {text} {reason}")
    summary = summary_table(result)
    if form is Format.json:
        show_all(
            all_tables(result),
            failed=dict(result.failed),
            warnings=list(result.warnings),
            headlines=headlines(result),
        )
    else:
        show_table(summary, form, SERVICE_FORMATS)
    say_table(summary, HOURS_FORMATS)
    for line in headlines(result):
        say(line)
    say(f"Written to {folder}: {', '.join(path.name for path in files)}")


def _tell_forecasts(result: ForecastBacktest, out: Path | None, form: Format) -> None:
    """Write the files, print the measures, and say what is gained over averages."""
    from staffing.report.backtest import (
        GAINS_FORMATS,
        MEASURES_FORMATS,
        write_backtest,
    )

    folder = out or Path(f"backtest-{result.months[-1]}")
    files = write_backtest(result, folder)
    show_warnings(result.warnings)
    for queue, reason in result.failed.items():
        say(f"failed: {queue} is not forecast. {reason}")
    show_table(result.summary, form, MEASURES_FORMATS)
    say_table(result.summary, GAINS_FORMATS)
    say(f"Written to {folder}: {', '.join(path.name for path in files)}")
