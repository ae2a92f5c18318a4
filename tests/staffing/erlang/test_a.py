from collections import defaultdict
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf
from reference.erlang_a import precise

from staffing.erlang import b, c
from staffing.erlang.a import SL_RULES, metrics

LIMITS = {"aht_s": 180.0, "patience_s": 120.0, "threshold_s": 20.0}


def error(ours, exact):
    """Relative; absolute where the value is below 1e-9."""
    return abs(float(mpf(float(ours)) - exact)) / (
        float(exact) if exact > 1e-9 else 1.0
    )


def rows(load):
    """Patience, threshold, handling time and agents, whole and real."""
    if load > 1000:  # the reference is slow here
        yield from ((3600.0, t, 60.0, load / 0.8 + 0.3) for t in (0, 120))
        yield from ((180.0, t, 60.0, load) for t in (0, 20, 120))
        yield from ((10.0, t, 600.0, load * 1.03 + 0.5) for t in (0, 20))
        yield (3600.0, 20, 600.0, load / 3)
        return
    for patience_s, threshold_s, aht_s in product(
        (10.0, 180.0, 3600.0), (0, 20, 120), (60.0, 600.0)
    ):
        for busy in (0.4, 0.97, 1.1):
            yield patience_s, threshold_s, aht_s, load / busy
        for busy in (0.8, 1.0, 3.0):
            yield patience_s, threshold_s, aht_s, max(1, round(load / busy))


@pytest.mark.parametrize("load", [0.1, 1.0, 7.3, 60.0, 600.0, 20_000.0])
def test_equals_50_digits_over_the_grid(load):
    worst = defaultdict(float)
    for patience_s, threshold_s, aht_s, agents in rows(load):
        who = {"aht_s": aht_s, "patience_s": patience_s, "threshold_s": threshold_s}
        exact = precise(load, agents, **who)
        ours = metrics(load, agents, **who)
        levels = {
            "offered": exact.answered_within,
            "handled": exact.answered_within / (1 - exact.abandon_rate),
            "less_short_abandons": exact.answered_within / (1 - exact.abandoned_within),
            "answer_rate": 1 - exact.abandon_rate,
        }
        for rule, level in levels.items():
            reached = metrics(load, agents, **who, sl_rule=rule).service_level
            worst[rule] = max(worst[rule], error(reached, level))
        for name in ("p_wait", "abandon_rate", "asa_s", "mean_wait_s"):
            here = error(getattr(ours, name), getattr(exact, name))
            worst[name] = max(worst[name], here)
        assert ours.occupancy == pytest.approx(
            float(load * (1 - exact.abandon_rate) / agents), rel=1e-12
        )
    assert max(worst.values()) < 1e-11, worst


def test_published_values_of_garnett_mandelbaum_and_reiman():
    """48 calls a minute of a minute each, 50 agents, two minutes of patience."""
    kpis = metrics(48.0, 50, aht_s=60.0, patience_s=120.0, threshold_s=20.0)
    assert kpis.abandon_rate.round(3) == 0.031
    assert kpis.mean_wait_s.round(1) == 3.7


def test_the_point_that_pyworkforce_publishes():
    """100 calls of 3 minutes in half an hour, 14 agents, patience 5 minutes."""
    kpis = metrics(10.0, 14, aht_s=180.0, patience_s=300.0, threshold_s=20.0)
    assert kpis.p_wait.round(5) == 0.14526
    assert kpis.abandon_rate.round(6) == 0.013984
    assert kpis.service_level.round(6) == 0.916792


loads = st.floats(0.05, 300.0)


@given(load=loads, spare=st.integers(1, 30), threshold_s=st.floats(0.0, 120.0))
def test_endless_patience_gives_erlang_c(load, spare, threshold_s):
    n = int(load) + spare
    patient = metrics(
        load, n, aht_s=180.0, patience_s=1.7e10 / load, threshold_s=threshold_s
    )
    exact = c.metrics(load, n, aht_s=180.0, threshold_s=threshold_s)
    slow = 10.0 / (n - load)  # how far from endless, in the time that a queue lasts
    assert abs(patient.p_wait - exact.p_wait) < 1e-3 * slow
    assert abs(patient.service_level - exact.service_level) < 1e-3 * slow
    assert patient.abandon_rate < 1e-3 * slow


numbers_of_agents = st.integers(1, 400) | st.floats(0.5, 400.0)


@given(load=loads, n=numbers_of_agents)
def test_no_patience_gives_erlang_b(load, n):
    hasty = metrics(load, n, aht_s=180.0, patience_s=1e-9, threshold_s=20.0)
    lost = b.blocking_probability(load, n)
    np.testing.assert_allclose(hasty.abandon_rate, lost, rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(hasty.p_wait, lost, rtol=1e-7, atol=1e-12)


@given(
    load=loads,
    n=st.just(0) | numbers_of_agents,
    more=st.just(1) | st.floats(0.5, 1.0),
    patience_s=st.floats(1.0, 3600.0),
    threshold_s=st.floats(0.0, 120.0),
    rule=st.sampled_from(SL_RULES),
)
def test_more_agents_never_wait_longer_nor_lose_more(
    load, n, more, patience_s, threshold_s, rule
):
    kpis = metrics(
        load,
        [n, n + more],
        aht_s=240.0,
        patience_s=patience_s,
        threshold_s=threshold_s,
        sl_rule=rule,
    )
    small = 1e-11
    assert kpis.service_level[1] >= kpis.service_level[0] - small
    for values in (kpis.p_wait, kpis.abandon_rate, kpis.occupancy):
        assert values[1] <= values[0] + small
    for values in (kpis.asa_s, kpis.mean_wait_s):
        assert values[1] <= values[0] * (1 + small) + small


@given(
    rows=st.lists(
        st.tuples(loads, numbers_of_agents, st.floats(5.0, 3600.0)),
        min_size=1,
        max_size=6,
    ),
    rule=st.sampled_from(SL_RULES),
)
def test_an_array_equals_its_scalars_one_by_one(rows, rule):
    load, agents, patience_s = (np.array(column) for column in zip(*rows, strict=True))
    given = {"aht_s": 180.0, "threshold_s": 20.0, "sl_rule": rule}
    together = metrics(load, agents, patience_s=patience_s, **given)
    for i in range(len(rows)):
        alone = metrics(load[i], agents[i], patience_s=patience_s[i], **given)
        assert [float(value) for value in alone] == [value[i] for value in together]


def test_no_load_and_no_agents_are_values():
    idle = metrics(0.0, [0, 3], **LIMITS)
    assert idle.service_level.tolist() == [1.0, 1.0]
    assert idle.occupancy.tolist() == [0.0, 0.0]
    assert idle.asa_s.tolist() == [0.0, 0.0]
    nobody = metrics(5.0, 0, **LIMITS)
    assert (nobody.p_wait, nobody.abandon_rate, nobody.service_level) == (1.0, 1.0, 0.0)
    assert (nobody.asa_s, nobody.mean_wait_s, nobody.occupancy) == (np.inf, 120.0, 1.0)


@pytest.mark.parametrize("part", [1e-300, 1e-90, 1e-9])
def test_next_to_no_agents_answer_next_to_nobody(part):
    kpis = metrics(5.0, part, **LIMITS)
    assert kpis.p_wait == pytest.approx(1.0)
    assert kpis.abandon_rate == pytest.approx(1.0)
    assert kpis.service_level < 1e-8
    assert 0 <= kpis.occupancy <= 1


def test_short_abandons_count_up_to_their_own_time():
    given = {**LIMITS, "sl_rule": "less_short_abandons"}
    strict = metrics(10.0, 9, **given, short_abandon_s=0.0)
    usual = metrics(10.0, 9, **given)
    assert strict.service_level == metrics(10.0, 9, **LIMITS).service_level
    assert usual.service_level == metrics(10.0, 9, **given, short_abandon_s=20.0)[2]
    assert usual.service_level > strict.service_level


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"patience_s": 0.0},
            "patience_s: must be a finite number of seconds above 0, but is 0.0.",
        ),
        (
            {"patience_s": 1e12},
            "load · patience_s / aht_s: must be at most 1e+08 (beyond, nobody hangs "
            "up: use Erlang C), but is 55555555555.55556.",
        ),
        (
            {"sl_rule": "answered"},
            "sl_rule: must be one of ('offered', 'handled', 'less_short_abandons', "
            "'answer_rate'), but is 'answered'.",
        ),
        (
            {"sl_rule": "less_short_abandons", "short_abandon_s": -1.0},
            "short_abandon_s: must be a finite number of seconds, 0 or more, but is "
            "-1.0.",
        ),
    ],
)
def test_wrong_arguments_are_named(wrong, message):
    with pytest.raises(ValueError) as raised:  # noqa: PT011 # compared whole below
        metrics(10.0, 11, **{**LIMITS, **wrong})
    assert str(raised.value) == message
