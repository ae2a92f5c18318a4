"""The fewest agents that meet every target, and which target decides."""

from typing import Literal, NamedTuple, Unpack, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from staffing.erlang import a, a_kernels, c
from staffing.erlang.b import checked_load, inverse_blocking
from staffing.erlang.limits import (
    Callers,
    Limits,
    Targets,
    checked_callers,
    checked_targets,
)


class Explanation(NamedTuple):
    """An answer and its reason, each an array of the broadcast shape."""

    agents: NDArray[np.int64]  # fewest that meet every target [agents]
    binding: NDArray[np.str_]  # target that one agent fewer would miss
    service_level_slack: NDArray[np.float64]  # reached - target [1]
    asa_slack_s: NDArray[np.float64]  # target - reached [s]
    occupancy_slack: NDArray[np.float64]  # target - reached [1]
    mean_wait_slack_s: NDArray[np.float64]  # target - reached [s]
    abandon_rate_slack: NDArray[np.float64]  # target - reached [1]


@np.errstate(all="ignore")  # 1/B may be inf, and the search handles what is not finite
def _fewest(
    load: NDArray[np.float64], callers: Callers, targets: Targets
) -> NDArray[np.int64]:
    agents: NDArray[np.int64]
    if callers.patience_s is not None:
        agents = a_kernels.fewest_agents(
            load,
            callers.aht_s,
            a.checked_patience(callers.patience_s, load, callers.aht_s),
            callers.threshold_s,
            a.checked_short_abandon(callers.short_abandon_s, callers.threshold_s),
            a.SL_RULES.index(callers.sl_rule),
            *targets,
        )
        return agents
    # One below the quotient: it may be rounded up, and the search tests occupancy.
    start = np.fmax(np.floor(load) + 1, np.ceil(load / targets.max_occupancy) - 1)
    agents = c.fewest_agents(
        load,
        start,
        inverse_blocking(load, start),
        callers.aht_s,
        targets.service_level,
        callers.threshold_s,
        targets.wait_s(),
        targets.max_occupancy,
    )
    return agents


def _least_real(
    load: NDArray[np.float64],
    whole: NDArray[np.int64],
    callers: Callers,
    targets: Targets,
) -> NDArray[np.float64]:
    """Halves between the fewest whole agents and one less, or the load, 30 times."""
    high = whole.astype(np.float64)
    low = np.maximum(high - 1.0, 0.0)
    endless = callers.patience_s is None
    if endless:
        low = np.where(load > 0.0, np.maximum(low, load), 0.0)
    for _ in range(30):  # to 1e-9 of an agent
        probe = (low + high) / 2.0
        reached = callers.reached(load, probe)
        missed = np.any(targets.missed(load, probe, reached), axis=0)
        missed |= endless & (probe <= load)
        low, high = np.where(missed, probe, low), np.where(missed, high, probe)
    return high


@overload
def agents_for(
    load: ArrayLike,
    *,
    aht_s: ArrayLike,
    fractional: Literal[False] = False,
    **limits: Unpack[Limits],
) -> NDArray[np.int64]: ...
@overload
def agents_for(
    load: ArrayLike,
    *,
    aht_s: ArrayLike,
    fractional: Literal[True],
    **limits: Unpack[Limits],
) -> NDArray[np.float64]: ...
def agents_for(
    load: ArrayLike,
    *,
    aht_s: ArrayLike,
    fractional: bool = False,
    **limits: Unpack[Limits],
) -> NDArray[np.int64] | NDArray[np.float64]:
    """
    Fewest agents that meet every given target, by Erlang C or Erlang A.

    Parameters
    ----------
    load : array_like, shape S
        Offered load λ·AHT. [erlang], ≥ 0
    aht_s : array_like, shape broadcastable with S
        Mean handling time. [s], > 0
    service_level : array_like, optional
        Share to be reached, by ``sl_rule``. [1], in (0, 1)
    threshold_s : array_like, optional
        The T of the service level, which needs it. [s], ≥ 0
    asa_s : array_like, optional
        Longest mean wait of the answered. [s], > 0
    mean_wait_s : array_like, optional
        Longest mean wait of all. In Erlang C nobody hangs up, so this is the same
        quantity as ``asa_s``. [s], > 0
    max_occupancy : array_like, optional
        Highest share of their time that agents are busy. [1], in [1e-6, 1]
    max_abandon_rate : array_like, optional
        Highest share of the offered that hangs up; needs ``patience_s``. [1],
        in (0, 1)
    patience_s : array_like, optional
        Mean time that a caller would wait: Erlang A. Without it nobody hangs up:
        Erlang C. [s], > 0
    sl_rule : {"offered", "handled", "less_short_abandons", "answer_rate"}
        As in :func:`staffing.erlang.a.metrics`; "answer_rate" needs ``patience_s``,
        the others are the same number in Erlang C.
    short_abandon_s : array_like, optional
        As in :func:`staffing.erlang.a.metrics`. [s], ≥ 0
    fractional : bool
        The least real number of agents instead of the fewest whole ones, so that
        sums over intervals do not add up the rounding.

    Returns
    -------
    ndarray of int, or of float where fractional, the broadcast shape
        Agents on the queue. [agents]; 0 where the load is 0. In Erlang C otherwise
        more than the load, because a queue that grows without end meets no target.
        Fractional answers are exact to 1e-9 agents, rounded up, and the next whole
        number is the whole answer.

    Raises
    ------
    ValueError
        Where no target is given, a value is NaN or out of its range, a service
        level has no threshold, or a mean wait stands alone where callers hang up.

    Notes
    -----
    Erlang C steps up from the first number of agents above the load (and, to one
    agent, above load / max_occupancy), Erlang A narrows a bracket by secants; both
    with the formulas of the metrics: their values at the answer meet the targets, and
    with one agent fewer they do not, to the last bit. Occupancy is tested as
    load ≤ agents · max_occupancy, so 2.7 erlangs on 3 agents are 90 %. The fractional
    answer halves the last agent, by the formulas' continuation to real numbers.

    Examples
    --------
    >>> agents_for([0.0, 10.0, 60.0], aht_s=180.0, service_level=0.8, threshold_s=20.0)
    array([ 0, 14, 66])
    >>> limits = {"service_level": 0.8, "threshold_s": 20.0}
    >>> agents_for(10.0, aht_s=180.0, fractional=True, **limits).round(3)
    np.float64(13.037)

    60 erlangs, 95 % within 50 s, or 95 % answered at all by callers with 3 minutes
    of patience:

    >>> int(agents_for(60.0, aht_s=300.0, service_level=0.95, threshold_s=50.0))
    69
    >>> limits = {"patience_s": 180.0, "sl_rule": "answer_rate"}
    >>> int(agents_for(60.0, aht_s=300.0, service_level=0.95, **limits))
    61
    """
    callers = checked_callers(aht_s, limits)
    load, targets = checked_load(load), checked_targets(callers, limits)
    whole = _fewest(load, callers, targets)
    return _least_real(load, whole, callers, targets) if fractional else whole


def explain_for(
    load: ArrayLike, *, aht_s: ArrayLike, **limits: Unpack[Limits]
) -> Explanation:
    """
    Fewest agents that meet every given target, which target binds, and the slack.

    Parameters
    ----------
    load, aht_s, limits
        As in :func:`agents_for`.

    Returns
    -------
    Explanation
        ``agents`` as in :func:`agents_for`. ``binding`` is the first of
        "service_level", "asa_s", "mean_wait_s", "max_occupancy",
        "max_abandon_rate" that one agent fewer would miss ("" where the load is 0);
        a queue that grows without end misses every target. The slacks say how far
        better than its target each value is: ``service_level_slack`` [1],
        ``asa_slack_s`` [s] (in Erlang C against the stricter of ``asa_s`` and
        ``mean_wait_s``), ``occupancy_slack`` [1], ``mean_wait_slack_s`` [s] and
        ``abandon_rate_slack`` [1]; NaN for a target that is not given.

    Raises
    ------
    ValueError
        As in :func:`agents_for`.

    Examples
    --------
    >>> why = explain_for(10.0, aht_s=180.0, asa_s=50.0, max_occupancy=0.75)
    >>> int(why.agents), str(why.binding), round(float(why.occupancy_slack), 3)
    (14, 'max_occupancy', 0.036)
    """
    load, callers = checked_load(load), checked_callers(aht_s, limits)
    targets = checked_targets(callers, limits)
    agents = _fewest(load, callers, targets)
    reached = callers.reached(load, agents)
    fewer = np.maximum(agents - 1, 0)
    missed = targets.missed(load, fewer, callers.reached(load, fewer))
    endless = (fewer <= load) & (callers.patience_s is None)
    given = [~np.isnan(target) for target in targets]
    names = list(Targets._fields)
    binding = np.select(
        [load == 0, *(m | (endless & g) for m, g in zip(missed, given, strict=True))],
        ["", *names],
        default=names[3],  # rounding alone: 2.7 erlangs on 3 agents
    )
    wait_s = targets.wait_s() if callers.patience_s is None else targets.asa_s
    return Explanation(
        agents,
        binding,
        reached.service_level - targets.service_level,
        wait_s - reached.asa_s,
        np.maximum(targets.max_occupancy - reached.occupancy, 0.0),  # not -1e-17
        targets.mean_wait_s - reached.mean_wait_s,
        targets.max_abandon_rate - reached.abandon_rate,
    )
