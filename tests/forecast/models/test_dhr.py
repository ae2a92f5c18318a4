import datetime as dt

import numpy as np
import pytest

from forecast.models.dhr import Arma, HarmonicRegression

NEXT = (dt.date(2026, 12, 1), dt.date(2026, 12, 30))


def smooth(starts):
    """A wave over the day and one over the week, which are whole numbers of turns."""
    hours = starts.hour + starts.minute / 60
    day = np.cos(2 * np.pi * (hours - 14) / 24)
    week = np.cos(2 * np.pi * (starts.day_of_week * 24 + hours) / 168)
    return (20 + 4 * day + 3 * week) ** 2


def predict(series):
    starts = series.calendar.open_intervals(series.queue, *NEXT)
    return starts, HarmonicRegression().fit(series).predict(starts)


@pytest.mark.parametrize("first", ["2026-10-20", "2026-03-02"])
def test_waves_without_noise_are_found(calendar, series, first):
    starts, mean = predict(series(calendar(), first, "2026-11-30", smooth))
    np.testing.assert_allclose(mean, smooth(starts), rtol=1e-3)


def test_the_mean_is_not_biased_by_the_root(calendar, series):
    rng = np.random.default_rng(1)
    past = series(
        calendar(), "2026-06-01", "2026-11-30", lambda s: rng.poisson(4.0, len(s))
    )
    assert predict(past)[1].mean() == pytest.approx(past.offered.mean(), rel=0.02)


def test_half_a_year_of_holes_hides_nothing_of_what_was_before(calendar, series):
    def calls(starts):
        return np.where(starts < "2026-05-15", smooth(starts), np.nan)

    starts, mean = predict(series(calendar(), "2026-01-05", "2026-11-30", calls))
    np.testing.assert_allclose(mean, smooth(starts), rtol=1e-3)


def test_months_of_zeros_are_a_state_not_a_level(calendar, series):
    def calls(starts):
        return np.where(starts < "2026-08-01", 0.0, smooth(starts))

    starts, mean = predict(series(calendar(), "2026-03-02", "2026-11-30", calls))
    np.testing.assert_allclose(mean, smooth(starts), rtol=1e-2)


def test_a_queue_that_closed_stays_silent(calendar, series):
    def calls(starts):
        return np.where(starts < "2026-10-01", smooth(starts), 0.0)

    _, mean = predict(series(calendar(), "2026-03-02", "2026-11-30", calls))
    assert (mean < 1e-9).all()


@pytest.mark.parametrize(
    "errors", [np.zeros(0), np.ones(29), np.zeros(500), np.ones(500), np.arange(500.0)]
)
def test_errors_that_are_few_constant_or_growing_fade_all_the_same(errors):
    mean, variance = Arma.fit(errors).ahead(np.array([1.0, 1e6]))
    assert np.isfinite([*mean, *variance]).all()
    assert mean[1] == pytest.approx(0.0, abs=1e-9)
    assert (variance >= 0.0).all()


@pytest.mark.parametrize(("phi", "theta"), [(0.9, -0.4), (0.6, 0.3), (0.0, 0.0)])
def test_the_errors_of_a_simulated_process_are_recovered(phi, theta):
    rng = np.random.default_rng(2)
    shock = rng.normal(0, 2, 20_000)
    errors = np.zeros_like(shock)
    for t in range(1, len(shock)):
        errors[t] = phi * errors[t - 1] + shock[t] + theta * shock[t - 1]
    arma = Arma.fit(errors)
    assert arma.variance == pytest.approx(4.0, rel=0.03)
    mean, variance = arma.ahead(np.array([1.0, 1e6]))
    assert mean[0] == pytest.approx(phi * errors[-1] + theta * shock[-1], abs=0.1)
    assert mean[1] == pytest.approx(0.0, abs=1e-9)
    assert variance[1] == pytest.approx(errors.var(), rel=0.05)
