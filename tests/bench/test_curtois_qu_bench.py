"""
The shift-scheduling instances of Curtois and Qu (2014), where they are.

STAFFCAST_CURTOIS_QU names the folder of Instance1.txt to Instance7.txt, which
schedulingbenchmarks.org has; they carry no licence and are not kept here. Best
published: 607, 828, 1001, 1716, 1143, 1950, 1056.
"""

import os
from pathlib import Path

import pytest
from bench import curtois_qu

from staffing.roster.search import improve, solve

FOLDER = Path(os.environ.get("STAFFCAST_CURTOIS_QU", "shift_benchmark"))
OPTIMA = {1: 607, 2: 828, 3: 1001}
BARS = {4: 1720, 5: 1245, 6: 2164, 7: 1307}


@pytest.mark.bench
@pytest.mark.parametrize("number", [*OPTIMA, *BARS])
def test_instances_are_optimal_or_within_their_bars(number):
    path = FOLDER / f"Instance{number}.txt"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    instance = curtois_qu.read(path)
    lines = curtois_qu.lines_of(instance)
    begun = os.times()
    found = solve(lines, limit=20.0 if number in OPTIMA else 5.0)
    if number in BARS:
        found = improve(lines, found, effort=95.0)
    spent = os.times()
    cpu_s = spent.user + spent.system - begun.user - begun.system
    roster = curtois_qu.roster_of(instance, found.choice)
    value = curtois_qu.cost(instance, roster)
    print(f"\ninstance {number}: {value}, bound {found.bound:.0f}, {cpu_s:.0f} CPU-s")
    assert curtois_qu.faults(instance, roster) == []
    assert value == found.cost == lines.cost(found.choice)
    assert value <= (OPTIMA | BARS)[number]
    if number in OPTIMA:
        assert found.bound == value == OPTIMA[number]
