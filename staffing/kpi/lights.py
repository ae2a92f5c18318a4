"""Were the targets met? Traffic lights by month, and months met of the last twelve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from staffing.kpi.definitions import Better, Declared
from staffing.targets import Targets

AMBER_SHARE = 0.02
"""How far a share may miss its target and still be amber. [1]"""
AMBER_PART = 0.10
"""How far any other KPI may, as a part of the target. [1]"""
AMBER_RULE = (
    "green: the target is met; amber: missed by no more than "
    f"{100 * AMBER_SHARE:g} points (shares) or {AMBER_PART:.0%} of the target (all "
    "others); red: missed by more; unknown: the history does not tell"
)
YEAR = 12


class Goal(NamedTuple):
    """What a KPI must reach over a month."""

    kpi: str
    unit: str
    better: Better
    target: float

    def light(self, value: float) -> str:
        """Colour of a value; a miss is counted in the KPI's unit."""
        sign = 1.0 if self.better == "lower" else -1.0
        miss = sign * (value - self.target)
        margin = AMBER_SHARE if self.unit == "1" else AMBER_PART * abs(self.target)
        if np.isnan(miss):
            return "unknown"
        if miss <= 0.0:
            return "green"
        return "amber" if miss <= margin else "red"


def goals(targets: Targets) -> tuple[Goal, ...]:
    """The targets that a month is judged by."""
    every: tuple[tuple[str, str, Better, float | None], ...] = (
        ("service_level", "1", "higher", targets.service_level),
        ("asa_s", "s", "lower", targets.asa_s),
        ("mean_wait_s", "s", "lower", targets.mean_wait_s),
        ("abandon_rate", "1", "lower", targets.max_abandon_rate),
        ("occupancy", "1", "lower", targets.max_occupancy),
    )
    return tuple(
        Goal(kpi, unit, better, target)
        for kpi, unit, better, target in every
        if target is not None
    )


def traffic_lights(
    kpis: pd.DataFrame, targets: Targets, declared: Sequence[Declared] = ()
) -> pd.DataFrame:
    """
    Each month's KPIs beside their targets, in colours by ``AMBER_RULE``.

    Parameters
    ----------
    kpis : DataFrame
        The table KPI; its months are judged, other periods passed over.
    targets : Targets
        What must be reached, whatever their scope: contracts count in months.
    declared : sequence of Declared, optional
        Further KPIs, judged where they have a target.

    Returns
    -------
    DataFrame
        queue, month, kpi, value, target, met (green, amber, red or unknown), in the
        order of the KPI table's queues and months.
    """
    months = kpis[kpis["period"].str.fullmatch(r"\d{4}-\d{2}")]
    wanted = [
        *goals(targets),
        *(
            Goal(kpi.name, kpi.unit, kpi.better, kpi.target)
            for kpi in declared
            if kpi.target is not None
        ),
    ]
    values = months.set_index(["queue", "period", "kpi"])["realised"]
    rows = []
    for queue, month in months[["queue", "period"]].drop_duplicates().to_numpy():
        for goal in wanted:
            value = values.get((queue, month, goal.kpi), np.nan)
            light = goal.light(value)
            rows.append((queue, month, goal.kpi, value, goal.target, light))
    columns = ["queue", "month", "kpi", "value", "target", "met"]
    return pd.DataFrame(rows, columns=columns)


def year_of(lights: pd.DataFrame, targets: Targets) -> pd.DataFrame:
    """
    Which of the last twelve months met the targets.

    A month is met where every target is green, and missed where one is not; not known
    otherwise. Occupancy is a limit of the plan, and declared KPIs are no targets: both
    are passed over.

    Parameters
    ----------
    lights : DataFrame
        Of :func:`traffic_lights`; the twelve months end with its last.
    targets : Targets
        What must be reached.

    Returns
    -------
    DataFrame
        A row for each queue, a column for each month: 1 met, 0 not, NaN not known.
    """
    last = pd.Period(lights["month"].max(), freq="M")
    months = [str(last - n) for n in reversed(range(YEAR))]
    queues = list(lights["queue"].unique())
    ours = {goal.kpi for goal in goals(targets)} - {"occupancy"}
    rows = lights[lights["kpi"].isin(ours)]
    met = rows["met"].map({"green": 1.0, "amber": 0.0, "red": 0.0})
    of_month = met.groupby([rows["queue"], rows["month"]])
    least, unknown = of_month.min(), of_month.count() < of_month.size()
    names = pd.MultiIndex.from_product([queues, months])
    judged = least.mask(unknown & (least > 0)).reindex(names)
    return pd.DataFrame(judged.to_numpy().reshape(len(queues), YEAR), queues, months)


def months_met(lights: pd.DataFrame, targets: Targets) -> pd.DataFrame:
    """
    How many of the last twelve months met the targets, against what is needed.

    Returns
    -------
    DataFrame
        queue, months (known), met, needed (of twelve: ``targets.months_met``, or
        all), verdict: "reached" where so many are met, "missed" where too many are
        not, "open" before that.
    """
    needed = YEAR if targets.months_met is None else targets.months_met
    year = year_of(lights, targets)
    met, missed = (year == 1).sum(axis="columns"), (year == 0).sum(axis="columns")
    verdict = np.where(missed > YEAR - needed, "missed", "open")
    return pd.DataFrame(
        {
            "queue": year.index,
            "months": (met + missed).to_numpy(),
            "met": met.to_numpy(),
            "needed": needed,
            "verdict": np.where(met >= needed, "reached", verdict),
        }
    )
