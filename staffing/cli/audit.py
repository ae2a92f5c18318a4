"""Second opinions on a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from forecast.errors import ConfigError
from staffing.cli.output import (
    ConfigArgument,
    Format,
    FormatOption,
    say,
    say_written,
    show_all,
    show_table,
    shown_progress,
)
from staffing.cli.runs import StoreOption, held, refuse_store

MOST_REPLICATIONS = 1_000
"""
Error bars shrink by the root of their number, memory and time grow with it: in the
sample's month 0.1 MB and 20 ms each, in a year of a pool that never closes 1 MB.
"""


def audit(
    context: typer.Context,
    config: ConfigArgument,
    month: Annotated[
        str | None,
        typer.Option(help="First month to plan, YYYY-MM, instead of the config's."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the files; default: audit-YYYY-MM here."),
    ] = None,
    replications: Annotated[
        int | None,
        typer.Option(
            min=2,
            max=MOST_REPLICATIONS,
            help="How often each day is simulated; default: enough.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Of the simulation; default: the config's."),
    ] = None,
    patience_s: Annotated[
        float | None,
        typer.Option(
            min=1.0,
            max=86_400.0,
            help="Callers' mean patience, where known, though the plan is by Erlang C. "
            "[s]",
        ),
    ] = None,
    handle_cv: Annotated[
        float | None,
        typer.Option(
            min=0.0, max=10.0, help="Sd / mean of a handle time in the days: 1."
        ),
    ] = None,
    against_history: Annotated[
        bool,
        typer.Option(
            "--against-history", help="The past instead of a plan: see below."
        ),
    ] = False,
    store: StoreOption = None,
    form: FormatOption = Format.table,
) -> None:
    """
    Simulate a plan, and ask Erlang C, Erlang A and pyworkforce for their agents.

    Each interval by itself shows whether the plan's KPIs are right (exit code 1
    where not); whole days with ramps and log-normal handle times show what
    callers would meet. Writes audit.csv and audit.html.

    With --against-history, the KPIs that Erlang C, Erlang A and the simulation give
    for the calls and agents of the last twelve months stand beside those that were.
    Writes against.html, against.csv, errors.csv, calibration.csv, patience.csv and
    run.json.

    Example: staffcast audit data/plan.toml --replications 30 --out december
    """
    if against_history:
        if month is not None or patience_s is not None:
            raise ConfigError(
                "--against-history is about the past, whose patience is estimated: "
                "leave out --month and --patience-s."
            )
        _against(config, out, replications, seed, handle_cv, store, form)
    refuse_store(context, "of audits, only those with --against-history are kept.")
    from staffing.audit import HANDLE_CV, audit_requirement
    from staffing.pipeline import plan_month
    from staffing.report.audit import POOL_FORMATS, pool_table, write_audit

    with shown_progress() as progress:
        plan = plan_month(config, month, progress)
        result = audit_requirement(
            plan.requirement,
            plan.forecast,
            plan.rules.pools,
            targets=plan.rules.targets,
            patience_s=plan.rules.patience_of_pools_s,
            seed=plan.rules.seed if seed is None else seed,
            known_patience_s=patience_s or plan.known_patience_s,
            handle_cv=HANDLE_CV if handle_cv is None else handle_cv,
            replications=replications,
            progress=progress,
        )
    folder = out or Path(f"audit-{plan.month}")
    files = write_audit(result, plan.month, folder)
    for queue, reason in plan.failed.items():
        say(f"failed: {queue} is not planned. {reason}")
    show_table(pool_table(result), form, POOL_FORMATS)
    say(f"audit: {result.verdict}")
    say_written(folder, files)
    raise typer.Exit(result.exit_code or int(bool(plan.failed)))


def _against(
    config_path: Path,
    out: Path | None,
    replications: int | None,
    seed: int | None,
    handle_cv: float | None,
    store: str | None,
    form: Format,
) -> NoReturn:
    """The mathematics against the history."""
    from staffing.audit import HANDLE_CV
    from staffing.audit.against import REPLICATIONS, against_history
    from staffing.audit.models import Setup
    from staffing.inputs import read_past
    from staffing.report.against import (
        ERROR_FORMATS,
        all_tables,
        summary_table,
        write_against,
    )

    folder = out or Path("against-history")
    with held(folder, store):
        with shown_progress() as progress:
            past = read_past(config_path)
            config, targets = past.config, past.config.to_targets()
            given_s = config.staffing.patience_s
            setup = Setup(
                threshold_s=targets.threshold_s or 0.0,
                sl_rule=targets.sl_rule,
                load=config.staffing.load,
                seed=config.seed if seed is None else seed,
                patience_s=None if given_s == "estimate" else given_s,
                handle_cv=HANDLE_CV if handle_cv is None else handle_cv,
                replications=replications or REPLICATIONS,
            )
            pools = config.pools(past.history.queues)
            result = against_history(
                past.history, pools, setup, where=past.where, progress=progress
            )
        files = write_against(result, past, folder)
    warnings = list(dict.fromkeys(map(str, past.history.warnings)))
    for warning in warnings:
        say(f"warning: {warning}")
    for finding in result.missing:
        say(f"missing: {finding}")
    summary = summary_table(result)
    if form is Format.json:
        show_all(
            {"summary": summary, **all_tables(result)},
            missing=[str(finding) for finding in result.missing],
            warnings=warnings,
        )
    else:
        show_table(summary, form, ERROR_FORMATS)
    say_written(folder, files)
    raise typer.Exit(result.exit_code)
