"""Named people for a plan: rostered, checked, or repaired."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.errors import ConfigError
from staffing.cli.output import (
    ConfigArgument,
    Format,
    FormatOption,
    say,
    say_table,
    say_written,
    show_table,
    shown_progress,
)
from staffing.cli.runs import (
    ForceOption,
    StoreOption,
    end_where_done,
    held,
    refuse_store,
)

if TYPE_CHECKING:
    from staffing.roster.month import Rostered


def roster(
    context: typer.Context,
    config: ConfigArgument,
    staffing: Annotated[
        Path | None,
        typer.Option(
            help="The staffing.csv of a plan; or queue, interval_start and agents."
        ),
    ] = None,
    verify: Annotated[
        Path | None,
        typer.Option(help="A roster.csv to check, solved or edited by hand."),
    ] = None,
    repair: Annotated[
        Path | None,
        typer.Option(help="A published roster.csv, to change as little as possible."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="With --repair: first day that may change, but for shifts of people "
            "who are away now.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the files; default: roster-YYYY-MM here."),
    ] = None,
    force: ForceOption = False,
    store: StoreOption = None,
    form: FormatOption = Format.table,
) -> None:
    """
    Roster named people to the agents that each interval needs.

    Writes roster.csv, roster.xlsx, roster.html, cover.csv, payroll.csv, clients.csv,
    fairness.csv, service.csv, a calendar for each person in ics/, and run.json; with
    --repair changes.csv as well. --verify checks a roster against the team and the
    rules of work instead, and writes nothing. A folder that holds the same roster
    already is left as it is.

    Example: staffcast roster data/roster.toml --staffing out/staffing.csv --out team
    """
    if verify is not None:
        refuse_store(context, "a check writes nothing to keep.")
        if staffing or repair or since or out or force:
            raise ConfigError("--verify checks a roster: leave the other options out.")
        raise typer.Exit(_verify(config, verify, form))
    if staffing is None:
        raise ConfigError(
            "a roster is for the agents of each interval: name them with --staffing "
            "FILE, the staffing.csv that staffcast plan writes."
        )
    if (repair is None) != (since is None):
        raise ConfigError("--repair ROSTER and --from YYYY-MM-DD go together.")
    from staffing.report.folder import write_staffing_roster
    from staffing.report.roster import HOURS_FORMATS
    from staffing.rostering import roster_planned, roster_staffing

    repair_from = _date(since)
    month, same = roster_planned(
        config, staffing, published=repair, repair_from=repair_from
    )
    folder = out or Path(f"roster-{month}")
    with held(folder, store):
        if not force:
            end_where_done(folder, same, form, HOURS_FORMATS)
        with shown_progress() as progress:
            result = roster_staffing(
                config,
                staffing,
                published=repair,
                repair_from=repair_from,
                progress=progress,
            )
        files = write_staffing_roster(result, folder)
    say_roster(result.rostered, form)
    say_written(folder, files)
    raise typer.Exit(result.rostered.exit_code)


def say_roster(rostered: Rostered, form: Format | None = None) -> None:
    """
    Say how good a roster is; its hours go to stdout where a form is given.

    What is about single people is counted only: logs name nobody.
    """
    from staffing.report.roster import HOURS_FORMATS, headlines, made_of

    made = made_of(rostered)
    if form is None:
        say_table(made.hours, HOURS_FORMATS)
    else:
        show_table(made.hours, form, HOURS_FORMATS)
    for fault in rostered.faults:
        say(f"cannot work: {fault}")
    for target in rostered.missed:
        say(f"missed: {target}")
    counts = {
        "clashes of people's own rules": len(rostered.clashes),
        "contracts' weeks that could not be kept": len(rostered.solution.unkept),
        "rules broken": len(rostered.violations),
        "ways to help, with what each saves": len(rostered.prices),
    }
    for what, count in counts.items():
        if count:
            say(f"{what}: {count}, in roster.html")
    for line in headlines(made):
        say(line)


def _verify(config: Path, path: Path, form: Format) -> int:
    """Print every rule that a roster breaks; the exit code."""
    from staffing.report.roster import VIOLATIONS_FORMATS, violations_table
    from staffing.rostering import verify_file

    days, found = verify_file(config, path)
    if found or form is not Format.table:
        show_table(violations_table(found), form, VIOLATIONS_FORMATS)
    said = f"{path.name}, {days.first} to {days.last}:"
    if found:
        say(f"{said} {len(found)} rule{'s' * (len(found) > 1)} broken.")
    else:
        say(f"{said} every rule is kept.")
    return int(bool(found))


def _date(text: str | None) -> dt.date | None:
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError as error:
        told = f"--from must be a day, such as 2026-12-10, but is {text!r}."
        raise ConfigError(told) from error
