import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.erlang_a import precise

from staffing.erlang.a import SL_RULES, metrics
from staffing.erlang.solve import agents_for, explain_for

loads = st.floats(0.05, 400.0)
callers = st.fixed_dictionaries(
    {
        "aht_s": st.floats(60.0, 900.0),
        "patience_s": st.floats(10.0, 3600.0),
        "threshold_s": st.floats(0.0, 60.0),
        "sl_rule": st.sampled_from(SL_RULES),
    }
)
targets = st.fixed_dictionaries(
    {"service_level": st.floats(0.3, 0.99)},
    optional={
        "asa_s": st.floats(1.0, 120.0),
        "mean_wait_s": st.floats(1.0, 120.0),
        "max_occupancy": st.floats(0.3, 0.98),
        "max_abandon_rate": st.floats(0.005, 0.4),
    },
)


def missed(load, agents, who, goals):
    """Targets that these agents miss, in the order in which they bind."""
    kpis = metrics(load, agents, **who)
    busy = load * (1.0 - kpis.abandon_rate)
    tests = {
        "service_level": lambda goal: kpis.service_level < goal,
        "asa_s": lambda goal: kpis.asa_s > goal,
        "mean_wait_s": lambda goal: kpis.mean_wait_s > goal,
        "max_occupancy": lambda goal: busy > agents * goal,
        "max_abandon_rate": lambda goal: kpis.abandon_rate > goal,
    }
    return [name for name, test in tests.items() if name in goals and test(goals[name])]


@given(load=loads, who=callers, goals=targets)
def test_answer_is_enough_and_one_fewer_is_not(load, who, goals):
    why = explain_for(load, **who, **goals)
    assert why.agents == agents_for(load, **who, **goals)
    assert missed(load, why.agents, who, goals) == []
    assert missed(load, why.agents - 1, who, goals)[0] == why.binding


@given(load=loads, who=callers, goals=targets)
def test_fractional_answer_is_enough_and_rounds_up_to_the_whole(load, who, goals):
    need = agents_for(load, **who, **goals, fractional=True)
    assert need.dtype == np.float64
    assert missed(load, need, who, goals) == []
    assert missed(load, max(need - 1e-6, 0.0), who, goals) != []
    assert np.ceil(need) == agents_for(load, **who, **goals)


@pytest.mark.parametrize("load", [0.1, 2.7, 60.0, 600.0, 20_000.0])
def test_fewest_by_50_digit_arithmetic(load):
    for rule, level, patience_s, asa_s in (
        ("offered", 0.8, 180.0, 120.0),
        ("handled", 0.9, 60.0, 120.0),
        ("less_short_abandons", 0.95, 10.0, 120.0),
        ("answer_rate", 0.95, 600.0, 5.0),
        ("answer_rate", 0.85371, 180.0, 50.0),
    ):
        who = {"aht_s": 300.0, "patience_s": patience_s, "threshold_s": 20.0}
        goals = {"service_level": level, "asa_s": asa_s, "sl_rule": rule}
        need = agents_for(load, **who, **goals)
        part = agents_for(load, **who, **goals, fractional=True)

        def is_enough(agents, who=who, rule=rule, level=level, asa_s=asa_s):
            if agents <= 0:
                return False
            exact = precise(load, agents, **who)
            whole = {
                "offered": 1,
                "handled": 1 - exact.abandon_rate,
                "less_short_abandons": 1 - exact.abandoned_within,
                "answer_rate": exact.answered_within / (1 - exact.abandon_rate),
            }[rule]
            return exact.asa_s <= asa_s and exact.answered_within >= level * whole

        assert is_enough(int(need))
        assert not is_enough(int(need) - 1)
        assert is_enough(part + 1e-8)
        assert not is_enough(part - 1e-8)


@given(
    rows=st.lists(st.tuples(loads, callers, targets), min_size=1, max_size=5),
    rule=st.sampled_from(SL_RULES),
)
def test_an_array_equals_its_scalars_one_by_one(rows, rule):
    names = ("aht_s", "patience_s", "threshold_s")
    columns = {name: np.array([who[name] for _, who, _ in rows]) for name in names}
    level = np.array([goals["service_level"] for *_, goals in rows])
    load = np.array([load for load, *_ in rows])
    together = agents_for(load, **columns, service_level=level, sl_rule=rule)
    for i in range(len(rows)):
        one = {name: values[i] for name, values in columns.items()}
        alone = agents_for(load[i], **one, service_level=level[i], sl_rule=rule)
        assert alone == together[i]


@given(load=loads, who=callers, level=st.floats(0.3, 0.99), growth=st.floats(1.01, 3.0))
def test_more_load_never_needs_fewer_agents(load, who, level, growth):
    less, more = agents_for([load, load * growth], **who, service_level=level)
    assert more >= less


def test_two_readings_of_95_percent_differ_in_agents():
    """DESIGN: 60 erlangs, AHT 300 s, patience 180 s: 69 against 61."""
    who = {"aht_s": 300.0, "asa_s": 50.0, "service_level": 0.95}
    assert agents_for(60.0, **who, threshold_s=50.0) == 69
    rate = agents_for(60.0, **who, patience_s=180.0, sl_rule="answer_rate")
    assert rate == 61


def test_no_load_needs_nobody():
    who = {"aht_s": 300.0, "patience_s": 180.0, "threshold_s": 20.0}
    for fractional in (False, True):
        need = agents_for(0.0, **who, service_level=0.95, fractional=fractional)
        assert need == 0


def test_no_agents_are_busier_than_always():
    """Rounding does not make a target of an occupancy of 1."""
    who = {"aht_s": 300.0, "patience_s": [1.0, 60.0, 3600.0]}
    assert agents_for(2000.0, **who, max_occupancy=1.0).tolist() == [1, 1, 1]


@pytest.mark.parametrize("threshold_s", [0.0, 20.0])
@pytest.mark.parametrize("patience_s", [1e-6, 1.0, 3600.0])
@pytest.mark.parametrize("load", [1e-9, 0.5, 300.0])
def test_extreme_targets_need_the_fewest_too(load, patience_s, threshold_s):
    who = {"aht_s": 300.0, "patience_s": patience_s, "threshold_s": threshold_s}
    for goals in (
        {"service_level": 1e-6},
        {"service_level": 1.0 - 1e-12},
        {"service_level": 0.5, "asa_s": 1e-9},
        {"service_level": 0.5, "max_occupancy": 1e-6},
        {"max_abandon_rate": 1e-12},
    ):
        need = agents_for(load, **who, **goals)
        assert missed(load, need, who, goals) == []
        assert need == 1 or missed(load, need - 1, who, goals) != []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"asa_s": 50.0, "patience_s": 60.0},
            "a mean wait alone means nothing where callers hang up: the fewer are "
            "answered, the shorter is the queue (60 erlangs with 60 s of patience: 24 "
            "agents keep an ASA of 50 s while 60 % hang up). Give service_level or "
            "max_abandon_rate beside it.",
        ),
        (
            {"max_abandon_rate": 0.05},
            "max_abandon_rate needs patience_s: in Erlang C nobody hangs up.",
        ),
        (
            {"service_level": 0.95, "sl_rule": "answer_rate"},
            'sl_rule = "answer_rate" needs patience_s: in Erlang C nobody hangs up.',
        ),
        (
            {"service_level": 0.95, "sl_rule": "answered", "threshold_s": 20.0},
            "sl_rule: must be one of ('offered', 'handled', 'less_short_abandons', "
            "'answer_rate'), but is 'answered'.",
        ),
    ],
)
@pytest.mark.parametrize("solve", [agents_for, explain_for])
def test_what_makes_no_sense_is_refused(solve, wrong, message):
    with pytest.raises(ValueError) as raised:  # noqa: PT011 # compared whole below
        solve(60.0, aht_s=300.0, **wrong)
    assert str(raised.value) == message


def test_24_agents_keep_an_asa_of_50_s_while_most_hang_up():
    """The trap that the refusal names, by its own numbers."""
    kpis = metrics(60.0, [23, 24], aht_s=300.0, patience_s=60.0, threshold_s=50.0)
    assert kpis.asa_s[0] > 50.0 >= kpis.asa_s[1]
    assert kpis.abandon_rate[1].round(1) == 0.6
