"""What a planner can ask for that once gave a wrong plan, or none."""

import numpy as np
import pandas as pd
import pytest

from forecast.errors import ConfigError
from staffing.pipeline import plan_month
from staffing.report.page import report_page
from staffing.requirement import Rules, requirement_for
from staffing.requirement.returning import Returning
from staffing.targets import Targets

HEAD = """\
history = "history.csv"
month = "2026-03"
timezone = "Europe/Rome"
{top}
[hours]
mon-fri = "09:00-11:00"
"""


def day(offered, aht_s=200.0):
    starts = pd.date_range(
        "2026-03-02 08:00",
        periods=len(offered),
        freq="1800s",
        tz="Europe/Rome",
        unit="s",
    )
    return pd.DataFrame(
        {
            "queue": "A",
            "interval_start": starts,
            "model": "sma8",
            "interval_s": 1800,
            "offered": offered,
            "offered_p10": offered,
            "offered_p90": offered,
            "aht_s": aht_s,
        }
    )


def lost_on_seats(offered, seats, patience_s, aht_s=200.0, days=400):
    """Share that hangs up: calls as they come, each to the agent free soonest."""
    rng = np.random.default_rng(1)
    came = lost = 0
    for _ in range(days):
        free_s = np.zeros(seats)
        calls = rng.poisson(offered)
        slots = np.repeat(np.arange(len(offered)), calls)
        for arrived_s in np.sort((slots + rng.random(len(slots))) * 1800.0):
            came, first = came + 1, free_s.argmin()
            answered_s = max(arrived_s, free_s[first])
            if answered_s - arrived_s > rng.exponential(patience_s):
                lost += 1
            else:
                free_s[first] = answered_s + rng.exponential(aht_s)
    return lost / came


@pytest.mark.parametrize(("seats", "patience_s"), [(3, 3600.0), (5, 900.0)])
def test_seats_lose_no_more_callers_than_those_whose_patience_ends(seats, patience_s):
    """Who waits in a backlog is not offered again in every interval."""
    offered = [60.0] * 6
    rules = Rules(patience_s=patience_s, seats=lambda _: (0, seats))
    table = requirement_for(day(offered), rules)
    rows = table[table["open"]]
    assert set(rows["binding"]) == {"max_agents"}
    lost = np.average(rows["abandon_rate"], weights=rows["offered"])
    assert lost == pytest.approx(lost_on_seats(offered, seats, patience_s), abs=0.02)


def test_agents_kept_while_callers_return_are_not_said_to_be_the_fewest_allowed():
    rules = Rules(
        Targets(50.0, 0.95, None, sl_rule="answer_rate"),
        patience_s=120.0,
        returning=Returning(redial=0.9),
        usual_abandonment={"A": 0.08},
    )
    table = requirement_for(day(np.linspace(20.0, 40.0, 60)), rules)
    assert set(table["binding"]) <= {"service_level", "asa_s"}


def test_a_chance_beyond_the_seats_is_told_and_has_no_fewer_than_a_lower_one(centre):
    plan = plan_month(
        centre(
            HEAD.format(top="")
            + '[staffing]\nmax_agents = 8\nrisk = { chance = 0.99, scope = "day" }\n'
        )
    )
    pool = plan.chances.pools.iloc[0]
    assert pool["holds"] < 0.95
    assert pool["agent_hours"] >= pool["hours_90"]
    assert plan.exit_code == 1
    assert set(plan.unmet["binding"]) == {"max_agents"}


def test_a_months_calls_lie_within_their_own_band_where_callers_return(centre):
    staffing = 'model = "erlang_a"\npatience_s = 120\nredial = 0.7\n'
    config = centre(
        HEAD.format(top="")
        + '[targets]\nprofile = "answer-rate"\n[staffing]\n'
        + staffing
    )
    file = config.with_name("history.csv")
    history = pd.read_csv(file)
    history.assign(abandoned=history["offered"] * 2 // 5).to_csv(file, index=False)
    plan = plan_month(config)
    month = plan.monthly.iloc[0]
    assert month["offered"] < 0.85 * plan.forecast["offered"].sum()
    assert month["offered_p10"] < month["offered"] < month["offered_p90"]


def test_a_seed_that_no_generator_takes_is_refused(centre):
    with pytest.raises(ConfigError) as error:
        plan_month(centre(HEAD.format(top="seed = 10000000000")))
    assert str(error.value) == (
        "plan.toml, line 4: seed must be less than 4294967296, but is 10000000000."
    )


def test_the_reason_for_a_group_names_the_first_queue_that_failed(centre):
    """Not any of them: the same input gives the same bytes."""
    config = centre(
        HEAD.format(top="")
        + '[groups]\nCare = ["E", "D", "C", "B", "A"]\n'
        + "[queues.E.aht]\ndefault_s = 180\n[queues.F.aht]\ndefault_s = 180\n",
        calls=dict.fromkeys("ABCDEF", 20.0),
        aht_s=None,
    )
    plan = plan_month(config)
    assert plan.failed["E"] == (
        "plan.toml: it is answered in the group Care with A, which failed."
    )
    assert plan.exit_code == 1


def test_a_plan_without_any_seat_has_a_report(centre, quick_pictures):
    plan = plan_month(
        centre(HEAD.format(top="") + "[staffing]\nmin_agents = 0\nmax_agents = 0\n")
    )
    page = report_page(plan)
    assert "would add 0.0 hours (0.0%)" in page
    assert "nan" not in page.split("<h2>Sales</h2>")[0]
