"""Pools whose callers differ in patience."""

import pandas as pd
import pytest

from staffing.requirement import Rules, requirement_for
from staffing.requirement.alternatives import other_rules
from staffing.targets import Targets

TARGETS = Targets(
    service_level=0.9, threshold_s=20.0, asa_s=None, max_abandon_rate=0.05
)
OWN = {"Care": 60.0, "Sales": 600.0}


def forecast_of(queue):
    starts = pd.date_range("2026-12-01 09:00", periods=4, freq="30min", unit="s")
    return pd.DataFrame(
        {
            "queue": queue,
            "interval_start": starts.tz_localize("Europe/Rome"),
            "model": "sma8",
            "interval_s": 1800,
            "offered": [60.0, 80.0, 90.0, 70.0],
            "offered_p10": 50.0,
            "offered_p90": 100.0,
            "aht_s": 240.0,
        }
    )


def test_each_pool_is_staffed_as_if_it_were_alone():
    together = requirement_for(
        pd.concat([forecast_of(queue) for queue in OWN], ignore_index=True),
        Rules(TARGETS).with_patience(OWN),
    )
    alone = [
        requirement_for(forecast_of(queue), Rules(TARGETS, patience_s=patience_s))
        for queue, patience_s in OWN.items()
    ]
    pd.testing.assert_frame_equal(together, pd.concat(alone, ignore_index=True))
    rates = together.groupby("queue")["abandon_rate"].mean()
    assert rates["Care"] > rates["Sales"]


def test_other_rules_keep_the_patience_of_each_pool():
    others = other_rules(Rules(TARGETS), OWN)
    assert {
        meaning: rules.patience_of_pools_s for meaning, rules in others.items()
    } == {
        "90% answered within 20 s, nobody hanging up (Erlang C)": None,
        "90% answered within 20 s (Erlang A)": OWN,
        "90% answered at all (Erlang A)": OWN,
        "every interval staffed for its busiest minute": None,
        "every interval by itself, nothing carried over": None,
    }


def test_a_pool_without_a_patience_of_its_own_is_a_bug_not_erlang_c():
    with pytest.raises(KeyError, match="Other"):
        Rules(TARGETS).with_patience(OWN).for_pool("Other")
