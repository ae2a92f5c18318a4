"""Tables by hand."""

import pandas as pd


def forecast_of(
    offered,
    *,
    aht_s=180.0,
    queue="A",
    start="2026-03-02 09:00",
    interval_s=1800,
):
    """A forecast of consecutive intervals from a local start on."""
    starts = pd.date_range(
        start,
        periods=len(offered),
        freq=f"{interval_s}s",
        tz="Europe/Rome",
        unit="s",
    )
    return pd.DataFrame(
        {
            "queue": queue,
            "interval_start": starts,
            "model": "sma8",
            "interval_s": interval_s,
            "offered": offered,
            "offered_p10": [0.5 * x for x in offered],
            "offered_p90": [2.0 * x for x in offered],
            "aht_s": aht_s,
        }
    )
