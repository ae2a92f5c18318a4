"""plan.toml as a whole: what its tables need of each other, and turn into."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from forecast.acd.call_level import CALLS as CALL_TABLE
from forecast.acd.profiles import CALLS, GENERIC, OF_CALLS, PROFILES, QUEUE_LOG
from forecast.errors import ConfigError
from forecast.intervals import Calendar, OpeningHours, holidays_for, month_span
from forecast.models import MODELS
from forecast.run import Wanted
from forecast.schema import HISTORY
from forecast.tables import Form, Measure
from staffing.config.checks import (
    check_grid,
    check_groups,
    check_hours,
    check_like,
    check_limits,
    check_model,
)
from staffing.config.costs import CostsPart
from staffing.config.demand import ForecastPart, VolumesPart
from staffing.config.history import HistoryPart
from staffing.config.kpis import KpiPart, check_clients, check_kpis, to_declared
from staffing.config.parts import (
    AhtPart,
    ColumnsPart,
    EventPart,
    FormatPart,
    HolidaysPart,
    QueuePart,
    RowsPart,
    StaffingPart,
    check_seats,
)
from staffing.config.profiles import ProfilePart, TargetsPart, check_names
from staffing.config.roster import RosterPart, check_objective
from staffing.config.values import (
    DAY_S,
    Date,
    FaultAt,
    Hours,
    Interval,
    Month,
    Profile,
    Zone,
    ends_of,
)
from staffing.kpi import Declared
from staffing.patience import OfPools, Patience
from staffing.requirement.rules import Rules
from staffing.targets import Targets
from staffing.texts import Lang


class Config(HistoryPart):
    """The whole of plan.toml."""

    queue: str | None = None
    month: Month | None = None
    months: Annotated[int, Field(ge=1, le=24)] = 1
    timezone: Zone
    interval_s: Interval = 1800
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    lang: Lang = "en"
    profile: Profile = GENERIC
    format: FormatPart = FormatPart()
    columns: ColumnsPart = ColumnsPart()
    rows: RowsPart = RowsPart()
    hours: Hours
    closures: list[Date] = Field(default_factory=list)
    holidays: HolidaysPart | None = None
    events: list[EventPart] = Field(default_factory=list)
    forecast: ForecastPart = ForecastPart()
    volumes: VolumesPart = VolumesPart()
    aht: AhtPart = AhtPart()
    targets: TargetsPart = TargetsPart(profile="default")
    profiles: dict[str, ProfilePart] = Field(default_factory=dict)
    staffing: StaffingPart = StaffingPart()
    groups: dict[str, list[str]] = Field(default_factory=dict)
    queues: dict[str, QueuePart] = Field(default_factory=dict)
    kpis: dict[str, KpiPart] = Field(default_factory=dict)
    clients: dict[str, list[str]] = Field(default_factory=dict)
    roster: RosterPart | None = None
    costs: CostsPart = CostsPart()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for key in ("format", "profile"):
            if self.url is not None and key in self.model_fields_set:
                raise FaultAt([key], "is about files, not tables: leave it out")
        self.columns.check_names(CALL_TABLE if self.profile == CALLS else HISTORY)
        if self.profile == QUEUE_LOG:
            for keys, given in (
                (["queue"], self.queue),
                (["columns"], self.columns.model_fields_set),
                (["rows", "include"], self.rows.include),
                (["rows", "exclude"], self.rows.exclude),
            ):
                if given:
                    raise FaultAt(keys, "must be left out: queue-log has no columns")
        if self.kpis and self.profile in OF_CALLS:
            fault = f"must be left out: {self.profile} has calls, not KPIs of intervals"
            raise FaultAt(["kpis"], fault)
        form = self.form()
        if form.decimal == form.thousands:
            fault = f"{form.decimal!r} is the thousands sign too"
            raise FaultAt(["format", "decimal"], fault)
        time = self.format.time or "%H:%M"
        time = time.replace("%I", "%H") if "%p" in time else time
        for code in ("%H", "%M") if self.interval_s < DAY_S else ():
            if code not in time:
                fault = f"{self.format.time!r} lacks {code}"
                raise FaultAt(["format", "time"], fault)
        check_hours(["hours"], self.hours, self.interval_s)
        for name, part in self.queues.items():
            keys = ["queues", name, "hours"]
            check_hours(keys, part.hours or {}, self.interval_s)
            check_seats(*self.seats(name), ["queues", name])
        for name, component in self.staffing.shrinkage.items():
            for when in component.at:
                keys = ["staffing", "shrinkage", name, "at", when]
                check_grid(keys, ends_of(when), self.interval_s)
        check_names(self.profiles)
        check_kpis(self.kpis)
        check_clients(self.clients, self.groups)
        check_groups(self.groups, self.queues)
        check_like(self.queues)
        check_model(self.staffing, self.targets, self.to_targets())
        check_objective(self.roster, self.to_targets())
        check_limits(self.staffing, self.to_targets())
        return self

    def form(self) -> Form:
        """How the history file is to be read."""
        profile = PROFILES[self.profile]
        given = {
            name: getattr(self.format, name) for name in self.format.model_fields_set
        }
        by_day = "%Y-%m-%d" if self.interval_s == DAY_S else None
        return replace(
            profile,
            **{"time": profile.time or by_day, **given},
            columns={**profile.columns, **(self.columns.model_extra or {})},
            totals=(*profile.totals, *self.columns.totals),
            ignore=(*profile.ignore, *self.columns.ignore),
            include=self.rows.include,
            exclude=self.rows.exclude,
            measures=tuple(
                Measure(name, part.column, part.weight)
                for name, part in self.kpis.items()
            ),
        )

    def volumes_form(self) -> Form:
        """How the file of volumes is to be read: as the history, by our names."""
        form = self.form()
        return Form(
            form.separator, form.encoding, form.decimal, form.thousands, form.time
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
            tuple(part.to_event() for part in self.events),
            tuple(sorted(set(self.closures))),
        )

    def to_targets(self) -> Targets:
        """What the plan must reach; profile "default" where [targets] is absent."""
        return self.targets.to_targets(self.profiles)

    def declared(self) -> tuple[Declared, ...]:
        """The KPIs that the history brings."""
        return to_declared(self.kpis)

    def pools(self, queues: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The groups, and of these queues each that is in none, by itself."""
        grouped = {name for members in self.groups.values() for name in members}
        alone = {name: (name,) for name in queues if name not in grouped}
        return alone | {name: tuple(queues) for name, queues in self.groups.items()}

    def patience_s(self, estimates: Mapping[str, Patience]) -> OfPools:
        """Callers' patience, whatever the model; a group's is its queues' too. [s]"""
        given = self.staffing.patience_s
        if given != "estimate":
            return given
        return {
            name: estimate.patience_s
            for pool, estimate in estimates.items()
            for name in (pool, *self.groups.get(pool, ()))
        }

    def rules(
        self,
        usual_abandonment: Mapping[str, float],
        estimates: Mapping[str, Patience],
    ) -> Rules:
        """What turns the forecast into agents."""
        is_a = self.staffing.model == "erlang_a"
        return Rules(
            targets=self.to_targets(),
            seats=self.seats,
            shrinkage=self.staffing.to_shrinkage(),
            load=self.staffing.load,
            pools={name: tuple(queues) for name, queues in self.groups.items()},
            returning=self.staffing.to_returning(),
            usual_abandonment=usual_abandonment,
            seed=self.seed,
        ).with_patience(self.patience_s(estimates) if is_a else None)

    def seats(self, queue: str) -> tuple[int, int | None]:
        """Fewest and most agents of a queue, whenever it is open."""
        part = self.queues.get(queue, QueuePart())
        low = self.staffing.min_agents if part.min_agents is None else part.min_agents
        high = self.staffing.max_agents if part.max_agents is None else part.max_agents
        return low, high

    def wanted(self, queue: str, first: dt.date, last: dt.date) -> Wanted:
        """What to forecast of a queue, and what the planner says of it."""
        own = self.queues.get(queue, QueuePart()).aht or AhtPart()
        return Wanted(
            MODELS[self.forecast.model],
            first,
            last,
            self.seed,
            default_aht_s=own.default_s or self.aht.default_s,
            aht_changes=(self.aht if own.changes is None else own).to_changes(),
            volumes=self.volumes.given.get(queue, {}),
            quantiles=tuple(self.forecast.quantiles),
        )

    def roster_part(self) -> RosterPart:
        """What is to be rostered, and from which files."""
        if self.roster is None:
            raise ConfigError(
                "there is no [roster] in the configuration. Name the team's files "
                'there: agents = "agents.csv", contracts = "contracts.toml".'
            )
        return self.roster

    def like(self) -> dict[str, tuple[str, float]]:
        """The queues that are like others: which other, and the scale."""
        return {
            name: (part.like, part.scale or 1.0)
            for name, part in self.queues.items()
            if part.like is not None
        }

    def span(self, month: str) -> tuple[dt.date, dt.date]:
        """First and last date of the plan."""
        return month_span(month, self.months)
