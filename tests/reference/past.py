"""A small past: two queues of a group and one of their own, with agents and waits."""

import random
from datetime import date, timedelta

CONFIG = """\
history = "history.csv"
month = "2026-03"
timezone = "Europe/Rome"

[hours]
mon-fri = "09:00-10:00"

[forecast]
model = "sma4"

[groups]
"Care" = ["Energia", "Gas"]

[clients]
"Comune" = ["Acqua", "Gas"]
"""
FIRST = date(2025, 12, 1)
CALLS = {"Acqua": 25, "Energia": 40, "Gas": 15}
COLUMNS = (
    "queue,interval_start,offered,handled,abandoned,answered_within,aht_s,asa_s,"
    "abandon_wait_s,agents"
)


def write_past(folder, *, calls=None, config=CONFIG, lost=0.1, since=None, without=()):
    """
    Write plan.toml, and the history of December 2025 to February 2026 beside it.

    Every tenth caller or so (``lost``) hangs up. ``since`` is when a queue begins,
    where it is later; ``without`` are columns left out.
    """
    chance = random.Random(5)  # noqa: S311 - a fixed sample, no secret
    names = [name for name in COLUMNS.split(",") if name not in without]
    lines = [",".join(names)]
    for number in range((date(2026, 3, 1) - FIRST).days):
        day = FIRST + timedelta(days=number)
        if day.weekday() > 4:
            continue
        open_queues = {
            queue: mean
            for queue, mean in (calls or CALLS).items()
            if day >= (since or {}).get(queue, FIRST)
        }
        for queue, mean in open_queues.items():
            for clock in ("09:00", "09:30"):
                offered = round(mean * chance.uniform(0.7, 1.3))
                abandoned = round(offered * lost * chance.uniform(0.0, 2.0))
                handled = offered - abandoned
                row = {
                    "queue": queue,
                    "interval_start": f"{day}T{clock}",
                    "offered": offered,
                    "handled": handled,
                    "abandoned": abandoned,
                    "answered_within": round(0.9 * handled),
                    "aht_s": 200,
                    "asa_s": 12,
                    "abandon_wait_s": 20 if abandoned else "",
                    "agents": round(mean * 200 / 1800) + 2,
                }
                lines.append(",".join(str(row[name]) for name in names))
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(lines) + "\n"
    (folder / "history.csv").write_text(text, encoding="utf-8")
    (folder / "plan.toml").write_text(config, encoding="utf-8")
    return folder / "plan.toml"
