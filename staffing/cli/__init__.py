"""
The command line: parse, call, write. Data go to stdout, words to stderr.

Commands import what they need when they run, so that help is quick.
"""

from __future__ import annotations

import _thread
import io
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from forecast.engine import ONE_THREAD
from forecast.errors import ConfigError, StaffcastError
from staffing.cli.audit import audit
from staffing.cli.backtest import backtest
from staffing.cli.check import check
from staffing.cli.erlang import erlang
from staffing.cli.exporting import export
from staffing.cli.importing import import_
from staffing.cli.output import Log, LogFormat, say, show
from staffing.cli.page import app as page
from staffing.cli.plan import plan
from staffing.cli.plans import plans
from staffing.cli.roster import roster
from staffing.cli.track import track
from staffing.cli.whatif import whatif

INTERRUPTED = 130
"""The exit code that typer gives Ctrl-C."""

TERMINATED = 143
"""The exit code of a process that SIGTERM ends."""

INTERRUPTION = "interrupted: no file is left half written."

app = typer.Typer(
    name="staffcast",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Forecasts a contact centre's calls and solves how many agents they need.",
)
for command in (plan, whatif, roster, track, backtest, audit, check, erlang, page):
    app.command()(command)
app.command("import")(import_)
app.command()(export)

app.add_typer(plans, name="plans")


def _version(context: typer.Context, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from importlib.metadata import version

        show(f"staffcast {version('staffcast')}\n")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say which."),
    ] = False,
    log_format: Annotated[
        LogFormat,
        typer.Option(
            envvar="STAFFCAST_LOG_FORMAT", help="How words on stderr are written."
        ),
    ] = LogFormat.text,
) -> None:
    Log.form = log_format


def main() -> None:
    """Run a command; errors that a user can mend end in their exit code."""
    for stream in ("stdout", "stderr"):
        if getattr(sys, stream) is None:  # closed: else a file could take its place
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
            setattr(sys, stream, nowhere)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # the same bytes in every locale
    os.environ.update(ONE_THREAD)  # and whatever the number of CPUs
    before = signal.signal(signal.SIGTERM, _terminate)
    hook, sys.unraisablehook = sys.unraisablehook, _unheard
    try:
        sys.exit(_ended())
    except SystemExit as ending:
        if ending.code in (INTERRUPTED, TERMINATED):
            say(INTERRUPTION)
        raise
    except StaffcastError as error:
        for line in error.args:
            say(f"error: {line}")
        sys.exit(error.exit_code)
    except Exception as error:
        stop = error.__cause__  # Python wraps what comes while it makes a class
        if isinstance(stop, KeyboardInterrupt | SystemExit):
            say(INTERRUPTION)
            sys.exit(getattr(stop, "code", INTERRUPTED))
        if os.environ.get("STAFFCAST_DEBUG"):
            raise
        say(
            f"error: this is a bug of staffcast ({type(error).__name__}: {error}). "
            "Please report it with what STAFFCAST_DEBUG=1 shows."
        )
        sys.exit(70)
    finally:
        signal.signal(signal.SIGTERM, before)
        sys.unraisablehook = hook


def _ended() -> int:
    """The exit code of the command; what its parser would write goes our way too."""
    try:
        code: int | None = app(prog_name="staffcast", standalone_mode=False)
    except typer.TyperException as error:
        _say_misused(error)
        return ConfigError.exit_code
    except OSError:
        show("")  # raises what is told of stdout, if help could not be written there
        raise
    return code or 0


def _say_misused(error: typer.TyperException) -> None:
    """Say what is wrong with a command line, in the form that it asks for itself."""
    asked = typer.main.get_command(app).make_context(
        "staffcast", sys.argv[1:], resilient_parsing=True, ignore_unknown_options=True
    )
    Log.form = asked.params["log_format"] or LogFormat.text
    context = getattr(error, "ctx", None) or asked
    words = error.format_message()
    if words == context.get_help():  # no arguments at all
        for line in words.split("\n"):
            say(line)
        words = "Missing command."
    end = "" if words.endswith((".", "?")) else "."
    say(f"error: {words}{end} See {context.command_path} --help.")


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    """End as Ctrl-C does: what is open is closed, what is half written removed."""
    sys.exit(TERMINATED)


def _unheard(ignored: sys.UnraisableHookArgs) -> None:
    """Send a signal again, soon, that came while C (a compiler's) called Python."""
    signals = {KeyboardInterrupt: signal.SIGINT, SystemExit: signal.SIGTERM}
    number = signals.get(ignored.exc_type)
    if number is None:
        sys.__unraisablehook__(ignored)
    else:
        threading.Timer(0.1, _thread.interrupt_main, (number,)).start()
