import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.tables import forecast_of

from staffing.requirement import Rules, requirement_for
from staffing.requirement.intervals import agents_of
from staffing.requirement.returning import Returning
from staffing.targets import Targets

GROUPED = {"care": ("a", "b")}
RULES = {
    "erlang_c": Rules(),
    "erlang_a": Rules(patience_s=180.0),
    "seats": Rules(seats=lambda pool: (2, 9)),
    "day": Rules(Targets(scope="day", floor_service_level=0.5)),
    "group": Rules(pools=GROUPED),
    "returning": Rules(
        patience_s=180.0,
        returning=Returning(0.3, 0.1),
        usual_abandonment={"a": 0.05, "b": 0.02},
    ),
}


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
@settings(max_examples=4, deadline=None)
@given(
    calls=st.lists(st.floats(0, 60), min_size=4, max_size=12),
    aht_s=st.floats(60, 900),
)
def test_agents_calls_and_handle_times_are_those_of_the_requirement(
    calls, aht_s, rules
):
    forecast = pd.concat(
        [
            forecast_of(calls, queue="a", aht_s=aht_s),
            forecast_of(calls[::-1], queue="b", aht_s=2 * aht_s),
        ],
        ignore_index=True,
    )
    table = requirement_for(forecast, rules)
    found = agents_of(forecast, rules)
    assert [*found] == sorted(table["queue"].unique())
    for pool, rows in table.groupby("queue"):
        own = found[pool]
        at = own.starts.get_indexer(pd.DatetimeIndex(rows["interval_start"]))
        assert own.agents[at].tolist() == rows["agents"].tolist()
        assert own.agents.sum() == rows["agents"].sum()
        assert own.load[at].tolist() == rows["load_erlang"].tolist()
        assert own.offered[at].tolist() == rows["offered"].tolist()
        assert own.aht_s[at].tolist() == rows["aht_s"].tolist()
        assert own.interval_s == rows["interval_s"].iloc[0]
