"""The tables that pass between steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from forecast import columns as c
from forecast.columns.column import DAY_S, quantile
from forecast.schema.table import Table

MOST_AGENTS = 1e6
"""Above it a number is not one of people on the phone. [agents]"""

HISTORY = Table(
    "history",
    key=(c.QUEUE, c.INTERVAL_START),
    required=(c.OFFERED,),
    optional=(
        c.HANDLED,
        c.ABANDONED,
        c.SHORT_ABANDONED,
        c.ANSWERED_WITHIN,
        c.AHT_S,
        replace(c.ASA_S, high=DAY_S),
        replace(c.ABANDON_WAIT_S, high=DAY_S),
        replace(c.AGENTS, high=MOST_AGENTS),
    ),
    counts=(c.OFFERED, c.HANDLED, c.ABANDONED, c.SHORT_ABANDONED, c.ANSWERED_WITHIN),
)
FORECAST = Table(
    "forecast",
    key=(c.QUEUE, c.INTERVAL_START, c.MODEL),
    required=(c.INTERVAL_S, c.OFFERED, c.OFFERED_P10, c.OFFERED_P90, c.AHT_S),
)


def forecast_table(quantiles: Sequence[float]) -> Table:
    """The forecast table with these quantiles beside its own."""
    ours = {column.name for column in FORECAST.columns}
    more = {column.name: column for column in map(quantile, sorted(quantiles))}
    optional = tuple(column for name, column in more.items() if name not in ours)
    return replace(FORECAST, optional=optional)


REQUIREMENT = Table(
    "requirement",
    key=(c.QUEUE, c.INTERVAL_START),
    required=(
        c.INTERVAL_S,
        c.OPEN,
        c.OFFERED,
        c.OFFERED_P10,
        c.OFFERED_P90,
        c.AHT_S,
        c.LOAD_ERLANG,
        c.AGENTS,
        c.SCHEDULED,
        c.SERVICE_LEVEL,
        c.ASA_S,
        c.OCCUPANCY,
        c.ABANDON_RATE,
        c.BINDING,
    ),
)
MONTHLY = Table(
    "monthly",
    key=(c.QUEUE, c.MONTH),
    required=(
        c.OFFERED,
        c.OFFERED_P10,
        c.OFFERED_P90,
        c.LAST_YEAR,
        c.GROWTH,
        c.OFFERED_FORECAST,
        c.OFFERED_GIVEN,
        c.AHT_S,
        c.AGENT_HOURS,
        c.PAID_HOURS,
        c.FTE,
    ),
)
VOLUMES = Table("volumes", key=(c.QUEUE, c.MONTH), required=(c.OFFERED,))

ACCURACY = Table(
    "accuracy",
    key=(c.QUEUE, c.CUTOFF, c.MODEL, c.GRAIN, c.HORIZON),
    required=(
        c.POINTS,
        c.OFFERED,
        c.WAPE,
        c.BIAS,
        c.MASE,
        c.PINBALL,
        c.INTERVAL_COVERAGE,
        c.INTERVAL_COVERAGE_95,
        c.NOISE_FLOOR,
        c.WAPE_DAY_KNOWN,
    ),
)

KPI = Table(
    "kpi",
    key=(c.QUEUE, c.PERIOD, c.KPI),
    required=(c.PLANNED, c.REALISED, c.GAP),
)
CAUSES = Table("causes", key=(*KPI.key, c.CAUSE), required=(c.EFFECT,))
PLAN_BACKTEST = Table(
    "plan_backtest",
    key=(c.QUEUE, c.CUTOFF, c.INTERVAL_START),
    required=(
        c.PLANNED_OFFERED,
        c.PLANNED_AHT_S,
        c.PLANNED_AGENTS,
        c.PLANNED_SERVICE_LEVEL,
        c.PLANNED_ASA_S,
        c.PLANNED_ABANDON_RATE,
        c.OFFERED,
        c.AHT_S,
        c.AGENTS,
        c.SERVICE_LEVEL,
        c.ASA_S,
        c.ABANDON_RATE,
        c.REPLAYED_SERVICE_LEVEL,
        c.REPLAYED_ASA_S,
        c.REPLAYED_ABANDON_RATE,
    ),
)
TRACK = Table(
    "track",
    key=(c.QUEUE, c.INTERVAL_START),
    required=(
        c.PLANNED_OFFERED,
        c.OFFERED,
        c.EXPECTED_OFFERED,
        c.OFFERED_P10,
        c.OFFERED_P90,
        c.PLANNED_AHT_S,
        c.AHT_S,
        c.EXPECTED_AHT_S,
        c.PLANNED_AGENTS,
        c.AGENTS,
        c.NEEDED_AGENTS,
        c.NET,
        c.PLANNED_SERVICE_LEVEL,
        c.SERVICE_LEVEL,
        c.EXPECTED_SERVICE_LEVEL,
        c.CORRECTED_SERVICE_LEVEL,
    ),
)

AGENTS = Table(
    "agents",
    key=(c.AGENT_ID,),
    required=(c.CONTRACT, c.GROUPS),
    optional=(c.BANDS, c.FROM, c.TO, c.COST_PER_HOUR),
)
ABSENCES = Table(
    "absences", key=(c.AGENT_ID, c.DATE), required=(c.KIND,), optional=(c.PAID_MIN,)
)
REQUESTS = Table(
    "requests", key=(c.AGENT_ID, c.DATE), required=(c.WISH,), optional=(c.WEIGHT,)
)
ROSTER = Table(
    "roster",
    key=(c.AGENT_ID, c.START),
    required=(
        c.DATE,
        c.END,
        c.BREAKS,
        c.PAID_MIN,
        c.CONTRACT,
        c.GROUP,
        c.ACTIVITY,
    ),
)
COVER = Table(
    "cover",
    key=(c.QUEUE, c.INTERVAL_START),
    required=(c.SCHEDULED, c.ROSTERED, c.NET),
)
