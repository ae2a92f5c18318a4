import datetime as dt

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from forecast.errors import ConfigError
from staffing.requirement import requirement_for
from staffing.texts import Note, of

MARCH = ["2026-03"]


def of_queue(table, queue="Sales"):
    return table[table["queue"] == queue].set_index("interval_start")["offered"]


def test_a_tenth_more_is_the_plans_possible_months_times_1_1(base, outcome):
    more = outcome("volume=+10%")
    for before, after in zip(base.forecasts, more.forecasts, strict=True):
        for a, b, factor in zip(
            before.possible(7), after.possible(7), (1.1, 1.0), strict=True
        ):
            np.testing.assert_array_equal(b, a * factor)
        calls = ["offered", "offered_p10", "offered_p90"]
        for name in ("intervals", "days", "months"):
            a, b = getattr(before, name), getattr(after, name)
            np.testing.assert_allclose(b[calls], a[calls] * 1.1, rtol=1e-12)
    table = base.need.forecast
    calls = table[["offered", "offered_p10", "offered_p90"]] * 1.1
    by_hand = requirement_for(table.assign(**calls), base.need.rules)
    assert_frame_equal(more.requirement, by_hand, rtol=1e-12)


def test_a_chance_is_planned_on_the_changed_months(base_of):
    from staffing.scenario.changes import Scenario
    from staffing.scenario.outcome import outcome_of

    base = base_of(("patience_s = 120", "risk = { chance = 0.8 }"))
    more = outcome_of(base, Scenario.of(["volume=+50%"]), simulated=False)
    assert (more.requirement["agents"] >= base.need.requirement["agents"]).all()
    assert (more.agents == more.chances.intervals["agents"]).all()


def test_handle_times_are_longer_by_so_much_in_the_mean_and_in_possible_months(
    base, outcome
):
    longer = outcome("aht_s=+30s@Sales,10:00-11:00")
    for before, after in zip(base.forecasts, longer.forecasts, strict=True):
        start = pd.DatetimeIndex(before.intervals["interval_start"])
        there = (start.hour == 10) & (before.queue == "Sales")
        mean_s = before.intervals["aht_s"] + np.where(there, 30.0, 0.0)
        np.testing.assert_allclose(after.intervals["aht_s"], mean_s)
        factor = mean_s / before.intervals["aht_s"]
        for a, b, times in zip(
            before.possible(5), after.possible(5), (1.0, factor), strict=True
        ):
            np.testing.assert_allclose(b, a * np.asarray(times))
    assert longer.forecasts[0] is base.forecasts[0]  # Help is not touched


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("volume=2000@Help", 2000.0),
        ("volume=-500@Help", None),
        ("deflect=100%@Help", 0),
    ],
)
def test_calls_can_be_set_taken_away_or_sent_to_self_service(
    text, calls, base, outcome
):
    before = of_queue(base.need.forecast, "Help").sum()
    after = of_queue(outcome(text).forecast, "Help").sum()
    assert after == pytest.approx(before - 500 if calls is None else calls)
    assert of_queue(outcome(text).forecast).sum() == of_queue(base.need.forecast).sum()


def test_moved_calls_come_later_on_the_same_day_with_their_handle_times(base, outcome):
    moved = outcome(
        "aht_s=500@09:00-10:00", "move=30%@09:00-10:00>11:00-12:00"
    ).forecast
    slower = outcome("aht_s=500@09:00-10:00").forecast
    for value in ("offered", "work"):
        tables = [t.assign(work=t["offered"] * t["aht_s"]) for t in (slower, moved)]
        before, after = (
            t.groupby(["queue", t["interval_start"].dt.date])[value].sum()
            for t in tables
        )
        np.testing.assert_allclose(before, after)
    before, after = of_queue(slower), of_queue(moved)
    hour = before.index.hour
    np.testing.assert_allclose(after[hour == 9], 0.7 * before[hour == 9])
    np.testing.assert_array_equal(after[hour == 10], before[hour == 10])
    gained = (after - before)[hour == 11]
    taken = (0.3 * before[hour == 9]).groupby(before.index[hour == 9].date).sum()
    np.testing.assert_allclose(gained, np.repeat(taken / 2, 2))


def test_days_on_which_nothing_can_be_moved_are_told(outcome):
    moved = outcome("hours.fri=09:00-10:00", "move=30%@Help,09:00-10:00>11:00-12:00")
    assert of("en").note(moved.notes[-1]) == (
        "Nothing is moved on 4 of 22 days of Help, on which it is closed when the "
        "calls were to come back."
    )


def test_an_event_on_a_day_of_another_is_told(outcome):
    (note,) = outcome("event=letter@2026-03-10").notes
    assert of("en").note(note) == (
        "2026-03-11 of Sales is 'bills' as well: its calls are multiplied by both."
    )


def test_an_event_is_its_learnt_factor_on_other_dates(base, outcome):
    (sales,) = (item for item in base.forecasts if item.queue == "Sales")
    factor = {effect.kind: effect.factor for effect in sales.effects}["bills"]
    assert factor == pytest.approx(2.0, rel=0.1)  # as the history was made
    before = of_queue(base.need.forecast)
    after = of_queue(outcome("event=bills@2026-03-18").forecast)
    there = before.index.date == dt.date(2026, 3, 18)
    np.testing.assert_array_equal(after, np.where(there, before * factor, before))


def test_an_event_of_some_days_goes_on_over_its_working_days(base, outcome):
    before = of_queue(base.need.forecast)
    after = of_queue(outcome("event=letter@2026-03-20").forecast)  # a Friday
    changed = np.unique(before.index.date[after != before])
    assert [str(date) for date in changed] == ["2026-03-20", "2026-03-23"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "event=bills@2026-03-11",
            "'event=bills@2026-03-11': 2026-03-11 is such a day of Sales already. Name "
            "another date.",
        ),
        (
            "event=strike@2026-03-11",
            "'event=strike@2026-03-11': Help, Sales have not learnt such days; learnt: "
            "'bills', 'letter, day 1', 'letter, day 2'. Name one of these, or a size: "
            "+25%.",
        ),
        (
            "event=letter@2026-03-16..2026-03-17",
            "'event=letter@2026-03-16..2026-03-17': the event has 2 days of its own. "
            "Name the first of them, not a range.",
        ),
        (
            "volume=-101%",
            "'volume=-101%': must leave 0 to 100 times the calls, but leaves -0.01 "
            "times. Change less.",
        ),
        (
            "deflect=150%",
            "'deflect=1.5': a share is 0 to 1, or up to 100%, but is 1.5.",
        ),
        (
            "aht_s=-250s",
            "'aht_s=-250s': handle times must stay above 0 and at most 86400 s, but "
            "those of Sales, 200 to 200 s, would not. Change less.",
        ),
        (
            "volume=+1%@sat",
            "'volume=+1%@sat': no interval is open there. Name dates and hours at "
            "which calls come.",
        ),
        (
            "move=10%@10:00-11:00>09:00-10:00",
            "'move=0.1@10:00-11:00>09:00-10:00': calls are called back later on the "
            "same day. Write for example move=30%@11:00-12:00>15:00-17:00.",
        ),
        (
            "move=10%@09:00-10:00>09:00-10:00",
            "'move=0.1@09:00-10:00>09:00-10:00': calls are called back later on the "
            "same day. Write for example move=30%@11:00-12:00>15:00-17:00.",
        ),
        (
            "move=10%@09:00-10:00>20:00-21:00",
            "'move=0.1@09:00-10:00>20:00-21:00': no interval is open where the calls "
            "are to go, on the days they come from. Name hours that are open.",
        ),
        (
            "volume=+1%@Salse,2026-04-01",
            "'volume=+1%@Salse,2026-04-01': the plan has no 'Salse'; it has Help, "
            "Sales.\n'volume=+1%@Salse,2026-04-01': dates must be of the plan, "
            "2026-03-01 to 2026-03-31. Plan other months with --month.",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_what_is(text, fault, outcome):
    with pytest.raises(ConfigError) as caught:
        outcome(text)
    assert str(caught.value) == fault


def test_nobody_redials_by_erlang_c(outcome):
    no_redial, on_top = Note("no_redial"), Note("on_top")
    assert outcome("redial=0.4").notes == (no_redial,)
    assert outcome("redial=0.4", "repeat=0.1").notes == (no_redial, on_top)


def test_who_calls_again_changes_beside_the_same_first_calls(base_of):
    from staffing.scenario.changes import Scenario
    from staffing.scenario.outcome import outcome_of

    base = base_of(
        ("patience_s = 120", 'patience_s = 120\nmodel = "erlang_a"\nrepeat = 0.2')
    )
    usual = base.usual["Sales"]
    fresh = of_queue(base.need.forecast) * (1 - 0.2 * (1 - usual))
    solved = outcome_of(base, Scenario.of(["fcr=1"]), simulated=False)
    np.testing.assert_allclose(of_queue(solved.requirement)[fresh.index], fresh)
    same = outcome_of(base, Scenario.of(["fcr=0.8"]), simulated=False)
    assert same.requirement.equals(base.need.requirement)
