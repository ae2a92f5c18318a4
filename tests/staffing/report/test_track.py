import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from forecast.errors import Finding
from forecast.schema import TRACK, check_table
from staffing.plan import Source
from staffing.report.track import (
    plot_track_agents,
    plot_track_calls,
    track_page,
    write_track,
)
from staffing.report.track_words import headlines
from staffing.requirement import Rules
from staffing.track import Tracked
from staffing.track.today import Today

HOSTILE = "<script>alert('1')</script>"
STARTS = pd.date_range("2026-03-04 09:00", periods=4, freq="30min", unit="s", tz="CET")


def tracked(queue="Sales", *, net=(-2, -1), level=0.9, offered=66.0):
    """Two half-hours of 33 calls instead of 30, and two to come."""
    nan = np.nan
    table = pd.DataFrame(
        {
            "queue": queue,
            "interval_start": STARTS,
            "planned_offered": 30.0,
            "offered": [33.0, 33.0, nan, nan],
            "expected_offered": [33.0, 33.0, 32.0, 32.0],
            "offered_p10": [33.0, 33.0, 25.0, 25.0],
            "offered_p90": [33.0, 33.0, 40.0, 40.0],
            "planned_aht_s": 200.0,
            "aht_s": [210.0, 210.0, nan, nan],
            "expected_aht_s": 205.0,
            "planned_agents": 6.0,
            "agents": 6.0,
            "needed_agents": [nan, nan, *(6.0 - n for n in net)],
            "net": [nan, nan, *map(float, net)],
            "planned_service_level": 0.96,
            "service_level": [0.9, 0.9, nan, nan],
            "expected_service_level": level,
            "corrected_service_level": level,
        }
    )
    outlook = {
        "queue": queue,
        "known": 2,
        "unknown": 0,
        "offered": offered,
        "planned_offered": 60.0,
        "aht_ratio": 1.05,
        "rest_planned": 60.0,
        "rest_expected": 64.0,
        "rest_p10": 57.0,
        "rest_p90": 72.0,
        "more_than_planned": 0.75,
    }
    kpis = pd.DataFrame(
        {
            "queue": queue,
            "state": ["planned", "so far", "expected", "corrected"],
            "offered": [120.0, 66.0, 130.0, 130.0],
            "aht_s": 205.0,
            "service_level": [0.96, 0.9, level, level + 0.03],
            "asa_s": [10.0, 20.0, 18.0, 12.0],
            "abandon_rate": 0.0,
            "agent_hours": [12.0, nan, 12.0, 13.5],
        }
    )
    band = table[["queue", "interval_start"]].assign(offered_p10=23.0, offered_p90=38.0)
    return Tracked(
        today=Today(STARTS[0].date(), STARTS[2], table, table, ()),
        table=check_table(table, TRACK, "track.csv"),
        planned=band,
        outlook=pd.DataFrame([outlook]),
        kpis=kpis,
        rules=Rules(),
        failed={},
        warnings=(),
        sources=(Source.of("today.csv", b"x"),),
        parameters={"interval_s": 1800},
    )


def test_a_headline_says_what_came_what_comes_who_is_missing_and_what_it_does():
    assert headlines(tracked()) == [
        "Sales at 10:00: 10% more calls than planned, handled 5% longer; expect 95% to "
        "120% of the plan in the rest of the day (more than planned: 75% chance); up "
        "to 2 agents missing 10:00–11:00; service level of the day 90.0% as it is, "
        "93.0% with the agents needed (planned 96.0%)."
    ]


def with_outlook(**values):
    day = tracked()
    return replace(day, outlook=day.outlook.assign(**values))


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (tracked(net=(-1, 2)), "up to 1 agent missing 10:00–10:30, up to 2 agents to "
         "spare 10:30–11:00;"),
        (tracked(net=(0, 0)), "; as many agents as are needed;"),
        (tracked(offered=54.0), ": 10% fewer calls than planned, "),
        (tracked(level=np.nan), "; ASA of the day 18 s as it is, 12 s with the agents "
         "needed (planned 10 s)."),
        (tracked(offered=60.2), ": as many calls as planned, handled 5% longer;"),
        (with_outlook(aht_ratio=0.999), "than planned, handled as long as planned;"),
        (with_outlook(planned_offered=0.0, aht_ratio=np.nan), ": 66 calls where none "
         "were planned;"),
        (with_outlook(known=0, unknown=2), ": what came is not known;"),
    ],
)  # fmt: skip
def test_a_headline_says_it_otherwise(day, said):
    assert said in headlines(day)[0]


def test_nobody_is_to_spare_where_the_day_would_miss_its_target():
    day = tracked(net=(-1, 2), level=0.96)
    assert "up to 2 agents to spare 10:30–11:00;" in headlines(day)[0]
    day.kpis.loc[day.kpis["state"] == "corrected", "service_level"] = 0.94
    assert (
        "; up to 1 agent missing 10:00–10:30, nobody to spare, as the day would miss "
        "its target without them; service level"
    ) in headlines(day)[0]


def test_the_morning_and_the_evening_have_headlines_too():
    day = tracked()
    nothing = day.outlook.assign(known=0, offered=0.0, planned_offered=0.0)
    early = headlines(replace(day, outlook=nothing))[0]
    assert early.startswith("Sales at 10:00: nothing came yet; expect 95% to 120% ")
    ended = replace(
        day,
        table=day.table.assign(net=np.nan),
        outlook=day.outlook.assign(rest_planned=0.0),
    )
    assert headlines(ended) == [
        "Sales at 10:00: 10% more calls than planned, handled 5% longer; service level "
        "of the day 90.0% (planned 96.0%)."
    ]


@pytest.mark.parametrize("plot", [plot_track_calls, plot_track_agents])
def test_pictures_have_units_clock_times_and_the_time_of_day(plot):
    rows = tracked().table.assign(planned_p10=23.0, planned_p90=38.0)
    ax = plot(Figure().add_subplot(), rows, STARTS[2])
    assert ax.get_xlabel() == "local time"
    assert "[contacts an interval]" in ax.get_ylabel() or "agents" in ax.get_ylabel()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["09:00", "10:00"]
    assert ax.lines[-1].get_xdata() == [2.0, 2.0]


def test_the_page_escapes_names_and_says_what_went_wrong(quick_pictures):
    day = replace(
        tracked(HOSTILE),
        failed={HOSTILE: "too short"},
        warnings=(Finding("today.csv", "odd", (), 1),),
    )
    page = track_page(day)
    assert HOSTILE not in page
    assert "is not planned.</strong> too short" in page
    assert '<p class="warn">today.csv: odd.</p>' in page
    assert page.count("<img ") == 2
    assert track_page(day) == page


def test_the_files_are_the_table_the_page_and_the_manifest(quick_pictures, tmp_path):
    day = tracked()
    files = write_track(day, tmp_path)
    assert [path.name for path in files] == ["track.csv", "track.html", "run.json"]
    table = pd.read_csv(tmp_path / "track.csv")
    assert table["net"].tolist()[2:] == [-2.0, -1.0]
    text = (tmp_path / "run.json").read_text()
    manifest = json.loads(text, parse_constant=pytest.fail)
    assert manifest["kpis"][1]["agent_hours"] is None
    assert manifest["at"] == "2026-03-04T10:00:00+01:00"
    assert set(manifest["outputs"]) == {"track.csv", "track.html"}
    assert [row["state"] for row in manifest["kpis"]] == day.kpis["state"].tolist()
