"""The server of the what-if page: marimo's application behind our guard."""

from __future__ import annotations

import ipaddress
import os
import secrets
import signal
import socket
import tomllib
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.errors import ConfigError
from forecast.files import regular
from staffing import texts
from staffing.app import first, opened
from staffing.app.guard import Guard
from staffing.texts import Lang, Texts

if TYPE_CHECKING:
    from concurrent.futures import Future

    from staffing.scenario.outcome import Outcome

PASSWORD_VARIABLE = "STAFFCAST_PASSWORD"  # noqa: S105 - its name, not its value
NEEDED = ("marimo", "uvicorn", "websockets", "zmq")
GOODBYE_S = 1
"""How long browsers are waited for when the server ends. [s]"""
FORGET_S = 600
"""How long the levers of a closed page are kept for a reload. [s]"""


@dataclass(frozen=True)
class Address:
    """Where the page is served; port 0 is any free one."""

    host: str = "127.0.0.1"
    port: int = 0

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def named(self, port: int) -> str:
        """The address as a browser writes it, with the port that was found."""
        everywhere = self.host in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
        host = socket.gethostname() if everywhere else self.host
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def serve(
    config_path: Path,
    month: str | None,
    address: Address,
    *,
    told: Callable[[str], None],
    browser: bool,
) -> None:
    """
    Serve the page until a signal ends it.

    Parameters
    ----------
    told
        Called with the link, once it can be opened.
    browser
        Whether to open it, too.

    Raises
    ------
    ConfigError
        What serves the page is not installed; others can reach the address and there
        is no password; the address cannot be had.
    StaffcastError
        What is wrong with the plan's inputs.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"{missing[0]}, which serves the page, is not installed. Install it: "
            "pip install 'staffcast[app]'."
        )
    password = os.environ.get(PASSWORD_VARIABLE)
    if not (address.is_local or password):
        raise ConfigError(
            f"--host {address.host}: others can reach this address, so the page must "
            f"have a password, but {PASSWORD_VARIABLE} is not set. Set it in the "
            "environment, or leave out --host."
        )
    words = texts.of(_lang(config_path))
    with closing(_bound(address)) as listening:
        port = listening.getsockname()[1]
        name, token = address.named(port), secrets.token_urlsafe(32)
        names = {name, f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"}
        application = _application(words, first.found(config_path, month))
        guard = Guard(
            application,
            token,
            frozenset(map(str.lower, names)),
            words,
            port,
            addresses=not address.is_local,
            password=None if address.is_local else password,
        )
        link = f"http://{name}/?token={token}"
        told(link)
        if browser:
            webbrowser.open(link)
        reading = opened.read(config_path, month)
        _run(guard, application, listening, reading)
    if reading.done():
        reading.result()


def _run(
    guard: Guard,
    application: Any,
    listening: socket.socket,
    reading: Future[Outcome],
) -> None:
    """Until a signal, or a fault of the plan's inputs."""
    from uvicorn import Config, Server

    class Sessions(Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            """Marimo's threads end first: they would keep the process alive."""
            (page,) = application.routes
            await page.app.state.session_manager.shutdown()
            await super().shutdown(sockets)

    server = Sessions(
        Config(
            guard,
            lifespan="off",
            log_level="critical",
            timeout_graceful_shutdown=GOODBYE_S,
        )
    )

    def end_on_fault(read: Future[Outcome]) -> None:
        server.should_exit = server.should_exit or read.exception() is not None

    reading.add_done_callback(end_on_fault)
    with _signals_only_end():
        server.run(sockets=[listening])


def _lang(config_path: Path) -> Lang:
    """The page's language, before all of the configuration is read and checked."""
    try:
        lang = tomllib.loads(regular(config_path).read_text("utf-8-sig")).get("lang")
    except (OSError, ValueError):
        return "en"  # whoever reads it all says what is wrong
    return next((known for known in texts.LANGS if known == lang), "en")


def _application(words: Texts, picture: str) -> Any:
    """
    Marimo's application of the notebook, in run mode: of Starlette, with one route.

    ``picture`` goes into the page's head.

    It trusts whoever reaches it; the guard in front does not.
    """
    import marimo

    style = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
    built = marimo.create_asgi_app(
        quiet=True,
        include_code=False,
        skew_protection=True,
        session_ttl=FORGET_S,
        html_head=f"<style>{style}</style>{picture}"
        f'<script>document.documentElement.lang = "{words.lang}"</script>',
    )
    return built.with_app(path="", root=str(notebook())).build()


def notebook() -> Path:
    """The page's notebook: in the installed package, or in the checkout."""
    package = Path(__file__).parents[1]
    shipped = package / "notebooks" / "what_if.py"
    return shipped if shipped.exists() else package.parent / "notebooks" / "what_if.py"


def _bound(address: Address) -> socket.socket:
    """A socket that browsers can already connect to."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family)
    except (OSError, TypeError) as error:  # of a name that is no text
        reason = str(getattr(error, "strerror", error))
        reason = reason.partition(" (")[0]  # without the address again
        raise ConfigError(
            f"--host {address.host} --port {address.port}: cannot be had ({reason}). "
            "Choose others, or leave them out."
        ) from error


@contextmanager
def _signals_only_end() -> Iterator[None]:
    """The server ends by a signal and raises it again: that is not a fault here."""
    caught = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: None) for number in caught}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
