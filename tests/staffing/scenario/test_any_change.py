"""Any change at all: a finite outcome, or a named error."""

import random

import numpy as np
import pytest
from reference.fuzzed import change_text, check_named, check_requirement

from forecast.errors import StaffcastError


def check_outcome(seed, outcome):
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    texts = [change_text(chance) for _ in range(chance.choice([1, 1, 2]))]
    try:
        found = outcome(*texts)
    except StaffcastError as error:
        check_named(error, texts)
        return False
    check_requirement(found.requirement, found.rules.targets)
    whole = found.kpis.set_index("queue")
    for name in ("offered", "peak_agents", "agent_hours", "paid_hours", "fte"):
        assert np.isfinite(whole[name]).all(), (texts, name)
        assert (whole[name] >= 0).all(), (texts, name)
    return True


def test_changes_have_an_outcome_or_are_refused_by_name(outcome):
    assert sum(check_outcome(seed, outcome) for seed in range(30)) > 3


@pytest.mark.soak
def test_1000_changes_have_an_outcome_or_are_refused_by_name(outcome):
    assert sum(check_outcome(1000 + seed, outcome) for seed in range(1000)) > 150
