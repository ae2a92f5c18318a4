"""What a scenario's levers are worth: the tables of whatif beside its KPIs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forecast.errors import ConfigError
from staffing.cli.output import (
    Format,
    say,
    show_all,
    show_table,
    shown_progress,
)

if TYPE_CHECKING:
    import pandas as pd

    from staffing.scenario.base import Base
    from staffing.scenario.changes import Scenario
    from staffing.scenario.ranges import Range


def ranges_of(texts: Sequence[str]) -> list[Range]:
    """The ranges of --sweep: one, or two for a grid."""
    from staffing.scenario.ranges import parse_range

    ranges = [parse_range(text) for text in texts]
    if len(ranges) > 2:
        raise ConfigError(
            f"--sweep may be given once or twice, but is given {len(ranges)} times. "
            "Set the other levers with --set."
        )
    if len({item.name for item in ranges}) < len(ranges):
        raise ConfigError(
            f"--sweep: {ranges[0].name} is given twice. Sweep another lever, or the "
            "same at another place."
        )
    return ranges


def show_sweep(
    base: Base, scenario: Scenario, ranges: Sequence[Range], form: Format
) -> pd.DataFrame:
    """The points, once they are shown: a row each, of all pools together."""
    from staffing.report.whatif.formats import as_written, sweep_formats
    from staffing.scenario.sweep import sweep

    with shown_progress() as progress:
        points = sweep(base, scenario, ranges, progress=progress)
    shown = as_written(points, ranges) if form is Format.table else points
    show_table(shown, form, sweep_formats(points, ranges))
    return points


def show_tornado(base: Base, scenario: Scenario, form: Format) -> None:
    """A row a lever, those that move the people most first."""
    from staffing.report.whatif.formats import TORNADO_FORMATS
    from staffing.scenario.tornado import tornado

    show_table(tornado(base, scenario), form, TORNADO_FORMATS)


def show_trade_off(base: Base, scenario: Scenario, form: Format) -> None:
    """Service levels and the hours that they take."""
    from staffing.report.whatif.formats import TRADE_OFF_FORMATS
    from staffing.scenario.tradeoff import trade_off

    show_table(trade_off(base, scenario), form, TRADE_OFF_FORMATS)


def show_break_even(base: Base, scenario: Scenario, form: Format) -> None:
    """What each pool carries; what frees people goes beside it."""
    from staffing.report.whatif.formats import CARRIED_FORMATS
    from staffing.report.whatif.words import break_even_sentences
    from staffing.scenario.breakeven import break_even
    from staffing.texts import of

    found = break_even(base, scenario)
    if form is Format.json:
        show_all(found._asdict())
    else:
        show_table(found.carried, form, CARRIED_FORMATS)
        for sentence in break_even_sentences(found, of(base.config.lang)):
            say(sentence)
