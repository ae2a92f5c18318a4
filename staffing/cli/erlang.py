"""The calculator: agents for targets, or the KPIs of given agents."""

from __future__ import annotations

from typing import Annotated

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
    form: FormatOption = Format.table,
) -> None:
    """
    Erlang C: fewest agents for targets, or the KPIs of given agents.

    Without targets and agents: 95 % within 50 s and a mean wait of 50 s.

    Example: staffcast erlang --calls 100 --aht-s 180 --service-level 0.8
    """
    import pandas as pd

    from forecast.errors import ConfigError
    from staffing.erlang.c import metrics
    from staffing.erlang.solve import explain_for
    from staffing.targets import Targets

    if calls is not None and load is None:
        load = calls * aht_s / interval_s if interval_s else float("inf")
    elif calls is not None or load is None:
        raise ConfigError("give either --calls or --load.")
    targets = {
        "service_level": service_level,
        "asa_s": asa_s,
        "max_occupancy": max_occupancy,
    }
    given = any(target is not None for target in targets.values())
    if agents is not None and given:
        raise ConfigError("give either --agents or targets, not both.")
    if not given:
        default = Targets()
        targets |= {"service_level": default.service_level, "asa_s": default.asa_s}
    binding = ""
    try:
        if agents is None:
            answer = explain_for(load, aht_s=aht_s, threshold_s=threshold_s, **targets)
            agents, binding = int(answer.agents), str(answer.binding)
        kpis = metrics(load, agents, aht_s=aht_s, threshold_s=threshold_s)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    row = {"load_erlang": load, "agents": agents}
    row |= {name: float(value) for name, value in kpis._asdict().items()}
    formats = (
        ("load_erlang", ".3f"),
        ("agents", "d"),
        ("p_wait", ".2%"),
        ("asa_s", ".2f"),
        ("service_level", ".2%"),
        ("occupancy", ".1%"),
        ("binding", ""),
    )
    show_table(pd.DataFrame([row | {"binding": binding or "none"}]), form, formats)
