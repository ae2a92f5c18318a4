import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.tables import forecast_of

from staffing.erlang.solve import agents_for
from staffing.load import loads_for
from staffing.requirement import Rules, requirement_for
from staffing.requirement.alternatives import alternatives_for, other_rules
from staffing.requirement.pools import member_kpis, pooled
from staffing.targets import Targets

CARE = {"Care": ("A", "B")}
STRICT = Targets(None, 0.95, 50.0)


@pytest.fixture
def two():
    """A all day with short calls; B, with long ones, from the second interval on."""
    a = forecast_of([90.0, 60.0, 30.0], aht_s=120.0)
    b = forecast_of([10.0, 20.0], aht_s=600.0, queue="B", start="2026-03-02 09:30")
    other = forecast_of([40.0], queue="Other")
    return pd.concat([a, b, other], ignore_index=True)


def test_a_groups_calls_are_added_and_its_handle_time_is_the_mixtures(two):
    care = pooled(two, CARE).query("queue == 'Care'")
    assert care["offered"].tolist() == [90.0, 70.0, 50.0]
    mixture = [120.0, (60 * 120 + 10 * 600) / 70, (30 * 120 + 20 * 600) / 50]
    assert care["aht_s"].tolist() == pytest.approx(mixture)
    high = [90 + 90, 70 + np.hypot(60, 10), 50 + np.hypot(30, 20)]
    assert care["offered_p90"].tolist() == pytest.approx(high)
    low = [90 - 45, 70 - np.hypot(30, 5), 50 - np.hypot(15, 10)]
    assert care["offered_p10"].tolist() == pytest.approx(low)


def test_a_queue_of_no_group_stays_as_it_is(two):
    alone = two[two["queue"] == "Other"].reset_index(drop=True)
    other = pooled(two, CARE).query("queue == 'Other'").reset_index(drop=True)
    pd.testing.assert_frame_equal(other, alone)
    assert pooled(two, {}) is two


def test_without_calls_the_handle_time_is_the_queues_mean():
    a = forecast_of([0.0], aht_s=100.0)
    b = forecast_of([0.0], aht_s=300.0, queue="B")
    care = pooled(pd.concat([a, b]), CARE)
    assert care["aht_s"].tolist() == [200.0]


def test_a_group_is_staffed_as_one_queue_by_its_name(two):
    table = requirement_for(two, Rules(STRICT, pools=CARE, load="sipp"))
    care = table[table["queue"] == "Care"]
    load = np.array([90 * 120, 60 * 120 + 10 * 600, 30 * 120 + 20 * 600]) / 1800
    assert care["load_erlang"].tolist() == pytest.approx(load.tolist())
    need = agents_for(care["load_erlang"], aht_s=care["aht_s"], **STRICT.limits(None))
    assert care["agents"].tolist() == need.tolist()
    assert table["queue"].unique().tolist() == ["Care", "Other"]


def test_a_groups_long_calls_stay_long_after_closing():
    """The load of a group is that of its queues, each with its own handle time."""
    short = forecast_of([60.0] * 4, aht_s=60.0)
    long = forecast_of([10.0] * 4, aht_s=1800.0, queue="B")
    forecast = pd.concat([short, long], ignore_index=True)
    table = requirement_for(forecast, Rules(STRICT, pools=CARE))
    times = {"interval_s": 1800.0}
    loads = loads_for([60.0] * 4 + [0.0] * 3, aht_s=60.0, **times)
    loads += loads_for([10.0] * 4 + [0.0] * 3, aht_s=1800.0, **times)
    assert table["load_erlang"].tolist() == pytest.approx(loads[: len(table)].tolist())
    assert len(table) == 4 + 3


def test_each_queue_of_a_group_meets_the_waits_of_its_own_hours(two):
    rules = Rules(STRICT, pools=CARE, load="sipp", patience_s=180.0)
    table = requirement_for(two, rules)
    members = member_kpis(two, table, CARE).set_index("queue")
    care = table[table["queue"] == "Care"].reset_index()
    calls = {"A": np.array([90, 60, 30]), "B": np.array([0, 10, 20])}
    for queue, offered in calls.items():
        row = members.loc[queue]
        assert row["group"] == "Care"
        assert row["offered"] == offered.sum()
        level = (offered * care["service_level"]).sum() / offered.sum()
        assert row["service_level"] == pytest.approx(level)
        handled = offered * (1 - care["abandon_rate"])
        asa_s = (handled * care["asa_s"]).sum() / handled.sum()
        assert row["asa_s"] == pytest.approx(asa_s)
        assert row["abandon_rate"] == pytest.approx(1 - handled.sum() / offered.sum())
    assert members.index.tolist() == ["A", "B"]


def test_without_groups_there_are_no_members(two):
    assert member_kpis(two, requirement_for(two, Rules()), {}).empty


@given(
    loads=st.lists(st.floats(0.05, 80), min_size=2, max_size=4),
    patience_s=st.none() | st.floats(30, 900),
)
def test_pooled_agents_are_at_most_those_apart(loads, patience_s):
    """For queues of one handle time: what one pool can do, a larger one can."""
    limits = {"aht_s": 300.0, "service_level": 0.9, "threshold_s": 30.0}
    limits |= {"asa_s": 20.0, "patience_s": patience_s}
    apart = agents_for(loads, **limits).sum()
    assert agents_for(sum(loads), **limits) <= apart


def test_other_rules_say_what_they_mean():
    found = other_rules(Rules(STRICT, pools=CARE), 180.0)
    assert list(found) == [
        "95% answered within 50 s, nobody hanging up (Erlang C)",
        "95% answered within 50 s (Erlang A)",
        "95% answered at all (Erlang A)",
        "every queue by itself, without groups",
        "every interval staffed for its busiest minute",
        "every interval by itself, nothing carried over",
    ]
    assert list(other_rules(Rules(STRICT), None)) == list(found)[4:]


def test_both_readings_of_95_percent_have_their_agents():
    """DESIGN: 60 erlangs, AHT 300 s, patience 180 s: 69 agents against 61."""
    forecast = forecast_of([360.0], aht_s=300.0)
    bands = pd.DataFrame(
        {
            "queue": ["A"],
            "month": ["2026-03"],
            "offered": [360.0],
            "offered_p10": [1.0],
            "offered_p90": [2.0],
            "last_year": [np.nan],
            "offered_forecast": [360.0],
            "offered_given": [np.nan],
        }
    )
    rules = Rules(Targets(), load="sipp")
    table = alternatives_for(
        requirement_for(forecast, rules),
        forecast,
        bands,
        rules,
        patience_s=180.0,
        full_time_h=40.0,
    ).set_index("rules")
    agents = table["peak_agents"]
    assert agents["this plan"] == 69
    assert agents["95% answered within 50 s, nobody hanging up (Erlang C)"] == 69
    assert agents["95% answered at all (Erlang A)"] == 61
    between = agents["95% answered within 50 s (Erlang A)"]
    assert 61 < between < 69
    assert table["agent_hours"]["95% answered at all (Erlang A)"] == 61 * 0.5
