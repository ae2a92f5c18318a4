"""A real browser, and the page as `staffcast app` serves it."""

import os
import signal

import pytest
from browser.serving import FLAGS, centre, chromium, serving
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="module")
def playwright():
    """By module, not by session: its event loop must not outlive these tests."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright):
    found = chromium()
    if found is None and os.environ.get("STAFFCAST_BROWSER") == "required":
        pytest.fail("no Chromium found, and STAFFCAST_BROWSER = required")
    if found is None:
        pytest.skip("no Chromium found")
    started = playwright.chromium.launch(executable_path=found, args=FLAGS)
    yield started
    started.close()


@pytest.fixture(scope="module")
def english(tmp_path_factory):
    with serving(centre(tmp_path_factory.mktemp("english"), "en")) as served:
        yield served


@pytest.fixture(scope="module")
def italian(tmp_path_factory):
    config = centre(tmp_path_factory.mktemp("italian"), "it")
    with serving(config, signal.SIGTERM) as served:
        yield served
