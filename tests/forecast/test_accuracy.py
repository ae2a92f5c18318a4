import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.accuracy import (
    bias,
    interval_coverage,
    mase,
    noise_floor,
    pinball,
    wape,
)

ACTUAL = np.array([10.0, 0.0, 30.0])
FORECAST = np.array([12.0, 3.0, 25.0])


def test_measures_counted_by_hand():
    assert wape(ACTUAL, FORECAST) == (2 + 3 + 5) / 40
    assert bias(ACTUAL, FORECAST) == 0.0
    assert bias(ACTUAL, FORECAST + 1) == 3 / 40


def test_a_perfect_forecast_has_no_error():
    assert wape(ACTUAL, ACTUAL) == bias(ACTUAL, ACTUAL) == 0.0


@given(st.lists(st.tuples(st.integers(0, 99), st.floats(0, 99)), min_size=1))
def test_the_bias_is_never_more_than_the_error(pairs):
    actual, forecast = np.array(pairs, dtype=float).T
    if actual.sum():
        assert abs(bias(actual, forecast)) <= wape(actual, forecast) + 1e-12


@pytest.mark.parametrize("contacts", [np.zeros(3), np.array([])])
def test_without_contacts_there_is_no_relative_error(contacts):
    assert math.isnan(wape(contacts, contacts + 1))
    assert math.isnan(bias(contacts, contacts + 1))
    assert math.isnan(noise_floor(contacts))


@pytest.mark.parametrize("mean", [Fraction(1, 10), Fraction(1), Fraction(7, 2)])
def test_the_noise_floor_is_the_mean_deviation_of_poisson(mean):
    """Summed term by term: Σ |k − λ| e^(−λ) λ^k / k!, over λ."""
    term, total = Fraction(1), Fraction(0)
    for k in range(80):
        total += abs(k - mean) * term
        term = term * mean / (k + 1)
    expected = float(total) * math.exp(-mean) / float(mean)
    assert noise_floor(np.array([float(mean)])) == pytest.approx(expected, rel=1e-12)


def test_the_noise_floor_of_many_intervals_is_weighted_by_their_means():
    means = np.array([2.0, 0.0, 50.0])
    alone = [noise_floor(means[i : i + 1]) * means[i] for i in (0, 2)]
    assert noise_floor(means) == pytest.approx(sum(alone) / 52)


def test_the_noise_floor_of_large_means_is_that_of_the_normal():
    assert noise_floor(np.array([1e6])) == pytest.approx(
        math.sqrt(2 / math.pi / 1e6), rel=1e-3
    )


def test_scaled_losses_counted_by_hand():
    scale = np.array([2.0, 3.0, 10.0])
    assert mase(ACTUAL, FORECAST, scale) == pytest.approx((1 + 1 + 0.5) / 3)
    assert pinball(ACTUAL, FORECAST, 0.9) == pytest.approx((0.2 + 0.3 + 4.5) / 3)
    assert interval_coverage(ACTUAL, FORECAST - 2, FORECAST) == 1 / 3
    assert interval_coverage(ACTUAL, FORECAST - 3, FORECAST + 5) == 1.0


def test_a_naive_forecast_that_errs_as_it_did_before_has_a_mase_of_one():
    past = np.array([3.0, 8.0, 1.0, 5.0])
    scale = np.full(3, np.abs(np.diff(past)).mean())
    assert mase(past[1:], past[:-1], scale) == pytest.approx(1.0)


@given(
    st.lists(st.integers(0, 99), min_size=1),
    st.floats(0.01, 0.99),
    st.floats(-10, 110),
)
def test_no_other_value_loses_less_than_the_quantile(values, level, other):
    actual = np.array(values, dtype=float)
    best = np.full_like(actual, np.quantile(actual, level, method="inverted_cdf"))
    less = pinball(actual, np.full_like(actual, other), level)
    assert pinball(actual, best, level) <= less + 1e-9


def test_the_median_loses_half_the_absolute_error():
    error = np.abs(ACTUAL - FORECAST).mean()
    assert pinball(ACTUAL, FORECAST, 0.5) == pytest.approx(error / 2)


def test_without_values_or_scale_there_is_no_measure():
    none = np.array([])
    assert math.isnan(mase(none, none, none))
    assert math.isnan(mase(ACTUAL, FORECAST, np.array([1.0, 0.0, 1.0])))
    assert math.isnan(mase(ACTUAL, FORECAST, np.array([1.0, np.nan, 1.0])))
    assert math.isnan(pinball(none, none, 0.5))
    assert math.isnan(interval_coverage(none, none, none))
