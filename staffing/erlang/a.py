"""Erlang A: callers who wait too long hang up (M/M/n+M, exponential patience)."""

from functools import partial
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from staffing.erlang.a_kernels import metrics_by_rule
from staffing.erlang.b import (
    checked,
    checked_load,
    checked_real_agents,
    each,
    inverse_blocking,
)
from staffing.erlang.c import checked_aht, checked_threshold

SlRule = Literal["offered", "handled", "less_short_abandons", "answer_rate"]
SL_RULES: tuple[SlRule, ...] = get_args(SlRule)
MOST_IMPATIENT = 1e8
"""Most callers who may wait at once, load · patience / AHT: the series is as long."""


class Metrics(NamedTuple):
    """What callers and agents meet, each an array of the broadcast shape."""

    p_wait: NDArray[np.float64]  # share of callers who wait [1]
    asa_s: NDArray[np.float64]  # mean wait of the answered [s]
    service_level: NDArray[np.float64]  # by sl_rule [1]
    occupancy: NDArray[np.float64]  # busy time / logged-in time [1]
    abandon_rate: NDArray[np.float64]  # abandoned / offered [1]
    mean_wait_s: NDArray[np.float64]  # mean wait of all callers [s]


def checked_patience(
    patience_s: ArrayLike, load: NDArray[np.float64], aht_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean patience as floats. [s]"""
    patience = checked(
        "patience_s",
        patience_s,
        lambda x: (x > 0) & (x < np.inf),
        "a finite number of seconds above 0",
    )
    checked(
        "load · patience_s / aht_s",
        load * patience / aht_s,
        lambda x: x <= MOST_IMPATIENT,
        f"at most {MOST_IMPATIENT:g} (beyond, nobody hangs up: use Erlang C)",
    )
    return patience


def checked_short_abandon(
    short_abandon_s: ArrayLike | None, threshold_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The longest wait of a short abandon as floats: the threshold where None. [s]"""
    if short_abandon_s is None:
        return threshold_s
    return checked(
        "short_abandon_s",
        short_abandon_s,
        lambda x: (x >= 0) & (x < np.inf),
        "a finite number of seconds, 0 or more",
    )


@np.errstate(over="ignore")  # 1/B may be inf: nobody waits
def metrics(
    load: ArrayLike,
    agents: ArrayLike,
    *,
    aht_s: ArrayLike,
    patience_s: ArrayLike,
    threshold_s: ArrayLike,
    sl_rule: SlRule = "offered",
    short_abandon_s: ArrayLike | None = None,
) -> Metrics:
    """
    Waiting, abandonment, service level and occupancy where callers hang up.

    Parameters
    ----------
    load : array_like, shape S
        Offered load λ·AHT. [erlang], ≥ 0
    agents : array_like, shape broadcastable with S
        Agents on the queue, whole or not. [agents], ≥ 0
    aht_s : array_like, shape broadcastable with S
        Mean handling time. [s], > 0
    patience_s : array_like, shape broadcastable with S
        Mean time that a caller would wait, exponential. [s], > 0
    threshold_s : array_like, shape broadcastable with S
        The T of "answered within T". [s], ≥ 0
    sl_rule : {"offered", "handled", "less_short_abandons", "answer_rate"}
        What the service level is: answered within T over the offered, over the
        handled, or over the offered less those who abandon within
        ``short_abandon_s``; or all handled over the offered.
    short_abandon_s : array_like, optional
        Abandoning so soon does not count against "less_short_abandons"; the
        threshold where it is not given. [s], ≥ 0

    Returns
    -------
    Metrics
        Arrays of the broadcast shape. No load: nobody waits, service level 1. No
        agents: everybody waits and abandons, service level 0, ASA inf, occupancy 1.

    Raises
    ------
    ValueError
        Where a value is NaN or out of its range, or the rule is unknown.

    Notes
    -----
    With s = n·patience/AHT and η = a·patience/AHT, the state with j callers
    waiting has P(n+j) = P(n-1)·(a/n)·Π η/(s+i), i = 1 … j [1]_. Who finds j waiting
    waits V with exp(-V/patience) ~ Beta(s, j+1), so that sums of P(n+j) times
    incomplete beta functions give each share. Those are taken as sums over
    negative binomial terms, from whichever end leaves only positive terms: the
    service level keeps its relative accuracy where it is small. Between whole
    numbers of agents B is continued as in Erlang B.

    References
    ----------
    .. [1] Garnett, Mandelbaum and Reiman (2002), Manufacturing & Service
       Operations Management 4:208-227.

    Examples
    --------
    48 calls of a minute each minute, 50 agents, two minutes of patience:

    >>> kpi = metrics(48.0, 50, aht_s=60.0, patience_s=120.0, threshold_s=20.0)
    >>> kpi.abandon_rate.round(4), kpi.mean_wait_s.round(2)
    (np.float64(0.0309), np.float64(3.71))
    """
    if sl_rule not in SL_RULES:
        raise ValueError(f"sl_rule: must be one of {SL_RULES}, but is {sl_rule!r}.")
    load, agents = checked_load(load), checked_real_agents(agents)
    aht_s, threshold_s = checked_aht(aht_s), checked_threshold(threshold_s)
    patience_s = checked_patience(patience_s, load, aht_s)
    p_wait, asa_s, level, abandoned = each(
        partial(metrics_by_rule, rule=SL_RULES.index(sl_rule)),
        load,
        agents,
        inverse_blocking(load, agents % 1.0),
        aht_s,
        patience_s,
        threshold_s,
        checked_short_abandon(short_abandon_s, threshold_s),
    )
    busy = np.divide(
        load * (1.0 - abandoned),
        agents,
        out=np.array(np.broadcast_to(np.where(load > 0, 1.0, 0.0), p_wait.shape)),
        where=np.broadcast_to(agents > 0, p_wait.shape),
    )
    return Metrics(
        p_wait,
        asa_s,
        level,
        np.minimum(busy, 1.0),
        abandoned,
        abandoned * patience_s,
    )
