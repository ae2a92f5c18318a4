"""The guard alone: any application stands behind it, no server is needed."""

import pytest

from staffing import texts
from staffing.app.guard import Guard

NAME = "127.0.0.1:8000"
TOKEN = "the-token"  # noqa: S105
PASSWORD = "a password"  # noqa: S105
COOKIE = ("cookie", "other=1; staffcast-8000=the-cookie")
OURS = ("origin", f"http://{NAME}")


async def application(scope, receive, send):
    """Answers everything: what it answers, the guard has let through."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    headers = [(b"cache-control", b"max-age=60"), (b"content-type", b"text/html")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"the page"})


def guard(**changes):
    own = {"names": frozenset({NAME}), "texts": texts.of("en"), "port": 8000}
    return Guard(application, TOKEN, cookie="the-cookie", **(own | changes))


def asked(path="/", *headers, method="GET", host=NAME, kind="http", body=b"", by=None):
    """What is sent back: the messages."""
    path, _, query = path.partition("?")
    given = [("host", host), *headers]
    scope = {
        "type": kind,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given],
    }
    if kind == "http":
        scope["method"] = method
    sent = []

    async def receive():
        return {"type": "http.request", "body": body}

    async def send(message):
        sent.append(message)

    answering = (by or guard())(scope, receive, send)
    with pytest.raises(StopIteration):  # nothing here waits: no loop is needed
        answering.send(None)
    return sent


def status(*args, **kwargs):
    return asked(*args, **kwargs)[0]["status"]


def header(messages, name):
    return dict(messages[0]["headers"]).get(name.encode(), b"").decode()


def socket(*headers, path="/ws", host=NAME):
    return asked(path, *headers, kind="websocket", host=host)[0]["type"]


def test_the_token_becomes_a_cookie_and_leaves_the_address_with_all_its_levers():
    found = asked(f"/?set=volume%3D%2B10%25&token={TOKEN}&set=aht_s%3D%2B30s")
    assert found[0]["status"] == 303
    assert header(found, "location") == "/?set=volume%3D%2B10%25%0Aaht_s%3D%2B30s"
    assert header(found, "set-cookie") == (
        "staffcast-8000=the-cookie; Path=/; HttpOnly; SameSite=Strict"
    )


def test_with_the_cookie_the_page_is_shown():
    found = asked("/", COOKIE)
    assert found[1]["body"] == b"the page"
    assert header(found, "cache-control") == "no-store"
    assert "default-src 'self'" in header(found, "content-security-policy")
    assert header(asked("/assets/a-1.js", COOKIE), "cache-control") == (
        "public, max-age=31536000, immutable"
    )


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", []),
        ("/assets/a-1.js", []),
        ("/?token=wrong", []),
        ("/?token=", []),
        ("/?token=wrong", [COOKIE]),
        ("/", [("cookie", "staffcast-8000=wrong")]),
        ("/", [("cookie", "staffcast-8001=the-cookie")]),
        ("/login", []),
    ],
)
def test_without_the_token_or_its_cookie_nothing_is_shown(path, headers):
    assert status(path, *headers) == 401


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "", "127.0.0.1"])
def test_another_name_is_refused_even_with_the_token(host):
    assert status(f"/?token={TOKEN}", host=host) == 403
    assert status("/", COOKIE, host=host) == 403
    assert socket(COOKIE, OURS, host=host) == "websocket.close"


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:8001", "null", ""]
)
def test_a_page_of_another_site_is_refused(origin):
    foreign = ("origin", origin)
    move = "/api/kernel/set_ui_element_value"
    assert status("/", COOKIE, foreign) == 403
    assert status(move, COOKIE, foreign, method="POST") == 403
    assert socket(COOKIE, foreign) == "websocket.close"


def test_what_changes_things_must_say_which_page_asks():
    move = "/api/kernel/set_ui_element_value"
    assert status(move, COOKIE, method="POST") == 403
    assert socket(COOKIE) == "websocket.close"
    assert status(move, COOKIE, OURS, method="POST") == 200
    assert socket(COOKIE, OURS) == "websocket.accept"


def test_a_socket_needs_the_cookie():
    assert socket(OURS) == "websocket.close"
    assert socket(OURS, path=f"/ws?token={TOKEN}") == "websocket.close"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/kernel/run"),
        ("POST", "/api/kernel/scratchpad/run"),
        ("POST", "/api/kernel/execute"),
        ("POST", "/api/kernel/instantiate"),
        ("POST", "/api/kernel/save"),
        ("POST", "/api/files/list_files"),
        ("POST", "/api/packages/add"),
        ("POST", "/api/ai/chat"),
        ("GET", "/api/secrets/keys"),
        ("GET", "/api/status"),
        ("GET", "/mcp/server"),
        ("GET", "/assets/../index.html"),
        ("GET", "/public/history.csv"),
        ("GET", "/?file=__new__"),
        ("PUT", "/"),
        ("DELETE", "/@file/10-a.csv"),
    ],
)
def test_what_the_page_does_not_need_is_refused(method, path):
    assert status(path, COOKIE, OURS, method=method) == 403


@pytest.mark.parametrize("path", ["/terminal/ws", "/lsp/pylsp", "/ws_sync", "/"])
def test_no_other_socket_opens(path):
    assert socket(COOKIE, OURS, path=path) == "websocket.close"


def test_where_others_can_reach_it_the_password_lets_in():
    open_to_others = guard(addresses=True, password=PASSWORD)
    lan = "192.168.1.5:8000"
    found = asked("/?set=volume%3D2", host=lan, by=open_to_others)
    assert found[0]["status"] == 303
    login = header(found, "location")
    assert login == "/login?set=volume%3D2"
    assert b'name="password"' in asked(login, host=lan, by=open_to_others)[1]["body"]
    post = {"method": "POST", "host": lan, "by": open_to_others}
    own = ("origin", f"http://{lan}")
    found = asked(login, own, body=b"password=a+password", **post)
    assert header(found, "location") == "/?set=volume%3D2"
    assert header(found, "set-cookie").startswith("staffcast-8000=the-cookie;")


def test_a_wrong_password_is_refused_and_takes_its_time(monkeypatch):
    slept = []

    async def sleep(time_s):
        slept.append(time_s)

    monkeypatch.setattr("staffing.app.guard.asyncio.sleep", sleep)
    closed = guard(password=PASSWORD)
    for body in (b"password=wrong", b"", b"password=a+password" + 5000 * b"x"):
        found = asked("/login", OURS, method="POST", body=body, by=closed)
        assert (found[0]["status"], header(found, "set-cookie")) == (401, "")
    assert slept == [1.0, 1.0, 1.0]


def test_by_an_address_others_come_in_but_never_by_a_name():
    open_to_others = guard(addresses=True, password=PASSWORD)
    for host in ("10.0.0.7:8000", "[fe80::1]:8000"):
        assert status("/", COOKIE, host=host, by=open_to_others) == 200
    for host in ("evil.example:8000", "10.0.0.7:8001", "10.0.0.7"):
        assert status("/", COOKIE, host=host, by=open_to_others) == 403
