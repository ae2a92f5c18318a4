"""The tables of plan.toml: their keys, bounds and what they turn into."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from forecast.history import AbsentRows
from forecast.intervals import Calendar, Event, OpeningHours, holidays_for, month_span
from forecast.schema import HISTORY
from forecast.tables import Form
from staffing.config.values import (
    Agents,
    Date,
    FaultAt,
    Hours,
    Interval,
    Month,
    Seconds,
    Share,
    Zone,
    minutes_of,
)
from staffing.erlang.limits import SlRule, checked_callers, checked_targets
from staffing.shrinkage import Component, Shrinkage
from staffing.targets import Targets


def _check_seats(low: int, high: int | None, keys: Sequence[str] = ()) -> None:
    if high is not None and high < low:
        raise FaultAt(
            [*keys, "max_agents"], f"{high} is below min_agents, which is {low}"
        )


class Part(BaseModel):
    """A table of plan.toml: unknown keys and numbers written as text are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FormatPart(Part):
    """How the history file writes its values."""

    separator: Literal[",", ";", "\t", "|"] | None = None
    encoding: Literal["utf-8", "cp1252"] = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", "'", " "] = ""
    time: str | None = None

    @model_validator(mode="after")
    def _signs_differ(self) -> Self:
        if self.decimal == self.thousands:
            raise FaultAt(["decimal"], f"{self.decimal!r} is the thousands sign too")
        for code in ("%Y", "%m", "%d", "%H", "%M"):
            if self.time is not None and code not in self.time.replace("%y", "%Y"):
                raise FaultAt(["time"], f"{self.time!r} lacks {code}")
        if "%Z" in (self.time or ""):
            raise FaultAt(["time"], "%Z reads names of zones that vary; write %z")
        return self


class ColumnsPart(Part):
    """Our names for the file's columns, and the columns that are not wanted."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    ignore: list[str] = []

    @model_validator(mode="after")
    def _names_are_ours(self) -> Self:
        ours = [column.name for column in HISTORY.columns]
        for name, value in (self.model_extra or {}).items():
            if name not in ours:
                raise FaultAt([name], f"not one of our columns: {', '.join(ours)}")
            if not isinstance(value, str):
                raise FaultAt([name], f"must be a column of the file, but is {value!r}")
        return self


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


class EventPart(Part):
    """Days that the planner knows to be different."""

    name: Annotated[str, Field(min_length=1)]
    dates: list[Date]
    days: Annotated[int, Field(ge=1, le=31)] = 1
    queues: list[str] = []


class AhtPart(Part):
    """Handle times that the history does not have."""

    default_s: Seconds


class TargetsPart(Part):
    """What every interval must reach."""

    asa_s: Seconds | None = None
    service_level: Share | None = None
    threshold_s: Annotated[float, Field(ge=0, le=86_400)] | None = None
    mean_wait_s: Seconds | None = None
    sl_rule: SlRule = "offered"
    max_occupancy: Annotated[float, Field(ge=0.01, le=1)] | None = None
    max_abandon_rate: Share | None = None

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        timed = self.service_level is not None and self.sl_rule != "answer_rate"
        if timed and self.threshold_s is None:
            raise FaultAt(["service_level"], "needs threshold_s beside it")
        goals = set(TargetsPart.model_fields) - {"threshold_s", "sl_rule"}
        if all(getattr(self, goal) is None for goal in goals):
            names = [name for name in TargetsPart.model_fields if name in goals]
            raise ValueError(f"name at least one of {', '.join(names)}")
        return self


class ComponentPart(Part):
    """One component of shrinkage."""

    share: Annotated[float, Field(ge=0, lt=1)]
    rostered: bool = False


def _components(value: Any) -> Any:
    """A single share is one component; a component's bare share is not rostered."""
    table = value if isinstance(value, dict) else {"all": value}
    return {
        name: part if isinstance(part, dict) else {"share": part}
        for name, part in table.items()
    }


class StaffingPart(Part):
    """How agents follow from load and targets."""

    model: Literal["erlang_c", "erlang_a"] = "erlang_c"
    patience_s: Seconds | None = None
    load: Literal["sipp"] = "sipp"
    risk: Literal["mean"] = "mean"
    min_agents: Agents = 1
    max_agents: Agents | None = None
    shrinkage: Annotated[dict[str, ComponentPart], BeforeValidator(_components)] = {}
    full_time_h: Annotated[float, Field(gt=0, le=168)] = 40.0

    @model_validator(mode="after")
    def _seats_and_shares(self) -> Self:
        _check_seats(self.min_agents, self.max_agents)
        total = self.to_shrinkage().total
        if total >= 1:
            raise FaultAt(
                ["shrinkage"], f"components must add up to less than 1, not {total:g}"
            )
        return self

    def to_shrinkage(self) -> Shrinkage:
        """Shrinkage by component."""
        return Shrinkage(
            {
                name: Component(part.share, part.rostered)
                for name, part in self.shrinkage.items()
            }
        )


class QueuePart(Part):
    """What differs for one queue."""

    hours: Hours | None = None
    aht: AhtPart | None = None
    min_agents: Agents | None = None
    max_agents: Agents | None = None


class Config(Part):
    """The whole of plan.toml."""

    history: Annotated[str, Field(min_length=1)]
    queue: str | None = None
    month: Month | None = None
    months: Annotated[int, Field(ge=1, le=24)] = 1
    timezone: Zone
    interval_s: Interval = 1800
    seed: Annotated[int, Field(ge=0)] = 0
    format: FormatPart = FormatPart()
    columns: ColumnsPart = ColumnsPart()
    rows: RowsPart = RowsPart()
    hours: Hours
    holidays: HolidaysPart | None = None
    events: list[EventPart] = []
    aht: AhtPart | None = None
    targets: TargetsPart | None = None
    staffing: StaffingPart = StaffingPart()
    queues: dict[str, QueuePart] = {}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        self._check_grid(["hours"], self.hours)
        for name, part in self.queues.items():
            self._check_grid(["queues", name, "hours"], part.hours or {})
            _check_seats(*self.seats(name), ["queues", name])
        self._check_model()
        return self

    def _check_model(self) -> None:
        targets = self.to_targets()
        if (self.staffing.model == "erlang_a") != (
            self.staffing.patience_s is not None
        ):
            raise FaultAt(
                ["staffing", "model"],
                '"erlang_a" goes with patience_s, the mean time that a caller would '
                'wait, and "erlang_c" without',
            )
        wants_a = {
            "sl_rule": targets.sl_rule == "answer_rate",
            "max_abandon_rate": targets.max_abandon_rate is not None,
        }
        for key, wanted in wants_a.items():
            if wanted and self.staffing.model == "erlang_c":
                raise FaultAt(
                    ["targets", key],
                    "has no meaning in Erlang C, where nobody hangs up; write "
                    '[staffing] model = "erlang_a" and patience_s',
                )
        try:
            limits = targets.limits(self.staffing.patience_s)
            checked_targets(checked_callers(1.0, limits), limits)
        except ValueError as error:
            raise FaultAt(["targets"], str(error).rstrip(".")) from error

    def _check_grid(self, keys: Sequence[str], hours: dict[str, Any]) -> None:
        for days in hours:
            for minute in minutes_of(hours, days):
                if minute * 60 % self.interval_s:
                    raise FaultAt(
                        [*keys, days],
                        f"{minute // 60:02d}:{minute % 60:02d} is not on the grid of "
                        f"interval_s = {self.interval_s}",
                    )

    def form(self) -> Form:
        """How the history file is to be read."""
        return Form(
            separator=self.format.separator,
            encoding=self.format.encoding,
            decimal=self.format.decimal,
            thousands=self.format.thousands,
            time=self.format.time,
            columns=dict(self.columns.model_extra or {}),
            ignore=tuple(self.columns.ignore),
            include=self.rows.include,
            exclude=self.rows.exclude,
        )

    def calendar(self, years: range) -> Calendar:
        """Opening hours, holidays of these years, and events."""
        found = self.holidays
        return Calendar(
            ZoneInfo(self.timezone),
            self.interval_s,
            OpeningHours.parse(self.hours),
            {
                name: OpeningHours.parse(part.hours)
                for name, part in self.queues.items()
                if part.hours is not None
            },
            holidays_for(found.country, found.site, years) if found else {},
            found is not None and found.open,
            tuple(
                Event(part.name, tuple(part.dates), part.days, tuple(part.queues))
                for part in self.events
            ),
        )

    def to_targets(self) -> Targets:
        """What every interval must reach; the default where [targets] is absent."""
        return Targets(**self.targets.model_dump()) if self.targets else Targets()

    def seats(self, queue: str) -> tuple[int, int | None]:
        """Fewest and most agents of a queue, whenever it is open."""
        part = self.queues.get(queue, QueuePart())
        low = self.staffing.min_agents if part.min_agents is None else part.min_agents
        high = self.staffing.max_agents if part.max_agents is None else part.max_agents
        return low, high

    def default_aht_s(self, queue: str) -> float | None:
        """Handle time of a queue whose history has none. [s]"""
        part = self.queues.get(queue, QueuePart()).aht or self.aht
        return part.default_s if part else None

    def span(self, month: str) -> tuple[dt.date, dt.date]:
        """First and last date of the plan."""
        return month_span(month, self.months)
