"""The changes of calls and handle times, pulled one after the other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array

from forecast.errors import ConfigError
from forecast.intervals import Calendar, Event
from staffing.config import Config
from staffing.requirement.pools import Pools
from staffing.scenario.base import Base
from staffing.scenario.calls import Calls
from staffing.scenario.changes import Change
from staffing.scenario.hours import at_hours
from staffing.scenario.training import Trained
from staffing.scenario.values import Amount
from staffing.scenario.where import in_window
from staffing.texts import Note

Floats = NDArray[np.float64]
type_calls = dict[str, Calls]
"""By queue."""

MOST_CALLS = 100.0
"""Times the forecast that calls may be changed to."""
LONGEST_S = 86_400.0
"""Handle time that aht_s may be changed to. [s]"""


class Site(NamedTuple):
    """What changes of calls begin with: a configuration's hours, and calls at these."""

    pools: Pools
    calendar: Calendar
    calls: Mapping[str, Calls]
    notes: tuple[Note, ...]


def site_of(base: Base, config: Config) -> Site:
    """The forecasts' calls at the opening hours of a configuration."""
    calls: type_calls = {
        item.queue: Calls.of(item, config.forecast.quantiles) for item in base.forecasts
    }
    first, last = base.span
    calendar = config.calendar(range(first.year - 1, last.year + 2))
    notes: list[Note] = []
    for queue in calls if _other_hours(base.config, config) else ():
        starts = calendar.open_intervals(queue, first, last)
        calls[queue], said = at_hours(calls[queue], starts)
        notes += said
    return Site(config.pools([*calls]), calendar, calls, tuple(notes))


def changed_calls(
    base: Base,
    config: Config,
    site: Site,
    changes: Sequence[Change],
    new: Sequence[Trained] = (),
) -> tuple[type_calls, tuple[Note, ...]]:
    """
    The calls after these changes, new agents and those who call again last.

    ``site`` is the configuration's. Returns what is assumed beside them.

    Raises
    ------
    ConfigError
        A change cannot be, where it is to be.
    """
    calls, notes = dict(site.calls), [*site.notes]
    for change in changes:
        notes += CHANGES[change.name](calls, change, site)
    for item in new:
        for queue in site.pools[item.pool]:
            slower = item.slower(calls[queue].starts)
            calls[queue] = calls[queue].slower(slower)
    if base.config.staffing.to_returning() != config.staffing.to_returning():
        notes += _returning(calls, base, config)
    return calls, tuple(dict.fromkeys(notes))


def _other_hours(before: Config, after: Config) -> bool:
    def hours(config: Config) -> object:
        own = {name: part.hours for name, part in config.queues.items() if part.hours}
        return config.hours, own

    return hours(before) != hours(after)


def _volume(calls: type_calls, change: Change, site: Site) -> list[Note]:
    chosen = _chosen(calls, change, site)
    amount: Amount = change.value
    if amount.how == "by":
        factor = amount.factor
    else:
        total = sum(calls[q].mean.offered[mask].sum() for q, mask in chosen.items())
        if total <= 0.0:
            raise ConfigError(
                f"{change.text!r}: no calls are forecast there that could be changed "
                "to a number. Name other queues or dates."
            )
        factor = amount.of(total) / total
    if not 0.0 <= factor <= MOST_CALLS:
        raise ConfigError(
            f"{change.text!r}: must leave 0 to {MOST_CALLS:g} times the calls, but "
            f"leaves {factor:g} times. Change less."
        )
    _scale(calls, chosen, factor)
    return []


def _deflect(calls: type_calls, change: Change, site: Site) -> list[Note]:
    share = _share(change)
    _scale(calls, _chosen(calls, change, site), 1.0 - share)
    return [Note("deflected")]


def _scale(
    calls: type_calls, chosen: Mapping[str, NDArray[np.bool_]], factor: float
) -> None:
    for queue, mask in chosen.items():
        calls[queue] = calls[queue].times(np.where(mask, factor, 1.0))


def _aht_s(calls: type_calls, change: Change, site: Site) -> list[Note]:
    amount: Amount = change.value
    for queue, mask in _chosen(calls, change, site).items():
        now_s = calls[queue].mean.aht_s
        if amount.how == "by":
            factor = np.full(len(now_s), amount.factor)
        else:
            factor = np.array([amount.of(aht_s) for aht_s in now_s]) / now_s
        factor = np.where(mask, factor, 1.0)
        then_s = now_s * factor
        if not (0.0 < then_s.min(initial=1.0) <= then_s.max(initial=1.0) <= LONGEST_S):
            raise ConfigError(
                f"{change.text!r}: handle times must stay above 0 and at most "
                f"{LONGEST_S:g} s, but those of {queue}, {now_s.min():.0f} to "
                f"{now_s.max():.0f} s, would not. Change less."
            )
        calls[queue] = calls[queue].slower(factor)
    return []


def _event(calls: type_calls, change: Change, site: Site) -> list[Note]:
    """Days like an event's, or of a size."""
    if isinstance(change.value, Amount):
        return _volume(calls, change, site)
    chosen = _chosen(calls, change, site)
    event = _laid(change, site.calendar)
    laid = replace(site.calendar, events=(event,))
    hours = replace(change.where, names=(), dates=())
    notes, done = [], False
    for queue in chosen:
        effects = calls[queue].forecast.effects
        learnt = {effect.kind: effect.factor for effect in effects}
        if not {*event.kinds} & {*learnt}:
            continue
        starts = calls[queue].starts
        codes, dates = pd.factorize(starts.date)
        factors = np.ones(len(dates))
        for i, date in enumerate(dates):
            kinds = {*laid.day_kinds(queue, date)} & {*event.kinds}
            there = {*site.calendar.day_kinds(queue, date)} & {*learnt}
            if kinds & there:
                raise ConfigError(
                    f"{change.text!r}: {date} is such a day of {queue} already. Name "
                    "another date."
                )
            factors[i] = np.prod([learnt.get(kind, 1.0) for kind in sorted(kinds)])
            if kinds and there:
                kinds_there = _quoted(there)
                notes.append(
                    Note.of("two_events", date=date, queue=queue, kinds=kinds_there)
                )
        factor = np.where(hours.mask(starts), factors[codes], 1.0)
        calls[queue] = calls[queue].times(factor)
        done = True
    if not done:
        known = {e.kind for queue in chosen for e in calls[queue].forecast.effects}
        raise ConfigError(
            f"{change.text!r}: {', '.join(chosen)} have not learnt such days; learnt: "
            f"{_quoted(known) or 'none'}. Name one of these, or a size: +25%."
        )
    return notes


def _quoted(kinds: Collection[str]) -> str:
    return ", ".join(map(repr, sorted(kinds)))


def _laid(change: Change, calendar: Calendar) -> Event:
    """The event on the dates of a change, whatever its queues."""
    name = change.value
    known = {event.name: event for event in calendar.events}
    event = known.get(name, Event(name, ()))
    if event.days > 1 and any(first != last for first, last in change.where.dates):
        raise ConfigError(
            f"{change.text!r}: the event has {event.days} days of its own. Name the "
            "first of them, not a range."
        )
    days = [
        day.date()
        for first, last in change.where.dates
        for day in pd.date_range(first, last)
    ]
    return replace(event, dates=tuple(days), queues=())


def _move(calls: type_calls, change: Change, site: Site) -> list[Note]:
    share, to = _share(change), change.where.to
    assert to is not None  # noqa: S101 - the lever needs it
    for window in change.where.windows:
        if not window[0] < window[1] <= to[0] < to[1]:
            raise ConfigError(
                f"{change.text!r}: calls are called back later on the same day. Write "
                "for example move=30%@11:00-12:00>15:00-17:00."
            )
    notes, done = [Note("called_back")], False
    for queue, mask in _chosen(calls, change, site).items():
        starts = calls[queue].starts
        day, there = pd.factorize(starts.date)[0], in_window(to, starts)
        rows, columns, shares = [], [], []
        stay: set[int] = set()
        for column in np.flatnonzero(mask):
            targets = np.flatnonzero(there & (day == day[column]))
            if targets.size:
                rows += [column, *targets]
                columns += [column] * (targets.size + 1)
                shares += [-share, *np.full(targets.size, share / targets.size)]
                done = True
            else:
                stay.add(day[column])
        if stay:
            days, of_all = len(stay), len(np.unique(day[mask]))
            notes.append(Note.of("not_moved", queue=queue, days=days, all=of_all))
        shape = (len(starts), len(starts))
        moves = csr_array((shares, (rows, columns)), shape=shape)
        calls[queue] = calls[queue].sent(csr_array(eye_array(len(starts)) + moves))
    if not done:
        raise ConfigError(
            f"{change.text!r}: no interval is open where the calls are to go, on the "
            "days they come from. Name hours that are open."
        )
    return notes


def _returning(calls: type_calls, base: Base, config: Config) -> list[Note]:
    """The same first calls, and others who call again beside them."""
    before, after = (c.staffing.to_returning() for c in (base.config, config))
    if unknown := sorted({*calls} - {*base.usual}):
        raise ConfigError(
            f"redial, repeat and fcr need to know how many calls of "
            f"{', '.join(unknown)} are abandoned. Add the column abandoned or handled "
            "to the history."
        )
    for queue, item in calls.items():
        usual = np.array([base.usual[queue]])
        factor = before.fresh_share(usual) / after.fresh_share(usual)
        calls[queue] = item.times(np.full(len(item.starts), factor[0]))
    is_c = config.staffing.model == "erlang_c"
    said = {
        Note("no_redial"): is_c and after.redial > 0.0,
        Note("on_top"): not before and (after.repeat > 0.0 or not is_c),
    }
    return [note for note, is_so in said.items() if is_so]


def _share(change: Change) -> float:
    """A share of the calls, up to all of them."""
    share = float(change.value.number)
    if share > 1.0:
        raise ConfigError(
            f"{change.text!r}: a share is 0 to 1, or up to 100%, but is {share:g}."
        )
    return share


def _chosen(
    calls: type_calls, change: Change, site: Site
) -> dict[str, NDArray[np.bool_]]:
    """The queues of a change, and its intervals of each."""
    chosen = {
        queue: change.where.mask(calls[queue].starts)
        for queue in change.where.queues(site.pools)
    }
    if not any(mask.any() for mask in chosen.values()):
        raise ConfigError(
            f"{change.text!r}: no interval is open there. Name dates and hours at "
            "which calls come."
        )
    return chosen


CHANGES: Mapping[str, Callable[[type_calls, Change, Site], list[Note]]] = {
    "volume": _volume,
    "deflect": _deflect,
    "aht_s": _aht_s,
    "event": _event,
    "move": _move,
}
"""What each lever of this module does to the calls, and what is assumed."""
