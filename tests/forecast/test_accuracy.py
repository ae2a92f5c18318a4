import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.accuracy import bias, noise_floor, wape

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
