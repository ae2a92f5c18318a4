import datetime as dt

import numpy as np
import pytest

from forecast.intervals import Event
from forecast.kinds import AUGUST, BRIDGE, EVE, MORROW
from forecast.models.glm import CalendarModel

NEXT = (dt.date(2026, 12, 1), dt.date(2026, 12, 30))


def weekly(starts):
    """A different count for each weekday and clock time."""
    return np.asarray((100.0 + 70 * starts.day_of_week) * (5 + starts.hour))


def predict(series, first=NEXT[0], last=NEXT[1], **options):
    starts = series.calendar.open_intervals(series.queue, first, last)
    return starts, CalendarModel(**options).fit(series).predict(starts)


def of_days(days, factor):
    return lambda starts: (
        weekly(starts) * [factor if day in days else 1.0 for day in starts.date]
    )


@pytest.mark.parametrize("last", ["2026-10-12", "2026-11-30"])
def test_a_weekly_pattern_without_noise_is_found(calendar, series, last):
    starts, mean = predict(series(calendar(), "2026-09-01", last, weekly))
    np.testing.assert_allclose(mean, weekly(starts), rtol=1e-3)


@pytest.mark.parametrize("factor", [0.3, 1.0, 1.25, 4.0])
def test_the_effect_of_an_event_is_found(calendar, series, factor):
    days = tuple(dt.date(2026, month, 9) for month in range(1, 13))
    centre = calendar(events=(Event("bills", days),))
    past = series(centre, "2026-01-02", "2026-11-30", of_days(days, factor))
    (effect,) = CalendarModel().fit(past).effects
    assert (effect.kind, effect.days) == ("bills", 10)  # 9 August is a Sunday
    assert effect.factor == pytest.approx(factor, rel=0.07)  # shrunk towards 1
    starts, mean = predict(past)
    usual = weekly(starts) * np.where(starts.day == 9, effect.factor, 1.0)
    np.testing.assert_allclose(mean, usual, rtol=0.02)


def test_days_of_two_kinds_teach_both(calendar, series):
    a = tuple(dt.date(2026, month, 10) for month in range(3, 12))
    b = (*a[::2], *(dt.date(2026, month, 20) for month in range(3, 12)))
    centre = calendar(events=(Event("a", a), Event("b", b)))

    def calls(starts):
        return of_days(a, 1.5)(starts) * [2.0 if d in b else 1.0 for d in starts.date]

    past = series(centre, "2026-01-02", "2026-11-30", calls)
    effects = {
        effect.kind: effect.factor for effect in CalendarModel().fit(past).effects
    }
    assert effects["a"] == pytest.approx(1.5, rel=0.1)
    assert effects["b"] == pytest.approx(2.0, rel=0.1)


def test_eves_and_morrows_of_holidays_are_learnt(calendar, series):
    centre = calendar(country="IT")
    after = [(1, 7), (4, 7), (4, 27), (5, 2), (6, 3), (8, 17)]
    morrows = {dt.date(2026, *day) for day in after}
    past = series(centre, "2026-01-02", "2026-11-30", of_days(morrows, 1.6))
    effects = {effect.kind: effect for effect in CalendarModel().fit(past).effects}
    assert set(effects) == {EVE, MORROW, BRIDGE, AUGUST}
    assert effects[MORROW].factor == pytest.approx(1.6, rel=0.15)
    assert effects[EVE].factor == pytest.approx(1.0, abs=0.03)
    starts, mean = predict(past)
    after = starts.date == dt.date(2026, 12, 9)
    ratio = mean[after].sum() / weekly(starts)[after].sum()
    assert ratio == pytest.approx(effects[MORROW].factor, rel=0.03)


def test_the_position_in_the_month_is_learnt(calendar, series):
    def calls(starts):
        return weekly(starts) * np.where(starts.day <= 7, 1.4, 1.0)

    starts, mean = predict(series(calendar(), "2026-01-02", "2026-11-30", calls))
    assert np.abs(mean - calls(starts)).sum() < 0.05 * calls(starts).sum()


def test_a_yearly_season_is_learnt_from_long_histories(calendar, series):
    def calls(starts):
        phase = np.asarray(starts.day_of_year) / 365.25
        return weekly(starts) * (1 + 0.3 * np.cos(2 * np.pi * phase))

    for first, error in (("2024-01-02", 0.03), ("2025-12-01", 0.3)):
        starts, mean = predict(series(calendar(), first, "2026-11-30", calls))
        wape = np.abs(mean - calls(starts)).sum() / calls(starts).sum()
        assert wape < error


@pytest.mark.parametrize(("reversion", "back"), [(0.5, 0.5), (0.05, 0.9)])
def test_the_level_returns_to_its_mean(calendar, series, reversion, back):
    def calls(starts):
        noise = np.random.default_rng(1).gamma(100.0, 0.01, 366)[starts.day_of_year - 1]
        return weekly(starts) * noise * np.where(starts < "2026-11-02", 1.0, 1.5)

    past = series(calendar(), "2026-03-02", "2026-11-30", calls)
    starts, mean = predict(past, reversion=reversion)
    ratio = mean / weekly(starts)
    week = len(ratio) // 4
    assert ratio[:week].mean() > 1.1
    assert ratio[-week:].mean() < 1.0 + back * (ratio[:week].mean() - 1.0) + 0.05


def test_one_wild_day_moves_little(calendar, series):
    past = series(calendar(), "2026-03-02", "2026-11-30", weekly)
    wild = past.starts.date == dt.date(2026, 11, 17)
    past.offered[wild] *= 8
    starts, mean = predict(past)
    assert mean.sum() == pytest.approx(weekly(starts).sum(), rel=0.05)


@pytest.mark.parametrize(
    ("silent", "expected"),
    [
        ("2026-06-01/2026-08-31", 1.0),
        ("2026-03-02/2026-07-31", 1.0),
        ("2026-09-01/2026-11-30", 0.0),
    ],
)
def test_months_of_zeros_are_a_state_not_a_level(calendar, series, silent, expected):
    first, last = silent.split("/")

    def calls(starts):
        inside = (starts >= first) & (starts < f"{last} 23:59")
        return np.where(inside, 0.0, weekly(starts))

    starts, mean = predict(series(calendar(), "2026-03-02", "2026-11-30", calls))
    np.testing.assert_allclose(mean, expected * weekly(starts), rtol=0.02)


def test_the_mean_is_not_biased_by_noise(calendar, series):
    """Days of 5 contacts on average, spread like a negative binomial."""
    rng = np.random.default_rng(0)
    ratios = []
    for _ in range(12):
        past = series(
            calendar({"mon-fri": "08:00-12:00"}),
            "2026-01-02",
            "2026-11-30",
            lambda starts: rng.poisson(0.7 * rng.gamma(4.0, 0.25, len(starts))),
        )
        ratios.append(predict(past)[1].mean() / past.offered.mean())
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("day", ["2026-10-25", "2027-03-28"])
def test_days_on_which_the_clocks_change_follow_the_clock(calendar, series, day):
    centre = calendar({"mon-sun": "00:00-24:00"})
    past = series(centre, "2026-02-01", "2026-10-24", weekly)
    starts, mean = predict(past, *[dt.date.fromisoformat(day)] * 2)
    np.testing.assert_allclose(mean, weekly(starts), rtol=1e-3)
