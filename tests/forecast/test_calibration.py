import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from reference.ten import Ten, busy

from forecast.blocks import BLOCK, MONTH, months_ahead
from forecast.calibration import (
    MOST_BLOCKS,
    Ahead,
    Calibration,
    PastForecast,
    calibration_at,
)
from forecast.distribution import PRIOR
from forecast.models.median import Median
from forecast.models.sma import SeasonalMovingAverage
from forecast.rolling import calibrate, past_forecasts

SMA8 = SeasonalMovingAverage()
ROME = "Europe/Rome"


def cutoffs(*days):
    return [pd.Timestamp(day, tz=ROME) for day in days]


@pytest.fixture(scope="module")
def past(calendar, series):
    """Sales by the hour, busy unless told otherwise."""

    def past(first, last, offered=busy, **options):
        return series(calendar(interval_s=3600, **options), first, last, offered)

    return past


def made_by(model, series, days, **options):
    end = series.starts[-1].normalize() + pd.DateOffset(days=1)
    return past_forecasts(series, model, cutoffs(*days), end=end, **options)


def test_a_model_is_shown_all_before_the_cutoff_and_nothing_after(past):
    spy = Ten()
    days = "2026-03-30", "2026-04-13"
    made = made_by(spy, past("2026-01-19", "2026-06-28"), days, blocks=2)
    assert [str(one.cutoff.date()) for one in made] == ["2026-03-30", "2026-04-13"]
    assert [one.days for one in made] == [70, 84]
    last = [str(seen.starts[-1].date()) for seen in spy.seen]
    assert last == ["2026-03-28", "2026-04-11"]  # Saturdays
    assert [str(asked[0].date()) for asked in spy.asked] == ["2026-03-30", "2026-04-13"]
    assert str(spy.asked[0][-1].date()) == "2026-05-23"


def test_what_comes_after_a_cutoff_does_not_change_its_forecast(past):
    change = pd.Timestamp("2026-06-01", tz=ROME)

    def changed(starts):
        return np.where(starts >= change, 99.0, busy(starts))

    days = "2026-05-04", "2026-06-01", "2026-06-29"
    one, other = (
        made_by(SMA8, past("2026-01-05", "2026-07-26", calls), days)
        for calls in (busy, changed)
    )
    for a, b in zip(one[:2], other[:2], strict=True):
        np.testing.assert_array_equal(a.mean, b.mean)
        assert a.calibration == b.calibration
    assert not np.array_equal(one[1].actual, other[1].actual)
    assert one[2].calibration.shocks != other[2].calibration.shocks
    assert one[2].mean.sum() < other[2].mean.sum()


def test_the_months_that_follow_each_other_up_to_the_end_are_learnt_from(past):
    spy = Ten()
    whole = past("2024-06-01", "2026-11-30")
    found = calibrate(spy, whole)
    assert found.accuracy["origins"] == len(spy.asked) == MOST_BLOCKS
    end = pd.Timestamp("2026-12-01", tz=ROME)
    for n, (seen, asked) in enumerate(
        zip(spy.seen[::-1], spy.asked[::-1], strict=True)
    ):
        cutoff, until = end - (n + 1) * MONTH, end - n * MONTH
        assert seen.starts[-1] < cutoff
        inside = (whole.starts >= cutoff) & (whole.starts < until)
        assert np.array_equal(asked, whole.starts[inside])


class Named(Ten):
    """A spy that is the same whatever it has seen."""

    def __repr__(self):
        return "Named()"


def test_the_next_months_calibration_forecasts_one_month_anew(past):
    """The other months' histories and days are the same: their forecasts are kept."""
    spy = Named()
    calibrate(spy, past("2024-06-01", "2026-11-30", 7.0))
    assert len(spy.asked) == MOST_BLOCKS
    calibrate(spy, past("2024-06-01", "2026-12-31", 7.0))
    assert len(spy.asked) == MOST_BLOCKS + 1


@pytest.mark.parametrize(("days", "blocks"), [(90, 0), (91, 1), (121, 1), (122, 2)])
def test_a_short_past_has_as_many_blocks_as_follow_two_months(past, days, blocks):
    first = dt.date(2026, 11, 30) - dt.timedelta(days=days - 1)
    whole = past(str(first), "2026-11-30", 7.0)
    assert calibrate(SMA8, whole).accuracy.get("origins", 0) == blocks
    if not blocks:
        assert calibrate(SMA8, whole) == Calibration(shocks=PRIOR)


def test_blocks_that_overlap_or_have_not_closed_are_not_learnt_from(past):
    whole = past("2026-01-05", "2026-09-27")
    days = "2026-04-06", "2026-04-20", "2026-05-04", "2026-05-18", "2026-06-01"
    made = made_by(SMA8, whole, days)
    counts = [one.calibration.accuracy.get("origins", 0) for one in made]
    assert counts == [0, 0, 1, 1, 2]
    alone = calibration_at(made[4].cutoff, [made[0], made[2]], BLOCK)
    assert alone == made[4].calibration


def test_it_is_what_a_plan_made_at_the_cutoff_would_have_learnt(past):
    whole = past("2026-01-05", "2026-09-27")
    days = "2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01"
    made = made_by(SMA8, whole, days, block=MONTH)
    assert made[-1].calibration.accuracy["origins"] == 2.0
    assert made[-1].calibration == calibrate(SMA8, whole.before(made[-1].cutoff))


def blocks_of(errors, actual=100.0, days=100):
    """Past blocks of one open interval a day, each member off by its factors."""
    made = []
    for n in range(len(next(iter(errors.values())))):
        cutoff = pd.Timestamp("2024-01-01", tz=ROME) + n * BLOCK
        starts = pd.DatetimeIndex([cutoff + pd.DateOffset(days=d) for d in range(28)])
        ones = np.ones(28)
        made.append(
            PastForecast(
                "Sales",
                "median",
                cutoff,
                days,
                starts,
                np.ones(28, dtype=np.int64),
                actual * ones,
                ones > 0,
                {name: actual * off[n] * ones for name, off in errors.items()},
                Calibration(),
            )
        )
    return made


@pytest.mark.parametrize(("blocks", "dropped"), [(5, ()), (6, ("c",))])
def test_clear_losers_are_dropped_by_six_blocks(blocks, dropped):
    """1.10, 1.115 and 1.116 times: 15 % more error than 0.10 is 0.115."""
    off = {
        name: [f] * blocks for name, f in zip("abc", (1.1, 0.886, 1.116), strict=True)
    }
    made = blocks_of(off)
    found = calibration_at(made[-1].cutoff + BLOCK, made, BLOCK)
    assert found.at(1).dropped == dropped


def test_the_median_is_of_those_who_are_heard_times_the_factor():
    means = {
        name: np.array([x, 10 * x]) for name, x in zip("abc", (1, 2, 7), strict=True)
    }
    heard = Calibration((Ahead(), Ahead(("c",), 2.0)))
    assert list(heard.mean_of(means, np.array([1, 2]))) == [2.0, 30.0]
    assert list(heard.mean_of(means, np.array([3, 1]))) == [
        3.0,
        20.0,
    ]  # the last goes on


@pytest.mark.parametrize("blocks", [1, 4, 13])
def test_a_bias_is_corrected_the_more_blocks_have_it(blocks):
    """A fifth too low in n blocks, beside four without bias."""
    made = blocks_of({"a": [0.8] * blocks, "b": [0.8] * blocks})
    found = calibration_at(made[-1].cutoff + BLOCK, made, BLOCK)
    assert found.at(1).factor == pytest.approx((1.25 * blocks + 4) / (blocks + 4))


def test_a_bias_that_is_corrected_already_is_not_corrected_twice():
    made = blocks_of({"a": [0.8] * 4, "b": [0.8] * 4})
    told = [
        replace(past, calibration=Calibration((Ahead(factor=1.25),))) for past in made
    ]
    end = made[-1].cutoff + BLOCK
    once, again = (calibration_at(end, blocks, BLOCK) for blocks in (made, told))
    assert again.ahead == once.ahead
    assert again.accuracy["bias"] == pytest.approx(0.0)
    assert once.accuracy["bias"] == pytest.approx(-0.2)


def test_a_model_alone_is_taken_at_its_word(past):
    low = past("2025-06-02", "2026-09-27", lambda starts: 0 * busy(starts) + 12.0)
    found = calibrate(Ten(), low)
    assert found.at(1).factor == 1.0
    assert found.accuracy["bias"] == pytest.approx(-1 / 6)
    both = calibrate(Median((Ten(), Ten(name="ten too"))), low)
    assert both.at(1).factor > 1.1


def test_missing_intervals_are_neither_fitted_as_zero_nor_judged(past):
    def holes(starts):
        return np.where(starts.day % 5 == 0, np.nan, 8.0)

    found = calibrate(SMA8, past("2026-01-05", "2026-11-30", holes))
    assert found.accuracy["wape"] == pytest.approx(0.0)
    assert found.accuracy["bias"] == pytest.approx(0.0)


def test_a_past_that_begins_with_nothing_known_begins_later(past):
    def late(starts):
        return np.where(starts < pd.Timestamp("2026-08-01", tz=ROME), np.nan, 8.0)

    found = calibrate(SMA8, past("2026-01-05", "2026-11-30", late))
    assert found.accuracy["origins"] == 2


def test_a_queue_without_calls_has_no_accuracy_and_the_prior_s_shocks(past):
    found = calibrate(SMA8, past("2026-01-05", "2026-11-30", 0.0))
    assert (found.ahead, found.shocks) == ((Ahead(),), PRIOR)
    assert dict(found.accuracy) == {"origins": 8.0}


def test_each_month_ahead_is_calibrated_by_its_own_past(past):
    """A level that grows by 2 % a week: the mean of the past lags more and more."""

    def growing(starts):
        weeks = np.asarray((starts - starts[0]).days) // 7
        return np.round(200 * 1.02**weeks)

    found = calibrate(
        Median((SMA8, SeasonalMovingAverage(weeks=4))),
        past("2025-06-02", "2026-09-27", growing),
        3,
    )
    factors = [ahead.factor for ahead in found.ahead]
    assert len(factors) == 3
    assert 1.0 < factors[0] < factors[1] < factors[2]
    months = found.shocks.of_months(1, 4)
    assert (np.diff(months) >= 0).all()
    assert months[2] == months[3] > months[0]


def test_months_are_counted_from_the_end_of_the_history(past):
    starts = pd.DatetimeIndex(["2026-11-17", "2026-12-01", "2027-02-01"], tz=ROME)
    whole, half = past("2026-09-01", "2026-10-31"), past("2026-09-01", "2026-11-14")
    assert months_ahead(whole, starts).tolist() == [1, 2, 4]
    assert months_ahead(half, starts).tolist() == [1, 2, 4]
    assert calibrate(SMA8, whole, 9) == calibrate(SMA8, whole, 3)


def test_one_odd_block_is_no_bias():
    """Twelve blocks as forecast and a strike: a fifth of one block in thirteen."""
    made = blocks_of({"a": [1.0] * 12 + [100.0], "b": [1.0] * 12 + [100.0]})
    found = calibration_at(made[-1].cutoff + BLOCK, made, BLOCK)
    assert found.at(1).factor > 0.8
    strike = [replace(past, actual=past.actual * 0.01) for past in made[:1]]
    usual = blocks_of({"a": [1.0] * 13, "b": [1.0] * 13})[1:]
    found = calibration_at(usual[-1].cutoff + BLOCK, [*strike, *usual], BLOCK)
    assert 0.9 < found.at(1).factor < 1.0


def test_a_few_calls_a_month_are_not_biased_by_chance():
    rng = np.random.default_rng(4)
    factors = []
    for _ in range(300):
        made = blocks_of({"a": [1.0] * 13, "b": [1.0] * 13}, actual=3 / 28)
        drawn = [
            replace(past, actual=np.append(np.zeros(27), rng.poisson(3.0)))
            for past in made
        ]
        found = calibration_at(made[-1].cutoff + BLOCK, drawn, BLOCK)
        factors.append(found.at(1).factor)
    assert np.mean(factors) == pytest.approx(1.0, abs=0.02)


def test_intervals_that_the_history_lacks_are_unknown(past):
    """It ends at noon: the afternoon's calls are not the last ones known."""
    whole = past("2026-01-05", "2026-09-25")
    noon = whole.before(pd.Timestamp("2026-09-25 12:00", tz=ROME))
    (made,) = past_forecasts(
        noon, SMA8, cutoffs("2026-08-29"), end=pd.Timestamp("2026-09-26", tz=ROME)
    )
    late = made.starts >= pd.Timestamp("2026-09-25 12:00", tz=ROME)
    assert late.sum() == 8
    assert np.isnan(made.actual[late]).all()
    np.testing.assert_array_equal(made.actual[~late], noon.offered[-(~late).sum() :])


def test_a_month_that_ends_on_closed_days_is_over(past):
    """May 2026 ends on a Sunday; June is the next month all the same."""
    june = pd.DatetimeIndex(["2026-06-01"], tz=ROME)
    assert months_ahead(past("2026-03-02", "2026-05-30"), june).tolist() == [1]


def test_zones_whose_clocks_change_at_midnight_have_blocks(series, calendar):
    cairo = calendar({"mon-sun": "08:00-10:00"}, zone=ZoneInfo("Africa/Cairo"))
    found = calibrate(SMA8, series(cairo, "2026-01-01", "2026-04-23", 9.0))
    assert found.accuracy["origins"] == 1  # clocks skip midnight on 24 April
