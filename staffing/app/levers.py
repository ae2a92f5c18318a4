"""The levers of the page: what a visitor moves, and the changes it stands for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import marimo as mo

from forecast.errors import ConfigError
from staffing.kpi import ALL
from staffing.scenario.base import Base
from staffing.scenario.changes import Change, Scenario, read_scenarios
from staffing.scenario.values import Amount, Unit
from staffing.scenario.where import Where
from staffing.texts import Texts

OTHER = "other"
"""The name of the lines of changes that have no lever of their own here."""


@dataclass(frozen=True)
class Control:
    """
    One lever, moved from ``low`` to ``high`` and at ``start`` for no change.

    Its value times ``scale`` is the change's number.
    """

    lever: str
    how: Literal["set", "add", "by"]
    low: float
    high: float
    step: float
    start: float = 0.0
    unit: Unit = ""
    scale: str = "1"

    def written(self, value: float) -> str | None:
        """The change that a value stands for; None for no change."""
        if value == self.start:
            return None
        number = Decimal(repr(value)) * Decimal(self.scale)
        return f"{self.lever}={Amount(self.how, number, self.unit)}"

    def read(self, change: Change) -> float | None:
        """The value that stands for a change; None where none does."""
        amount = change.value
        fits = change.lever == self.lever and change.where == Where()
        if not (fits and isinstance(amount, Amount) and amount.how == self.how):
            return None
        value = float(amount.number / Decimal(self.scale))
        return value if self.low <= value <= self.high else None

    def element(self, value: float, texts: Texts) -> Any:
        """A slider, by hand or by the keyboard."""
        return mo.ui.slider(
            self.low,
            self.high,
            self.step,
            value,
            label=texts.text(f"page.lever_{self.lever}"),
            full_width=True,
            show_value=True,
            debounce=True,
        )


def controls(base: Base) -> tuple[Control, ...]:
    """The levers that this plan has."""
    config, need = base.config, base.need
    targets = need.rules.targets
    found = [
        Control("volume", "by", -50, 100, 1, scale="0.01"),
        Control("aht_s", "add", -120, 120, 5, unit="s"),
        _share(
            "shrinkage",
            sum(c.share for c in config.staffing.to_shrinkage().components.values()),
            0,
            70,
        ),
        _share("repeat", config.staffing.to_returning().repeat, 0, 70),
    ]
    if config.staffing.model == "erlang_a":
        found.append(Control("patience_s", "by", -80, 200, 5, scale="0.01"))
    if targets.service_level is not None:
        found.append(_share("service_level", targets.service_level, 50, 99.5))
    for lever in ("threshold_s", "asa_s"):
        start = getattr(targets, lever)
        if start is not None:
            high = max(180.0, 2 * start)
            found.append(Control(lever, "set", 5, high, 5, start, "s"))
    people = math.ceil(base.monthly["fte"].sum())
    found += [
        Control("headcount", "set", 0, 2 * people, 1),
        Control("cost_per_hour", "set", 0, 100, 0.5),
    ]
    return tuple(found)


def _share(lever: str, share: float, low: float, high: float) -> Control:
    start = round(100.0 * share, 6)
    ends = min(low, start), max(high, start)
    return Control(lever, "set", *ends, 0.5, start, "share", "0.01")


def element(base: Base, given: Sequence[str], texts: Texts) -> Any:
    """
    All levers of the page, at these changes: an element whose value is by lever.

    Changes that no lever stands for are lines of the field for others.

    Raises
    ------
    ConfigError
        A change cannot be read.
    """
    of_lever = {control.lever: control for control in controls(base)}
    values, others = {}, []
    for change in Scenario.of(given).changes:
        control = of_lever.get(change.lever)
        at = control.read(change) if control else None
        if at is None or change.lever in values:
            others.append(change.text)
        else:
            values[change.lever] = at
    elements = {
        lever: control.element(values.get(lever, control.start), texts)
        for lever, control in of_lever.items()
    }
    elements[OTHER] = mo.ui.text_area(
        "\n".join(others), label=texts.text("page.other"), rows=2, full_width=True
    )
    body = "".join(f"<div>{{{name}}}</div>" for name in elements)
    return mo.Html(f'<div style="display: grid; gap: .6rem">{body}</div>').batch(
        **elements
    )


def pool(base: Base, texts: Texts) -> Any:
    """Which people's figures are shown."""
    everybody = texts.text("report.all")
    pools = dict.fromkeys(base.need.requirement["queue"])
    return mo.ui.dropdown(
        {everybody: ALL} | {name: name for name in pools},
        value=everybody,
        label=texts.text("page.pool"),
    )


def scenario(base: Base, values: Mapping[str, Any], texts: Texts) -> Scenario:
    """
    What the levers stand for.

    Raises
    ------
    ConfigError
        A line of the field cannot be read, or names a file: visitors of the page
        read none of this machine's.
    """
    moved = [control.written(values[control.lever]) for control in controls(base)]
    lines = [line.strip() for line in values[OTHER].splitlines()]
    found = Scenario.of(text for text in [*moved, *lines] if text)
    for change in found.changes:
        if change.names_a_file:
            raise ConfigError(f"{change.text!r}: {texts.text('page.no_files')}")
    return found


def loaded(files: Sequence[Any]) -> dict[str, Scenario]:
    """
    The scenarios of a TOML file that a visitor has loaded; none before.

    Raises
    ------
    ConfigError
        It cannot be read.
    """
    if not files:
        return {}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "scenarios.toml"
        path.write_bytes(files[0].contents)
        return read_scenarios(path)
