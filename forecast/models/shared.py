"""What the queues saw of special days, so that each can learn from the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from forecast.intervals import Calendar
from forecast.kinds import AROUND

ALIKE_DAYS = 4.0
"""Days that pull a queue's effect to the others' mean, were that known. [days]"""


class Seen(NamedTuple):
    """
    Ratios of days of a kind to their usual, all known when a date was over.

    ``weight``: of the days, 1 where volumes are large [days]; ``log``: their weighted
    sum of logarithms; ``queues``: how many saw the kind first in these days.
    """

    kind: str
    known_by: dt.date
    weight: float
    log: float
    queues: float


@dataclass(frozen=True)
class OtherQueues:
    """What the other queues saw, small enough to go with each queue."""

    seen: tuple[Seen, ...] = ()

    @property
    def kinds(self) -> list[str]:
        """The kinds that some of them saw, sorted."""
        return sorted({seen.kind for seen in self.seen})

    def before(self, cutoff: dt.date) -> OtherQueues:
        """What was known when the cutoff's day began."""
        return OtherQueues(tuple(row for row in self.seen if row.known_by < cutoff))

    def pull(self, kind: str, alone: float) -> tuple[float, float]:
        """
        The logarithm of the effect to expect of a queue, and how much that weighs.

        Parameters
        ----------
        kind : str
            Of special day.
        alone : float
            Days that pull towards no effect where no other queue saw it.
            [days], < ALIKE_DAYS

        Returns
        -------
        log, weight : float
            Learnt from n days with the mean x, a queue's effect is
            exp((n·x + weight·log) / (n + weight)).

        Notes
        -----
        With a day's variance as the unit, effects of queues differ around their mean
        by 1/ALIKE_DAYS, and means of kinds around 0 by the rest of 1/alone. So Q
        queues with n days know the mean up to 1/(ALIKE_DAYS·Q) + 1/n.
        """
        rows = [row for row in self.seen if row.kind == kind]
        if not rows:
            return 0.0, alone
        days = sum(row.weight for row in rows)
        queues = sum(row.queues for row in rows)
        known = 1.0 / (1.0 / (ALIKE_DAYS * queues) + 1.0 / days)
        precision = known + 1.0 / (1.0 / alone - 1.0 / ALIKE_DAYS)
        mean = sum(row.log for row in rows) / days
        return mean * known / precision, 1.0 / (1.0 / ALIKE_DAYS + 1.0 / precision)


NOTHING_SEEN = OtherQueues()


@dataclass(frozen=True)
class SharedEffects:
    """The rows of ``Seen`` of each queue: (queue, kind, known_by) and their sums."""

    rows: pd.DataFrame
    calendar: Calendar

    @classmethod
    def of(
        cls, rows: list[tuple[str, str, dt.date, float, float]], calendar: Calendar
    ) -> SharedEffects:
        """From special days: queue, kind, known_by, weight, weight × log ratio."""
        frame = pd.DataFrame(
            rows, columns=["queue", "kind", "known_by", "weight", "log"]
        ).sort_values(["queue", "kind", "known_by"], ignore_index=True)
        frame["queues"] = (~frame.duplicated(["queue", "kind"])).astype(float)
        return cls(frame.groupby(["queue", "kind", "known_by"]).sum(), calendar)

    @classmethod
    def joined(cls, parts: Sequence[SharedEffects]) -> SharedEffects:
        """Of all parts; none has a queue of another, and their calendar is one."""
        seen = [part.rows for part in parts if len(part.rows)] or [parts[0].rows]
        return cls(pd.concat(seen).sort_index(), parts[0].calendar)

    @cached_property
    def _queues(self) -> frozenset[str]:
        """That saw anything."""
        return frozenset(self.rows.index.get_level_values(0))

    @cached_property
    def _sums(self) -> pd.DataFrame:
        """Of all queues."""
        return self.rows.groupby(level=["kind", "known_by"]).sum()

    def without(self, queue: str) -> OtherQueues:
        """What the queues other than this one saw, of kinds that may concern it."""
        others = self._sums
        if queue in self._queues:
            others = others.sub(self.rows.loc[queue], fill_value=0.0)
        concerned = others.index.get_level_values(0).isin(
            self.calendar.kinds(queue) | AROUND
        )
        seen = others[concerned & (others["weight"] > 1e-9)]  # rounding apart
        rows = seen.reset_index().itertuples(index=False, name=None)
        return OtherQueues(tuple(Seen(*row) for row in rows))
