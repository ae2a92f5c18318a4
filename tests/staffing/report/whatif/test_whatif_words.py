import numpy as np
import pandas as pd
import pytest

from staffing.report.whatif.words import amount_shown, break_even_sentences
from staffing.scenario.breakeven import BreakEven
from staffing.scenario.changes import parse_change
from staffing.texts import of

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("change", "en", "it"),
    [
        ("volume=+2.5%", "+2.5 %", "+2,5 %"),
        ("shrinkage=-0.01", "−1 pp", "−1 p.p."),
        ("shrinkage=0.33", "33 %", "33 %"),
        ("aht_s=+30s", "+30 s", "+30 s"),
        ("aht_s=280", "280 s", "280 s"),
        ("min_agents=+2", "+2", "+2"),
    ],
)
def test_amounts_are_written_with_sign_and_unit(change, en, it):
    value = parse_change(change).value
    assert amount_shown(value, of("en")).replace(SPACE, " ") == en
    assert amount_shown(value, of("it")).replace(SPACE, " ") == it


def test_the_break_even_is_said_in_sentences():
    carried = pd.DataFrame(
        [
            ("A", 0.06, "service_level"),
            ("B", -0.03, "asa_s"),
            ("C", 1.0, ""),
            ("D", np.nan, "max_abandon_rate"),
        ],
        columns=["queue", "change", "missed"],
    )
    freed = pd.DataFrame(
        {"change": ["aht_s=-10%"], "fte": [5.5], "agent_hours": [678.0]}
    )
    said = break_even_sentences(BreakEven(carried, freed), of("en"))
    assert [sentence.replace(SPACE, " ") for sentence in said] == [
        "A: the agents on duty carry +6 % calls before the month misses its target: "
        "service level.",
        "B: the agents on duty meet the month's targets only with −3 % calls; with "
        "more they miss one: mean wait of the answered.",
        "C: the agents on duty carry +100 % calls and still meet their targets.",
        "D: the agents on duty miss a target even with −50 % calls: callers who hang "
        "up.",
        "Handle time −10 %: −5.5 people (FTE), −678 h on the phone.",
    ]
