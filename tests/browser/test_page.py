"""The page in a real browser: levers moved, numbers held against the command's."""

import csv
import http.client
import json
import os
import subprocess
import tomllib
from urllib.parse import parse_qs, urlsplit

import pytest
from browser.serving import SCRIPT, shown
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from staffing.app import first

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(browser, english):
    """One page for all tests that move levers; each leaves them as it found them."""
    with shown(browser, english) as page:
        yield page


def whatif(served, *changes):
    """What the command says of all queues: base and scenario of each KPI."""
    options = [text for change in changes for text in ("--set", change)]
    done = subprocess.run(
        [SCRIPT, "whatif", served.config, *options, "--format", "json"],
        capture_output=True,
        check=True,
        env=os.environ,
    )
    rows = json.loads(done.stdout)["kpis"]
    return {row["kpi"]: row for row in rows if row["queue"] == "all"}


def tile(page, kpi):
    return page.locator(f"[data-kpi={kpi}] .value").inner_text().replace("\xa0", " ")


def wait_for_answer(page, kpi, before):
    """Until a KPI differs and nothing computes any more."""
    page.wait_for_function(
        "([kpi, before]) => document.querySelector(`[data-kpi=${kpi}] .value`)"
        "?.innerText.replace('\\u00a0', ' ') !== before",
        arg=[kpi, before],
    )
    page.locator("[data-cell-name=service] .output-area:not(.output-stale)").wait_for()


def changes_in(page):
    found = parse_qs(urlsplit(page.url).query).get("set", [""])
    return found[0].split("\n")


def test_the_address_keeps_no_token_and_the_page_says_what_it_is(page):
    assert "token" not in page.url
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("heading", level=1).inner_text() == "What if: March 2026"


def test_levers_by_keyboard_alone_give_the_commands_numbers(page, english):
    before = tile(page, "service_level")
    page.keyboard.press("Home")
    for _ in range(20):
        page.keyboard.press("Tab")
        name = page.evaluate(
            """() => {
                let at = document.activeElement;
                while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                return at.role || at.getAttribute("role");
            }"""
        )
        if name == "slider":
            break
    else:
        pytest.fail("no slider is reached with Tab")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    wait_for_answer(page, "service_level", before)
    page.wait_for_url("**volume%3D%2B10%25**")
    assert changes_in(page) == ["volume=+10%"]
    page.wait_for_timeout(500)
    said = whatif(english, "volume=+10%")
    assert tile(page, "fte") == f"{said['fte']['scenario']:,.1f}"
    assert tile(page, "peak_agents") == f"{said['peak_agents']['scenario']:,.0f}"
    assert tile(page, "paid_hours") == f"{said['paid_hours']['scenario']:,.0f} h"
    for kpi in ("service_level", "occupancy"):
        assert tile(page, kpi) == f"{100 * said[kpi]['scenario']:,.1f} %"
    assert tile(page, "asa_s") == f"{said['asa_s']['scenario']:,.1f} s"
    with page.expect_download() as caught:
        page.get_by_role("link", name="Figures (CSV)").click()
    rows = csv.DictReader(caught.value.path().read_text("utf-8-sig").splitlines())
    given = {row["kpi"]: row for row in rows if row["queue"] == "all"}
    for kpi, row in said.items():
        assert float(given[kpi]["scenario"] or "nan") == pytest.approx(
            float("nan") if row["scenario"] is None else row["scenario"], nan_ok=True
        )


def test_a_picture_can_be_taken_along(page):
    with page.expect_download() as caught:
        page.get_by_role("link", name="Picture (PNG)").click()
    assert caught.value.suggested_filename == "week.png"
    assert caught.value.path().read_bytes().startswith(b"\x89PNG\r\n")


def test_scenarios_are_saved_and_loaded(page, tmp_path):
    with page.expect_download() as caught:
        page.get_by_role("link", name="Save as TOML").click()
    saved = tomllib.loads(caught.value.path().read_text())
    assert saved == {"scenario": {"set": ["volume=+10%"]}}
    file = tmp_path / "mine.toml"
    file.write_text('[quick]\nset = ["aht_s=-20s", "volume=+5%@Care"]\n')
    before = tile(page, "fte")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("combobox", name="Scenario of the file").select_option("quick")
    wait_for_answer(page, "fte", before)
    other = page.get_by_role("textbox", name="Other changes")
    assert other.input_value() == "volume=+5%@Care"
    page.wait_for_url("**aht_s**")
    assert changes_in(page) == ["aht_s=-20s", "volume=+5%@Care"]


def test_what_cannot_be_read_is_told_and_files_are_not_opened(page):
    other = page.get_by_role("textbox", name="Other changes")
    for text, said in (
        ("volumes=+5%", "there is no lever 'volumes'"),
        ("agents=/etc/roster.csv", "Files cannot be named here."),
    ):
        other.fill(text)
        other.blur()
        page.get_by_role("alert").filter(has_text=said).wait_for()
    other.fill("")
    other.blur()
    page.locator("[data-kpi=fte]").wait_for()


def test_on_a_phone_levers_stand_above_and_nothing_is_wider(page):
    page.set_viewport_size({"width": 390, "height": 844})
    levers = page.locator("[data-cell-name=moved]").bounding_box()
    answer = page.locator("[data-cell-name=people]").bounding_box()
    assert levers["y"] + levers["height"] <= answer["y"]
    assert levers["x"] + levers["width"] <= 390
    assert page.locator("#App").evaluate("app => app.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 720})


def test_the_kept_picture_stands_until_the_page_draws_its_own(browser):
    head = first.SHOWN.format(html="<h1>the plan</h1>")
    page = browser.new_page()
    page.set_content(f"<html><head>{head}</head><body><div id=root></div></body>")
    page.locator("main.first h1").wait_for()
    page.locator("#root").evaluate("root => root.innerHTML = '<p id=week>'")
    page.locator("main.first").wait_for(state="detached")
    page.close()


def test_in_italian_words_and_numbers_are_italian(browser, italian):
    with shown(browser, italian, "&set=cost_per_hour%3D30", locale="it-IT") as page:
        assert page.locator("html").get_attribute("lang") == "it"
        assert page.get_by_role("slider", name="Chiamate").count() == 1
        said = whatif(italian, "cost_per_hour=30")["cost"]["scenario"]
        marks = str.maketrans(",.", ".,")
        assert tile(page, "cost") == f"{said:,.0f}".translate(marks)
        assert tile(page, "service_level").endswith(" %")
        assert "," in tile(page, "service_level")


def asked(served, path, headers, method="GET"):
    """The status of a request with these headers only."""
    connection = http.client.HTTPConnection(served.host, timeout=10)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": served.host, **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    connection.close()
    return answer


def test_the_server_refuses_strangers(english):
    link = urlsplit(english.link)
    token = f"{link.path}?{link.query}"
    assert asked(english, "/", {}).status == 401
    assert asked(english, token, {"Host": "evil.example"}).status == 403
    found = asked(english, token, {})
    assert (found.status, found.headers["location"]) == (303, "/")
    cookie = {"Cookie": found.headers["set-cookie"].partition(";")[0]}
    assert asked(english, "/", cookie).status == 200
    assert asked(english, "/", cookie | {"Origin": "http://evil.example"}).status == 403
    own = cookie | {"Origin": f"http://{english.host}"}
    for path in (
        "/api/kernel/run",
        "/api/kernel/scratchpad/run",
        "/api/kernel/execute",
        "/api/files/list_files",
    ):
        assert asked(english, path, own, "POST").status == 403
    for path in ("/api/status", "/openapi.json", "/assets/../../server.py"):
        assert asked(english, path, own).status == 403


def test_the_server_refuses_foreign_sockets(english):
    link = urlsplit(english.link)
    found = asked(english, f"{link.path}?{link.query}", {})
    cookie = {"Cookie": found.headers["set-cookie"].partition(";")[0]}
    own = f"http://{english.host}"
    for path, headers, origin in (
        ("/ws?session_id=a", {}, own),
        ("/ws?session_id=a", cookie, None),
        ("/ws?session_id=a", cookie, "http://evil.example"),
        ("/terminal/ws", cookie, own),
    ):
        with pytest.raises(InvalidStatus) as refused:
            connect(
                f"ws://{english.host}{path}", additional_headers=headers, origin=origin
            )
        assert refused.value.response.status_code == 403
