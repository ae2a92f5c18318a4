"""[roster] of plan.toml."""

import pytest

from forecast.errors import ConfigError
from staffing.config import read_config

PLAN = """\
history = "history.csv"
timezone = "Europe/Rome"
[hours]
mon-fri = "08:00-20:00"
[targets]
asa_s = 50
[roster]
agents = "agents.csv"
contracts = "contracts.toml"
"""


def read(tmp_path, text):
    path = tmp_path / "plan.toml"
    path.write_text(text)
    return read_config(path)


def test_a_plan_has_a_roster_where_it_says_so(tmp_path):
    roster = read(tmp_path, PLAN).roster
    assert roster.model_dump() == {
        "agents": "agents.csv",
        "contracts": "contracts.toml",
        "absences": None,
        "requests": None,
        "past": None,
        "rules": "italy",
        "objective": "convex",
        "effort": 1.0,
    }
    assert read(tmp_path, PLAN.partition("[roster]")[0]).roster is None


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            'objective = "profit"',
            "roster.objective must be 'hours', 'convex' or 'service_level', but is "
            "'profit'.",
        ),
        (
            'objective = "service_level"',
            'roster.objective: "service_level" needs service_level under [targets].',
        ),
        ("effort = 0", "roster.effort must be greater than 0, but is 0."),
        ('past = ""', "roster.past must have at least 1 character, but is ''."),
        (
            'rule = "italy"',
            "roster.rule: no such key; known here: agents, contracts, absences, "
            "requests, past, rules, objective, effort.",
        ),
    ],
)
def test_a_fault_is_named_with_its_line_and_key(tmp_path, line, fault):
    with pytest.raises(ConfigError) as error:
        read(tmp_path, PLAN + line)
    assert str(error.value) == f"plan.toml, line 10: {fault}"
