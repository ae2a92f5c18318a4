from fractions import Fraction
from math import floor

import pytest
from mpmath import mpf
from reference.erlang import exact_blocking, exact_p_wait, precise


@pytest.mark.parametrize("load", [0.1, 0.5, 2.0, 10.0, 33.3, 99.9])
def test_rationals_and_50_digits_agree(load):
    for queue in precise(load, [floor(load) + spare for spare in (1, 2, 5, 20)]):
        exact = Fraction(load), queue.agents
        assert abs(queue.blocking / _mpf(exact_blocking(*exact)) - 1) < 1e-45
        assert abs(queue.p_wait / _mpf(exact_p_wait(*exact)) - 1) < 1e-45


def test_one_agent_by_hand():
    """M/M/1: B = a/(1+a), C = a."""
    assert exact_blocking(Fraction(1, 2), 1) == Fraction(1, 3)
    assert exact_p_wait(Fraction(1, 2), 1) == Fraction(1, 2)


def test_published_example():
    """CRAN ErlangC 0.1.0: 100 calls in 30 min, 180 s, 14 agents, 20 s."""
    (queue,) = precise(10.0, [14])
    assert round(float(queue.p_wait), 7) == 0.1741319
    assert round(float(queue.service_level(180.0, 20.0)), 5) == 0.88835
    assert round(float(queue.asa_s(180.0)), 8) == 7.83593701


def _mpf(exact: Fraction) -> mpf:
    return mpf(exact.numerator) / exact.denominator
