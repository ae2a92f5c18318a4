import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom

from forecast.distribution import log_logistic
from staffing.track.levels import handle_level_given, levels_given

HOURS = np.arange(24) / 2.0
KNOWN = 8
"""Intervals that have come."""
few = settings(max_examples=20)
volumes = st.floats(1.0, 500.0)
variances = st.floats(1e-4, 0.05)


def levels(came, volume=50.0, *, level=0.01, slope=0.0, interval=0.0025):
    return levels_given(
        np.concatenate([came, np.full(24 - len(came), np.nan)]),
        np.full(24, volume),
        HOURS,
        level_variance=level,
        slope_variance=slope,
        interval_variance=np.full(24, interval),
    )


def width(found):
    """Relative sd of the last interval's factor."""
    mean = found.expected()
    return np.sqrt(found.weights @ (found.factors - mean) ** 2)[-1]


@few
@given(volume=volumes, level=variances, slope=st.sampled_from([0.0, 1e-4, 1e-3]))
def test_where_nothing_came_the_plan_stands(volume, level, slope):
    prior = levels([], volume, level=level, slope=slope)
    assert prior.expected() == pytest.approx(np.ones(24))


def test_where_nothing_came_the_band_is_that_of_the_law_of_the_shocks():
    drawn = levels([]).spread(np.random.default_rng(1), 4000)[:, 0]
    law = log_logistic(np.array([[0.1], [0.5], [0.9]]), np.array([0.01]))[:, 0]
    assert np.quantile(drawn, (0.1, 0.5, 0.9)) == pytest.approx(law, abs=0.002)


@few
@given(volume=volumes, level=variances)
def test_exactly_the_plan_leaves_its_mean_and_narrows_its_band(volume, level):
    found = levels(np.full(KNOWN, volume), volume, level=level)
    assert found.expected() == pytest.approx(np.ones(24), abs=0.02)
    assert width(found) < width(levels([], volume, level=level))


@few
@given(volume=volumes, level=variances, ratio=st.floats(0.3, 3.0))
def test_the_rest_lies_between_the_plan_and_naive_scaling(volume, level, ratio):
    found = levels(np.full(KNOWN, ratio * volume), volume, level=level).expected()[-1]
    assert min(1.0, ratio) - 0.02 <= found <= max(1.0, ratio) + 0.02


def test_the_more_has_come_the_more_it_counts():
    rest = [levels(np.full(n, 60.0)).expected()[-1] for n in (0, 4, 8, 16)]
    assert rest == sorted(rest)
    assert rest[0] == pytest.approx(1.0)
    assert rest[0] < rest[1] < rest[-1] < 1.2


def test_a_day_far_off_is_followed():
    found = levels(np.full(KNOWN, 150.0), level=0.005).expected()[-1]
    assert found == pytest.approx(3.0, rel=0.05)


def test_a_rising_day_goes_on_rising_where_days_have_slopes():
    rising = 50.0 * np.exp(0.1 * (HOURS[:KNOWN] - HOURS[:KNOWN].mean()))
    with_slope = levels(rising, slope=0.03**2).expected()
    assert with_slope[-1] > with_slope[KNOWN] + 0.02 > 1.02
    assert levels(rising).expected()[-1] == pytest.approx(1.0, abs=0.02)


def test_weights_are_bayes_rule_with_negative_binomial_counts():
    came = np.array([40.0, 55.0, 61.0])
    found, prior = levels(came), levels([])
    rate = 50.0 * prior.factors[:, :1]
    r = 1.0 / 0.0025
    likelihood = nbinom.pmf(came, r, r / (r + rate)).prod(axis=1)
    wanted = prior.weights * likelihood
    assert found.weights == pytest.approx(wanted / wanted.sum(), abs=1e-12)


def test_no_calls_planned_say_nothing():
    found = levels(np.zeros(KNOWN), 0.0)
    assert found.expected() == pytest.approx(np.ones(24))


def handle(aht_s, handled, *, level=0.01):
    aht_s, handled = (np.array([x, np.nan], dtype=float) for x in (aht_s, handled))
    planned = np.full(2, 300.0)
    return handle_level_given(aht_s, handled, planned, level_variance=level, cv=1.0)


@few
@given(
    aht_s=st.floats(30.0, 3000.0),
    handled=st.integers(1, 10_000),
    level=st.floats(0.0, 1.0),
)
def test_handle_times_lie_between_the_plan_and_their_own(aht_s, handled, level):
    factor, variance = handle(aht_s, handled, level=level)
    low, high = sorted([1.0, aht_s / 300.0])
    assert low - 1e-9 <= factor <= high + 1e-9
    assert 0.0 <= variance <= level


def test_handle_times_by_hand():
    """100 calls weigh 0.01 / (0.01 + 1/100) = 1/2."""
    assert handle(360.0, 100) == pytest.approx((1.1, 0.005))


@pytest.mark.parametrize(("aht_s", "handled"), [(np.nan, 10), (360.0, 0)])
def test_handle_times_that_are_not_known_leave_the_plan(aht_s, handled):
    assert handle(aht_s, handled) == (1.0, 0.01)
