"""The fewest agents that meet every target, and which target decides."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from staffing.erlang.b import LEAST_OCCUPANCY, checked, checked_load, inverse_blocking
from staffing.erlang.c import checked_aht, checked_threshold, fewest_agents, metrics


class Explanation(NamedTuple):
    """An answer and its reason, each an array of the broadcast shape."""

    agents: NDArray[np.int64]  # fewest that meet every target [agents]
    binding: NDArray[np.str_]  # target that one agent fewer would miss
    service_level_slack: NDArray[np.float64]  # reached - target [1]
    asa_slack_s: NDArray[np.float64]  # target - reached [s]
    occupancy_slack: NDArray[np.float64]  # target - reached [1]


class _Targets(NamedTuple):
    """Checked targets; NaN where one is not given."""

    service_level: NDArray[np.float64]
    threshold_s: NDArray[np.float64]
    asa_s: NDArray[np.float64]
    mean_wait_s: NDArray[np.float64]
    max_occupancy: NDArray[np.float64]

    def wait_s(self) -> NDArray[np.float64]:
        """Nobody hangs up, so both means are of the same waits: the stricter."""
        return np.fmin(self.asa_s, self.mean_wait_s)


def _checked_wait(name: str, wait_s: ArrayLike) -> NDArray[np.float64]:
    return checked(
        name,
        wait_s,
        lambda x: (x > 0) & (x < np.inf),
        "a finite number of seconds above 0",
    )


def _checked_targets(
    service_level: ArrayLike | None,
    threshold_s: ArrayLike | None,
    asa_s: ArrayLike | None,
    mean_wait_s: ArrayLike | None,
    max_occupancy: ArrayLike | None,
) -> _Targets:
    targets = (service_level, asa_s, mean_wait_s, max_occupancy)
    if all(target is None for target in targets):
        raise ValueError(
            "at least one target must be given: service_level (with threshold_s), "
            "asa_s, mean_wait_s or max_occupancy."
        )
    if service_level is not None and threshold_s is None:
        raise ValueError(
            "service_level needs threshold_s: the seconds within which that share "
            "is answered."
        )
    not_given = np.asarray(np.nan)
    return _Targets(
        not_given
        if service_level is None
        else checked(
            "service_level",
            service_level,
            lambda x: (x > 0) & (x < 1),
            "a share above 0 and below 1 (write 0.95 for 95 %)",
        ),
        np.asarray(0.0) if threshold_s is None else checked_threshold(threshold_s),
        not_given if asa_s is None else _checked_wait("asa_s", asa_s),
        not_given if mean_wait_s is None else _checked_wait("mean_wait_s", mean_wait_s),
        not_given
        if max_occupancy is None
        else checked(
            "max_occupancy",
            max_occupancy,
            lambda x: (x >= LEAST_OCCUPANCY) & (x <= 1),
            f"a share from {LEAST_OCCUPANCY:g} to 1 (write 0.9 for 90 %)",
        ),
    )


@np.errstate(over="ignore")  # 1/B may be inf: B is 0
def _fewest(
    load: NDArray[np.float64], aht_s: NDArray[np.float64], targets: _Targets
) -> NDArray[np.int64]:
    # One below the quotient: it may be rounded up, and the search tests occupancy.
    by_occupancy = np.ceil(load / targets.max_occupancy) - 1
    start = np.fmax(np.floor(load) + 1, by_occupancy)
    agents: NDArray[np.int64] = fewest_agents(
        load,
        start,
        inverse_blocking(load, start),
        aht_s,
        targets.service_level,
        targets.threshold_s,
        targets.wait_s(),
        targets.max_occupancy,
    )
    return agents


def agents_for(
    load: ArrayLike,
    *,
    aht_s: ArrayLike,
    service_level: ArrayLike | None = None,
    threshold_s: ArrayLike | None = None,
    asa_s: ArrayLike | None = None,
    mean_wait_s: ArrayLike | None = None,
    max_occupancy: ArrayLike | None = None,
) -> NDArray[np.int64]:
    """
    Fewest agents that meet every given target, by Erlang C.

    Parameters
    ----------
    load : array_like, shape S
        Offered load λ·AHT. [erlang], ≥ 0
    aht_s : array_like, shape broadcastable with S
        Mean handling time. [s], > 0
    service_level : array_like, optional
        Share to be answered within ``threshold_s``. [1], in (0, 1)
    threshold_s : array_like, optional
        The T of the service level, which needs it. [s], ≥ 0
    asa_s : array_like, optional
        Longest mean wait of the answered. [s], > 0
    mean_wait_s : array_like, optional
        Longest mean wait of all. In Erlang C nobody hangs up, so this is the same
        quantity as ``asa_s``. [s], > 0
    max_occupancy : array_like, optional
        Highest share of their time that agents are busy. [1], in [1e-6, 1]

    Returns
    -------
    ndarray of int, the broadcast shape
        Agents on the queue. [agents]; 0 where the load is 0, otherwise more than
        the load, because a queue that grows without end meets no target.

    Raises
    ------
    ValueError
        Where no target is given, a value is NaN or out of its range, or a
        service level has no threshold.

    Notes
    -----
    Steps up from the first number of agents above the load (and, to one agent,
    above load / max_occupancy), with the formulas of
    :func:`staffing.erlang.c.metrics`: its values at the answer meet the targets,
    and with one agent fewer they do not, to the last bit. Occupancy is tested as
    load ≤ agents · max_occupancy, so 2.7 erlangs on 3 agents are 90 %.

    Examples
    --------
    >>> agents_for([0.0, 10.0, 60.0], aht_s=180.0, service_level=0.8, threshold_s=20.0)
    array([ 0, 14, 66])
    """
    return _fewest(
        checked_load(load),
        checked_aht(aht_s),
        _checked_targets(service_level, threshold_s, asa_s, mean_wait_s, max_occupancy),
    )


def explain_for(
    load: ArrayLike,
    *,
    aht_s: ArrayLike,
    service_level: ArrayLike | None = None,
    threshold_s: ArrayLike | None = None,
    asa_s: ArrayLike | None = None,
    mean_wait_s: ArrayLike | None = None,
    max_occupancy: ArrayLike | None = None,
) -> Explanation:
    """
    Fewest agents that meet every given target, which target binds, and the slack.

    Parameters
    ----------
    load, aht_s, service_level, threshold_s, asa_s, mean_wait_s, max_occupancy
        As in :func:`agents_for`.

    Returns
    -------
    Explanation
        ``agents`` as in :func:`agents_for`. ``binding`` is the first of
        "service_level", "asa_s", "mean_wait_s", "max_occupancy" that one agent
        fewer would miss ("" where the load is 0); a queue that grows without end
        misses every target. The slacks say how far better than its target each
        value is: ``service_level_slack`` [1], ``asa_slack_s`` [s] (against the
        stricter of ``asa_s`` and ``mean_wait_s``) and ``occupancy_slack`` [1];
        NaN for a target that is not given.

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
    load, aht_s = checked_load(load), checked_aht(aht_s)
    targets = _checked_targets(
        service_level, threshold_s, asa_s, mean_wait_s, max_occupancy
    )
    agents = _fewest(load, aht_s, targets)
    limits = {"aht_s": aht_s, "threshold_s": targets.threshold_s}
    reached = metrics(load, agents, **limits)
    missed = metrics(load, np.maximum(agents - 1, 0), **limits)
    binding = np.select(
        [
            load == 0,
            missed.service_level < targets.service_level,
            missed.asa_s > targets.asa_s,
            missed.asa_s > targets.mean_wait_s,
        ],
        ["", "service_level", "asa_s", "mean_wait_s"],
        default="max_occupancy",
    )
    return Explanation(
        agents,
        binding,
        reached.service_level - targets.service_level,
        targets.wait_s() - reached.asa_s,
        np.maximum(targets.max_occupancy - reached.occupancy, 0.0),  # not -1e-17
    )
