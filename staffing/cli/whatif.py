"""What if: a plan beside the same with changed inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.errors import ConfigError
from staffing.cli.output import (
    ConfigArgument,
    Format,
    FormatOption,
    say,
    say_written,
    show,
    show_all,
    show_table,
    show_warnings,
    shown_progress,
)
from staffing.cli.runs import StoreOption, held, refuse_input, refuse_store
from staffing.cli.sweeps import (
    ranges_of,
    show_break_even,
    show_sweep,
    show_tornado,
    show_trade_off,
)

if TYPE_CHECKING:
    from staffing.scenario.changes import Scenario
    from staffing.scenario.outcome import Outcome
    from staffing.texts import Texts

UNNAMED = "scenario"
"""What a scenario of --set alone is called."""


def _levers(wanted: bool) -> None:
    if wanted:
        from staffing.report.whatif.table import levers_text

        show(levers_text())
        raise typer.Exit


def whatif(
    context: typer.Context,
    config: ConfigArgument,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", help="A change, LEVER=VALUE[@WHERE]; may be repeated."),
    ] = None,
    scenarios: Annotated[
        Path | None,
        typer.Option(help='A TOML file: [name], set = ["volume=+10%", …].'),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(help="Of the file only this scenario; may be repeated."),
    ] = None,
    levers: Annotated[
        bool,
        typer.Option(
            "--levers", callback=_levers, is_eager=True, help="Say which levers."
        ),
    ] = False,
    month: Annotated[
        str | None,
        typer.Option(help="First month to plan, YYYY-MM, instead of the config's."),
    ] = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            help="Values of a lever, LEVER=FROM..TO/STEP; given twice, all pairs."
        ),
    ] = None,
    tornado: Annotated[
        bool, typer.Option("--tornado", help="Say which uncertain levers matter most.")
    ] = False,
    trade_off: Annotated[
        bool, typer.Option("--trade-off", help="Say what service levels cost.")
    ] = False,
    break_even: Annotated[
        bool,
        typer.Option("--break-even", help="Say how many calls the agents carry."),
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="An HTML page to write, to mail and print.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the scenario's files.")
    ] = None,
    store: StoreOption = None,
    form: FormatOption = Format.table,
) -> None:
    """
    Ask what other calls, people, targets or hours would come to.

    Changes are those of a plan's inputs, through the same steps; without any, the
    answer is the plan. WHERE names queues, dates, weekdays or hours: Energia,
    2026-12-01..2026-12-07, mon-fri, 11:00-12:00. --sweep, --tornado, --trade-off and
    --break-even print a table of the one scenario instead of its KPIs. With --out:
    forecast.csv, staffing.csv (agents needed), monthly.csv (of the agents on duty:
    those needed, or those given), duty.csv (both), whatif.csv and run.json.

    Example: staffcast whatif data/plan.toml --set volume=+10% --set aht_s=+30s@Energia
    """
    from staffing.files import history_files
    from staffing.inputs import history_file
    from staffing.month import Clock
    from staffing.scenario.base import read_base
    from staffing.scenario.outcome import PATHS, outcome_of
    from staffing.texts import of

    if out is None:
        refuse_store(context, "only the files of a folder are kept: name it, --out.")
    asked = _asked(changes or [], scenarios, name or [])
    tables = {
        "--sweep": bool(sweep),
        "--tornado": tornado,
        "--trade-off": trade_off,
        "--break-even": break_even,
    }
    table = _only_table([option for option, wanted in tables.items() if wanted])
    ranges = ranges_of(sweep or [])
    of_one = {"--out": out, "--report": report, table: table}
    for option in [option for option, value in of_one.items() if value is not None]:
        if len(asked) > 1:
            raise ConfigError(
                f"{option} takes one scenario, but {len(asked)} are asked for. Choose "
                "one with --name."
            )
    clock, files = Clock(), []
    with held(out, store) if out is not None else nullcontext():
        with shown_progress() as progress:
            base = read_base(config, month, progress)
        if report is not None:
            history = history_files(history_file(base.config, base.folder))
            refuse_input("--report", report, [config, scenarios, *history])
        clock.stop("forecast")
        simulated = table is None or report is not None or out is not None
        plan = outcome_of(base, simulated=simulated)
        found = {
            title: outcome_of(base, each, simulated=simulated)
            for title, each in asked.items()
        }
        clock.stop("outcome")
        if out is not None:
            from staffing.report.whatif.files import write_outcome

            (only,) = found.values()
            files = write_outcome(plan, only, out, clock.seconds)
    words = of(base.config.lang)
    show_warnings(base.warnings)
    for queue, reason in base.failed.items():
        say(f"failed: {queue} is not planned. {reason}")
    for title, outcome in found.items():
        _say(title, outcome, words)
    first, points = next(iter(asked.values())), None
    if table == "--sweep":
        points = show_sweep(base, first, ranges, form)
    elif table == "--tornado":
        show_tornado(base, first, form)
    elif table == "--trade-off":
        show_trade_off(base, first, form)
    elif table == "--break-even":
        show_break_even(base, first, form)
    else:
        say(f"note: {words.text('report.kpis_note', count=PATHS)}")
        _show(plan, found, form, words)
    if report is not None:
        from staffing.report.folder import write_file
        from staffing.report.whatif.page import whatif_page

        (only,) = found.values()
        page = whatif_page(plan, only, ranges, points).encode()
        say_written(report.parent, write_file(report, page))
    if out is not None:
        say_written(out, files)
    raise typer.Exit(max(outcome.exit_code for outcome in found.values()))


def _only_table(options: Sequence[str]) -> str | None:
    """The option that prints a table of its own instead of the KPIs."""
    if len(options) > 1:
        raise ConfigError(
            f"{' and '.join(options)} each print a table: ask for one at a time."
        )
    return options[0] if options else None


def _asked(
    changes: Sequence[str], file: Path | None, names: Sequence[str]
) -> dict[str, Scenario]:
    """The scenarios asked for, by name; those of a file before --set."""
    from staffing.scenario.changes import Scenario, read_scenarios

    added = Scenario.of(changes)
    if file is None:
        if names:
            raise ConfigError("--name chooses from a file: give --scenarios as well.")
        return {UNNAMED: added}
    known = read_scenarios(file)
    if unknown := [name for name in names if name not in known]:
        raise ConfigError(
            f"--name: {file.name} has no {', '.join(map(repr, unknown))}; it has "
            f"{', '.join(map(repr, known)) or 'no scenarios'}."
        )
    if not known:
        raise ConfigError(
            f"{file.name} has no scenarios. Write [a name] and set = […]."
        )
    return {name: known[name].then(added) for name in names or known}


def _say(title: str, outcome: Outcome, words: Texts) -> None:
    """What is assumed, and what cannot be met."""
    for note in outcome.notes:
        say(f"note: {title}: {words.note(note)}")
    if not outcome.unmet.empty:
        say(
            f"unmet: {title}: in {len(outcome.unmet)} intervals max_agents does not "
            "suffice for the targets."
        )


def _show(
    plan: Outcome, found: Mapping[str, Outcome], form: Format, words: Texts
) -> None:
    """Rounded and of all pools for people; exact and of each for programs."""
    from staffing.report.whatif.table import exact, side_by_side

    if form is Format.json:
        show_all(
            {"kpis": exact(plan, found)},
            set={title: outcome.scenario.texts for title, outcome in found.items()},
            notes={
                title: [*map(words.note, outcome.notes)]
                for title, outcome in found.items()
            },
        )
    elif form is Format.csv:
        show_table(exact(plan, found), form, ())
    else:
        table = side_by_side(plan, found, words)
        show_table(table, form, [(str(title), "") for title in table])
