"""Short and odd histories: each works, or says precisely what is missing."""

import datetime as dt
import re

import numpy as np
import pandas as pd
import pytest

from forecast.errors import TableError
from forecast.history import complete_history
from forecast.intervals import Event
from forecast.like import with_like
from forecast.models import DEFAULT, MODELS, Series
from forecast.remarks import latest_findings
from forecast.run import Wanted, forecast_queue

DECEMBER = (dt.date(2026, 12, 1), dt.date(2026, 12, 31))
USUAL = 10.0
ROME = "Europe/Rome"
both = pytest.mark.parametrize("model", dict.fromkeys([DEFAULT, "median"]))


@pytest.fixture(scope="module")
def history(calendar):
    def history(first, mean=None, queue="A"):
        centre = calendar()
        starts = centre.open_intervals(
            queue, dt.date.fromisoformat(first), dt.date(2026, 11, 30)
        )
        rate = np.full(len(starts), USUAL) if mean is None else mean(starts)
        offered = np.random.default_rng(4).poisson(rate).astype(float)
        rows = pd.DataFrame(
            {"queue": queue, "interval_start": starts, "offered": offered}
        ).astype({"queue": "str"})
        return complete_history(rows, centre, absent_rows="missing", where="h.csv")

    return history


def since(date, after, before=USUAL):
    return lambda s: np.where(s >= pd.Timestamp(date, tz=ROME), after, before)


def december_of(history, model, queue="A", **options):
    wanted = Wanted(MODELS[model], *DECEMBER, seed=7, default_aht_s=240.0, **options)
    return forecast_queue(history, queue, wanted)


def mean_of(result):
    return result.intervals["offered"].mean()


def said(result):
    return [str(warning) for warning in result.warnings]


@both
def test_six_weeks_are_enough(history, model):
    result = december_of(history("2026-10-20"), model)
    assert mean_of(result) == pytest.approx(USUAL, rel=0.05)


@both
def test_five_days_are_not_and_the_error_says_what_is(history, model):
    needed = MODELS[model].min_days
    with pytest.raises(TableError) as caught:
        december_of(history("2026-11-26"), model)
    assert str(caught.value) == (
        f"history: A needs at least {needed} days of history before the month to plan, "
        "but has 5 (2026-11-26 to 2026-11-30). Add earlier rows."
    )


@both
def test_a_queue_that_closed_has_next_to_no_calls_and_a_word(history, model):
    result = december_of(history("2026-08-01", since("2026-09-28", 0.0)), model)
    assert mean_of(result) < 0.02 * USUAL
    assert (
        "forecast of A: no contact came after 2026-09-26, though the history goes on "
        "to 2026-11-30, so that few or none are expected. If it closed, leave it out "
        "with [rows] exclude; if it is to open again, give its [volumes], or cut those "
        "rows off."
    ) in said(result)


@both
def test_months_of_zeros_within_the_history_do_not_pull_the_forecast_down(
    history, model
):
    def asleep(starts):
        away = (starts.month >= 8) & (starts.month <= 9)
        return np.where(away, 0.0, USUAL)

    result = december_of(history("2026-06-15", asleep), model)
    assert mean_of(result) == pytest.approx(USUAL, rel=0.15)
    assert not any("no contact came" in text for text in said(result))


@both
def test_a_level_shift_is_told_and_followed_most_of_the_way(history, model):
    past = history("2026-07-01", since("2026-11-02", 1.5 * USUAL))
    result = december_of(past, model)
    assert mean_of(result) > 1.15 * USUAL
    (told,) = [text for text in said(result) if "usual weeks brought" in text]
    percent = int(re.search(r"brought (\d+)% more", told)[1])
    assert percent == pytest.approx(47, abs=4)  # a day of it was in the weeks before
    assert told.replace(f"{percent}%", "47%") == (
        "forecast of A: its last 4 usual weeks brought 47% more than the 4 before, far "
        "more than its weeks usually differ: models take some weeks to follow. If the "
        "level is to stay, hold the month against it, or give [volumes]."
    )


@pytest.mark.parametrize("level", [1.05, 1.0])
def test_a_small_change_or_none_is_not_told(history, calendar, level):
    past = history("2026-01-01", since("2026-11-02", level * USUAL))
    assert latest_findings(Series.of(past, "A")) == []


def test_a_new_queue_like_another_is_forecast_as_its_share(history):
    past = with_like(history("2026-08-01"), {"New": ("A", 0.4)})
    result = december_of(past, "sma8", "New")
    assert mean_of(result) == pytest.approx(0.4 * USUAL, rel=0.05)


@pytest.mark.parametrize("factor", [1.0, 2.0, 0.25])
def test_a_given_volume_moves_the_level_and_nothing_else(history, factor):
    """Shape and relative band stay; the month is the volume, whoever adds it up."""
    past = history("2026-08-01")
    own = december_of(past, "sma8")
    volume = round(factor * own.months["offered"][0])
    given = december_of(past, "sma8", volumes={"2026-12": volume, "2027-01": 9.0})
    month = given.months.loc[0]
    assert month["offered"] == pytest.approx(volume, rel=1e-12)
    assert given.intervals["offered"].sum() == pytest.approx(volume, rel=1e-12)
    assert given.days["offered"].sum() == pytest.approx(volume, rel=1e-12)
    assert month["offered_forecast"] == own.months["offered"][0]
    assert month["offered_given"] == volume
    assert np.isnan(own.months["offered_given"][0])
    for name in ("offered_p10", "offered_p90"):
        relative = month[name] / volume, own.months[name][0] / own.months["offered"][0]
        assert relative[0] == pytest.approx(relative[1], abs=0.02)
    share = given.days["offered"] / volume
    expected = own.days["offered"] / own.days["offered"].sum()
    assert share.to_numpy() == pytest.approx(expected.to_numpy(), rel=0.1)
    told = [text for text in said(given) if "volume given" in text]
    assert len(told) == (factor != 1.0)
    rate, _ = given.possible(50)
    assert rate.sum(axis=1).mean() == pytest.approx(volume, rel=0.05)


def test_other_quantiles_stand_beside_the_usual_ones(history):
    past = history("2026-06-01")
    plain = december_of(past, "sma8").intervals
    table = december_of(past, "sma8", quantiles=(0.975, 0.1, 0.025, 0.5)).intervals
    more = ["offered_p2_5", "offered_p50", "offered_p97_5"]
    assert list(table) == [*plain, *more]
    pd.testing.assert_frame_equal(table[list(plain)], plain)
    ordered = table[
        ["offered_p2_5", "offered_p10", "offered_p50", "offered_p90", "offered_p97_5"]
    ].to_numpy()
    assert (np.diff(ordered, axis=1) >= 0).all()
    assert (ordered[:, 0] < ordered[:, -1]).all()


def test_a_special_day_in_every_week_leaves_no_usual_weeks_to_compare(calendar, series):
    dates = tuple(dt.date(2026, 6, 1) + dt.timedelta(weeks=n) for n in range(26))
    centre = calendar(events=(Event("bills", dates),))
    assert latest_findings(series(centre, "2026-06-01", "2026-11-30", 9.0)) == []
