"""Any parameters at all: a finite result or a named error, in bounded time."""

import json
import math
import random
import subprocess
import sys
from pathlib import Path

import pytest
from reference import fuzzed

from staffing.pipeline import plan_month

SCRIPT = Path(fuzzed.__file__)


def check_erlang(seed, staffcast_here):
    """Finite agents and KPIs; an ASA without end only where agents are too few."""
    arguments = fuzzed.erlang_arguments(seed)
    run = staffcast_here(*arguments)
    assert run.code in (0, 2), (arguments, run.err)
    if run.code == 2:
        assert run.out == "", arguments
        assert len(run.err) > 20, arguments
        return
    (row,) = json.loads(run.out)
    endless = row["agents"] <= row["load_erlang"]
    for name, value in row.items():
        known = value is not None and (name == "binding" or math.isfinite(value))
        assert known or (endless and name in ("asa_s", "mean_wait_s")), arguments
    assert 0 <= row["service_level"] <= 1, arguments
    assert 0 <= row["occupancy"] <= 1, arguments
    assert row["agents"] >= 0, arguments


@pytest.mark.parametrize(("kind", "few"), [("configs", 60), ("changes", 150)])
def test_parameters_are_taken_or_refused_by_name(kind, few, tmp_path):
    accepted = sum(fuzzed.TRIED[kind](seed, tmp_path) for seed in range(few))
    assert few / 10 < accepted < few * 9 / 10


def test_options_of_the_calculator_are_taken_or_refused_by_name(staffcast_here):
    for seed in range(30):
        check_erlang(seed, staffcast_here)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("kind", "first"),
    [(kind, n * 1000) for kind in fuzzed.TRIED for n in range(1, 6)],
)
def test_10000_parameters_are_taken_or_refused_by_name(kind, first):
    """In a process that the system ends if a case takes too long or too much."""
    run = subprocess.run(
        [sys.executable, SCRIPT, kind, str(first), str(first + 1000)],
        capture_output=True,
        text=True,
        check=False,
    )
    last = run.stderr.splitlines()[-1:]
    assert run.returncode == 0, (last, run.stdout)
    found = json.loads(run.stdout.splitlines()[-1])
    assert found["failed"] == [], run.stdout
    assert 100 < found["accepted"] < 900


@pytest.mark.soak
def test_2000_options_of_the_calculator_are_taken_or_refused_by_name(staffcast_here):
    for seed in range(2000):
        check_erlang(1000 + seed, staffcast_here)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(30))
def test_a_whole_plan_by_any_parameters_is_a_plan_or_a_named_error(
    seed, centre, staffcast_here, quick_pictures
):
    """The first configurations that can be read, with a history beside them."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    calls = {"Sales": 30.0, "Help": 12.0}
    path = centre(calls=calls)
    text = fuzzed.config_text(chance)
    while not fuzzed.is_read(text, path):
        text = fuzzed.config_text(chance)
    path.write_text('"month" = "2026-03"\n' + text)
    run = staffcast_here("plan", path, "--out", path.parent / "out")
    assert run.code in (0, 1, 2, 3), (text, run.err)
    if run.code in (0, 1):
        plan = plan_month(path)
        fuzzed.check_requirement(plan.requirement, plan.rules.targets)
