"""What `staffcast app` refuses before it serves; tests/browser has the page itself."""

import socket

PASSWORD = "STAFFCAST_PASSWORD"  # noqa: S105 - its name


def test_an_address_that_others_reach_needs_a_password(
    centre, staffcast_here, monkeypatch
):
    monkeypatch.delenv(PASSWORD, raising=False)
    run = staffcast_here("app", centre(), "--host", "0.0.0.0", "--no-browser")  # noqa: S104
    assert (run.code, run.out) == (2, "")
    assert run.err == (
        "error: --host 0.0.0.0: others can reach this address, so the page must have "
        "a password, but STAFFCAST_PASSWORD is not set. Set it in the environment, or "
        "leave out --host.\n"
    )


def test_a_port_that_is_taken_is_told(centre, staffcast_here):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = staffcast_here("app", centre(), "--port", port, "--no-browser")
    assert (run.code, run.out) == (2, "")
    assert run.err == (
        f"error: --host 127.0.0.1 --port {port}: cannot be had (Address already in "
        "use). Choose others, or leave them out.\n"
    )


def test_without_the_extra_it_says_which_to_install(
    centre, staffcast_here, monkeypatch
):
    monkeypatch.setattr("staffing.app.server.find_spec", lambda name: None)
    run = staffcast_here("app", centre(), "--no-browser")
    assert (run.code, run.out) == (2, "")
    assert run.err == (
        "error: marimo, which serves the page, is not installed. Install it: pip "
        "install 'staffcast[app]'.\n"
    )


def test_what_is_wrong_with_a_plan_ends_the_server(centre, staffcast):
    path = centre()
    path.write_text(path.read_text().replace("history.csv", "other.csv"))
    run = staffcast("app", path, "--no-browser")
    assert run.code == 3
    assert f"Looked for it at {path.parent / 'other.csv'}." in run.err
