"""The calculator: agents for targets, or the KPIs of given agents."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, cast

import typer

from staffing.cli.output import Format, FormatOption, show_table


def erlang(
    aht_s: Annotated[float, typer.Option(help="Average handle time. [s]")],
    calls: Annotated[
        float | None, typer.Option(help="Calls offered in the interval.")
    ] = None,
    interval_s: Annotated[float, typer.Option(help="Its length. [s]")] = 1800.0,
    load: Annotated[
        float | None, typer.Option(help="Offered load, instead of calls. [erlang]")
    ] = None,
    agents: Annotated[
        int | None, typer.Option(help="Agents given: say what they reach.")
    ] = None,
    service_level: Annotated[
        float | None, typer.Option(help="Target: share answered in time, 0 to 1.")
    ] = None,
    threshold_s: Annotated[
        float, typer.Option(help="In time means within so many seconds.")
    ] = 50.0,
    asa_s: Annotated[
        float | None, typer.Option(help="Target: longest mean wait. [s]")
    ] = None,
    max_occupancy: Annotated[
        float | None, typer.Option(help="Target: highest share of time busy, 0 to 1.")
    ] = None,
    mean_wait_s: Annotated[
        float | None, typer.Option(help="Target: longest mean wait of all. [s]")
    ] = None,
    max_abandon_rate: Annotated[
        float | None, typer.Option(help="Target: highest share that hangs up, 0 to 1.")
    ] = None,
    patience_s: Annotated[
        float | None, typer.Option(help="Callers hang up after so long: Erlang A. [s]")
    ] = None,
    sl_rule: Annotated[
        str,
        typer.Option(help="offered, handled, less_short_abandons or answer_rate."),
    ] = "offered",
    form: FormatOption = Format.table,
) -> None:
    """
    Erlang C or A: fewest agents for targets, or the KPIs of given agents.

    With --patience-s callers hang up (Erlang A), otherwise nobody does. Without
    targets and agents: 95 % within 50 s and a mean wait of 50 s.

    Example: staffcast erlang --calls 100 --aht-s 180 --service-level 0.8
    """
    import pandas as pd

    from forecast.errors import ConfigError
    from staffing.erlang.b import checked_agents, checked_load
    from staffing.erlang.limits import SlRule, checked_callers
    from staffing.erlang.solve import explain_for
    from staffing.targets import Targets

    if calls is not None and load is None:
        load = calls * aht_s / interval_s if interval_s else float("inf")
    elif calls is not None or load is None:
        raise ConfigError("give either --calls or --load.")
    goals = (service_level, asa_s, max_occupancy, mean_wait_s, max_abandon_rate)
    given = any(goal is not None for goal in goals)
    if agents is not None and given:
        raise ConfigError("give either --agents or targets, not both.")
    targets = Targets(
        asa_s,
        service_level,
        threshold_s,
        max_occupancy,
        mean_wait_s=mean_wait_s,
        max_abandon_rate=max_abandon_rate,
    )
    targets = targets if given else Targets(threshold_s=threshold_s)
    binding = ""
    try:
        limits = replace(targets, sl_rule=cast("SlRule", sl_rule)).limits(patience_s)
        callers = checked_callers(aht_s, limits)
        if agents is None:
            answer = explain_for(load, aht_s=aht_s, **limits)
            agents, binding = int(answer.agents), str(answer.binding)
        kpis = callers.reached(checked_load(load), checked_agents(agents))
    except ValueError as error:
        raise ConfigError(str(error)) from error
    row = {"load_erlang": load, "agents": agents}
    row |= {name: float(value) for name, value in kpis._asdict().items()}
    formats = (
        ("load_erlang", ".3f"),
        ("agents", "d"),
        ("p_wait", ".2%"),
        ("service_level", ".2%"),
        ("asa_s", ".2f"),
        ("mean_wait_s", ".2f"),
        ("occupancy", ".1%"),
        ("abandon_rate", ".2%"),
        ("binding", ""),
    )
    show_table(pd.DataFrame([row | {"binding": binding or "none"}]), form, formats)
