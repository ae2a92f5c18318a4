import io
import re
from dataclasses import replace
from functools import partial
from html import escape

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from staffing.kpi import Declared, Goal, kpi_table, sums_of
from staffing.report.kpi_plots import plot_calls_days, plot_kpi_days, plot_level_week
from staffing.report.month import month_page
from staffing.targets import Targets

HOSTILE = "<script>alert('1')</script>"
LEVEL = Goal("service_level", "1", "higher", 0.9)
ASA = Goal("asa_s", "s", "lower", 50.0)
TARGETS = Targets(service_level=0.9, months_met=10)
MONTHS = pd.period_range("2025-11", "2026-10", freq="M").strftime("%b %y")
FCR = Declared("fcr", "fcr_share", "1", "handled", "higher", 0.8)


def sums_in(month, *, level=0.92, asa_s=40.0, factor=1.0, queues="AB", fcr=0.75):
    """Sums of half-hours, each weekday from 9 to 17; the level falls at noon."""
    starts = pd.date_range(month, periods=31 * 48, freq="30min", tz="Europe/Rome")
    starts = starts[(starts.strftime("%Y-%m") == month) & (starts.day_of_week < 5)]
    starts = starts[(starts.hour >= 9) & (starts.hour < 17)]
    parts = []
    for queue in queues:
        offered = factor * (60.0 + 10 * (starts.day_of_week == 0))
        rows = pd.DataFrame(
            {
                "queue": queue,
                "interval_start": starts,
                "offered": offered,
                "handled": 0.96 * offered,
                "answered_within": offered * (level - 0.08 * (starts.hour == 12)),
                "aht_s": 200.0,
                "asa_s": asa_s + starts.day % 6,
                "agents": 9.0,
                "fcr": fcr,
            }
        )
        names = ["queue", "interval_start"]
        parts.append(rows[names].join(sums_of(rows, 1800.0, [FCR])))
    return pd.concat(parts, ignore_index=True)


def compared(planned, realised, grains, **options):
    given = {"sl_rule": "offered", "declared": [FCR]} | options
    return kpi_table(planned, realised, grains=grains, **given)


def page_of(queues, **options):
    planned = sums_in("2026-10", queues=queues)
    realised = sums_in("2026-10", queues=queues, level=0.895, asa_s=52, factor=1.1)
    before = [sums_in(f"2026-{n:02d}", queues=queues) for n in range(4, 10)]
    past = compared(None, pd.concat(before), ["month"])
    kpis = compared(planned, realised, ["day", "month"])
    given = {"past": past, "declared": [FCR]} | options
    return month_page("2026-10", kpis, realised, TARGETS, **given)


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("</style>")[1]))


EFFECTS = {"volume": 9.0, "shape": -0.5, "aht": 1, "staffing": 3, "remainder": 0.4}


@pytest.fixture(scope="module")
def page():
    """A page with everything on it, and a month in the causes that is not its own."""
    causes = pd.DataFrame({"cause": EFFECTS.keys(), "effect": EFFECTS.values()})
    causes = causes.assign(queue="all", period="2026-10", kpi="asa_s")
    return page_of(
        "AB",
        causes=pd.concat([causes, causes.assign(period="2026-09")]),
        pictures={"why ASA moved": lambda ax: ax},
        levers=["Mondays: 3 agents < needed."],
    )


def test_the_headline_says_what_was_met_by_how_much_and_what_changed(page):
    assert text_of(page).startswith(
        " All queues, October 2026 3 of 3 targets were missed: service level 88.5%, "
        "target at least 90.0% (-2.5 points on September 2026); average speed of "
        "answer 54.4 s, target at most 50.0 s (+11.6 s on September 2026); fcr 75.0%, "
        "target at least 80.0% (+0.0 points on September 2026). Agreed: 90% answered "
        "within 50 s, ASA at most 50 s. "
    )


MISSED_AND_MET = (
    "1 of 2 targets was missed: average speed of answer 54.4 s, target at most 50.0 s. "
    "Met: service level 94.0%, target at least 90.0%. Agreed: 90% answered within "
    "50 s, ASA at most 50 s. "
)


@pytest.mark.parametrize(
    ("level", "asa_s", "sentence"),
    [
        (0.95, 40.0, "Every target was met: service level 94.0%, target at least"),
        (0.95, 52.0, MISSED_AND_MET),
        (np.nan, 52.0, "The target was missed: average speed of answer 54.4 s, target"),
        (np.nan, np.nan, "Nothing is known of the KPIs that have a target."),
    ],
)
def test_only_what_is_known_is_judged(quick_pictures, level, asa_s, sentence):
    realised = sums_in("2026-10", level=level, asa_s=asa_s, queues="A")
    kpis = compared(None, realised, ["day", "month"], declared=())
    text = text_of(month_page("2026-10", kpis, realised, TARGETS))
    assert f"October 2026 {sentence}" in text
    assert "on September 2026" not in text
    assert "Why the month" not in text


def test_the_planners_limit_of_occupancy_is_in_the_table_alone(quick_pictures):
    realised = sums_in("2026-10", level=0.95, queues="A")
    kpis = compared(None, realised, ["day", "month"], declared=())
    targets = replace(TARGETS, max_occupancy=0.5)
    text = text_of(month_page("2026-10", kpis, realised, targets))
    head, table = text.split(" Targets ", 1)
    assert "occupancy" not in head
    assert "Every target was met: service level" in head
    assert " A occupancy at most 50.0% 73.3% ✗ missed " in table


def test_lights_say_in_words_what_they_show_in_colour(page):
    cells = re.findall(
        r"<td>([^<]*)</td><td style=\"background: (.*?)\">(.*?)</td>", page
    )
    assert cells[:3] == [
        ("88.5%", "#ffe7bd", "≈ nearly met"),
        ("54.4 s", "#ffe7bd", "≈ nearly met"),
        ("75.0%", "#f4c7c3", "✗ missed"),
    ]


def test_the_year_shows_each_month_and_what_is_needed(page):
    year = text_of(page).split("Months met ")[1].split(" A month is met")[0]
    assert year.startswith(f"queue {' '.join(MONTHS)} met, of known needed ")
    assert " A – – – – – ✓ ✓ ✓ ✓ ✓ ✓ ✗ 6 of 7 10 of 12 … still open B " in year


def test_causes_and_levers_are_told_and_add_up(page):
    assert (
        "queue KPI volume shape handle time staffing remainder in all All queues "
        "average speed of answer +9.0 s -0.5 s +1.0 s +3.0 s +0.4 s +12.9 s What each"
    ) in text_of(page)
    assert 'alt="why ASA moved"' in page
    assert (
        "Where each cause took most in October 2026, and what alone would have met the "
        "targets there:</p>\n<p>Mondays: 3 agents &lt; needed.</p>"
    ) in page


def test_every_kpi_is_shown_planned_realised_and_defined(page):
    text = text_of(page)
    kpis = text.split("Planned and realised")[1].split(" A KPI")[0]
    assert " offered 43,520 47,872 +4,352 " in kpis
    assert " occupancy 73.3% 80.6% +7.3 points " in kpis
    assert (
        " calls per agent hour 13.2 contacts/h 14.5 contacts/h +1.3 contacts/h " in kpis
    )
    assert kpis.endswith(" fcr – 75.0% –")
    definitions = text.split("Definitions used")[1]
    assert " service level % answered within the threshold / offered " in definitions
    assert " fcr % fcr_share of the history, weighed by handled " in definitions


def test_the_page_needs_nothing_else_and_no_name_becomes_code(quick_pictures):
    found = page_of([HOSTILE], unit=HOSTILE)
    assert f"<h1>{escape(HOSTILE)}, October 2026</h1>" in found
    assert "<script" not in found
    assert "http" not in found


def days_of(**columns):
    dates = pd.date_range("2026-10-01", periods=9).date
    return pd.DataFrame({"date": dates, "planned": 0.92, **columns})


def drawn(plot, **options):
    """The axes after a whole drawing, in which any warning is an error."""
    figure = Figure(figsize=(10, 3.4))
    ax = figure.add_subplot()
    assert plot(ax, **options) is ax
    figure.savefig(io.BytesIO(), format="svg")
    return ax


def labels(ax):
    return [text.get_text() for text in ax.get_legend().texts]


LEVELS = pd.DataFrame([[0.9, 0.4], [np.nan, 1.0]], index=[0, 5], columns=[9, 11])


@pytest.mark.parametrize(
    ("plot", "x", "y"),
    [
        (
            partial(
                plot_kpi_days, days=days_of(realised=0.9), goal=LEVEL, name="level"
            ),
            "date",
            "level [%]",
        ),
        (
            partial(plot_kpi_days, days=days_of(realised=40), goal=ASA, name="ASA"),
            "date",
            "ASA [s]",
        ),
        (
            partial(plot_calls_days, days=days_of(realised=40)),
            "date",
            "offered [contacts a day]",
        ),
        (partial(plot_level_week, levels=LEVELS), "local time [h]", "weekday"),
    ],
)
def test_axes_are_labelled_with_their_units(plot, x, y):
    ax = drawn(plot)
    assert (ax.get_xlabel(), ax.get_ylabel()) == (x, y)
    assert ax.get_title(loc="left")


def test_days_that_miss_the_target_differ_by_their_mark_not_by_colour_alone():
    realised = np.array([0.95, 0.89, np.nan, *6 * [0.91]])
    ax = drawn(plot_kpi_days, days=days_of(realised=realised), goal=LEVEL, name="level")
    _, met, missed, target = ax.lines
    assert labels(ax) == [
        "planned",
        "realised, target met",
        "realised, target missed",
        "target: at least 90%",
    ]
    assert missed.get_ydata().tolist() == [0.89]
    assert np.nanmin(met.get_ydata()) == 0.91
    assert met.get_marker() != missed.get_marker()
    assert set(target.get_ydata()) == {0.9}


def test_without_a_plan_nothing_planned_is_drawn():
    days = days_of(realised=0.95).assign(planned=np.nan)
    ax = drawn(plot_kpi_days, days=days, goal=LEVEL, name="level")
    assert labels(ax) == ["realised, target met", "target: at least 90%"]
    assert labels(drawn(plot_calls_days, days=days)) == ["came"]


def test_the_heat_map_writes_each_level_and_leaves_closed_hours_blank():
    ax = drawn(plot_level_week, levels=LEVELS)
    assert [text.get_text() for text in ax.texts] == ["90", "40", "100"]
    assert [text.get_position() for text in ax.texts] == [
        (9.5, 0),
        (11.5, 0),
        (11.5, 1),
    ]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["Mon", "Sat"]
    assert ax.images[0].get_clim() == (0.4, 1.0)
