from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reference.months import AHT_S, HALVES, LIMITS, PATIENCE_S, past_month

from staffing.simulate import Calls, kpis, simulate
from staffing.targets import Targets
from staffing.why import lever_sentence, levers_of, variants
from staffing.why.levers import _fewest, _name, _to_later

TARGETS = Targets(asa_s=None, service_level=0.95, threshold_s=50.0)


def levers(month, targets=TARGETS):
    worlds = variants(
        month.replay,
        month.agents,
        month.agents_there,
        queues=["Sales"],
        starts=month.starts,
    )
    return levers_of(
        month.replay,
        worlds,
        month.agents_there,
        pool="Sales",
        starts=month.starts,
        targets=targets,
    )


def window_of(month, day, hour):
    starts = month.starts
    return (starts.day_of_week == day) & (starts.hour // 2 * 2 == hour)


@pytest.fixture(scope="module")
def plain():
    """A month that came as planned but for chance."""
    return past_month("none", 4, days=12, replications=1)


def test_the_window_and_the_agents_that_it_lacks_are_found(plain):
    """Four were missing on Mondays from 10 to 12; checked by simulate()."""
    missing = 4 * window_of(plain, 0, 10)
    found = levers(plain._replace(agents_there=plain.agents - missing))
    row = found.set_index("cause").loc["staffing"]
    assert row["window"] == "Mondays 10–12"
    assert row["month"] == "2026-10"
    assert 1 <= row["agents_short"] <= 4
    assert row["aht_s_less"] > 10
    there = (plain.agents - missing)[window_of(plain, 0, 10)][0]
    day = np.flatnonzero(plain.starts.day_of_week == 0)[:HALVES]
    for more, enough in ((0, True), (-1, False)):
        duty = (plain.agents - missing)[day]
        inside = window_of(plain, 0, 10)[day]
        duty = duty + inside * int(row["agents_short"] + more)
        assert duty[inside][0] == there + row["agents_short"] + more
        result = simulate(
            duty,
            offered=plain.replay.planned.offered[day],
            aht_s=AHT_S,
            patience_s=PATIENCE_S,
            handle_cv=1.0,
            seed=5,
            replications=400,
            **LIMITS,
        )
        level = kpis(result, groups=np.where(inside, 0, -1)[:, None]).service_level
        assert (level.value[0] > 0.94) == enough  # the month had but few Mondays


def test_a_peak_before_spare_agents_is_cured_by_moving_calls(plain):
    """A third more calls on Fridays from 12 to 14; then many agents are there."""
    offered, aht_s = plain.replay.realised
    peak = window_of(plain, 4, 12)
    calls = Calls(np.rint(offered * np.where(peak, 1.35, 1.0)[:, None]), aht_s)
    agents = plain.agents + 30 * window_of(plain, 4, 14)
    replay = replace(plain.replay, realised=calls)
    month = plain._replace(replay=replay, agents=agents, agents_there=agents)
    row = levers(month).set_index("cause").loc["shape"]
    assert row["window"] == "Fridays 12–14"
    assert row["agents_short"] >= 2
    assert row["aht_s_less"] >= 10
    assert 0.01 <= row["share_moved"] <= 0.4


def test_nothing_can_move_from_the_last_hours(plain):
    missing = 4 * window_of(plain, 2, 18)
    found = levers(plain._replace(agents_there=plain.agents - missing))
    row = found.set_index("cause").loc["staffing"]
    assert row["window"] == "Wednesdays 18–20"
    assert np.isnan(row["share_moved"])


@pytest.mark.parametrize(
    "targets", [TARGETS, Targets(asa_s=None, service_level=None, max_occupancy=0.8)]
)
def test_no_window_without_a_miss_and_no_target_without_a_measure(plain, targets):
    many = plain._replace(agents=plain.agents + 20, agents_there=plain.agents + 20)
    found = levers(many, targets)
    assert found.empty
    assert list(found) == [
        "queue",
        "month",
        "cause",
        "window",
        "agents_short",
        "aht_s_less",
        "share_moved",
    ]


@given(answer=st.integers(1, 200), most=st.integers(1, 200))
def test_the_fewest_is_enough_and_one_fewer_is_not(answer, most):
    found = _fewest(lambda n: n >= answer, most)
    assert found == answer if answer <= most else np.isnan(found)


masks = arrays(np.bool_, 12)


@settings(max_examples=25)
@given(arrays(np.float64, (12, 2), elements=st.floats(0, 50)), masks, masks)
def test_moved_calls_stay_on_their_day(offered, inside, after):
    after = after & ~inside
    days = np.repeat([0, 1, 2], 4)
    change = _to_later(offered, inside, after, days)
    for day in range(3):
        mine = days == day
        np.testing.assert_allclose(change[mine].sum(axis=0), 0.0, atol=1e-9)
        left = offered[mine & inside] if (mine & after).any() else 0.0
        np.testing.assert_array_equal(change[mine & inside], -left + 0.0)
    np.testing.assert_array_equal(change[~inside & ~after], 0.0)


SENTENCES = [
    (
        (3.0, 14.0, 0.02),
        "Mondays 10–12: 3 agents short; the same gain: AHT −14 s, or 2 % of calls "
        "moved to the next hour",
    ),
    (
        (1.0, np.nan, 0.11),
        "Mondays 10–12: 1 agent short; the same gain: 11 % of calls "
        "moved to the next hour",
    ),
    (
        (np.nan, np.nan, np.nan),
        "Mondays 10–12: no number of agents there would do; neither a shorter AHT nor "
        "moving calls to the next hour would do",
    ),
]


@pytest.mark.parametrize(("numbers", "sentence"), SENTENCES)
def test_a_lever_in_words(numbers, sentence):
    names = ("agents_short", "aht_s_less", "share_moved")
    lever = pd.Series(
        {"window": "Mondays 10–12"} | dict(zip(names, numbers, strict=True))
    )
    assert lever_sentence(lever) == sentence


def test_a_window_is_called_by_the_hours_that_are_open():
    open_s = np.array([[0, 8.5 * 3600, 9 * 3600], [0, 9 * 3600, 9.5 * 3600]])
    assert _name((0, 8), open_s) == "Mondays 8:30–9:30"
    assert _name((0, 8), open_s[:1]) == "Mondays 8:30–9"
