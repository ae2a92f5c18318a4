"""Histories and sums to take KPIs of."""

import numpy as np
import pandas as pd
import pytest

from staffing.kpi import sums_of


@pytest.fixture(scope="session")
def rows():
    """Rows of a history: known counts and means of some half-hours and queues."""

    def rows(count, seed, queues="AB"):
        rng = np.random.default_rng(seed)
        starts = pd.date_range("2026-03-02 08:00", periods=count, freq="7h")
        handled = rng.integers(0, 30, 2 * count)
        abandoned = rng.integers(0, 5, 2 * count)
        return pd.DataFrame(
            {
                "queue": np.repeat(list(queues), count),
                "interval_start": starts.tz_localize("Europe/Rome").append(
                    starts.tz_localize("Europe/Rome")
                ),
                "offered": (handled + abandoned).astype(float),
                "handled": handled.astype(float),
                "abandoned": abandoned.astype(float),
                "short_abandoned": np.floor(abandoned / 2.0),
                "answered_within": np.floor(0.8 * handled),
                "aht_s": rng.uniform(100, 300, 2 * count),
                "asa_s": rng.uniform(0, 90, 2 * count),
                "abandon_wait_s": rng.uniform(0, 90, 2 * count),
                "agents": rng.integers(1, 9, 2 * count).astype(float),
            }
        )

    return rows


@pytest.fixture(scope="session")
def sums(rows):
    """Queues, starts and sums of such rows."""

    def sums(count=9, seed=1, declared=(), **columns):
        table = rows(count, seed).assign(**columns)
        return table[["queue", "interval_start"]].join(sums_of(table, 1800.0, declared))

    return sums
