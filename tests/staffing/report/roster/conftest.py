"""Small rosters, over the nights in which clocks change."""

import datetime as dt

import pytest
from reference.rostered import made_of

from staffing.roster.team import Request


@pytest.fixture
def made():
    """The weekend on which clocks are put back."""
    return made_of(dt.date(2026, 10, 24))


@pytest.fixture
def spring():
    """The weekend on which clocks are put forward."""
    return made_of(dt.date(2026, 3, 28))


@pytest.fixture
def wished():
    """The October weekend with wishes of "=1+1", "../B" and somebody unknown."""
    day, next_day = dt.date(2026, 10, 24), dt.date(2026, 10, 25)

    def wish(band, *, refused, agent="=1+1", date=day):
        return Request(agent, date, band, refused, 1.0)

    wishes = {
        wish(None, refused=True): False,  # off, but works
        wish(None, refused=False): True,
        wish((540, 780), refused=False): True,  # exactly the shift
        wish((555, 900), refused=False): False,
        wish((780, 900), refused=True): True,  # ends when the band begins
        wish((0, 600), refused=True): False,
        wish(None, refused=True, agent="D"): True,
        wish((540, 780), refused=False, agent="D"): True,
        wish(None, refused=False, agent="D"): False,
        wish((540, 840), refused=True, agent="../B", date=next_day): False,
        wish(None, refused=True, agent="nobody"): None,
        wish(None, refused=True, date=dt.date(2026, 9, 1)): None,
    }
    return made_of(day, requests=list(wishes)), wishes


@pytest.fixture
def no_pictures(monkeypatch):
    """Of each picture only what it is of: to draw takes long."""

    def named(draw, alt, *, height_in=3.4):
        return f'<img alt="{alt}">'

    monkeypatch.setattr("staffing.report.roster.page.html_picture", named)
