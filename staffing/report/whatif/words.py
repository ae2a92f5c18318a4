"""KPIs, levers and their values as people read them, in the language of the plan."""

from __future__ import annotations

import numpy as np

from staffing.scenario.breakeven import STEPS, BreakEven
from staffing.scenario.changes import parse_change
from staffing.scenario.values import Amount
from staffing.texts import Texts, decimals_of

DECIMALS = {
    "offered": 0,
    "aht_s": 0,
    "peak_agents": 0,
    "agent_hours": 0,
    "paid_hours": 0,
    "fte": 1,
    "cost": 0,
    "service_level": 1,
    "asa_s": 1,
    "abandon_rate": 1,
    "occupancy": 1,
    "holds": 0,
    "missed": 1,
    "penalty": 0,
}
"""How many each KPI is shown with, in the order in which people read them."""
SHARES = {"service_level", "abandon_rate", "occupancy", "holds"}
SECONDS = {"aht_s", "asa_s"}
HOURS = {"agent_hours", "paid_hours"}


def kpi_shown(kpi: str, value: float, texts: Texts) -> str:
    """A KPI with its unit."""
    decimals = DECIMALS[kpi]
    if kpi in SHARES:
        return texts.percent(value, decimals)
    if kpi in SECONDS:
        return texts.seconds(value, decimals)
    if kpi in HOURS:
        return texts.hours(value, decimals)
    return texts.number(value, decimals)


def difference_shown(kpi: str, value: float, texts: Texts) -> str:
    """A difference with its sign and unit, of shares in percentage points."""
    decimals = DECIMALS[kpi]
    if kpi in SHARES:
        return texts.points(value, decimals)
    if kpi in SECONDS:
        return texts.seconds(value, decimals, signed=True)
    if kpi in HOURS:
        return texts.hours(value, decimals, signed=True)
    return texts.number(value, decimals, signed=True)


def lever_shown(lever: str, texts: Texts) -> str:
    """What people call a lever; its own name where it has no other."""
    return texts.words.get(f"lever.{lever}", lever)


def amount_shown(amount: Amount, texts: Texts) -> str:
    """What a lever is set to, or changed by."""
    signed = amount.how != "set"
    shares = amount.how == "by" or amount.unit == "share"
    value = float(amount.number)
    decimals = decimals_of(amount.number * 100 if shares else amount.number)
    if shares and amount.how == "add":
        return texts.points(value, decimals)
    if shares:
        return texts.percent(value, decimals, signed=signed)
    if amount.unit == "s":
        return texts.seconds(value, decimals, signed=signed)
    return texts.number(value, decimals, signed=signed)


def break_even_sentences(found: BreakEven, texts: Texts) -> list[str]:
    """How far the agents on duty carry, and what frees people, in short sentences."""
    said = []
    for row in found.carried.to_dict("records"):
        share, missed = row["change"], row["missed"]
        key = "carries" if missed else "carries_all"
        if np.isnan(share):
            key, share = "carries_none", STEPS[0] / 100.0
        elif share < 0.0:
            key = "carries_fewer"
        said.append(
            texts.text(
                f"report.{key}",
                pool=row["queue"],
                change=texts.percent(share, 0, signed=True),
                target=texts.text(f"target.{missed}") if missed else "",
            )
        )
    for row in found.freed.to_dict("records"):
        pulled = parse_change(row["change"])
        said.append(
            texts.text(
                "report.frees",
                lever=lever_shown(pulled.lever, texts),
                change=amount_shown(pulled.value, texts),
                fte=texts.number(-row["fte"], 1, signed=True),
                hours=texts.hours(-row["agent_hours"], signed=True),
            )
        )
    return said
