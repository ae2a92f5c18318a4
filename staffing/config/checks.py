"""What the tables of plan.toml need of each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forecast.errors import ODD_SIGNS
from staffing.config.parts import QueuePart, StaffingPart
from staffing.config.profiles import TargetsPart
from staffing.config.values import DAY_S, FaultAt, minutes_of
from staffing.erlang.limits import checked_callers, checked_targets
from staffing.targets import Targets

Keys = tuple[str | int, ...]
BLANKS = str.maketrans("\t\r\n", "   ")


def check_groups(
    groups: Mapping[str, Sequence[str]], queues: Mapping[str, QueuePart]
) -> None:
    """Refuse groups of one queue, a queue of two groups, and keys at the wrong one."""
    group_of: dict[str, str] = {}
    for group, members in groups.items():
        if len(members) < 2:
            raise FaultAt(["groups", group], "must name two queues or more")
        for queue in members:
            if queue in group_of:
                raise FaultAt(
                    ["groups", group],
                    f"{queue!r} is in {group_of[queue]!r} already: a queue belongs "
                    "to one group, whose people all answer all of its queues; "
                    "partly overlapping skills cannot be planned yet",
                )
            group_of[queue] = group
    for group in groups:
        part = queues.get(group, QueuePart())
        if group in group_of:
            raise FaultAt(["groups", group], "is the name of a queue as well")
        if {"hours", "like", "scale", "aht"} & part.model_fields_set:
            raise FaultAt(
                ["queues", group],
                "is a group: it has min_agents and max_agents; hours, like and aht "
                "are those of its queues",
            )
    for queue in queues:
        part = queues[queue]
        if queue in group_of and (part.min_agents, part.max_agents) != (None, None):
            raise FaultAt(
                ["queues", queue],
                f"is in the group {group_of[queue]!r}: give min_agents and "
                "max_agents to the group",
            )


def odd_texts(value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """
    Texts with signs that are not seen, or that turn the text around, by their keys.

    A text may have tabs and many lines, a key may not.
    """
    if isinstance(value, str):
        if ODD_SIGNS.search(value.translate(BLANKS)):
            yield keys, value
    elif isinstance(value, dict):
        for key, part in value.items():
            if ODD_SIGNS.search(key):
                yield (*keys, key), key
            yield from odd_texts(part, (*keys, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from odd_texts(part, (*keys, number))


def check_like(queues: Mapping[str, QueuePart]) -> None:
    """Refuse a queue that is like itself, or like one that is like another."""
    for queue, part in queues.items():
        if part.scale is not None and part.like is None:
            raise FaultAt(["queues", queue, "scale"], "needs like beside it")
        if part.like == queue:
            raise FaultAt(["queues", queue, "like"], "names the queue itself")
        other = queues.get(part.like or "", QueuePart())
        if other.like is not None:
            raise FaultAt(
                ["queues", queue, "like"],
                f"{part.like!r} is like {other.like!r} itself; name a queue with a "
                "history of its own",
            )


def check_model(staffing: StaffingPart, part: TargetsPart, targets: Targets) -> None:
    """Refuse targets that the model of the calls does not know."""
    if staffing.model == "erlang_a" and staffing.patience_s is None:
        raise FaultAt(
            ["staffing", "model"],
            '"erlang_a" needs patience_s, the mean time that a caller would wait',
        )
    if staffing.risk is not None and targets.scope != "interval":
        raise FaultAt(
            ["staffing", "risk"],
            "has a scope of its own; leave out scope under [targets]",
        )
    wants_a = {
        "sl_rule": targets.sl_rule == "answer_rate",
        "max_abandon_rate": targets.max_abandon_rate is not None,
    }
    for key, wanted in wants_a.items():
        if wanted and staffing.model == "erlang_c":
            said = key if key in part.model_fields_set else "profile"
            raise FaultAt(
                ["targets", said],
                f"{getattr(part, said)!r} has no meaning in Erlang C, "
                "where nobody hangs up; write "
                '[staffing] model = "erlang_a" and patience_s',
            )


def check_limits(staffing: StaffingPart, targets: Targets) -> None:
    """Refuse targets that contradict each other or the model."""
    try:
        is_a = staffing.model == "erlang_a"
        limits = targets.limits(1.0 if is_a else None)  # any patience will do
        checked_targets(checked_callers(1.0, limits), limits)
    except ValueError as error:
        raise FaultAt(["targets"], str(error).rstrip(".")) from error


def check_hours(keys: Sequence[str], hours: dict[str, Any], interval_s: int) -> None:
    """Refuse opening hours off the grid of the intervals."""
    for days in hours:
        check_grid([*keys, days], minutes_of(hours, days), interval_s)


def check_grid(keys: Sequence[str], minutes: list[int], interval_s: int) -> None:
    """Refuse minutes off the grid of the intervals."""
    for minute in minutes:
        if minute * 60 % interval_s:
            raise FaultAt(
                keys,
                f"{minute // 60:02d}:{minute % 60:02d} is not on the grid of "
                f"interval_s = {interval_s}"
                + ('; a day is "00:00-24:00"' if interval_s == DAY_S else ""),
            )
