"""Columns of who must be there, and of plans against what came."""

from __future__ import annotations

import math

from forecast.columns.calls import AHT_S, ASA_S, OFFERED
from forecast.columns.column import (
    Column,
    expected,
    planned,
    replayed,
)

LOAD_ERLANG = Column(
    "load_erlang",
    "float64",
    "erlang",
    "the offered load that the row is staffed for: handle times carried over borders, "
    'or, by load = "sipp", offered · aht_s / interval_s',
    0,
)
AGENTS = Column("agents", "float64", "agents", "on the queue at once", 0)
SCHEDULED = Column(
    "scheduled",
    "float64",
    "agents",
    "to roster so that agents are there: agents / (1 − shrinkage not itself rostered)",
    0,
)
SERVICE_LEVEL = Column(
    "service_level",
    "float64",
    "1",
    "share answered within threshold_s, by sl_rule",
    0,
    1,
)
OCCUPANCY = Column("occupancy", "float64", "1", "busy time / logged-in time", 0, 1)
ABANDON_RATE = Column(
    "abandon_rate", "float64", "1", "abandoned / offered (0 in Erlang C)", 0, 1
)
BINDING = Column(
    "binding",
    "text",
    "–",
    "what decided the agents: a target, day or month (the targets' scope), chance, "
    "min_agents or max_agents",
)

AGENT_HOURS = Column("agent_hours", "float64", "h", "agents · time, summed", 0)
PAID_HOURS = Column(
    "paid_hours",
    "float64",
    "h",
    "agent hours / (1 − all shrinkage), summed over the intervals",
    0,
)
FTE = Column(
    "fte", "float64", "FTE", "paid_hours / full-time paid hours of the month", 0
)

PLANNED_OFFERED = planned(OFFERED)
PLANNED_AHT_S = planned(AHT_S)
PLANNED_AGENTS = planned(AGENTS)
PLANNED_SERVICE_LEVEL = planned(SERVICE_LEVEL)
PLANNED_ASA_S = planned(ASA_S)
PLANNED_ABANDON_RATE = planned(ABANDON_RATE)
REPLAYED_SERVICE_LEVEL = replayed(SERVICE_LEVEL)
REPLAYED_ASA_S = replayed(ASA_S)
REPLAYED_ABANDON_RATE = replayed(ABANDON_RATE)

EXPECTED_OFFERED = expected(OFFERED)
EXPECTED_AHT_S = expected(AHT_S)
EXPECTED_SERVICE_LEVEL = expected(SERVICE_LEVEL)
CORRECTED_SERVICE_LEVEL = Column(
    "corrected_service_level",
    "float64",
    "1",
    "service_level expected with needed_agents instead of agents",
    0,
    1,
)
NEEDED_AGENTS = Column(
    "needed_agents", "float64", "agents", "that the rules ask for what is expected", 0
)
NET = Column(
    "net",
    "float64",
    "agents",
    "agents there − those needed (cover: rostered − scheduled); below 0: missing",
    -math.inf,
)

PERIOD = Column(
    "period",
    "text",
    "–",
    "an interval (its start), a day (2026-11-03), an ISO week (2026-W45) or a month "
    "(2026-11), local time",
)
KPI = Column("kpi", "text", "–", "which KPI the row is of")
PLANNED = Column(
    "planned", "float64", "of the KPI", "the KPI as the plan expected it", -math.inf
)
REALISED = Column(
    "realised", "float64", "of the KPI", "the KPI as it really was", -math.inf
)
GAP = Column("gap", "float64", "of the KPI", "realised − planned", -math.inf)
CAUSE = Column(
    "cause",
    "text",
    "–",
    "volume, shape, aht, staffing, or remainder: what the simulation does not explain",
)
EFFECT = Column(
    "effect",
    "float64",
    "of the KPI",
    "what the cause added to the KPI; all effects add up to the gap",
    -math.inf,
)
