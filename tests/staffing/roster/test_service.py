import numpy as np
import pandas as pd
import pytest

from staffing.requirement import Rules
from staffing.roster.service import KPIS, service_of
from staffing.shrinkage import Component, Shrinkage
from staffing.simulate import kpis, simulate
from staffing.targets import Targets

WORLD = {"patience_s": 120.0, "handle_cv": 1.0, "seed": 3}
TARGETS = Targets(asa_s=None, service_level=0.8, threshold_s=20.0)


@pytest.fixture
def few(monkeypatch):
    """Few simulated months, for what holds for few as for many."""
    monkeypatch.setattr("staffing.roster.service.REPLICATIONS", (2, 3))


def month(agents=12.0, offered=100.0, *, queue="Sales", first="2026-10-24", days=3):
    """Rows from 09:00 to 13:00, through the night in which clocks change."""
    starts = pd.date_range(first, periods=48 * days + 2, freq="30min", tz="Europe/Rome")
    starts = starts[(starts.hour >= 9) & (starts.hour < 13)]
    frame = pd.DataFrame({"queue": queue, "interval_start": starts})
    return frame.assign(
        interval_s=1800, open=True, offered=offered, agents=agents, aht_s=180.0
    )


def cover_of(requirement, rostered):
    return requirement[["queue", "interval_start"]].assign(rostered=rostered)


def served(requirement, rostered, rules=None, **world):
    """KPIs by queue and period."""
    table = service_of(
        requirement,
        requirement,
        cover_of(requirement, rostered),
        rules or Rules(TARGETS),
        **(WORLD | world),
    )
    return table.set_index(["queue", "period"])


def side(table, which):
    return table[[f"{which}_{kpi}" for kpi in KPIS]].set_axis(list(KPIS), axis=1)


def test_who_rosters_what_is_required_gives_what_the_required_agents_give(few):
    """With 30 % of the rostered away, of whom each agent needs 1 / 0.7."""
    away = Shrinkage({"sickness": Component(0.3)})
    required = month()
    table = served(required, required["agents"] / 0.7, Rules(TARGETS, shrinkage=away))
    pd.testing.assert_frame_equal(side(table, "planned"), side(table, "rostered"))


def test_what_the_roster_places_by_name_is_not_taken_away_again(few):
    away = Shrinkage({"leave": Component(0.3, rostered=True)})
    required = month()
    table = served(required, required["agents"], Rules(TARGETS, shrinkage=away))
    pd.testing.assert_frame_equal(side(table, "planned"), side(table, "rostered"))


def test_the_required_agents_give_what_an_independent_simulation_gives():
    required = month()
    found = served(required, 12.0).loc[("all", "2026-10")]
    days = simulate(
        [12] * 8,
        offered=100.0,
        aht_s=180.0,
        interval_s=1800.0,
        threshold_s=20.0,
        patience_s=120.0,
        handle_cv=1.0,
        seed=99,
        replications=300,
    )
    other = kpis(days)
    for kpi in ("service_level", "asa_s", "abandon_rate", "occupancy"):
        estimate = getattr(other, kpi)
        assert abs(found[f"planned_{kpi}"] - estimate.value[0]) < 5 * estimate.se[0]


def test_a_fraction_of_an_agent_is_there_on_so_many_days():
    table = served(month(), 12.25)
    hours = table.loc[("all", "2026-10"), "rostered_agent_hours"]
    assert hours == pytest.approx(12.25 * 12, rel=0.02)
    found, of_twelve = (
        table.loc[("all", "2026-10"), f"{which}_asa_s"]
        for which in ("rostered", "planned")
    )
    of_thirteen = served(month(), 13.0).loc[("all", "2026-10"), "rostered_asa_s"]
    assert of_thirteen < found < of_twelve


def test_fewer_agents_answer_later_and_lose_more(few):
    table = served(month(), 10.0)
    assert (table["rostered_asa_s"] > table["planned_asa_s"]).all()
    assert (table["rostered_abandon_rate"] > table["planned_abandon_rate"]).all()
    assert (table["rostered_service_level"] < table["planned_service_level"]).all()


def test_nobody_rostered_answers_nobody(few):
    required = month()
    table = service_of(
        required, required, cover_of(required, 0.0).head(0), Rules(TARGETS), **WORLD
    )
    whole = table.iloc[-1]
    assert (whole["queue"], whole["period"]) == ("all", "2026-10")
    assert whole["rostered_service_level"] == 0
    assert whole["rostered_abandon_rate"] == 1
    assert np.isnan(whole["rostered_asa_s"])


def test_agents_after_closing_count_on_neither_side(few):
    """The requirement keeps 12 until 13:30 for who still waits; nobody rosters them."""
    rows = month(days=1)
    late = rows.tail(1).assign(
        interval_start=rows["interval_start"].max() + pd.Timedelta(minutes=30),
        open=False,
        offered=0.0,
    )
    required = pd.concat([rows, late], ignore_index=True)
    table = served(required, np.where(required["open"], 12.0, 0.0)).loc["all"].iloc[-1]
    assert table["planned_agent_hours"] == table["rostered_agent_hours"] == 48.0
    assert table["planned_occupancy"] == table["rostered_occupancy"]


def test_periods_are_the_days_and_then_the_months_of_each_queue_and_of_all(few):
    both = pd.concat([month(days=2), month(queue="Aid", days=2)], ignore_index=True)
    table = served(both, both["agents"])
    periods = ["2026-10-24", "2026-10-25", "2026-10"]
    assert list(table.index) == [
        (queue, period) for queue in ("Aid", "Sales", "all") for period in periods
    ]
    assert (table["offered"].xs("2026-10", level="period") > 0).all()


def test_the_same_seed_gives_the_same_bits_and_another_does_not(few):
    one, again, other = (served(month(days=1), 11.5, seed=seed) for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(one, again, check_exact=True)
    assert not one.equals(other)


def test_each_pool_draws_by_its_name_alone(few):
    """Else what is odd in one, were so in all, and no mean of pools would be nearer."""
    aid = month(queue="Aid", days=1)
    both = pd.concat([month(days=1), aid], ignore_index=True)
    table = served(both, both["agents"])
    pd.testing.assert_frame_equal(
        table.loc[["Aid"]], served(aid, aid["agents"]).loc[["Aid"]]
    )
    assert (table.loc["Aid", "offered"] != table.loc["Sales", "offered"]).all()


def test_a_groups_queues_are_answered_by_the_same_people():
    """Two queues of half the calls are one: the pool's KPIs are those of the sum."""
    required = month(queue="Care")
    halves = [month(offered=50.0, queue=queue) for queue in ("Energy", "Water")]
    rules = Rules(TARGETS, pools={"Care": ("Energy", "Water")})
    table = service_of(
        required, pd.concat(halves), cover_of(required, 12.0), rules, **WORLD
    ).set_index(["queue", "period"])
    alone = served(required, 12.0)
    name, month_name = "rostered_service_level", "2026-10"
    assert list(table.index.levels[0]) == ["Care", "all"]
    assert table.loc[("Care", month_name), name] == pytest.approx(
        alone.loc[("Care", month_name), name], abs=0.02
    )
    assert table.loc[("Care", month_name), "offered"] == pytest.approx(2400, rel=0.05)
