"""Scenarios side by side, for a terminal and for programs."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from staffing.kpi import ALL
from staffing.report.whatif.words import DECIMALS, difference_shown, kpi_shown
from staffing.scenario.comparison import compared, priced
from staffing.scenario.levers import LEVERS, Lever
from staffing.scenario.outcome import Outcome
from staffing.targets import Scope
from staffing.texts import Texts


def side_by_side(
    base: Outcome, scenarios: Mapping[str, Outcome], texts: Texts
) -> pd.DataFrame:
    """
    The KPIs of all pools together as people read them: kpi, plan, each scenario.

    One scenario has its difference beside it. KPIs that nobody knows are left out.
    """
    if len(scenarios) == 1:
        base = priced(base, *scenarios.values())
    outcomes = {texts.text("plot.base"): base, **scenarios}
    table = {
        "kpi": [_named(kpi, base, texts) for kpi in DECIMALS],
        **{
            name: [_shown(outcome, kpi, texts) for kpi in DECIMALS]
            for name, outcome in outcomes.items()
        },
    }
    if len(scenarios) == 1:
        (only,) = scenarios.values()
        rows = compared(base, only).set_index(["queue", "kpi"])["difference"]
        table[texts.text("plot.difference")] = [
            difference_shown(kpi, float(rows[ALL, kpi]), texts) for kpi in DECIMALS
        ]
    known = [
        any(pd.notna(_of_all(outcome)[kpi]) for outcome in outcomes.values())
        for kpi in DECIMALS
    ]
    return pd.DataFrame(table)[known]


def exact(base: Outcome, scenarios: Mapping[str, Outcome]) -> pd.DataFrame:
    """The KPIs of each pool: name, queue, kpi, base, scenario and difference."""
    tables = [
        compared(base, outcome).assign(name=name) for name, outcome in scenarios.items()
    ]
    table = pd.concat(tables, ignore_index=True)
    return table[["name", "queue", "kpi", "base", "scenario", "difference"]]


def levers_text() -> str:
    """Each lever: what it does, what it takes, where it may differ, an example."""
    return "\n".join(
        f"{lever.name}{'.NAME' if lever.keyed else ''}: {lever.says}\n"
        f"    takes {lever.form}{_places(lever)}\n"
        f"    --set '{lever.example}'\n"
        for lever in LEVERS.values()
    )


def _places(lever: Lever) -> str:
    return f"; @ {', '.join(lever.where)}" if lever.where else ""


def kpi_named(kpi: str, scope: Scope, texts: Texts) -> str:
    """What a KPI is called, where its targets hold over days, months or intervals."""
    return texts.words.get(f"kpi.{kpi}_{scope}", texts.text(f"kpi.{kpi}"))


def _named(kpi: str, base: Outcome, texts: Texts) -> str:
    """What a KPI is called, money with its currency."""
    name = kpi_named(kpi, base.scope, texts)
    is_money = kpi in ("cost", "penalty")
    return f"{name} ({base.config.costs.currency})" if is_money else name


def _shown(outcome: Outcome, kpi: str, texts: Texts) -> str:
    """A KPI, misses with how many there can be, service with its percentiles."""
    row = _of_all(outcome)
    shown = kpi_shown(kpi, float(row[kpi]), texts)
    if kpi == "missed" and pd.notna(row[kpi]):
        every = texts.number(row["missed_of"])
        return texts.text("kpi.of", value=shown, all=every)
    if kpi != "service_level" or pd.isna(row[kpi]):
        return shown
    low, high = (
        kpi_shown(kpi, float(row[f"{kpi}_{end}"]), texts) for end in ("p10", "p90")
    )
    return f"{shown} ({low} – {high})"


def _of_all(outcome: Outcome) -> pd.Series:
    return outcome.kpis[outcome.kpis["queue"] == ALL].iloc[0]
