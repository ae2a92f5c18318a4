"""The levers that a scenario may pull: how each is written, and what it does."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from staffing.erlang.limits import SlRule
from staffing.scenario.values import Unit, read_amount, read_training
from staffing.targets import Scope

Read = Callable[[str], Any]
"""From the text of a value; a ValueError where it is none."""

ANYWHEN = ("date", "weekday", "clock")


@dataclass(frozen=True)
class Lever:
    """
    One lever.

    ``form`` is how its value is written, ``says`` what it does. ``where`` are the
    kinds of place that it knows, ``needs`` those that must be named; a ``keyed``
    lever has a name of its own after a dot.
    """

    name: str
    form: str
    says: str
    example: str
    read: Read
    where: Collection[str] = ()
    needs: Collection[str] = ()
    keyed: bool = False


def _amount(unit: Unit = "", *, signed: bool = True, none: bool = False) -> Read:
    """An amount; ``none`` where the lever may be taken out."""

    def read(text: str) -> Any:
        if none and text == "none":
            return text
        amount = read_amount(text, unit)
        if not signed and amount.how != "set":
            raise ValueError
        return amount

    return read


def _calls(text: str) -> Any:
    if re.fullmatch(r"[+-]?\d{1,3}\.\d{3}", text):
        short, whole = text.rstrip("0").rstrip("."), text.replace(".", "")
        raise ValueError(
            f"it could be {float(text):g} or {int(whole):,}: write {short} or {whole}"
        )
    return read_amount(text, "")


def _one_of(*words: str) -> Read:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError
        return text

    return read


def _matching(pattern: str) -> Read:
    def read(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError
        return text

    return read


def _agents(text: str) -> Any:
    if text == "base" or text.endswith(".csv"):
        return text
    return read_amount(text, "")


def _event(text: str) -> Any:
    if text[:1] not in "+-−0123456789":
        return text
    amount = read_amount(text, "")
    if amount.how != "by":
        raise ValueError
    return amount


SHARE = "0.3 or 30%, +0.03, +10% of itself"
SECONDS = "50, +10s, +10%"
COUNT = "40, +2, -5%"

_ALL = (
    Lever(
        "volume",
        "+10%, -500 or 48000 contacts in all",
        "multiplies the calls of the forecast; nothing is fitted again",
        "volume=+10%@Energia",
        _calls,
        ("queue", *ANYWHEN),
    ),
    Lever(
        "aht_s",
        "+30s, -10%, 280 or 4:40",
        "changes the handle times",
        "aht_s=+30s@Energia",
        _amount("s"),
        ("queue", *ANYWHEN),
    ),
    Lever(
        "event",
        "an event's name or a size, +25%",
        "puts a day that the model has learnt, or of this size, on other dates",
        "event=bollette Energia@2026-12-16",
        _event,
        ("queue", *ANYWHEN),
        ("date",),
    ),
    Lever(
        "deflect",
        "15% or 0.15",
        "takes this share of the calls to self-service",
        "deflect=15%@Acqua",
        _amount("share", signed=False),
        ("queue", *ANYWHEN),
    ),
    Lever(
        "move",
        "30% or 0.3",
        "calls this share back in other hours of the same day",
        "move=30%@11:00-12:00>15:00-17:00",
        _amount("share", signed=False),
        ("queue", *ANYWHEN, "clock>clock"),
        ("clock", "clock>clock"),
    ),
    Lever(
        "repeat",
        SHARE,
        "share of the handled who call again: 1 - fcr",
        "repeat=0.08",
        _amount("share"),
    ),
    Lever(
        "fcr",
        SHARE,
        "share of the handled whose matter is solved at the first call",
        "fcr=+0.05",
        _amount("share"),
    ),
    Lever(
        "redial",
        SHARE,
        "share of those who hang up who call again",
        "redial=0.4",
        _amount("share"),
    ),
    Lever(
        "patience_s",
        SECONDS,
        "how long a caller would wait, by Erlang A",
        "patience_s=240",
        _amount("s"),
    ),
    Lever(
        "model",
        "erlang_c or erlang_a",
        "nobody hangs up, or whose patience ends",
        "model=erlang_a",
        _one_of("erlang_c", "erlang_a"),
    ),
    Lever(
        "shrinkage",
        SHARE,
        "share of paid time off the phone, in all or of one component",
        "shrinkage.sickness=+0.02",
        _amount("share"),
        keyed=True,
    ),
    Lever(
        "asa_s",
        f"{SECONDS} or none",
        "target: mean wait of the answered",
        "asa_s=30",
        _amount("s", none=True),
    ),
    Lever(
        "service_level",
        f"{SHARE} or none",
        "target: share answered in time",
        "service_level=0.80",
        _amount("share", none=True),
    ),
    Lever(
        "threshold_s",
        SECONDS,
        "the time of the service level",
        "threshold_s=20",
        _amount("s"),
    ),
    Lever(
        "max_occupancy",
        f"{SHARE} or none",
        "target: share of the time on calls at most",
        "max_occupancy=0.85",
        _amount("share", none=True),
    ),
    Lever(
        "max_abandon_rate",
        f"{SHARE} or none",
        "target: share who hang up at most",
        "max_abandon_rate=0.05",
        _amount("share", none=True),
    ),
    Lever(
        "mean_wait_s",
        f"{SECONDS} or none",
        "target: mean wait of all callers",
        "mean_wait_s=40",
        _amount("s", none=True),
    ),
    Lever(
        "sl_rule",
        ", ".join(get_args(SlRule)),
        "what the service level divides by what",
        "sl_rule=answer_rate",
        _one_of(*get_args(SlRule)),
    ),
    Lever(
        "scope",
        ", ".join(get_args(Scope)),
        "over what the targets hold",
        "scope=day",
        _one_of(*get_args(Scope)),
    ),
    Lever(
        "profile",
        "a profile's name",
        "these targets instead; single ones beside it go before",
        "profile=80-20",
        _matching(r"\S(.*\S)?"),
    ),
    Lever(
        "chance",
        "0.9, 0.9/month or mean",
        "agents with whom a day, month or interval holds with this chance",
        "chance=0.9",
        _matching(r"mean|0\.\d+(/(day|month|interval))?"),
    ),
    Lever(
        "hours",
        "08:00-20:00, two with + or closed",
        "opens and closes on these weekdays at other times",
        "hours.sat=08:00-18:00",
        _matching(r"closed|\d\d?:\d\d-\d\d?:\d\d(\+\d\d?:\d\d-\d\d?:\d\d)*"),
        ("queue",),
        keyed=True,
    ),
    Lever(
        "groups",
        "A+B, or nothing",
        "queues whose people answer all of them; nothing splits the group",
        "groups.Care=Energia+Acqua",
        _matching(r".*"),
        keyed=True,
    ),
    Lever(
        "min_agents",
        COUNT,
        "fewest agents whenever it is open",
        "min_agents=2@Ambiente",
        _amount(),
        ("queue",),
    ),
    Lever(
        "max_agents",
        f"{COUNT} or none",
        "seats",
        "max_agents=40@Energia",
        _amount(none=True),
        ("queue",),
    ),
    Lever(
        "agents",
        f"base, {COUNT}, a staffing.csv or roster.csv",
        "these agents are on duty, whoever is needed; files are relative to plan.toml",
        "agents=base",
        _agents,
        ("queue", *ANYWHEN),
    ),
    Lever(
        "headcount",
        f"{COUNT} FTE",
        "so many people are there, at the hours that need them",
        "headcount=-5%",
        _amount(),
        ("queue",),
    ),
    Lever(
        "training",
        "6, or 6:10d:1.5/1.3/1.15/1.05",
        "new agents: days of training, then handle times by week, learning",
        "training=6@Energia,2026-12-01",
        read_training,
        ("queue", "date"),
    ),
    Lever(
        "cost_per_hour",
        COUNT,
        "money for a paid hour",
        "cost_per_hour=24.5",
        _amount(),
    ),
    Lever(
        "penalty",
        COUNT,
        "money for a day (month, as targets are) on which a queue misses its targets",
        "penalty=500",
        _amount(),
    ),
)

LEVERS: Mapping[str, Lever] = {lever.name: lever for lever in _ALL}
"""The levers by name, in the order of a forecast's way to money."""
