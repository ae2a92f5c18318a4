"""The sample team: its files are the generator's, lawful, and about its FTE."""

import datetime as dt
import sys
import tomllib
from pathlib import Path

import pytest

from staffing.config import read_config
from staffing.roster.read import read_team
from staffing.roster.rules_file import read_rules
from staffing.roster.table import read_roster
from staffing.roster.verify import verify_roster

DATA = Path(__file__).parents[2] / "data"
FILES = ("agents.csv", "absences.csv", "requests.csv", "roster_november.csv")


@pytest.fixture(scope="module")
def make(script):
    with script("make_team") as module:
        yield module


@pytest.fixture(scope="module")
def team():
    config = read_config(DATA / "roster.toml")
    return read_team(
        DATA,
        config.roster,
        config.form(),
        groups=("Acqua", "Ambiente", "Energia"),
        first=dt.date(2026, 12, 1),
        timezone=config.timezone,
    )


def test_the_files_are_made_again(make, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["make_team.py", "--out", str(tmp_path)])
    make.main()
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()


def test_another_seed_has_other_absences_and_wishes_of_the_same_people(make):
    ours, other = make.make_team(), make.make_team(1)
    differ = {name for name in ours if ours[name] != other[name]}
    assert differ == {"absences.csv", "requests.csv"}


def test_the_team_is_what_the_readme_says(team):
    assert len(team.agents) == 88
    hours = sum(agent.contract.weekly_min / 60 for agent in team.agents)
    assert hours / 40 == 64.0
    part_timers = [a for a in team.agents if a.contract.name != "FT8"]
    assert sum(agent.bands is not None for agent in part_timers) == 32
    assert sum(len(agent.groups) == 2 for agent in team.agents) == 16
    holidays = [a for a in team.absences if a.kind == "holiday"]
    assert {a.date.day for a in holidays} == {7, 8, 25}
    assert len(team.requests) == 60


def test_nobody_is_away_when_the_centre_is_closed_but_for_holidays(team):
    for absence in team.absences:
        day = absence.date
        is_holiday = absence.kind == "holiday"
        assert is_holiday == (day.day in (7, 8, 25))
        assert day.weekday() < 5


def test_november_keeps_every_rule(team):
    table = read_roster(DATA / "roster_november.csv", "Europe/Rome")
    violations = verify_roster(
        table,
        type(team)(team.agents),
        read_rules("italy"),
        first=dt.date(2026, 11, 16),
        days=15,
        timezone="Europe/Rome",
    )
    assert violations == ()


def test_the_roster_s_plan_is_the_plan_with_a_team():
    plan, roster = (
        tomllib.loads((DATA / name).read_text())
        for name in ("plan.toml", "roster.toml")
    )
    del roster["roster"]
    for config in (plan, roster):
        breaks = config["staffing"]["shrinkage"].pop("breaks")
        assert breaks["share"] == 0.08
    assert roster == plan
