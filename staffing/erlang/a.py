"""Erlang A: callers who wait too long hang up (M/M/n+M, exponential patience)."""

from typing import Literal, NamedTuple, get_args

import numpy as np
from numba import guvectorize, njit
from numpy.typing import ArrayLike, NDArray

from staffing.erlang.b import (
    blocking_probability,
    checked,
    checked_load,
    checked_real_agents,
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


# numba's cache sees changes in a kernel's own file only: 1/B comes in as a number.
@njit(cache=True)
def _waiting(
    load: float, agents: float, inverse_b: float, ratio: float, threshold: float
) -> tuple[float, float, float, float, float]:
    """
    Shares of the offered, and a mean wait in units of patience.

    ``inverse_b`` is 1/B(n-1), or 1/B(n) below one agent, ``ratio`` patience / AHT
    and ``threshold`` T / patience. Gives P(wait), abandoned, mean wait of the
    answered, answered within T, abandoned within T. All sums are of positive terms.
    """
    patient = -np.expm1(-threshold)  # x, the share with less patience than T
    left = np.exp(-threshold)  # 1 - x
    if agents <= 1e-100 * load:  # none, or too few for a float
        return 1.0, 1.0, np.inf, 0.0, patient
    if inverse_b == np.inf:
        return 0.0, 0.0, 0.0, 1.0, 0.0
    s, eta = agents * ratio, load * ratio
    state = load / agents  # P(n+j) over P(n-1), from j = 0
    waiting, queue, answered, answered_wait, harmonic = 0.0, 0.0, 0.0, 0.0, 0.0
    # passed: P(i of those ahead have gone by T), negative binomial, times e^-log
    passed, log, passed_sum = 1.0, -threshold * (s + 1.0), 0.0
    scale = np.exp(log)
    near_all, near, far_all, far, at_once = 0.0, 0.0, 0.0, 0.0, 0.0
    free = inverse_b if agents >= 1.0 else (inverse_b - 1.0) * load / agents
    j = 0.0
    while True:
        near_all += passed * waiting
        near += passed * answered
        passed_sum += passed
        in_time = max(0.0, 1.0 - scale * passed_sum)
        step = 1.0 / (s + j + 1.0)
        share = state * s * step
        far_all += state * in_time
        far += share * in_time
        at_once += state * passed * scale
        harmonic += step
        waiting += state
        queue += j * state
        answered += share
        answered_wait += share * harmonic
        j += 1.0
        passed *= patient * (j + s) / j
        if passed > 1e100:
            shift = min(230.0, -log)
            factor = np.exp(-shift)
            passed *= factor
            passed_sum *= factor
            near *= factor
            near_all *= factor
            log += shift
            scale = np.exp(log)
        state *= eta * step
        fall = 1.0 - eta / (s + j + 1.0)
        if fall > 0.0:
            least = min(queue, answered_wait) if queue > 0.0 else answered_wait
            if state * j * max(1.0, harmonic) <= 1e-17 * fall * least:
                break
        if waiting > 1e100:
            for_all = 1e-100
            state *= for_all
            free *= for_all
            waiting *= for_all
            queue *= for_all
            answered *= for_all
            answered_wait *= for_all
            near *= for_all
            near_all *= for_all
            far *= for_all
            far_all *= for_all
            at_once *= for_all
    total = free + waiting
    if (s + 1.0) * patient < j * left:  # the sum over i ends before that over j
        while passed > 1e-18 * passed_sum:
            near_all += passed * waiting
            near += passed * answered
            passed_sum += passed
            j += 1.0
            passed *= patient * (j + s) / j
        far_all, far = near_all * scale, near * scale
    lost = patient * (waiting - at_once) + left * far_all - far
    return (
        waiting / total,
        min(1.0, queue / eta / total),
        answered_wait / (free + answered),
        (free + far) / total,
        max(0.0, lost) / total,
    )


@guvectorize(  # type: ignore[no-untyped-call, untyped-decorator] # numba is untyped
    ["(" + "float64, " * 5 + ", ".join(["float64[:]"] * 5) + ")"],
    "(),(),(),(),()->(),(),(),(),()",
    cache=True,
)
def _shares(
    load: float,
    agents: float,
    inverse_b: float,
    ratio: float,
    threshold: float,
    p_wait: NDArray[np.float64],
    abandoned: NDArray[np.float64],
    asa: NDArray[np.float64],
    answered_within: NDArray[np.float64],
    abandoned_within: NDArray[np.float64],
) -> None:
    if load == 0.0:
        p_wait[0], abandoned[0], asa[0] = 0.0, 0.0, 0.0
        answered_within[0], abandoned_within[0] = 1.0, 0.0
    else:
        p_wait[0], abandoned[0], asa[0], answered_within[0], abandoned_within[0] = (
            _waiting(load, agents, inverse_b, ratio, threshold)
        )


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
    with np.errstate(divide="ignore"):  # B may be 0: nobody waits
        inverse_b = 1.0 / blocking_probability(load, agents - (agents >= 1.0))
    ratio = patience_s / aht_s
    p_wait, abandoned, asa, within, within_lost = _shares(
        load, agents, inverse_b, ratio, threshold_s / patience_s
    )
    level = within
    if sl_rule == "answer_rate":
        level = 1.0 - abandoned
    elif sl_rule == "handled":
        level = _ratio(within, 1.0 - abandoned)
    elif sl_rule == "less_short_abandons":
        if short_abandon_s is not None:
            short = checked("short_abandon_s", short_abandon_s, _is_wait, _WAIT)
            within_lost = _shares(load, agents, inverse_b, ratio, short / patience_s)[4]
        level = _ratio(within, 1.0 - within_lost)
    busy = np.divide(
        load * (1.0 - abandoned),
        agents,
        out=np.array(np.broadcast_to(np.where(load > 0, 1.0, 0.0), p_wait.shape)),
        where=np.broadcast_to(agents > 0, p_wait.shape),
    )
    return Metrics(
        p_wait,
        asa * patience_s,
        np.asarray(level),
        np.minimum(busy, 1.0),
        abandoned,
        abandoned * patience_s,
    )


_WAIT = "a finite number of seconds, 0 or more"


def _is_wait(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (values >= 0) & (values < np.inf)


def _ratio(
    part: NDArray[np.float64], whole: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A share, at most 1; 0 where nothing is there."""
    out = np.zeros(np.broadcast_shapes(part.shape, whole.shape))
    return np.minimum(np.divide(part, whole, out=out, where=whole > 0), 1.0)
