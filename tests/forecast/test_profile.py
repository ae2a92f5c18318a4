import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.intervals import OpeningHours
from forecast.profile import DayMatrix, Profile, awake_days, filled

WEEK = OpeningHours.parse({"mon-fri": "08:00-12:00", "sat": "22:00-02:00"})
SLOTS = 24
DATES = [dt.date(2026, 6, 1) + dt.timedelta(days=n) for n in range(70)]


def matrix(value) -> DayMatrix:
    """Ten weeks by the hour; value(weekday, hour) where open, NaN elsewhere."""
    weekdays = np.array([day.weekday() for day in DATES])
    offered = np.full((len(DATES), SLOTS), np.nan)
    for i, weekday in enumerate(weekdays):
        hours = {5: (22, 23), 6: (0, 1)}.get(int(weekday), range(8, 12))
        for hour in hours:
            offered[i, hour] = value(int(weekday), hour)
    return DayMatrix(DATES, weekdays, offered)


def fit(days: DayMatrix) -> Profile:
    return Profile.of(days, np.ones(len(days.dates), dtype=bool), WEEK)


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), level=st.sampled_from([0.0, 0.2, 5.0, 300.0]))
def test_a_weekday_s_shares_are_positive_and_add_up_to_one(seed, level):
    rng = np.random.default_rng(seed)
    days = matrix(lambda *_: rng.poisson(level))
    share = fit(days).share
    own = np.where(~np.isnan(days.offered), share[days.weekdays], 0.0).sum(axis=1)
    assert own == pytest.approx(1.0)
    assert (share >= 0).all()


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), missing=st.floats(0, 0.5))
def test_what_is_missing_bends_neither_shares_nor_totals(seed, missing):
    """Totals that vary, one shape: known exactly from whatever is left."""
    rng = np.random.default_rng(seed)
    whole = matrix(lambda weekday, hour: (hour + 1.0) * 10)
    whole.offered[:] *= rng.uniform(0.5, 2.0, len(DATES))[:, None]
    lost = np.where(rng.random(whole.offered.shape) < missing, np.nan, whole.offered)
    days = DayMatrix(DATES, whole.weekdays, lost)
    total, known = fit(days).totals(days)
    assert np.isnan(total[known == 0]).all()
    sure = (known > 0) & (days.weekdays < 5)  # of two hours at night too few are left
    expected = np.nansum(whole.offered, axis=1)
    np.testing.assert_allclose(total[sure], expected[sure], rtol=0.01)


def test_weekdays_that_differ_by_chance_share_one_shape():
    rng = np.random.default_rng(3)
    days = matrix(lambda weekday, hour: rng.poisson(20 * abs(hour - 7)))
    share = fit(days).share[:5, 8:12]
    count = days.offered[days.weekdays < 5][:, 8:12]
    own = np.array(
        [
            days.offered[days.weekdays == day][:, 8:12].sum(axis=0)
            / np.nansum(days.offered[days.weekdays == day])
            for day in range(5)
        ]
    )
    pooled = count.sum(axis=0) / count.sum()
    assert np.abs(share - pooled).mean() < 0.6 * np.abs(own - pooled).mean()


def test_a_weekday_with_a_shape_of_its_own_keeps_it():
    shape = {0: [7, 1, 1, 1], 1: [1, 1, 1, 7]}
    days = matrix(lambda weekday, hour: 1e4 * shape.get(weekday, [1] * 4)[hour % 4])
    share = fit(days).share
    np.testing.assert_allclose(share[0, 8:12], [0.7, 0.1, 0.1, 0.1], atol=1e-3)
    np.testing.assert_allclose(share[1, 8:12], [0.1, 0.1, 0.1, 0.7], atol=1e-3)
    np.testing.assert_allclose(share[2, 8:12], 0.25, atol=1e-3)


def test_only_the_recent_regular_days_shape_the_day():
    days = matrix(lambda weekday, hour: 5.0)
    regular = np.arange(len(DATES)) >= 35
    days.offered[~regular, 8] *= 9
    share = Profile.of(days, regular, WEEK).share
    assert share[0, 8:12] == pytest.approx(0.25)


def test_hours_never_seen_take_the_other_days_or_the_nearest_time():
    base = np.full((7, 6), np.nan)
    base[0, 2:4], base[1, 3] = [1.0, 2.0], 4.0
    whole = filled(base)
    assert whole[0].tolist() == [1.0, 1.0, 1.0, 2.0, 3.0, 3.0]
    assert whole[1].tolist() == [1.0, 1.0, 1.0, 4.0, 3.0, 3.0]
    assert (filled(np.full((7, 6), np.nan)) == 0).all()


@pytest.mark.parametrize(
    ("zeros", "learnt"),
    [
        ((0, 0), (0, 60)),
        ((20, 30), (0, 60)),  # too short to be more than a gap
        ((0, 20), (20, 60)),  # not yet open
        ((40, 60), (0, 40)),  # silent of late, perhaps not for good
        ((30, 60), (30, 60)),  # silent for good
        ((0, 60), (0, 60)),
    ],
)
def test_a_long_silence_is_not_learnt_from_unless_it_lasts(zeros, learnt):
    total = np.full(60, 10.0)
    total[slice(*zeros)] = 0.0
    used = np.zeros(60, dtype=bool)
    used[slice(*learnt)] = True
    np.testing.assert_array_equal(awake_days(total), used)


def test_a_silence_of_a_queue_with_few_calls_may_be_chance():
    total = np.zeros(60)
    total[::20] = 1.0
    assert awake_days(total).all()


def test_days_without_data_at_the_end_are_not_the_recent_ones():
    """Half a year of holes: the shape is that of the weeks before them."""
    whole = matrix(lambda weekday, hour: hour + 1.0)
    later = [DATES[-1] + dt.timedelta(days=n + 1) for n in range(180)]
    weekdays = np.array([day.weekday() for day in later])
    holes = np.full((len(later), SLOTS), np.nan)
    days = DayMatrix(
        DATES + later,
        np.append(whole.weekdays, weekdays),
        np.vstack([whole.offered, holes]),
    )
    np.testing.assert_array_equal(fit(days).share, fit(whole).share)
