"""
Erlang A in 50 digits, by the integrals over the virtual wait V.

The wait of a caller without end of patience has, over P(n-1), the density
λ exp((λ/θ)(1 - exp(-θt)) - nμt) (Garnett, Mandelbaum and Reiman 2002). In y = exp(-θt)
its integrals are incomplete gamma functions, which mpmath has for any real number of
agents and any load; test_erlang.py holds them against numerical integration.
"""

from typing import NamedTuple

from mpmath import mp, mpf
from reference.erlang import inverse_blocking

mp.dps = 50


class Precise(NamedTuple):
    """Shares of the offered [1], and mean waits [s]."""

    p_wait: mpf
    abandon_rate: mpf
    asa_s: mpf
    mean_wait_s: mpf
    answered_within: mpf
    abandoned_within: mpf


def precise(
    load: float, agents: float, aht_s: float, patience_s: float, threshold_s: float
) -> Precise:
    """M/M/n+M, a real n > 0."""
    patience = mpf(patience_s)
    s, eta = mpf(agents) * patience / mpf(aht_s), mpf(load) * patience / mpf(aht_s)
    left = mp.exp(-mpf(threshold_s) / patience)
    free = inverse_blocking(load, mpf(agents) - 1)
    waiting, answered = _tail(s, eta, 1), _tail(s + 1, eta, 1)
    waiting_on, answered_on = _tail(s, eta, left), _tail(s + 1, eta, left)
    total = free + waiting
    lost = (waiting - answered) / total
    # answered · mean wait: ∫ -ln(y) yˢ …, minus the slope in s
    wait = -mp.diff(lambda x: _tail(x, eta, 1), s + 1)
    return Precise(
        p_wait=waiting / total,
        abandon_rate=lost,
        asa_s=wait / (free + answered) * patience,
        mean_wait_s=lost * patience,
        answered_within=(free + answered - answered_on) / total,
        abandoned_within=lost - (left * waiting_on - answered_on) / total,
    )


def _tail(s: mpf, eta: mpf, y: mpf) -> mpf:
    """∫ η exp(η(1 - u)) uˢ⁻¹ du, u from 0 to y: η^(1-s) exp(η) γ(s, ηy)."""
    z = eta * y
    if z <= max(s, 1000):
        gamma = mp.gammainc(s, 0, z)
    else:  # the smaller part, by Legendre's continued fraction (mpmath's fails)
        b = z + 1 - s
        c, d, i = mp.inf, 1 / b, 0
        above, step = d, mpf(0)
        while abs(step - 1) > mp.eps:
            i += 1
            b += 2
            d = 1 / (b - i * (i - s) * d)
            c = b - i * (i - s) / c
            step = c * d
            above *= step
        gamma = mp.gamma(s) - mp.exp(-z) * z**s * above
    return eta ** (1 - s) * mp.exp(eta) * gamma
