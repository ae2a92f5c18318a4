from fractions import Fraction
from math import floor, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.erlang import exact_p_wait, precise, precise_part

from staffing.erlang.c import metrics

loads = st.floats(0.001, 2000.0)
spares = st.integers(1, 200) | st.floats(1.0, 200.0)
ahts = st.floats(60.0, 1800.0)
thresholds = st.floats(0.0, 120.0)
OVERLOADED = (1.0, np.inf, 0.0, 1.0)


def relative_error(ours, reference):
    """Absolute where the value is below 1e-9."""
    scale = np.where(reference < 1e-9, 1.0, reference)
    return np.max(np.abs(ours - reference) / scale)


@pytest.mark.parametrize("load", [0.1, 0.5, 1.0, 2.7, 10.0, 33.3, 99.9])
def test_p_wait_and_asa_equal_exact_rationals(load):
    agents = [floor(load) + spare for spare in (1, 2, 3, 5, 10, 20, 50)]
    exact = [exact_p_wait(Fraction(load), n) for n in agents]
    waits = [p * 300 / (n - Fraction(load)) for p, n in zip(exact, agents, strict=True)]
    ours = metrics(load, agents, aht_s=300.0, threshold_s=20.0)
    np.testing.assert_allclose(ours.p_wait, [float(p) for p in exact], rtol=1e-13)
    np.testing.assert_allclose(ours.asa_s, [float(w) for w in waits], rtol=1e-13)


@pytest.mark.parametrize(
    "load",
    [0.1, 0.5, 1.0, 2.7, 9.999, 33.3, 99.9, 300.0, 1000.5, 4999.99, 20_000.0, 50_000.0],
)
def test_equals_50_digits_over_the_grid(load):
    root = sqrt(load)
    spare = [1, 2, 3, 5, *(1 + floor(x * root) for x in (0.2, 0.5, 1, 2, 3, 5, 8))]
    queues = precise(load, [floor(load) + s for s in spare])
    queues += [precise_part(load, load + x * root) for x in (0.01, 0.3, 1.1, 4)]
    agents = [float(queue.agents) for queue in queues]
    for aht_s in (60.0, 180.0, 305.5, 600.0, 1800.0):
        for threshold_s in (0.0, 1.0, 20.0, 50.0, 120.0):
            ours = metrics(load, agents, aht_s=aht_s, threshold_s=threshold_s)
            reference = np.array(
                [
                    (q.p_wait, q.asa_s(aht_s), q.service_level(aht_s, threshold_s))
                    for q in queues
                ],
                dtype=float,
            ).T
            assert relative_error(ours.p_wait, reference[0]) < 1e-12
            assert relative_error(ours.asa_s, reference[1]) < 1e-12
            assert relative_error(ours.service_level, reference[2]) < 1e-12


def test_service_level_does_not_cancel_just_below_overload():
    load = np.nextafter(1000.0, 0.0)
    (queue,) = precise(load, [1000])
    ours = metrics(load, 1000, aht_s=300.0, threshold_s=20.0).service_level
    assert ours == pytest.approx(float(queue.service_level(300.0, 20.0)), rel=1e-9)
    assert 0 < ours < 1e-12


def test_published_example():
    """CRAN ErlangC 0.1.0: 100 calls in 30 min, 180 s, 14 agents, 20 s."""
    kpi = metrics(10.0, 14, aht_s=180.0, threshold_s=20.0)
    assert round(float(kpi.p_wait), 7) == 0.1741319
    assert round(float(kpi.service_level), 5) == 0.88835
    assert round(float(kpi.asa_s), 8) == 7.83593701
    assert kpi.occupancy == 10 / 14


@given(load=loads, spare=spares, aht_s=ahts, threshold_s=thresholds)
def test_more_agents_never_wait_longer(load, spare, aht_s, threshold_s):
    agents = floor(load) + spare
    kpi = metrics(load, [agents, agents + 1], aht_s=aht_s, threshold_s=threshold_s)
    assert kpi.p_wait[1] <= kpi.p_wait[0]
    assert kpi.asa_s[1] <= kpi.asa_s[0]
    assert kpi.service_level[1] >= kpi.service_level[0] * (1 - 1e-12)
    assert kpi.occupancy[1] < kpi.occupancy[0]


@given(load=loads, spare=spares, aht_s=ahts, shrink=st.floats(0.01, 1.0))
def test_less_load_never_waits_longer(load, spare, aht_s, shrink):
    agents = floor(load) + spare
    kpi = metrics([load, load * shrink], agents, aht_s=aht_s, threshold_s=20.0)
    assert kpi.p_wait[1] <= kpi.p_wait[0] * (1 + 1e-12)
    assert kpi.asa_s[1] <= kpi.asa_s[0] * (1 + 1e-12)
    assert kpi.service_level[1] >= kpi.service_level[0] * (1 - 1e-12)


@given(load=loads, spare=spares, aht_s=ahts, threshold_s=thresholds)
def test_values_are_shares_and_seconds(load, spare, aht_s, threshold_s):
    kpi = metrics(load, floor(load) + spare, aht_s=aht_s, threshold_s=threshold_s)
    assert 0 <= kpi.p_wait <= 1
    assert 0 <= kpi.asa_s < np.inf
    assert 0 <= kpi.service_level <= 1 + 1e-15
    assert 0 < kpi.occupancy < 1


@given(load=loads, spare=spares, aht_s=ahts)
def test_without_a_threshold_only_those_who_do_not_wait_count(load, spare, aht_s):
    kpi = metrics(load, floor(load) + spare, aht_s=aht_s, threshold_s=0.0)
    assert kpi.service_level == pytest.approx(1 - kpi.p_wait, abs=1e-15)


@given(
    st.lists(
        st.tuples(st.floats(0.0, 300.0), st.integers(0, 400), ahts, thresholds),
        min_size=1,
        max_size=20,
    )
)
def test_array_equals_its_scalars_one_by_one(rows):
    load, agents, aht_s, threshold_s = np.array(rows).T
    together = metrics(load, agents, aht_s=aht_s, threshold_s=threshold_s)
    one_by_one = [metrics(a, n, aht_s=h, threshold_s=t) for a, n, h, t in rows]
    np.testing.assert_array_equal(np.array(together).T, one_by_one)


def test_every_argument_broadcasts():
    kpi = metrics([[1.0], [2.0]], [3, 4, 5], aht_s=[[[60.0]], [[90.0]]], threshold_s=20)
    assert {values.shape for values in kpi} == {(2, 2, 3)}
    assert {values.dtype for values in kpi} == {np.dtype(np.float64)}


@pytest.mark.parametrize("agents", [0, 1, 100])
def test_no_load_waits_for_nothing(agents):
    assert metrics(0.0, agents, aht_s=180.0, threshold_s=20.0) == (0.0, 0.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("load", "agents"), [(10.0, 10), (10.0, 9), (0.1, 0), (20_000.0, 1)]
)
def test_overload_is_a_value(load, agents):
    assert metrics(load, agents, aht_s=180.0, threshold_s=20.0) == OVERLOADED


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"load": np.nan},
            "load: must be a number of erlangs from 0 to 1e+09, but is nan.",
        ),
        (
            {"agents": [14, -14.5]},
            "agents: must be a number from 0 to 1e+15, but 1 of 2 values are not; "
            "first: -14.5 at index 1.",
        ),
        (
            {"aht_s": [180.0, 0.0, -5.0]},
            "aht_s: must be a finite number of seconds above 0, but 2 of 3 values "
            "are not; first: 0.0 at index 1.",
        ),
        (
            {"aht_s": np.inf},
            "aht_s: must be a finite number of seconds above 0, but is inf.",
        ),
        (
            {"threshold_s": -20.0},
            "threshold_s: must be a finite number of seconds, 0 or more, but is -20.0.",
        ),
    ],
)
def test_wrong_input_is_named(wrong, message):
    right = {"load": 10.0, "agents": 14, "aht_s": 180.0, "threshold_s": 20.0}
    with pytest.raises(ValueError) as error:  # noqa: PT011 the message is compared whole
        metrics(**(right | wrong))
    assert str(error.value) == message


@given(load=st.floats(1e-3, 300.0), spare=st.integers(1, 20))
def test_a_service_level_is_a_share_however_long_the_threshold(load, spare):
    agents = int(load) + spare
    level = metrics(load, agents, aht_s=180.0, threshold_s=1e5).service_level
    assert 0.999999 * (load < agents - 0.1) <= level <= 1.0
