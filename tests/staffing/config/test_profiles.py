from pathlib import Path

import pytest

from forecast.errors import ConfigError
from staffing.config import read_config
from staffing.config.profiles import rules_file, shipped_profiles
from staffing.targets import Targets

ERLANG_A = '[staffing]\nmodel = "erlang_a"\npatience_s = 180\n'
NAMES = "default, answer-rate, 80-20, 95-20, arera-water, arera-energy"
TOP = 'history = "h.csv"\ntimezone = "Europe/Rome"\nhours.mon = "08:00-20:00"\n'
WATER = (
    "arera-water: must be met in 10 of 12 months; the plan aims at every one",
    "arera-water: lines must be free 90% of the time, which agents do not decide",
)
ENERGY = (
    "arera-energy: to be confirmed by you: ARERA revised the TIQV from January 2026 "
    "(399/2025, 477/2025)",
    "arera-energy: lines must be free 95% of the time, which agents do not decide",
)


def targets_of(tmp_path, lines):
    path = tmp_path / "plan.toml"
    path.write_text(TOP + lines, encoding="utf-8")
    return read_config(path).to_targets()


def answered(asa_s, share, **more):
    return Targets(asa_s, share, None, sl_rule="answer_rate", **more)


@pytest.mark.parametrize(
    ("name", "targets"),
    [
        ("default", Targets()),
        ("answer-rate", answered(50, 0.95)),
        ("80-20", Targets(None, 0.8, 20)),
        ("95-20", Targets(None, 0.95, 20)),
        (
            "arera-water",
            answered(
                None, 0.8, mean_wait_s=240, scope="month", months_met=10, notes=WATER
            ),
        ),
        (
            "arera-energy",
            answered(None, 0.85, mean_wait_s=180, scope="month", notes=ENERGY),
        ),
    ],
)
def test_each_profile_says_what_is_agreed(name, targets, tmp_path):
    lines = f'{ERLANG_A}[targets]\nprofile = "{name}"\n'
    assert targets_of(tmp_path, lines) == targets


def test_every_profile_has_a_meaning():
    assert ", ".join(shipped_profiles()) == NAMES
    assert all(profile.meaning for profile in shipped_profiles().values())


def test_without_targets_the_default_profile_holds(tmp_path):
    assert targets_of(tmp_path, "") == Targets()


def test_a_key_beside_the_profile_overrides_it_and_the_others_stay(tmp_path):
    lines = f'{ERLANG_A}[targets]\nprofile = "arera-water"\nscope = "day"\nasa_s = 60'
    assert targets_of(tmp_path, lines) == answered(
        60, 0.8, mean_wait_s=240, scope="day", months_met=10, notes=WATER
    )


def test_a_planner_has_profiles_of_the_own(tmp_path):
    lines = """
        [targets]
        profile = "Comune di X"
        max_occupancy = 0.85
        [profiles."Comune di X"]
        meaning = "the contract of 2026"
        service_level = 0.9
        threshold_s = 30
        scope = "month"
        floor_service_level = 0.6
        confirm = "the threshold"
    """
    assert targets_of(tmp_path, lines) == Targets(
        None,
        0.9,
        30,
        0.85,
        scope="month",
        floor_service_level=0.6,
        notes=("Comune di X: to be confirmed by you: the threshold",),
    )


@pytest.mark.parametrize(
    ("lines", "number", "fault"),
    [
        (
            '[profiles.X]\nasa_s = 9\n[targets]\nprofile = "70-30"',
            7,
            f"targets.profile: no profile '70-30'; known: {NAMES}, X.",
        ),
        (
            '[profiles."80-20"]\nasa_s = 9',
            4,
            "profiles.80-20: staffcast has a profile of this name; choose another, or "
            "set single keys under [targets] beside profile.",
        ),
        (
            "[profiles.X]\nservice_level = 0.9",
            5,
            "profiles.X.service_level: needs threshold_s beside it.",
        ),
        (
            "[profiles.X]\nthreshold_s = 9",
            4,
            "profiles.X: name at least one of asa_s, service_level, mean_wait_s, "
            "max_occupancy, max_abandon_rate.",
        ),
        (
            "[profiles.X]\nasa_s = 9\nmonths_met = 13",
            6,
            "profiles.X.months_met must be less than or equal to 12, but is 13.",
        ),
        (
            "[profiles.X]\nasa_s = 9\nprofile = 'default'",
            6,
            "profiles.X.profile: no such key; known here: asa_s, service_level, "
            "threshold_s, mean_wait_s, sl_rule, max_occupancy, max_abandon_rate, "
            "scope, floor_service_level, meaning, source, confirm, months_met, "
            "line_accessibility.",
        ),
        (
            '[targets]\nprofile = "answer-rate"',
            5,
            "targets.profile: 'answer-rate' has no meaning in Erlang C, where nobody "
            'hangs up; write [staffing] model = "erlang_a" and patience_s.',
        ),
        (
            ERLANG_A + '[targets]\nprofile = "answer-rate"\nsl_rule = "offered"',
            7,
            "targets.service_level: needs threshold_s beside it.",
        ),
        (
            "[targets]\nasa_s = 9\nscope = 'week'",
            6,
            "targets.scope must be 'interval', 'day' or 'month', but is 'week'.",
        ),
        (
            "[targets]\nprofile = '80-20'\nfloor_service_level = 0.5",
            6,
            'targets.floor_service_level: needs scope = "day" or "month" beside it.',
        ),
        (
            "[targets]\nasa_s = 9\nscope = 'day'\nfloor_service_level = 0.5",
            7,
            "targets.floor_service_level: needs service_level beside it.",
        ),
        (
            "[targets]\nprofile = '80-20'\nscope = 'day'\nfloor_service_level = 0.81",
            7,
            "targets.floor_service_level: 0.81 is above service_level, which is 0.8.",
        ),
    ],
)
def test_what_does_not_go_together_is_named_with_its_line(
    lines, number, fault, tmp_path
):
    with pytest.raises(ConfigError) as caught:
        targets_of(tmp_path, lines)
    assert str(caught.value) == f"plan.toml, line {number}: {fault}"


def test_the_rules_are_those_of_the_checkout():
    assert rules_file("targets.toml") == (
        Path(__file__).parents[3] / "data" / "rules" / "targets.toml"
    )
