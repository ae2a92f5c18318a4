import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from forecast.errors import ConfigError
from staffing.scenario.changes import Scenario
from staffing.scenario.outcome import outcome_of

FREE = (
    "volume=+10%@Sales",
    "volume=-5%",
    "aht_s=+10%@09:00-10:00",
    "shrinkage=+0.02",
    "asa_s=+5s",
    "service_level=0.8",
    "threshold_s=60",
    "min_agents=2@Help",
    "repeat=0.05",
    "cost_per_hour=20",
    "training=1@Sales",
)
"""Changes of different values, whose order should not matter."""


@settings(max_examples=4)
@given(st.permutations(FREE).flatmap(lambda p: st.integers(2, 6).map(lambda n: p[:n])))
def test_changes_of_different_values_come_to_the_same_in_any_order(base, changes):
    first, other = (
        outcome_of(base, Scenario.of(order), simulated=False)
        for order in (changes, changes[::-1])
    )
    for name in ("forecast", "requirement", "monthly", "kpis"):
        assert_frame_equal(getattr(first, name), getattr(other, name), rtol=1e-12)


@pytest.mark.parametrize("split", range(4))
def test_a_scenario_of_a_scenario_is_its_changes_in_their_order(split, base):
    texts = ["volume=+10%", "aht_s=250", "aht_s=+10%@Help"]
    whole = outcome_of(base, Scenario.of(texts), simulated=False)
    parts = Scenario.of(texts[:split]).then(Scenario.of(texts[split:]))
    again = outcome_of(base, parts, simulated=False)
    assert again.requirement.equals(whole.requirement)
    assert again.forecast.equals(whole.forecast)


def test_changes_of_one_value_come_one_after_the_other(outcome):
    def asa_s(*texts):
        return outcome(*texts).config.to_targets().asa_s

    assert asa_s() == 50
    assert asa_s("asa_s=30", "asa_s=+10s") == 40
    assert asa_s("asa_s=+10s", "asa_s=30") == 30
    assert asa_s("asa_s=+10%", "asa_s=+10s") == pytest.approx(65)
    assert asa_s("asa_s=none") is None


def test_a_target_taken_out_is_met_by_nobody_whatever_the_plan_writes(base_of, outcome):
    written = base_of(
        more="[targets]\nasa_s = 50\nservice_level = 0.95\nthreshold_s = 50\n"
    )
    of_profile = outcome("service_level=none")
    of_keys = outcome_of(written, Scenario.of(["service_level=none"]), simulated=False)
    for found in (of_profile, of_keys):
        assert str(found.rules.targets) == "ASA at most 50 s"
    assert of_profile.agents.tolist() == of_keys.agents.tolist()
    assert of_profile.agents.sum() < outcome().agents.sum()


def test_seats_of_one_queue_cannot_be_freed_of_those_of_all(base_of):
    base = base_of(("full_time_h = 10", "full_time_h = 10\nmax_agents = 9"))
    with pytest.raises(ConfigError) as caught:
        outcome_of(base, Scenario.of(["max_agents=none@Sales"]))
    assert str(caught.value) == (
        "'max_agents=none@Sales': Sales then has those of [staffing], 9. Set a larger "
        "number."
    )


def test_a_profile_goes_before_single_targets(outcome):
    for order in itertools.permutations(["profile=80-20", "threshold_s=30"]):
        targets = outcome(*order).config.to_targets()
        assert (targets.service_level, targets.threshold_s) == (0.8, 30)


def test_shrinkage_in_all_is_shared_by_its_components(outcome):
    def shares(*texts):
        parts = outcome(*texts).config.staffing.shrinkage
        return {name: part.share for name, part in parts.items()}

    assert shares("shrinkage=0.3") == pytest.approx({"leave": 0.2, "sickness": 0.1})
    assert shares("shrinkage.sickness=+0.02") == {"leave": 0.1, "sickness": 0.07}
    paid = [outcome(*texts).kpis.iloc[-1] for texts in ((), ("shrinkage=0.3",))]
    assert paid[1]["agent_hours"] == paid[0]["agent_hours"]
    assert paid[1]["paid_hours"] == pytest.approx(paid[0]["paid_hours"] * 0.85 / 0.7)


def test_a_group_is_joined_and_split_again(base, base_of, outcome):
    joined = outcome("groups.Care=Sales+Help")
    grouped = base_of(more='[groups]\nCare = ["Sales", "Help"]\n')
    assert joined.requirement.equals(grouped.need.requirement)
    split = outcome_of(grouped, Scenario.of(["groups.Care="]), simulated=False)
    assert split.requirement.equals(base.need.requirement)


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        (
            ["shrinkage=1.5"],
            "'shrinkage=1.5': shrinkage must be 0 or more and below 1, but would be "
            "1.5. Shares are written 0 to 1, or with a % sign.",
        ),
        (
            ["service_level=1.2", "threshold_s=90000"],
            "'service_level=1.2': targets.service_level must be less than 1, but is "
            "1.2. Shares are written 0 to 1: 0.012 for 1.2 %.\n"
            "'threshold_s=90000s': targets.threshold_s must be less than or equal to "
            "86400, but is 90000.0.",
        ),
        (
            ["model=erlang_a", "patience_s=0"],
            "'patience_s=0s': staffing.patience_s: must be a number of seconds above 0 "
            'and at most 86400, or "estimate", but is 0.0.',
        ),
        (
            ["max_abandon_rate=0.05"],
            "'max_abandon_rate=0.05': targets.max_abandon_rate: 0.05 has no meaning in "
            "Erlang C, where nobody hangs up; write [staffing] model = "
            '"erlang_a" and patience_s.',
        ),
        (
            ["profile=fast"],
            "'profile=fast': targets.profile: no profile 'fast'; known: default, "
            "answer-rate, 80-20, 95-20, arera-water, arera-energy.",
        ),
        (
            ["shrinkage.sicknes=+0.02"],
            "'shrinkage.sicknes=+0.02': the plan has no shrinkage.sicknes to change; "
            "it has leave, sickness. Name one of these, or set shrinkage in all.",
        ),
        (
            ["fcr=1.2"],
            "'fcr=1.2': fcr must be above 0 and at most 1, but would be 1.2. Shares "
            "are written 0 to 1, or with a % sign.",
        ),
        (
            ["mean_wait_s=+5s"],
            "'mean_wait_s=+5s': the plan has no mean_wait_s to change by so much. Set "
            "a number.",
        ),
        (
            ["groups.Care=Sales+Hepl"],
            "'groups.Care=Sales+Hepl': the plan has no 'Hepl'; it has Help, Sales.",
        ),
        (
            ["groups.Care="],
            "'groups.Care=': there is no group 'Care' to split; there is none.",
        ),
        (
            ["min_agents=2.5"],
            "'min_agents=2.5': staffing.min_agents must be a valid integer, but is "
            "2.5.",
        ),
    ],
)
def test_what_no_plan_could_have_is_refused_as_there(texts, fault, outcome):
    with pytest.raises(ConfigError) as caught:
        outcome(*texts)
    assert str(caught.value) == fault
