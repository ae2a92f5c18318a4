import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecast.aht import AhtChange
from forecast.distribution import PRIOR, Shocks
from forecast.variance import Errors, aht_variance, shocks_from

WIDE = Shocks(month=0.10**2, day=0.15**2, interval=0.12**2)


def draw(rng, mean, months, days, shocks):
    """Contacts of a centre with gamma shocks: not the code under test's lognormal."""

    def factors(variance, count):
        return rng.gamma(1 / variance, variance, count) if variance else np.ones(count)

    rate = mean * factors(shocks.month, months.max() + 1)[months]
    rate = rate * factors(shocks.day, days.max() + 1)[days]
    return rng.poisson(rate * factors(shocks.interval, len(mean))).astype(float)


def simulated(calendar, shocks, level, blocks=120):
    """Past blocks of four weeks, forecast with their true mean."""
    starts = calendar().open_intervals(
        "A", dt.date(2010, 1, 4), dt.date(2010, 1, 3) + dt.timedelta(days=28 * blocks)
    )
    date = starts.tz_localize(None).to_numpy().astype("datetime64[D]").astype(int)
    day = pd.factorize(date)[0]
    origin = (date - date[0]) // 28
    mean = level * (1 + 0.5 * np.sin(np.asarray(starts.hour) / 3))
    actual = draw(np.random.default_rng(5), mean, origin, day, shocks)
    return Errors(origin, starts, actual, mean, np.ones(len(mean), dtype=bool))


@pytest.mark.parametrize("level", [5.0, 60.0])
@pytest.mark.parametrize(
    "shocks",
    [
        WIDE,
        Shocks(0.06**2, 0.10**2, 0.05**2),
        Shocks(0.0, 0.15**2, 0.0),
        Shocks(0.15**2, 0.0, 0.0),
        Shocks(0.0, 0.0, 0.3**2),
    ],
)
def test_the_variances_of_the_shocks_are_recovered(calendar, shocks, level):
    """
    A month's within 4 errors, √(2/n) of all the variance in its n draws.

    The others within a quarter, as the laws they are measured by are not those drawn.
    """
    past = simulated(calendar, shocks, level)
    found = shocks_from(past)
    of_day = shocks.day + shocks.interval / 24 + 1 / level / 24
    error = 4 * (shocks.month + of_day / 24) * (2 / past.blocks) ** 0.5
    assert found.month == pytest.approx(shocks.month, abs=error + 3e-4)
    whole = found.month + found.day
    noise = 0.3 * (1 / level + shocks.interval) / 24
    assert whole == pytest.approx(shocks.month + shocks.day, rel=0.3, abs=noise)
    assert found.interval == pytest.approx(
        shocks.interval, rel=0.25, abs=0.05 / level + 2e-4
    )


def test_pure_chance_has_no_shocks(calendar):
    found = shocks_from(simulated(calendar, Shocks(0, 0, 0), 20.0))
    assert found.month < 2e-4  # the prior's share
    assert found.day < 2e-4
    assert found.interval < 1e-3


def test_few_days_are_held_against_the_prior(calendar):
    """One block that came out as forecast: the prior weighs as much as 4 days."""
    past = simulated(calendar, Shocks(0, 0, 0), 20.0, blocks=1)
    found = shocks_from(replace(past, actual=past.mean))
    assert found.month + found.day <= (PRIOR.month + PRIOR.day) * 4 / 28 + 1e-9
    assert 0 < found.interval < PRIOR.interval / 4
    assert found.special == pytest.approx(PRIOR.special - found.month)


@pytest.mark.parametrize("actual", [0.0, 3.0])
def test_where_nothing_was_expected_the_prior_holds(calendar, actual):
    past = simulated(calendar, Shocks(0, 0, 0), 1.0, blocks=2)
    none = np.zeros(len(past.mean))
    found = shocks_from(replace(past, actual=none + actual, mean=none))
    assert found == PRIOR


def test_a_single_interval_tells_nothing_of_intervals():
    starts = pd.DatetimeIndex(["2026-11-02 08:00"], tz="Europe/Rome")
    one = Errors(
        np.array([0]), starts, np.array([5.0]), np.array([9.0]), np.array([True])
    )
    found = shocks_from(one)
    assert found.interval == 0.0
    assert found.month + found.day > 0


def test_sums_go_by_code():
    starts = pd.DatetimeIndex(
        ["2026-11-02 08:00", "2026-11-02 08:30", "2026-11-03 08:00"], tz="Europe/Rome"
    )
    past = Errors(
        np.array([1, 1, 0]),
        starts,
        np.array([1.0, 2, 4]),
        np.array([2.0, 3, 5]),
        np.ones(3, dtype=bool),
    )
    assert past.blocks == 2
    assert past.day_codes().tolist() == [0, 0, 1]
    assert [list(part) for part in past.sums(past.day_codes())] == [[3, 4], [5, 5]]


def test_a_few_days_without_parallel_do_not_widen_the_others(calendar):
    """A day in twenty with half or twice the calls: the band of the rest stays."""
    past = simulated(calendar, Shocks(0, 0.05**2, 0), 60.0)
    day = pd.factorize(past.starts.date)[0]
    odd = np.where(day % 40 == 3, 2.0, np.where(day % 40 == 23, 0.5, 1.0))
    calm, stormy = (
        shocks_from(past),
        shocks_from(replace(past, actual=np.round(past.actual * odd))),
    )
    moment = ((odd - 1) ** 2).mean()
    assert stormy.month + stormy.day < calm.month + calm.day + moment / 5


def test_days_that_are_not_regular_have_a_variance_of_their_own(calendar):
    past = simulated(calendar, Shocks(0, 0.05**2, 0), 60.0)
    day = pd.factorize(past.starts.date)[0]
    special = day % 10 == 3
    factor = np.random.default_rng(2).gamma(4, 1 / 4, day.max() + 1)[day]
    actual = np.where(special, np.round(past.actual * factor), past.actual)
    found = shocks_from(replace(past, actual=actual, regular=~special))
    assert found.special == pytest.approx(0.25, rel=0.25)
    assert found.day + found.month < 0.08**2


def test_a_variance_that_falls_with_the_volume_is_seen(calendar):
    """Within a day: relative variance 1.2 / mean, from 4 calls to 100."""
    past = simulated(calendar, Shocks(0, 0, 0), 20.0, blocks=30)
    mean = past.mean * np.where(np.asarray(past.starts.hour) < 12, 0.2, 3.0)
    rng = np.random.default_rng(1)
    actual = rng.poisson(rng.gamma(mean / 1.2, 1.2)).astype(float)
    found = shocks_from(replace(past, actual=actual, mean=mean))
    assert found.interval_fall >= 0.75
    at = found.of_intervals(np.array([4.0, 80.0]))
    assert at == pytest.approx([1.2 / 4, 1.2 / 80], rel=0.4)


def timed(calendar, *, sd, shape, contacts=20, days=2000, interval_s=1800):
    """Handle times, gamma of that shape, of days that differ by this sd."""
    centre = calendar({"mon-sun": "08:00-20:00"}, interval_s=min(interval_s, 3600))
    last = dt.date(2026, 11, 30)
    starts = centre.open_intervals("A", last - dt.timedelta(days=days - 1), last)
    if interval_s == 86400:
        starts = starts[starts.hour == 8]
    rng = np.random.default_rng(17)
    handled = rng.poisson(contacts, len(starts)) + 1.0
    day, of_day = pd.factorize(starts.date)
    mean = 300 + 30 * np.sin(np.asarray(starts.hour) / 3)
    if sd:
        mean = mean * rng.gamma(sd**-2, sd**2, len(of_day))[day]
    total = rng.gamma(shape * handled, mean / shape)
    return pd.DataFrame(
        {
            "interval_start": starts,
            "offered": handled + 1,
            "handled": handled,
            "aht_s": total / handled,
        }
    )


@pytest.fixture
def long_memory(monkeypatch):
    """2,000 days learnt from, for a small error of the estimate."""
    for module in ("aht", "variance"):
        monkeypatch.setattr(f"forecast.{module}.RECENT_DAYS", 2000)


@pytest.mark.parametrize("shape", [1.0, 4.0, 0.4])
@pytest.mark.parametrize("sd", [0.0, 0.03, 0.1])
def test_days_differ_in_handle_time_by_more_than_chance(
    calendar, long_memory, sd, shape
):
    """Whatever the calls' law: 4 errors, √(2/days) of the variance of a day's mean."""
    found = aht_variance(timed(calendar, sd=sd, shape=shape))
    assert found >= 0
    chance = 1 / shape / (24 * 20)
    assert found == pytest.approx(sd**2, abs=4 * (2 / 2000) ** 0.5 * (sd**2 + chance))


def test_days_of_one_interval_are_held_against_exponential_calls(calendar, long_memory):
    rows = timed(calendar, sd=0.1, shape=1.0, contacts=100, interval_s=86400)
    chance = 1 / 100
    error = 4 * (2 / 2000) ** 0.5 * (0.1**2 + chance)
    assert aht_variance(rows) == pytest.approx(0.1**2, abs=error)


def test_only_recent_days_tell_how_handle_times_vary(calendar):
    rows = timed(calendar, sd=0.1, shape=1.0, days=120)
    old = rows["interval_start"] < pd.Timestamp("2026-10-01", tz="Europe/Rome")
    changed = rows.assign(aht_s=rows["aht_s"].where(~old, 1000.0))
    assert aht_variance(changed) == aht_variance(rows) > 0


def test_without_two_days_of_handle_times_the_prior_holds(calendar):
    rows = timed(calendar, sd=0.1, shape=1.0, days=1)
    for few in (rows, rows.iloc[:0], rows.drop(columns="aht_s")):
        assert aht_variance(few) == PRIOR.aht


def test_a_known_change_of_handle_times_is_no_noise_of_days(calendar, long_memory):
    rows = timed(calendar, sd=0.0, shape=1.0, days=400)
    first = dt.date(2026, 6, 1)
    late = rows["interval_start"].dt.date >= first
    changed = rows.assign(aht_s=rows["aht_s"] * np.where(late, 1.3, 1.0))
    assert aht_variance(changed) > 0.005
    assert aht_variance(changed, [AhtChange(first, 1.3)]) < 0.0005
