"""Small centres to plan for, the command as users call it, and the sample's run."""

import csv
import datetime as dt
import io
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = Path(sys.executable).with_name("staffcast")

CONFIG = """\
history = "history.csv"
month = "2026-03"
timezone = "Europe/Rome"

[hours]
mon-fri = "09:00-11:00"
"""


@dataclass(frozen=True)
class Run:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def staffcast():
    """The installed command, in a process of its own; it never shows a traceback."""

    def run(*args, cwd=ROOT, **env):
        done = subprocess.run(
            [SCRIPT, *map(str, args)],
            capture_output=True,
            cwd=cwd,
            env=os.environ | env,
            timeout=120,
            check=False,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in out + err
        return Run(done.returncode, out, err)

    return run


@pytest.fixture
def staffcast_here(monkeypatch, capsys):
    """The same in this process, where things can be made to fail."""
    from staffing.cli import main

    def run(*args):
        monkeypatch.setattr(sys, "argv", ["staffcast", *map(str, args)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ending:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Run(int(ending.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def quick_pictures(monkeypatch):
    """Draw, but do not render: a picture takes a quarter of a second."""
    nothing = "data:image/svg+xml;base64,PHN2Zy8+"
    monkeypatch.setattr("staffing.report.page.svg_uri", lambda figure: nothing)


@pytest.fixture(scope="module")
def few_replays():
    """Few simulated months in a backtest, for what holds for few as for many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("staffing.backtest.pools.REPLICATIONS", (2, 2))
        patch.setattr("staffing.backtest.promises.PROMISED_PATHS", 3)
        patch.setattr("staffing.why.levers.WINDOW_CALLS", 0)
        yield


@pytest.fixture
def centre(tmp_path):
    """
    Write a plan.toml and the history beside it; the path of the plan.toml.

    ``calls`` gives each queue's mean calls in an interval; ``opening`` is one span
    of clock times on the weekdays ``days`` (Monday is 0), from ``first`` to ``last``.
    """

    def write(
        config=CONFIG,
        *,
        calls=None,
        aht_s=200.0,
        first="2025-12-01",
        last="2026-02-28",
        opening=("09:00", "11:00"),
        days=range(5),
        interval_s=1800,
        folder=".",
    ):
        place = tmp_path / folder
        place.mkdir(parents=True, exist_ok=True)
        if "[forecast]" not in config:  # quicker than the default
            config += '\n[forecast]\nmodel = "sma8"\n'
        (place / "plan.toml").write_text(config, encoding="utf-8")
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        timed = () if aht_s is None else (aht_s,)
        table.writerow(
            ["queue", "interval_start", "offered", "aht_s"][: 3 + len(timed)]
        )
        starts = list(_starts(first, last, opening, days, interval_s))
        for queue, mean in (calls or {"Sales": 30.0}).items():
            chance = random.Random(queue)  # noqa: S311 - a fixed sample, no secret
            for start in starts:
                offered = round(mean * chance.uniform(0.8, 1.2))
                table.writerow([queue, start.isoformat(), offered, *timed])
        (place / "history.csv").write_text(text.getvalue(), encoding="utf-8")
        return place / "plan.toml"

    return write


def _starts(first, last, opening, days, step_s):
    """Interval starts of the opening hours, by adding seconds in UTC."""
    zone = ZoneInfo("Europe/Rome")
    date, until = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    while date <= until:
        begin, end = (_clock(date, text, zone) for text in opening)
        if end <= begin:
            end = _clock(date + dt.timedelta(days=1), opening[1], zone)
        while begin < end and date.weekday() in days:
            yield begin.astimezone(zone)
            begin += dt.timedelta(seconds=step_s)
        date += dt.timedelta(days=1)


def _clock(date, text, zone):
    if text == "24:00":
        date, text = date + dt.timedelta(days=1), "00:00"
    local = dt.datetime.combine(date, dt.time.fromisoformat(text), zone)
    return local.astimezone(dt.UTC)


@dataclass(frozen=True)
class Sample:
    """What the sample's run said, and where its files are."""

    run: Run
    folder: Path

    def rows(self, name):
        """A CSV's rows as text."""
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def december(staffcast, tmp_path_factory):
    """The sample's December 2026, planned once, in UTC and the C locale."""
    folder = tmp_path_factory.mktemp("december") / "new" / "plan"
    done = staffcast("plan", "data/plan.toml", "--out", folder, TZ="UTC", LC_ALL="C")
    return Sample(done, folder)
