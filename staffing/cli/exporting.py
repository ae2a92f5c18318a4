"""A plan's forecast, written as other tools import it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from forecast.errors import ConfigError
from staffing.cli.output import say_written, show_warnings


def export(
    folder: Annotated[Path, typer.Argument(help="The folder of a plan.")],
    to: Annotated[
        str,
        typer.Option(help="genesys-cloud, amazon-connect, calabrio or xlsx."),
    ],
    out: Annotated[Path, typer.Option(help="The file to write.")],
) -> None:
    """
    Write a plan's forecast as a workforce management tool imports it.

    Example: staffcast export plan-2026-12 --to calabrio --out forecast.txt
    """
    from staffing.exporting import export_forecast
    from staffing.report.folder import write_file

    if os.path.exists(out) and os.path.isdir(folder) and out.parent.samefile(folder):
        raise ConfigError(f"--out {out} is a file of the plan. Choose another name.")
    result = export_forecast(folder, to)
    show_warnings(result.warnings)
    say_written(out.parent, write_file(out, result.data))
