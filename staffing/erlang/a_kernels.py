"""Erlang A compiled: what agents reach, and the fewest that reach the targets."""

import numpy as np
from numba import njit, vectorize
from numpy.typing import NDArray

_HANDLED, _LESS_SHORT, _ANSWERED = 1, 2, 3  # their places in a.SL_RULES


# numba's cache sees changes in a kernel's own file only: where agents are not whole,
# 1/B of their last part comes in as a number.
@njit("float64(float64, float64, float64)", cache=True)
def _free(load: float, agents: float, rest: float) -> float:
    """
    States in which an agent is free, over P(n-1): Σⱼ (n-1)(n-2)…(n-j)/aʲ.

    The sum is 1/B(n-1). It ends at the part of an agent, whose 1/B is ``rest``: 1
    where agents are whole. Below one agent, (1/B(n) - 1)·a/n.
    """
    if agents < 1.0:
        return (rest - 1.0) * load / agents
    total, term, left = 0.0, 1.0, agents - 1.0
    while left >= 1.0 and term > 1e-17 * total:
        total += term
        term *= left / load
        left -= 1.0
    return total + term * rest if left < 1.0 else total


@njit("UniTuple(float64, 5)(float64, float64, float64, float64, float64)", cache=True)
def _waiting(
    load: float, agents: float, free: float, ratio: float, threshold: float
) -> tuple[float, float, float, float, float]:
    """
    Shares of the offered, and a mean wait in units of patience.

    ``free`` is :func:`_free`, ``ratio`` patience / AHT and ``threshold`` T /
    patience. Gives P(wait), abandoned, mean wait of the answered, answered within
    T, abandoned within T. All sums are of positive terms.
    """
    patient = -np.expm1(-threshold)  # x, the share with less patience than T
    left = np.exp(-threshold)  # 1 - x
    if agents <= 1e-100 * load:  # none, or too few for a float
        return 1.0, 1.0, np.inf, 0.0, patient
    if free == np.inf:
        return 0.0, 0.0, 0.0, 1.0, 0.0
    s, eta = agents * ratio, load * ratio
    state = load / agents  # P(n+j) over P(n-1), from j = 0
    waiting, queue, answered, answered_wait, harmonic = 0.0, 0.0, 0.0, 0.0, 0.0
    # passed: P(i of those ahead have gone by T), negative binomial, times e^-log
    passed, log, passed_sum = 1.0, -threshold * (s + 1.0), 0.0
    scale = np.exp(log)
    near_all, near, far_all, far, at_once = 0.0, 0.0, 0.0, 0.0, 0.0
    j, step = 0.0, 1.0 / (s + 1.0)
    while True:
        near_all += passed * waiting
        near += passed * answered
        passed_sum += passed
        in_time = max(0.0, 1.0 - scale * passed_sum)
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
        step = 1.0 / (s + j + 1.0)
        if state <= 1e-17 * waiting:  # no sum ends before
            fall = 1.0 - eta * step
            least = min(queue, answered_wait) if queue > 0.0 else answered_wait
            if fall > 0.0 and state * j * max(1.0, harmonic) <= 1e-17 * fall * least:
                break
        elif waiting > 1e100:
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


@njit("UniTuple(float64, 4)(" + "float64, " * 7 + "int64)", cache=True)
def _reached(
    load: float,
    agents: float,
    rest: float,
    aht_s: float,
    patience_s: float,
    threshold_s: float,
    short_s: float,
    rule: int,
) -> tuple[float, float, float, float]:
    """
    P(wait), ASA, service level by the rule's place in SL_RULES, abandoned.

    ``rest`` is 1/B of the part of an agent, as in :func:`_free`.
    """
    if load == 0.0:
        return 0.0, 0.0, 1.0, 0.0
    ratio, threshold = patience_s / aht_s, threshold_s / patience_s
    free = _free(load, agents, rest) if agents > 0.0 else 0.0
    p_wait, abandoned, asa, level, within_lost = _waiting(
        load, agents, free, ratio, threshold
    )
    whole = 1.0
    if rule == _ANSWERED:
        level = 1.0 - abandoned
    elif rule == _HANDLED:
        whole = 1.0 - abandoned
    elif rule == _LESS_SHORT:
        if short_s != threshold_s:
            within_lost = _waiting(load, agents, free, ratio, short_s / patience_s)[4]
        whole = 1.0 - within_lost
    level = min(level / whole, 1.0) if whole > 0.0 else 0.0
    return p_wait, asa * patience_s, level, abandoned


@njit("float64[:, ::1](float64[:, ::1], int64)", cache=True)
def metrics_by_rule(rows: NDArray[np.float64], rule: int) -> NDArray[np.float64]:
    """
    P(wait), ASA, service level by the rule's place in SL_RULES, abandoned.

    Rows: load, agents, rest as in :func:`_free`, AHT, patience, threshold, short.
    """
    results = np.empty((4, rows.shape[1]))
    for i in range(rows.shape[1]):
        load, agents, rest, aht_s = rows[0, i], rows[1, i], rows[2, i], rows[3, i]
        patience_s, threshold_s, short_s = rows[4, i], rows[5, i], rows[6, i]
        reached = _reached(
            load, agents, rest, aht_s, patience_s, threshold_s, short_s, rule
        )
        results[0, i], results[1, i], results[2, i], results[3, i] = reached
    return results


@vectorize(  # type: ignore[no-untyped-call, untyped-decorator] # numba is untyped
    ["int64(" + "float64, " * 5 + "int64, " + ", ".join(["float64"] * 5) + ")"],
    cache=True,
)
def fewest_agents(
    load: float,
    aht_s: float,
    patience_s: float,
    threshold_s: float,
    short_s: float,
    rule: int,
    service_level: float,
    asa_s: float,
    mean_wait_s: float,
    max_occupancy: float,
    max_abandon_rate: float,
) -> int:
    """
    The fewest agents that meet the targets, given that nobody meets none.

    Secant steps from above the load, on the logarithm of the worst ratio of what is
    reached to what is allowed, which is nearly straight; then halves, if they do not
    get there. The answer and one fewer are both evaluated. NaN stands for a target
    that is not given: nothing compares as worse than NaN.
    """
    if load == 0.0:
        return 0
    low, high = 0.0, np.inf  # misses a target; meets all
    root = np.sqrt(load)
    agents, slope = np.ceil(load + root / 2.0), -1.5 / root
    before, excess_before = np.nan, np.nan
    tried = 0
    while high - low > 1.0:
        _, reached_asa_s, level, abandoned = _reached(
            load, agents, 1.0, aht_s, patience_s, threshold_s, short_s, rule
        )
        reached_wait_s = abandoned * patience_s
        busy = min(load * (1.0 - abandoned), agents)
        if (
            level < service_level
            or reached_asa_s > asa_s
            or reached_wait_s > mean_wait_s
            or busy > agents * max_occupancy
            or abandoned > max_abandon_rate
        ):
            low = agents
        else:
            high = agents
        worst = 0.0
        for part in (
            (1.0 - level) / (1.0 - service_level),
            reached_asa_s / asa_s,
            reached_wait_s / mean_wait_s,
            busy / (agents * max_occupancy),
            abandoned / max_abandon_rate,
        ):
            if part > worst:
                worst = part
        excess = np.log(worst)
        if tried > 0:
            slope = (excess - excess_before) / (agents - before)
        before, excess_before = agents, excess
        tried += 1
        guess = np.ceil(agents - excess / slope)
        if tried < 9 and abs(guess) < np.inf:
            guess = max(guess, low + 1.0, agents // 2.0)
            agents = min(guess, high - 1.0, 4.0 * agents)
        elif high < np.inf:
            agents = (low + high) // 2.0
        else:
            agents = 4.0 * low
    return int(high)
