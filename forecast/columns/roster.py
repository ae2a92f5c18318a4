"""Columns of people: a team, its absences and wishes, and its roster."""

from __future__ import annotations

from forecast.columns.column import Column

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
