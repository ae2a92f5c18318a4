"""The month at a glance: a code for each person and day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from staffing.roster.problem import Duty, Problem


class Code(NamedTuple):
    """A code, what it says, and its colours: their greys differ as the codes do."""

    name: str
    meaning: str
    fill: str
    ink: str = "#000000"


PARTS = (
    (4, Code("M", "starts from 04:00", "#fff2b2")),
    (11, Code("A", "from 11:00", "#f2b57c")),
    (16, Code("E", "from 16:00", "#6f9fcc")),
    (21, Code("N", "from 21:00", "#123c5a", "#ffffff")),
)
"""The parts of a day by the clock hour from which shifts start in them."""
REST = Code("R", "rest", "#ffffff", "#777777")
AWAY = Code("away", "leave, training …", "#d9d9d9", "#444444")
OUT = Code("–", "not employed", "#ffffff", "#777777")
CODES: Mapping[str, Code] = {
    code.name: code for code in (*(code for _, code in PARTS), REST, AWAY, OUT)
}


def part_of(start: pd.Timestamp) -> Code:
    """The part of the day in which a shift starts."""
    found = [code for hour, code in PARTS if hour <= start.hour]
    return found[-1] if found else PARTS[-1][1]


def code_grid(problem: Problem, duties: Sequence[Duty]) -> pd.DataFrame:
    """Names of the codes: a row for each agent, by id, a column for each date."""
    horizon = problem.horizon
    dates = [horizon.date(day) for day in range(horizon.days)]
    employed = [[agent.employed(date) for date in dates] for agent in problem.agents]
    grid = np.where(np.array(employed), REST.name, OUT.name).astype(object)
    for place in problem.away:
        grid[place] = AWAY.name
    for duty in duties:
        grid[duty.agent, duty.day] = part_of(horizon.time(duty.shift.start)).name
    names = [agent.agent_id for agent in problem.agents]
    return pd.DataFrame(grid, index=names, columns=dates)
