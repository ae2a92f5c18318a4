"""How long a planner waits for words: help against the interpreter's own start."""

import subprocess
import sys
from time import perf_counter

import pytest

ROUNDS = 7


def seconds(code):
    """Best of a few runs, so that a busy machine counts less. [s]"""
    best_s = float("inf")
    for _ in range(ROUNDS):
        start = perf_counter()
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
        best_s = min(best_s, perf_counter() - start)
    return best_s


@pytest.mark.bench
@pytest.mark.parametrize("args", [["--help"], ["plan", "--help"]])
def test_help_takes_a_few_times_the_interpreters_start(args):
    run = f"import sys; sys.argv = ['staffcast', *{args}]; "
    help_s = seconds(run + "from staffing.cli import main; main()")
    bare_s = seconds("pass")
    ratio = help_s / bare_s
    print(f"\nstaffcast {' '.join(args)}: {help_s:.2f} s, {ratio:.1f} × python")
    assert ratio < 40
