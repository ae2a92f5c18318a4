import base64
import re
from html.parser import HTMLParser

import pytest

from forecast.models import Effect
from staffing.pipeline import plan_month
from staffing.report.formats import EFFECTS_FORMATS, format_cells, shown
from staffing.report.page import effects_table, report_page
from staffing.report.tables import summary_table

CONFIG = """\
history = "history.csv"
month = "2026-03"
timezone = "Europe/Rome"
{top}
[hours]
mon-fri = "09:00-11:00"
{more}
"""
VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """A page's tags and text; every tag that is opened must be closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self.open = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):  # noqa: D102 - HTMLParser's
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):  # noqa: D102 - HTMLParser's
        assert self.open.pop() == tag

    def handle_data(self, data):  # noqa: D102 - HTMLParser's
        if self.open and self.open[-1] != "style":
            self.words.append(data.strip())

    def pictures(self):
        """The bytes of each picture."""
        return [
            base64.b64decode(attrs["src"].removeprefix("data:image/svg+xml;base64,"))
            for tag, attrs in self.tags
            if tag == "img"
        ]


def page_of(plan):
    return Page(report_page(plan))


def config(top="", more=""):
    return CONFIG.format(top=top, more=more)


def test_the_page_opens_without_the_network(december):
    text = (december.folder / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert {tag for tag, _ in page.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "strong"),
        *("h3", "div", "table", "tr", "th", "td", "img"),
    }
    for _, attrs in page.tags:
        assert not {"href", "onload", "onerror"} & set(attrs)
        assert attrs.get("src", "data:").startswith("data:")
    assert "url(" not in text
    assert "@import" not in text
    assert len(page.pictures()) == 9
    for picture in page.pictures():
        assert b"<svg" in picture
        links = re.findall(rb'(?:href|src)="([^"]*)"', picture)
        assert all(link.startswith((b"#", b"data:")) for link in links)


def test_the_page_says_targets_months_and_each_queue(december):
    words = " ".join(
        Page((december.folder / "report.html").read_text(encoding="utf-8")).words
    )
    assert "Staffing plan: 2026-12" in words
    assert "95% answered within 50 s, ASA at most 50 s, occupancy at most 90%" in words
    for month in december.rows("monthly.csv"):
        for name in ("offered", "offered_p10", "offered_p90", "last_year"):
            assert f"{float(month[name]):,.0f}" in words
        assert f"{float(month['agent_hours']):,.1f}" in words
    assert words.count("for past months (13 of them), the calls of an interval") == 3
    assert words.count(", those of a month by ") == 3


HOSTILE = "<script>alert('1')</script>\"&amp;=1+1"


@pytest.fixture(autouse=True)
def quick(quick_pictures):
    """Only the sample's pictures are rendered."""


def test_hostile_queue_names_stay_text(centre):
    plan = plan_month(centre(calls={HOSTILE: 30.0}))
    text = report_page(plan)
    page = Page(text)
    assert "script" not in {tag for tag, _ in page.tags}
    assert page.words.count(HOSTILE) == 3  # both tables and the heading
    alts = [attrs["alt"] for tag, attrs in page.tags if tag == "img"]
    names = ("calls", "agents", "week")
    assert alts == [f"{name} of {HOSTILE}" for name in names]


def test_hostile_names_of_failed_queues_and_events_stay_text(centre):
    more = f'[[events]]\nname = """{HOSTILE}"""\ndates = [2026-03-03]'
    path = centre(config(more=more), calls={"Old": 20.0})
    history = path.parent / "history.csv"
    row = "<b>New</b>,2026-02-27T09:00:00+01:00,5,200.0\n"
    history.write_text(history.read_text() + row)
    page = page_of(plan_month(path))
    assert not {"script", "b"} & {tag for tag, _ in page.tags}
    assert "<b>New</b> is not planned." in page.words
    assert any(HOSTILE in words for words in page.words)


def test_effects_are_listed_by_size_with_where_they_are_known_from():
    effects = (
        Effect("bridge", 0.7, 3),
        Effect("storm", 1.25, 0, declared=True),
        Effect("mid-August", 0.5, 0),
    )
    table = effects_table(effects)
    assert format_cells(table, EFFECTS_FORMATS) == [
        ["mid-August", "0.50", "0", "other queues"],
        ["bridge", "0.70", "3", "own days"],
        ["storm", "1.25", "0", "declared"],
    ]


def test_the_page_says_how_many_intervals_miss_their_targets(centre):
    plan = plan_month(centre(config(more="[staffing]\nmax_agents = 2")))
    words = " ".join(page_of(plan).words)
    assert f"{len(plan.unmet)} intervals miss their targets:" in words
    assert "inf" not in words.split()


def test_what_is_not_known_is_a_dash(centre):
    plan = plan_month(centre(config(more="[targets]\nasa_s = 50")))
    cells = format_cells(summary_table(plan), [("worst_service_level", ".1%")])
    assert cells == [["–"], ["–"]]
    assert "nan" not in " ".join(page_of(plan).words).lower()


def test_several_months_share_a_page(centre):
    plan = plan_month(centre(config(top="months = 3")))
    page = page_of(plan)
    assert "Staffing plan: 2026-03 to 2026-05" in page.words
    assert {"2026-03", "2026-04", "2026-05"} <= set(page.words)


def test_a_queue_without_calls_has_its_pictures(centre):
    plan = plan_month(centre(calls={"Silent": 0.0}))
    assert len(page_of(plan).pictures()) == 3


def test_of_many_queues_those_with_the_most_agent_hours_are_drawn(centre, monkeypatch):
    monkeypatch.setattr("staffing.report.drawn.DRAWN", 2)
    groups = '[groups]\nTeam = ["A", "B"]'
    calls = {"A": 4.0, "B": 9.0, "Large": 60.0, "Small": 2.0}
    plan = plan_month(centre(config(more=groups), calls=calls))
    page = page_of(plan)
    alts = [attrs["alt"] for tag, attrs in page.tags if tag == "img"]
    assert alts == [
        "calls of B",
        *(f"{name} of Large" for name in ("calls", "agents", "week")),
        *(f"{name} of Team" for name in ("agents", "week")),
    ]
    assert page.words.count("Small") == 2  # both tables have all
    said = next(words for words in page.words if words.startswith("Pictures follow"))
    assert said.startswith(
        "Pictures follow of 3 of the 5 queues and groups: those with the most agent "
        "hours, and of a group's queues those with the most calls."
    )


@pytest.mark.parametrize("value", [-0.0004, -0.0, 0.0, 0.0004])
def test_a_zero_has_no_minus(value):
    assert shown(value, ".1%") == "0.0%"
    assert shown(value, "+,.1f") == "+0.0"
    assert shown(1000.0 * value - 1200.0, "+,.0f") == "-1,200"
