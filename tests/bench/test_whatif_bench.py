"""CPU seconds that a manager's questions take, of the sample."""

import time
from pathlib import Path

import pytest

from staffing.scenario.base import read_base
from staffing.scenario.breakeven import break_even
from staffing.scenario.changes import Scenario
from staffing.scenario.outcome import outcome_of
from staffing.scenario.ranges import parse_range
from staffing.scenario.sweep import sweep
from staffing.scenario.tornado import tornado
from staffing.scenario.tradeoff import trade_off

ROOT = Path(__file__).parents[2]
GRID = ("volume=-20%..+20%/2%", "aht_s=-10%..+10%/1%")
MOST_S = 10.0
"""CPU that a grid of 21 × 21 points may take. [s]"""


@pytest.mark.bench
def test_what_a_grid_and_the_pictures_take():
    base = read_base(ROOT / "data" / "plan.toml")
    scenario = Scenario.of(["volume=+10%"])
    ranges = [parse_range(text) for text in GRID]
    asked = {
        "outcome, simulated": lambda: outcome_of(base, scenario),
        "outcome, agents only": lambda: outcome_of(base, scenario, simulated=False),
        "tornado": lambda: tornado(base, scenario),
        "trade-off": lambda: trade_off(base, scenario),
        "break-even": lambda: break_even(base, scenario),
        "grid of 21 × 21": lambda: sweep(base, scenario, ranges),
    }
    spent_s = {}
    for name, ask in asked.items():
        start = time.process_time()
        ask()
        spent_s[name] = time.process_time() - start
        print(f"\n{name}: {spent_s[name]:.2f} s of CPU", end="")
    assert spent_s["grid of 21 × 21"] < MOST_S
