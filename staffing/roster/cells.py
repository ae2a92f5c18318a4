"""Cells: agents who are alike for the cover, and how much each cell owes."""

from __future__ import annotations

from dataclasses import dataclass

from staffing.roster.problem import Problem
from staffing.roster.team import Band, Contract


@dataclass(frozen=True)
class Cell:
    """
    Agents of one contract, with the same groups and the same bands.

    ``groups`` are places in the need's groups, ``agents`` places in the problem's.
    """

    contract: Contract
    groups: tuple[int, ...]
    bands: tuple[Band, ...] | None
    agents: tuple[int, ...]


def cells_of(problem: Problem) -> tuple[Cell, ...]:
    """The cells of a team, in the order of their first agents."""
    places = {name: place for place, name in enumerate(problem.need.groups)}
    members: dict[
        tuple[Contract, tuple[int, ...], tuple[Band, ...] | None], list[int]
    ] = {}
    for number, agent in enumerate(problem.agents):
        groups = tuple(sorted(places[name] for name in agent.groups if name in places))
        members.setdefault((agent.contract, groups, agent.bands), []).append(number)
    return tuple(Cell(*key, tuple(agents)) for key, agents in members.items())
