"""What the solver is asked for: callers, targets, and what agents reach."""

from __future__ import annotations

from typing import Any, NamedTuple, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from staffing.erlang import a, c
from staffing.erlang.a import SlRule as SlRule
from staffing.erlang.b import LEAST_OCCUPANCY, checked
from staffing.erlang.c import checked_aht, checked_threshold


class Callers(NamedTuple):
    """Checked: who calls, and how the service level counts them."""

    aht_s: NDArray[np.float64]
    threshold_s: NDArray[np.float64]
    patience_s: ArrayLike | None  # None: nobody hangs up
    sl_rule: SlRule
    short_abandon_s: ArrayLike | None

    def reached(self, load: NDArray[np.float64], agents: NDArray[Any]) -> a.Metrics:
        """What these agents give, by Erlang C where nobody hangs up."""
        if self.patience_s is not None:
            return a.metrics(
                load,
                agents,
                aht_s=self.aht_s,
                patience_s=self.patience_s,
                threshold_s=self.threshold_s,
                sl_rule=self.sl_rule,
                short_abandon_s=self.short_abandon_s,
            )
        kpis = c.metrics(load, agents, aht_s=self.aht_s, threshold_s=self.threshold_s)
        nobody = np.zeros(np.shape(kpis.p_wait))
        return a.Metrics(*kpis, abandon_rate=nobody, mean_wait_s=kpis.asa_s)


class Targets(NamedTuple):
    """Checked targets; NaN where one is not given."""

    service_level: NDArray[np.float64]
    asa_s: NDArray[np.float64]
    mean_wait_s: NDArray[np.float64]
    max_occupancy: NDArray[np.float64]
    max_abandon_rate: NDArray[np.float64]

    def wait_s(self) -> NDArray[np.float64]:
        """Where nobody hangs up, both means are of the same waits: the stricter."""
        return np.fmin(self.asa_s, self.mean_wait_s)

    def missed(
        self,
        load: NDArray[np.float64],
        agents: NDArray[Any],
        reached: a.Metrics,
    ) -> list[NDArray[np.bool_]]:
        """Where each target is given and missed, in order."""
        busy = np.minimum(load * (1.0 - reached.abandon_rate), agents)
        return [
            reached.service_level < self.service_level,
            reached.asa_s > self.asa_s,
            reached.mean_wait_s > self.mean_wait_s,
            busy > agents * self.max_occupancy,
            reached.abandon_rate > self.max_abandon_rate,
        ]


def _checked_wait(name: str, wait_s: ArrayLike) -> NDArray[np.float64]:
    return checked(
        name,
        wait_s,
        lambda x: (x > 0) & (x < np.inf),
        "a finite number of seconds above 0",
    )


class Limits(TypedDict, total=False):
    """What :func:`agents_for` takes beside load and handling time."""

    service_level: ArrayLike | None
    threshold_s: ArrayLike | None
    asa_s: ArrayLike | None
    mean_wait_s: ArrayLike | None
    max_occupancy: ArrayLike | None
    max_abandon_rate: ArrayLike | None
    patience_s: ArrayLike | None
    sl_rule: SlRule
    short_abandon_s: ArrayLike | None


def checked_callers(aht_s: ArrayLike, limits: Limits) -> Callers:
    """Handling time, patience and service-level rule, or ValueError."""
    rule = limits.get("sl_rule", "offered")
    if rule not in a.SL_RULES:
        raise ValueError(f"sl_rule: must be one of {a.SL_RULES}, but is {rule!r}.")
    patience_s, threshold_s = limits.get("patience_s"), limits.get("threshold_s")
    needs_patience = {
        "max_abandon_rate": limits.get("max_abandon_rate") is not None,
        'sl_rule = "answer_rate"': rule == "answer_rate",
    }
    for name, wanted in needs_patience.items():
        if wanted and patience_s is None:
            raise ValueError(f"{name} needs patience_s: in Erlang C nobody hangs up.")
    return Callers(
        checked_aht(aht_s),
        np.asarray(0.0) if threshold_s is None else checked_threshold(threshold_s),
        patience_s,
        rule,
        limits.get("short_abandon_s"),
    )


def checked_targets(callers: Callers, limits: Limits) -> Targets:
    """The targets that go together for these callers, or ValueError."""
    level, abandon = limits.get("service_level"), limits.get("max_abandon_rate")
    asa_s, mean_wait_s = limits.get("asa_s"), limits.get("mean_wait_s")
    occupancy = limits.get("max_occupancy")
    waits = asa_s is not None or mean_wait_s is not None
    if level is abandon is occupancy is None and not waits:
        raise ValueError(
            "at least one target must be given: service_level (with threshold_s), "
            "asa_s, mean_wait_s, max_occupancy or max_abandon_rate."
        )
    rule_needs_time = callers.sl_rule != "answer_rate"
    if level is not None and rule_needs_time and limits.get("threshold_s") is None:
        raise ValueError(
            "service_level needs threshold_s: the seconds within which that share "
            "is answered."
        )
    if waits and callers.patience_s is not None and level is abandon is None:
        raise ValueError(
            "a mean wait alone means nothing where callers hang up: the fewer are "
            "answered, the shorter is the queue (60 erlangs with 60 s of patience: 24 "
            "agents keep an ASA of 50 s while 60 % hang up). Give service_level or "
            "max_abandon_rate beside it."
        )
    share = "a share above 0 and below 1 (write 0.95 for 95 %)"
    not_given = np.asarray(np.nan)

    def checked_share(name: str, value: ArrayLike | None) -> NDArray[np.float64]:
        if value is None:
            return not_given
        return checked(name, value, lambda x: (x > 0) & (x < 1), share)

    return Targets(
        checked_share("service_level", level),
        not_given if asa_s is None else _checked_wait("asa_s", asa_s),
        not_given if mean_wait_s is None else _checked_wait("mean_wait_s", mean_wait_s),
        not_given
        if occupancy is None
        else checked(
            "max_occupancy",
            occupancy,
            lambda x: (x >= LEAST_OCCUPANCY) & (x <= 1),
            f"a share from {LEAST_OCCUPANCY:g} to 1 (write 0.9 for 90 %)",
        ),
        checked_share("max_abandon_rate", abandon),
    )
