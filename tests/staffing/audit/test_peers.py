import numpy as np
import pandas as pd
import pytest

from staffing.audit.peers import peer_agents
from staffing.targets import Targets

LEVEL = Targets(asa_s=None, service_level=0.8, threshold_s=20.0)


def rows_of(offered, aht_s=180.0):
    return pd.DataFrame({"offered": offered, "aht_s": aht_s, "interval_s": 1800})


def test_the_textbooks_answer_from_all():
    """100 calls of 180 s in a half-hour, 80 % within 20 s: 14 agents."""
    found = peer_agents(rows_of([100.0]), LEVEL, None)
    assert found["agents_erlang_c"].tolist() == [14]
    assert found["agents_pyworkforce"].tolist() == [14]
    assert found["agents_erlang_a"].isna().all()


def test_an_hour_needs_what_its_half_hours_need():
    rows = rows_of([100.0, 200.0]).assign(interval_s=[1800, 3600])
    found = peer_agents(rows, LEVEL, 180.0)
    assert found.nunique().tolist() == [1, 1, 1]


def test_erlang_a_needs_fewer_where_patience_is_known():
    found = peer_agents(rows_of([300.0]), LEVEL, 60.0)
    assert found["agents_erlang_a"].item() < found["agents_erlang_c"].item()


def test_no_calls_need_no_agents_but_pyworkforce_cannot_say_so():
    found = peer_agents(rows_of([0.0], aht_s=np.nan), LEVEL, 180.0)
    assert found[["agents_erlang_c", "agents_erlang_a"]].to_numpy().tolist() == [[0, 0]]
    assert found["agents_pyworkforce"].isna().all()


@pytest.mark.parametrize(
    ("targets", "known"),
    [
        (Targets(service_level=None), [True, False, False]),
        (Targets(sl_rule="answer_rate"), [False, True, False]),
        (Targets(max_abandon_rate=0.05), [False, True, True]),
        (Targets(asa_s=None, threshold_s=0.0), [True, True, False]),
        (Targets(max_occupancy=0.8), [True, True, True]),
    ],
)
def test_what_a_model_cannot_state_it_does_not_answer(targets, known):
    found = peer_agents(rows_of([50.0]), targets, 180.0)
    assert found.notna().iloc[0].tolist() == known


def test_pyworkforce_takes_the_occupancy_and_one_agent_too_many():
    rows = rows_of([105.0])  # 10.5 erlangs
    low = Targets(asa_s=None, service_level=0.05, threshold_s=20.0)
    found = peer_agents(rows, low, None)
    assert found["agents_pyworkforce"].item() == found["agents_erlang_c"].item() + 1
    half = Targets(asa_s=None, service_level=0.05, threshold_s=20.0, max_occupancy=0.5)
    assert peer_agents(rows, half, None)["agents_pyworkforce"].item() == 21
