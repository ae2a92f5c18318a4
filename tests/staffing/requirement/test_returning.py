import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.tables import forecast_of

from forecast.errors import TableError
from forecast.history import History
from staffing.erlang.a import metrics
from staffing.erlang.solve import agents_for
from staffing.requirement import Rules, requirement_for
from staffing.requirement.returning import (
    Returning,
    at_usual_abandonment,
    usual_abandonment,
)
from staffing.targets import Targets

shares = st.floats(0, 0.99)


def history_of(days, **columns):
    starts = pd.date_range("2026-01-05 09:00", periods=days, freq="D", tz="Europe/Rome")
    frame = pd.DataFrame({"queue": "A", "interval_start": starts, **columns})
    return History(frame, starts[-1], None, ())


@given(redial=shares, repeat=shares, lost=st.floats(0, 1), fresh=st.floats(0.1, 1e4))
def test_all_calls_are_the_fresh_ones_and_those_that_come_again(
    redial, repeat, lost, fresh
):
    share = Returning(redial, repeat).fresh_share(np.array(lost))
    offered = fresh / share
    again = redial * lost * offered + repeat * (1 - lost) * offered
    assert fresh + again == pytest.approx(offered, rel=1e-9)


def test_nobody_returns_unless_asked():
    assert not Returning()
    assert Returning(redial=0.1)
    assert Returning(repeat=0.1)


def test_the_usual_abandonment_is_that_of_the_last_eight_weeks():
    early, late = [50.0] * 44, [10.0] * 56
    history = history_of(100, offered=100.0, abandoned=early + late)
    assert usual_abandonment(history, "A") == pytest.approx(0.1)


def test_who_is_not_handled_has_hung_up():
    history = history_of(3, offered=100.0, handled=[80.0, 90.0, 100.0])
    assert usual_abandonment(history, "A") == pytest.approx(0.1)


@pytest.mark.parametrize("columns", [{}, {"abandoned": np.nan}])
def test_a_history_that_knows_no_abandonment_is_refused(columns):
    with pytest.raises(TableError) as caught:
        usual_abandonment(history_of(3, offered=9.0, **columns), "A")
    assert str(caught.value) == (
        "history: redial and repeat need to know how many calls of A are abandoned. "
        "Add the column abandoned or handled."
    )


def test_days_that_lost_as_many_as_usual_stay_as_they_are():
    history = history_of(3, offered=[100.0, 50.0, 70.0], abandoned=[10.0, 5.0, 7.0])
    found = at_usual_abandonment(history, {"A": 0.1}, Returning(0.4, 0.2))
    assert found.frame["offered"].tolist() == pytest.approx([100.0, 50.0, 70.0])


def test_a_day_that_lost_more_had_more_calls_from_who_called_again():
    """Of 100 calls 20 were redials (half of 40); at 10 % lost, 5 of 84.2 are."""
    history = history_of(2, offered=100.0, abandoned=[40.0, np.nan])
    found = at_usual_abandonment(history, {"A": 0.1}, Returning(redial=0.5))
    assert found.frame["offered"].tolist() == pytest.approx([80.0 / 0.95, 100.0])


TARGETS = Targets(50.0, 0.95, None, sl_rule="answer_rate")


def plan(forecast, usual, **shares):
    rules = Rules(
        TARGETS,
        patience_s=180.0,
        load="sipp",
        returning=Returning(**shares),
        usual_abandonment={"A": usual},
    )
    return requirement_for(forecast, rules)


def test_the_plan_adds_back_what_its_own_abandonment_causes():
    forecast = forecast_of([360.0, 40.0, 0.0], aht_s=300.0)
    table = plan(forecast, 0.2, redial=0.5, repeat=0.1)
    fresh = np.array([360.0, 40.0, 0.0]) * (1 - 0.5 * 0.2 - 0.1 * 0.8)
    lost = metrics(
        table["load_erlang"],
        table["agents"],
        aht_s=300.0,
        patience_s=180.0,
        threshold_s=0.0,
    ).abandon_rate
    offered = fresh / (1 - 0.5 * lost - 0.1 * (1 - lost))
    assert table["offered"].tolist() == pytest.approx(offered.tolist(), rel=1e-9)
    assert table["abandon_rate"].tolist() == pytest.approx(lost.tolist())
    assert (table["service_level"] >= 0.95).all()
    assert (table["offered"][:2] < [360.0, 40.0]).all()


@pytest.mark.parametrize("shares", [{"redial": 0.6}, {"repeat": 0.3}])
def test_where_the_plan_loses_what_the_history_lost_the_calls_stay(shares):
    limits = {"aht_s": 300.0, "patience_s": 180.0, "sl_rule": "answer_rate"}
    agents = agents_for(60.0, service_level=0.95, asa_s=50.0, **limits)
    usual = metrics(60.0, agents, threshold_s=0.0, **limits).abandon_rate
    table = plan(forecast_of([360.0], aht_s=300.0), usual, **shares)
    assert table.loc[0, "agents"] == agents
    assert table.loc[0, "offered"] == pytest.approx(360.0, rel=1e-6)


def test_in_erlang_c_nobody_redials_and_the_unsolved_come_again():
    rules = Rules(
        Targets(), returning=Returning(0.5, 0.2), usual_abandonment={"A": 0.1}
    )
    table = requirement_for(forecast_of([100.0]), rules)
    fresh = 100.0 * (1 - 0.5 * 0.1 - 0.2 * 0.9)
    assert table.loc[0, "offered"] == pytest.approx(fresh / 0.8)


@settings(max_examples=30)
@given(
    offered=st.lists(st.floats(1, 500), min_size=1, max_size=5),
    redial=shares,
    repeat=st.floats(0, 0.8),
    usual=st.floats(0, 0.6),
)
def test_targets_hold_for_the_calls_that_really_come(offered, redial, repeat, usual):
    starts = pd.date_range(
        "2026-03-02 09:00", periods=len(offered), freq="1800s", tz="UTC", unit="s"
    )
    forecast = pd.DataFrame(
        {
            "queue": "A",
            "interval_start": starts,
            "model": "sma8",
            "interval_s": 1800,
            "offered": offered,
            "offered_p10": offered,
            "offered_p90": offered,
            "aht_s": 240.0,
        }
    )
    table = plan(forecast, usual, redial=redial, repeat=repeat)
    assert (table["service_level"] >= 0.95).all()
    returning = Returning(redial, repeat)
    fresh = np.array(offered) * returning.fresh_share(np.array(usual))
    again = fresh / returning.fresh_share(table["abandon_rate"].to_numpy())
    np.testing.assert_allclose(table["offered"], again, rtol=1e-6)


def test_calls_that_come_again_without_end_are_refused():
    rules = Rules(
        returning=Returning(repeat=0.999999999), usual_abandonment={"A": 0.05}
    )
    with pytest.raises(TableError) as caught:
        requirement_for(forecast_of([400.0], aht_s=86_400.0), rules)
    assert re.fullmatch(
        r"forecast: loads must be at most 1e\+09 erlangs, but reach \S+\. Look for "
        r"wrong offered or aht_s in the history\. With redial or repeat near 1 calls "
        r"come again without end\.",
        str(caught.value),
    )
