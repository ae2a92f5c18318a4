"""
Who may see the page, and what may be asked of its server.

A plain ASGI layer around the page's application, so that it also stands before
WebSockets. What it does not know it refuses: a name that is not this server's (a
rebound DNS name), a request from another site, a visitor without the cookie, and
every path that the page does not need, among them all that could run code.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from staffing.texts import Texts

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

READ = re.compile(
    r"/|/health|/(assets|@file)/[^/]+|/(favicon\.ico|manifest\.json|logo\.png)"
    r"|/(favicon|apple-touch-icon|android-chrome)[\w-]*\.png"
)
"""What a browser may read."""
TELL = re.compile(r"/api/kernel/(set_ui_element_value|function_call)")
"""What it may tell: a lever has moved, a download is wanted."""
SOCKET = "/ws"
LOGIN = "/login"
WRONG_PASSWORD_S = 1.0
"""What a wrong password costs, one after the other. [s]"""
LONGEST_FORM = 4096
"""Of a login. [bytes]"""
HEADERS = {
    "content-security-policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: "
    "blob:; frame-ancestors 'none'; form-action 'self'; base-uri 'self'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""Of every answer: nothing is loaded from elsewhere, and nobody frames the page."""
FOREVER = "public, max-age=31536000, immutable"
"""Names of assets hold the hash of their content."""


@dataclass(frozen=True)
class Guard:
    """
    Stands before an application that trusts whoever reaches it.

    ``names`` are the Host headers that this server has, in lower case; where
    ``addresses`` is true, each IP address too (a name can be rebound, an address
    cannot). ``password`` is asked of those who come without the token.
    """

    app: App
    token: str
    names: frozenset[str]
    texts: Texts
    port: int
    addresses: bool = False
    password: str | None = None
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _one_login: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through to the application."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        if not self._is_ours(headers.get("host", "")):
            await _refuse(scope, send, 403, self.texts.text("app.wrong_host"))
        elif not _same_site(scope, headers):
            await _refuse(scope, send, 403, self.texts.text("app.wrong_origin"))
        elif scope["type"] == "http" and scope["path"] == LOGIN and self.password:
            await self._login(scope, receive, send)
        elif scope["type"] == "http" and "token" in _query(scope):
            await self._let_in(scope, send)
        elif not self._is_known(headers.get("cookie", "")):
            await self._ask(scope, send)
        elif not _is_needed(scope):
            await _refuse(scope, send, 403, self.texts.text("app.not_needed"))
        else:
            await self.app(scope, receive, _with_headers(scope, send))

    def _is_ours(self, host: str) -> bool:
        if host.lower() in self.names:
            return True
        address, _, port = host.rpartition(":")
        if not self.addresses or port != str(self.port):
            return False
        try:
            ipaddress.ip_address(address.strip("[]"))
        except ValueError:
            return False
        return True

    def _is_known(self, cookies: str) -> bool:
        pairs = (part.strip().partition("=") for part in cookies.split(";"))
        return any(
            name == self._cookie_name and _equal(value, self.cookie)
            for name, _, value in pairs
        )

    @property
    def _cookie_name(self) -> str:
        return f"staffcast-{self.port}"  # browsers do not keep ports apart

    @property
    def _set_cookie(self) -> str:
        return f"{self._cookie_name}={self.cookie}; Path=/; HttpOnly; SameSite=Strict"

    async def _let_in(self, scope: Message, send: Send) -> None:
        """The right token becomes a cookie, and leaves the address."""
        query = _query(scope)
        rest = _as_lines([pair for pair in _pairs(scope) if pair[0] != "token"])
        if not _equal(query["token"], self.token):
            await _refuse(scope, send, 401, self.texts.text("app.wrong_token"))
            return
        target = "/" + (f"?{urlencode(rest)}" if rest else "")
        await _answer(
            send, 303, "", {"location": target, "set-cookie": self._set_cookie}
        )

    async def _ask(self, scope: Message, send: Send) -> None:
        """Whoever is not known is shown the way in."""
        if self.password and scope["type"] == "http" and scope["path"] == "/":
            query = scope["query_string"].decode("latin-1")
            await _answer(send, 303, "", {"location": f"{LOGIN}?{query}".rstrip("?")})
        else:
            await _refuse(scope, send, 401, self.texts.text("app.no_token"))

    async def _login(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await _answer(send, 200, self._form(), {"content-type": HTML})
            return
        given = dict(parse_qsl(await _body(receive))).get("password", "")
        async with self._one_login:  # so that guesses wait for each other
            if _equal(given, self.password or ""):
                query = scope["query_string"].decode("latin-1")
                target = f"/?{query}".rstrip("?")
                found = {"location": target, "set-cookie": self._set_cookie}
                await _answer(send, 303, "", found)
                return
            await asyncio.sleep(WRONG_PASSWORD_S)
        await _answer(send, 401, self._form(), {"content-type": HTML})

    def _form(self) -> str:
        asked = self.texts.text("app.password")
        return (
            f'<!doctype html><html lang="{self.texts.lang}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<title>staffcast</title><form method="post"><label>{asked} '
            '<input type="password" name="password" autofocus '
            'autocomplete="current-password"></label> '
            f"<button>{self.texts.text('app.enter')}</button></form></html>"
        )


HTML = "text/html; charset=utf-8"


def _same_site(scope: Message, headers: dict[str, str]) -> bool:
    """No page of another site asks: browsers say whose page asks where it matters."""
    origin = headers.get("origin")
    if origin is None:
        return scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
    host = headers["host"].lower()
    return origin.lower() in (f"http://{host}", f"https://{host}")


def _is_needed(scope: Message) -> bool:
    if "file" in _query(scope):  # would begin another notebook
        return False
    if scope["type"] == "websocket":
        return bool(scope["path"] == SOCKET)
    known = {"GET": READ, "HEAD": READ, "POST": TELL}.get(scope["method"])
    return known is not None and known.fullmatch(scope["path"]) is not None


def _pairs(scope: Message) -> list[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def _as_lines(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is repeated, a line each: the application would take the last one alone."""
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]}\n{value}" if name in found else value
    return [*found.items()]


def _query(scope: Message) -> dict[str, str]:
    return dict(_pairs(scope))


def _equal(given: str, wanted: str) -> bool:
    """Compared in a time that tells nothing."""
    return hmac.compare_digest(given.encode(), wanted.encode())


async def _body(receive: Receive) -> str:
    body, more = b"", True
    while more and len(body) <= LONGEST_FORM:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body[:LONGEST_FORM].decode("latin-1")


def _with_headers(scope: Message, send: Send) -> Send:
    """Adds what every answer says to what the application answers."""
    kept = FOREVER if scope["path"].startswith("/assets/") else "no-store"
    ours = _encoded({**HEADERS, "cache-control": kept})
    names = {name for name, _ in ours}

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = [pair for pair in message["headers"] if pair[0].lower() not in names]
            message = {**message, "headers": [*own, *ours]}
        await send(message)

    return sent


async def _refuse(scope: Message, send: Send, status: int, words: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # becomes a plain 403
    else:
        await _answer(send, status, f"{words}\n", {})


async def _answer(send: Send, status: int, text: str, headers: dict[str, str]) -> None:
    plain = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}
    given = _encoded({**HEADERS, **plain, **headers})
    await send({"type": "http.response.start", "status": status, "headers": given})
    await send({"type": "http.response.body", "body": text.encode()})


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]
