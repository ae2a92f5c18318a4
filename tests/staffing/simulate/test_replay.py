import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from staffing.simulate import Calls, Replay, kpis, simulate
from staffing.simulate.replay import _with_means

DAYS, HALVES, QUEUES = 3, 4, 2
SHAPE = DAYS * HALVES, QUEUES
LABELS = np.repeat([5, 2, 9], HALVES)
FLAGS = [
    {"volume": volume, "shape": shape, "aht": aht}
    for volume in (False, True)
    for shape in (False, True)
    for aht in (False, True)
]

few = settings(max_examples=20)
counts = arrays(np.float64, SHAPE, elements=st.integers(0, 12))
means = arrays(np.float64, SHAPE, elements=st.floats(0, 12))
times = arrays(np.float64, SHAPE, elements=st.floats(30, 600))
agents = arrays(np.int64, SHAPE[:1], elements=st.integers(0, 6))
flags = st.sampled_from(FLAGS)


def replay(planned, realised, **changes):
    month = {
        "days": LABELS,
        "runs": LABELS,
        "interval_s": 1800.0,
        "patience_s": [200.0, 400.0],
        "threshold_s": 20.0,
        "seed": 3,
        "replications": 2,
    }
    return Replay(planned=planned, realised=realised, **(month | changes))


@few
@given(means, counts, times, agents, st.booleans())
def test_the_calls_that_came_come_again_exactly(mean, count, aht_s, duty, aht):
    month = replay(Calls(mean, aht_s), Calls(count, aht_s))
    offered = month.simulate(duty, aht=aht).offered
    np.testing.assert_array_equal(offered, np.broadcast_to(count, offered.shape))


@few
@given(means, counts, times, times, flags)
def test_scaled_handle_times_have_the_realised_mean(mean, count, plan_s, real_s, flags):
    """Nobody hangs up, so that all are handled; only the first flag may differ."""
    month = replay(Calls(mean, plan_s), Calls(count, real_s), patience_s=np.inf)
    result = month.simulate(np.full(SHAPE[0], 5), **(flags | {"aht": True}))
    np.testing.assert_array_equal(result.handled, result.offered)
    np.testing.assert_allclose(result.handle_s, real_s * result.handled, rtol=1e-9)


@few
@given(means, counts, times, agents, flags)
def test_the_same_variant_is_the_same_bits_and_agents_change_no_call(
    mean, count, aht_s, duty, flags
):
    month = replay(Calls(mean, aht_s), Calls(count, aht_s))
    once, again = (month.simulate(duty, **flags) for _ in range(2))
    for a, b in zip(once, again, strict=True):
        np.testing.assert_array_equal(a, b)
    many = month.simulate(duty + 50, **flags)
    np.testing.assert_array_equal(once.offered, many.offered)
    np.testing.assert_array_equal(many.offered, many.handled)


@few
@given(means, counts, times, agents)
def test_shape_moves_calls_within_the_queue_s_day_only(mean, count, aht_s, duty):
    month = replay(Calls(mean, aht_s), Calls(count, aht_s))
    for volume in (False, True):
        planned, came = (
            month.simulate(duty, volume=volume, shape=shape)
            .offered.reshape(2, DAYS, HALVES, QUEUES)
            .sum(axis=2)
            for shape in (False, True)
        )
        np.testing.assert_array_equal(planned, came)


def test_as_planned_is_as_simulating_the_plan():
    """Against simulate(), which draws its calls in another way."""
    hump = np.array([[20.0, 6.0], [60.0, 10.0], [50.0, 30.0], [10.0, 20.0]])
    aht_s = np.array([[300.0, 200.0]] * HALVES)
    duty = np.array([5, 12, 13, 6])
    plan = Calls(np.tile(hump, (DAYS, 1)), np.tile(aht_s, (DAYS, 1)))
    came = Calls(plan.offered * 2, plan.aht_s * 2)
    rest = {"patience_s": [200.0, 400.0], "interval_s": 1800.0, "threshold_s": 20.0}
    for handle_cv in (None, 1.0):
        ours = kpis(
            replay(plan, came, replications=100, handle_cv=handle_cv).simulate(
                np.tile(duty, DAYS), volume=False, shape=False, aht=False
            ),
            groups=np.arange(QUEUES),
        )
        theirs = kpis(
            simulate(
                duty,
                offered=hump,
                aht_s=aht_s,
                handle_cv=handle_cv,
                seed=8,
                replications=300,
                **rest,
            ),
            groups=np.arange(QUEUES),
        )
        for a, b in zip(ours, theirs, strict=True):
            # Days of a replication are independent: its se is honest.
            assert (np.abs(a.value - b.value) < 3.5 * np.hypot(a.se, b.se)).all()
        assert (theirs.service_level.se < 0.01).all()


def offered_on(days, mean, came, **flags):
    """Calls of many equal days, shape (days, halves, queues)."""
    mean, came = (np.tile(table, (days, 1)) for table in (mean, came))
    aht_s = np.full(mean.shape, 100.0)
    month = replay(
        Calls(mean, aht_s),
        Calls(came, aht_s),
        days=np.repeat(np.arange(days), HALVES),
        runs=np.zeros(len(mean)),
        replications=1,
    )
    offered = month.simulate(np.full(len(mean), 9), **flags).offered
    return offered.reshape(days, HALVES, QUEUES)


@pytest.mark.parametrize("volume", [False, True])
def test_scaled_and_rounded_counts_keep_their_means(volume):
    """Realised calls in part unknown, filled by means: not whole numbers."""
    mean = np.array([[3.3, 0.2], [6.1, 0.0], [0.4, 0.1], [2.0, 0.7]])
    came = np.array([[2.0, 0.5], [7.5, 0.0], [0.0, 0.1], [9.0, 0.2]])
    offered = offered_on(10_000, mean, came, volume=volume)
    due = came if volume else came * mean.sum(axis=0) / came.sum(axis=0)
    se = offered.std(axis=0) / 100
    assert (np.abs(offered.mean(axis=0) - due) <= 4 * se + 1e-12).all()


def test_planned_numbers_are_poisson():
    mean = np.full((HALVES, QUEUES), 3.0)
    offered = offered_on(10_000, mean, mean, volume=False, shape=False)
    np.testing.assert_allclose(offered.var(axis=0), 3.0, rtol=0.07)
    cells = offered.reshape(len(offered), -1).T
    assert abs(np.corrcoef(cells) - np.eye(len(cells))).max() < 0.05


def test_a_day_without_calls_takes_the_shape_of_the_other():
    mean, came = np.zeros(SHAPE), np.zeros(SHAPE)
    mean[0], came[HALVES + 1] = 50.0, 60.0  # the first day, the second day
    aht_s = np.full(SHAPE, 100.0)
    month = replay(Calls(mean, aht_s), Calls(came, aht_s))
    duty = np.full(SHAPE[0], 9)
    for volume, slot in ((False, 0), (True, HALVES + 1)):
        for shape in (False, True):
            offered = month.simulate(duty, volume=volume, shape=shape).offered
            assert offered[:, slot].min() > 20
            assert offered.sum() == offered[:, slot].sum()


def test_an_aht_that_is_not_known_is_the_other_s_times_what_they_differ_by():
    """The first queue took 1.5 times as long where known; of the second nothing is."""
    mean = np.full(SHAPE, 10.0)
    plan_s = np.linspace(100.0, 320.0, SHAPE[0])[:, None] * [1.0, 2.0]
    real_s = plan_s * [1.5, np.nan]
    real_s[3] = np.nan
    month = replay(
        Calls(mean, plan_s), Calls(mean, real_s), patience_s=np.inf, replications=400
    )
    result = month.simulate(np.full(SHAPE[0], 9))
    drawn_s = result.handle_s.sum(axis=0) / result.handled.sum(axis=0)
    due = plan_s * [1.5, 1.0]
    np.testing.assert_allclose(drawn_s, due, rtol=0.08)
    known = np.isfinite(real_s)
    np.testing.assert_allclose(drawn_s[known], due[known], rtol=1e-9)
    assert abs(drawn_s[~known] / due[~known] - 1).min() > 1e-6  # not made to fit
    planned = replay(Calls(mean, real_s), Calls(mean, plan_s), replications=400)
    result = planned.simulate(np.full(SHAPE[0], 9), aht=False)
    drawn_s = result.handle_s.sum(axis=0) / result.handled.sum(axis=0)
    np.testing.assert_allclose(drawn_s, plan_s * [1.5, 1.0], rtol=0.08)


@given(
    st.lists(st.floats(1.0, 3000.0), min_size=1, max_size=20),
    st.floats(10.0, 2000.0),
)
def test_the_longest_calls_change_the_most_to_fit_a_mean(handle_s, mean_s):
    """Two intervals: one has the mean, the other none, and stays as it is."""
    handle_s = np.sort(handle_s)
    cell = np.repeat([0, 1], len(handle_s))
    both = _with_means(np.tile(handle_s, 2), cell, np.array([mean_s, np.nan, 5.0]))
    fitted, left = np.split(both, 2)
    assert fitted.mean() == pytest.approx(mean_s, rel=1e-9)
    np.testing.assert_allclose(left, handle_s, rtol=1e-9)
    assert (fitted > 0).all()
    assert (np.diff(fitted) >= -1e-9 * fitted[:-1]).all()
    factors = fitted / handle_s
    rising = np.diff(factors) * (1 if mean_s > handle_s.mean() else -1)
    assert (rising >= -1e-9 * factors.max()).all()


def test_each_run_starts_empty_and_ends_by_itself():
    """Nobody is there in the first interval: its calls wait for the second, or not."""
    came = Calls(np.array([[8.0], [0.0]]), np.full((2, 1), 60.0))
    rest = {"days": np.zeros(2), "patience_s": np.inf}
    whole = replay(came, came, runs=np.zeros(2), **rest).simulate([0, 8])
    apart = replay(came, came, runs=np.arange(2), **rest).simulate([0, 8])
    assert whole.handled.sum() == apart.abandoned.sum() == 16


def test_replications_do_not_know_their_number():
    came = Calls(np.full(SHAPE, 6.0), np.full(SHAPE, 200.0))
    two, three = (
        replay(came, came, replications=n).simulate([2] * SHAPE[0]) for n in (2, 3)
    )
    for a, b in zip(two[:9], three[:9], strict=True):
        np.testing.assert_array_equal(a, b[:2])


WRONG = [
    (
        Calls(np.array([[-1.0], [2.0]]), np.ones((2, 1))),
        "offered: must be a finite number of contacts, 0 or more, but 1 of 2 values "
        "are not; first: -1.0 at index (0, 0).",
    ),
    (
        Calls(np.array([[1.0], [2.0]]), np.array([[0.0], [1.0]])),
        "aht_s: must be a finite number of seconds above 0, but 1 of 2 values are "
        "not; first: 0.0 at index 0.",
    ),
]


@pytest.mark.parametrize(("calls", "message"), WRONG)
def test_wrong_tables_are_errors_that_say_so(calls, message):
    month = replay(calls, calls, days=np.zeros(2), runs=np.zeros(2), patience_s=1.0)
    with pytest.raises(ValueError) as error:  # noqa: PT011 # the message is compared
        month.simulate([1, 1])
    assert str(error.value) == message
