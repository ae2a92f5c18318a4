"""Columns of what arrives: history, forecast, its months and its errors."""

from __future__ import annotations

from forecast.columns.column import DAY_S, MOST_CONTACTS, Column

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
