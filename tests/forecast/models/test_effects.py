import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecast.history import complete_history
from forecast.intervals import Event
from forecast.kinds import AROUND, MORROW
from forecast.models import Series
from forecast.models.effects import shared_effects
from forecast.models.glm import CalendarModel
from forecast.models.last_year import LastYear
from forecast.models.shared import OtherQueues, Seen
from forecast.models.sma import SeasonalMovingAverage

SHARING = (CalendarModel(), LastYear(min_days=28), SeasonalMovingAverage())
BILLS = tuple(dt.date(2026, month, 10) for month in (3, 4, 6, 7, 9, 11))


@pytest.fixture(scope="module")
def centre(calendar, rows):
    """Queues of 200 calls an interval; on a queue's days of bills half as many more."""

    def centre(bills, level=200.0, last="2026-11-30"):
        place = calendar({"mon-fri": "08:00-12:00"}, events=(Event("bills", BILLS),))
        starts = place.open_intervals(
            "A", dt.date(2026, 1, 5), dt.date.fromisoformat(last)
        )
        table = pd.concat(
            [
                rows(
                    [
                        (
                            queue,
                            f"{start:%Y-%m-%dT%H:%M}",
                            level * (1.5 if start.date() in days else 1),
                        )
                        for start in starts
                    ]
                )
                for queue, days in bills.items()
            ],
            ignore_index=True,
        )
        return complete_history(table, place, absent_rows="missing", where="h")

    return centre


def series_of(history, queue):
    return replace(
        Series.of(history, queue), shared=shared_effects(history).without(queue)
    )


def factor(model, series, kind="bills"):
    return {e.kind: e for e in model.fit(series).effects}[kind].factor


@pytest.mark.parametrize("model", SHARING, ids=lambda model: model.name)
def test_an_effect_seen_once_is_pulled_to_what_the_others_saw(centre, model):
    """Queue A saw one day of bills without lift; four others saw six with it."""
    known = centre({"A": (), **dict.fromkeys("BCDE", BILLS)})
    calendar = replace(known.calendar, events=(Event("bills", BILLS[2:3]),))
    past = replace(Series.of(known, "A"), calendar=calendar)
    shared = shared_effects(known).without("A")
    assert factor(model, past) == pytest.approx(1.0, abs=0.01)
    assert 1.2 < factor(model, replace(past, shared=shared)) < 1.4


@pytest.mark.parametrize("model", SHARING, ids=lambda model: model.name)
def test_a_kind_that_only_other_queues_saw_is_taken_from_them(calendar, series, model):
    late = dt.date(2026, 12, 10)
    place = calendar(events=(Event("bills", (late,)),))
    past = series(place, "2026-09-01", "2026-11-30", 500.0)
    rows = tuple(
        Seen("bills", dt.date(2026, month, 20), 3.0, 3 * np.log(1.5), 1.0)
        for month in (5, 6, 7)
    )
    fitted = model.fit(replace(past, shared=OtherQueues(rows)))
    (effect,) = fitted.effects
    assert (effect.days, effect.source) == (0, "other queues")
    assert effect.factor == pytest.approx(1.5, rel=0.1)
    starts = place.open_intervals("Sales", late, late)
    assert fitted.predict(starts) == pytest.approx(500.0 * effect.factor, rel=0.02)


def test_what_others_saw_later_is_not_known_before(centre):
    """A cutoff knows as much of the others as if their histories ended there."""
    whole = centre(dict.fromkeys("ABC", BILLS))
    for cutoff in ("2026-05-04", "2026-07-15", "2026-10-01", "2027-01-01"):
        day = dt.date.fromisoformat(cutoff)
        seen = shared_effects(whole).without("A").before(day)
        assert all(row.known_by < day for row in seen.seen)
        later = whole.frame["interval_start"] >= pd.Timestamp(day, tz="Europe/Rome")
        other = whole.frame["queue"] != "A"
        changed = whole.frame.assign(
            offered=whole.frame["offered"].mask(later & other, 9e4)
        )
        again = shared_effects(replace(whole, frame=changed)).without("A").before(day)
        assert again == seen


def test_a_series_cut_at_a_cutoff_knows_no_later_effect_of_others(centre):
    past = series_of(centre(dict.fromkeys("AB", BILLS)), "A")
    cut = past.before(pd.Timestamp("2026-06-01", tz="Europe/Rome"))
    assert 0 < len(cut.shared.seen) < len(past.shared.seen)


def test_events_of_other_queues_are_not_shared(centre):
    history = centre(dict.fromkeys("AB", BILLS))
    place = replace(history.calendar, events=(Event("bills", BILLS, queues=("B",)),))
    shared = shared_effects(replace(history, calendar=place))
    assert shared.without("A").kinds == []


def test_a_day_of_few_calls_teaches_less(centre):
    large, small = (
        factor(CalendarModel(), Series.of(centre({"A": BILLS}, n), "A"))
        for n in (200.0, 2.0)
    )
    assert 1.0 < small < large < 1.5


def test_the_sample_s_effects_are_recovered(sample, sample_calendar):
    """True: × 1.15 on the first open day after a holiday, 1 on eves and in August."""
    history = complete_history(
        sample.frame, sample_calendar, absent_rows="missing", where="history.csv"
    )
    for queue, error in (("Energia", 0.06), ("Acqua", 0.06), ("Ambiente", 0.08)):
        found = {
            e.kind: e.factor
            for e in CalendarModel().fit(series_of(history, queue)).effects
        }
        assert set(found) >= AROUND
        truth = dict.fromkeys(AROUND, 1.0) | {MORROW: 1.15}
        if queue != "Ambiente":
            lifts = zip((1, 2, 3), (1.25, 1.15, 1.08), strict=True)
            truth |= {f"bollette {queue}, day {n}": lift for n, lift in lifts}
        assert found == pytest.approx(truth, abs=error)
