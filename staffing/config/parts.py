"""The tables of plan.toml: their keys, bounds and what they turn into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from forecast.aht import AhtChange
from forecast.extent import AbsentRows
from forecast.intervals import Event, holidays_for
from forecast.schema import Table
from staffing.config.values import (
    Agents,
    AwayAt,
    Date,
    Factor,
    FaultAt,
    Fraction,
    Hours,
    PatienceS,
    Seconds,
    Share,
)
from staffing.load import LoadRule
from staffing.requirement.returning import Returning
from staffing.requirement.risk import Risk
from staffing.shrinkage import Component, Shrinkage, clock
from staffing.targets import Scope


def check_seats(low: int, high: int | None, keys: Sequence[str] = ()) -> None:
    """Refuse more agents at least than at most."""
    if high is not None and high < low:
        raise FaultAt(
            [*keys, "max_agents"], f"{high} is below min_agents, which is {low}"
        )


class Part(BaseModel):
    """A table of plan.toml: unknown keys and numbers written as text are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FormatPart(Part):
    """How the history file writes its values, where its profile does not know."""

    sheet: str | None = None
    separator: Literal[",", ";", "\t", "|"] | None = None
    encoding: Literal["utf-8", "cp1252"] = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", "'", " "] = ""
    time: str | None = None

    @model_validator(mode="after")
    def _time_is_whole(self) -> Self:
        for code in ("%Y", "%m", "%d"):
            if self.time is not None and code not in self.time.replace("%y", "%Y"):
                raise FaultAt(["time"], f"{self.time!r} lacks {code}")
        if "%Z" in (self.time or ""):
            raise FaultAt(["time"], "%Z reads names of zones that vary; write %z")
        return self


class ColumnsPart(Part):
    """Our names for the file's columns, and the columns that are not wanted."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    ignore: list[str] = []
    totals: list[Literal["aht_s", "asa_s", "abandon_wait_s"]] = []

    @model_validator(mode="after")
    def _values_are_columns(self) -> Self:
        for name, value in (self.model_extra or {}).items():
            names = value if isinstance(value, list) and value else [value]
            if not all(isinstance(part, str) for part in names):
                raise FaultAt([name], f"must be a column of the file, but is {value!r}")
        return self

    def check_names(self, table: Table) -> None:
        """Refuse names that are not the table's."""
        ours = [column.name for column in table.columns]
        for name in self.model_extra or {}:
            if name not in ours:
                raise FaultAt(
                    ["columns", name], f"not one of our columns: {', '.join(ours)}"
                )


class RowsPart(Part):
    """Which rows count, and what an absent row means."""

    include: dict[str, list[str]] = {}
    exclude: dict[str, list[str]] = {}
    absent_rows: AbsentRows = "missing"


class HolidaysPart(Part):
    """Public holidays of a country, and of a site within it."""

    country: str
    site: str | None = None
    open: bool = False

    @model_validator(mode="after")
    def _known(self) -> Self:
        for key, site in (("country", None), ("site", self.site)):
            try:
                holidays_for(self.country, site, [2026])
            except ValueError as error:
                raise FaultAt([key], str(error)) from error
        return self


def _effects(value: Any) -> Any:
    """A single number is the effect of every day."""
    return value if isinstance(value, list) else [value]


class EventPart(Part):
    """Days that the planner knows to be different."""

    name: Annotated[str, Field(min_length=1)]
    dates: list[Date]
    days: Annotated[int, Field(ge=1, le=31)] = 1
    queues: list[str] = []
    effect: Annotated[list[Factor], BeforeValidator(_effects)] = []

    @model_validator(mode="after")
    def _one_effect_a_day(self) -> Self:
        if len(self.effect) not in {0, 1, self.days}:
            raise FaultAt(
                ["effect"],
                f"must be one number, or one for each of the {self.days} days, but has "
                f"{len(self.effect)}",
            )
        return self

    def to_event(self) -> Event:
        """The event, with an effect for each day where one is declared."""
        return Event(
            self.name,
            tuple(self.dates),
            self.days,
            tuple(self.queues),
            tuple(self.effect * self.days if len(self.effect) == 1 else self.effect),
        )


class AhtChangePart(Part):
    """Handle times are known to change, for good or until a last date."""

    first: Annotated[Date, Field(alias="from")]
    effect: Annotated[float, Field(gt=0, le=10)]
    until: Date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until < self.first:
            raise FaultAt(["until"], f"{self.until} is before from, {self.first}")
        return self


class AhtPart(Part):
    """Handle times that the history does not have, and what changes them."""

    default_s: Seconds | None = None
    changes: list[AhtChangePart] | None = None

    def to_changes(self) -> tuple[AhtChange, ...]:
        """What is known to change."""
        return tuple(
            AhtChange(part.first, part.effect, part.until)
            for part in self.changes or []
        )


class ComponentPart(Part):
    """One component of shrinkage; what rosters place is planned, unless told."""

    share: Fraction
    rostered: bool = False
    planned: bool | None = None
    at: AwayAt = {}


def _components(value: Any) -> Any:
    """A single share is one component; a component's bare share is not rostered."""
    table = value if isinstance(value, dict) else {"all": value}
    return {
        name: part if isinstance(part, dict) else {"share": part}
        for name, part in table.items()
    }


class RiskPart(Part):
    """The realised KPIs of a scope meet their targets with a chance."""

    chance: Share
    scope: Scope = "day"


def _risk(value: Any) -> Any:
    """No chance where the plan is for the mean."""
    if value == "mean":
        return None
    if isinstance(value, dict | RiskPart):
        return value
    raise ValueError('must be "mean" or { chance = 0.9, scope = "day" }')


class StaffingPart(Part):
    """How agents follow from load and targets."""

    model: Literal["erlang_c", "erlang_a"] = "erlang_c"
    patience_s: PatienceS | None = None
    load: LoadRule = "mol"
    redial: Fraction = 0.0
    repeat: Fraction = 0.0
    risk: Annotated[RiskPart | None, BeforeValidator(_risk)] = None
    min_agents: Agents = 1
    max_agents: Agents | None = None
    shrinkage: Annotated[dict[str, ComponentPart], BeforeValidator(_components)] = {}
    full_time_h: Annotated[float, Field(gt=0, le=168)] = 40.0

    @model_validator(mode="after")
    def _seats_and_shares(self) -> Self:
        check_seats(self.min_agents, self.max_agents)
        week = self.to_shrinkage().week
        if week.max() >= 1:
            first = int((week >= 1).argmax())
            raise FaultAt(
                ["shrinkage"],
                "components must add up to less than 1 at any time, not "
                f"{week[first]:g} (first on {clock(first)})",
            )
        return self

    def to_risk(self) -> Risk | None:
        """The chance to plan for; None: the mean."""
        return None if self.risk is None else Risk(self.risk.chance, self.risk.scope)

    def to_returning(self) -> Returning:
        """Who calls again."""
        return Returning(self.redial, self.repeat)

    def to_shrinkage(self) -> Shrinkage:
        """Shrinkage by component."""
        return Shrinkage(
            {
                name: Component(
                    part.share,
                    part.rostered,
                    part.rostered if part.planned is None else part.planned,
                    part.at,
                )
                for name, part in self.shrinkage.items()
            }
        )


class QueuePart(Part):
    """What differs for one queue."""

    hours: Hours | None = None
    like: str | None = None
    scale: Annotated[float, Field(gt=0, le=1000)] | None = None
    aht: AhtPart | None = None
    min_agents: Agents | None = None
    max_agents: Agents | None = None
