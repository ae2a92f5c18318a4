"""Every column of every table: name, kind, unit, bounds and meaning."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["text", "time", "date", "month", "float64", "int64", "bool"]


MOST_CONTACTS = 1e9
"""Above it a number is not a count of contacts. [contacts]"""
DAY_S = 86400.0


@dataclass(frozen=True)
class Column:
    """One column, declared once; ``low`` and ``high`` are inclusive bounds."""

    name: str
    kind: Kind
    unit: str
    meaning: str
    low: float | None = None
    high: float | None = None


QUEUE = Column(
    "queue", "text", "–", "contacts staffed together (skill, client, site), or a group"
)
INTERVAL_START = Column("interval_start", "time", "time", "start of the interval")
INTERVAL_S = Column("interval_s", "int64", "s", "length of the interval", 1)
MONTH = Column("month", "month", "–", "calendar month, YYYY-MM, local time")
MODEL = Column("model", "text", "–", "the forecasting model")
OPEN = Column(
    "open", "bool", "–", "inside opening hours; false: the last calls are being served"
)

OFFERED = Column(
    "offered", "float64", "contacts", "arrived in the interval", 0, MOST_CONTACTS
)
HANDLED = Column("handled", "float64", "contacts", "answered", 0, MOST_CONTACTS)
ABANDONED = Column(
    "abandoned", "float64", "contacts", "hung up while waiting", 0, MOST_CONTACTS
)
SHORT_ABANDONED = Column(
    "short_abandoned",
    "float64",
    "contacts",
    "hung up within short_abandon_s",
    0,
    MOST_CONTACTS,
)
ANSWERED_WITHIN = Column(
    "answered_within",
    "float64",
    "contacts",
    "answered after waiting at most threshold_s",
    0,
    MOST_CONTACTS,
)
ABANDON_WAIT_S = Column(
    "abandon_wait_s", "float64", "s", "mean wait of the abandoned", 0
)
AHT_S = Column(
    "aht_s",
    "float64",
    "s",
    "average handle time: talk + hold + after-call work, over the handled",
    0,
    DAY_S,
)
ASA_S = Column(
    "asa_s",
    "float64",
    "s",
    "average speed of answer: mean wait of the answered",
    0,
)
OFFERED_P10 = Column(
    "offered_p10",
    "float64",
    "contacts",
    "10th percentile: one time in ten it is less",
    0,
)
OFFERED_P90 = Column(
    "offered_p90",
    "float64",
    "contacts",
    "90th percentile: one time in ten it is more",
    0,
)


def quantile(share: float) -> Column:
    """The column of a percentile of the offered: offered_p05, offered_p97_5."""
    percent = f"{round(100 * share, 6):g}"
    name = percent.zfill(2) if percent.isdigit() else percent.replace(".", "_")
    meaning = f"{percent}th percentile of the offered"
    return Column(f"offered_p{name}", "float64", "contacts", meaning, 0)


LAST_YEAR = Column(
    "last_year", "float64", "contacts", "offered in the same month a year before", 0
)
GROWTH = Column("growth", "float64", "1", "offered / last_year − 1", -1)
OFFERED_FORECAST = Column(
    "offered_forecast",
    "float64",
    "contacts",
    "of the month, as the history alone would have it",
    0,
)
OFFERED_GIVEN = Column(
    "offered_given",
    "float64",
    "contacts",
    "of the month, as the client gives it under [volumes]; offered follows it",
    0,
)


def planned(column: Column) -> Column:
    """What the plan expected of a column."""
    return _seen(column, "planned", "as planned")


def replayed(column: Column) -> Column:
    """What the planned agents would have made of the calls that came."""
    return _seen(column, "replayed", "of the planned agents and the calls that came")


def expected(column: Column) -> Column:
    """What is expected of a column in the course of its day."""
    return _seen(column, "expected", "as the day so far lets expect")


def _seen(column: Column, by: str, how: str) -> Column:
    meaning = f"{column.name} {how}"
    return replace(column, name=f"{by}_{column.name}", meaning=meaning)


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

CUTOFF = Column("cutoff", "time", "time", "first instant that a forecast did not know")
GRAIN = Column("grain", "text", "–", "what is scored: interval, day or month")
HORIZON = Column("horizon", "int64", "months", "1: the first after the cutoff", 1)
POINTS = Column("points", "int64", "–", "intervals, days or months scored", 1)
WAPE = Column("wape", "float64", "1", "sum of absolute errors / sum of offered", 0)
BIAS = Column("bias", "float64", "1", "sum of forecast − offered / sum of offered", -1)
MASE = Column(
    "mase", "float64", "1", "mean error / that of the weekly naive before the cutoff", 0
)
PINBALL = Column(
    "pinball", "float64", "contacts", "mean loss of P2.5, P10, P50, P90 and P97.5", 0
)
INTERVAL_COVERAGE = Column(
    "interval_coverage", "float64", "1", "share that came from P10 to P90", 0, 1
)
INTERVAL_COVERAGE_95 = Column(
    "interval_coverage_95", "float64", "1", "share that came from P2.5 to P97.5", 0, 1
)
NOISE_FLOOR = Column(
    "noise_floor", "float64", "1", "wape that Poisson chance alone would leave", 0
)
WAPE_DAY_KNOWN = Column(
    "wape_day_known",
    "float64",
    "1",
    "wape of intervals, were the forecast scaled to each day's total as it came",
    0,
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

AGENT_ID = Column(
    "agent_id", "text", "–", "one person, by a number of the centre's own"
)
CONTRACT = Column("contract", "text", "–", "a name in contracts.toml")
GROUPS = Column(
    "groups",
    "text",
    "–",
    "queues or groups that the agent can answer, a vertical bar between them",
)
BANDS = Column(
    "bands",
    "text",
    "–",
    "local hours within which shifts must lie, such as mon-fri 08:00-14:00; sat "
    "08:00-12:00; empty: any",
)
FROM = Column("from", "date", "–", "first day of employment; empty: long since")
TO = Column("to", "date", "–", "last day of employment; empty: none known")
COST_PER_HOUR = Column(
    "cost_per_hour", "float64", "money/h", "what a paid hour of the agent costs", 0
)
DATE = Column("date", "date", "–", "local date; of a shift: on which it starts")
KIND = Column("kind", "text", "–", "why the agent is away: leave, training, sickness …")
PAID_MIN = Column(
    "paid_min", "int64", "min", "paid time of a shift, or of a day away", 0, 1440
)
WISH = Column(
    "wish",
    "text",
    "–",
    "off, hours to work within (08:00-14:00), or hours to be free in (not 14:00-20:00)",
)
WEIGHT = Column(
    "weight", "float64", "–", "how much the wish counts against others", 0, 100
)
START = Column("start", "time", "time", "start of the shift")
END = Column("end", "time", "time", "end of the shift")
BREAKS = Column(
    "breaks",
    "text",
    "–",
    "local times at which the breaks start and end: 10:15-10:30;13:00-13:30",
)
GROUP = Column("group", "text", "–", "queue or group that the shift is worked for")
ACTIVITY = Column("activity", "text", "–", "what the shift is worked on: contacts")
ROSTERED = Column(
    "rostered", "float64", "agents", "on the roster and at work, on average", 0
)

ALL = tuple(value for value in vars().values() if isinstance(value, Column))


def glossary() -> str:
    """Every column as a Markdown table, for the README."""
    rows = [f"| `{c.name}` | {c.unit} | {c.meaning} |" for c in ALL]
    return "\n".join(["| column | unit | meaning |", "|---|---|---|", *rows])
