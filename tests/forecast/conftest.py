"""Files and histories that the forecast tests share."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from forecast.acd.generic import Reading, read_history_csv
from forecast.errors import TableError
from forecast.intervals import Calendar, Event, OpeningHours, holidays_for
from forecast.models import Series
from forecast.tables import Form

ROME = ZoneInfo("Europe/Rome")
DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def read(tmp_path_factory):
    """Read text or bytes as a history file named history.csv."""
    path = tmp_path_factory.mktemp("read") / "history.csv"

    def read(content: str | bytes, *, zone=ROME, interval_s=1800, queue=None, **form):
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
        return read_history_csv(
            path, Form(**form), zone=zone, interval_s=interval_s, queue=queue
        )

    return read


@pytest.fixture(scope="session")
def faults(read):
    """The faults of a history file, each as its text without the file's name."""

    def faults(content: str | bytes, **options) -> list[str]:
        with pytest.raises(TableError) as caught:
            read(content, **options)
        texts = [str(finding) for finding in caught.value.findings]
        assert str(caught.value) == "\n".join(texts)
        assert all(text.startswith("history.csv: ") for text in texts)
        return [text.removeprefix("history.csv: ") for text in texts]

    return faults


@pytest.fixture(scope="session")
def calendar():
    """Weekdays 8–20, Saturday 8–14, Rome; anything may be set otherwise."""

    def calendar(hours=None, *, queue_hours=None, country=None, **parts) -> Calendar:
        week = {"mon-fri": "08:00-20:00", "sat": "08:00-14:00"}
        return Calendar(
            **{
                "zone": ROME,
                "interval_s": 1800,
                "hours": OpeningHours.parse(hours or week),
                "queue_hours": {
                    queue: OpeningHours.parse(table)
                    for queue, table in (queue_hours or {}).items()
                },
                "holidays": holidays_for(country, None, range(2020, 2030))
                if country
                else {},
            }
            | parts
        )

    return calendar


@pytest.fixture(scope="session")
def series():
    """One queue's open intervals, its contacts given by a function of the starts."""

    def series(calendar: Calendar, first: str, last: str, offered) -> Series:
        starts = calendar.open_intervals(
            "Sales", dt.date.fromisoformat(first), dt.date.fromisoformat(last)
        )
        values = offered(starts) if callable(offered) else np.full(len(starts), offered)
        return Series("Sales", starts, np.asarray(values, dtype=float), calendar)

    return series


@pytest.fixture(scope="session")
def rows():
    """A history table as read, of local times and counts."""

    def rows(cases, zone=ROME, **columns) -> pd.DataFrame:
        queues, times, offered = zip(*cases, strict=True)
        starts = pd.DatetimeIndex(pd.to_datetime(list(times)), tz=zone).as_unit("s")
        frame = pd.DataFrame(
            {
                "queue": pd.Series(queues, dtype="str"),
                "interval_start": starts,
                "offered": np.asarray(offered, dtype=float),
                **columns,
            }
        )
        return frame.set_axis(pd.RangeIndex(2, len(frame) + 2, name="row"))

    return rows


@pytest.fixture(scope="session")
def sample() -> Reading:
    """The sample centre's history."""
    return read_history_csv(DATA / "history.csv", Form(), zone=ROME, interval_s=1800)


@pytest.fixture(scope="session")
def sample_calendar() -> Calendar:
    """The sample centre's calendar, as its plan.toml has it."""
    import tomllib

    plan = tomllib.loads((DATA / "plan.toml").read_text())
    place = plan["holidays"]
    return Calendar(
        zone=ZoneInfo(plan["timezone"]),
        interval_s=plan["interval_s"],
        hours=OpeningHours.parse(plan["hours"]),
        holidays=holidays_for(place["country"], place["site"], range(2024, 2028)),
        events=tuple(
            Event(
                event["name"],
                tuple(dt.date.fromisoformat(day) for day in event["dates"]),
                event["days"],
                tuple(event["queues"]),
            )
            for event in plan["events"]
        ),
    )
