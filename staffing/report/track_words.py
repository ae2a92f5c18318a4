"""The running day in words: a sentence for each queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from staffing.targets import Targets
from staffing.track import Tracked

MOST_SPANS = 3
"""Spans of missing agents that a sentence names: the largest."""


def headlines(tracked: Tracked) -> list[str]:
    """One sentence for each pool, and for each queue of a group."""
    return [_headline(tracked, row) for row in tracked.outlook.to_dict("records")]


def _headline(tracked: Tracked, row: Mapping[Any, Any]) -> str:
    queue, at = row["queue"], tracked.today.at
    rows = tracked.table[tracked.table["queue"] == queue]
    parts = [_so_far(row)]
    if row["rest_planned"] > 0.0:
        low, high = (
            row[f"rest_{name}"] / row["rest_planned"] for name in ("p10", "p90")
        )
        parts.append(
            f"expect {low:.0%} to {high:.0%} of the plan in the rest of the day (more "
            f"than planned: {row['more_than_planned']:.0%} chance)"
        )
    kpis = tracked.kpis[tracked.kpis["queue"] == queue].set_index("state")
    if rows["net"].notna().any():
        spare = not _meets_by_spare(kpis, tracked.rules.targets)
        interval_s = int(tracked.parameters["interval_s"])
        parts.append(_missing(rows, interval_s, spare=spare))
    if not kpis.empty and pd.notna(kpis["asa_s"]["expected"]):
        parts.append(_levels(kpis, bool(rows["net"].notna().any())))
    return f"{queue} at {at:%H:%M}: {'; '.join(parts)}."


def _so_far(row: Mapping[Any, Any]) -> str:
    if not row["known"]:
        return "what came is not known" if row["unknown"] else "nothing came yet"
    planned, offered = row["planned_offered"], row["offered"]
    if offered == planned:
        more = 0.0
    elif planned == 0.0:
        return f"{offered:,.0f} calls where none were planned"
    else:
        more = offered / planned - 1.0
    kind = "more" if more > 0.0 else "fewer"
    text = _by(more, f"{kind} calls than planned", "as many calls as planned")
    longer = row["aht_ratio"] - 1.0
    if np.isnan(longer):
        return text
    kind = "longer" if longer > 0.0 else "shorter"
    return f"{text}, handled {_by(longer, kind, 'as long as planned')}"


def _by(share: float, words: str, same: str) -> str:
    """By how much, or that it is the same as far as whole percents tell."""
    shown = f"{abs(share):.0%}"
    return same if shown == "0%" else f"{shown} {words}"


def _meets_by_spare(kpis: pd.DataFrame, targets: Targets) -> bool:
    """Whether the day is to meet a target as it is, but not with the agents needed."""
    asked = (
        ("service_level", targets.service_level, 1.0),
        ("asa_s", targets.asa_s, -1.0),
        ("abandon_rate", targets.max_abandon_rate, -1.0),
    )
    above = [
        sign * (kpis[name] - target)
        for name, target, sign in asked
        if target is not None
    ]
    return any(kpi["expected"] >= 0.0 > kpi["corrected"] for kpi in above)


def _missing(rows: pd.DataFrame, interval_s: int, *, spare: bool) -> str:
    """Who is missing and who is to spare, and when; ``spare``: whether anybody is."""
    texts = []
    for sign, word in ((-1.0, "missing"), (1.0, "to spare")):
        spans = _spans(rows, sign, interval_s)
        if not spans:
            continue
        if sign > 0.0 and not spare:
            texts.append(
                "nobody to spare, as the day would miss its target without them"
            )
            continue
        largest = sorted(spans, key=lambda span: -span[2])[:MOST_SPANS]
        times = ", ".join(f"{s:%H:%M}–{end:%H:%M}" for s, end, _ in sorted(largest))
        others = len(spans) - len(largest)
        most = (sign * rows["net"]).max()
        agents = "agent" if most == 1.0 else "agents"
        more = f" and {others} times more" if others else ""
        texts.append(f"up to {most:.0f} {agents} {word} {times}{more}")
    return ", ".join(texts) or "as many agents as are needed"


def _spans(
    rows: pd.DataFrame, sign: float, interval_s: int
) -> list[tuple[pd.Timestamp, pd.Timestamp, float]]:
    """Stretches of intervals whose net has this sign: start, end, sum of agents."""
    some = rows[sign * rows["net"] > 0.0]
    step = pd.Timedelta(seconds=interval_s)
    stretch = (some["interval_start"].diff() != step).cumsum()
    return [
        (
            part["interval_start"].iloc[0],
            part["interval_start"].iloc[-1] + step,
            float((sign * part["net"]).sum()),
        )
        for _, part in some.groupby(stretch)
    ]


def _levels(kpis: pd.DataFrame, has_rest: bool) -> str:
    """The day's service level, or its ASA where the targets have no service level."""
    level = kpis["service_level"]
    if pd.notna(level["expected"]):
        name, shown = "service level", level.map("{:.1%}".format)
    else:
        name, shown = "ASA", kpis["asa_s"].map("{:.0f} s".format)
    text = f"{name} of the day {shown['expected']}"
    if has_rest:
        text += f" as it is, {shown['corrected']} with the agents needed"
    return f"{text} (planned {shown['planned']})"
