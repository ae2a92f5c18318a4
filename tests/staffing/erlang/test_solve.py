from math import floor, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.erlang import precise, precise_part

from staffing.erlang.c import metrics
from staffing.erlang.solve import agents_for, explain_for

loads = st.floats(0.001, 2000.0)
ahts = st.floats(60.0, 1800.0)
TARGETS = {
    "service_level": st.floats(0.01, 0.999),
    "asa_s": st.floats(0.1, 300.0),
    "mean_wait_s": st.floats(0.1, 300.0),
    "max_occupancy": st.floats(0.3, 1.0),
}
mixes = st.fixed_dictionaries(
    {"threshold_s": st.floats(0.0, 120.0)}, optional=TARGETS
).filter(lambda mix: len(mix) > 1)


def missed(load, agents, *, aht_s, threshold_s, **targets):
    """The targets that so many agents miss, by the values of metrics()."""
    kpi = metrics(load, agents, aht_s=aht_s, threshold_s=threshold_s)
    misses = {
        "service_level": lambda target: kpi.service_level < target,
        "asa_s": lambda target: kpi.asa_s > target,
        "mean_wait_s": lambda target: kpi.asa_s > target,
        "max_occupancy": lambda target: load > agents * target,
    }
    return [
        name
        for name, is_missed in misses.items()
        if name in targets and (agents <= load or is_missed(targets[name]))
    ]


@given(load=loads, aht_s=ahts, mix=mixes)
def test_answer_is_enough_and_one_fewer_is_not(load, aht_s, mix):
    need = agents_for(load, aht_s=aht_s, **mix)
    assert missed(load, need, aht_s=aht_s, **mix) == []
    assert missed(load, need - 1, aht_s=aht_s, **mix) != []


@given(load=loads, aht_s=ahts, mix=mixes)
def test_fractional_answer_is_enough_and_rounds_up_to_the_whole(load, aht_s, mix):
    need = agents_for(load, aht_s=aht_s, **mix, fractional=True)
    assert need.dtype == np.float64
    assert missed(load, need, aht_s=aht_s, **mix) == []
    assert missed(load, max(need - 1e-6, 0.0), aht_s=aht_s, **mix) != []
    assert np.ceil(need) == agents_for(load, aht_s=aht_s, **mix)


@given(load=loads, aht_s=ahts, mix=mixes)
def test_explanation_names_the_first_target_that_one_fewer_misses(load, aht_s, mix):
    why = explain_for(load, aht_s=aht_s, **mix)
    assert why.agents == agents_for(load, aht_s=aht_s, **mix)
    assert why.binding == missed(load, why.agents - 1, aht_s=aht_s, **mix)[0]


@given(load=loads, aht_s=ahts, mix=mixes)
def test_slack_is_the_distance_from_each_given_target(load, aht_s, mix):
    why = explain_for(load, aht_s=aht_s, **mix)
    kpi = metrics(load, why.agents, aht_s=aht_s, threshold_s=mix["threshold_s"])
    wait_s = min(mix.get("asa_s", np.inf), mix.get("mean_wait_s", np.inf))
    expected = (
        kpi.service_level - mix.get("service_level", np.nan),
        wait_s - kpi.asa_s if wait_s < np.inf else np.nan,
        mix.get("max_occupancy", np.nan) - kpi.occupancy,
        mix.get("mean_wait_s", np.nan) - kpi.asa_s,
        np.nan,  # nobody abandons
    )
    np.testing.assert_allclose(why[2:], expected, rtol=0, atol=1e-15)
    assert not any(slack < 0 for slack in why[2:])


@given(load=loads, aht_s=ahts, mix=mixes, growth=st.floats(1.001, 3.0))
def test_more_load_never_needs_fewer_agents(load, aht_s, mix, growth):
    less, more = agents_for([load, load * growth], aht_s=aht_s, **mix)
    assert more >= less


@given(load=loads, aht_s=ahts, mix=mixes)
def test_all_targets_need_at_least_what_each_needs_alone(load, aht_s, mix):
    limits = {"aht_s": aht_s, "threshold_s": mix["threshold_s"]}
    alone = [agents_for(load, **limits, **{k: mix[k]}) for k in TARGETS if k in mix]
    assert agents_for(load, aht_s=aht_s, **mix) == max(alone)


@given(
    st.lists(
        st.tuples(
            st.floats(0.0, 300.0), ahts, *TARGETS.values(), st.floats(0.0, 120.0)
        ),
        min_size=1,
        max_size=20,
    )
)
def test_array_equals_its_scalars_one_by_one(rows):
    names = ["load", "aht_s", *TARGETS, "threshold_s"]
    columns = dict(zip(names, np.array(rows).T, strict=True))
    one_by_one = [dict(zip(names, row, strict=True)) for row in rows]
    np.testing.assert_array_equal(
        agents_for(**columns), [agents_for(**row) for row in one_by_one]
    )
    together = explain_for(**columns)
    for i, row in enumerate(one_by_one):
        alone = list(explain_for(**row))
        np.testing.assert_equal([values[i] for values in together], alone)


@pytest.mark.parametrize(
    ("load", "aht_s"),
    [(0.1, 60.0), (7.3, 1800.0), (99.9, 300.0), (2500.0, 600.0), (20_000.0, 180.0)],
)
def test_fewest_by_50_digit_arithmetic(load, aht_s):
    queues = precise(load, floor(load) + 1 + np.arange(20 + floor(3 * sqrt(load))))
    limits = {"aht_s": aht_s, "threshold_s": 20.0}
    quick = [q.agents for q in queues if q.asa_s(aht_s) <= 5.0]
    assert agents_for(load, **limits, asa_s=5.0) == quick[0]
    for level in (0.5, 0.8, 0.95):
        enough = [q.agents for q in queues if q.service_level(aht_s, 20.0) >= level]
        assert agents_for(load, **limits, service_level=level) == enough[0]
        both = agents_for(load, **limits, service_level=level, mean_wait_s=5.0)
        assert both == max(enough[0], quick[0])
        part = agents_for(load, **limits, service_level=level, fractional=True)
        fewer, more = (precise_part(load, part + x) for x in (-1e-8, 1e-8))
        assert fewer.service_level(aht_s, 20.0) < level
        assert more.service_level(aht_s, 20.0) >= level


def test_50_000_erlangs():
    limits = {"aht_s": 300.0, "threshold_s": 20.0}
    need = agents_for(50_000.0, service_level=0.95, **limits)
    fewer, enough = precise(50_000.0, [need - 1, need])
    assert fewer.service_level(300.0, 20.0) < 0.95 <= enough.service_level(300.0, 20.0)
    assert agents_for(50_000.0, max_occupancy=0.5, **limits) == 100_000


def test_no_load_needs_nobody():
    why = explain_for(
        [0.0, 10.0], aht_s=180.0, service_level=0.8, threshold_s=20.0, max_occupancy=0.9
    )
    np.testing.assert_array_equal(why.agents, [0, 14])
    np.testing.assert_array_equal(why.binding, ["", "service_level"])
    np.testing.assert_allclose(why.service_level_slack[0], 0.2)
    np.testing.assert_array_equal(why.occupancy_slack[0], 0.9)
    assert np.isnan(why.asa_slack_s).all()


def test_occupancy_that_is_met_exactly_is_met():
    loads_and_agents = [(2.7, 3), (8.1, 9), (0.9, 1), (1.8, 2), (9.0, 10)]
    for load, agents in loads_and_agents:
        assert agents_for(load, aht_s=180.0, max_occupancy=0.9) == agents


def test_agents_always_exceed_the_load():
    why = explain_for([3.0, 2.5], aht_s=180.0, max_occupancy=1.0)
    np.testing.assert_array_equal(why.agents, [4, 3])
    np.testing.assert_array_equal(why.binding, "max_occupancy")
    loads = np.array([0.0, 3.0, 2.5, 1e7, 1e9])
    part = agents_for(loads, aht_s=180.0, max_occupancy=1.0, fractional=True)
    np.testing.assert_array_equal(part > loads, [False, True, True, True, True])


def test_answers_are_whole_numbers_of_the_broadcast_shape():
    need = agents_for([[1.0], [9.0]], aht_s=180.0, asa_s=[5.0, 10.0, 50.0])
    assert need.shape == (2, 3)
    assert need.dtype == np.int64


SHARE = "service_level: must be a share above 0 and below 1 (write 0.95 for 95 %)"


@pytest.mark.parametrize(
    ("given_targets", "message"),
    [
        (
            {},
            "at least one target must be given: service_level (with threshold_s), "
            "asa_s, mean_wait_s, max_occupancy or max_abandon_rate.",
        ),
        (
            {"service_level": 0.95},
            "service_level needs threshold_s: the seconds within which that share "
            "is answered.",
        ),
        ({"service_level": 95, "threshold_s": 20}, f"{SHARE}, but is 95.0."),
        (
            {"service_level": [0.8, 1.0, 0.0], "threshold_s": 20},
            f"{SHARE}, but 2 of 3 values are not; first: 1.0 at index 1.",
        ),
        (
            {"service_level": 0.8, "threshold_s": np.nan},
            "threshold_s: must be a finite number of seconds, 0 or more, but is nan.",
        ),
        (
            {"asa_s": 0},
            "asa_s: must be a finite number of seconds above 0, but is 0.0.",
        ),
        (
            {"mean_wait_s": np.inf},
            "mean_wait_s: must be a finite number of seconds above 0, but is inf.",
        ),
        (
            {"max_occupancy": 90},
            "max_occupancy: must be a share from 1e-06 to 1 (write 0.9 for 90 %), "
            "but is 90.0.",
        ),
        (
            {"max_occupancy": 0},
            "max_occupancy: must be a share from 1e-06 to 1 (write 0.9 for 90 %), "
            "but is 0.0.",
        ),
        (
            {"load": [1.0, -2.0], "asa_s": 50},
            "load: must be a number of erlangs from 0 to 1e+09, but 1 of 2 values "
            "are not; first: -2.0 at index 1.",
        ),
        (
            {"aht_s": 0, "asa_s": 50},
            "aht_s: must be a finite number of seconds above 0, but is 0.0.",
        ),
    ],
)
@pytest.mark.parametrize("solve", [agents_for, explain_for])
def test_wrong_input_is_named(solve, given_targets, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011 the message is compared whole
        solve(**({"load": 10.0, "aht_s": 180.0} | given_targets))
    assert str(error.value) == message
