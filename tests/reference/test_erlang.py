from fractions import Fraction
from math import floor

import pytest
from mpmath import exp, inf, log, mpf, quad
from reference import erlang_a
from reference.erlang import (
    exact_blocking,
    exact_p_wait,
    inverse_blocking,
    precise,
    precise_part,
)


@pytest.mark.parametrize("load", [0.1, 0.5, 2.0, 10.0, 33.3, 99.9])
def test_rationals_and_50_digits_agree(load):
    for queue in precise(load, [floor(load) + spare for spare in (1, 2, 5, 20)]):
        exact = Fraction(load), queue.agents
        assert abs(queue.blocking / _mpf(exact_blocking(*exact)) - 1) < 1e-45
        assert abs(queue.p_wait / _mpf(exact_p_wait(*exact)) - 1) < 1e-45
        part = precise_part(load, queue.agents)
        assert abs(part.blocking / queue.blocking - 1) < 1e-45
        assert abs(part.p_wait / queue.p_wait - 1) < 1e-45


@pytest.mark.parametrize(
    ("load", "agents"), [(0.1, 0.5), (1.0, -0.3), (10.0, 12.25), (600.0, 580.5)]
)
def test_real_agents_equal_the_integral_of_jagerman(load, agents):
    """1/B(n) = a ∫ exp(-at)(1+t)ⁿ dt, t from 0 to ∞."""
    a, n = mpf(load), mpf(agents)
    ends = [0, *(x / a for x in (1, 5, 20, 60, 150, 500)), inf]
    integral = a * quad(lambda t: exp(n * log(1 + t) - a * t), ends)
    assert abs(inverse_blocking(load, agents) / integral - 1) < 1e-40


@pytest.mark.parametrize("agents", [0.4, 11])
@pytest.mark.parametrize("threshold_s", [0.0, 20.0])
def test_erlang_a_equals_numerical_integration_of_the_virtual_wait(agents, threshold_s):
    load, aht_s, patience_s = mpf(10), mpf(180), mpf(120)

    def density(t):  # over P(n-1)
        rise = load * patience_s / aht_s * (1 - exp(-t / patience_s))
        return load / aht_s * exp(rise - agents * t / aht_s)

    def integral(share, start=0):
        ends = [t for t in (0, 20, 60, 150, 300, 1200, 5000) if t > start]
        return quad(lambda t: share(t) * density(t), [start, *ends, inf])

    def stays(t):
        return exp(-t / patience_s)

    free = inverse_blocking(load, mpf(agents) - 1)
    waiting = integral(lambda t: 1)
    total, answered = free + waiting, free + integral(stays)
    leaves_later = integral(lambda t: stays(threshold_s) - stays(t), threshold_s)
    by_integrals = erlang_a.Precise(
        p_wait=waiting / total,
        abandon_rate=1 - answered / total,
        asa_s=integral(lambda t: t * stays(t)) / answered,
        mean_wait_s=(1 - answered / total) * patience_s,
        answered_within=(answered - integral(stays, threshold_s)) / total,
        abandoned_within=(total - answered - leaves_later) / total,
    )
    exact = erlang_a.precise(load, agents, aht_s, patience_s, threshold_s)
    for closed_form, integrated in zip(exact, by_integrals, strict=True):
        assert abs(closed_form - integrated) < mpf(10) ** -38


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
