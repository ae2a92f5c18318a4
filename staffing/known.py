"""What is known before a month: a history's rows as the month's forecast takes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from forecast.acd.generic import Reading
from forecast.errors import Finding, TableError
from forecast.history import History
from forecast.like import with_like
from forecast.models.effects import shared_effects
from forecast.models.shared import SharedEffects
from staffing.config import Config
from staffing.inputs import Grid, before, on_grid
from staffing.patience import Patience, estimate_pools, waits_of
from staffing.requirement.returning import at_usual_abandonment, usual_abandonment


class Histories(Protocol):
    """The history of many queues, each to be taken by itself."""

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is odd in it."""

    def only(self, queue: str) -> History:
        """What a forecast of one queue needs."""


@dataclass(frozen=True)
class Known:
    """
    What is known when a month begins, and what is to be planned from it.

    ``history`` is as the forecast takes it, ``usual`` the abandonment behind it, of
    each queue that tells it, ``patience`` each pool's where it is to be estimated;
    ``waits`` are those recorded before the plan, as :func:`staffing.patience.waits_of`;
    ``unknown`` says why a queue cannot be planned.
    """

    first: dt.date
    last: dt.date
    queues: tuple[str, ...]
    history: Histories
    shared: SharedEffects
    patience: Mapping[str, Patience]
    usual: Mapping[str, float]
    waits: pd.DataFrame
    unknown: Mapping[str, tuple[Finding, ...]]

    @property
    def month(self) -> str:
        """The first month of the plan, YYYY-MM."""
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True)
class KnownWhole(Known):
    """The same, with the rows of all queues at hand."""

    history: History


def known_before(
    config: Config, reading: Reading, month: str, where: str
) -> KnownWhole:
    """
    Put the rows before a month on the grid that reaches to the end of the plan.

    ``where`` is what the rows are called in messages.

    Raises
    ------
    TableError
        There are no rows before the month.
    """
    span = config.span(month)
    known = known_part(config, before(reading, span[0], where), span, where)
    return KnownWhole(**vars(joined_parts(config, [known], known.history, where)))


def known_part(
    config: Config,
    reading: Reading,
    span: tuple[dt.date, dt.date],
    where: str,
    grid: Grid | None = None,
) -> KnownWhole:
    """
    What rows of some queues, or of all, say of these queues.

    Parameters
    ----------
    config : Config
        With all queues; what is about others is passed over.
    reading : Reading
        Rows before the first date of the plan.
    span : tuple of two dates
        First and last of the plan.
    where : str
        What the rows are called in messages.
    grid : Grid, optional
        That of the whole history, where these rows are a part of it.
    """
    history = on_grid(config, reading, span[1], where, grid)
    shared = shared_effects(history)
    waits = waits_of(history, pd.Timestamp(span[0], tz=config.timezone))
    mine = {*reading.frame["queue"]}
    like = {
        queue: (other, scale)
        for queue, (other, scale) in config.like().items()
        if {queue, other} & mine
    }
    history = with_like(history, like)
    queues = tuple(sorted(mine | {*like}))
    unknown: dict[str, tuple[Finding, ...]] = {}
    patience: dict[str, Patience] = {}
    if config.staffing.patience_s == "estimate":
        pools = config.pools(queues)
        pools = {pool: of for pool, of in pools.items() if {*of} & {*queues}}
        patience, without = estimate_pools(waits_of(history, history.end), pools)
        for pool, findings in without.items():
            unknown |= dict.fromkeys(pools[pool], findings)
    returning = config.staffing.to_returning()
    usual: dict[str, float] = {}
    for queue in queues:
        try:
            usual[queue] = usual_abandonment(history, queue)
        except TableError as error:
            if returning:
                unknown[queue] = error.findings
    if returning:
        history = at_usual_abandonment(history, usual, returning)
    return KnownWhole(*span, queues, history, shared, patience, usual, waits, unknown)


def joined_parts(
    config: Config, parts: Sequence[Known], history: Histories, where: str
) -> Known:
    """
    What all parts of a history say.

    A queue is in one part, and so are a group's queues, and a queue and the one that
    it is like. ``where`` is what the whole is called in messages.
    """
    queues = tuple(sorted({*config.like()}.union(*(part.queues for part in parts))))
    patience = {k: v for part in parts for k, v in part.patience.items()}
    unknown = {k: v for part in parts for k, v in part.unknown.items()}
    grouped = {name for group in config.groups.values() for name in group}
    for queue in sorted(grouped - {*queues}):
        rule = f"{queue} has no rows before {parts[0].first}"
        unknown[queue] = (Finding(where, rule, (), 1),)
    return Known(
        parts[0].first,
        parts[0].last,
        queues=queues,
        history=history,
        shared=SharedEffects.joined([part.shared for part in parts]),
        patience={p: patience[p] for p in config.pools(queues) if p in patience},
        usual={k: v for part in parts for k, v in part.usual.items()},
        waits=pd.concat([part.waits for part in parts]).sort_values(
            "queue", kind="stable", ignore_index=True
        ),
        unknown=dict(sorted(unknown.items())),
    )
