import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecast.distribution import (
    PRIOR,
    WIDEST,
    Shocks,
    even_paths,
    fallen,
    log_logistic,
    lognormal,
    sample_paths,
)

WIDE = Shocks(month=0.10**2, day=0.15**2, interval=0.12**2)


@pytest.fixture(scope="module")
def two_months(calendar):
    starts = calendar().open_intervals("A", dt.date(2026, 11, 1), dt.date(2026, 12, 31))
    return starts, 3.0 + np.asarray(starts.hour) * 2.0


def test_paths_are_whole_contacts_and_the_same_again(two_months):
    starts, mean = two_months
    paths = sample_paths(mean, starts, WIDE, seed=7, queue="A", paths=50)
    assert paths.shape == (50, len(starts))
    assert (paths >= 0).all()
    assert (paths % 1 == 0).all()
    again = sample_paths(mean, starts, WIDE, seed=7, queue="A", paths=50)
    np.testing.assert_array_equal(paths, again)


@pytest.mark.parametrize(
    "other", [{"seed": 8, "queue": "A"}, {"seed": 7, "queue": "B"}]
)
def test_each_seed_and_queue_has_a_stream_of_its_own(two_months, other):
    starts, mean = two_months
    paths = sample_paths(mean, starts, WIDE, seed=7, queue="A", paths=200)
    others = sample_paths(mean, starts, WIDE, paths=200, **other)
    months = [drawn.sum(axis=1) for drawn in (paths, others)]
    assert abs(np.corrcoef(*months)[0, 1]) < 4 / 200**0.5


@pytest.mark.parametrize("shocks", [WIDE, PRIOR, Shocks(0, 0, 0), Shocks(0, 0, 1e-12)])
def test_the_mean_of_the_paths_is_the_forecast(two_months, shocks):
    """Of intervals, days and months, within 4 standard errors (5 for 1300 at once)."""
    starts, mean = two_months
    paths = sample_paths(mean, starts, shocks, seed=1, queue="A", paths=2000)
    for codes, limit in (
        (np.arange(len(starts)), 5),
        (pd.factorize(starts.date)[0], 4.5),
        (pd.factorize(starts.month)[0], 4),
    ):
        sums = np.array([np.bincount(codes, path) for path in paths])
        error = sums.std(axis=0, ddof=1) / len(paths) ** 0.5
        expected = np.bincount(codes, mean)
        assert (np.abs(sums.mean(axis=0) - expected) <= limit * error).all()


def test_the_spread_of_the_paths_is_that_of_the_shocks(two_months):
    """Relative variance of intervals and months, worked out from the model."""
    starts, mean = two_months
    mean = mean * 20
    paths = sample_paths(mean, starts, WIDE, seed=2, queue="A", paths=4000)
    m, d, i = (1 + v for v in (WIDE.month, WIDE.day, WIDE.interval))
    of_interval = (m * d * i - 1) * mean**2 + mean
    ratio = paths.var(axis=0, ddof=1) / of_interval
    assert ratio.mean() == pytest.approx(1.0, abs=0.05)
    december = np.asarray(starts.month) == 12
    day = np.bincount(pd.factorize(starts[december].date)[0], mean[december])
    total = mean[december].sum()
    of_month = (
        WIDE.month * total**2
        + m * WIDE.day * (day**2).sum()
        + m * d * WIDE.interval * (mean[december] ** 2).sum()
        + total
    )
    variance = paths[:, december].sum(axis=1).var(ddof=1)
    assert variance == pytest.approx(of_month, rel=5 * (2 / 4000) ** 0.5)


def test_two_months_have_shocks_of_their_own_and_a_month_has_one(two_months):
    starts, mean = two_months
    shocks = Shocks(month=0.3**2, day=0.0, interval=0.0)
    paths = sample_paths(mean * 100, starts, shocks, seed=3, queue="A", paths=400)
    first, second = (
        paths[:, (starts.month == 11) & (starts.day <= 15)].sum(axis=1),
        paths[:, (starts.month == 11) & (starts.day > 15)].sum(axis=1),
    )
    december = paths[:, starts.month == 12].sum(axis=1)
    assert np.corrcoef(first, second)[0, 1] > 0.99
    assert abs(np.corrcoef(first, december)[0, 1]) < 4 / 400**0.5


def test_no_calls_and_no_intervals_draw_nothing(two_months):
    starts, mean = two_months
    assert (sample_paths(0 * mean, starts, WIDE, seed=1, queue="A") == 0).all()
    none = sample_paths(mean[:0], starts[:0], WIDE, seed=1, queue="A", paths=3)
    assert none.shape == (3, 0)


def test_even_paths_are_the_forecast_in_the_mean_with_the_shocks_spread(two_months):
    """Of 60 paths: a month's and a day's shock exactly, where each is alone."""
    starts, mean = two_months
    aht_s = 200.0 + mean
    none = Shocks(0.0, 0.0, 0.0)
    draw = {"seed": 7, "queue": "A", "paths": 60}
    for shocks in (replace(none, month=0.1**2), replace(none, day=0.1**2)):
        rate, seconds = even_paths(mean, aht_s, starts, shocks, **draw)
        np.testing.assert_allclose(rate.mean(axis=0), mean, rtol=1e-12)
        np.testing.assert_array_equal(seconds, np.tile(aht_s, (60, 1)))
        spread = rate.std(axis=0) / mean
        np.testing.assert_allclose(spread, 0.1, rtol=0.03)
    _, seconds = even_paths(mean, aht_s, starts, replace(none, aht=0.1**2), **draw)
    np.testing.assert_allclose(seconds.mean(axis=0), aht_s, rtol=1e-12)
    factor = seconds / aht_s
    day = pd.factorize(starts.date)[0]
    np.testing.assert_allclose(factor, factor[:, np.unique(day, True)[1]][:, day])
    np.testing.assert_allclose(factor.std(axis=0), 0.1, rtol=0.03)
    days = factor[:, np.unique(day, True)[1]]
    others = np.corrcoef(days.T)[np.triu_indices(days.shape[1], 1)]
    assert abs(others.mean()) < 4 / (60 * len(others)) ** 0.5


def test_even_paths_have_the_spread_of_the_paths(two_months):
    """Poisson apart: the relative variance of an interval."""
    starts, mean = two_months
    rate, _ = even_paths(mean, mean, starts, WIDE, seed=1, queue="A", paths=500)
    m, d, i = (1 + v for v in (WIDE.month, WIDE.day, WIDE.interval))
    ratio = rate.var(axis=0) / mean**2 / (m * d * i - 1)
    assert ratio.mean() == pytest.approx(1.0, abs=0.05)
    again, _ = even_paths(mean, mean, starts, WIDE, seed=1, queue="A", paths=500)
    np.testing.assert_array_equal(rate, again)
    for other in ({"seed": 2, "queue": "A"}, {"seed": 1, "queue": "B"}):
        drawn, _ = even_paths(mean, mean, starts, WIDE, paths=500, **other)
        totals = rate.sum(axis=1), drawn.sum(axis=1)
        assert abs(np.corrcoef(*totals)[0, 1]) < 4 / 500**0.5


@pytest.mark.parametrize("variance", [0.0, 1e-6, 0.003, 0.05, 0.2, 1.0, WIDEST])
def test_the_laws_have_mean_1_and_the_variance_that_they_say(variance):
    """By the midpoint rule over a million even parts, whose tails are cut off."""
    u = ((np.arange(1_000_000) + 0.5) / 1_000_000)[:, None]
    for values, slack in (
        (lognormal(u, variance), 0.05),
        (log_logistic(u, np.array([variance])), 0.3),
    ):
        assert values.mean() == pytest.approx(1.0, rel=0.05)
        if variance < 0.25:  # above, few values of the tail make the variance
            assert values.var() == pytest.approx(variance, rel=slack)


def test_the_log_logistic_law_by_hand():
    """Scale 1/4: mean (π/4)/sin(π/4), relative variance tan(π/4)/(π/4) − 1."""
    variance = np.array([4 / np.pi - 1])
    median, upper = log_logistic(np.array([[0.5], [0.9]]), variance)[:, 0]
    assert median == pytest.approx(np.sin(np.pi / 4) / (np.pi / 4))
    assert upper / median == pytest.approx(9**0.25)


def test_days_that_are_not_regular_stray_further(two_months):
    starts, mean = two_months
    shocks = Shocks(0.0, 0.05**2, 0.0, special=0.3**2)
    regular = np.asarray(starts.day != 9)
    paths = sample_paths(
        100 * mean, starts, shocks, seed=1, queue="A", paths=4000, regular=regular
    )
    spread = paths.std(axis=0) / paths.mean(axis=0)
    assert spread[regular].max() < 0.08
    assert spread[~regular].min() > 0.25


def test_small_intervals_stray_further_where_the_variance_falls_with_the_volume():
    volume = np.array([10.0, 40.0, 0.0])
    falling = Shocks(0.0, 0.0, 0.01, interval_volume=40.0, interval_fall=0.5)
    assert falling.of_intervals(volume) == pytest.approx([0.02, 0.01, WIDEST])
    assert fallen(0.01, volume, 0.0) == pytest.approx([0.01] * 3)
