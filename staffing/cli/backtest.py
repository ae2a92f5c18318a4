"""Past months, forecast as they would have been."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
    show_table,
    show_warnings,
    shown_progress,
)


def backtest(
    config: Annotated[Path, typer.Argument(help="The plan.toml.")],
    forecast_only: Annotated[
        bool,
        typer.Option("--forecast-only", help="Score forecasts, not plans. Needed."),
    ] = False,
    first: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="First month to forecast, YYYY-MM; default: of the last twelve.",
        ),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--to", help="Last month to forecast; default: the last whole."),
    ] = None,
    months: Annotated[
        int,
        typer.Option(min=1, max=3, help="Months ahead: also from earlier cutoffs."),
    ] = 1,
    model: Annotated[
        list[str] | None,
        typer.Option(help="A model to score; may be repeated. Default: all."),
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
    Forecast past months from before them, and measure the errors.

    Every model stands beside last week's calls and the 4-week average. Writes
    accuracy.csv, summary.csv, report.html and run.json.

    Example: staffcast backtest data/plan.toml --forecast-only --from 2026-09 --out past
    """
    if not forecast_only:
        raise ConfigError(
            "backtests of whole plans are not there yet. Add --forecast-only to score "
            "the forecasts of past months."
        )
    from staffing.backtest import backtest_forecasts
    from staffing.report.backtest import (
        GAINS_FORMATS,
        MEASURES_FORMATS,
        write_backtest,
    )

    with engine_for(engine, workers, scheduler) as run, shown_progress() as progress:
        result = backtest_forecasts(
            config,
            first=first,
            last=last,
            horizons=months,
            models=model or (),
            progress=progress,
            engine=run,
        )
    folder = out or Path(f"backtest-{result.months[-1]}")
    files = write_backtest(result, folder)
    show_warnings(result.warnings)
    for queue, reason in result.failed.items():
        say(f"failed: {queue} is not forecast. {reason}")
    show_table(result.summary, form, MEASURES_FORMATS)
    say_table(result.summary, GAINS_FORMATS)
    say(f"Written to {folder}: {', '.join(path.name for path in files)}")
    raise typer.Exit(result.exit_code)
