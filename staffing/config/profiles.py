"""[targets] of plan.toml, and the named profiles of targets."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from staffing.config.parts import Part
from staffing.config.values import FaultAt, Seconds, Share
from staffing.erlang.limits import SlRule
from staffing.targets import Scope, Targets


class GoalsPart(Part):
    """What the plan must reach, and over what."""

    asa_s: Seconds | None = None
    service_level: Share | None = None
    threshold_s: Annotated[float, Field(ge=0, le=86_400)] | None = None
    mean_wait_s: Seconds | None = None
    sl_rule: SlRule = "offered"
    max_occupancy: Annotated[float, Field(ge=0.01, le=1)] | None = None
    max_abandon_rate: Share | None = None
    scope: Scope = "interval"
    floor_service_level: Share | None = None


TARGETS = (
    "asa_s",
    "service_level",
    "mean_wait_s",
    "max_occupancy",
    "max_abandon_rate",
)
"""Keys of which one at least must be given."""


def check_goals(goals: GoalsPart, keys: Sequence[str] = ()) -> None:
    """Refuse keys that do not go together."""
    level, floor = goals.service_level, goals.floor_service_level
    timed = goals.sl_rule != "answer_rate"
    if level is not None and timed and goals.threshold_s is None:
        raise FaultAt([*keys, "service_level"], "needs threshold_s beside it")
    if all(getattr(goals, target) is None for target in TARGETS):
        raise FaultAt(keys, f"name at least one of {', '.join(TARGETS)}")
    if floor is not None:
        _check_floor(floor, level, goals.scope, [*keys, "floor_service_level"])


def _check_floor(
    floor: float, level: float | None, scope: Scope, keys: Sequence[str]
) -> None:
    if scope == "interval":
        raise FaultAt(keys, 'needs scope = "day" or "month" beside it')
    if level is None:
        raise FaultAt(keys, "needs service_level beside it")
    if floor > level:
        raise FaultAt(keys, f"{floor:g} is above service_level, which is {level:g}")


class ProfilePart(GoalsPart):
    """Targets that have a name, and what is said of them but not planned for."""

    meaning: str = ""
    source: str = ""
    confirm: str | None = None
    months_met: Annotated[int, Field(ge=1, le=12)] | None = None
    line_accessibility: Share | None = None

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        check_goals(self)
        return self

    def notes(self, name: str) -> tuple[str, ...]:
        """What a plan by this profile must say."""
        lines = self.line_accessibility
        said = {
            "to be confirmed by you: {}": self.confirm,
            "must be met in {} of 12 months; the plan aims at every one": (
                self.months_met
            ),
            "lines must be free {:g}% of the time, which agents do not decide": (
                None if lines is None else 100 * lines
            ),
        }
        return tuple(
            f"{name}: {text.format(value)}"
            for text, value in said.items()
            if value is not None
        )


class TargetsPart(GoalsPart):
    """A profile and what differs from it, or targets one by one."""

    profile: str | None = None

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.profile is None:
            check_goals(self)
        return self

    def to_targets(self, own: Mapping[str, ProfilePart]) -> Targets:
        """The targets, by a profile of ours or the planner's own."""
        if self.profile is None:
            return Targets(**_goals(self))
        known = {**shipped_profiles(), **own}
        if self.profile not in known:
            raise FaultAt(
                ["targets", "profile"],
                f"no profile {self.profile!r}; known: {', '.join(known)}",
            )
        profile = known[self.profile]
        given = {key: getattr(self, key) for key in self.model_fields_set - {"profile"}}
        goals = profile.model_copy(update=given)
        check_goals(goals, ["targets"])
        return Targets(
            **_goals(goals),
            months_met=profile.months_met,
            notes=profile.notes(self.profile),
        )


def _goals(goals: GoalsPart) -> dict[str, Any]:
    return {key: getattr(goals, key) for key in GoalsPart.model_fields}


def check_names(own: Mapping[str, ProfilePart]) -> None:
    """Refuse a profile by a name of ours: it must mean the same in every plan."""
    for name in own:
        if name in shipped_profiles():
            raise FaultAt(
                ["profiles", name],
                "staffcast has a profile of this name; choose another, or set single "
                "keys under [targets] beside profile",
            )


@cache
def shipped_profiles() -> dict[str, ProfilePart]:
    """The profiles that come with staffcast, by name."""
    table = tomllib.loads(rules_file("targets.toml").read_text(encoding="utf-8"))
    return {name: ProfilePart.model_validate(part) for name, part in table.items()}


def rules_file(name: str) -> Path:
    """A file of rules: within the installed package, or in the checkout's data/."""
    package = Path(__file__).parents[1]
    shipped = package / "rules" / name
    return shipped if shipped.exists() else package.parent / "data" / "rules" / name
