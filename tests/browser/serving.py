"""The page as `staffcast app` serves it, for a small centre."""

import csv
import datetime as dt
import random
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

SCRIPT = Path(sys.executable).with_name("staffcast")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-dev-shm-usage")
SLOW_MS = 60_000
CONFIG = """\
history = "history.csv"
month = "2026-03"
timezone = "Europe/Rome"
lang = "{lang}"

[hours]
mon-fri = "09:00-13:00"

[forecast]
model = "sma8"
"""


@dataclass(frozen=True)
class Served:
    """A running `staffcast app`."""

    config: Path
    link: str

    @property
    def host(self):
        """Its address, with the port."""
        return urlsplit(self.link).netloc


def chromium():
    """The system's own; None where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def serving(config, stop=signal.SIGINT):
    """The page of a plan; ended by a signal, as it must be without a word of alarm."""
    running = subprocess.Popen(
        [SCRIPT, "app", config, "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Served(config, running.stdout.readline().strip())
    finally:
        running.send_signal(stop)
        _, said = running.communicate(timeout=30)
    assert (running.returncode, "Traceback" in said) == (0, False), said


def centre(folder, lang):
    """Three months of two queues that are open for eight half-hours a day."""
    (folder / "plan.toml").write_text(CONFIG.format(lang=lang))
    rome = ZoneInfo("Europe/Rome")
    day, chance = dt.datetime(2025, 12, 1, 9, tzinfo=rome), random.Random(7)  # noqa: S311
    with (folder / "history.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["queue", "interval_start", "offered", "aht_s"])
        while day < dt.datetime(2026, 3, 1, tzinfo=rome):
            for minutes in range(0, 240, 30) if day.weekday() < 5 else ():
                start = (day + dt.timedelta(minutes=minutes)).isoformat()
                for queue, mean, aht_s in (("Sales", 300, 240), ("Care", 90, 180)):
                    calls = round(mean * chance.uniform(0.8, 1.2))
                    rows.writerow([queue, start, calls, aht_s])
            day += dt.timedelta(days=1)
    return folder / "plan.toml"


@contextmanager
def shown(browser, served, query="", **context):
    """The page, drawn, its levers ready; nothing may be asked of another machine."""
    opened = browser.new_context(accept_downloads=True, **context)
    page = opened.new_page()
    page.set_default_timeout(SLOW_MS)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.goto(served.link + query)
    page.locator("#root #week img").wait_for()
    page.locator("[data-kpi=service_level]").wait_for()
    page.get_by_role("slider").first.wait_for()
    try:
        yield page
    finally:
        opened.close()
    away = [
        url
        for url in asked
        if not url.startswith(("data:", "blob:"))
        and urlsplit(url).netloc != served.host
    ]
    assert away == []
    assert len(asked) > 10
