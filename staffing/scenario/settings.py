"""Changes of the configuration: as if plan.toml had been written otherwise."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from forecast.errors import ConfigError
from forecast.intervals import DAY_MIN, WEEKDAYS, OpeningHours
from staffing.config import Config
from staffing.config.read import described, keys_of
from staffing.scenario.changes import Change
from staffing.scenario.shrunk import components_of, shrunk
from staffing.scenario.values import Amount

type_path = tuple[str, ...]
type_table = dict[str, Any]


class Step(NamedTuple):
    """One change of one value: what it makes of the value that is there."""

    change: Change
    path: type_path
    sets: bool  # whatever is there
    read: Callable[[Config], Any]
    make: Callable[[Any], Any]


TARGETS = (
    "asa_s",
    "service_level",
    "threshold_s",
    "max_occupancy",
    "max_abandon_rate",
    "mean_wait_s",
)
STAFFING = ("repeat", "redial", "patience_s")
COSTS = {"cost_per_hour": "per_hour", "penalty": "penalty"}
WORDS: Mapping[str, type_path] = {
    "model": ("staffing", "model"),
    "sl_rule": ("targets", "sl_rule"),
    "scope": ("targets", "scope"),
}
SEATS = ("min_agents", "max_agents")
LEVERS = frozenset(
    {*TARGETS, *STAFFING, *COSTS, *WORDS, *SEATS}
    | {"fcr", "profile", "chance", "shrinkage", "hours", "groups"}
)
"""The levers of this module."""


def changed_config(
    config: Config, table: Mapping[str, Any], changes: Sequence[Change]
) -> Config:
    """
    The configuration with these changes of LEVERS.

    ``table`` is that of its plan.toml. Values that are set come before those that are
    changed by so much, and a profile before single targets: the order matters only
    between changes of one value.

    Raises
    ------
    ConfigError
        What comes out would be refused in a plan.toml; every fault with its change.
    """
    steps = [step for change in changes for step in _steps(change, config)]
    if not steps:
        return config
    steps.sort(key=lambda step: step.change.lever != "profile")
    last = {step.path: number for number, step in enumerate(steps) if step.sets}
    done: type_table = copy.deepcopy(dict(table))
    for path, number in last.items():
        _put(done, path, steps[number].make(None))
    found = _validated(done, steps, config)
    values: dict[type_path, Any] = {}
    for number, step in enumerate(steps):
        if number <= last.get(step.path, -1):
            continue
        now = values[step.path] if step.path in values else step.read(found)
        if now is None:
            raise ConfigError(
                f"{step.change.text!r}: the plan has no {step.change.lever} to change "
                "by so much. Set a number."
            )
        values[step.path] = step.make(now)
    for path, value in values.items():
        _put(done, path, value)
    return _validated(done, steps, config) if values else found


def _steps(change: Change, config: Config) -> list[Step]:
    name, value = change.name, change.value
    if name in TARGETS:
        return [
            _number(change, ("targets", name), lambda c: getattr(c.to_targets(), name))
        ]
    if name == "patience_s":
        return [_number(change, ("staffing", name), _patience_s)]
    if name in STAFFING:
        return [
            _number(change, ("staffing", name), lambda c: getattr(c.staffing, name))
        ]
    if name == "fcr":
        return [
            Step(
                change,
                ("staffing", "repeat"),
                value.how == "set",
                lambda c: c.staffing.repeat,
                lambda now: _unsolved(change, now or 0.0),
            )
        ]
    if name in COSTS:
        key = COSTS[name]
        return [_number(change, ("costs", key), lambda c: getattr(c.costs, key))]
    if name in WORDS:
        return [_setting(change, WORDS[name], value)]
    if name == "profile":
        return [_setting(change, ("targets",), {"profile": value})]
    if name == "chance":
        return [_setting(change, ("staffing", "risk"), _risk(value, config))]
    if name in SEATS:
        own = [n for n, p in config.queues.items() if getattr(p, name) is not None]
        of_all = getattr(config.staffing, name)
        pools = change.where.names or [None, *own]
        return [_seats(change, pool, of_all) for pool in pools]
    if name == "shrinkage":
        path = ("staffing", "shrinkage")
        return [
            Step(change, path, False, components_of, lambda now: shrunk(change, now))
        ]
    if name == "groups":
        return [
            Step(
                change,
                ("groups",),
                False,
                lambda c: dict(c.groups),
                lambda now: _grouped(change, now),
            )
        ]
    queues = change.where.queues(config.groups) if change.where.names else [None]
    return [_hours(change, queue) for queue in queues]


def _number(
    change: Change, path: type_path, read: Callable[[Config], float | None]
) -> Step:
    if change.value == "none":
        return _setting(change, path, None)
    amount: Amount = change.value
    return Step(
        change, path, amount.how == "set", read, lambda now: amount.of(now or 0)
    )


def _unsolved(change: Change, repeat: float) -> float:
    """Share who call again, whose matter is not solved; from that before. [1]"""
    solved: float = change.value.of(1.0 - repeat)
    if not 0.0 < solved <= 1.0:
        raise ConfigError(
            f"{change.text!r}: fcr must be above 0 and at most 1, but would be "
            f"{solved:g}. Shares are written 0 to 1, or with a % sign."
        )
    return round(1.0 - solved, 12)


def _setting(change: Change, path: type_path, value: Any) -> Step:
    return Step(change, path, True, lambda config: None, lambda now: value)


def _patience_s(config: Config) -> float | None:
    given = config.staffing.patience_s
    return None if given == "estimate" else given


def _risk(text: str, config: Config) -> Any:
    """What [staffing] risk is: of the scope that is said, or that it has."""
    if text == "mean":
        return text
    chance, _, scope = text.partition("/")
    before = config.staffing.risk
    scope = scope or (before.scope if before else "day")
    return {"chance": float(chance), "scope": scope}


def _seats(change: Change, pool: str | None, seats_of_all: int | None) -> Step:
    """Whole agents, of one pool or of those without a number of their own."""
    name, value = change.name, change.value
    path = ("staffing", name) if pool is None else ("queues", pool, name)
    if value == "none":
        if pool is not None and change.where.names and seats_of_all is not None:
            raise ConfigError(
                f"{change.text!r}: {pool} then has those of [staffing], "
                f"{seats_of_all}. Set a larger number."
            )
        return _setting(change, path, None)

    def read(config: Config) -> int | None:
        seats = config.seats("" if pool is None else pool)
        return seats[SEATS.index(name)]

    def make(now: int | None) -> float:
        found = float(value.of(now or 0))
        return round(found) if value.how == "by" or found.is_integer() else found

    return Step(change, path, value.how == "set", read, make)


def _grouped(change: Change, now: type_table) -> type_table:
    """Groups with another one, or without one."""
    members = [name.strip() for name in change.value.split("+") if name.strip()]
    if not members and change.key not in now:
        raise ConfigError(
            f"{change.text!r}: there is no group {change.key!r} to split; there "
            f"{'are ' + ', '.join(now) if now else 'is none'}."
        )
    others = {name: queues for name, queues in now.items() if name != change.key}
    return {**others, change.key: members} if members else others


def _hours(change: Change, queue: str | None) -> Step:
    """Opening hours, day by day, of all queues without their own or of one."""
    path = ("hours",) if queue is None else ("queues", queue, "hours")
    closed = change.value == "closed"
    spans = ["00:00-24:00"] if closed else change.value.split("+")

    def read(config: Config) -> type_table:
        own = config.queues.get(queue) if queue is not None else None
        return _by_day(config.hours if own is None or own.hours is None else own.hours)

    def make(now: type_table) -> type_table:
        try:
            named = _by_day({change.key: spans})
        except ValueError as error:
            raise ConfigError(f"{change.text!r}: {error}.") from error
        if closed:
            return {day: span for day, span in now.items() if day not in named}
        return now | named

    return Step(change, path, False, read, make)


def _by_day(table: Mapping[str, Any]) -> type_table:
    """Opening hours with a key for each weekday."""
    spans = OpeningHours.parse(table).spans
    return {
        day: [f"{_clock(start)}-{_clock(end)}" for start, end in of_day]
        for day, of_day in zip(WEEKDAYS, spans, strict=True)
        if of_day
    }


def _clock(minute: int) -> str:
    minute = minute if minute <= DAY_MIN else minute - DAY_MIN
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _put(table: type_table, path: type_path, value: Any) -> None:
    """Write a value under its keys; targets are the default's where none is given."""
    *tables, key = path
    for name in tables:
        given = {"profile": "default"} if name == "targets" else {}
        table = table.setdefault(name, given)
    table[key] = value


def _validated(table: type_table, steps: Sequence[Step], before: Config) -> Config:
    """As read from a file, with the volumes that were read beside it."""
    try:
        found = Config.model_validate(table)
    except ValidationError as error:
        faults = []
        for fault in error.errors():
            keys = [str(key) for key in keys_of(fault)]
            at_fault = [s.change.text for s in steps if _alike(s.path, keys)]
            texts = dict.fromkeys(at_fault or [step.change.text for step in steps])
            faults.append(described(fault, "", " ".join(map(repr, texts)), Config))
        raise ConfigError(*dict.fromkeys(faults)) from error
    return found.model_copy(update={"volumes": before.volumes})


def _alike(path: type_path, keys: Sequence[str]) -> bool:
    """Whether one leads to the other."""
    return all(a == b for a, b in zip(path, keys, strict=False))
