"""[kpis] and [clients] of plan.toml: what the history measures, and for whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated

from pydantic import Field

from forecast.schema import HISTORY
from staffing.config.parts import Part
from staffing.config.values import FaultAt
from staffing.kpi import ADHERENCE, ALL, SUMS, Better, Declared, definitions

Text = Annotated[str, Field(min_length=1)]

COUNTS = [column.name for column in HISTORY.counts]
OURS = {
    *(column.name for column in HISTORY.columns),
    *(kpi.name for kpi in (*definitions("offered"), ADHERENCE)),
    *SUMS,
}
"""Names that a declared KPI cannot have."""


class KpiPart(Part):
    """A further column of the history: what it is, and its target."""

    column: Text
    unit: Text
    weight: Text
    better: Better
    target: Annotated[float, Field(allow_inf_nan=False)] | None = None


def check_kpis(kpis: Mapping[str, KpiPart]) -> None:
    """Refuse names that mean something else, and weights that are no counts."""
    weights = {part.weight for part in kpis.values()}
    for name, part in kpis.items():
        if name in OURS:
            raise FaultAt(["kpis", name], "is a name of ours: choose another")
        if name in weights:
            raise FaultAt(["kpis", name], "is the name of a weight: choose another")
        if part.weight in OURS and part.weight not in COUNTS:
            raise FaultAt(
                ["kpis", name, "weight"],
                f"must be one of {', '.join(COUNTS)}, or a count under another name in "
                f"the file, but is {part.weight!r}",
            )


def to_declared(kpis: Mapping[str, KpiPart]) -> tuple[Declared, ...]:
    """The declared KPIs."""
    return tuple(Declared(name, **part.model_dump()) for name, part in kpis.items())


def check_clients(
    clients: Mapping[str, Collection[str]], groups: Collection[str]
) -> None:
    """Refuse a queue of two clients, and a client by another's name."""
    client_of: dict[str, str] = {}
    for client, queues in clients.items():
        if not queues:
            raise FaultAt(["clients", client], "must name one queue or more")
        for queue in queues:
            if queue in client_of:
                raise FaultAt(
                    ["clients", client],
                    f"{queue!r} is of {client_of[queue]!r} already: a queue belongs to "
                    "one client",
                )
            client_of[queue] = client
    taken = {ALL: "all queues together"}
    taken |= dict.fromkeys(client_of, "a queue") | dict.fromkeys(groups, "a group")
    for client in clients:
        if client in taken:
            raise FaultAt(["clients", client], f"is the name of {taken[client]} too")
