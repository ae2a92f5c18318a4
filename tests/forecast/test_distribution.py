import datetime as dt
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

from forecast.distribution import (
    BLOCK_DAYS,
    MAX_ORIGINS,
    PRIOR,
    Backtest,
    Shocks,
    aht_variance,
    backtest_series,
    even_paths,
    sample_paths,
    shocks_from,
)
from forecast.models import Series
from forecast.models.sma import SeasonalMovingAverage

WIDE = Shocks(month=0.10**2, day=0.15**2, interval=0.12**2)


@dataclass
class Spy:
    """A model that forecasts 10 and writes down what it is shown and asked."""

    name: str = "spy"
    min_days: int = 28
    seen: list[Series] = field(default_factory=list)
    asked: list[pd.DatetimeIndex] = field(default_factory=list)
    effects: tuple = ()

    def fit(self, series):
        """Learn nothing."""
        self.seen.append(series)
        return self

    def predict(self, starts):
        """Ten, always."""
        self.asked.append(starts)
        return np.full(len(starts), 10.0)


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
    return Backtest(origin, starts, actual, mean)


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
    """Within 4 errors: from n draws, √(2/n) of all the variance that is in them."""
    past = simulated(calendar, shocks, level)
    found = shocks_from(past)
    of_day = shocks.day + shocks.interval / 24 + 1 / level / 24
    for learnt, true, variance, draws in (
        (found.month, shocks.month, shocks.month + of_day / 24, past.origins),
        (found.day, shocks.day, shocks.month + of_day, past.origins * 24),
        (
            found.interval,
            shocks.interval,
            shocks.day + shocks.interval + 1 / level,
            len(past.mean),
        ),
    ):
        assert learnt == pytest.approx(
            true, abs=4 * variance * (2 / draws) ** 0.5 + 3e-4
        )


def test_pure_chance_has_no_shocks(calendar):
    found = shocks_from(simulated(calendar, Shocks(0, 0, 0), 20.0))
    assert found.month < 2e-4  # the prior's share
    assert found.day < 2e-4
    assert found.interval < 1e-3


def test_few_blocks_are_held_against_the_prior(calendar):
    """One block that came out as forecast: half its own, half the prior's."""
    past = simulated(calendar, Shocks(0, 0, 0), 20.0, blocks=1)
    exact = Backtest(past.origin, past.starts, past.mean, past.mean)
    assert shocks_from(exact) == Shocks(PRIOR.month / 2, 0.0, 0.0)


@pytest.mark.parametrize("actual", [0.0, 3.0])
def test_where_nothing_was_expected_the_prior_holds(calendar, actual):
    past = simulated(calendar, Shocks(0, 0, 0), 1.0, blocks=2)
    none = np.zeros(len(past.mean))
    found = shocks_from(Backtest(past.origin, past.starts, none + actual, none))
    assert found == PRIOR


def test_a_single_interval_tells_nothing_of_days_and_intervals():
    starts = pd.DatetimeIndex(["2026-11-02 08:00"], tz="Europe/Rome")
    one = Backtest(np.array([0]), starts, np.array([5.0]), np.array([9.0]))
    found = shocks_from(one)
    assert (found.day, found.interval) == (0.0, 0.0)
    assert found.month > 0


def test_sums_go_by_code(calendar):
    starts = pd.DatetimeIndex(
        ["2026-11-02 08:00", "2026-11-02 08:30", "2026-11-03 08:00"], tz="Europe/Rome"
    )
    past = Backtest(
        np.array([1, 1, 0]), starts, np.array([1.0, 2, 4]), np.array([2.0, 3, 5])
    )
    assert past.origins == 2
    assert past.day_codes().tolist() == [0, 0, 1]
    assert [list(part) for part in past.sums(past.day_codes())] == [[3, 4], [5, 5]]


def test_the_past_is_forecast_from_blocks_that_follow_each_other(calendar, series):
    spy = Spy()
    past = series(calendar(), "2024-06-01", "2026-11-30", 7.0)
    backtest = backtest_series(spy, past)
    assert backtest.origins == len(spy.asked) == MAX_ORIGINS
    end = pd.Timestamp("2026-11-30 20:00", tz="Europe/Rome")
    block = pd.Timedelta(days=BLOCK_DAYS)
    for n, (seen, asked) in enumerate(zip(spy.seen, spy.asked, strict=True)):
        cutoff = end - (n + 1) * block
        assert seen.starts[-1] < cutoff <= asked[0]
        assert asked[-1] < cutoff + block
        assert seen.starts[0] == past.starts[0]
        assert np.array_equal(asked, past.starts[(past.starts >= cutoff)][: len(asked)])
    assert sum(map(len, spy.asked)) == len(backtest.starts)
    assert (backtest.mean == 10.0).all()
    assert (backtest.actual == 7.0).all()


@pytest.mark.parametrize(
    ("days", "blocks"),
    [(34, []), (35, [7]), (60, [28]), (63, [28, 7]), (84, [28, 28])],
)
def test_a_short_past_is_used_as_far_as_the_model_can_learn(
    calendar, series, days, blocks
):
    """28 days to learn from; a block has at least a week."""
    spy = Spy()
    first = dt.date(2026, 11, 30) - dt.timedelta(days=days - 1)
    everything = calendar({"mon-sun": "00:00-24:00"}, zone=dt.UTC)
    backtest_series(spy, series(everything, str(first), "2026-11-30", 7.0))
    assert [len(asked) // 48 for asked in spy.asked] == blocks


def test_nothing_after_a_cutoff_is_read(calendar, series):
    """Whatever comes later, the forecast of a block is the same."""
    model = SeasonalMovingAverage()

    def noise(starts):
        return np.random.default_rng(1).poisson(9.0, len(starts))

    past = series(calendar(), "2026-01-05", "2026-11-30", noise)
    whole = backtest_series(model, past)
    last = whole.starts[whole.origin == 0][0]
    changed = past.offered.copy()
    changed[past.starts >= last] = 1e6
    again = backtest_series(
        model, Series(past.queue, past.starts, changed, past.calendar)
    )
    np.testing.assert_array_equal(again.mean, whole.mean)


def test_missing_intervals_are_neither_fitted_as_zero_nor_judged(calendar, series):
    def holes(starts):
        return np.where(starts.day % 5 == 0, np.nan, 8.0)

    backtest = backtest_series(
        SeasonalMovingAverage(), series(calendar(), "2026-01-05", "2026-11-30", holes)
    )
    assert not (np.asarray(backtest.starts.day) % 5 == 0).any()
    np.testing.assert_allclose(backtest.mean, 8.0)
    np.testing.assert_allclose(backtest.actual, 8.0)


def test_a_past_that_begins_with_nothing_known_begins_later(calendar, series):
    def late(starts):
        begin = pd.Timestamp("2026-09-01", tz="Europe/Rome")
        return np.where(starts < begin, np.nan, 8.0)

    backtest = backtest_series(
        SeasonalMovingAverage(), series(calendar(), "2026-01-05", "2026-11-30", late)
    )
    assert backtest.starts[0] >= pd.Timestamp("2026-09-29", tz="Europe/Rome")
    np.testing.assert_allclose(backtest.mean, 8.0)


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
    for module in ("aht", "distribution"):
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
