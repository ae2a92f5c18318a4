"""KPIs of simulated days, with what chance leaves unsure."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from staffing.simulate.serve import Result

Floats = NDArray[np.float64]


class Estimate(NamedTuple):
    """A ratio of sums over all replications; ± 1.96 se is 95 %, from 30 of them on."""

    value: Floats  # NaN where the sum below the line is 0
    se: Floats  # NaN where there is only one replication


class Kpis(NamedTuple):
    """KPIs of each group of intervals and queues."""

    service_level: Estimate  # by sl_rule [1]
    asa_s: Estimate  # mean wait of the answered [s]
    mean_wait_s: Estimate  # mean wait of all offered [s]
    abandon_rate: Estimate  # abandoned/offered [1]
    occupancy: Estimate  # busy time / time on duty, of the pool [1]
    aht_s: Estimate  # mean handle time of the handled [s]


def level_of(
    sl_rule: str, offered: Floats, handled: Floats, in_time: Floats, short: Floats
) -> tuple[Floats, Floats]:
    """What the service level divides by what: fields of Result. [contacts]"""
    levels = {
        "offered": (in_time, offered),
        "handled": (in_time, handled),
        "less_short_abandons": (in_time, offered - short),
        "answer_rate": (handled, offered),
    }
    if sl_rule not in levels:
        raise ValueError(f"sl_rule: must be one of {[*levels]}, but is {sl_rule!r}.")
    return levels[sl_rule]


def _ratio(above: Floats, below: Floats) -> Estimate:
    """Σ above / Σ below over n replications; se: √n·sd(above - value·below)/Σ below"""
    n = len(above)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = above.sum(axis=0) / below.sum(axis=0)
        spread = ((above - value * below) ** 2).sum(axis=0) / (n - 1 or np.nan)
        return Estimate(value, np.sqrt(n * spread) / below.sum(axis=0))


def kpis(result: Result, *, groups: ArrayLike = 0, sl_rule: str = "offered") -> Kpis:
    """
    KPIs of groups of intervals and queues, each a ratio of sums.

    Parameters
    ----------
    groups : array_like of int, broadcastable to (intervals, queues)
        Label of each cell; below 0 leaves it out. ``np.arange(queues)`` is by queue,
        ``np.arange(intervals)[:, None]`` by interval, 0 the whole.
    sl_rule : str
        Service level: "offered" answered_within/offered, "handled" answered_within/
        handled, "less_short_abandons" answered_within/(offered - short_abandoned),
        "answer_rate" handled/offered.

    Returns
    -------
    Kpis
        Estimates with one value for each label, in the labels' order. Occupancy is
        the pool's in the group's intervals: above 1 where those who leave finish
        calls; work after closing is in no interval.
    """
    replications, *shape = result.offered.shape
    labels = np.broadcast_to(groups, shape)
    order = np.argsort(labels, axis=None, kind="stable")
    names = np.unique(labels[labels >= 0])
    starts = np.searchsorted(labels.ravel()[order], names)
    offered, handled, lost, in_time, short, handled_wait_s, lost_wait_s, handle_s = (
        np.add.reduceat(field.reshape(replications, -1)[:, order], starts, axis=1)
        for field in result[:8]
    )
    touched = (labels == names[:, None, None]).any(axis=2).astype(np.float64).T
    agent_s = np.broadcast_to(result.agent_s @ touched, offered.shape)
    return Kpis(
        service_level=_ratio(*level_of(sl_rule, offered, handled, in_time, short)),
        asa_s=_ratio(handled_wait_s, handled),
        mean_wait_s=_ratio(handled_wait_s + lost_wait_s, offered),
        abandon_rate=_ratio(lost, offered),
        occupancy=_ratio(result.busy_s @ touched, agent_s),
        aht_s=_ratio(handle_s, handled),
    )
