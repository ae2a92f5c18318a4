"""plan.toml as a whole: what its tables need of each other, and turn into."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from forecast.intervals import Calendar, Event, OpeningHours, holidays_for, month_span
from forecast.tables import Form
from staffing.config.parts import (
    AhtPart,
    ColumnsPart,
    EventPart,
    FormatPart,
    HolidaysPart,
    Part,
    QueuePart,
    RowsPart,
    StaffingPart,
    TargetsPart,
    check_seats,
)
from staffing.config.values import FaultAt, Hours, Interval, Month, Zone, minutes_of
from staffing.erlang.limits import checked_callers, checked_targets
from staffing.targets import Targets


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
    events: list[EventPart] = Field(default_factory=list)
    aht: AhtPart | None = None
    targets: TargetsPart | None = None
    staffing: StaffingPart = StaffingPart()
    queues: dict[str, QueuePart] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        self._check_grid(["hours"], self.hours)
        for name, part in self.queues.items():
            self._check_grid(["queues", name, "hours"], part.hours or {})
            check_seats(*self.seats(name), ["queues", name])
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
