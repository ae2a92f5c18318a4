"""A small centre's past months with everything that an ACD records, and its plan."""

import numpy as np
import pandas as pd

from staffing.simulate import simulate

CONFIG = """\
history = "history.csv"
timezone = "Europe/Rome"
seed = 3
[forecast]
model = "sma4"
[hours]
mon-fri = "09:00-12:00"
[targets]
asa_s = 50
service_level = 0.9
threshold_s = 50
"""
AHT_S, PATIENCE_S, HALVES = 240.0, 120.0, 6
CALLS = {"Sales": 30.0, "Help": 12.0}


def write_past(folder, config=CONFIG, *, agents=None, first="2025-12-01", months=3):
    """
    Write plan.toml and history.csv; the path of the plan.toml.

    ``agents`` are on duty in each queue, otherwise a little more than the load.
    """
    dates = pd.bdate_range(
        first, pd.Timestamp(first) + pd.DateOffset(months=months), inclusive="left"
    )
    parts = []
    for number, (queue, calls) in enumerate(CALLS.items()):
        load = calls * AHT_S / 1800.0
        duty = int(load + np.sqrt(load)) + 1 if agents is None else agents
        came = simulate(
            [duty] * HALVES,
            offered=calls,
            aht_s=AHT_S,
            interval_s=1800.0,
            threshold_s=50.0,
            patience_s=PATIENCE_S,
            handle_cv=1.0,
            seed=number,
            replications=len(dates),
        )
        parts.append(_rows(queue, dates, duty, came))
    (folder / "plan.toml").write_text(config, encoding="utf-8")
    pd.concat(parts).to_csv(folder / "history.csv", index=False)
    return folder / "plan.toml"


def _rows(queue, dates, duty, came):
    """A row each half-hour, as the ACD's export has them."""
    minutes = 540 + 30 * np.arange(HALVES)
    starts = [day + pd.Timedelta(minutes=int(m)) for day in dates for m in minutes]
    cells = {name: getattr(came, name).ravel() for name in came._fields[:8]}
    with np.errstate(invalid="ignore"):
        return pd.DataFrame(
            {
                "queue": queue,
                "interval_start": [f"{start:%Y-%m-%dT%H:%M}" for start in starts],
                "offered": cells["offered"],
                "handled": cells["handled"],
                "abandoned": cells["abandoned"],
                "answered_within": cells["answered_within"],
                "aht_s": cells["handle_s"] / cells["handled"],
                "asa_s": cells["handled_wait_s"] / cells["handled"],
                "abandon_wait_s": cells["abandoned_wait_s"] / cells["abandoned"],
                "agents": duty,
            }
        )
