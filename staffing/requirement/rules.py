"""How agents follow from a forecast: everything but the forecast itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from staffing.load import LoadRule
from staffing.patience import OfPools, of_pool
from staffing.requirement.pools import Pools
from staffing.requirement.returning import Returning
from staffing.shrinkage import Shrinkage
from staffing.targets import Targets

Seats = Callable[[str], tuple[int, int | None]]
"""A pool's fewest and most agents, whenever it is open."""


def no_limits(pool: str) -> tuple[int, int | None]:
    """Seats without limits."""
    return 0, None


@dataclass(frozen=True)
class Rules:
    """
    What turns calls into agents.

    ``patience_s`` is the mean time that a caller would wait: Erlang A; without it
    nobody hangs up: Erlang C. Where pools differ in it, ``own_patience_s`` has it by
    their names instead. ``usual_abandonment`` is that behind each queue's forecast,
    which ``returning`` needs. ``seed`` is of the simulations.
    """

    targets: Targets = field(default_factory=Targets)
    seats: Seats = no_limits
    shrinkage: Shrinkage = field(default_factory=Shrinkage)
    patience_s: float | None = None
    own_patience_s: Mapping[str, float] = field(default_factory=dict)
    load: LoadRule = "mol"
    pools: Pools = field(default_factory=dict)
    returning: Returning = field(default_factory=Returning)
    usual_abandonment: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0

    @property
    def patience_of_pools_s(self) -> OfPools:
        """Of all, or of each by its name. [s]"""
        return self.own_patience_s or self.patience_s

    def with_patience(self, patience_s: OfPools) -> Rules:
        """The same for callers who wait so long. [s]"""
        if isinstance(patience_s, Mapping):
            return replace(self, patience_s=None, own_patience_s=patience_s)
        return replace(self, patience_s=patience_s, own_patience_s={})

    def for_pool(self, pool: str) -> Rules:
        """The same with the patience of one pool's callers."""
        return self.with_patience(of_pool(self.patience_of_pools_s, pool))
