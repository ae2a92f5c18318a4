import datetime as dt

import numpy as np
import pandas as pd
import pytest

from forecast.history import complete_history
from forecast.intervals import Event, OpeningHours
from forecast.like import with_like

RUN = Event("run", (dt.date(2026, 11, 4),), queues=("Old",))
SHARED = Event("strike", (dt.date(2026, 11, 11),))


@pytest.fixture(scope="module")
def history(calendar):
    """Old from September; New, where wanted, from its first date on."""

    def history(new_from=None, new=4.0, events=(), hours=None, **columns):
        centre = calendar(events=events, queue_hours={"New": hours} if hours else {})
        parts = []
        for queue, first, offered in (
            ("Old", "2026-09-01", 10.0),
            ("New", new_from, new),
        ):
            if first is None:
                continue
            starts = centre.open_intervals(
                queue, dt.date.fromisoformat(first), dt.date(2026, 11, 30)
            )
            parts.append(
                pd.DataFrame(
                    {"queue": queue, "interval_start": starts, "offered": offered}
                ).assign(**columns.get(queue, {}))
            )
        rows = pd.concat(parts, ignore_index=True).astype({"queue": "str"})
        return complete_history(rows, centre, absent_rows="missing", where="h.csv")

    return history


LIKE = {"New": ("Old", 0.4)}


def test_a_queue_without_rows_has_the_other_s_times_the_scale(history):
    past = history(Old={"handled": 5.0, "aht_s": 200.0})
    result = with_like(past, LIKE)
    assert result.queues == ["New", "Old"]
    new, old = result.rows("New"), result.rows("Old")
    assert (new["offered"] == 4.0).all()
    assert (new["handled"] == 2.0).all()
    assert (new["aht_s"] == 200.0).all()
    assert new["interval_start"].tolist() == old["interval_start"].tolist()
    pd.testing.assert_frame_equal(
        old.reset_index(drop=True), past.rows("Old").reset_index(drop=True)
    )
    assert [str(warning) for warning in result.warnings] == [
        "history: New has the history of Old × 0.4 from 2026-09-01 to 2026-11-30, as "
        'like = "Old" says.'
    ]


def test_its_own_rows_count_from_its_first_known_on(history):
    past = history("2026-11-02", np.nan)
    frame = past.frame.copy()
    first = pd.Timestamp("2026-11-16 08:00", tz="Europe/Rome")
    frame.loc[
        (frame["queue"] == "New") & (frame["interval_start"] >= first), "offered"
    ] = 4.5
    frame.loc[frame["interval_start"] == first + pd.Timedelta(hours=1), "offered"] = (
        np.nan
    )
    past = type(past)(frame, past.end, past.calendar, ())
    new = with_like(past, LIKE).rows("New").set_index("interval_start")["offered"]
    assert (new[new.index < first] == 4.0).all()
    assert new.index[0].date() == dt.date(2026, 9, 1)
    own = new[new.index >= first]
    assert own.isna().sum() == 1
    assert (own.dropna() == 4.5).all()
    assert new.index.is_unique
    assert new.index.is_monotonic_increasing


def test_its_own_opening_hours_count(history):
    """From 07:00, when the other was closed: nothing is known of that hour."""
    past = history(hours={"mon-fri": "07:00-12:00"})
    hours = OpeningHours.parse({"mon-fri": "07:00-12:00"})
    assert past.calendar.queue_hours["New"] == hours
    new = with_like(past, LIKE).rows("New")
    hour = new["interval_start"].dt.hour
    assert set(hour) == set(range(7, 12))
    assert new.loc[hour == 7, "offered"].isna().all()
    assert (new.loc[hour > 7, "offered"] == 4.0).all()


def test_days_special_to_one_of_them_alone_are_not_borrowed(history):
    past = history(events=(RUN, SHARED))
    new = with_like(past, LIKE).rows("New")
    unknown = new[new["offered"].isna()]["interval_start"].dt.date
    assert set(unknown) == {dt.date(2026, 11, 4)}


def test_own_handle_times_are_not_mixed_with_the_other_s(history):
    past = history("2026-11-02", Old={"aht_s": 200.0}, New={"aht_s": 300.0})
    new = with_like(past, LIKE).rows("New")
    assert set(new["aht_s"].dropna()) == {300.0}
    past = history("2026-11-02", Old={"aht_s": 200.0})
    new = with_like(past, LIKE).rows("New")
    assert set(new["aht_s"].dropna()) == {200.0}


def test_own_calls_that_contradict_the_scale_are_told(history):
    result = with_like(history("2026-11-02", 6.0), LIKE)
    assert str(result.warnings[-1]) == (
        "history: New had 3,312 contacts of its own where Old had 5,520: 0.6 times as "
        "many, not scale = 0.4. Correct the scale of New, or give its months under "
        "[volumes]."
    )
    for calm in (history("2026-11-02", 4.4), history("2026-11-26", 6.0)):
        assert len(with_like(calm, LIKE).warnings) == 1


def test_a_queue_with_rows_from_the_beginning_borrows_none(history):
    past = history("2026-09-01")
    result = with_like(past, LIKE)
    assert not result.warnings
    assert (result.rows("New")["offered"] == 4.0).all()
