"""The short tables that people read."""

from __future__ import annotations

import numpy as np
import pandas as pd

from staffing.plan import Plan


def summary_table(plan: Plan) -> pd.DataFrame:
    """
    One row a queue: calls, agents, hours, FTE and the worst interval's KPIs.

    ``worst_at`` is the interval with the lowest service level (the longest ASA
    where no service level is asked for); hours and FTE also in total.
    """
    rows = []
    for queue, of_queue in plan.requirement.groupby("queue", sort=True):
        monthly = plan.monthly[plan.monthly["queue"] == queue]
        at_work = of_queue[of_queue["open"]]
        level, asa_s = at_work["service_level"], at_work["asa_s"]
        worst = at_work.iloc[int((level if level.notna().any() else -asa_s).argmin())]
        rows.append(
            {
                "queue": queue,
                "offered": of_queue["offered"].sum(),
                "peak_agents": of_queue["agents"].max(),
                "agent_hours": monthly["agent_hours"].sum(),
                "paid_hours": monthly["paid_hours"].sum(),
                "fte": monthly["fte"].mean(),
                "worst_service_level": worst["service_level"],
                "worst_asa_s": asa_s.max(),
                "worst_at": f"{worst['interval_start']:%Y-%m-%d %H:%M}",
            }
        )
    table = pd.DataFrame(rows)
    total = {"queue": "all", "worst_service_level": np.nan, "worst_asa_s": np.nan}
    for name in ("offered", "agent_hours", "paid_hours", "fte"):
        total[name] = table[name].sum()
    return pd.concat([table, pd.DataFrame([total])], ignore_index=True)
