from time import process_time

import numpy as np
import pandas as pd
import pytest
from reference.months import CAUSES, past_month

from staffing.why import KPIS, causes_of, variants

MONTHS = 12
CENTRES = ((1700.0, 5), (5000.0, 2))  # calls a day, replications


@pytest.mark.bench
@pytest.mark.parametrize(("calls_a_day", "replications"), CENTRES)
def test_each_cause_alone_gets_its_gap(calls_a_day, replications):
    """Months of 22 days; ± is the sd of one month, chance of its calls included."""
    rows, used_s = [], 0.0
    for cause in CAUSES:
        for seed in range(MONTHS):
            month = past_month(
                cause,
                seed,
                days=22,
                calls_a_day=calls_a_day,
                replications=replications,
            )
            start = process_time()
            worlds = variants(
                month.replay,
                month.agents,
                month.agents_there,
                queues=["Sales"],
                starts=month.starts,
            )
            split = causes_of(
                worlds,
                month.realised,
                pool="Sales",
                sl_rule="offered",
                grains=["month"],
            )
            used_s += process_time() - start
            for kpi, mine in split.groupby("kpi"):
                effects = mine.set_index("cause")["effect"]
                found = {"cause": cause, "kpi": kpi, "gap": effects.sum()}
                found["own"] = effects.get(cause, np.nan)
                rows.append(found | {"remainder": effects["remainder"]})
    table = pd.DataFrame(rows)
    means = table.groupby(["kpi", "cause"]).mean()
    share = table["own"] / table["gap"]
    by_month = share.groupby([table["kpi"], table["cause"]])
    print(
        f"\n{calls_a_day:g} calls a day: gap, own share of it (of all months; of one)"
    )
    for kpi in KPIS:
        left = means.loc[(kpi, "none"), "remainder"]
        for cause in CAUSES[1:]:
            gap, own, _ = means.loc[(kpi, cause)]
            spread = by_month.std()[kpi, cause]
            print(
                f"{kpi:14}{cause:10}{gap:9.4f}{own / gap:8.1%} ± {spread:.1%}"
                f"   remainder without a cause {left / gap:+.1%} of this"
            )
            assert 0.9 < own / gap < 1.1
            assert abs(left / gap) < 0.1
    print(f"{used_s / len(CAUSES) / MONTHS:.2f} CPU-seconds a month")
