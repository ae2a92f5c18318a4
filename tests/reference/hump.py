"""A day whose calls rise and fall by the minute, and what a plan gives on it."""

import numpy as np

from staffing.simulate import kpis, simulate

HALF_HOUR_S = 1800.0
TARGETS = {
    "80/20": {"service_level": 0.8, "threshold_s": 20.0},
    "95/50": {"service_level": 0.95, "threshold_s": 50.0},
}


def calls_by_minute(erlangs, aht_s):
    """Twelve hours, from a tenth of the peak load up to it and back."""
    hour = (np.arange(720) + 0.5) / 60
    return erlangs * (0.55 - 0.45 * np.cos(np.pi * hour / 6)) * 60 / aht_s


def service_levels(agents, by_minute, aht_s, targets, *, warm_up, days=600, seed=2):
    """Simulated service level of each half-hour; agents stay for all of one."""
    result = simulate(
        np.repeat(agents, 30),
        offered=by_minute,
        aht_s=aht_s,
        interval_s=60.0,
        threshold_s=targets["threshold_s"],
        seed=seed,
        replications=days,
        warm_up=warm_up,
    )
    half_hours = np.repeat(np.arange(len(agents)), 30)[:, None]
    return kpis(result, groups=half_hours).service_level.value
