from bisect import insort
from math import ceil, exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.erlang import exact_blocking

from staffing.erlang.c import metrics
from staffing.erlang.solve import agents_for
from staffing.simulate import Estimate, kpis, simulate

HOUR = {"interval_s": 3600.0, "threshold_s": 20.0}


def assert_agrees(estimate: Estimate, exact: float) -> None:
    """Within 3 standard errors, which are small enough to mean something."""
    (value,), (se,) = estimate
    assert abs(value - exact) < 3 * se
    assert se < 0.05 * exact


def one_by_one(arrivals, agents, interval_s):
    """
    Wait and fate of each (arrival, handle, patience), by looking at every moment.

    A second way to the same answer: time goes from event to event, with a list of
    who waits and a list of calls in progress.
    """
    last = len(agents) - 1
    close = (last + 1) * interval_s
    borders = [k * interval_s for k in range(1, last + 1)]
    moments = sorted({*borders, close, *(a for a, _, _ in arrivals)})
    waiting, ends, fate = [], [], {}
    todo = sorted(range(len(arrivals)), key=lambda call: arrivals[call][0])
    while moments:
        now = moments.pop(0)
        ends = [end for end in ends if end > now]
        while todo and arrivals[todo[0]][0] <= now:
            waiting.append(todo.pop(0))
        for call in list(waiting):
            arrived, handle, patience = arrivals[call]
            if arrived + patience < now:
                fate[call] = (patience, False)
                waiting.remove(call)
            elif len(ends) < agents[min(int(now // interval_s), last)]:
                fate[call] = (now - arrived, True)
                waiting.remove(call)
                ends.append(now + handle)
                if now + handle not in moments:
                    insort(moments, now + handle)
        if now >= close and agents[last] == 0:
            break
    for call in waiting:
        arrived, _, patience = arrivals[call]
        fate[call] = (min(patience, close - arrived), False)
    return fate


whole = st.integers(0, 40).map(float)
calls = st.tuples(st.integers(0, 29).map(float), st.integers(1, 40).map(float), whole)


@given(
    arrivals=st.lists(calls, min_size=1, max_size=25),
    agents=st.lists(st.integers(0, 4), min_size=3, max_size=3),
)
def test_every_call_fares_as_when_followed_one_by_one(arrivals, agents):
    """Whole seconds, so that ties abound; each call is a queue of its own."""
    arrival_s, handle_s, patience_s = (np.array(x) for x in zip(*arrivals, strict=True))
    result = simulate(
        agents,
        arrivals=(arrival_s, np.arange(len(arrivals))),
        aht_s=handle_s[None, :],
        patience_s=patience_s,
        handle_cv=0.0,
        patience_cv=0.0,
        interval_s=10.0,
        threshold_s=5.0,
        short_abandon_s=3.0,
        seed=1,
    )
    fate = one_by_one(arrivals, agents, 10.0)
    wait_s, answered = np.array([fate[i] for i in range(len(arrivals))]).T
    slot = (arrival_s // 10).astype(int)

    def table(values):
        cells = np.zeros((1, 3, len(arrivals)))
        cells[0, slot, np.arange(len(arrivals))] = values
        return cells

    np.testing.assert_array_equal(result.offered, table(1))
    np.testing.assert_array_equal(result.handled, table(answered))
    np.testing.assert_array_equal(result.abandoned, table(1 - answered))
    np.testing.assert_array_equal(
        result.answered_within, table(answered * (wait_s <= 5))
    )
    np.testing.assert_array_equal(
        result.short_abandoned, table((1 - answered) * (wait_s <= 3))
    )
    np.testing.assert_array_equal(result.handled_wait_s, table(answered * wait_s))
    np.testing.assert_array_equal(
        result.abandoned_wait_s, table((1 - answered) * wait_s)
    )
    np.testing.assert_array_equal(result.handle_s, table(answered * handle_s))
    start_s, end_s = arrival_s + wait_s, arrival_s + wait_s + handle_s
    busy_s = [
        (
            answered
            * np.clip(np.minimum(end_s, b) - np.maximum(start_s, b - 10), 0, None)
        )
        for b in (10, 20, 30)
    ]
    np.testing.assert_array_equal(result.busy_s[0], np.sum(busy_s, axis=1))


@pytest.mark.parametrize(("load", "agents"), [(0.5, 2), (10.0, 14), (100.0, 108)])
def test_equals_erlang_c(load, agents):
    result = simulate(
        [agents] * 20,
        offered=load * 20,
        aht_s=180.0,
        seed=3,
        replications=100 if load > 1 else 1000,
        warm_up=2,
        **HOUR,
    )
    exact = metrics(load, agents, aht_s=180.0, threshold_s=20.0)
    kpi = kpis(result)
    assert_agrees(kpi.service_level, exact.service_level)
    assert_agrees(kpi.asa_s, exact.asa_s)
    assert_agrees(kpi.mean_wait_s, exact.asa_s)
    assert_agrees(kpi.occupancy, exact.occupancy)
    assert_agrees(kpi.aht_s, 180.0)
    assert kpi.abandon_rate.value == 0


@pytest.mark.parametrize("handle_cv", [None, 0.0, 2.0])
def test_without_patience_equals_erlang_b_for_every_law_of_handle_times(handle_cv):
    result = simulate(
        [14] * 20,
        offered=200.0,
        aht_s=180.0,
        patience_s=0.0,
        handle_cv=handle_cv,
        seed=4,
        replications=150,
        warm_up=3,
        **HOUR,
    )
    blocked = float(exact_blocking(10, 14))
    assert_agrees(kpis(result).abandon_rate, blocked)
    assert_agrees(kpis(result, sl_rule="answer_rate").service_level, 1 - blocked)
    assert result.handled_wait_s.sum() == result.abandoned_wait_s.sum() == 0


# Erlang A in 50 digits, by summing the states of the birth-death chain: (calls per
# hour, AHT, agents, patience), then P(wait), abandoned, answered within 20 s, ASA of
# the answered, mean wait of all. The first is the example of Garnett, Mandelbaum and
# Reiman (2002): 48 calls/min, AHT 1 min, 50 agents, patience 2 min.
ERLANG_A = [
    ((2880.0, 60.0, 50, 120.0), (0.467774, 0.0309122, 0.943019, None, 3.70947)),
    ((200.0, 180.0, 14, 300.0), (0.1452601, 0.0139837, 0.9167921, 3.878480, None)),
]


@pytest.mark.parametrize(("centre", "exact"), ERLANG_A)
def test_equals_erlang_a(centre, exact):
    calls, aht_s, agents, patience_s = centre
    p_wait, abandoned, level, asa_s, mean_wait_s = exact
    day = {
        "offered": calls,
        "aht_s": aht_s,
        "patience_s": patience_s,
        "seed": 5,
        "replications": 60,
        "warm_up": 2,
        "interval_s": 3600.0,
    }
    kpi = kpis(simulate([agents] * 20, threshold_s=20.0, **day))
    assert_agrees(kpi.abandon_rate, abandoned)
    assert_agrees(kpi.service_level, level)
    assert_agrees(kpi.mean_wait_s, mean_wait_s or abandoned * patience_s)
    if asa_s:
        assert_agrees(kpi.asa_s, asa_s)
    at_once = kpis(simulate([agents] * 20, threshold_s=0.0, **day))
    assert_agrees(at_once.service_level, 1 - p_wait)


def test_constant_handle_times_halve_the_wait_of_one_agent():
    """Pollaczek-Khinchine: wait = ρ·h·(1 + CV²) / 2(1 - ρ) with ρ = 0.4, h = 100 s."""
    for handle_cv, wait_s in ((0.0, 100 / 3), (1.0, 200 / 3), (1.5, 325 / 3)):
        result = simulate(
            [1] * 100,
            offered=14.4,
            aht_s=100.0,
            handle_cv=handle_cv,
            seed=6,
            replications=200,
            warm_up=5,
            **HOUR,
        )
        assert_agrees(kpis(result).asa_s, wait_s)


MINUTES = np.arange(720) + 0.5
HUMP = 60 * (0.55 - 0.45 * np.cos(2 * np.pi * MINUTES / 720))  # [erlang]


@pytest.mark.parametrize(
    ("aht_s", "worst"), [(300.0, 0.69), (900.0, 0.47), (1800.0, 0.17)]
)
def test_interval_by_interval_staffing_fails_on_a_hump_where_calls_are_long(
    aht_s, worst
):
    """The research note's day: 6 to 60 erlangs and back in 12 hours, 80/20."""
    by_half = HUMP.reshape(24, 30).mean(axis=1)
    agents = agents_for(by_half, aht_s=aht_s, service_level=0.8, threshold_s=20.0)
    result = simulate(
        np.repeat(agents, 30),
        offered=HUMP * 60 / aht_s,
        aht_s=aht_s,
        interval_s=60.0,
        threshold_s=20.0,
        seed=7,
        replications=600,
        warm_up=ceil(5 * aht_s / 60),
    )
    halves = kpis(result, groups=np.repeat(np.arange(24), 30)[:, None])
    assert halves.service_level.value.min() == pytest.approx(worst, abs=0.03)


days = st.fixed_dictionaries(
    {
        "agents": st.lists(st.integers(0, 6), min_size=4, max_size=4),
        "offered": st.lists(st.floats(0.0, 30.0), min_size=4, max_size=4),
        "patience_s": st.sampled_from([0.0, 30.0, np.inf]),
        "patience_cv": st.sampled_from([None, 0.0, 0.7]),
        "handle_cv": st.sampled_from([None, 0.0, 1.2]),
        "seed": st.integers(0, 2**64),
    }
)


@given(day=days)
def test_every_call_is_handled_or_abandoned(day):
    result = simulate(
        **day, aht_s=200.0, interval_s=900.0, threshold_s=20.0, replications=2
    )
    np.testing.assert_array_equal(result.offered, result.handled + result.abandoned)
    assert (result.answered_within <= result.handled).all()
    assert (result.short_abandoned <= result.abandoned).all()
    assert result.busy_s.sum() <= result.handle_s.sum() * (1 + 1e-12)
    most = np.maximum.accumulate(result.agent_s)  # more were never there before
    assert (result.busy_s <= most * (1 + 1e-12)).all()


@given(day=days)
def test_the_same_seed_is_the_same_day_and_replications_do_not_know_their_number(day):
    limits = {"aht_s": 200.0, "interval_s": 900.0, "threshold_s": 20.0}
    three = simulate(**day, **limits, replications=3)
    again = simulate(**day, **limits, replications=3)
    two = simulate(**day, **limits, replications=2)
    for a, b, c in zip(three[:9], again[:9], two[:9], strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a[:2], c)


def test_the_stream_of_random_numbers_is_kept():
    """Sums as they were when handle times were drawn while calls were served."""
    result = simulate(
        [3, 1, 6],
        offered=[[30.0, 20.0]] * 3,
        aht_s=[[200.0, 250.0]] * 3,
        interval_s=900.0,
        threshold_s=20.0,
        seed=5,
        replications=4,
        patience_s=[100.0, 300.0],
        handle_cv=1.2,
    )
    sums = [field.sum() for field in result]
    assert sums[:5] == [559, 188, 371, 31, 75]
    waits_and_work_s = [24423.83580786345, 37199.10350501589, 46628.88257476694]
    assert sums[5:8] == pytest.approx(waits_and_work_s, rel=1e-9)
    assert sums[8:] == pytest.approx([36831.61127367215, 9000.0], rel=1e-9)


def test_a_table_for_each_replication_is_as_simulating_each_by_itself():
    offered = np.array([[[20.0], [5.0]], [[0.0], [40.0]], [[7.0], [7.0]]])
    aht_s = np.array([[[200.0], [300.0]], [[100.0], [100.0]], [[150.0], [50.0]]])
    day = {"patience_s": [100.0, 300.0], "seed": (4, 2), "warm_up": 1, **HOUR}
    three = simulate([2, 3], offered=offered, aht_s=aht_s, **day)
    some = simulate(
        [2, 3], offered=offered[1:], aht_s=aht_s[1:], replications=[1, 2], **day
    )
    shared = simulate([2, 3], offered=offered, aht_s=[90.0, 80.0], **day)
    assert three.offered.shape == (3, 2, 2)
    for i in range(3):
        one = {"replications": [i], **day}
        alone = simulate([2, 3], offered=offered[i], aht_s=aht_s[i], **one)
        again = simulate([2, 3], offered=offered[i], aht_s=[90.0, 80.0], **one)
        for field in range(9):
            np.testing.assert_array_equal(three[field][i], alone[field][0])
            np.testing.assert_array_equal(shared[field][i], again[field][0])
            if i:
                np.testing.assert_array_equal(some[field][i - 1], alone[field][0])


def test_replications_and_seeds_differ():
    def offered(seed):
        return simulate(
            [5], offered=1e4, aht_s=1.0, seed=seed, replications=3, **HOUR
        ).offered.ravel()

    assert len({*offered(1), *offered(2)}) == 6


@given(day=days)
def test_two_staffings_meet_the_same_calls(day):
    limits = {"aht_s": 200.0, "interval_s": 900.0, "threshold_s": 20.0}
    rest = {key: day[key] for key in day if key != "agents"} | limits
    few, many = simulate(day["agents"], **rest), simulate([200] * 4, **rest)
    np.testing.assert_array_equal(few.offered, many.offered)
    served = (few.handled == few.offered)[0]  # the same calls, in other order
    np.testing.assert_allclose(few.handle_s[0][served], many.handle_s[0][served])


def test_busy_time_never_exceeds_agent_time_where_nobody_leaves():
    result = simulate(
        [2, 2, 3, 3],
        offered=100.0,
        aht_s=200.0,
        patience_s=300.0,
        seed=8,
        replications=50,
        **HOUR,
    )
    assert (result.busy_s <= result.agent_s * (1 + 1e-12)).all()
    assert kpis(result).occupancy.value > 0.95


def test_who_leaves_finishes_the_call_and_takes_no_other():
    """Two calls of 100 s at 0 s; one of two agents leaves at 60 s; 2 calls follow."""
    result = simulate(
        [2, 1, 1],
        arrivals=([0.0, 0.0, 70.0, 71.0], [0, 0, 0, 0]),
        aht_s=100.0,
        handle_cv=0.0,
        interval_s=60.0,
        threshold_s=20.0,
        seed=1,
    )
    assert result.busy_s.tolist() == [[120.0, 100.0, 60.0]]
    # Both agents are free at 100 s, but only one is still on duty.
    assert result.handled_wait_s[0, :, 0].tolist() == [0.0, 30.0 + 129.0, 0.0]
    by_interval = kpis(result, groups=np.arange(3)[:, None]).occupancy
    assert by_interval.value.tolist() == [1.0, 100 / 60, 1.0]


def test_equal_arrivals_are_served_in_the_order_given():
    day = {"aht_s": 10.0, "handle_cv": 0.0, "seed": 1, **HOUR}
    tables = {"patience_s": [np.inf] * 3}
    for order in ([0, 1, 2], [2, 0, 1]):
        result = simulate([1], arrivals=([5.0] * 3, order), **tables, **day)
        assert result.handled_wait_s[0, 0, order].tolist() == [0.0, 10.0, 20.0]


def test_nobody_waits_beyond_a_constant_patience():
    result = simulate(
        [3] * 10,
        offered=100.0,
        aht_s=180.0,
        patience_s=45.0,
        patience_cv=0.0,
        seed=9,
        replications=20,
        **(HOUR | {"threshold_s": 45.0}),
    )
    np.testing.assert_array_equal(result.answered_within, result.handled)
    np.testing.assert_array_equal(result.short_abandoned, result.abandoned)
    np.testing.assert_allclose(result.abandoned_wait_s, 45 * result.abandoned)
    assert result.abandoned.sum() > 1000


@pytest.mark.parametrize("patience_cv", [None, 0.0, 0.5, 2.0])
def test_mean_patience_is_what_was_asked_for(patience_cv):
    """Nobody answers, and the last interval is long: all waits end by hanging up."""
    result = simulate(
        [0, 0],
        offered=[[500.0], [0.0]],
        aht_s=1.0,
        patience_s=50.0,
        patience_cv=patience_cv,
        interval_s=36_000.0,
        threshold_s=20.0,
        seed=10,
        replications=100,
    )
    (value,), (se,) = kpis(result).mean_wait_s
    assert abs(value - 50) <= 3 * se + 1e-9
    if patience_cv is None:
        short = result.short_abandoned.sum() / result.offered.sum()
        assert short == pytest.approx(1 - exp(-20 / 50), abs=0.01)


def test_queues_of_one_pool_wait_alike_and_their_order_does_not_matter():
    offered = np.array([[60.0, 20.0, 110.0]] * 20)
    aht_s = np.array([[100.0, 400.0, 150.0]] * 20)
    patience_s = np.array([100.0, 300.0, 1e9])

    def run(order, seed):
        result = simulate(
            [10] * 20,
            offered=offered[:, order],
            aht_s=aht_s[:, order],
            patience_s=patience_s[order],
            seed=seed,
            replications=200,
            **HOUR,
        )
        return kpis(result, groups=np.arange(3))

    order = np.array([2, 0, 1])
    for a, b in zip(run(slice(None), 11), run(order, 12), strict=True):
        difference = a.value[order] - b.value
        assert (np.abs(difference) <= 3.5 * np.hypot(a.se[order], b.se)).all()
    kpi = run(slice(None), 13)
    np.testing.assert_allclose(kpi.aht_s.value, [100.0, 400.0, 150.0], rtol=0.02)
    assert kpi.abandon_rate.value[0] > kpi.abandon_rate.value[1] > 0
    assert len(set(kpi.occupancy.value)) == 1  # of the pool


def test_arrivals_are_poisson_and_uniform_within_their_interval():
    """A call's wait for the closing of an empty centre tells when it came."""
    result = simulate(
        [0],
        offered=[[30.0, 10.0]],
        aht_s=1.0,
        seed=14,
        replications=10_000,
        **HOUR,
    )
    counts = result.offered[:, 0]
    np.testing.assert_allclose(counts.mean(axis=0), [30, 10], rtol=0.01)
    np.testing.assert_allclose(counts.var(axis=0), [30, 10], rtol=0.06)
    assert abs(np.corrcoef(counts.T)[0, 1]) < 0.03
    kpi = kpis(result, groups=[0, 1])
    assert (np.abs(kpi.mean_wait_s.value - 1800) < 3 * kpi.mean_wait_s.se).all()
    # Sum of a Poisson number of uniform waits: variance = mean · E[U²].
    ours = result.abandoned_wait_s[:, 0].var(axis=0)
    np.testing.assert_allclose(ours, np.array([30, 10]) * 3600**2 / 3, rtol=0.06)


def test_no_calls_give_no_kpis_and_no_busy_time():
    result = simulate([3, 0], offered=0.0, aht_s=60.0, seed=1, **HOUR)
    kpi = kpis(result)
    assert all(np.isnan(kpi[i].value) for i in (0, 1, 2, 3, 5))
    assert kpi.occupancy.value == 0
    assert np.isnan(kpis(simulate([0], offered=0, aht_s=1, seed=1, **HOUR))[4].value)
    nobody = simulate([3], arrivals=([], []), aht_s=60.0, seed=1, **HOUR)
    assert nobody.offered.tolist() == [[[0.0]]]
    assert all(np.isnan(estimate.se) for estimate in kpis(nobody))  # one replication


def test_without_agents_all_wait_until_they_hang_up_or_the_interval_ends():
    calls = ([0.0, 3000.0, 3500.0], [0, 1, 0])
    result = simulate(
        [0],
        arrivals=calls,
        aht_s=60.0,
        patience_s=[np.inf, 500.0],
        patience_cv=0.0,
        seed=1,
        **HOUR,
    )
    assert result.abandoned[0, 0].tolist() == [2.0, 1.0]
    assert result.abandoned_wait_s[0, 0].tolist() == [3600.0 + 100.0, 500.0]


def test_after_closing_the_last_agents_serve_who_still_waits():
    result = simulate(
        [1],
        arrivals=(np.full(5, 3599.0), 0),
        aht_s=1000.0,
        handle_cv=0.0,
        seed=1,
        **HOUR,
    )
    assert result.handled.sum() == 5
    assert result.handled_wait_s.sum() == 1000 + 2000 + 3000 + 4000
    assert result.busy_s.sum() == 1.0


def test_warm_up_starts_in_the_steady_state():
    day = {"offered": 200.0, "aht_s": 900.0, "seed": 15, "replications": 400, **HOUR}
    cold = kpis(simulate([60], **day)).service_level
    warm = kpis(simulate([60], warm_up=5, **day)).service_level
    exact = metrics(50.0, 60, aht_s=900.0, threshold_s=20.0).service_level
    assert cold.value > exact + 5 * cold.se
    assert abs(warm.value - exact) < 3 * warm.se
    assert simulate([60], warm_up=5, **day).offered.shape == (400, 1, 1)


def test_service_level_by_every_rule():
    """One agent, handle 100 s: waits 0; 50 answered; 30 and 10 hung up; 90 answered."""
    result = simulate(
        [1],
        arrivals=([0.0, 50.0, 60.0, 110.0, 110.0], np.arange(5)),
        aht_s=[[100.0, 100.0, 1.0, 1.0, 10.0]],
        patience_s=[1e3, 1e3, 30.0, 10.0, 1e3],
        handle_cv=0.0,
        patience_cv=0.0,
        interval_s=3600.0,
        threshold_s=50.0,
        short_abandon_s=10.0,
        seed=1,
    )

    def level(rule):
        return kpis(result, sl_rule=rule).service_level.value.tolist()

    assert level("offered") == [2 / 5]
    assert level("handled") == [2 / 3]
    assert level("less_short_abandons") == [2 / 4]
    assert level("answer_rate") == [3 / 5]
    kpi = kpis(result)
    assert kpi.asa_s.value == pytest.approx((0 + 50 + 90) / 3)
    assert kpi.mean_wait_s.value == pytest.approx((0 + 50 + 90 + 30 + 10) / 5)
    assert kpi.aht_s.value == pytest.approx(70)
    assert kpi.occupancy.value == pytest.approx(210 / 3600)
    with pytest.raises(ValueError, match=r"^sl_rule: must be one of .*'virtual'"):
        kpis(result, sl_rule="virtual")


def test_groups_are_ratios_of_sums_and_below_0_is_left_out():
    result = simulate(
        [4, 5, 6],
        offered=[[20.0, 5.0], [30.0, 6.0], [40.0, 7.0]],
        aht_s=300.0,
        patience_s=200.0,
        seed=16,
        replications=30,
        **HOUR,
    )
    labels = np.array([[-1, 9], [4, 9], [4, -1]])
    kpi = kpis(result, groups=labels)
    for i, name in enumerate((4, 9)):
        cells = labels == name
        rows = cells.any(axis=1)
        lost, all_ = (
            x[:, cells].sum(axis=1) for x in (result.abandoned, result.offered)
        )
        ratio = lost.sum() / all_.sum()
        se = np.std(lost - ratio * all_, ddof=1) / np.sqrt(30) / all_.mean()
        assert kpi.abandon_rate.value[i] == pytest.approx(ratio)
        assert kpi.abandon_rate.se[i] == pytest.approx(se)
        busy = result.busy_s[:, rows].mean(axis=0).sum() / result.agent_s[rows].sum()
        assert kpi.occupancy.value[i] == pytest.approx(busy)


def test_standard_errors_are_honest():
    """Of 100 experiments about 95 % cover the truth, here of Erlang C."""
    exact = metrics(10.0, 13, aht_s=180.0, threshold_s=20.0)
    covered = 0
    for seed in range(100):
        result = simulate(
            [13] * 4,
            offered=200.0,
            aht_s=180.0,
            seed=seed,
            replications=40,
            warm_up=2,
            **HOUR,
        )
        (value,), (se,) = kpis(result).service_level
        covered += abs(value - exact.service_level) <= 1.96 * se
    assert 88 <= covered <= 100


WRONG = [
    ({"offered": None}, "offered or arrivals: give one; warm_up goes with offered."),
    ({"replications": 0}, "replications must be 1 or more, and warm_up 0 or more."),
    ({"replications": [-1]}, "replications must be 1 or more, and warm_up 0 or more."),
    (
        {"replications": 3, "offered": np.ones((2, 2, 1))},
        "replications: must be 2, one for each table of offered or aht_s, but are 3.",
    ),
    ({"agents": [1, 2.5]}, "agents: must be a whole number from 0 to 1e+15"),
    ({"aht_s": 0.0}, "aht_s: must be a finite number of seconds above 0"),
    ({"offered": [1.0, -2.0]}, "offered: must be a finite number of contacts, 0 or"),
    ({"patience_s": np.nan}, "patience_s: must be a number of seconds, 0 or more"),
    ({"interval_s": 0.0}, "interval_s: must be a finite number of seconds above 0"),
    ({"handle_cv": -1.0}, "handle_cv: must be None (exponential) or a finite number"),
    (
        {"offered": None, "arrivals": ([7200.0], [0])},
        "arrival_s: must be a time before closing at 7200 s, 0 or later",
    ),
    (
        {"offered": None, "arrivals": ([1.0], [1])},
        "queue: must be the number of a queue, 0 to 0, but 1 of 1 values are not",
    ),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_wrong_inputs_are_errors_that_say_so(change, message):
    day = {"agents": [1, 2], "offered": 3.0, "aht_s": 60.0, "seed": 1, **HOUR}
    with pytest.raises(ValueError) as error:  # noqa: PT011 # the message is compared
        simulate(**(day | change))
    assert str(error.value).startswith(message)
