"""A queue whose days have levels and slopes that are known."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.history import complete_history
from forecast.intervals import Calendar, OpeningHours

CALENDAR = Calendar(
    ZoneInfo("Europe/Rome"), 1800, OpeningHours.parse({"mon-fri": "08:00-20:00"})
)


def sloping_history(slope_sd, *, days=182, interval_variance=0.0025, seed=1):
    """Weekdays whose calls leave the shape by a slope, all else as the model has it."""
    rng = np.random.default_rng(seed)
    first = dt.date(2026, 1, 5)
    last = first + dt.timedelta(days=days - 1)
    starts = CALENDAR.open_intervals("Sales", first, last)
    codes, dates = pd.factorize(starts.date)
    hours = np.asarray(starts.hour + starts.minute / 60.0) - 14.0
    slopes = slope_sd * rng.standard_normal(len(dates))
    rate = 60.0 * (1.0 + 0.5 * np.cos(hours)) * np.exp(slopes[codes] * hours)
    rate *= rng.lognormal(0.0, 0.1, len(dates))[codes]
    rate *= rng.gamma(1.0 / interval_variance, interval_variance, len(rate))
    rows = pd.DataFrame(
        {
            "queue": "Sales",
            "interval_start": starts,
            "offered": rng.poisson(rate).astype(float),
            "aht_s": 200.0,
        }
    )
    return complete_history(rows, CALENDAR, absent_rows="missing", where="made")
