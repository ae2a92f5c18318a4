"""
Erlang A in 50 digits, state by state.

A caller who finds n+j others, n of them served, waits until j+1 have gone before:
V is a sum of exponentials of rates nμ, nμ+θ … nμ+jθ, so exp(-θV) has the law
Beta(nμ/θ, j+1), and P(V ≤ T) is one minus a negative binomial sum. All of it is summed
as it stands; test_erlang.py holds it against published values and numerical
integration.
"""

from typing import NamedTuple

from mpmath import mp, mpf

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
    load: float, agents: int, aht_s: float, patience_s: float, threshold_s: float
) -> Precise:
    """M/M/n+M, n ≥ 1."""
    a, n, patience = mpf(load), int(agents), mpf(patience_s)
    s, eta = n * patience / mpf(aht_s), a * patience / mpf(aht_s)
    left = mp.exp(-mpf(threshold_s) / patience)
    free, term = mpf(0), mpf(1)  # Σ P(k)/P(n-1), k < n
    for k in range(n - 1, -1, -1):
        free += term
        term *= k / a
        if term < free * mpf(10) ** -60:
            break
    state, gone, gone_before = a / n, left ** (s + 1), left**s
    gone_sum, gone_before_sum = gone, gone_before
    waiting = queue = answered = answered_wait = harmonic = mpf(0)
    within = lost = mpf(0)
    j = 0
    while True:
        harmonic += 1 / (s + j + 1)
        share = state * s / (s + j + 1)
        waiting += state
        queue += j * state
        answered += share
        answered_wait += share * harmonic
        within += share * (1 - gone_sum)
        lost += state * (1 - left * gone_before_sum) - share * (1 - gone_sum)
        j += 1
        gone *= (1 - left) * (j + s) / j
        gone_before *= (1 - left) * (j - 1 + s) / j
        gone_sum += gone
        gone_before_sum += gone_before
        state *= eta / (s + j)
        if eta < s + j and state * (j + 1) < mpf(10) ** -40 * max(queue, answered_wait):
            break
    total = free + waiting
    return Precise(
        waiting / total,
        queue / eta / total,
        answered_wait / (free + answered) * patience,
        queue / eta / total * patience,
        (free + within) / total,
        lost / total,
    )
