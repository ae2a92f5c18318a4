"""A scenario's outcome: changed inputs, through the same steps as a plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import ConfigError
from forecast.run import QueueForecast
from staffing.config import Config
from staffing.need import Need, need_of
from staffing.patience import Patience, patience_of
from staffing.requirement import Rules, chance
from staffing.requirement.chance import Chances
from staffing.scenario import arrivals, settings
from staffing.scenario.base import Base
from staffing.scenario.calls import Calls
from staffing.scenario.changes import Change, Scenario
from staffing.scenario.given import Duty
from staffing.scenario.kpis import Money, kpi_table, met_by, on_duty, people_of
from staffing.scenario.training import Trained, trained, with_training
from staffing.targets import Scope
from staffing.texts import Note

PATHS = 20
"""Possible months that KPIs are simulated on."""
NOTHING = Scenario()


@dataclass(frozen=True)
class Outcome:
    """
    What a scenario comes to.

    ``config``, ``forecasts`` and ``need`` are those of the scenario; ``agents`` who is
    on duty in each row of the requirement: those needed, or those given. ``kpis`` has
    a row a pool and one for "all": offered, aht_s, peak_agents, agent_hours,
    paid_hours, fte, short_hours (of agents needed, of whom seats leave room for, and
    not there), cost, then of simulated months, NaN without: service_level with its
    10th and 90th percentile, asa_s, abandon_rate, occupancy, holds (chance that a
    day, or whatever ``scope`` is, meets its targets in every pool), missed (days of
    each pool, to be expected), missed_of (that many have calls) and penalty.
    ``monthly`` is of the agents on duty, ``notes`` are what is assumed.
    """

    base: Base
    scenario: Scenario
    config: Config
    forecasts: tuple[QueueForecast, ...]
    need: Need
    monthly: pd.DataFrame
    agents: pd.Series
    kpis: pd.DataFrame
    scope: Scope
    notes: tuple[Note, ...]

    @property
    def rules(self) -> Rules:
        """What turned calls into agents."""
        return self.need.rules

    @property
    def forecast(self) -> pd.DataFrame:
        """The forecast table."""
        return self.need.forecast

    @property
    def requirement(self) -> pd.DataFrame:
        """The requirement table."""
        return self.need.requirement

    @property
    def chances(self) -> Chances | None:
        """What a plan at a chance comes to."""
        return self.need.chances

    @property
    def duty(self) -> pd.DataFrame:
        """Agents needed and on duty: queue, interval_start, needed, agents and net."""
        table = self.requirement[["queue", "interval_start"]]
        needed = self.requirement["agents"]
        return table.assign(needed=needed, agents=self.agents, net=self.agents - needed)

    @property
    def unmet(self) -> pd.DataFrame:
        """Open requirement rows whose seats do not suffice for the targets."""
        rows = self.requirement[self.requirement["open"]]
        return rows[rows["binding"] == "max_agents"]

    @property
    def exit_code(self) -> int:
        """0, or 1 where a queue failed or a target cannot be met."""
        return int(bool(self.base.failed) or not self.unmet.empty)


class Inputs(NamedTuple):
    """A scenario's configuration, calls by queue, new agents, and what is assumed."""

    config: Config
    calls: Mapping[str, Calls]
    new: Sequence[Trained]
    notes: tuple[Note, ...]


def outcome_of(
    base: Base,
    scenario: Scenario = NOTHING,
    *,
    paths: int = PATHS,
    simulated: bool = True,
) -> Outcome:
    """
    What a scenario comes to: agents, hours and money, and what callers would meet.

    Parameters
    ----------
    base : Base
        The plan before its requirement.
    scenario : Scenario
        Its changes; without any, the outcome is the plan's to the last byte.
    paths : int
        How many possible months are simulated, of which all scenarios meet the same.
    simulated : bool
        False: no KPIs, for the agents alone.

    Raises
    ------
    ConfigError
        A change names what the plan does not have, or asks for what cannot be.
    TableError
        A file of agents is wrong.
    """
    config, calls, new, notes = inputs_of(base, scenario)
    forecasts = tuple(item.to_forecast() for item in calls.values())
    need = _need(base, config, forecasts)
    duty = Duty(base, config, need)
    agents, said = duty.agents(_of(scenario.changes, {"agents", "headcount"}))
    full_time_h = config.staffing.full_time_h
    there = on_duty(need, agents)
    people = people_of(need, there, full_time_h)
    people = with_training(people, new, full_time_h * _weeks(base))
    of_queue = {item.queue: item for item in forecasts}
    scope = _scope(config)
    met = met_by(need, agents, of_queue, scope=scope, paths=paths) if simulated else {}
    money = Money(config.costs.per_hour, config.costs.penalty)
    return Outcome(
        base=base,
        scenario=scenario,
        config=config,
        forecasts=forecasts,
        need=need,
        monthly=there.monthly(full_time_h),
        agents=agents,
        kpis=kpi_table(people, met, need.rules, money),
        scope=scope,
        notes=(
            *notes,
            *(item.note for item in new),
            *_counted(base, scope),
            *_roughly(base, need),
            *said,
        ),
    )


def inputs_of(base: Base, scenario: Scenario) -> Inputs:
    """
    What a scenario makes of the plan's inputs.

    Raises
    ------
    ConfigError
        As in :func:`outcome_of`.
    """
    changes = scenario.changes
    config, site = _settled(base, tuple(_of(changes, settings.LEVERS)))
    _check_places(base, config, changes)
    new = trained(base, config, _of(changes, {"training"}))
    calls, notes = arrivals.changed_calls(
        base, config, site, _of(changes, arrivals.CHANGES), new
    )
    return Inputs(config, calls, new, notes)


@lru_cache(maxsize=16)
def _settled(base: Base, changes: tuple[Change, ...]) -> tuple[Config, arrivals.Site]:
    """What many scenarios have in common: points of a sweep, clicks on the page."""
    config = settings.changed_config(base.config, base.table, changes)
    return config, arrivals.site_of(base, config)


def rules_of(base: Base, config: Config) -> Rules:
    """What turns calls into agents in a scenario."""
    return config.rules(base.usual, _patience(base, config))


def _of(changes: Sequence[Change], levers: Collection[str]) -> list[Change]:
    return [change for change in changes if change.name in levers]


def _need(base: Base, config: Config, forecasts: tuple[QueueForecast, ...]) -> Need:
    """The requirement; the plan's own where nothing that it follows from differs."""
    costs = {"costs": base.config.costs}
    same = config.model_copy(update=costs) == base.config
    same &= config.to_targets() == base.config.to_targets()  # unset is not none
    if same and all(a is b for a, b in zip(forecasts, base.forecasts, strict=True)):
        return base.need
    if all(item.intervals.empty for item in forecasts):
        raise ConfigError("no queue would be open. Leave some hours.")
    risk = config.staffing.to_risk()
    return need_of(forecasts, rules_of(base, config), risk, rough=True)


def _counted(base: Base, scope: Scope) -> list[Note]:
    """Over what targets hold, where it is not as in the plan."""
    before = _scope(base.config)
    if before == scope:
        return []
    return [Note.of("scope", here=Note(scope), plan=Note(before))]


def _roughly(base: Base, need: Need) -> list[Note]:
    """What a scenario's agents for a chance are found on."""
    if need.chances is None or need is base.need:
        return []
    count = chance.PATHS[need.chances.risk.scope]
    return [Note.of("rough", here=count // chance.ROUGH, plan=count)]


def _patience(base: Base, config: Config) -> Mapping[str, Patience]:
    """Estimates for the scenario's pools: those of the plan's pools put together."""
    before = base.config.pools([item.queue for item in base.forecasts])
    found = {}
    for pool, queues in config.pools([item.queue for item in base.forecasts]).items():
        parts = [
            base.patience[name]
            for name, members in before.items()
            if {*queues} & {*members} and name in base.patience
        ]
        if len(parts) == 1:
            found[pool] = parts[0]
        elif parts:
            waiting_s = sum(part.waiting_s for part in parts)
            lost = sum(part.abandonments for part in parts)
            mean, low, high = (
                float(np.squeeze(s)) for s in patience_of(waiting_s, lost)
            )
            found[pool] = Patience(mean, low, high, lost, waiting_s)
    return found


def _scope(config: Config) -> Scope:
    """Over what the chance of holding is counted: a day, where nothing else is said."""
    risk, scope = config.staffing.risk, config.to_targets().scope
    if risk is not None:
        return risk.scope
    return "day" if scope == "interval" else scope


def _weeks(base: Base) -> float:
    first, last = base.span
    return ((last - first).days + 1) / 7.0


def _check_places(base: Base, config: Config, changes: Sequence[Change]) -> None:
    """Refuse queues and dates that the plan does not have, all at once."""
    queues = [item.queue for item in base.forecasts]
    pools = config.pools(queues)
    known = [*dict.fromkeys([*queues, *pools])]
    first, last = base.span
    faults = []
    for change in changes:
        named = [*change.where.names]
        if change.name == "groups":
            named += config.groups.get(change.key, [])
        by_pool = change.name in ("agents", "headcount", "training")
        there = [*pools] if by_pool else known
        there = queues if change.name == "groups" else there
        for name in dict.fromkeys(named):
            if name not in there:
                reason = base.failed.get(name)
                faults.append(
                    f"{change.text!r}: the plan has no {name!r}; it has "
                    f"{', '.join(there)}." + (f" {reason}" if reason else "")
                )
        for begin, end in change.where.dates:
            if begin < first or end > last:
                faults.append(
                    f"{change.text!r}: dates must be of the plan, {first} to {last}. "
                    "Plan other months with --month."
                )
    if faults:
        raise ConfigError(*dict.fromkeys(faults))
