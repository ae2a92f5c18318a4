"""Rules of work from their files."""

import pytest

from forecast.errors import ConfigError
from staffing.roster.rules import UNITS, Rules
from staffing.roster.rules_file import GOALS, SHIPPED, read_rules


def test_italy_has_every_rule_and_says_which_were_read_in_their_source():
    rules = read_rules("italy")
    assert set(rules.rules) == set(UNITS)
    assert {name for name, rule in rules.rules.items() if not rule.hard} == set(GOALS)
    unread = {name for name, rule in rules.rules.items() if not rule.verified}
    assert unread == {
        *GOALS,
        "max-days",
        "shortest-work",
        "free-weekends",
        "sundays",
    }
    limits = {"daily-rest": 11, "free-day": 35, "week-average": 48, "pause": 10}
    limits |= {"screen-break": 120, "night": 8, "minor-day": 8, "minor-free-days": 2}
    limits |= {"screen-break-length": 15, "minor-week": 40}
    assert {name: rules.limit(name) for name in limits} == limits


def test_none_has_no_rules():
    assert read_rules("none") == Rules("none", {})


def test_a_planner_s_own_file(tmp_path):
    (tmp_path / "ours.toml").write_text(
        '[rules.max-days]\nvalue = 5\ntext = "five"\nsource = "us"\n'
        'status = "verified"\n'
        '[rules.wishes]\nvalue = 0\ntext = "kind"\nsource = "us"\n'
        'status = "unverified"\nhard = false\nweight = 2.5\n'
    )
    rules = read_rules("ours.toml", tmp_path)
    assert (rules.name, rules.limit("max-days"), rules.weight("max-days")) == (
        "ours",
        5.0,
        0.0,
    )
    assert (rules.limit("wishes"), rules.weight("wishes")) == (None, 2.5)


GOOD = 'value = 1\ntext = "t"\nsource = "s"\nstatus = "verified"\n'


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            f"[rules.sleep]\n{GOOD}",
            f"ours.toml, line 1: rules.sleep: no such rule; known: {', '.join(UNITS)}.",
        ),
        (
            f"[rules.wishes]\n{GOOD}",
            "ours.toml, line 1: rules.wishes.hard: is a goal: write hard = false and a "
            "weight.",
        ),
        (
            f"[rules.pause]\n{GOOD}weight = 1.0\n",
            "ours.toml, line 6: rules.pause.weight: belongs to hard = false; leave one "
            "of them out.",
        ),
        (
            f"[rules.pause]\n{GOOD.replace('verified', 'heard')}",
            "ours.toml, line 5: rules.pause.status must be 'verified' or "
            "'unverified', but is 'heard'.",
        ),
        (
            f"[rules.pause]\n{GOOD}units = 3\n",
            "ours.toml, line 6: rules.pause.units: no such key; known here: value, "
            "text, source, status, hard, weight.",
        ),
    ],
)
def test_a_fault_is_named_with_its_line_and_key(tmp_path, text, fault):
    (tmp_path / "ours.toml").write_text(text)
    with pytest.raises(ConfigError) as error:
        read_rules("ours.toml", tmp_path)
    assert str(error.value) == fault


def test_a_name_that_is_none(tmp_path):
    with pytest.raises(ConfigError) as error:
        read_rules("france")
    assert str(error.value) == (
        f"[roster] rules: 'france' is not known; write {', '.join(SHIPPED)} or the "
        "name of a .toml file."
    )
    with pytest.raises(ConfigError) as error:
        read_rules("ours.toml", tmp_path)
    path = tmp_path / "ours.toml"
    assert str(error.value) == f"{path} cannot be read (No such file or directory)."
