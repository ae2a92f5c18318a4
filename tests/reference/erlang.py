"""
Erlang B and C by their textbook formulas, in exact and in 50-digit arithmetic.

Slow, and beyond doubt: Σ aᵏ/k! is formed as it is written, once in rationals and
once in mpmath, which agree (test_erlang.py). Between whole numbers of agents the
incomplete gamma function continues them. Floats are taken for what they are: 0.1 is
0.1000000000000000055…, here as in the code under test.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from mpmath import mp, mpf

mp.dps = 50


def exact_blocking(load: Fraction, agents: int) -> Fraction:
    """B(n, a) = (aⁿ/n!) / Σ aᵏ/k!, k = 0 … n, in exact rationals."""
    terms = _terms(load, agents)
    return terms[-1] / sum(terms)


def exact_p_wait(load: Fraction, agents: int) -> Fraction:
    """C(n, a) = w / (Σ aᵏ/k! + w), k = 0 … n-1, w = (aⁿ/n!)·n/(n-a), a < n."""
    *terms, last = _terms(load, agents)
    waiting = last * agents / (agents - load)
    return waiting / (sum(terms) + waiting)


def _terms(load: Fraction, agents: int) -> list[Fraction]:
    """aᵏ/k!, k = 0 … n."""
    terms = [Fraction(1)]
    for k in range(1, agents + 1):
        terms.append(terms[-1] * load / k)
    return terms


class Precise(NamedTuple):
    """A queue in 50 digits."""

    blocking: mpf
    p_wait: mpf
    load: mpf
    agents: int

    def asa_s(self, aht_s: float) -> mpf:
        """C·h/(n-a)."""
        return self.p_wait * mpf(aht_s) / (self.agents - self.load)

    def service_level(self, aht_s: float, threshold_s: float) -> mpf:
        """1 - C·exp(-(n-a)T/h)."""
        spare = self.agents - self.load
        return 1 - self.p_wait * mp.exp(-spare * mpf(threshold_s) / mpf(aht_s))


def precise(load: float, agents: Iterable[int]) -> list[Precise]:
    """The queue at each number of agents, all above the load, in 50 digits."""
    a, wanted = mpf(load), set(agents)
    queues, term, below = [], mpf(1), mpf(0)  # term: aⁿ/n!, below: Σ aᵏ/k!, k < n
    for n in range(1, max(wanted) + 1):
        below += term
        term *= a / n
        if n in wanted:
            waiting = term * n / (n - a)
            queues.append(
                Precise(
                    blocking=term / (below + term),
                    p_wait=waiting / (below + waiting),
                    load=a,
                    agents=n,
                )
            )
    return queues


def inverse_blocking(load: float, agents: float) -> mpf:
    """1/B(n, a), n > -1: eᵃ a⁻ⁿ Γ(n+1, a) below one agent, and 1 + (n/a)/B(n-1)."""
    a, whole = mpf(load), int(agents)
    n = mpf(agents) - whole
    inverse = mp.exp(a) * a**-n * mp.gammainc(n + 1, a)
    for _ in range(whole):
        n += 1
        inverse = 1 + n / a * inverse
    return inverse


def precise_part(load: float, agents: float) -> Precise:
    """The queue at a real number of agents above the load, in 50 digits."""
    a, n = mpf(load), mpf(agents)
    blocking = 1 / inverse_blocking(load, agents)
    return Precise(blocking, n * blocking / (n - a + a * blocking), a, n)
