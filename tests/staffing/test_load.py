import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.hump import HALF_HOUR_S, TARGETS, calls_by_minute, service_levels

from staffing.erlang.solve import agents_for
from staffing.load import loads_for

contacts = st.just(0.0) | st.floats(0.01, 500)
days = st.lists(contacts, min_size=1, max_size=12)
handle_times = st.floats(30, 7200)


def followed(offered, aht_s, *, seats=np.inf, patience_s=np.inf, step_s=0.1):
    """Mean calls in progress, by tiny steps of x' = λ - min(x, s)/h - (x - s)+/p."""
    calls, means = 0.0, []
    for contacts in offered:
        total = 0.0
        for _ in range(int(HALF_HOUR_S / step_s)):
            waiting = max(0.0, calls - seats)
            rate = (
                contacts / HALF_HOUR_S
                - (calls - waiting) / aht_s
                - waiting / patience_s
            )
            total += calls + rate * step_s / 2
            calls += rate * step_s
        means.append(total * step_s / HALF_HOUR_S)
    return np.array(means)


@pytest.mark.parametrize("aht_s", [60.0, 300.0, 2400.0])
def test_after_closing_the_load_is_the_mean_of_the_calls_in_progress(aht_s):
    offered = [50.0, 0.0, 20.0, 0.0, 0.0]
    found = loads_for(offered, aht_s=aht_s, interval_s=HALF_HOUR_S)
    closed = [1, 3, 4]
    expected = followed(offered, aht_s)[closed]
    np.testing.assert_allclose(found[closed], expected, rtol=4e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("seats", "patience_s"), [(20, np.inf), (20, 3600.0), (3, 1200.0), (26, np.inf)]
)
def test_what_seats_cannot_serve_is_carried_over(seats, patience_s):
    offered = [100.0, 200.0, 120.0, 0.0, 0.0, 0.0]
    found = loads_for(
        offered,
        aht_s=300.0,
        interval_s=HALF_HOUR_S,
        seats=seats,
        patience_s=None if patience_s == np.inf else patience_s,
    )
    expected = followed(offered, 300.0, seats=seats, patience_s=patience_s)
    alone = loads_for(offered, aht_s=300.0, interval_s=HALF_HOUR_S)
    over = expected > followed(offered, 300.0) + 1e-6
    assert over[1:4].all()
    np.testing.assert_allclose(found[over], expected[over], rtol=4e-3)
    np.testing.assert_array_equal(found[~over], alone[~over])


def test_callers_with_less_patience_than_handle_time_leave_no_backlog():
    offered = [100.0, 200.0, 120.0, 0.0]
    times = {"aht_s": 300.0, "interval_s": HALF_HOUR_S}
    found = loads_for(offered, seats=20, patience_s=60.0, **times)
    np.testing.assert_array_equal(found, loads_for(offered, **times))


@given(day=days, aht_s=handle_times)
def test_no_work_is_lost_and_ramps_only_add(day, aht_s):
    """Over a day and the long time after it, load · time is calls · AHT."""
    offered = [*day, *[0.0] * 400]
    times = {"aht_s": aht_s, "interval_s": HALF_HOUR_S}
    found = loads_for(offered, **times)
    work = sum(day) * aht_s / HALF_HOUR_S
    np.testing.assert_array_equal(loads_for(offered, seats=1e9, **times), found)
    assert found.sum() >= work * (1 - 1e-9)
    highest = loads_for(offered, rule="mol_max", **times)
    assert (found <= highest).all()


@given(load=st.floats(0.1, 1000), aht_s=handle_times, count=st.integers(1, 5))
def test_a_steady_queue_that_was_open_has_its_steady_load(load, aht_s, count):
    offered = np.full(count, load * HALF_HOUR_S / aht_s)
    for rule in ("mol", "mol_max", "sipp"):
        found = loads_for(
            offered, aht_s=aht_s, interval_s=HALF_HOUR_S, rule=rule, was_open=True
        )
        np.testing.assert_allclose(found, load, rtol=1e-12)


@given(day=days, aht_s=handle_times, factor=st.floats(0.1, 10))
def test_the_load_grows_as_the_calls_do(day, aht_s, factor):
    times = {"aht_s": aht_s, "interval_s": HALF_HOUR_S}
    once = loads_for(day, **times)
    more = loads_for(np.array(day) * factor, **times)
    if factor >= 1:
        assert (more >= once * (1 - 1e-12)).all()
    highest = loads_for(day, rule="mol_max", **times)
    scaled = loads_for(np.array(day) * factor, rule="mol_max", **times)
    np.testing.assert_allclose(scaled, highest * factor, rtol=1e-9, atol=1e-12)


def test_short_handle_times_need_no_carrying_over():
    offered = [50.0, 400.0, 20.0]
    found = loads_for(offered, aht_s=1.0, interval_s=HALF_HOUR_S, was_open=True)
    by_itself = loads_for(offered, aht_s=1.0, interval_s=HALF_HOUR_S, rule="sipp")
    np.testing.assert_allclose(found, by_itself, rtol=0.02)


def test_no_intervals_have_no_load():
    assert loads_for([], aht_s=[], interval_s=HALF_HOUR_S).shape == (0,)


@pytest.mark.parametrize("name", ["offered", "aht_s", "seats"])
def test_what_is_not_a_number_is_refused(name):
    values = {"offered": [1.0, 2.0], "aht_s": 60.0, "seats": 5.0} | {
        name: [1.0, np.nan]
    }
    with pytest.raises(ValueError, match=f"^{name}: must be a"):
        loads_for(interval_s=HALF_HOUR_S, **values)


@pytest.mark.parametrize("targets", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("aht_s", [300.0, 900.0, 1800.0])
def test_mol_holds_in_the_worst_half_hour_where_sipp_does_not(aht_s, targets):
    """One hump of 6 to 60 erlangs, whose rate moves by the minute."""
    by_minute = calls_by_minute(60.0, aht_s)
    offered = by_minute.reshape(-1, 30).sum(axis=1)
    times = {"aht_s": aht_s, "interval_s": HALF_HOUR_S, "was_open": True}
    plans = {
        rule: agents_for(loads_for(offered, rule=rule, **times), aht_s=aht_s, **targets)
        for rule in ("sipp", "mol", "mol_max")
    }
    worst = {
        rule: service_levels(
            agents, by_minute, aht_s, targets, warm_up=int(8 * aht_s / 60)
        ).min()
        for rule, agents in plans.items()
    }
    target = targets["service_level"]
    assert worst["mol"] > target - 0.02
    assert worst["mol"] > worst["sipp"] + 0.03
    assert worst["mol_max"] > target
    assert plans["mol"].sum() <= 1.01 * plans["sipp"].sum()


@pytest.mark.parametrize("targets", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("aht_s", [240.0, 600.0, 2400.0])
@pytest.mark.parametrize("erlangs", [6.0, 25.0, 90.0])
def test_the_first_half_hour_after_opening_holds_too(erlangs, aht_s, targets):
    """Loads and handle times that RAMP was not chosen on."""
    offered = np.full(3, erlangs * HALF_HOUR_S / aht_s)
    load = loads_for(offered, aht_s=aht_s, interval_s=HALF_HOUR_S)
    agents = agents_for(load, aht_s=aht_s, **targets)
    by_minute = np.repeat(offered / 30, 30)
    worst = service_levels(agents, by_minute, aht_s, targets, warm_up=0).min()
    assert worst > targets["service_level"] - 0.03
