"""How long the page takes: from the command to its curve, from a lever to an answer."""

import statistics
import time
from pathlib import Path

import pytest
from browser.serving import FLAGS, chromium, serving
from playwright.sync_api import sync_playwright

pytestmark = pytest.mark.bench

CONFIG = Path(__file__).parents[2] / "data" / "plan.toml"
MOVES = 20
SHOWN = (
    "document.querySelector('#root #week img')?.src",
    "document.querySelector('[data-cell-name=service]')?.innerText",
)
"""The curve and the service level of the page, as its browser has them."""


def test_the_first_page_and_a_lever():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        with serving(CONFIG) as served:  # forecasts, solves, draws: all is kept
            _opened(browser, served.link, time.monotonic()).close()
        begun = time.monotonic()
        with serving(CONFIG) as served:
            page = _opened(browser, served.link, begun)
            moves, answers = zip(*(_moved(page) for _ in range(MOVES)), strict=True)
        browser.close()
    for what, found in (("curve", moves), ("simulated service", answers)):
        print(f"lever to {what}, median of {MOVES}: {statistics.median(found):.2f} s")


def _opened(browser, link, begun):
    page = browser.new_page()
    page.set_default_timeout(120_000)
    page.goto(link, wait_until="commit")
    for what, selector in (
        ("plan's curve", "#week img"),
        ("live curve", "#root #week img"),
        ("levers", "[role=slider]"),
        ("service", "[data-kpi=service_level]"),
    ):
        page.locator(selector).first.wait_for()
        print(f"command to {what}: {time.monotonic() - begun:.2f} s")
    return page


def _moved(page):
    """Seconds from a key press to the new curve, and to the new service level."""
    seen = [page.evaluate(f"() => {shown}") for shown in SHOWN]
    begun = time.monotonic()
    page.get_by_role("slider").first.press("ArrowRight")
    found = []
    for shown, old in zip(SHOWN, seen, strict=True):
        page.wait_for_function(
            f"old => {{ const now = {shown}; return now && now !== old }}", arg=old
        )
        found.append(time.monotonic() - begun)
    page.wait_for_timeout(500)
    return found
