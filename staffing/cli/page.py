"""The what-if page in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

from staffing.cli.output import ConfigArgument, say, show


def app(
    config: ConfigArgument,
    month: Annotated[
        str | None,
        typer.Option(help="First month to plan, YYYY-MM, instead of the config's."),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            help="Address to serve on. One that others can reach needs a password in "
            "STAFFCAST_PASSWORD."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port; 0 is any free one.")
    ] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """
    Show the what-if page in the browser: levers, and what they change.

    Prints the link, which holds a token: whoever has it sees the page. Ctrl-C ends it.

    Example: staffcast app data/plan.toml
    """
    from staffing.app.server import Address, serve

    def told(link: str) -> None:
        show(f"{link}\n")
        say("The page is at this link as long as this command runs; Ctrl-C ends it.")

    serve(config, month, Address(host, port), told=told, browser=browser)
