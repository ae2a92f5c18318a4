from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.months import past_month

from staffing.kpi import SUMS
from staffing.simulate import Calls, Replay
from staffing.why import KPIS, PLANNED, REALISED, REPLAYED, World, causes_of, variants
from staffing.why.causes import shapley

WORLDS = [World(*parts) for parts in product((False, True), repeat=4)]


def explained(month, agents_there, **changes):
    worlds = variants(
        month.replay,
        month.agents,
        agents_there,
        queues=["Sales"],
        starts=month.starts,
    )
    rest = {"pool": "Sales", "sl_rule": "offered"} | changes
    return causes_of(worlds, month.realised, **rest)


def by_cause(causes, period, kpi):
    mine = causes[(causes["period"] == period) & (causes["kpi"] == kpi)]
    return mine.set_index("cause")["effect"]


values = st.lists(st.floats(-10, 10), min_size=16, max_size=16)


@settings(max_examples=30)
@given(values)
def test_an_effect_is_the_mean_over_every_order_of_the_causes(values):
    """By its definition: exchange the causes one after the other, in all 24 orders."""
    worth = dict(zip(WORLDS, values, strict=True))
    due = dict.fromkeys(World._fields, 0.0)
    for order in permutations(World._fields):
        world = PLANNED
        for name in order:
            after = world._replace(**{name: True})
            due[name] += (worth[after] - worth[world]) / 24
            world = after
    found = shapley({world: np.array(x) for world, x in worth.items()})
    assert found == pytest.approx(due, abs=1e-9)


@settings(max_examples=30)
@given(values)
def test_effects_add_up_with_and_without_the_agents_there(values):
    worth = {w: np.array(x) for w, x in zip(WORLDS, values, strict=True)}
    whole = sum(shapley(worth).values())
    assert whole == pytest.approx(worth[REALISED] - worth[PLANNED], abs=1e-9)
    half = {world: x for world, x in worth.items() if not world.staffing}
    found = shapley(half)
    assert list(found) == ["volume", "shape", "aht"]
    assert sum(found.values()) == pytest.approx(
        worth[REPLAYED] - worth[PLANNED], abs=1e-9
    )
    doubled = {world: half[world._replace(staffing=False)] for world in WORLDS}
    assert shapley(doubled)["staffing"] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("cause", ["volume", "shape", "aht", "staffing"])
def test_one_cause_alone_gets_its_gap(cause):
    """The month came by simulate(), which draws in another way than the replay."""
    month = past_month(cause, 1, days=15, calls_a_day=2500.0, replications=2)
    causes = explained(month, month.agents_there, grains=["month"])
    for kpi in KPIS:
        effects = by_cause(causes, "2026-10", kpi)
        assert list(effects.index) == [
            "volume",
            "shape",
            "aht",
            "staffing",
            "remainder",
        ]
        assert 0.9 < effects[cause] / effects.sum() < 1.1
    if cause != "staffing":
        assert effects["staffing"] == 0.0  # they were all there


def test_where_nothing_differed_little_is_left_over():
    """A tenth of the gap of 3 points that +12 % calls make on this queue."""
    month = past_month("none", 1, days=15, calls_a_day=2500.0, replications=2)
    causes = explained(month, month.agents_there, grains=["month"])
    assert by_cause(causes, "2026-10", "service_level").abs().max() < 0.003


def test_causes_and_remainder_add_up_in_each_period_and_queue():
    """A pool of two queues; planned is simulated, realised is what it is said to be."""
    intervals, queues = 4, ["A", "B"]
    starts = pd.date_range("2026-10-24 22:00", periods=4, freq="h", tz="Europe/Rome")
    mean = np.array([[30.0, 10.0]] * intervals)
    aht_s = np.full(mean.shape, 200.0)
    replay = Replay(
        planned=Calls(mean, aht_s),
        realised=Calls(np.rint(mean * [1.3, 0.9]), aht_s * 1.1),
        days=np.array([0, 0, 1, 1]),
        runs=np.zeros(intervals),
        interval_s=3600.0,
        patience_s=150.0,
        threshold_s=20.0,
        seed=1,
        replications=20,
    )
    agents = np.full(intervals, 4)
    worlds = variants(replay, agents, agents - 1, queues=queues, starts=starts)
    realised = worlds[PLANNED].copy()
    realised["offered"] += 5.0
    realised["handled_wait_s"] *= 2.0
    causes = causes_of(worlds, realised, pool="A+B", sl_rule="offered")
    keys = ["queue", "period", "kpi"]
    assert set(causes["queue"]) == {"A", "B", "A+B"}
    assert set(causes["period"]) == {"2026-10-24", "2026-10-25", "2026-10"}
    assert len(causes) == 3 * 3 * len(KPIS) * 5
    whole = causes.groupby(keys).agg(
        {"effect": "sum", "planned": "first", "realised": "first"}
    )
    np.testing.assert_allclose(
        whole["planned"] + whole["effect"], whole["realised"], rtol=0, atol=1e-12
    )
    both = realised[[*SUMS]].sum()
    month = whole.loc[("A+B", "2026-10")]["realised"]
    assert month["asa_s"] == pytest.approx(both["handled_wait_s"] / both["handled"])
    day = realised[realised["queue"] == "B"].head(2)[[*SUMS]].sum()
    lost = whole.loc[("B", "2026-10-24", "abandon_rate"), "realised"]
    assert lost == pytest.approx(day["abandoned"] / day["offered"])


def test_without_agents_staffing_stays_in_the_remainder():
    month = past_month("staffing", 1, days=5, replications=2)
    causes = explained(month, None, grains=["month"])
    effects = by_cause(causes, "2026-10", "service_level")
    assert list(effects.index) == ["volume", "shape", "aht", "remainder"]
    assert 0.8 < effects["remainder"] / effects.sum() < 1.2


def test_what_is_not_known_of_the_month_is_left_out_of_every_world():
    """The answered in time of some intervals are not known, a day not at all."""
    month = past_month("volume", 1, days=5, replications=2)
    realised = month.realised.copy()
    realised.loc[:10, "answered_within"] = np.nan
    short = month._replace(realised=realised.iloc[:-24])
    causes = explained(short, None)
    assert len(set(causes["period"])) == 5  # four days and the month
    level = causes[causes["kpi"] == "service_level"]
    rows = realised.iloc[11:24]
    of_day = level[level["period"] == "2026-10-01"]["realised"]
    assert of_day.iloc[0] == pytest.approx(
        rows["answered_within"].sum() / rows["offered"].sum()
    )
    alone = short._replace(realised=rows)
    again = explained(alone, None, grains=["day"])
    same = level[level["period"] == "2026-10-01"].reset_index(drop=True)
    found = again[again["kpi"] == "service_level"].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, found)
