"""One or two levers over their ranges: the people of each point."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from staffing.config import Config
from staffing.kpi import ALL
from staffing.progress import Progress
from staffing.requirement.intervals import OnDuty, agents_of
from staffing.requirement.rules import Rules
from staffing.scenario.base import Base
from staffing.scenario.changes import Scenario
from staffing.scenario.outcome import Inputs, inputs_of, outcome_of, rules_of
from staffing.scenario.ranges import Range

type_people = dict[str, float]
"""Of all pools: offered, aht_s, peak_agents, agent_hours, paid_hours, fte, cost."""

GIVEN = {"agents", "headcount"}
"""Levers that give the agents, whoever is needed."""


def sweep(
    base: Base,
    scenario: Scenario,
    ranges: Sequence[Range],
    *,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """
    What each value of a lever comes to, or each pair of values of two.

    Parameters
    ----------
    base, scenario
        As :func:`staffing.scenario.outcome.outcome_of` takes them; the ranges'
        changes come after the scenario's.
    ranges : sequence of Range
        One, or two of different levers or places.
    progress : callable, optional
        Told of each point as it is begun.

    Returns
    -------
    DataFrame
        A row a point: its value on each range in that range's ``column``, and the
        people of all pools as in an Outcome's kpis. These are the needed ones; where
        agents are given there are the KPIs that they give, too.
    """
    points = [*itertools.product(*(item.changes for item in ranges))]
    scenarios = (scenario.then(Scenario(changes=point)) for point in points)
    rows = []
    for number, people in enumerate(people_of(base, scenarios)):
        if progress:
            progress("sweep", number, len(points))
        rows.append(people)
    values = itertools.product(*(item.numbers for item in ranges))
    table = pd.DataFrame(values, columns=[item.column for item in ranges])
    return table.join(pd.DataFrame(rows))


def with_needed(scenario: Scenario) -> Scenario:
    """The same without agents that are given, to ask how many are needed."""
    kept = tuple(item for item in scenario.changes if item.name not in GIVEN)
    return Scenario(scenario.name, kept)


def people_of(base: Base, scenarios: Iterable[Scenario]) -> Iterator[type_people]:
    """
    The people of each scenario, without its tables: those of ``outcome_of``.

    Where agents are given or trained, or the plan is for a chance, there is no such
    short cut.

    Raises
    ------
    ConfigError
        As :func:`staffing.scenario.outcome.outcome_of`.
    """
    needed = _Needed(base)
    for scenario in scenarios:
        found = inputs_of(base, scenario)
        given = bool(GIVEN & {change.name for change in scenario.changes})
        if given or found.new or found.config.staffing.risk is not None:
            kpis = outcome_of(base, scenario, simulated=given).kpis.set_index("queue")
            (of_all,) = kpis.loc[[ALL]].to_dict("records")
            yield {str(kpi): float(value) for kpi, value in of_all.items()}
        else:
            yield needed.people(found)


class _Grid(NamedTuple):
    """What an agent in each interval of a pool's grid comes to."""

    starts: NDArray[np.int64]
    month: NDArray[np.int64]  # number of the local month
    paid: NDArray[np.float64]  # [h]
    fte: NDArray[np.float64]  # of that month


class _Needed:
    """The people needed; keeps what many scenarios have in common."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self._rules: dict[int, tuple[Config, Rules]] = {}
        self._grids: dict[tuple[int, int, int], _Grid] = {}
        self._frame = pd.DataFrame()
        self._starts: list[pd.DatetimeIndex] = []

    def people(self, found: Inputs) -> type_people:
        """Of a scenario's inputs."""
        config, rules = found.config, self._rules_of(found.config)
        pools = [*agents_of(self._forecast(found), rules).values()]
        grids = [self._grid(own, config) for own in pools]
        both = [*zip(pools, grids, strict=True)]
        offered = float(sum(own.offered.sum() for own in pools))
        handle_s = float(sum(own.offered @ own.aht_s for own in pools))
        paid_hours = float(sum(grid.paid @ own.agents for own, grid in both))
        starts = np.concatenate([grid.starts for grid in grids])
        _, at = np.unique(starts, return_inverse=True)
        at_once = np.bincount(at, np.concatenate([own.agents for own in pools]))
        return {
            "offered": offered,
            "aht_s": handle_s / offered if offered else np.nan,
            "peak_agents": float(at_once.max()),
            "agent_hours": float(
                sum(own.agents.sum() * own.interval_s / 3600.0 for own in pools)
            ),
            "paid_hours": paid_hours,
            "fte": sum(_mean_fte(own, grid) for own, grid in both),
            "cost": paid_hours * (config.costs.per_hour or np.nan),
        }

    def _forecast(self, found: Inputs) -> pd.DataFrame:
        """The scenario's mean, in the columns of a forecast table."""
        starts = [calls.starts for calls in found.calls.values()]
        if [*map(id, starts)] != [*map(id, self._starts)]:
            parts = [
                pd.DataFrame(
                    {"queue": queue, "interval_start": calls.starts, "model": ""}
                )
                for queue, calls in found.calls.items()
            ]
            self._starts, self._frame = starts, pd.concat(parts, ignore_index=True)
        offered, aht_s = map(
            np.concatenate,
            zip(*(calls.mean for calls in found.calls.values()), strict=True),
        )
        band = {"offered_p10": offered, "offered_p90": offered}  # nobody asks for it
        return self._frame.assign(
            interval_s=found.config.interval_s, offered=offered, **band, aht_s=aht_s
        )

    def _rules_of(self, config: Config) -> Rules:
        """Kept with their configuration, so that no other takes its identity."""
        if id(config) not in self._rules:
            self._rules[id(config)] = config, rules_of(self.base, config)
        return self._rules[id(config)][1]

    def _grid(self, own: OnDuty, config: Config) -> _Grid:
        starts = own.starts
        key = int(starts.asi8[0]), len(starts), id(config)
        if key not in self._grids:
            shrinkage = self._rules_of(config).shrinkage
            paid = shrinkage.paid_per_agent(starts) * own.interval_s / 3600.0
            weeks = np.asarray(starts.days_in_month) / 7.0
            month = np.asarray(starts.year * 12 + starts.month)
            fte = paid / (config.staffing.full_time_h * weeks)
            self._grids[key] = _Grid(starts.asi8, month, paid, fte)
        return self._grids[key]


def _mean_fte(own: OnDuty, grid: _Grid) -> float:
    """Full-time people of a pool, the mean of the months in which it is open."""
    is_open = (own.agents > 0) | (own.offered > 0.0)
    return float(grid.fte @ own.agents) / max(1, len(np.unique(grid.month[is_open])))
